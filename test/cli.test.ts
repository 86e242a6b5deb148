import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MilvusLite } from '../src/api/milvus-lite.ts';
import { type CommandWorld, runCommandLine } from '../src/cli.ts';
import { command } from './cli/command.ts';
import { smallDatabase } from './cli/demo-database.ts';
import { temporaryDirectory } from './cli/temporary-directory.ts';

const ESCAPE = '\u001B[';

describe('runCommandLine', () => {
  it('prints help and ends with 0', async () => {
    const { exitCode, output } = await command(['--help']);
    expect(exitCode).toBe(0);
    for (const name of ['demo', 'inspect', 'verify', 'doctor', 'version', 'completion']) {
      expect(output).toContain(name);
    }
    expect(output).not.toContain('crash-writer');
  });

  it.each([
    [['nonsense']],
    [['inspect']],
    [['demo', '--nonsense']],
    [['demo', '--crash', '--rounds', '0']],
  ])('ends with 2 for the arguments %j', async (args) => {
    const { exitCode, output, errors } = await command(args);
    expect(exitCode).toBe(2);
    expect(errors).toContain('error:');
    expect(output).toBe('');
  });

  it('ends with 3 and says what to do when there is no database', async () => {
    const { exitCode, errors } = await command(['inspect', '/nowhere/at/all']);
    expect(exitCode).toBe(3);
    expect(errors).toMatch(/^error: there is nothing at .*\n {2}where: .*\n {2}next: /);
  });

  it('takes --version, and shows help when no command is given', async () => {
    expect((await command(['--version'])).output).toMatch(/^\d+\.\d+\.\d+\n$/);
    const { exitCode, errors } = await command([]);
    expect(exitCode).toBe(2);
    expect(errors).toContain('Usage: mlite');
  });

  it('ends with 4 and names the holder when a database is open elsewhere', async () => {
    const path = temporaryDirectory();
    const db = await MilvusLite.open(path);
    const { exitCode, errors } = await command(['demo', '--dir', path]);
    await db.close();
    expect(exitCode).toBe(4);
    expect(errors).toMatch(new RegExp(`process ${process.pid} .*\\n.*\\n.*next: .*mlite inspect`));
  });

  it('ends with 5 when a database is damaged, and says how to see all of it', async () => {
    const path = await smallDatabase();
    for (const name of readdirSync(join(path, 'manifests'))) {
      writeFileSync(join(path, 'manifests', name), 'nothing');
    }
    const { exitCode, errors } = await command(['inspect', path]);
    expect(exitCode).toBe(5);
    expect(errors).toContain(`mlite verify ${path}`);
  });

  it('prints errors as JSON with --json', async () => {
    const { errors } = await command(['verify', '/nowhere/at/all', '--json']);
    expect(JSON.parse(errors)).toMatchObject({
      error: { exitCode: 3, where: '/nowhere/at/all', what: 'there is nothing at /nowhere/at/all' },
    });
  });

  it.each([
    [['--json', 'nonsense'], "unknown command 'nonsense'"],
    [['inspect', '--json'], "missing required argument 'path'"],
    [['demo', '--nonsense', '--json'], "unknown option '--nonsense'"],
    [['--json'], 'no command was given'],
    [['demo', '--crash', '--rounds', '0', '--json'], '--rounds is 0'],
  ])('prints what is wrong with the arguments %j as JSON', async (args, what) => {
    const { exitCode, output, errors } = await command(args);
    expect(exitCode).toBe(2);
    expect(output).toBe('');
    expect(JSON.parse(errors)).toMatchObject({
      error: { exitCode: 2, what: expect.stringContaining(what) as unknown },
    });
  });

  it('prints results as JSON with --json, before or behind the command', async () => {
    for (const args of [
      ['--json', 'version'],
      ['version', '--json'],
    ]) {
      const { output } = await command(args);
      expect(JSON.parse(output)).toMatchObject({ node: process.versions.node });
    }
  });

  it('colours only on a terminal, and not with --no-color, NO_COLOR or --json', async () => {
    const colourful = await command(['doctor'], { isTerminal: true });
    expect(colourful.output).toContain(ESCAPE);
    const plain = [
      await command(['doctor']),
      await command(['doctor', '--no-color'], { isTerminal: true }),
      await command(['doctor'], { isTerminal: true, environment: { NO_COLOR: '1' } }),
      await command(['doctor', '--json'], { isTerminal: true }),
    ];
    for (const { output } of plain) {
      expect(output).not.toContain(ESCAPE);
      expect(output).not.toBe('');
    }
  });

  it('prints nothing but errors with --quiet', async () => {
    expect((await command(['version', '--quiet'])).output).toBe('');
    expect((await command(['inspect', '/nowhere', '--quiet'])).errors).toContain('error:');
  });
});

const entry = fileURLToPath(new URL('../src/bin.ts', import.meta.url));

/** A stream whose reader went away: a write fails, and the stream says so a moment later. */
function unread(): Writable {
  const error = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' });
  return new Writable({ write: (_chunk, _encoding, done) => done(error) });
}

function unreadWorld(): CommandWorld {
  return { output: unread(), errors: unread(), environment: {} };
}

describe('an output that nobody reads', () => {
  it.each([
    ['version', 0],
    ['help', 0],
    ['nothing', 2],
  ])('does not make %s fail, which ends with %d', async (name, exitCode) => {
    expect(await runCommandLine([name], unreadWorld())).toBe(exitCode);
  });

  it('makes a command fail, with one error, when it is lost otherwise', async () => {
    const error = Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' });
    const output = new Writable({ write: (_chunk, _encoding, done) => done(error) });
    let said = '';
    const errors = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        said += String(chunk);
        done();
      },
    });
    const exitCode = process.exitCode;
    onTestFinished(() => {
      process.exitCode = exitCode;
    });
    await runCommandLine(['version'], { output, errors, environment: {} });
    // A stream says so a moment after it was written to.
    await setImmediate();
    expect(process.exitCode).toBe(1);
    expect(said).toBe('error: the output was cut off\n  why:   write ENOSPC\n');
  });

  it('still lets verify say by its exit code that there is damage', async () => {
    const path = await smallDatabase();
    const segments = join(path, 'segments');
    const [first = ''] = readdirSync(segments);
    writeFileSync(join(segments, first), 'x');
    expect(await runCommandLine(['verify', path], unreadWorld())).toBe(5);
  });

  it('ends the demo early and quietly, and nothing of it stays', async () => {
    const directory = temporaryDirectory();
    const flags = ['--disable-warning=ExperimentalWarning'];
    const demo = spawn(process.execPath, [...flags, entry, 'demo'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: directory },
    });
    const ended = once(demo, 'exit');
    const complaints = text(demo.stderr);
    await once(demo.stdout, 'data');
    demo.stdout.destroy();
    expect(await ended).toEqual([0, null]);
    expect(await complaints).toBe('');
    expect(readdirSync(directory)).toEqual([]);
  });
});
