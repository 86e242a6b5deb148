import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { memoryDisk } from '../../src/storage/memory-disk.ts';
import { systemClock } from '../../src/base/clock.ts';
import { databaseFiles, logFiles, openMetaStore } from '../../src/cli/database-files.ts';
import { smallDatabase } from './demo-database.ts';
import { temporaryDirectory } from './temporary-directory.ts';

describe('databaseFiles', () => {
  it('finds the disk, the objects and the metadata of a database', async () => {
    const path = await smallDatabase();
    const { disk, store } = await databaseFiles(path);
    expect((await store.list('segments/')).length).toBeGreaterThan(0);
    expect(await logFiles(disk)).toEqual([
      {
        name: expect.stringMatching(/\.log$/) as string,
        term: 1,
        byteLength: expect.any(Number) as number,
      },
    ]);
    const meta = await openMetaStore(path);
    expect(await meta.range('/c/')).not.toEqual([]);
    await meta[Symbol.asyncDispose]();
  });

  it('finds what is left of a database that lost its metadata', async () => {
    const path = await smallDatabase();
    rmSync(join(path, 'meta.sqlite'));
    await databaseFiles(path);
    await expect(openMetaStore(path)).rejects.toMatchObject({ reason: 'DataIntegrity' });
  });

  it('says when there is nothing, or something else', async () => {
    const directory = temporaryDirectory();
    const missing = join(directory, 'missing');
    await expect(databaseFiles(missing)).rejects.toThrow(`there is nothing at ${missing}`);
    const other = join(directory, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'a.txt'), '');
    await expect(databaseFiles(join(other, 'a.txt'))).rejects.toThrow(/is not a database/);
    await expect(databaseFiles(other)).rejects.toThrow(/is not a database: it has no meta.sqlite/);
  });
});

describe('logFiles', () => {
  it('leaves out what is no log file', async () => {
    const disk = memoryDisk(systemClock);
    await disk.makeDirectory('wal');
    for (const name of ['00000002-000000000a.log', 'notes.txt']) {
      const file = await disk.open(`wal/${name}`, 'create');
      await file.write([new Uint8Array(5)], 0);
      await file.close();
    }
    expect(await logFiles(disk)).toEqual([
      { name: '00000002-000000000a.log', term: 2, byteLength: 5 },
    ]);
  });
});
