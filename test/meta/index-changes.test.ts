import { describe, expect, it } from 'vitest';
import { indexesOf } from '../../src/meta/catalog-snapshot.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { collection, openCatalog, ref, refusal, schema } from './catalog-world.ts';

const HNSW = { index_type: 'HNSW', metric_type: 'COSINE' };
const index = (fieldName: string, indexName = '', params: Record<string, string> = HNSW) => ({
  ...ref('books'),
  fieldName,
  indexName,
  params,
});
const named = (indexName: string) => ({ ...ref('books'), indexName });

async function withBooks() {
  const catalog = await openCatalog();
  const fields = [
    { name: 'id', type: DataType.Int64, isPrimaryKey: true },
    { name: 'vector', type: DataType.FloatVector, dim: 4 },
    { name: 'notes', type: DataType.JSON },
  ];
  await catalog.createCollection(collection('books', { schema: schema('books', { fields }) }));
  const names = (): string[] =>
    catalog.snapshot.collection('', 'books').indexes.map(({ name }) => name);
  return { catalog, names };
}

describe('index definitions', () => {
  it('are created by field, with its name when they have none, described and dropped', async () => {
    const { catalog, names } = await withBooks();
    const entry = await catalog.createIndex(index('vector'));
    expect(indexesOf(entry, 'vector')).toMatchObject([
      { name: 'vector', fieldId: 101, params: HNSW, collectionId: entry.record.id },
    ]);
    await catalog.createIndex(index('id', 'by_id', { index_type: 'STL_SORT' }));
    expect(names()).toEqual(['vector', 'by_id']);
    expect(indexesOf(catalog.snapshot.collection('', 'books'), '')).toHaveLength(2);
    await catalog.dropIndex(named('vector'));
    await catalog.dropIndex(named('absent'));
    expect(names()).toEqual(['by_id']);
  });

  it('may be created again just so, and not otherwise', async () => {
    const { catalog } = await withBooks();
    await catalog.createIndex(index('vector', 'v'));
    const { version } = catalog.snapshot;
    await catalog.createIndex(index('vector', 'v'));
    expect(catalog.snapshot.version).toBe(version);
    const distinct = 'at most one distinct index is allowed per field: invalid parameter';
    const other = { ...HNSW, metric_type: 'L2' };
    expect(await refusal(catalog.createIndex(index('vector', 'v', other)))).toBe(distinct);
    expect(await refusal(catalog.createIndex(index('id', 'v')))).toBe(distinct);
    expect(await refusal(catalog.createIndex(index('vector', 'w')))).toBe(
      'CreateIndex failed: creating multiple indexes on same field is not supported: invalid parameter',
    );
    expect(await refusal(catalog.createIndex(index('absent')))).toBe(
      'cannot create index on non-exist field: absent: invalid parameter',
    );
  });

  it('are the same whatever keeps them, and whatever metric nobody asked for', async () => {
    const { catalog } = await withBooks();
    await catalog.createIndex(index('vector'));
    await catalog.alterIndex({ ...named('vector'), set: { 'mmap.enabled': 'true' } });
    const { version } = catalog.snapshot;
    await catalog.createIndex(index('vector'));
    await catalog.createIndex(index('vector', '', { ...HNSW, 'mmap.enabled': 'true' }));
    const byDefault = index('vector', '', { ...HNSW, metric_type: 'L2' });
    await catalog.createIndex({ ...byDefault, isMetricGiven: false });
    expect(catalog.snapshot.version).toBe(version);
    const distinct = 'at most one distinct index is allowed per field: invalid parameter';
    expect(await refusal(catalog.createIndex(byDefault))).toBe(distinct);
    const unmapped = index('vector', '', { ...HNSW, 'mmap.enabled': 'false' });
    expect(await refusal(catalog.createIndex(unmapped))).toBe(distinct);
  });

  it('may be several on a JSON field, one for each path', async () => {
    const { catalog, names } = await withBooks();
    const path = (json_path: string) => ({ index_type: 'INVERTED', json_path });
    await catalog.createIndex(index('notes', 'a', path('notes["a"]')));
    await catalog.createIndex(index('notes', 'b', path('notes["b"]')));
    expect(names()).toEqual(['a', 'b']);
    const again = catalog.createIndex(index('notes', 'c', path('notes["b"]')));
    expect(await refusal(again)).toContain('multiple indexes on same field');
  });

  it('are not found with Milvus’s words', async () => {
    const { catalog } = await withBooks();
    const entry = catalog.snapshot.collection('', 'books');
    expect(() => indexesOf(entry, '')).toThrow('index not found[collection=books]');
    expect(() => indexesOf(entry, 'i')).toThrow('index not found[indexName=i]');
  });

  it('of vectors stay while the collection is loaded', async () => {
    const { catalog, names } = await withBooks();
    const { record } = await catalog.createIndex(index('vector'));
    await catalog.createIndex(index('id', 'by_id', { index_type: 'STL_SORT' }));
    await catalog.loadCollection(ref('books'));
    expect(await refusal(catalog.dropIndex(named('vector')))).toBe(
      `vector index cannot be dropped on loaded collection: ${record.id}: invalid parameter`,
    );
    await catalog.dropIndex(named('by_id'));
    await catalog.releaseCollection(ref('books'));
    await catalog.dropIndex(named('vector'));
    expect(names()).toEqual([]);
  });

  it('are all dropped by no name only when that is said', async () => {
    const { catalog, names } = await withBooks();
    await catalog.createIndex(index('vector'));
    await catalog.createIndex(index('id', 'by_id', { index_type: 'STL_SORT' }));
    expect(await refusal(catalog.dropIndex(named('')))).toBe('index duplicates[indexName=]');
    await catalog.dropIndex({ ...named(''), all: true });
    expect(names()).toEqual([]);
  });

  it('have parameters that are set or removed while the collection is not loaded', async () => {
    const { catalog } = await withBooks();
    await catalog.createIndex(index('vector'));
    const params = () => catalog.snapshot.collection('', 'books').indexes[0]?.params;
    const set = { 'mmap.enabled': 'true' };
    await catalog.alterIndex({ ...named('vector'), set });
    expect(params()).toEqual({ ...HNSW, ...set });
    const { version } = catalog.snapshot;
    await catalog.alterIndex({ ...named('vector'), set });
    await catalog.alterIndex({ ...named('vector'), remove: ['absent'] });
    expect(catalog.snapshot.version).toBe(version);
    await catalog.alterIndex({ ...named('vector'), remove: ['mmap.enabled'] });
    expect(params()).toEqual(HNSW);
    const alter = (request: Parameters<typeof catalog.alterIndex>[0]) =>
      refusal(catalog.alterIndex(request));
    expect(await alter({ ...named('vector'), set, remove: ['a'] })).toContain(
      'cannot provide both DeleteKeys and ExtraParams',
    );
    expect(await alter({ ...named(''), set })).toContain('index name is empty');
    expect(await alter({ ...named('i'), set })).toBe('index not found[indexName=i]');
    await catalog.loadCollection(ref('books'));
    expect(await alter({ ...named('vector'), set })).toBe(
      "can't alter index on loaded collection, please release the collection first: " +
        'collection already loaded[collection=books]',
    );
  });

  it('go with their collection', async () => {
    const { catalog } = await withBooks();
    await catalog.createIndex(index('vector'));
    expect((await catalog.dropCollection(ref('books')))?.indexes).toEqual([]);
  });
});
