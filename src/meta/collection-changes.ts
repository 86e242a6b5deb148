/**
 * What the DDL of collections does to a catalog: from a snapshot and a request to a change, or a refusal.
 * Source: Milvus `internal/rootcoord/create_collection_task.go`, `drop_collection_task.go`,
 * `ddl_callbacks_alter_collection_*.go`, `meta_table.go`.
 */
import { assert } from '../base/assert.ts';
import { invalidParameter, type MilvusError, milvusError } from '../base/errors.ts';
import {
  COLLECTION_COUNT_MAX,
  GENERAL_CAPACITY_MAX,
  PARTITION_COUNT_MAX,
  SHARD_COUNT_MAX,
} from '../base/limits.ts';
import { enableDynamicField } from '../schema/alter-schema.ts';
import type { CollectionSchema, Properties } from '../schema/collection-schema.ts';
import { disableDynamicField } from '../schema/drop-field.ts';
import { firstPartitionNames } from '../schema/definition.ts';
import { validateCollectionName } from '../schema/names.ts';
import {
  alterCollectionProperties,
  collectionProperties,
  type GivenProperties,
  type PropertyChanges,
} from '../schema/properties.ts';
import {
  validateDescription,
  validatePartitionCount,
  validateShardCount,
} from '../schema/validate-schema.ts';
import { aliasConflict } from './alias-changes.ts';
import type { CollectionEntry, DatabaseEntry } from './catalog-draft.ts';
import {
  type CatalogItem,
  type CollectionRecord,
  CONSISTENCY_LEVEL_DEFAULT,
  type ConsistencyLevel,
  ownProperties,
  type PartitionRecord,
} from './catalog-records.ts';
import {
  type CatalogChange,
  type ChangeContext,
  type CatalogSnapshot,
  databaseNameOf,
} from './catalog-snapshot.ts';
import { sameRecord } from './record.ts';

const MAX_COLLECTIONS_PROPERTY = 'database.max.collections';

export interface CollectionRef {
  readonly databaseName: string;
  readonly collectionName: string;
}

export interface CreateCollectionRequest {
  readonly databaseName: string;
  /** Validated, with field ids; version 0. */
  readonly schema: CollectionSchema;
  /** Default 1. */
  readonly shardCount?: number;
  /** Only with a partition key. */
  readonly partitionCount?: number;
  readonly properties?: GivenProperties;
  /** Default Bounded. */
  readonly consistencyLevel?: ConsistencyLevel;
}

/** Ids that creating a collection takes at most: its own, and those of its shards and partitions. */
export const COLLECTION_IDS_MAX: number = 1 + SHARD_COUNT_MAX + PARTITION_COUNT_MAX;

/** Null: it is there already, just so. */
export function createCollection(
  snapshot: CatalogSnapshot,
  request: CreateCollectionRequest,
  context: ChangeContext,
): CatalogChange | null {
  const { databaseName, schema } = request;
  validateCollectionName(schema.name);
  const database = snapshot.database(databaseName);
  validateShardCount(request.shardCount);
  validatePartitionCount(schema, request.partitionCount);
  const shardCount = Math.max(1, request.shardCount ?? 1);
  const partitionNames = firstPartitionNames(schema, request);
  const draft = {
    schema,
    properties: ownProperties(collectionProperties(schema, request.properties)),
    consistencyLevel: request.consistencyLevel ?? CONSISTENCY_LEVEL_DEFAULT,
  };
  if (database.aliases.has(schema.name)) {
    throw aliasConflict(databaseName, schema.name, 'please choose a unique name');
  }
  const existing = snapshot.findCollectionByName(databaseName, schema.name);
  if (existing !== null) {
    if (isSame(existing, draft, { shardCount, partitionNames })) return null;
    throw invalidParameter(
      `create duplicate collection with different parameters, collection: ${schema.name}`,
    );
  }
  assertRoom(snapshot, database, shardCount * partitionNames.length);
  const id = context.takeId();
  const { timestamp } = context;
  const record: CollectionRecord = Object.freeze({
    ...draft,
    id,
    databaseId: database.record.id,
    shardIds: Object.freeze(Array.from({ length: shardCount }, () => context.takeId())),
    createdTimestamp: timestamp,
    updatedTimestamp: timestamp,
    truncatedTimestamp: 0n,
    state: 'created',
  });
  const partitions = partitionNames.map((name): CatalogItem => {
    const partition: PartitionRecord = Object.freeze({
      id: context.takeId(),
      collectionId: id,
      name,
      createdTimestamp: timestamp,
    });
    return { kind: 'partition', record: partition };
  });
  return { puts: [{ kind: 'collection', record }, ...partitions], removes: [] };
}

/**
 * Makes a collection invisible at once. Its record stays, as dropped, until its shards are gone.
 * Null: there is none of that name, which is no error.
 */
export function dropCollection(
  snapshot: CatalogSnapshot,
  request: CollectionRef,
  context: ChangeContext,
): CatalogChange | null {
  const { databaseName, collectionName } = request;
  const database = snapshot.findDatabase(databaseName);
  if (database === null) return null;
  if (database.aliases.has(collectionName)) {
    throw invalidParameter(`cannot drop the collection via alias = ${collectionName}`);
  }
  const collection = snapshot.findCollectionByName(databaseName, collectionName);
  if (collection === null) return null;
  const { aliases, indexes, load, record, snapshots } = collection;
  if (aliases.length > 0) {
    throw invalidParameter(
      `unable to drop the collection [${collectionName}] because it has associated aliases ` +
        `[${aliases.join(' ')}], please remove all aliases before dropping the collection`,
    );
  }
  const dropped = changed(record, { state: 'dropped' }, context);
  const removes: CatalogItem[] = indexes.map((index) => ({ kind: 'index', record: index }));
  for (const one of snapshots) removes.push({ kind: 'snapshot', record: one });
  if (load !== null) removes.push({ kind: 'load', record: load });
  return { puts: [{ kind: 'collection', record: dropped }], removes };
}

/** Takes away the records of a dropped collection, whose shards are gone. Null: they are not there. */
export function forgetCollection(
  snapshot: CatalogSnapshot,
  request: { readonly collectionId: number },
): CatalogChange | null {
  const found = snapshot
    .droppedCollections()
    .find(({ record }) => record.id === request.collectionId);
  if (found === undefined) return null;
  const partitions = [...found.partitions.values()].map(
    (record): CatalogItem => ({ kind: 'partition', record }),
  );
  return { puts: [], removes: [...partitions, { kind: 'collection', record: found.record }] };
}

export interface RenameRequest extends CollectionRef {
  readonly newName: string;
  /** Null or '': it stays in its database. */
  readonly newDatabaseName: string | null;
}

export function renameCollection(
  snapshot: CatalogSnapshot,
  request: RenameRequest,
  context: ChangeContext,
): CatalogChange {
  const { collectionName, newName } = request;
  const oldDatabase = databaseNameOf(request.databaseName);
  const newDatabase =
    request.newDatabaseName === null || request.newDatabaseName === ''
      ? oldDatabase
      : request.newDatabaseName;
  if (newName === '') throw invalidParameter('new collection name should not be empty');
  if (collectionName === '') throw invalidParameter('old collection name should not be empty');
  if (oldDatabase === newDatabase && collectionName === newName) {
    throw invalidParameter('collection name or database name should be different');
  }
  validateCollectionName(newName);
  const source = snapshot.database(oldDatabase);
  const target = snapshot.database(newDatabase);
  if (source.aliases.has(collectionName)) {
    throw invalidParameter(
      `unsupported use an alias to rename collection, alias:${collectionName}`,
    );
  }
  if (target.aliases.has(newName)) {
    const message = `cannot rename collection to an existing alias: ${newName}`;
    throw aliasConflict(newDatabase, newName, message);
  }
  if (target.collectionIds.has(newName)) {
    throw invalidParameter(
      `duplicated new collection name ${newDatabase}:${newName} with other collection name or alias`,
    );
  }
  const { record, aliases } = snapshot.collection(oldDatabase, collectionName);
  if (aliases.length > 0 && source !== target) {
    throw invalidParameter(
      'fail to rename db name, must drop all aliases of this collection before rename',
    );
  }
  const schema = Object.freeze({ ...record.schema, name: newName });
  const databaseId = target.record.id;
  return putCollection(changed(record, { schema, databaseId }, context));
}

/** Rows written up to the timestamp of the change are gone. */
export function truncateCollection(
  snapshot: CatalogSnapshot,
  request: CollectionRef,
  context: ChangeContext,
): CatalogChange {
  const { record } = snapshot.collection(request.databaseName, request.collectionName);
  return putCollection(changed(record, { truncatedTimestamp: context.timestamp }, context));
}

export interface AlterCollectionRequest extends CollectionRef, PropertyChanges {
  readonly description?: string;
  readonly consistencyLevel?: ConsistencyLevel;
}

/** Null: it is so already. */
export function alterCollection(
  snapshot: CatalogSnapshot,
  request: AlterCollectionRequest,
  context: ChangeContext,
): CatalogChange | null {
  const entry = snapshot.collection(request.databaseName, request.collectionName);
  const { record } = entry;
  const { set, remove, description, consistencyLevel } = request;
  refuseLoaded(entry, [...Object.keys(set ?? {}), ...(remove ?? [])]);
  const isAboutProperties =
    set !== undefined ||
    remove !== undefined ||
    (description === undefined && consistencyLevel === undefined);
  const { properties, dynamicField } = isAboutProperties
    ? alterCollectionProperties(record.schema, record.properties, request)
    : { properties: record.properties, dynamicField: null };
  if (description !== undefined) validateDescription(description, 'collection');
  const schema = withDynamicField(record.schema, dynamicField);
  const next = {
    properties: ownProperties(properties),
    consistencyLevel: consistencyLevel ?? record.consistencyLevel,
    schema: Object.freeze({ ...schema, description: description ?? schema.description }),
  };
  if (sameRecord({ ...record, ...next }, record)) return null;
  return withoutFields(entry, changed(record, next, context));
}

/** How a collection is kept in memory is read when it is loaded. */
function refuseLoaded({ load, record }: CollectionEntry, keys: readonly string[]): void {
  if (load === null) return;
  const isMapping = keys.some((key) => key === 'mmap.enabled' || key === 'lazyload.enabled');
  const isWarmup = keys.some((key) => key.startsWith('warmup.'));
  if (!isMapping && !isWarmup) return;
  const what = isMapping ? 'mmap' : 'warmup';
  throw collectionLoaded(record, `can not alter ${what} properties if collection loaded`);
}

function collectionLoaded({ schema }: CollectionRecord, message: string): MilvusError {
  return milvusError('CollectionLoaded', { message, fields: { collection: schema.name } });
}

function withDynamicField(schema: CollectionSchema, isWanted: boolean | null): CollectionSchema {
  if (isWanted === null) return schema;
  return isWanted ? enableDynamicField(schema) : disableDynamicField(schema);
}

export interface AlterSchemaRequest extends CollectionRef {
  /** The next schema, one version further: schema/alter-schema.ts. May run again on a newer schema. */
  readonly alter: (schema: CollectionSchema, properties: Properties) => CollectionSchema;
  /** What is said where the collection is loaded. Default: it may be. */
  readonly loadedRefusal?: string | undefined;
}

/** Adds, changes or drops fields: the whole new schema takes the place of the old. */
export function alterSchema(
  snapshot: CatalogSnapshot,
  request: AlterSchemaRequest,
  context: ChangeContext,
): CatalogChange {
  const entry = snapshot.collection(request.databaseName, request.collectionName);
  const { record } = entry;
  const schema = Object.freeze(request.alter(record.schema, record.properties));
  assert(schema.name === record.schema.name, 'changing fields does not rename');
  assert(schema.version === record.schema.version + 1, 'a changed schema is one version further');
  const { loadedRefusal: message } = request;
  if (message !== undefined && entry.load !== null) throw collectionLoaded(record, message);
  return withoutFields(entry, changed(record, { schema }, context));
}

/** What goes with the fields that the changed record lacks: their indexes. */
function withoutFields(entry: CollectionEntry, record: CollectionRecord): CatalogChange {
  const ids = new Set(record.schema.fields.map(({ id }) => id));
  const removes = entry.indexes
    .filter(({ fieldId }) => !ids.has(fieldId))
    .map((index): CatalogItem => ({ kind: 'index', record: index }));
  return { puts: [{ kind: 'collection', record }], removes };
}

/** @throws MilvusError GeneralCapacityExceeded when `added` partitions x shards are too many */
export function assertCapacity(snapshot: CatalogSnapshot, added: number): void {
  const size = snapshot.generalSize + added;
  if (size <= GENERAL_CAPACITY_MAX) return;
  throw milvusError('GeneralCapacityExceeded', {
    message:
      'failed checking constraint: sum_collections(parition*shard) exceeding the max general capacity:',
    fields: { newGeneralSize: size, generalCapacity: GENERAL_CAPACITY_MAX },
  });
}

/** @throws MilvusError CollectionNumLimitExceeded, GeneralCapacityExceeded */
export function assertRoom(
  snapshot: CatalogSnapshot,
  database: DatabaseEntry,
  added: number,
): void {
  const { name, properties } = database.record;
  const text = properties[MAX_COLLECTIONS_PROPERTY];
  const own = text === undefined || text === '' ? COLLECTION_COUNT_MAX : Number(text);
  if (!Number.isSafeInteger(own)) {
    throw milvusError('ServiceInternal', {
      message: `parse value of property fail, key:${MAX_COLLECTIONS_PROPERTY}, value:${text}`,
    });
  }
  const limits: ReadonlyArray<readonly [number, number]> = [
    [database.collectionIds.size, own],
    [snapshot.collectionCount, COLLECTION_COUNT_MAX],
  ];
  for (const [count, limit] of limits) {
    if (count < limit) continue;
    throw milvusError('CollectionNumLimitExceeded', { fields: { dbName: name, limit } });
  }
  assertCapacity(snapshot, added);
}

export function tooManyPartitions(count: number, collectionName: string): Error {
  return invalidParameter(
    `partition number (${count}) exceeds max configuration (${PARTITION_COUNT_MAX}), collection: ${collectionName}`,
  );
}

function isSame(
  existing: CollectionEntry,
  draft: Pick<CollectionRecord, 'schema' | 'properties' | 'consistencyLevel'>,
  shape: { readonly shardCount: number; readonly partitionNames: readonly string[] },
): boolean {
  const { record, partitions } = existing;
  const { schema, properties, consistencyLevel } = record;
  return (
    record.shardIds.length === shape.shardCount &&
    sameRecord([...partitions.keys()].sort(), [...shape.partitionNames].sort()) &&
    sameRecord({ properties, consistencyLevel }, { ...draft, schema: undefined }) &&
    sameRecord({ ...schema, version: 0 }, { ...draft.schema, version: 0 })
  );
}

function changed(
  record: CollectionRecord,
  next: Partial<CollectionRecord>,
  context: ChangeContext,
): CollectionRecord {
  return Object.freeze({ ...record, ...next, updatedTimestamp: context.timestamp });
}

function putCollection(record: CollectionRecord): CatalogChange {
  return { puts: [{ kind: 'collection', record }], removes: [] };
}
