import { describe, expect, it, onTestFinished } from 'vitest';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import { temporaryDirectory } from '../cli/temporary-directory.ts';

const plain = { id: f.int64({ primary: true }), vector: f.floatVector(2, { metric: 'L2' }) };
const indexed = {
  id: f.int64({ primary: true }),
  vector: f.floatVector(2, { index: { type: 'HNSW', metric: 'IP', M: 8 } }),
};

async function memory(): Promise<MilvusLite> {
  const db = await MilvusLite.open(':memory:');
  onTestFinished(() => db.close());
  return db;
}

const vectors = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ id: i, vector: [i, 1] }));

describe('indexes', () => {
  it('are created, listed, described, altered and dropped', async () => {
    const docs = await (await memory()).collection('c', { schema: plain });
    expect(await docs.indexes.list()).toEqual([]);
    await docs.indexes.create('vector', { type: 'HNSW', M: 16, efConstruction: 200, mmap: false });
    const params = {
      index_type: 'HNSW',
      metric_type: 'L2',
      M: '16',
      efConstruction: '200',
      'mmap.enabled': 'false',
    };
    expect((await docs.describe()).indexes).toMatchObject([{ fieldName: 'vector', params }]);
    expect(await docs.indexes.list()).toEqual([await docs.indexes.describe('vector')]);
    await docs.indexes.alter('vector', { 'mmap.enabled': true });
    const altered = { ...params, 'mmap.enabled': 'true' };
    expect(await docs.indexes.describe('vector')).toMatchObject({ params: altered });
    await docs.indexes.alter('vector', {}, { remove: ['mmap.enabled'] });
    expect((await docs.indexes.describe('vector')).params).not.toHaveProperty('mmap.enabled');
    await docs.indexes.drop('vector');
    await docs.indexes.drop('vector');
    expect(await docs.indexes.list()).toEqual([]);
    await expect(docs.indexes.describe('vector')).rejects.toMatchObject({
      reason: 'IndexNotFound',
    });
    expect((await docs.describe()).loaded).toBe(true);
  });

  it('of scalars are created and dropped while the collection is searched', async () => {
    const schema = { ...plain, title: f.varChar({ maxLength: 40 }), data: f.json() };
    const docs = await (await memory()).collection('c', { schema });
    const rows = vectors(1500).map((row) => {
      return { ...row, title: `title ${row.id}`, data: { price: row.id / 2 } };
    });
    await docs.insert(rows);
    await docs.flush();
    const path = { json_path: 'data["price"]', json_cast_type: 'DOUBLE' } as const;
    await docs.indexes.create('title', { type: 'NGRAM', min_gram: 2, max_gram: 3 });
    await docs.indexes.create('data', { type: 'STL_SORT', ...path });
    await docs.indexes.create('id');
    await docs.waitForIndex('title', { timeoutMs: 60_000 });
    await docs.waitForIndex('data/price', { timeoutMs: 60_000 });
    await docs.waitForIndex('id', { timeoutMs: 60_000 });
    expect(await docs.indexes.describe('data/price')).toMatchObject({
      indexType: 'STL_SORT',
      builtAs: 'STL_SORT',
      metric: '',
      indexedRows: 1500,
    });
    expect(await docs.indexes.describe('id')).toMatchObject({ builtAs: 'HYBRID' });
    const filter = 'title like "%e 149%" and data["price"] < 748 and id != 1490';
    expect(await docs.count({ filter })).toBe(6);
    await docs.indexes.drop('title');
    await docs.indexes.drop('data/price');
    expect(await docs.count({ filter })).toBe(6);
    expect((await docs.describe()).indexes.map(({ name }) => name)).toEqual(['id']);
  });

  it('are waited for, by name or all of them, and searched when they are there', async () => {
    const docs = await (await memory()).collection('c', { schema: indexed });
    await docs.insert(vectors(1500));
    await docs.flush();
    await docs.waitForIndex('vector', { timeoutMs: 60_000 });
    expect(await docs.indexes.describe('vector')).toMatchObject({
      state: 'Finished',
      totalRows: 1500,
      indexedRows: 1500,
      pendingRows: 0,
      buildingRows: 0,
    });
    await docs.waitForIndex();
    await expect(docs.waitForIndex('other')).rejects.toMatchObject({ reason: 'IndexNotFound' });
    const signal = AbortSignal.abort();
    await expect(docs.waitForIndex('', { signal })).rejects.toMatchObject({ reason: 'Cancelled' });
  });

  it('leave a released collection released', async () => {
    const docs = await (await memory()).collection('c', { schema: plain });
    await docs.indexes.create('vector', { name: 'v', type: 'FLAT' });
    await docs.release();
    await docs.indexes.alter('v', { warmup: 'sync' });
    await docs.indexes.drop('v');
    expect(await docs.describe()).toMatchObject({ loaded: false, indexes: [] });
  });

  it('load a collection again when a change is refused', async () => {
    const docs = await (await memory()).collection('c', { schema: plain });
    await docs.indexes.create('vector');
    await expect(docs.indexes.alter('vector', { M: '8' })).rejects.toMatchObject({ code: 1100 });
    expect((await docs.describe()).loaded).toBe(true);
  });

  it('are chosen by the engine when nothing is said', async () => {
    const docs = await (await memory()).collection('c', { schema: plain });
    await docs.indexes.create('vector');
    const params = { index_type: 'AUTOINDEX', metric_type: 'L2' };
    expect(await docs.indexes.describe('vector')).toMatchObject({ params, builtAs: 'HNSW' });
  });
});

describe('an index that stands for another', () => {
  it('is described by the name it was asked for by, and by what it is built as', async () => {
    const db = await memory();
    const types = ['AISAQ', 'GPU_BRUTE_FORCE', 'GPU_IVF_FLAT', 'GPU_IVF_PQ', 'GPU_CAGRA'] as const;
    const found: Record<string, string> = {};
    for (const type of types) {
      const vector = f.floatVector(8, { metric: 'L2' });
      const docs = await db.collection(type, { schema: { id: plain.id, vector } });
      // Programs without types, and servers, may ask for what the typed options leave out.
      await docs.indexes.create('vector', { type } as never);
      const { indexType, builtAs, params } = await docs.indexes.describe('vector');
      expect([indexType, params['index_type']]).toEqual([type, type]);
      found[type] = builtAs;
      await docs.insert([{ id: 1, vector: [1, 2, 3, 4, 5, 6, 7, 8] }]);
      const [hit] = await docs.search({ data: [1, 2, 3, 4, 5, 6, 7, 8], limit: 1 });
      expect(hit?.score).toBe(0);
    }
    expect(found).toEqual({
      AISAQ: 'DISKANN',
      GPU_BRUTE_FORCE: 'FLAT',
      GPU_IVF_FLAT: 'IVF_FLAT',
      GPU_IVF_PQ: 'IVF_PQ',
      GPU_CAGRA: 'HNSW',
    });
  });

  it('has a graph where it stands for one', async () => {
    const db = await MilvusLite.open(temporaryDirectory());
    onTestFinished(() => db.close());
    const docs = await db.collection('c', { schema: plain });
    await docs.indexes.create('vector', { type: 'GPU_CAGRA' } as never);
    await docs.insert(vectors(1100));
    await docs.flush();
    await expect
      .poll(async () => await docs.indexes.describe('vector'), { timeout: 20_000 })
      .toMatchObject({ state: 'Finished', builtAs: 'HNSW', indexedRows: 1100 });
    const [hit] = await docs.search({ data: [700, 1], limit: 1 });
    expect(hit).toMatchObject({ id: 700n, score: 0 });
  });
});

describe('the index of a field', () => {
  it('comes with the collection, and its metric is the field’s', async () => {
    const docs = await (await memory()).collection('c', { schema: indexed });
    await docs.insert(vectors(3));
    expect(await docs.indexes.describe('vector')).toMatchObject({
      indexType: 'HNSW',
      metric: 'IP',
    });
    const hits = await docs.search({ data: [1, 0], limit: 2, searchParams: { ef: 20 } });
    expect(hits.map(({ id, score }) => [id, score])).toEqual([
      [2n, 2],
      [1n, 1],
    ]);
    await expect(
      docs.search({ data: [1, 0], limit: 2, searchParams: { ef: 1 } }),
    ).rejects.toMatchObject({
      code: 1100,
      message: 'ef(1) should be larger than k(2): invalid parameter',
    });
    await docs.indexes.drop('vector');
    expect((await docs.search({ data: [1, 0], limit: 1 }))[0]?.score).toBe(2);
  });

  it('may be in a struct, and have a metric that no field has', async () => {
    const db = await memory();
    const schema = {
      id: f.int64({ primary: true }),
      bits: f.binaryVector(8, { index: { type: 'BIN_FLAT', metric: 'SUBSTRUCTURE' } }),
      parts: f.struct(
        { vector: f.floatVector(2, { index: { type: 'IVF_FLAT', nlist: 4 } }) },
        { maxCapacity: 4 },
      ),
    };
    const docs = await db.collection('c', { schema });
    const found = (await docs.indexes.list()).map(({ name, metric }) => [name, metric]);
    expect(found).toEqual([
      ['bits', 'SUBSTRUCTURE'],
      ['parts[vector]', 'COSINE'],
    ]);
    await db.collection('c', { schema });
  });

  it('is refused with its collection', async () => {
    const db = await memory();
    const vector = f.floatVector(2, { index: { type: 'HNSW', M: 1 } });
    await expect(
      db.collection('c', { schema: { id: f.int64({ primary: true }), vector } }),
    ).rejects.toMatchObject({ message: expect.stringContaining("param 'M' (1)") as string });
    expect(await db.hasCollection('c')).toBe(false);
    expect(() => f.floatVector(2, { metric: 'L2', index: { metric: 'IP' } })).toThrow(
      'metric type not match: invalid parameter[expected=L2][actual=IP]',
    );
  });

  it('is created when the collection is there without it, and is not changed', async () => {
    const db = await memory();
    const docs = await db.collection('c', {
      schema: { id: plain.id, vector: f.floatVector(2, { metric: 'IP' }) },
    });
    await db.collection('c', { schema: indexed });
    expect(await docs.indexes.describe('vector')).toMatchObject({ indexType: 'HNSW' });
    const other = f.floatVector(2, { index: { type: 'FLAT', metric: 'IP' } });
    await expect(
      db.collection('c', { schema: { ...indexed, vector: other } }),
    ).rejects.toMatchObject({
      message: 'at most one distinct index is allowed per field: invalid parameter',
    });
  });

  it('is known again in a database that is read only', async () => {
    const path = temporaryDirectory();
    const schema = { id: plain.id, vector: f.floatVector(2, { index: { type: 'HNSW' } }) };
    const writer = await MilvusLite.open(path);
    await writer.collection('c', { schema });
    await writer.close();
    const reader = await MilvusLite.open(path, { readOnly: true });
    onTestFinished(() => reader.close());
    const docs = await reader.collection('c', { schema });
    expect(await docs.indexes.list()).toMatchObject([{ name: 'vector', metric: 'COSINE' }]);
  });

  it('comes with a field that is added', async () => {
    const db = await memory();
    const docs = await db.collection('c', { schema: plain });
    const index = { type: 'IVF_FLAT', nlist: 4 } as const;
    await docs.addField('other', f.floatVector(2, { nullable: true, index }));
    expect((await docs.indexes.list()).map(({ name }) => name)).toEqual(['other']);
  });
});
