import { describe, expect, it } from 'vitest';
import type { CollectionSchema } from '../../src/schema/collection-schema.ts';
import { buildSchema, type FieldDefinition } from '../../src/schema/definition.ts';
import {
  allowsInsertAutoId,
  alterCollectionProperties,
  alterDatabaseProperties,
  collectionProperties,
  databaseProperties,
  effectiveTimeZone,
  fieldParams,
  hasLargeTopK,
  isAutoCompacted,
  isKeptMapped,
  isPartitionKeyIsolated,
  maxCollections,
  partitionProperties,
  replicaNumber,
  schemaAsKept,
  ttlFieldName,
  ttlSeconds,
} from '../../src/schema/properties.ts';

function schemaWith(...more: FieldDefinition[]): CollectionSchema {
  return buildSchema({
    name: 'c',
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'v', type: 'FloatVector', dim: 2 },
      ...more,
    ],
  });
}
const MEMORY = { 'mmap.enabled': 'false' };
const plain = schemaWith();
const timed = schemaWith({ name: 'expires', type: 'Timestamptz', nullable: true });

describe('what is mapped', () => {
  const said = schemaWith({ name: 'w', type: 'FloatVector', dim: 2, params: MEMORY });
  const mapped = (schema: CollectionSchema) =>
    schema.fields.filter((field) => isKeptMapped(field)).map(({ name }) => name);

  it('is what a field says, else what the collection says', () => {
    expect(schemaAsKept(said, {})).toBe(said);
    expect(mapped(schemaAsKept(said, { 'mmap.enabled': 'true' }))).toEqual(['id', 'v']);
    expect(mapped(schemaAsKept(said, { 'mmap.enabled': 'false' }))).toEqual([]);
  });

  it('is a field whose index stays in its file, whatever is said', () => {
    const [v, w] = ['v', 'w'].map((name) => said.fields.find((one) => one.name === name)!.id);
    expect(mapped(schemaAsKept(said, {}, [w!]))).toEqual(['w']);
    expect(mapped(schemaAsKept(said, { 'mmap.enabled': 'false' }, [v!, w!]))).toEqual(['v', 'w']);
  });
});

describe('collection properties', () => {
  it('are kept as text, unknown ones too', () => {
    expect(
      collectionProperties(plain, {
        'collection.ttl.seconds': 60,
        'mmap.enabled': true,
        'my.own': 5n,
        'collection.insertRate.max.mb': '2.5',
        timezone: 'Asia/Shanghai',
        query_mode: 'large_topk',
        'warmup.vectorIndex': 'async',
        'collection.replica.number': 2,
        'collection.autocompaction.enabled': 'False',
      }),
    ).toEqual({
      'collection.ttl.seconds': '60',
      'mmap.enabled': 'true',
      'my.own': '5',
      'collection.insertRate.max.mb': '2.5',
      timezone: 'Asia/Shanghai',
      query_mode: 'large_topk',
      'warmup.vectorIndex': 'async',
      'collection.replica.number': '2',
      'collection.autocompaction.enabled': 'False',
    });
  });

  it.each([
    [
      { 'collection.ttl.seconds': -2 },
      'collection TTL is out of range, expect [-1, 3155760000], got -2: invalid parameter',
    ],
    [{ 'collection.ttl.seconds': 3155760001 }, 'got 3155760001'],
    [{ 'collection.ttl.seconds': 'soon' }, 'collection TTL is not a valid positive integer'],
    [{ ttl_field: 'nowhere' }, 'ttl field name nowhere not found in schema'],
    [{ ttl_field: 'id' }, 'ttl field must be timestamptz, field name = id'],
    [{ 'mmap.enabled': 'maybe' }, 'invalid mmap.enabled value: maybe, expected: true, false'],
    [{ timezone: 'Nowhere' }, 'unknown or invalid IANA Time Zone ID: Nowhere'],
    [{ query_mode: 'x' }, 'invalid query_mode value "x", valid values: [large_topk]'],
    [{ warmup: 'sync' }, "warmup key 'warmup' is only allowed at field level"],
    [
      { 'warmup.scalarField': 'now' },
      'invalid warmup value for key warmup.scalarField: invalid warmup policy: now',
    ],
    [
      { 'collection.replica.number': 0 },
      'invalid collection property: [key=collection.replica.number] [value=0]',
    ],
    [
      { 'collection.searchRate.max.vps': 'fast' },
      '[key=collection.searchRate.max.vps] [value=fast]',
    ],
    [{ 'collection.diskProtection.diskQuota.mb': -5 }, '[value=-5]'],
    [{ 'partitionkey.isolation': 'perhaps' }, '[key=partitionkey.isolation] [value=perhaps]'],
    [{ 'collection.resource_groups': 'a,,b' }, '[value=a,,b]'],
    [
      { allow_insert_auto_id: true },
      'the value for allow_insert_auto_id must be false when autoID is false',
    ],
  ])('%j are refused', (given, message) => {
    expect(() => collectionProperties(plain, given)).toThrow(message);
  });

  it('need a partition key for isolation (105)', () => {
    expect(() => collectionProperties(plain, { 'partitionkey.isolation': true })).toThrow(
      expect.objectContaining({
        code: 105,
        message: expect.stringContaining('illegal collection schema[collection=c]') as string,
      }) as Error,
    );
    const keyed = schemaWith({ name: 'k', type: 'Int64', isPartitionKey: true });
    expect(
      isPartitionKeyIsolated(collectionProperties(keyed, { 'partitionkey.isolation': true })),
    ).toBe(true);
  });

  it('have a TTL of seconds or of a field, not both', () => {
    const both = { 'collection.ttl.seconds': 5, ttl_field: 'expires' };
    expect(() => collectionProperties(timed, both)).toThrow(
      'collection TTL and ttl field cannot be set at the same time',
    );
    expect(ttlFieldName(collectionProperties(timed, { ttl_field: 'expires' }))).toBe('expires');
  });

  it('are bounded in number and type', () => {
    const many = Object.fromEntries(Array.from({ length: 257 }, (_, i) => [`k${i}`, 'v']));
    expect(() => collectionProperties(plain, many)).toThrow('at most 256 properties, but got 257');
    const odd = { k: {} as unknown as string };
    expect(() => collectionProperties(plain, odd)).toThrow(
      'the value of property k should be text',
    );
  });
});

describe('altered collection properties', () => {
  const alter = (
    current: Record<string, string>,
    changes: Parameters<typeof alterCollectionProperties>[2],
    schema = timed,
  ): ReturnType<typeof alterCollectionProperties> =>
    alterCollectionProperties(schema, current, changes);

  it('are set over the current ones, or removed', () => {
    expect(alter({ a: '1', b: '2' }, { set: { b: 3, c: true } }).properties).toEqual({
      a: '1',
      b: '3',
      c: 'true',
    });
    expect(alter({ a: '1', b: '2' }, { remove: ['b', 'x'] }).properties).toEqual({ a: '1' });
  });

  it('turn dynamicfield.enabled into a field, or take it away', () => {
    expect(alter({}, { set: { 'dynamicfield.enabled': 'True', a: 1 } })).toEqual({
      properties: { a: '1' },
      dynamicField: true,
    });
    const dynamic = buildSchema({
      name: 'c',
      fields: [
        { name: 'id', type: 'Int64', isPrimaryKey: true },
        { name: 'v', type: 'FloatVector', dim: 2 },
      ],
      enableDynamicField: true,
    });
    const off = alter({}, { set: { 'dynamicfield.enabled': false } }, dynamic);
    expect(off.dynamicField).toBe(false);
    expect(alter({}, { set: { a: 1 } }, dynamic).dynamicField).toBeNull();
    expect(() => alter({}, { remove: ['dynamicfield.enabled'] })).toThrow(
      'cannot delete key dynamicfield.enabled',
    );
    expect(() => alter({}, { set: { 'dynamicfield.enabled': 'x' } })).toThrow(
      'invalid dynamic schema property value: x',
    );
  });

  it('are refused when nothing changes, when both are asked, and when they contradict', () => {
    expect(() => alter({}, {})).toThrow('no properties or delete keys provided');
    expect(() => alter({}, { set: { a: 1 }, remove: ['b'] })).toThrow('at the same time');
    expect(() => alter({ ttl_field: 'expires' }, { set: { 'collection.ttl.seconds': 5 } })).toThrow(
      'ttl field is already exists, cannot be set collection TTL',
    );
    expect(() =>
      alter({ 'collection.ttl.seconds': '5' }, { set: { ttl_field: 'expires' } }),
    ).toThrow('collection TTL is already set, cannot be set ttl field');
    expect(() => alter({}, { set: { 'collection.ttl.seconds': 5, ttl_field: 'expires' } })).toThrow(
      'cannot be set at the same time',
    );
  });
});

describe('properties of the rest', () => {
  it('are checked for databases', () => {
    expect(
      databaseProperties({
        'database.max.collections': 5,
        'database.force.deny.ddl': true,
        timezone: 'UTC',
        x: 'y',
      }),
    ).toEqual({
      'database.max.collections': '5',
      'database.force.deny.ddl': 'true',
      timezone: 'UTC',
      x: 'y',
    });
    expect(() => databaseProperties({ 'database.replica.number': 'x' })).toThrow(
      'invalid database property: [key=database.replica.number] [value=x]',
    );
    expect(() => databaseProperties({ 'database.force.deny.reading': 'x' })).toThrow('[value=x]');
    expect(() => databaseProperties({ timezone: 'x' })).toThrow('IANA');
    expect(alterDatabaseProperties({ a: '1' }, { set: { timezone: 'UTC' } })).toEqual({
      a: '1',
      timezone: 'UTC',
    });
    expect(() => alterDatabaseProperties({}, {})).toThrow('no properties or delete keys provided');
  });

  it('are checked for partitions and fields', () => {
    expect(partitionProperties({ 'partition.diskProtection.diskQuota.mb': 5 })).toEqual({
      'partition.diskProtection.diskQuota.mb': '5',
    });
    expect(() => partitionProperties({ 'partition.diskProtection.diskQuota.mb': 'x' })).toThrow(
      'partition property',
    );
    expect(
      fieldParams('f', { 'mmap.enabled': true, warmup: 'sync', enable_analyzer: true }),
    ).toEqual({
      'mmap.enabled': 'true',
      warmup: 'sync',
      enable_analyzer: 'true',
    });
    expect(() => fieldParams('f', { warmup: 'now' })).toThrow(
      "invalid warmup policy for field f: invalid warmup policy: now, must be 'disable', 'sync' or 'async'",
    );
    expect(() => fieldParams('f', { 'field.skipLoad': 'x' })).toThrow('field property');
  });
});

describe('what properties mean', () => {
  it('has Milvus’s defaults', () => {
    expect(ttlSeconds({})).toBeNull();
    expect(ttlSeconds({ 'collection.ttl.seconds': '-1' })).toBeNull();
    expect(ttlSeconds({ 'collection.ttl.seconds': '0' })).toBeNull();
    expect(ttlSeconds({ 'collection.ttl.seconds': '60' })).toBe(60);
    expect(ttlFieldName({})).toBeNull();
    expect(isAutoCompacted({})).toBe(true);
    expect(isAutoCompacted({ 'collection.autocompaction.enabled': 'false' })).toBe(false);
    expect(allowsInsertAutoId({})).toBe(false);
    expect(allowsInsertAutoId({ allow_insert_auto_id: 'True' })).toBe(true);
    expect(isPartitionKeyIsolated({})).toBe(false);
    expect(hasLargeTopK({})).toBe(false);
    expect(hasLargeTopK({ query_mode: 'large_topk' })).toBe(true);
    expect(replicaNumber({})).toBe(1);
    expect(replicaNumber({ 'collection.replica.number': '3' })).toBe(3);
    expect(maxCollections({})).toBeNull();
    expect(maxCollections({ 'database.max.collections': '7' })).toBe(7);
  });

  it('takes the time zone of the request, the collection, the database, else UTC', () => {
    expect(effectiveTimeZone('Asia/Tokyo', { timezone: 'UTC' })).toBe('Asia/Tokyo');
    expect(effectiveTimeZone(undefined, {}, { timezone: 'Asia/Tokyo' })).toBe('Asia/Tokyo');
    expect(effectiveTimeZone('', { timezone: 'Asia/Seoul' }, { timezone: 'UTC' })).toBe(
      'Asia/Seoul',
    );
    expect(effectiveTimeZone(undefined)).toBe('UTC');
  });
});
