/** Which partition and which shard a row belongs to: a function of its keys, the same for ever. */
import { must } from '../base/assert.ts';
import { invalidParameter, milvusError } from '../base/errors.ts';
import { DEFAULT_PARTITION_NAME } from '../schema/collection-schema.ts';
import type { Column, ColumnBatch } from '../schema/column.ts';
import { takeBatch } from '../schema/column-builder.ts';
import { DataType } from '../schema/data-type.ts';
import { partitionKeyField, primaryField } from '../schema/fields.ts';
import { keyColumn } from '../schema/primary-key.ts';
import { partitionOf, shardOf } from '../schema/partition-hash.ts';
import { keyCount, pickKeys } from '../segments/key-list.ts';
import type { KeyList } from '../segments/segment.ts';
import type { CollectionInfo, PartitionInfo, PartitionRows } from './ports.ts';

/** Rows of one shard, and where each stood in the request. */
export interface ShardRows {
  readonly shardId: number;
  readonly rows: PartitionRows[];
}

export interface ShardKeys {
  readonly shardId: number;
  readonly keys: KeyList;
}

/** @throws MilvusError PartitionNotFound, ParameterInvalid when a partition key decides instead of the user */
export function routeRows(
  collection: CollectionInfo,
  batch: ColumnBatch,
  partitionName: string | undefined,
): ShardRows[] {
  const partitions = partitionRows(collection, batch, partitionName);
  const { schema, shardIds } = collection;
  const [onlyShard] = shardIds;
  if (shardIds.length === 1 && onlyShard !== undefined) {
    return [{ shardId: onlyShard, rows: partitions }];
  }
  const routed = shardIds.map((shardId): ShardRows => ({ shardId, rows: [] }));
  for (const { partitionId, batch: rows } of partitions) {
    const keys = must(rows.columns.get(primaryField(schema).id), 'rows are routed by their key');
    const buckets = bucketRows(shardOf(keys, shardIds.length), shardIds.length);
    for (const [shard, chosen] of buckets.entries()) {
      if (chosen.length === 0) continue;
      routed[shard]?.rows.push({ partitionId, batch: takeBatch(rows, chosen) });
    }
  }
  return routed.filter(({ rows }) => rows.length > 0);
}

/** Splits rows by partition key, or gives them all to one partition. */
export function partitionRows(
  collection: CollectionInfo,
  batch: ColumnBatch,
  partitionName: string | undefined,
): PartitionRows[] {
  const field = partitionKeyField(collection.schema);
  if (field === undefined) {
    const { id } = partitionNamed(collection, partitionName ?? DEFAULT_PARTITION_NAME);
    return [{ partitionId: id, batch }];
  }
  refusePartitionNames(collection, partitionName === undefined ? [] : [partitionName]);
  const keys = batch.columns.get(field.id);
  // A partial upsert may leave the partition key out; the leader knows the row's, and routes again.
  if (keys === undefined) return [{ partitionId: partitionAt(collection, 0).id, batch }];
  const { partitions } = collection;
  const buckets = bucketRows(partitionOf(keys, partitions.length), partitions.length);
  return buckets.flatMap((chosen, index) => {
    if (chosen.length === 0) return [];
    const rows = chosen.length === batch.rowCount ? batch : takeBatch(batch, chosen);
    return [{ partitionId: partitionAt(collection, index).id, batch: rows }];
  });
}

/** Keys to delete, by the shard that has their rows. */
export function routeKeys(collection: CollectionInfo, keys: KeyList): ShardKeys[] {
  const { shardIds } = collection;
  const [onlyShard] = shardIds;
  if (shardIds.length === 1 && onlyShard !== undefined) return [{ shardId: onlyShard, keys }];
  const column = columnOfKeys(keys);
  const buckets = bucketRows(shardOf(column, shardIds.length), shardIds.length);
  return shardIds
    .map((shardId, index) => ({
      shardId,
      keys: pickKeys(keys, buckets[index] ?? new Uint32Array()),
    }))
    .filter((shard) => keyCount(shard.keys) > 0);
}

/** Keys as the column of a field. */
export function columnOfKeys(keys: KeyList): Column {
  if (keys.kind === 'int64') {
    return { kind: 'fixed', type: DataType.Int64, values: keys.values, validity: null };
  }
  const { offsets, bytes } = keys;
  return { kind: 'bytes', type: DataType.VarChar, offsets, bytes, validity: null };
}

/** @throws MilvusError PartitionNotFound */
export function partitionNamed(collection: CollectionInfo, name: string): PartitionInfo {
  const partition = collection.partitions.find((one) => one.name === name);
  if (partition === undefined)
    throw milvusError('PartitionNotFound', { fields: { partition: name } });
  return partition;
}

/** Ids of the partitions a read names; null: all. @throws MilvusError ParameterInvalid */
export function readPartitions(
  collection: CollectionInfo,
  names: readonly string[] | undefined,
): number[] | null {
  if (names === undefined || names.length === 0) return null;
  refusePartitionNames(collection, names);
  return names.map((name) => {
    const partition = collection.partitions.find((one) => one.name === name);
    if (partition === undefined) throw invalidParameter(`partition name ${name} not found`);
    return partition.id;
  });
}

/** Of the partitions of a read (null: all), those that can have rows with one of these partition keys. */
export function partitionsOfKeys(
  collection: CollectionInfo,
  keys: ReadonlySet<bigint | string>,
  partitionIds: readonly number[] | null,
): readonly number[] | null {
  const field = partitionKeyField(collection.schema);
  const { partitions } = collection;
  if (field === undefined) return partitionIds;
  const column = keyColumn(field, [...keys]);
  const wanted = new Set<number>();
  for (const index of partitionOf(column, partitions.length)) {
    wanted.add(partitionAt(collection, index).id);
  }
  const asked = partitionIds ?? partitions.map(({ id }) => id);
  return asked.filter((id) => wanted.has(id));
}

/** @throws MilvusError ParameterInvalid when a partition key decides instead of the user */
export function refusePartitionNames(collection: CollectionInfo, names: readonly string[]): void {
  if (names.length > 0 && partitionKeyField(collection.schema) !== undefined) {
    throw invalidParameter(
      'not support manually specifying the partition names if partition key mode is used',
    );
  }
}

/** Partitions of a partition key are named by their index: `_default_0`, `_default_1` … */
function partitionAt(collection: CollectionInfo, index: number): PartitionInfo {
  return partitionNamed(collection, `${DEFAULT_PARTITION_NAME}_${index}`);
}

function bucketRows(buckets: Uint16Array, bucketCount: number): Uint32Array[] {
  const counts = new Uint32Array(bucketCount);
  for (let row = 0; row < buckets.length; row++) counts[buckets[row]!]!++;
  const chosen = Array.from(counts, (count) => new Uint32Array(count));
  counts.fill(0);
  for (let row = 0; row < buckets.length; row++) {
    const bucket = buckets[row]!;
    chosen[bucket]![counts[bucket]!++] = row;
  }
  return chosen;
}

/** @throws MilvusError PartitionNotFound for rows of a partition that was dropped on their way */
export function requirePartitions(
  { partitions }: CollectionInfo,
  rows: readonly PartitionRows[],
): void {
  const living = new Set(partitions.map(({ id }) => id));
  for (const { partitionId } of rows) {
    if (!living.has(partitionId)) {
      throw milvusError('PartitionNotFound', { fields: { partition: partitionId } });
    }
  }
}
