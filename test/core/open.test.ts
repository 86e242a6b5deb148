import { existsSync, readdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type DatabaseOptions, MEMORY_PATH, openDatabase } from '../../src/core/open.ts';
import { livePins } from '../../src/storage/directory-lock.ts';
import { createDocs, DOCS, docs } from '../suites/service-fixtures.ts';
import { temporaryDirectory } from '../storage/temporary-directory.ts';

/** Every file that holds data, with its bytes. */
function contentOf(root: string): Record<string, string> {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(path.join(root, name)).isFile());
  return Object.fromEntries(
    files.sort().map((name) => [name, readFileSync(path.join(root, name)).toString('base64')]),
  );
}

describe('opening a database', () => {
  it('makes the directory and its parents, and finds rows again', async () => {
    await using directory = await temporaryDirectory();
    const root = path.join(directory.path, 'a', 'b', 'db');
    const first = await openDatabase(root);
    expect(first.path).toBe(root);
    await createDocs(first.service);
    await first.service.insert({ ...DOCS, rows: docs(0, 3) });
    await first.close();
    await first.close();
    const second = await openDatabase(path.relative(process.cwd(), root), { durability: 'os' });
    expect(second.path).toBe(root);
    expect(await second.service.count(DOCS)).toBe(3);
    await second.close();
  });

  it.skipIf(process.platform === 'win32')(
    'loses nothing when its directory is moved while it is open, and leaves nothing behind',
    async () => {
      await using directory = await temporaryDirectory();
      const root = path.join(directory.path, 'db');
      const moved = path.join(directory.path, 'moved');
      const database = await openDatabase(root);
      await createDocs(database.service);
      await database.service.insert({ ...DOCS, rows: docs(0, 3) });
      renameSync(root, moved);
      await expect(database.service.flush(DOCS)).rejects.toMatchObject({ reason: 'IoFailed' });
      await database.close().catch(() => undefined);
      expect(existsSync(root)).toBe(false);
      const again = await openDatabase(moved);
      expect(await again.service.count(DOCS)).toBe(3);
      await again.close();
    },
  );

  it('keeps a database in memory to itself', async () => {
    const [one, two] = await Promise.all([openDatabase(MEMORY_PATH), openDatabase(MEMORY_PATH)]);
    await createDocs(one.service);
    expect(await two.service.hasCollection(DOCS)).toBe(false);
    await one.close();
    await two.close();
    expect(existsSync(MEMORY_PATH)).toBe(false);
  });

  it.each<[string, DatabaseOptions, string]>([
    ['', {}, 'the path of a database is a directory name or :memory:'],
    ['x', { durability: 'maybe' as 'sync' }, 'durability is sync, os or memory'],
    ['x', { cacheBytes: -1 }, 'cacheBytes is a number of bytes'],
    ['x', { cacheBytes: Number.NaN }, 'cacheBytes is a number of bytes'],
    ['x', { threads: 0 }, 'threads is a whole number from 1 on'],
    ['x', { threads: 1.5 }, 'threads is a whole number from 1 on'],
  ])('refuses %o with %o, and makes nothing', async (name, options, message) => {
    await using directory = await temporaryDirectory();
    const root = name === '' ? '' : path.join(directory.path, name);
    await expect(openDatabase(root, options)).rejects.toMatchObject({
      reason: 'ParameterInvalid',
      message: expect.stringContaining(message) as unknown,
    });
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('lets the directory go when opening fails, and when it is closed', async () => {
    await using directory = await temporaryDirectory();
    const root = path.join(directory.path, 'db');
    const first = await openDatabase(root);
    await expect(openDatabase(root)).rejects.toMatchObject({ reason: 'DirectoryLocked' });
    await first.close();
    const second = await openDatabase(root);
    await second.close();
    expect(readdirSync(root)).not.toContain('lock.json');
  });

  it('writes nothing after a clean close until something is written', async () => {
    await using directory = await temporaryDirectory();
    const root = path.join(directory.path, 'db');
    const first = await openDatabase(root);
    await createDocs(first.service);
    await first.service.insert({ ...DOCS, rows: docs(0, 3) });
    await first.service.flush(DOCS);
    await first.close();
    const before = contentOf(root);
    for (let i = 0; i < 2; i++) {
      const again = await openDatabase(root);
      expect(again.recovery).toMatchObject({ cleanEnd: true, replayedRecords: 0, cutBytes: 0 });
      expect(await again.service.count(DOCS)).toBe(3);
      await again.service.search({ ...DOCS, data: [1, 1], limit: 2 });
      await again.close();
      expect(contentOf(root)).toEqual(before);
    }
    const last = await openDatabase(root);
    await last.service.insert({ ...DOCS, rows: docs(3, 5) });
    await last.close();
    const logged = contentOf(path.join(root, 'wal'));
    for (let i = 0; i < 2; i++) {
      const found = await openDatabase(root);
      expect(found.recovery).toMatchObject({ cleanEnd: true, replayedRecords: 1 });
      expect(await found.service.count(DOCS)).toBe(5);
      await found.close();
      expect(contentOf(path.join(root, 'wal'))).toEqual(logged);
    }
  });

  it('pins the manifests that a reader reads, and nothing when there are none', async () => {
    await using directory = await temporaryDirectory();
    const root = path.join(directory.path, 'db');
    const pinned = async (): Promise<readonly string[]> =>
      (await livePins(root)).flatMap(({ manifestKeys }) => manifestKeys);
    const writer = await openDatabase(root);
    await createDocs(writer.service);
    await writer.service.insert({ ...DOCS, rows: docs(0, 3) });
    const early = await openDatabase(root, { readOnly: true });
    expect(await livePins(root)).toEqual([]);
    await writer.service.flush(DOCS);
    const [manifest] = readdirSync(path.join(root, 'manifests'));
    const reader = await openDatabase(root, { readOnly: true });
    expect(await pinned()).toEqual([`manifests/${manifest}`]);
    await reader.close();
    expect(await livePins(root)).toEqual([]);
    await Promise.all([early.close(), writer.close()]);
  });

  it('shows a reader what was there when it opened, beside the writer', async () => {
    await using directory = await temporaryDirectory();
    const root = path.join(directory.path, 'db');
    const writer = await openDatabase(root);
    await createDocs(writer.service);
    await writer.service.insert({ ...DOCS, rows: docs(0, 3) });
    const reader = await openDatabase(root, { readOnly: true });
    await writer.service.insert({ ...DOCS, rows: docs(3, 5) });
    await writer.service.flush(DOCS);
    await writer.service.delete({ ...DOCS, ids: [0n] });
    await writer.service.compact(DOCS);
    expect(await reader.service.count(DOCS)).toBe(3);
    const later = await openDatabase(root, { readOnly: true });
    expect(await later.service.count(DOCS)).toBe(4);
    await Promise.all([reader.close(), later.close(), writer.close()]);
    expect(readdirSync(path.join(root, 'pins'))).toEqual([]);
  });
});
