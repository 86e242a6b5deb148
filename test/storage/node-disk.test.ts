import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { diskError, nodeDisk } from '../../src/storage/node-disk.ts';
import { diskSuite } from '../suites/disk-suite.ts';
import { temporaryDirectory } from './temporary-directory.ts';

diskSuite('node disk', async () => {
  const directory = await temporaryDirectory();
  return {
    disk: nodeDisk(path.join(directory.path, 'root')),
    dispose: async () => directory[Symbol.asyncDispose](),
  };
});

describe('node disk', () => {
  it.skipIf(process.platform === 'win32')(
    'creates its root with its parents, private to the user',
    async () => {
      await using directory = await temporaryDirectory();
      const disk = nodeDisk(path.join(directory.path, 'x', 'db'));
      await disk.makeDirectory('wal');
      const file = await disk.open('wal/1.log', 'create');
      await file.close();
      const root = path.join(directory.path, 'x', 'db');
      expect((await lstat(root)).mode & 0o777).toBe(0o700);
      expect((await lstat(path.join(root, 'wal/1.log'))).mode & 0o777).toBe(0o600);
    },
  );

  it.each([
    ['moved', async (root: string) => await rename(root, `${root}-moved`)],
    ['removed', async (root: string) => await rm(root, { recursive: true })],
    [
      'replaced',
      async (root: string) => {
        await rename(root, `${root}-moved`);
        await mkdir(root);
        await writeFile(path.join(root, 'theirs'), 'x');
      },
    ],
  ])('changes nothing under the name of a root that was %s', async (_what, change) => {
    await using directory = await temporaryDirectory();
    const root = path.join(directory.path, 'root');
    const disk = nodeDisk(root);
    await disk.makeDirectory('');
    await change(root);
    const before = await readdir(directory.path, { recursive: true });
    const refused = { reason: 'IoFailed', fields: { path: root } };
    await expect(disk.makeDirectory('segments')).rejects.toMatchObject(refused);
    await expect(disk.open('theirs', 'create')).rejects.toMatchObject(refused);
    await expect(disk.rename('theirs', 'ours')).rejects.toMatchObject(refused);
    await expect(disk.remove('theirs')).rejects.toMatchObject(refused);
    expect(await readdir(directory.path, { recursive: true })).toEqual(before);
  });

  it.runIf(process.platform === 'linux')('keeps no descriptor open after failures', async () => {
    await using directory = await temporaryDirectory();
    const disk = nodeDisk(directory.path);
    const before = (await readdir('/proc/self/fd')).length;
    for (let i = 0; i < 20; i++) {
      await expect(disk.open('none', 'read')).rejects.toMatchObject({ reason: 'IoKeyNotFound' });
      await expect(disk.syncDirectory('none')).rejects.toMatchObject({ reason: 'IoKeyNotFound' });
      await disk.syncDirectory('');
    }
    expect((await readdir('/proc/self/fd')).length).toBeLessThanOrEqual(before + 1);
  });

  it('refuses a path that leaves its root', async () => {
    const disk = nodeDisk('/nowhere');
    await expect(disk.open('../etc/passwd', 'read')).rejects.toThrow(/inside the root/);
    await expect(disk.remove('/etc/passwd')).rejects.toThrow(/inside the root/);
  });

  it.each([
    ['ENOENT', 'IoKeyNotFound'],
    ['ENOSPC', 'DiskLimitExceeded'],
    ['EDQUOT', 'DiskLimitExceeded'],
    ['EACCES', 'StoragePermissionDenied'],
    ['EPERM', 'StoragePermissionDenied'],
    ['EROFS', 'StoragePermissionDenied'],
    ['EIO', 'IoFailed'],
    ['EMFILE', 'IoFailed'],
  ])('reports %s as %s with path, operation and cause', (code, reason) => {
    const cause = Object.assign(new Error(code), { code });
    const error = diskError('write', 'wal/1.log', cause);
    expect(error).toMatchObject({
      reason,
      fields: { path: 'wal/1.log', operation: 'write', code },
      cause,
    });
    expect(error.message).toContain('[path=wal/1.log][operation=write]');
  });

  it.runIf(process.platform === 'linux')('writes to /dev/full as to a full disk', async () => {
    const file = await nodeDisk('/dev').open('full', 'write');
    await expect(file.write([new Uint8Array(10)], 0)).rejects.toMatchObject({
      reason: 'DiskLimitExceeded',
      code: 7,
    });
    await file.close();
  });

  it('leaves exactly the bytes of the chunks in the file', async () => {
    await using directory = await temporaryDirectory();
    const disk = nodeDisk(directory.path);
    const file = await disk.open('file', 'create');
    const chunks = [
      new Uint8Array(70_000).fill(1),
      new Uint8Array(0),
      new Uint8Array(70_000).fill(2),
    ];
    await file.write(chunks, 0);
    await file.close();
    const bytes = await readFile(path.join(directory.path, 'file'));
    expect(Buffer.compare(bytes, Buffer.concat(chunks))).toBe(0);
  });
});
