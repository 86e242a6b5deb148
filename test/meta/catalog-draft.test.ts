import { expect, it } from 'vitest';
import { CatalogDraft, EMPTY_MAPS } from '../../src/meta/catalog-draft.ts';
import type { CatalogItem } from '../../src/meta/catalog-records.ts';
import { schema } from './catalog-world.ts';

const createdTimestamp = 1n;
const database = (id: number, name: string): CatalogItem => ({
  kind: 'database',
  record: { id, name, properties: {}, createdTimestamp },
});
const books = (id: number, changes: object = {}): CatalogItem => ({
  kind: 'collection',
  record: {
    id,
    databaseId: 1,
    schema: schema('books'),
    shardIds: [id + 1],
    properties: {},
    consistencyLevel: 'Bounded',
    createdTimestamp,
    updatedTimestamp: createdTimestamp,
    truncatedTimestamp: 0n,
    state: 'created',
    ...changes,
  },
});
const partition = (id: number, collectionId: number, name: string): CatalogItem => ({
  kind: 'partition',
  record: { id, collectionId, name, createdTimestamp },
});

it('leaves the maps that it began with as they were', () => {
  const first = new CatalogDraft(EMPTY_MAPS);
  first.put(database(1, 'default'));
  first.put(books(10));
  first.put(partition(11, 10, 'a'));
  const before = first.finish();
  const second = new CatalogDraft(before);
  second.put(partition(12, 10, 'b'));
  second.remove(partition(11, 10, 'a'));
  second.put(books(10, { schema: schema('texts') }));
  second.put(database(2, 'docs'));
  const after = second.finish();
  expect([...(before.collections.get(10)?.partitions.keys() ?? [])]).toEqual(['a']);
  expect([...(after.collections.get(10)?.partitions.keys() ?? [])]).toEqual(['b']);
  expect([...(before.databases.get(1)?.collectionIds.keys() ?? [])]).toEqual(['books']);
  expect([...(after.databases.get(1)?.collectionIds.keys() ?? [])]).toEqual(['texts']);
  expect([before.databaseIds.size, after.databaseIds.size]).toEqual([1, 2]);
  expect(EMPTY_MAPS.collections.size).toBe(0);
});

it('shares what it does not touch', () => {
  const first = new CatalogDraft(EMPTY_MAPS);
  first.put(database(1, 'default'));
  first.put(books(10));
  first.put(books(20, { schema: schema('texts') }));
  const before = first.finish();
  const second = new CatalogDraft(before);
  second.put(partition(11, 10, 'a'));
  const after = second.finish();
  expect(after.collections.get(20)).toBe(before.collections.get(20));
  expect(after.collections.get(10)).not.toBe(before.collections.get(10));
  expect(after.databases.get(1)).toBe(before.databases.get(1));
});

it('keeps the name of a new collection when an old one of that name goes', () => {
  const draft = new CatalogDraft(EMPTY_MAPS);
  draft.put(database(1, 'default'));
  draft.put(books(10));
  draft.put(books(10, { state: 'dropped' }));
  draft.put(books(20));
  draft.remove(books(10, { state: 'dropped' }));
  const maps = draft.finish();
  expect(maps.databases.get(1)?.collectionIds.get('books')).toBe(20);
  expect([...maps.collections.keys()]).toEqual([20]);
});

it('refuses what belongs to something that is not there, and a name that is taken', () => {
  const draft = new CatalogDraft(EMPTY_MAPS);
  expect(() => draft.put(books(10))).toThrow('it belongs to database 1, which is not there');
  expect(() => draft.put(partition(11, 99, 'a'))).toThrow(
    'metadata: it belongs to collection 99, which is not there: data integrity check failed[key=/c/part/99/11]',
  );
  draft.put(database(1, 'default'));
  draft.put(books(10));
  expect(() => draft.put(books(20))).toThrow('the name books is taken');
});
