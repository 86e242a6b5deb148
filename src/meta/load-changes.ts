/**
 * What loading and releasing do to a catalog. A collection is loaded as a whole (partitions created
 * later with it) or by partitions; when the last partition is released, it is not loaded any more.
 */
import { invalidParameter } from '../base/errors.ts';
import { partitionKeyField } from '../schema/fields.ts';
import type { CollectionEntry } from './catalog-draft.ts';
import type { LoadRecord } from './catalog-records.ts';
import { type CatalogChange, type CatalogSnapshot, partitionOf } from './catalog-snapshot.ts';
import type { CollectionRef } from './collection-changes.ts';
import { sameRecord } from './record.ts';

export interface LoadRequest extends CollectionRef {
  /** Default 1. */
  readonly replicaCount?: number;
  /** Default: all. */
  readonly loadFields?: readonly string[];
  readonly resourceGroups?: readonly string[];
}

export interface PartitionsRef extends CollectionRef {
  readonly partitionNames: readonly string[];
}

/** Null: it is loaded just so. */
export function loadCollection(
  snapshot: CatalogSnapshot,
  request: LoadRequest,
): CatalogChange | null {
  const collection = snapshot.collection(request.databaseName, request.collectionName);
  const partitionIds = [...collection.partitions.values()].map(({ id }) => id);
  return load(collection, request, { kind: 'collection', partitionIds });
}

/** Null: they are loaded already. */
export function loadPartitions(
  snapshot: CatalogSnapshot,
  request: LoadRequest & PartitionsRef,
): CatalogChange | null {
  const collection = snapshot.collection(request.databaseName, request.collectionName);
  refuseKeyed(collection, 'load');
  const wanted = partitionIdsOf(collection, request.partitionNames);
  const loaded = collection.load?.partitionIds ?? [];
  const partitionIds = [...new Set([...loaded, ...wanted])];
  return load(collection, request, { kind: collection.load?.kind ?? 'partitions', partitionIds });
}

/** Null: it was not loaded. */
export function releaseCollection(
  snapshot: CatalogSnapshot,
  request: CollectionRef,
): CatalogChange | null {
  const { load: record } = snapshot.collection(request.databaseName, request.collectionName);
  return record === null ? null : { puts: [], removes: [{ kind: 'load', record }] };
}

/** Null: they were not loaded. */
export function releasePartitions(
  snapshot: CatalogSnapshot,
  request: PartitionsRef,
): CatalogChange | null {
  const collection = snapshot.collection(request.databaseName, request.collectionName);
  refuseKeyed(collection, 'release');
  const released = partitionIdsOf(collection, request.partitionNames);
  const { load: record } = collection;
  if (record === null) return null;
  const partitionIds = record.partitionIds.filter((id) => !released.includes(id));
  if (partitionIds.length === record.partitionIds.length) return null;
  if (partitionIds.length === 0) return { puts: [], removes: [{ kind: 'load', record }] };
  return putLoad({ ...record, partitionIds });
}

/** Which rows are in which partition is nothing that users know then. */
function refuseKeyed({ record }: CollectionEntry, what: string): void {
  if (partitionKeyField(record.schema) === undefined) return;
  throw invalidParameter(`disable ${what} partitions if partition key mode is used`);
}

function partitionIdsOf(collection: CollectionEntry, names: readonly string[]): number[] {
  if (names.length === 0) {
    throw invalidParameter('', { expected: 'any partition', actual: 'empty partition list' });
  }
  return names.map((name) => partitionOf(collection, name).id);
}

function load(
  collection: CollectionEntry,
  request: LoadRequest,
  target: Pick<LoadRecord, 'kind' | 'partitionIds'>,
): CatalogChange | null {
  const replicaCount = request.replicaCount ?? 1;
  if (!Number.isSafeInteger(replicaCount) || replicaCount < 1) {
    throw invalidParameter(`replica number should be a positive integer, but got ${replicaCount}`);
  }
  const record: LoadRecord = {
    ...target,
    collectionId: collection.record.id,
    replicaCount,
    loadFields: [...(request.loadFields ?? [])],
    resourceGroups: [...(request.resourceGroups ?? [])],
  };
  return sameRecord(record, collection.load) ? null : putLoad(record);
}

function putLoad(record: LoadRecord): CatalogChange {
  const { partitionIds, loadFields, resourceGroups } = record;
  const frozen = Object.freeze({
    ...record,
    partitionIds: Object.freeze([...partitionIds]),
    loadFields: Object.freeze([...loadFields]),
    resourceGroups: Object.freeze([...resourceGroups]),
  });
  return { puts: [{ kind: 'load', record: frozen }], removes: [] };
}
