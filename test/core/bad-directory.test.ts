/** A directory that is in use, damaged or from the future is refused by name and stays as it is. */
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { crc32 } from '../../src/base/checksum.ts';
import { type Database, type DatabaseOptions, openDatabase } from '../../src/core/open.ts';
import { CLUSTER_KEY } from '../../src/meta/keys.ts';
import { encodeRecord } from '../../src/meta/record.ts';
import { sqliteMetaStore } from '../../src/meta/sqlite-store.ts';
import { META_FILE } from '../../src/storage/paths.ts';
import { createDocs, doc, DOCS, docs, tags } from '../suites/service-fixtures.ts';
import { temporaryDirectory } from '../storage/temporary-directory.ts';

async function open(directory: string, options: DatabaseOptions = {}): Promise<Database> {
  const db = await openDatabase(directory, options);
  onTestFinished(() => db.close());
  return db;
}

/** A closed database with rows in segments, deletes beside them, and rows in the log. */
async function closedDatabase(): Promise<string> {
  const directory = await temporaryDirectory();
  onTestFinished(() => directory[Symbol.asyncDispose]());
  const root = path.join(directory.path, 'db');
  const { service, close } = await openDatabase(root);
  await createDocs(service);
  await service.insert({ ...DOCS, rows: docs(0, 20) });
  await service.flush(DOCS);
  await service.delete({ ...DOCS, ids: [3n] });
  await service.insert({ ...DOCS, rows: [doc(50)] });
  await service.flush(DOCS);
  await service.insert({ ...DOCS, rows: docs(100, 110) });
  await close();
  return root;
}

function filesIn(root: string, folder: string, suffix = ''): string[] {
  return readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith(suffix))
    .map((name) => path.join(root, folder, name));
}

/** The one file of a kind that has most bytes. */
function largest(files: readonly string[]): string {
  const [first] = files.toSorted((a, b) => statSync(b).size - statSync(a).size);
  return first ?? expect.unreachable('there is such a file');
}

function flipBit(file: string, at: number): void {
  const bytes = readFileSync(file);
  bytes[at]! ^= 0x10;
  writeFileSync(file, bytes);
}

/** Names and checksums of everything that holds data. */
function contentOf(root: string): Record<string, number> {
  const files = ['wal', 'segments', 'manifests'].flatMap((folder) => filesIn(root, folder));
  return Object.fromEntries(
    files.map((file) => [path.relative(root, file), crc32(readFileSync(file))]),
  );
}

describe('a directory that is in use', () => {
  it('names its holder to whoever wants to write, and lets others read', async () => {
    const root = await closedDatabase();
    const first = await open(root);
    const failure = await openDatabase(root).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({
      reason: 'DirectoryLocked',
      code: 12_000,
      fields: { path: root, pid: process.pid },
    });
    expect(String(failure)).toContain(`${root} is open in process ${process.pid}`);
    const reader = await open(root, { readOnly: true });
    expect(await reader.service.count(DOCS)).toBe(30);
    await first.service.insert({ ...DOCS, rows: [doc(200)] });
    expect(await first.service.count(DOCS)).toBe(31);
    await first.close();
    expect(await (await open(root)).service.count(DOCS)).toBe(31);
  });

  it('is not made by opening it to read', async () => {
    await using directory = await temporaryDirectory();
    const root = path.join(directory.path, 'none');
    await expect(openDatabase(root, { readOnly: true })).rejects.toMatchObject({
      name: 'MilvusError',
      reason: 'IoKeyNotFound',
      message: `there is no database to read: key not found[path=${root}]`,
    });
    expect(readdirSync(directory.path)).toEqual([]);
  });

  it('is not a file, and nothing below one', async () => {
    await using directory = await temporaryDirectory();
    const file = path.join(directory.path, 'file.mjs');
    writeFileSync(file, 'text');
    for (const root of [file, path.join(file, 'db')]) {
      for (const readOnly of [false, true]) {
        await expect(openDatabase(root, { readOnly })).rejects.toMatchObject({
          reason: 'ParameterInvalid',
          message: expect.stringContaining('is not a directory') as string,
          fields: { path: root },
        });
      }
    }
    expect(readFileSync(file, 'utf8')).toBe('text');
  });
});

describe('a directory from the future', () => {
  async function rewrite(
    root: string,
    formatVersion: number,
    minReaderVersion: number,
  ): Promise<void> {
    const store = await sqliteMetaStore(path.join(root, META_FILE));
    const record = { id: 'x', formatVersion, minReaderVersion, createdMs: 0 };
    await store.transact({
      puts: [{ key: CLUSTER_KEY, value: encodeRecord(CLUSTER_KEY, record) }],
    });
    await store[Symbol.asyncDispose]();
  }

  it('is refused with the version that it needs, and stays as it is', async () => {
    const root = await closedDatabase();
    const before = contentOf(root);
    await rewrite(root, 2, 2);
    for (const readOnly of [false, true]) {
      await expect(openDatabase(root, { readOnly })).rejects.toMatchObject({
        reason: 'FormatNotSupported',
        code: 12_003,
        message: `the database needs a newer milvus-lite to ${readOnly ? 'read' : 'write'} it: format is newer than this version reads[format=2][supported=1]`,
      });
    }
    expect(contentOf(root)).toEqual(before);
    await rewrite(root, 2, 1);
    expect(await (await open(root, { readOnly: true })).service.count(DOCS)).toBe(30);
    await expect(openDatabase(root)).rejects.toMatchObject({ reason: 'FormatNotSupported' });
    await rewrite(root, 1, 1);
    expect(await (await open(root)).service.count(DOCS)).toBe(30);
  });
});

describe('a damaged directory', () => {
  it('is refused with the place in the log, which is not cut', async () => {
    const root = await closedDatabase();
    const file = largest(filesIn(root, 'wal', '.log'));
    flipBit(file, Math.floor(statSync(file).size / 2));
    const before = contentOf(root);
    const failure = await openDatabase(root).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ reason: 'DataIntegrity', code: 1009 });
    expect(String(failure)).toContain(path.basename(file));
    expect(contentOf(root)).toMatchObject(before);
  });

  it('is refused when its log lost its end after a clean close, and never answers with fewer rows', async () => {
    const root = await closedDatabase();
    const file = largest(filesIn(root, 'wal', '.log'));
    const whole = readFileSync(file);
    let refusals = 0;
    for (const cut of [1, 50, 100, 200, 400, 800, Math.floor(whole.length / 2), whole.length]) {
      writeFileSync(file, whole.subarray(0, whole.length - cut));
      const opened = await openDatabase(root, { readOnly: true }).catch(
        (thrown: unknown) => thrown,
      );
      if (opened instanceof Error) {
        expect(opened).toMatchObject({ reason: 'DataIntegrity' });
        refusals++;
      } else {
        const { service, close } = opened as Database;
        expect(await service.count(DOCS)).toBe(30);
        await close();
      }
    }
    expect(refusals).toBeGreaterThanOrEqual(4);
  });

  it.each(['.cols.arrow', '.arrow', '.keys'])(
    'refuses reads of a segment with damaged %s',
    async (suffix) => {
      const root = await closedDatabase();
      const file = largest(
        filesIn(root, 'segments', suffix).filter(
          (name) => suffix !== '.arrow' || name.includes('.vec-'),
        ),
      );
      const bytes = readFileSync(file);
      // In every block, so that whatever a read wants of the file is hit.
      for (let at = 0; at < bytes.length; at += 64) bytes[at]! ^= 1;
      writeFileSync(file, bytes);
      const { service } = await open(root);
      const reads = [
        (): Promise<unknown> => service.query({ ...DOCS, filter: 'id >= 0', outputFields: ['*'] }),
        (): Promise<unknown> => service.search({ ...DOCS, data: [1, 1], limit: 5 }),
        (): Promise<unknown> =>
          service.delete({ ...DOCS, ids: [5n] }).then(() => service.count(DOCS)),
      ];
      const outcomes = await Promise.allSettled(reads.map((read) => read()));
      const refused = outcomes.filter(({ status }) => status === 'rejected');
      expect(refused.length).toBeGreaterThan(0);
      for (const outcome of refused) {
        expect(outcome).toMatchObject({ reason: { reason: 'DataIntegrity', code: 1009 } });
      }
    },
  );

  it.each(['missing', 'empty', 'missing with its log'])(
    'is refused when its metadata is %s, and stays as it is',
    async (how) => {
      const root = await closedDatabase();
      const file = path.join(root, META_FILE);
      rmSync(file);
      if (how === 'empty') writeFileSync(file, '');
      if (how === 'missing with its log') rmSync(path.join(root, 'wal'), { recursive: true });
      const before = new Set(readdirSync(root, { recursive: true, encoding: 'utf8' }));
      for (const readOnly of [false, true, false]) {
        await expect(openDatabase(root, { readOnly })).rejects.toMatchObject({
          reason: 'DataIntegrity',
          code: 1009,
          fields: { file },
        });
        expect(new Set(readdirSync(root, { recursive: true, encoding: 'utf8' }))).toEqual(before);
      }
    },
  );

  it('is refused when its metadata says nothing', async () => {
    const root = await closedDatabase();
    rmSync(path.join(root, META_FILE));
    const store = await sqliteMetaStore(path.join(root, META_FILE));
    await store[Symbol.asyncDispose]();
    await expect(openDatabase(root)).rejects.toMatchObject({ reason: 'DataIntegrity' });
  });

  it.each([
    ['manifests', '.json'],
    ['segments', '.cols.arrow'],
    ['segments', '.json'],
    ['segments', '.del-'],
  ])('names a file of %s that is gone: %s', async (folder, kind) => {
    const root = await closedDatabase();
    const files = filesIn(root, folder).filter((name) => path.basename(name).includes(kind));
    expect(files).not.toEqual([]);
    for (const file of files) rmSync(file);
    const { service } = await open(root);
    const failure = await service
      .query({ ...DOCS, limit: 5, outputFields: ['*'] })
      .catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ reason: 'DataIntegrity', code: 1009 });
    expect(String(failure)).toMatch(new RegExp(`${folder}/`));
  });

  it('refuses a value of the metadata that was changed behind its back', async () => {
    const root = await closedDatabase();
    const store = await sqliteMetaStore(path.join(root, META_FILE));
    const entries = await store.range('/');
    await store[Symbol.asyncDispose]();
    for (const { key, value } of entries) {
      const damaged = value.slice();
      damaged[Math.floor(damaged.length / 2)]! ^= 4;
      const writer = await sqliteMetaStore(path.join(root, META_FILE));
      await writer.transact({ puts: [{ key, value: damaged }] });
      await writer[Symbol.asyncDispose]();
      await expect(openDatabase(root), key).rejects.toMatchObject({ reason: 'DataIntegrity' });
      const healer = await sqliteMetaStore(path.join(root, META_FILE));
      await healer.transact({ puts: [{ key, value }] });
      await healer[Symbol.asyncDispose]();
    }
    const { service } = await open(root);
    expect(await tags(service, { filter: 'id < 5' })).toBe('0/0 1/0 2/0 4/0');
  });
});
