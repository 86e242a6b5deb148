import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { temporaryDirectory } from './cli/temporary-directory.ts';

const entry = new URL('../src/bin.ts', import.meta.url);

function runAs(version: string): { exitCode: number; errors: string } {
  // What the entry does before it loads anything, on a Node that claims to be `version`.
  const script = `
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } });
    await import(${JSON.stringify(entry.href)});
  `;
  const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module'];
  const { status, stderr } = spawnSync(
    process.execPath,
    [...flags, '-e', script, '--', '--nonsense'],
    {
      encoding: 'utf8',
    },
  );
  return { exitCode: status ?? -1, errors: stderr };
}

describe('bin', () => {
  it.each(['18.20.4', '20.20.2', '22.12.0'])('says clearly that Node %s is too old', (version) => {
    const { exitCode, errors } = runAs(version);
    expect(exitCode).toBe(1);
    expect(errors).toMatch(
      new RegExp(`^error: mlite needs Node.js 22.13 or newer, and this is ${version}\\n`),
    );
    expect(errors).toContain('next:');
  });

  it.each(['22.13.0', '24.0.0'])('goes on with Node %s', (version) => {
    expect(runAs(version).errors).not.toContain('mlite needs');
  });

  it('keeps what it compiled where only the user may write, unless that is turned off', () => {
    const home = temporaryDirectory();
    const compiled = join(home, '.cache', 'milvus-lite', 'compiled');
    const start = (more: Record<string, string>): void => {
      const { NODE_COMPILE_CACHE: _, ...others } = process.env;
      const env = { ...others, HOME: home, USERPROFILE: home, ...more };
      const flags = ['--disable-warning=ExperimentalWarning', fileURLToPath(entry), '--version'];
      expect(spawnSync(process.execPath, flags, { env }).status).toBe(0);
    };
    start({ NODE_DISABLE_COMPILE_CACHE: '1' });
    expect(existsSync(compiled)).toBe(false);
    start({});
    expect(readdirSync(compiled)).toHaveLength(1);
  });

  it.each(['', '/dev/null/nowhere'])('starts where nothing can be kept: home %j', (home) => {
    const { NODE_COMPILE_CACHE: _, ...others } = process.env;
    const env = { ...others, HOME: home, USERPROFILE: home };
    const flags = ['--disable-warning=ExperimentalWarning', fileURLToPath(entry), '--version'];
    const { status, stderr } = spawnSync(process.execPath, flags, { env, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });

  it('imports nothing before it has looked at the version', () => {
    const source = readFileSync(entry, 'utf8');
    expect(source).not.toMatch(/^import /m);
  });
});
