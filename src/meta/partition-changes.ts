/**
 * What the DDL of partitions does to a catalog.
 * Source: Milvus `internal/rootcoord/ddl_callbacks_{create,drop}_partition.go`, `internal/proxy/task.go`.
 */
import { invalidParameter } from '../base/errors.ts';
import { PARTITION_COUNT_MAX } from '../base/limits.ts';
import { DEFAULT_PARTITION_NAME } from '../schema/collection-schema.ts';
import { partitionKeyField } from '../schema/fields.ts';
import { validatePartitionName } from '../schema/names.ts';
import type { CatalogItem, PartitionRecord } from './catalog-records.ts';
import {
  type CatalogChange,
  type ChangeContext,
  type CatalogSnapshot,
  loadStateOf,
} from './catalog-snapshot.ts';
import { assertCapacity, type CollectionRef, tooManyPartitions } from './collection-changes.ts';

export interface PartitionRef extends CollectionRef {
  readonly partitionName: string;
}

/** Null: it is there already. */
export function createPartition(
  snapshot: CatalogSnapshot,
  request: PartitionRef,
  context: ChangeContext,
): CatalogChange | null {
  const name = request.partitionName.trim();
  validatePartitionName(name);
  const collection = snapshot.collection(request.databaseName, request.collectionName);
  const { record, partitions, load } = collection;
  if (partitionKeyField(collection.record.schema) !== undefined) {
    throw invalidParameter('disable create partition if partition key mode is used');
  }
  if (partitions.has(name)) return null;
  if (partitions.size >= PARTITION_COUNT_MAX) {
    throw tooManyPartitions(partitions.size, record.schema.name);
  }
  assertCapacity(snapshot, record.shardIds.length);
  const partition: PartitionRecord = Object.freeze({
    id: context.takeId(),
    collectionId: record.id,
    name,
    createdTimestamp: context.timestamp,
  });
  const puts: CatalogItem[] = [{ kind: 'partition', record: partition }];
  if (load?.kind === 'collection') {
    const partitionIds = Object.freeze([...load.partitionIds, partition.id]);
    puts.push({ kind: 'load', record: Object.freeze({ ...load, partitionIds }) });
  }
  return { puts, removes: [] };
}

/** Null: there is none of that name, which is no error. */
export function dropPartition(
  snapshot: CatalogSnapshot,
  request: PartitionRef,
): CatalogChange | null {
  const name = request.partitionName.trim();
  validatePartitionName(name);
  if (name === DEFAULT_PARTITION_NAME) {
    throw invalidParameter('default partition cannot be deleted');
  }
  const collection = snapshot.collection(request.databaseName, request.collectionName);
  if (partitionKeyField(collection.record.schema) !== undefined) {
    throw invalidParameter('disable drop partition if partition key mode is used');
  }
  const record = collection.partitions.get(name);
  if (record === undefined) return null;
  if (loadStateOf(collection, record.id) === 'loaded') {
    throw invalidParameter(
      'partition cannot be dropped, partition is loaded, please release it first',
    );
  }
  return { puts: [], removes: [{ kind: 'partition', record }] };
}
