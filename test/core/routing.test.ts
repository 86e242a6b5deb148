import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import type { CollectionInfo } from '../../src/core/ports.ts';
import { partitionNamed, readPartitions, routeKeys, routeRows } from '../../src/core/routing.ts';
import { buildSchema, firstPartitionNames } from '../../src/schema/definition.ts';
import { keyColumn, keysOf } from '../../src/schema/primary-key.ts';
import { rowsToBatch } from '../../src/schema/rows.ts';
import { keysOfColumn } from '../../src/segments/key-list.ts';
import type { KeyList } from '../../src/segments/segment.ts';

function collectionOf(
  shardCount: number,
  options: { partitionKey?: boolean } = {},
): CollectionInfo {
  const schema = buildSchema({
    name: 'docs',
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      {
        name: 'tag',
        type: 'VarChar',
        maxLength: 20,
        isPartitionKey: options.partitionKey === true,
      },
      { name: 'vector', type: 'FloatVector', dim: 2 },
    ],
  });
  return {
    id: 1,
    databaseId: 1,
    databaseName: 'default',
    name: 'docs',
    aliases: [],
    schema,
    shardIds: Array.from({ length: shardCount }, (_, i) => 10 + i),
    partitions: firstPartitionNames(schema, {}).map((name, i) => {
      return { id: 100 + i, name, loaded: true, createdTimestamp: 1n };
    }),
    indexes: [],
    properties: {},
    consistencyLevel: 'Bounded',
    loaded: true,
    createdTimestamp: 1n,
    updatedTimestamp: 1n,
    truncatedTimestamp: 0n,
  };
}

function batchOf(
  collection: CollectionInfo,
  ids: readonly bigint[],
): ReturnType<typeof rowsToBatch> {
  const rows = ids.map((id) => ({ id, tag: `t${id % 7n}`, vector: [1, 2] }));
  return rowsToBatch(collection.schema, rows);
}

function int64s(keys: KeyList): bigint[] {
  return keys.kind === 'int64' ? [...keys.values] : expect.unreachable('keys are int64');
}

const someIds = fc.uniqueArray(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), {
  minLength: 1,
  maxLength: 50,
});

describe('routing', () => {
  it('sends each row to one shard, in order, and its key to the same one', () => {
    fc.assert(
      fc.property(someIds, fc.integer({ min: 1, max: 16 }), fc.boolean(), (ids, shards, byKey) => {
        const collection = collectionOf(shards, { partitionKey: byKey });
        const [idField] = collection.schema.fields;
        const shardOfKey = new Map<bigint, number>();
        for (const { shardId, rows } of routeRows(
          collection,
          batchOf(collection, ids),
          undefined,
        )) {
          for (const { batch } of rows) {
            const keys = keysOf(must(batch.columns.get(idField!.id), 'keys'));
            expect(keys).toEqual(ids.filter((id) => keys.includes(id)));
            for (const key of keys) shardOfKey.set(key as bigint, shardId);
          }
        }
        expect(new Set(shardOfKey.keys())).toEqual(new Set(ids));
        const routed = routeKeys(collection, keysOfColumn(keyColumn(idField!, ids)));
        for (const { shardId, keys } of routed) {
          for (const key of int64s(keys)) expect(shardOfKey.get(key)).toBe(shardId);
        }
        expect(routed.flatMap(({ keys }) => int64s(keys)).length).toBe(ids.length);
      }),
    );
  });

  it('sends rows of one partition key value to one partition', () => {
    const collection = collectionOf(2, { partitionKey: true });
    const ids = Array.from({ length: 100 }, (_, i) => BigInt(i));
    const partitionsOfTag = new Map<bigint, Set<number>>();
    for (const { rows } of routeRows(collection, batchOf(collection, ids), undefined)) {
      for (const { partitionId, batch } of rows) {
        for (const key of keysOf(must(batch.columns.get(100), 'keys'))) {
          const tag = (key as bigint) % 7n;
          partitionsOfTag.set(tag, (partitionsOfTag.get(tag) ?? new Set()).add(partitionId));
        }
      }
    }
    expect([...partitionsOfTag.values()].map(({ size }) => size)).toEqual(Array(7).fill(1));
  });

  it('leaves rows together where there is one shard', () => {
    const collection = collectionOf(1);
    const batch = batchOf(collection, [1n, 2n]);
    expect(routeRows(collection, batch, undefined)).toEqual([
      { shardId: 10, rows: [{ partitionId: 100, batch }] },
    ]);
  });

  it('names the partition that is not there', () => {
    const collection = collectionOf(1);
    const batch = batchOf(collection, [1n]);
    expect(() => routeRows(collection, batch, 'none')).toThrow(
      'partition not found[partition=none]',
    );
    expect(() => partitionNamed(collection, 'none')).toThrow('partition not found[partition=none]');
    expect(() => readPartitions(collection, ['none'])).toThrow('partition name none not found');
    expect(readPartitions(collection, [])).toBeNull();
    expect(readPartitions(collection, ['_default'])).toEqual([100]);
  });

  it('takes no partition names where a key decides', () => {
    const collection = collectionOf(1, { partitionKey: true });
    const refused =
      'not support manually specifying the partition names if partition key mode is used';
    expect(() => routeRows(collection, batchOf(collection, [1n]), '_default_1')).toThrow(refused);
    expect(() => readPartitions(collection, ['_default_1'])).toThrow(refused);
  });
});
