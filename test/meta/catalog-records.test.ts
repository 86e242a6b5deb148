import { expect, it } from 'vitest';
import {
  type CatalogItem,
  collectionNameKey,
  decodeItem,
  encodeItem,
  itemKey,
  ownProperties,
} from '../../src/meta/catalog-records.ts';
import { decodeRecord, encodeRecord } from '../../src/meta/record.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { schema } from './catalog-world.ts';

const fields = [
  { name: 'id', type: DataType.Int64, isPrimaryKey: true },
  { name: 'vector', type: DataType.FloatVector, dim: 4 },
  { name: 'count', type: DataType.Int64, defaultValue: 2n ** 60n },
];
const createdTimestamp = 2n ** 59n;
const ITEMS: readonly CatalogItem[] = [
  {
    kind: 'database',
    record: { id: 7, name: 'docs', properties: { a: 'b', __proto__x: '' }, createdTimestamp },
  },
  {
    kind: 'collection',
    record: {
      id: 8,
      databaseId: 7,
      schema: schema('books', { fields, description: 'ü' }),
      shardIds: [9, 10],
      properties: {},
      consistencyLevel: 'Session',
      createdTimestamp,
      updatedTimestamp: createdTimestamp + 1n,
      truncatedTimestamp: 0n,
      state: 'created',
    },
  },
  { kind: 'partition', record: { id: 11, collectionId: 8, name: '_default', createdTimestamp } },
  { kind: 'alias', record: { databaseId: 7, alias: 'current', collectionId: 8, createdTimestamp } },
  {
    kind: 'index',
    record: {
      id: 12,
      collectionId: 8,
      name: 'i',
      fieldId: 101,
      params: { m: '8' },
      createdTimestamp,
    },
  },
  {
    kind: 'load',
    record: {
      collectionId: 8,
      kind: 'partitions',
      partitionIds: [11],
      replicaCount: 1,
      loadFields: ['id'],
      resourceGroups: [],
    },
  },
];

const entryOf = (item: CatalogItem, key = itemKey(item)) => ({
  key,
  value: encodeItem(item),
  revision: 1,
});

it('reads every kind of record back under its own key', () => {
  expect(new Set(ITEMS.map(itemKey)).size).toBe(ITEMS.length);
  for (const item of ITEMS) expect(decodeItem(entryOf(item))).toEqual(item);
});

it('gives records that nobody can change', () => {
  for (const item of ITEMS) {
    const decoded = decodeItem(entryOf(item));
    expect(Object.isFrozen(decoded?.record)).toBe(true);
    if (decoded?.kind !== 'collection') continue;
    expect(Object.isFrozen(decoded.record.schema.fields[0]?.params)).toBe(true);
  }
});

it('leaves keys alone that are of something else', () => {
  for (const key of ['/c/id', '/c/version', '/c/cluster', '/c/name/1/a', '/m/1/2']) {
    expect(decodeItem({ key, value: new Uint8Array(0), revision: 1 })).toBeNull();
  }
});

it('refuses a record that is whole and stands under the key of another', () => {
  for (const item of ITEMS) {
    const key = itemKey(item);
    const other = `${key.slice(0, -1)}${key.endsWith('t') ? 'u' : '0'}`;
    const value = encodeRecord(other, decodeRecord(key, encodeItem(item)));
    expect(() => decodeItem({ key: other, value, revision: 1 }), other).toThrow(
      `a record of something else: data integrity check failed[key=${other}]`,
    );
  }
});

it('refuses a record whose schema is none, by its key', () => {
  const [, collection] = ITEMS;
  if (collection === undefined) throw new Error('there is a collection');
  const key = itemKey(collection);
  const value = encodeRecord(key, { ...collection.record, schema: '{}' });
  expect(() => decodeItem({ key, value, revision: 1 })).toThrow(/data integrity.*\[key=\/c\/coll/);
});

it('has a name only while it is not dropped', () => {
  const [, item] = ITEMS;
  if (item?.kind !== 'collection') throw new Error('the second is a collection');
  expect(collectionNameKey(item.record)).toBe('/c/name/7/books');
  expect(collectionNameKey({ ...item.record, state: 'dropped' })).toBeNull();
});

it('keeps its own copy of properties', () => {
  const given: Record<string, string> = { a: '1' };
  const own = ownProperties(given);
  given['a'] = '2';
  expect(own).toEqual({ a: '1' });
  expect(Object.isFrozen(own)).toBe(true);
});
