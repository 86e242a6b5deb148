/**
 * New keys for rows of an auto id: an upsert gives them to every row that comes, as Milvus does. Those of a
 * partial upsert take the place of keys in the same shard, which completes the row and renames it in one step.
 */
import { assert, must } from '../base/assert.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import type { Column } from '../schema/column.ts';
import { takeRows } from '../schema/column-builder.ts';
import { columnRowCount } from '../schema/column-layout.ts';
import { DataType } from '../schema/data-type.ts';
import { shardOf } from '../schema/partition-hash.ts';
import { keyAt, keyColumn, type PrimaryKey } from '../schema/primary-key.ts';
import type { NewKeys, PartitionRows } from './ports.ts';
import { columnOfKeys } from './routing.ts';

/** Gives the first of so many ids in a row. */
export type AllocateIds = (count: number) => Promise<bigint>;

/** Ids that are asked for together until each shard has enough; more are hardly ever needed. */
const ROUNDS_MAX = 64;

export async function makeKeys(
  field: FieldSchema,
  count: number,
  allocate: AllocateIds,
): Promise<Column> {
  const first = await allocate(count);
  const ids: PrimaryKey[] = [];
  for (let i = 0n; i < BigInt(count); i++) {
    ids.push(field.type === DataType.VarChar ? String(first + i) : first + i);
  }
  return keyColumn(field, ids);
}

/** A new key for each of `old`, in the same shard. */
export async function makeKeysOfSameShards(
  { field, old, shardCount }: { field: FieldSchema; old: Column; shardCount: number },
  allocate: AllocateIds,
): Promise<Column> {
  const count = columnRowCount(old);
  if (shardCount === 1) return await makeKeys(field, count, allocate);
  const shards = shardOf(old, shardCount);
  const waiting = Array.from({ length: shardCount }, (): number[] => []);
  for (const [row, shard] of shards.entries()) waiting[shard]?.push(row);
  const chosen: PrimaryKey[] = [];
  let left = count;
  for (let round = 0; left > 0; round++) {
    assert(round < ROUNDS_MAX, 'ids are spread over the shards');
    const fresh = await makeKeys(field, left * shardCount, allocate);
    for (const [i, shard] of shardOf(fresh, shardCount).entries()) {
      const row = waiting[shard]?.pop();
      if (row === undefined) continue;
      chosen[row] = keyAt(fresh, i);
      left--;
    }
  }
  return keyColumn(field, chosen);
}

/** The same rows under their new keys. */
export function renamedRows(
  rows: readonly PartitionRows[],
  field: FieldSchema,
  newKeys: NewKeys,
): PartitionRows[] {
  const places = new Map<PrimaryKey, number>();
  const from = columnOfKeys(newKeys.from);
  const to = columnOfKeys(newKeys.to);
  for (let i = 0; i < columnRowCount(from); i++) places.set(keyAt(from, i), i);
  return rows.map(({ partitionId, batch }) => {
    const keys = must(batch.columns.get(field.id), 'every row has its key');
    const positions = Uint32Array.from({ length: batch.rowCount }, (_, row) =>
      must(places.get(keyAt(keys, row)), 'every key has its new one'),
    );
    const columns = new Map([...batch.columns, [field.id, takeRows(to, positions)]]);
    return { partitionId, batch: { rowCount: batch.rowCount, columns } };
  });
}
