/** Vectors and indexes that stay in their files. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import { nativeAddon } from '../../src/base/native.ts';
import { temporaryDirectory } from '../cli/temporary-directory.ts';
import { SeededRandom } from '../sim/seeded-random.ts';

const ROWS = 2500;
const DIM = 16;
const MAPPED = { 'mmap.enabled': 'true' };
const canSeeMaps = nativeAddon() !== null && process.platform === 'linux';

const random = new SeededRandom(5);
const vectors = Array.from({ length: ROWS }, () =>
  Float32Array.from({ length: DIM }, () => random.next() - 0.5),
);

type Keeping = 'memory' | 'field and index' | 'collection' | 'disk';

async function filled(path: string, keeping: Keeping): Promise<MilvusLite> {
  const db = await MilvusLite.open(path, { threads: 2 });
  onTestFinished(() => db.close());
  const mmap = keeping === 'field and index';
  const graph = { type: 'HNSW', metric: 'L2', M: 8, efConstruction: 64 } as const;
  const disk = { type: 'DISKANN', metric: 'L2', max_degree: 16, search_list_size: 64 } as const;
  const index = keeping === 'disk' ? disk : mmap ? { ...graph, mmap } : graph;
  const collection = await db.collection('c', {
    schema: {
      id: f.int64({ primary: true }),
      vector: f.floatVector(DIM, { index, ...(mmap ? { params: MAPPED } : {}) }),
    },
    ...(keeping === 'collection' ? { properties: MAPPED } : {}),
  });
  await collection.insert(vectors.map((vector, id) => ({ id, vector })));
  await collection.flush();
  const indexed = async (): Promise<number> =>
    (await collection.indexes.describe('vector')).indexedRows;
  await expect.poll(indexed, { timeout: 30_000 }).toBe(ROWS);
  return db;
}

async function answers(db: MilvusLite): Promise<unknown[]> {
  const collection = await db.collection('c');
  const data = vectors.slice(0, 40);
  const wide = { ef: 200, search_list: 200 };
  const walked = await collection.search({ data, limit: 5, searchParams: wide });
  const one = await collection.search({ data: vectors[7]!, limit: 3 });
  const filtered = await collection.search({ data: vectors[7]!, limit: 3, filter: 'id < 3' });
  const got = await collection.get([1, 2499], { outputFields: ['vector'] });
  return [walked, one, filtered, got];
}

function mappedFiles(path: string): string[] {
  const maps = readFileSync('/proc/self/maps', 'utf8');
  const names = readdirSync(join(path, 'segments')).filter((name) => maps.includes(`/${name}`));
  return names.filter((name) => maps.includes(`${join(path, 'segments')}/${name}`)).sort();
}

describe('an index of scalars', () => {
  it('is mapped where it is asked for, and answers as it does from memory', async () => {
    const path = join(temporaryDirectory(), 'scalars');
    const rows = vectors.map((vector, id) => ({ id, vector, size: id % 90, title: `title ${id}` }));
    const schema = {
      id: f.int64({ primary: true }),
      size: f.int32(),
      title: f.varChar({ maxLength: 40 }),
      vector: f.floatVector(DIM),
    };
    const db = await MilvusLite.open(path, { threads: 2 });
    onTestFinished(() => db.close());
    const docs = await db.collection('c', { schema });
    await docs.insert(rows);
    await docs.flush();
    const filters = [
      'size > 80',
      'size in [3, 5] and id < 999',
      'title like "%le 19%"',
      'size != 4',
    ];
    const counts = async () =>
      Promise.all(filters.map(async (filter) => await docs.count({ filter })));
    const expected = await counts();
    await docs.indexes.create('size', { type: 'BITMAP', mmap: true });
    await docs.indexes.create('title', { type: 'NGRAM', min_gram: 2, max_gram: 3, mmap: true });
    await docs.waitForIndex('size', { timeoutMs: 30_000 });
    await docs.waitForIndex('title', { timeoutMs: 30_000 });
    await db.close();
    const again = await MilvusLite.open(path, { threads: 2 });
    onTestFinished(() => again.close());
    const found = await again.collection('c', { schema });
    for (const [i, filter] of filters.entries()) {
      expect(await found.count({ filter })).toBe(expected[i]);
    }
    if (!canSeeMaps) return;
    expect(mappedFiles(path).filter((name) => name.includes('.idx-'))).toHaveLength(2);
  });
});

describe('DISKANN', () => {
  it('keeps its file and the vectors of its field mapped, where nobody asked for it', async () => {
    const expected = await answers(await filled(join(temporaryDirectory(), 'plain'), 'memory'));
    const path = join(temporaryDirectory(), 'disk');
    const db = await filled(path, 'disk');
    expect(await answers(db)).toEqual(expected);
    await db.close();
    const again = await MilvusLite.open(path, { threads: 2 });
    onTestFinished(() => again.close());
    expect(await answers(again)).toEqual(expected);
    if (!canSeeMaps) return;
    const files = mappedFiles(path);
    expect(files.filter((name) => name.includes('.idx-'))).toHaveLength(1);
    expect(files.filter((name) => !name.includes('.idx-'))).toHaveLength(1);
  });

  it('lets go of vectors that were in memory before', async () => {
    const path = join(temporaryDirectory(), 'later');
    const db = await MilvusLite.open(path, { threads: 2 });
    onTestFinished(() => db.close());
    const schema = { id: f.int64({ primary: true }), vector: f.floatVector(DIM) };
    const collection = await db.collection('c', { schema });
    await collection.insert(vectors.map((vector, id) => ({ id, vector })));
    await collection.flush();
    const search = async () => (await collection.search({ data: vectors[7]!, limit: 1 }))[0]?.id;
    expect(await search()).toBe(7n);
    if (canSeeMaps) expect(mappedFiles(path)).toEqual([]);
    await collection.indexes.create('vector', { type: 'DISKANN', metric: 'COSINE' });
    await collection.waitForIndex('vector', { timeoutMs: 30_000 });
    expect(await search()).toBe(7n);
    if (canSeeMaps) expect(mappedFiles(path)).toHaveLength(2);
  });

  it('is in memory where there are no files', async () => {
    const onDisk = await answers(await filled(join(temporaryDirectory(), 'disk'), 'disk'));
    expect(await answers(await filled(':memory:', 'disk'))).toEqual(onDisk);
  });
});

/** A collection without an index, so that searches are scans. */
async function scanned(
  path: string,
  params: Readonly<Record<string, string>>,
): Promise<MilvusLite> {
  const db = await MilvusLite.open(path, { threads: 2 });
  onTestFinished(() => db.close());
  const collection = await db.collection('c', {
    schema: {
      id: f.int64({ primary: true }),
      size: f.int32(),
      vector: f.floatVector(DIM, { params, nullable: true }),
    },
  });
  const rows = vectors.map((vector, id) => ({
    id,
    size: 0,
    vector: id % 50 === 3 ? null : vector,
  }));
  await collection.insert(rows);
  await collection.flush();
  return db;
}

/** What has to be read from the vectors of the field: many queries in a call, one, by a filter, and rows. */
async function scans(db: MilvusLite): Promise<unknown[]> {
  const collection = await db.collection('c');
  const common = { limit: 5, outputFields: ['size', 'vector'] };
  const many = await collection.search({ ...common, data: vectors.slice(0, 600) });
  const one = await collection.search({ ...common, data: vectors[7]! });
  const large = await collection.search({ ...common, data: vectors[7]!, filter: 'size > 2' });
  const rows = await collection.query({ filter: 'id in [0, 3, 5, 900]', outputFields: ['*'] });
  return [many, one, large, rows];
}

/** Places where a file of the database is mapped: each thread has its own. */
function mappings(path: string): number {
  const maps = readFileSync('/proc/self/maps', 'utf8').split('\n');
  return maps.filter((line) => line.includes(join(path, 'segments'))).length;
}

describe('a field that is mapped', () => {
  it('is scanned by the threads, each with a mapping of its own', async () => {
    const expected = await scans(await scanned(join(temporaryDirectory(), 'plain'), {}));
    const path = join(temporaryDirectory(), 'mapped');
    const db = await scanned(path, MAPPED);
    expect(await scans(db)).toEqual(expected);
    if (canSeeMaps) expect(mappings(path)).toBeGreaterThanOrEqual(2);
  });

  it('gives partial upserts the values that they keep', async () => {
    const change = async (db: MilvusLite): Promise<unknown[]> => {
      const collection = await db.collection('c');
      const partial = async (rows: Array<Record<string, unknown>>): Promise<void> => {
        await collection.upsert(rows, { partial: true });
      };
      await partial(Array.from({ length: 300 }, (_, i) => ({ id: i * 3, size: i % 7 })));
      const growing = await scans(db);
      await collection.flush();
      await partial([
        { id: 7, vector: vectors[8]! },
        { id: 9, vector: null },
      ]);
      const changed = await scans(db);
      await collection.flush();
      await collection.compact();
      return [growing, changed, await scans(db)];
    };
    const expected = await change(await scanned(join(temporaryDirectory(), 'plain'), {}));
    const path = join(temporaryDirectory(), 'mapped');
    const db = await scanned(path, MAPPED);
    expect(await change(db)).toEqual(expected);
    await db.close();
    const again = await MilvusLite.open(path, { threads: 2 });
    onTestFinished(() => again.close());
    expect(await scans(again)).toEqual(expected.at(-1));
  });
});

describe('mmap.enabled', () => {
  it.each(['field and index', 'collection'] as const)(
    'of the %s changes no answer',
    async (kept) => {
      const expected = await answers(await filled(join(temporaryDirectory(), 'plain'), 'memory'));
      const path = join(temporaryDirectory(), 'mapped');
      const db = await filled(path, kept);
      expect(await answers(db)).toEqual(expected);
      await db.close();
      const again = await MilvusLite.open(path, { threads: 2 });
      onTestFinished(() => again.close());
      expect(await answers(again)).toEqual(expected);
      if (canSeeMaps) expect(mappedFiles(path).length).toBeGreaterThanOrEqual(2);
    },
  );

  it('maps nothing where nobody asked for it', async () => {
    const path = join(temporaryDirectory(), 'plain');
    await answers(await filled(path, 'memory'));
    if (canSeeMaps) expect(mappedFiles(path)).toEqual([]);
  });

  it('is taken up by what is altered', async () => {
    const path = join(temporaryDirectory(), 'altered');
    const db = await filled(path, 'memory');
    const expected = await answers(db);
    const collection = await db.collection('c');
    await collection.indexes.alter('vector', { 'mmap.enabled': true });
    expect(await answers(db)).toEqual(expected);
    if (canSeeMaps) expect(mappedFiles(path)).toHaveLength(1);
  });

  it('lets nobody see a damaged block', async () => {
    const path = join(temporaryDirectory(), 'damaged');
    const db = await filled(path, 'field and index');
    await db.close();
    const segments = join(path, 'segments');
    for (const name of readdirSync(segments)) {
      if (!name.includes('101')) continue;
      const bytes = readFileSync(join(segments, name));
      bytes[bytes.length - 100]! ^= 1;
      writeFileSync(join(segments, name), bytes);
    }
    const again = await MilvusLite.open(path);
    onTestFinished(() => again.close());
    await expect(answers(again)).rejects.toMatchObject({ reason: 'DataIntegrity' });
  });
});
