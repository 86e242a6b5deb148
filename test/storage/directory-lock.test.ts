import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemRandom } from '../../src/base/random.ts';
import {
  type LockHolder,
  livePins,
  lockDirectory,
  networkFileSystem,
  pinDirectory,
} from '../../src/storage/directory-lock.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const holder: LockHolder = { pid: 4711, host: 'here', since: '2026-01-02T03:04:05.000Z' };

function pin(directory: string, manifestKeys: readonly string[]): ReturnType<typeof pinDirectory> {
  return pinDirectory(directory, { random: systemRandom, holder, manifestKeys });
}

/** A process of its own that holds the sqlite lock on a file until it is killed. */
async function holdElsewhere(file: string): Promise<ChildProcess> {
  const script = `
    const Database = require('better-sqlite3');
    new Database(process.argv[1], { timeout: 0 }).exec('BEGIN EXCLUSIVE');
    process.stdout.write('held');
    setInterval(() => undefined, 1000);
  `;
  const child = spawn(process.execPath, ['-e', script, file], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

describe('the directory lock', () => {
  it('is given to one at a time', async () => {
    await using directory = await temporaryDirectory();
    const lock = await lockDirectory(directory.path, holder);
    await expect(lockDirectory(directory.path, { ...holder, pid: 1 })).rejects.toMatchObject({
      reason: 'DirectoryLocked',
      fields: { path: directory.path, pid: 4711, host: 'here' },
    });
    // The refused attempt must not have dropped the holder's lock.
    await expect(lockDirectory(directory.path, holder)).rejects.toMatchObject({
      reason: 'DirectoryLocked',
    });
    await lock.release();
    await lock.release();
    await (await lockDirectory(directory.path, holder)).release();
    expect(await readdir(directory.path)).toEqual(['lock.sqlite']);
  });

  it('names the holder and what to do', async () => {
    await using directory = await temporaryDirectory();
    const lock = await lockDirectory(directory.path, holder);
    await expect(lockDirectory(directory.path, holder)).rejects.toThrow(
      `${directory.path} is open in process 4711 on here since 2026-01-02T03:04:05.000Z; open it with readOnly, ` +
        `or stop that process: database directory is locked[path=${directory.path}][pid=4711][host=here]`,
    );
    for (const content of ['', '{"pid":"x"}']) {
      await writeFile(path.join(directory.path, 'lock.json'), content);
      await expect(lockDirectory(directory.path, holder)).rejects.toThrow(
        /is open in another process/,
      );
    }
    await lock.release();
  });

  it('of another process is respected while it lives and free when it was killed', async () => {
    await using directory = await temporaryDirectory();
    const child = await holdElsewhere(path.join(directory.path, 'lock.sqlite'));
    await expect(lockDirectory(directory.path, holder)).rejects.toMatchObject({
      reason: 'DirectoryLocked',
    });
    await kill(child);
    await (await lockDirectory(directory.path, holder)).release();
  });

  it('reports a directory that is not there', async () => {
    await expect(lockDirectory('/nowhere/at/all', holder)).rejects.toMatchObject({
      reason: 'IoKeyNotFound',
    });
  });

  it('knows network file systems', () => {
    expect(networkFileSystem(0x6969)).toBe('NFS');
    expect(networkFileSystem(0xef53)).toBeNull();
  });
});

describe('a pin', () => {
  it('lives until it is released, and follows its reader', async () => {
    await using directory = await temporaryDirectory();
    expect(await livePins(directory.path)).toEqual([]);
    const first = await pin(directory.path, ['manifests/1-1']);
    const second = await pin(directory.path, ['manifests/2-1', 'manifests/3-1']);
    await first.update(['manifests/1-2']);
    const live = await livePins(directory.path);
    expect(live.flatMap(({ manifestKeys }) => manifestKeys).sort()).toEqual([
      'manifests/1-2',
      'manifests/2-1',
      'manifests/3-1',
    ]);
    expect(live[0]).toMatchObject(holder);
    await first.release();
    await first.release();
    expect((await livePins(directory.path)).length).toBe(1);
    await second.release();
    expect(await livePins(directory.path)).toEqual([]);
    expect(await readdir(path.join(directory.path, 'pins'))).toEqual([]);
  });

  it('of a killed process is removed', async () => {
    await using directory = await temporaryDirectory();
    const kept = await pin(directory.path, ['manifests/1-1']);
    const file = path.join(directory.path, 'pins', 'dead.pin');
    await writeFile(
      path.join(directory.path, 'pins', 'dead.json'),
      JSON.stringify({ ...holder, manifestKeys: ['x'] }),
    );
    const child = await holdElsewhere(file);
    expect((await livePins(directory.path)).length).toBe(2);
    await kill(child);
    expect((await livePins(directory.path)).map(({ manifestKeys }) => manifestKeys)).toEqual([
      ['manifests/1-1'],
    ]);
    expect(
      (await readdir(path.join(directory.path, 'pins'))).filter((name) => name.startsWith('dead')),
    ).toEqual([]);
    await kept.release();
  });

  it('that lives and does not say what it pins stops garbage collection', async () => {
    await using directory = await temporaryDirectory();
    const one = await pin(directory.path, ['manifests/1-1']);
    const pins = path.join(directory.path, 'pins');
    const [content] = (await readdir(pins)).filter((name) => name.endsWith('.json')) as [string];
    for (const text of ['{}', 'nonsense']) {
      await writeFile(path.join(pins, content), text);
      await expect(livePins(directory.path)).rejects.toMatchObject({ reason: 'DataIntegrity' });
    }
    await rm(path.join(pins, content));
    await expect(livePins(directory.path)).rejects.toMatchObject({ reason: 'DataIntegrity' });
    await one.release();
  });
});
