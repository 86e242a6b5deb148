/**
 * What snapshots of collections do to a catalog. A snapshot is a record: what the collection was, and the
 * manifests that say which segments it had; as long as it is there, nothing that they refer to is removed.
 * Source: Milvus `internal/proxy/task_snapshot.go`, `internal/datacoord/services.go`, `snapshot_meta.go`.
 */
import { invalidParameter, milvusError } from '../base/errors.ts';
import {
  DESCRIPTION_BYTES_MAX,
  SNAPSHOT_COUNT_MAX,
  SNAPSHOT_PIN_COUNT_MAX,
  SNAPSHOT_PIN_SECONDS_MAX,
  SNAPSHOT_PROTECTION_SECONDS_MAX,
} from '../base/limits.ts';
import { validateCollectionName, validateSnapshotName } from '../schema/names.ts';
import { aliasConflict } from './alias-changes.ts';
import type { CollectionEntry } from './catalog-draft.ts';
import type { CatalogItem, CollectionRecord, SnapshotRecord } from './catalog-records.ts';
import type { CatalogChange, CatalogSnapshot, ChangeContext } from './catalog-snapshot.ts';
import { assertRoom, type CollectionRef } from './collection-changes.ts';
import type { ManifestPointer, ManifestReference } from './manifest-pointer.ts';

export interface SnapshotRef extends CollectionRef {
  readonly snapshotName: string;
}

export interface CreateSnapshotRequest extends SnapshotRef {
  readonly collectionId: number;
  readonly description: string;
  /** The moment whose rows it holds. */
  readonly timestamp: bigint;
  readonly nowMs: number;
  /** Seconds for which its segments are not compacted. */
  readonly protectionSeconds: number;
  /** By shard; null: the shard had no segment yet. */
  readonly manifests: readonly (ManifestReference | null)[];
}

/** Before anything is flushed for it. @throws MilvusError ParameterInvalid */
export function checkNewSnapshot(
  snapshot: CatalogSnapshot,
  request: SnapshotRef & { readonly description: string; readonly protectionSeconds: number },
): CollectionEntry {
  const { snapshotName, description, protectionSeconds } = request;
  validateSnapshotName(snapshotName);
  if (!Number.isSafeInteger(protectionSeconds) || protectionSeconds < 0) {
    throw invalidParameter('compaction_protection_seconds must be non-negative');
  }
  if (protectionSeconds > SNAPSHOT_PROTECTION_SECONDS_MAX) {
    throw invalidParameter(
      `compaction_protection_seconds must not exceed ${SNAPSHOT_PROTECTION_SECONDS_MAX}`,
    );
  }
  if (Buffer.byteLength(description) > DESCRIPTION_BYTES_MAX) {
    throw invalidParameter(`a description has at most ${DESCRIPTION_BYTES_MAX} bytes`);
  }
  const collection = snapshot.collection(request.databaseName, request.collectionName);
  const { record, snapshots } = collection;
  if (snapshots.some(({ name }) => name === snapshotName.trim())) {
    throw invalidParameter(
      `snapshot name ${snapshotName} already exists in collection ${record.id}`,
    );
  }
  if (snapshots.length >= SNAPSHOT_COUNT_MAX) {
    throw invalidParameter(`a collection has at most ${SNAPSHOT_COUNT_MAX} snapshots`);
  }
  return collection;
}

export function createSnapshot(
  snapshot: CatalogSnapshot,
  request: CreateSnapshotRequest,
  context: ChangeContext,
): CatalogChange {
  const { record, partitions, indexes } = checkNewSnapshot(snapshot, request);
  const { collectionId, collectionName, databaseName, nowMs, protectionSeconds } = request;
  if (record.id !== collectionId) {
    throw milvusError('CollectionNotFound', {
      fields: { database: databaseName, collection: collectionName },
    });
  }
  const taken: SnapshotRecord = Object.freeze({
    id: context.takeId(),
    collectionId,
    name: request.snapshotName.trim(),
    description: request.description,
    timestamp: request.timestamp,
    createdMs: nowMs,
    schema: record.schema,
    properties: record.properties,
    consistencyLevel: record.consistencyLevel,
    truncatedTimestamp: record.truncatedTimestamp,
    partitions: Object.freeze([...partitions.values()].map(({ id, name }) => ({ id, name }))),
    indexes: Object.freeze(
      indexes.map(({ id, name, fieldId, params }) => ({ id, name, fieldId, params })),
    ),
    manifests: Object.freeze([...request.manifests]),
    protectedUntilMs: protectionSeconds === 0 ? 0 : nowMs + protectionSeconds * 1000,
    pins: Object.freeze([]),
  });
  return { puts: [{ kind: 'snapshot', record: taken }], removes: [] };
}

/** Null: there is none of that name, which is no error. @throws MilvusError SnapshotPinned */
export function dropSnapshot(
  snapshot: CatalogSnapshot,
  request: SnapshotRef & { readonly nowMs: number; readonly isInUse: (id: number) => boolean },
): CatalogChange | null {
  validateSnapshotName(request.snapshotName);
  const found = findSnapshot(snapshot, request);
  if (found === null) return null;
  if (activePins(found, request.nowMs).length > 0 || request.isInUse(found.id)) {
    throw milvusError('SnapshotPinned', {
      message: 'active pins exist, unpin before dropping',
      fields: { snapshot: found.name },
    });
  }
  return { puts: [], removes: [{ kind: 'snapshot', record: found }] };
}

/** Keeps a snapshot from being dropped; the pin is the new one of the record. */
export function pinSnapshot(
  snapshot: CatalogSnapshot,
  request: SnapshotRef & { readonly ttlSeconds: number; readonly nowMs: number },
  context: ChangeContext,
): CatalogChange {
  const { ttlSeconds, nowMs, snapshotName } = request;
  validateSnapshotName(snapshotName);
  if (!Number.isSafeInteger(ttlSeconds) || ttlSeconds < 0) {
    throw invalidParameter('ttl_seconds must be non-negative');
  }
  if (ttlSeconds > SNAPSHOT_PIN_SECONDS_MAX) {
    throw invalidParameter(`ttl_seconds exceeds maximum of ${SNAPSHOT_PIN_SECONDS_MAX} (30 days)`);
  }
  const found = snapshotNamed(snapshot, request);
  const pins = activePins(found, nowMs);
  if (pins.length >= SNAPSHOT_PIN_COUNT_MAX) {
    throw invalidParameter(`a snapshot has at most ${SNAPSHOT_PIN_COUNT_MAX} pins`);
  }
  const untilMs = ttlSeconds === 0 ? 0 : nowMs + ttlSeconds * 1000;
  return withPins(found, [...pins, { id: context.takeId(), untilMs }]);
}

/** Null: there is no such pin any more, which is no error. */
export function unpinSnapshot(
  snapshot: CatalogSnapshot,
  request: { readonly pinId: number },
): CatalogChange | null {
  const found = snapshot
    .allSnapshots()
    .find(({ pins }) => pins.some(({ id }) => id === request.pinId));
  if (found === undefined) return null;
  return withPins(
    found,
    found.pins.filter(({ id }) => id !== request.pinId),
  );
}

function withPins(record: SnapshotRecord, pins: SnapshotRecord['pins']): CatalogChange {
  const next: SnapshotRecord = Object.freeze({ ...record, pins: Object.freeze([...pins]) });
  return { puts: [{ kind: 'snapshot', record: next }], removes: [] };
}

function activePins({ pins }: SnapshotRecord, nowMs: number): SnapshotRecord['pins'] {
  return pins.filter(({ untilMs }) => untilMs === 0 || untilMs > nowMs);
}

export interface RestoreRequest {
  /** Of the new collection. */
  readonly databaseName: string;
  readonly collectionName: string;
  readonly source: SnapshotRecord;
  readonly ids: RestoredIds;
  /** First manifests of the new collection's shards that have one. */
  readonly pointers: readonly ManifestPointer[];
}

/** Ids of the new collection and of what belongs to it. */
export interface RestoredIds {
  readonly collectionId: number;
  readonly shardIds: readonly number[];
  /** By the ids that partitions and indexes had. */
  readonly partitionIds: ReadonlyMap<number, number>;
  readonly indexIds: ReadonlyMap<number, number>;
}

/** Whether a collection of that name may come into being. @throws MilvusError */
export function checkRestore(
  snapshot: CatalogSnapshot,
  { databaseName, collectionName, source }: Omit<RestoreRequest, 'ids' | 'pointers'>,
): void {
  validateCollectionName(collectionName);
  const database = snapshot.database(databaseName);
  if (database.aliases.has(collectionName)) {
    throw aliasConflict(databaseName, collectionName, 'please choose a unique name');
  }
  if (database.collectionIds.has(collectionName)) {
    throw invalidParameter(
      `create duplicate collection with different parameters, collection: ${collectionName}`,
    );
  }
  assertRoom(snapshot, database, source.manifests.length * source.partitions.length);
}

/** The new collection and the pointers to its manifests come into being in one step. */
export function restoreCollection(
  snapshot: CatalogSnapshot,
  request: RestoreRequest,
  { timestamp }: ChangeContext,
): CatalogChange {
  checkRestore(snapshot, request);
  const { source, ids, collectionName, pointers } = request;
  const { collectionId, partitionIds, indexIds } = ids;
  const record: CollectionRecord = Object.freeze({
    id: collectionId,
    databaseId: snapshot.database(request.databaseName).record.id,
    schema: Object.freeze({ ...source.schema, name: collectionName }),
    shardIds: Object.freeze([...ids.shardIds]),
    properties: source.properties,
    consistencyLevel: source.consistencyLevel,
    createdTimestamp: timestamp,
    updatedTimestamp: timestamp,
    truncatedTimestamp: source.truncatedTimestamp,
    state: 'created',
  });
  const partitions = source.partitions.map(({ id, name }): CatalogItem => {
    const own = { id: partitionIds.get(id) ?? 0, collectionId, name, createdTimestamp: timestamp };
    return { kind: 'partition', record: Object.freeze(own) };
  });
  const indexes = source.indexes.map(({ id, name, fieldId, params }): CatalogItem => {
    const own = { id: indexIds.get(id) ?? 0, collectionId, name, fieldId, params };
    return { kind: 'index', record: Object.freeze({ ...own, createdTimestamp: timestamp }) };
  });
  const puts: CatalogItem[] = [{ kind: 'collection', record }, ...partitions, ...indexes];
  return { puts, removes: [], pointers };
}

/** By its trimmed name. @throws MilvusError CollectionNotFound */
export function findSnapshot(
  snapshot: CatalogSnapshot,
  { databaseName, collectionName, snapshotName }: SnapshotRef,
): SnapshotRecord | null {
  const { snapshots } = snapshot.collection(databaseName, collectionName);
  return snapshots.find(({ name }) => name === snapshotName.trim()) ?? null;
}

/** @throws MilvusError CollectionNotFound, SnapshotNotFound */
export function snapshotNamed(snapshot: CatalogSnapshot, request: SnapshotRef): SnapshotRecord {
  validateSnapshotName(request.snapshotName);
  const found = findSnapshot(snapshot, request);
  if (found !== null) return found;
  throw milvusError('SnapshotNotFound', { fields: { snapshot: request.snapshotName } });
}
