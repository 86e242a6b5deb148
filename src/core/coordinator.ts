/**
 * The coordinator: names, schemas, load state and ids. A change is one transaction of the catalog first;
 * then the shards hear of it. What a crash cuts off in between is finished at the next opening.
 */
import { invalidParameter } from '../base/errors.ts';
import { type CheckedIndex, checkIndex, checkIndexChange } from '../index/index-definition.ts';
import { checkScalarIndex } from '../scalar/scalar-definition.ts';
import { indexedField, namedIndex } from './index-names.ts';
import { checkListMetric, checkMetric } from '../index/metrics.ts';
import { DataType, isVector } from '../schema/data-type.ts';
import type { CollectionEntry } from '../meta/catalog-draft.ts';
import {
  CONSISTENCY_LEVELS,
  type ConsistencyLevel,
  type DatabaseRecord,
} from '../meta/catalog-records.ts';
import type { IdAllocator } from '../meta/ids.ts';
import { addField, addStruct, alterField, removeFieldParams } from '../schema/alter-schema.ts';
import { type DroppedField, dropField } from '../schema/drop-field.ts';
import type { CollectionSchema, FieldSchema, Properties } from '../schema/collection-schema.ts';
import {
  buildSchema,
  type CollectionDefinition,
  type FieldDefinition,
  type StructDefinition,
} from '../schema/definition.ts';
import { fieldWithId } from '../schema/fields.ts';
import { validateIndexName } from '../schema/names.ts';
import { snapshotNamed } from '../meta/snapshot-changes.ts';
import { effectiveTimeZone, inTimeZone } from '../schema/properties.ts';
import { BACKGROUND } from './call.ts';
import {
  createSnapshot,
  infoOf as snapshotInfo,
  restoreSnapshot,
  type SnapshotDeps,
} from './coordinator-snapshots.ts';
import type {
  AliasInfo,
  Call,
  CollectionInfo,
  Coordinator,
  DatabaseInfo,
  FieldChange,
  IndexRequest,
  PropertyChange,
} from './ports.ts';
import type { CollectionRef } from './references.ts';
import type {
  NewSnapshot,
  RestoreSnapshotRequest,
  SnapshotInfo,
  SnapshotRef,
} from './snapshot-ports.ts';

export interface MixCoordinatorDeps extends SnapshotDeps {
  /** Ids of rows. */
  readonly autoIds: IdAllocator;
  readonly readOnly: boolean;
}

type PartitionRef = CollectionRef & { readonly partitionName: string };
type PartitionsRef = CollectionRef & { readonly partitionNames: readonly string[] };

export class MixCoordinator implements Coordinator {
  readonly #deps: MixCoordinatorDeps;
  /** The infos of the catalog's entries, made once for each version of an entry. */
  readonly #infos = new WeakMap<CollectionEntry, CollectionInfo>();

  constructor(deps: MixCoordinatorDeps) {
    this.#deps = deps;
  }

  /** Every living collection of every database. */
  collections(): CollectionInfo[] {
    return this.#deps.catalog.snapshot.allCollections().map((entry) => this.#infoOf(entry));
  }

  /** Takes apart what was dropped when the process before ended. */
  async finishDrops(): Promise<void> {
    for (const entry of this.#deps.catalog.snapshot.droppedCollections()) {
      await this.#takeApart(entry);
    }
  }

  // ── Databases ────────────────────────────────────────────────────────────────────────────────────

  async createDatabase(request: { name: string; properties: Properties }): Promise<void> {
    await this.#deps.catalog.createDatabase(request);
  }

  async dropDatabase(request: { name: string }): Promise<void> {
    await this.#deps.catalog.dropDatabase(request);
  }

  async listDatabases(): Promise<DatabaseInfo[]> {
    return this.#deps.catalog.snapshot.listDatabases().map(databaseInfo);
  }

  async describeDatabase(request: { name: string }): Promise<DatabaseInfo> {
    return databaseInfo(this.#deps.catalog.snapshot.database(request.name).record);
  }

  async alterDatabase(request: { name: string } & PropertyChange): Promise<void> {
    await this.#deps.catalog.alterDatabase(request);
  }

  // ── Collections ──────────────────────────────────────────────────────────────────────────────────

  async createCollection(request: {
    databaseName: string;
    definition: CollectionDefinition;
    indexes: readonly IndexRequest[];
  }): Promise<CollectionInfo> {
    const { databaseName, indexes } = request;
    const database = this.#deps.catalog.snapshot.database(databaseName).record;
    const definition = inTimeZone(database.properties, request.definition);
    const schema = buildSchema(definition);
    for (const field of schema.fields) checkDefaultMetric(field);
    for (const index of indexes) checkedIndex(schema, index);
    checkConsistencyLevel(definition.consistencyLevel);
    const { shardCount, partitionCount, consistencyLevel, properties } = definition;
    const { catalog, shards } = this.#deps;
    const entry = await catalog.createCollection({
      databaseName,
      schema,
      ...(properties === undefined ? {} : { properties }),
      ...(shardCount === undefined ? {} : { shardCount }),
      ...(partitionCount === undefined ? {} : { partitionCount }),
      ...(consistencyLevel === undefined ? {} : { consistencyLevel }),
    });
    await shards.applyCollection({ collection: this.#infoOf(entry) }, BACKGROUND);
    const ref = { databaseName, collectionName: definition.name };
    for (const index of indexes) await this.createIndex({ ...ref, ...index });
    return this.#info(ref);
  }

  async dropCollection(request: CollectionRef): Promise<void> {
    const dropped = await this.#deps.catalog.dropCollection(request);
    if (dropped !== null) await this.#takeApart(dropped);
  }

  async describeCollection(request: CollectionRef): Promise<CollectionInfo> {
    return this.#info(request);
  }

  async listCollections(request: { databaseName: string }): Promise<CollectionInfo[]> {
    const { snapshot } = this.#deps.catalog;
    return snapshot.listCollections(request.databaseName).map((entry) => this.#infoOf(entry));
  }

  async renameCollection(
    request: CollectionRef & { newName: string; newDatabaseName: string | null },
  ): Promise<void> {
    await this.#announce(await this.#deps.catalog.renameCollection(request));
  }

  async truncateCollection(request: CollectionRef, call: Call): Promise<void> {
    const { id: collectionId, shardIds } = this.#info(request);
    // The mark counts for all shards at once; a record in each shard's log orders it among its writes.
    await this.#announce(await this.#deps.catalog.truncateCollection(request));
    for (const shardId of shardIds) {
      await this.#deps.shards.truncate({ collectionId, shardId }, call);
    }
  }

  async alterCollection(request: CollectionRef & PropertyChange): Promise<void> {
    await this.#announce(await this.#deps.catalog.alterCollection(request));
  }

  async addField(
    request: CollectionRef & { field: FieldDefinition; index?: IndexRequest },
  ): Promise<void> {
    const { databaseName, collectionName, field, index } = request;
    await this.#changeSchema(request, (schema, properties) => {
      const altered = addField(schema, field, effectiveTimeZone('', properties));
      if (index !== undefined) checkedIndex(altered, index);
      return altered;
    });
    if (index !== undefined) await this.createIndex({ databaseName, collectionName, ...index });
  }

  async addStruct(request: CollectionRef & { struct: StructDefinition }): Promise<void> {
    await this.#changeSchema(request, (schema) => addStruct(schema, request.struct));
  }

  async dropField(request: CollectionRef & { dropped: DroppedField }): Promise<void> {
    const { dropped } = request;
    await this.#changeSchema(request, (schema, properties) =>
      dropField(schema, dropped, properties),
    );
  }

  async alterField(request: CollectionRef & FieldChange): Promise<void> {
    const { fieldName, params, remove = [] } = request;
    if (remove.length > 0 && Object.keys(params).length > 0) {
      throw invalidParameter('can not provide properties and deletekeys at the same time');
    }
    const alter = (schema: CollectionSchema): CollectionSchema =>
      remove.length > 0
        ? removeFieldParams(schema, fieldName, remove)
        : alterField(schema, fieldName, params);
    const loadedRefusal = refusalOfLoaded([...Object.keys(params), ...remove]);
    await this.#changeSchema(request, alter, loadedRefusal);
  }

  async loadCollection(request: CollectionRef): Promise<void> {
    await this.#announce(await this.#deps.catalog.loadCollection(request));
  }

  async releaseCollection(request: CollectionRef, call: Call): Promise<void> {
    const entry = await this.#deps.catalog.releaseCollection(request);
    await this.#announce(entry);
    const { id: collectionId, shardIds } = this.#infoOf(entry);
    for (const shardId of shardIds) {
      await this.#deps.shards.release({ collectionId, shardId }, call);
    }
  }

  // ── Indexes ──────────────────────────────────────────────────────────────────────────────────────

  async createIndex(request: CollectionRef & IndexRequest): Promise<void> {
    const { databaseName, collectionName } = request;
    const { snapshot } = this.#deps.catalog;
    const { record, indexes } = snapshot.collection(databaseName, collectionName);
    // A field keeps its type and dimension: what holds for it now holds when the catalog changes.
    const checked = checkedIndex(record.schema, request);
    const named = namedIndex({ ...request, ...checked }, record.schema, indexes);
    const index = { ...checked, ...named, databaseName, collectionName };
    await this.#announce(await this.#deps.catalog.createIndex(index));
  }

  async dropIndex(request: CollectionRef & { indexName: string }): Promise<void> {
    await this.#announce(await this.#deps.catalog.dropIndex(request));
  }

  async alterIndex(request: CollectionRef & { indexName: string } & PropertyChange): Promise<void> {
    const { databaseName, collectionName, indexName, set = {}, remove = [] } = request;
    const { snapshot } = this.#deps.catalog;
    const { indexes } = snapshot.collection(databaseName, collectionName);
    const named = indexes.find(({ name }) => name === indexName);
    checkIndexChange(named?.params ?? {}, { set, remove });
    await this.#announce(await this.#deps.catalog.alterIndex(request));
  }

  // ── Partitions ───────────────────────────────────────────────────────────────────────────────────

  async createPartition(request: PartitionRef): Promise<void> {
    await this.#deps.catalog.createPartition(request);
    await this.#announceRef(request);
  }

  async dropPartition(request: PartitionRef, call: Call): Promise<void> {
    const dropped = await this.#deps.catalog.dropPartition(request);
    if (dropped === null) return;
    const { id: partitionId, collectionId } = dropped;
    // First nobody may write to it any more, then a record in each shard's log takes its rows away.
    await this.#announceRef(request);
    for (const shardId of this.#info(request).shardIds) {
      await this.#deps.shards.dropPartition({ collectionId, shardId, partitionId }, call);
    }
  }

  async loadPartitions(request: PartitionsRef): Promise<void> {
    await this.#announce(await this.#deps.catalog.loadPartitions(request));
  }

  async releasePartitions(request: PartitionsRef): Promise<void> {
    await this.#announce(await this.#deps.catalog.releasePartitions(request));
  }

  // ── Aliases ──────────────────────────────────────────────────────────────────────────────────────

  async createAlias(request: CollectionRef & { alias: string }): Promise<void> {
    await this.#deps.catalog.createAlias(request);
  }

  async dropAlias(request: { databaseName: string; alias: string }): Promise<void> {
    await this.#deps.catalog.dropAlias(request);
  }

  async alterAlias(request: CollectionRef & { alias: string }): Promise<void> {
    await this.#deps.catalog.alterAlias(request);
  }

  async describeAlias(request: { databaseName: string; alias: string }): Promise<AliasInfo> {
    const { databaseName, alias } = request;
    const { snapshot } = this.#deps.catalog;
    const { collectionId, databaseId } = snapshot.alias(databaseName, alias);
    const collectionName = snapshot.recordById(collectionId)?.schema.name ?? '';
    return { alias, collectionName, databaseName: snapshot.databaseName(databaseId) };
  }

  async listAliases(request: {
    databaseName: string;
    collectionName: string | null;
  }): Promise<AliasInfo[]> {
    const { databaseName, collectionName } = request;
    const { snapshot } = this.#deps.catalog;
    return snapshot.listAliases(databaseName, collectionName).map((record) => ({
      alias: record.alias,
      collectionName: snapshot.recordById(record.collectionId)?.schema.name ?? '',
      databaseName: snapshot.databaseName(record.databaseId),
    }));
  }

  // ── Snapshots ────────────────────────────────────────────────────────────────────────────────────

  async createSnapshot(request: NewSnapshot, call: Call): Promise<SnapshotInfo> {
    return await createSnapshot(request, this.#deps, call);
  }

  async dropSnapshot(request: SnapshotRef): Promise<void> {
    const { catalog, clock, snapshotObjects } = this.#deps;
    const isInUse = (id: number): boolean => snapshotObjects.isInUse(id);
    await catalog.dropSnapshot({ ...request, nowMs: clock.nowMs(), isInUse });
  }

  async listSnapshots(request: CollectionRef): Promise<SnapshotInfo[]> {
    const { catalog } = this.#deps;
    const { databaseName, collectionName } = request;
    const { snapshots } = catalog.snapshot.collection(databaseName, collectionName);
    return snapshots.map((record) => snapshotInfo(record, catalog));
  }

  async describeSnapshot(request: SnapshotRef): Promise<SnapshotInfo> {
    const { catalog } = this.#deps;
    return snapshotInfo(snapshotNamed(catalog.snapshot, request), catalog);
  }

  async restoreSnapshot(request: RestoreSnapshotRequest, call: Call): Promise<CollectionInfo> {
    const entry = await restoreSnapshot(request, this.#deps, call);
    await this.#announce(entry);
    return this.#infoOf(entry);
  }

  async pinSnapshot(request: SnapshotRef & { ttlSeconds: number }): Promise<number> {
    const { catalog, clock } = this.#deps;
    return await catalog.pinSnapshot({ ...request, nowMs: clock.nowMs() });
  }

  async unpinSnapshot(request: { pinId: number }): Promise<void> {
    await this.#deps.catalog.unpinSnapshot(request);
  }

  // ── Ids and time ─────────────────────────────────────────────────────────────────────────────────

  async allocateIds(request: { count: number }): Promise<bigint> {
    return await this.#deps.autoIds.allocate(request.count);
  }

  async allocateTimestamp(): Promise<bigint> {
    const { hybridClock, readOnly } = this.#deps;
    // Nothing is written any more: the last timestamp is above every one that a reader can meet.
    return readOnly ? hybridClock.last : await hybridClock.next();
  }

  #info(request: CollectionRef): CollectionInfo {
    const { snapshot } = this.#deps.catalog;
    return this.#infoOf(snapshot.collection(request.databaseName, request.collectionName));
  }

  #infoOf(entry: CollectionEntry): CollectionInfo {
    const known = this.#infos.get(entry);
    if (known !== undefined) return known;
    const { record } = entry;
    // Who only reads can load nothing, and needs to ask nobody: everything can be read.
    const { readOnly } = this.#deps;
    const loaded = new Set(entry.load?.partitionIds ?? []);
    const info: CollectionInfo = frozen({
      id: record.id,
      databaseId: record.databaseId,
      databaseName: this.#deps.catalog.snapshot.databaseName(record.databaseId),
      name: record.schema.name,
      aliases: entry.aliases,
      schema: record.schema,
      shardIds: record.shardIds,
      partitions: [...entry.partitions.values()].map(({ id, name, createdTimestamp }) => {
        return { id, name, createdTimestamp, loaded: readOnly || loaded.has(id) };
      }),
      indexes: entry.indexes.map(({ id, name, fieldId, params, createdTimestamp }) => {
        const fieldName = fieldWithId(record.schema, fieldId).name;
        return { id, name, fieldId, fieldName, params, createdTimestamp };
      }),
      properties: record.properties,
      consistencyLevel: record.consistencyLevel,
      loaded: readOnly || entry.load !== null,
      createdTimestamp: record.createdTimestamp,
      updatedTimestamp: record.updatedTimestamp,
      truncatedTimestamp: record.truncatedTimestamp,
    });
    this.#infos.set(entry, info);
    return info;
  }

  async #changeSchema(
    request: CollectionRef,
    alter: (schema: CollectionSchema, properties: Properties) => CollectionSchema,
    loadedRefusal?: string,
  ): Promise<void> {
    const { databaseName, collectionName } = request;
    const change = { databaseName, collectionName, alter, loadedRefusal };
    await this.#announce(await this.#deps.catalog.alterSchema(change));
  }

  async #announce(entry: CollectionEntry): Promise<void> {
    await this.#deps.shards.applyCollection({ collection: this.#infoOf(entry) }, BACKGROUND);
  }

  async #announceRef(request: CollectionRef): Promise<void> {
    await this.#deps.shards.applyCollection({ collection: this.#info(request) }, BACKGROUND);
  }

  async #takeApart(entry: CollectionEntry): Promise<void> {
    const { id: collectionId, shardIds } = entry.record;
    await this.#deps.shards.dropCollection({ collectionId, shardIds }, BACKGROUND);
    await this.#deps.catalog.forgetCollection({ collectionId });
  }
}

/** @throws MilvusError ParameterInvalid, Unimplemented */
function checkedIndex(schema: CollectionSchema, index: IndexRequest): CheckedIndex {
  const { fieldName, indexName, params } = index;
  validateIndexName(indexName);
  const field = indexedField(schema, fieldName);
  if (isVector(field.type)) return checkIndex(field, params);
  return checkScalarIndex({ field, fieldName }, params, schema);
}

/** @throws MilvusError ParameterInvalid when a vector field cannot be searched by the metric it names */
function checkDefaultMetric({ type, elementType, params }: FieldSchema): void {
  const metric = params['metric_type']?.toUpperCase();
  if (metric === undefined) return;
  if (type !== DataType.SparseFloatVector) {
    if (type === DataType.ArrayOfVector) checkListMetric(elementType ?? type, metric);
    else checkMetric(type, metric);
  } else if (metric !== 'IP' && metric !== 'BM25') {
    throw invalidParameter('only IP&BM25 is the supported metric type for sparse index', {
      metric_type: metric,
    });
  }
}

function checkConsistencyLevel(level: ConsistencyLevel | undefined): void {
  if (level === undefined || CONSISTENCY_LEVELS.includes(level)) return;
  throw invalidParameter('unknown consistency level', {
    expected: CONSISTENCY_LEVELS.join(', '),
    actual: level,
  });
}

/** What callers get is the catalog itself: nobody may change it in their hands. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}

function databaseInfo(record: DatabaseRecord): DatabaseInfo {
  const { id, name, properties, createdTimestamp } = record;
  return frozen({ id, name, properties, createdTimestamp });
}

/** How a field is kept in memory is read when it is loaded. */
function refusalOfLoaded(keys: readonly string[]): string | undefined {
  if (keys.includes('warmup')) return 'can not alter warmup if collection loaded';
  const isMapping = keys.includes('mmap.enabled') || keys.includes('mmap_enabled');
  return isMapping ? 'can not alter collection field properties if collection loaded' : undefined;
}
