/**
 * The interfaces between the five roles; there is no other coupling. Every request and answer is plain
 * data (structured-clonable), so that a role in another process is its RPC client behind the same port.
 *
 *   frontend (proxy) ── Coordinator ──> coordinator (mixcoord): names, DDL, ids
 *        └──────────── Shards ───────> shard leaders (streaming node): the log, growing rows, Views
 *                                         ├── SegmentHost ──> query host (query node): sealed segments
 *                                         └── TaskRunner ──> maintenance (data node): compaction, indexes
 *   coordinator ─────── Shards ───────> schema changes, drops
 */
import type { ErrorFields, ErrorName } from '../base/errors.ts';
import type { ArrayOperations } from '../schema/array-operations.ts';
import type {
  CollectionDefinition,
  FieldDefinition,
  StructDefinition,
} from '../schema/definition.ts';
import type { CollectionSchema, Properties } from '../schema/collection-schema.ts';
import type { ColumnBatch } from '../schema/column.ts';
import type { DroppedField } from '../schema/drop-field.ts';
import type { BoundFilter } from '../query/bind.ts';
import type { RowExpiry } from '../segments/row-expiry.ts';
import type { KeyList } from '../segments/segment.ts';
import type { IndexBuilding } from '../segments/build-index.ts';
import type { SegmentIndex, SegmentInfo } from '../segments/segment-info.ts';
import type { QueryAnswer, QueryPlan, SearchAnswer, SearchPlan } from '../search/plan.ts';
import type { CollectionRef, ShardRequest } from './references.ts';
import type {
  NewSnapshot,
  RestoredShard,
  RestoreShardRequest,
  RestoreSnapshotRequest,
  ShardCut,
  SnapshotInfo,
  SnapshotRef,
} from './snapshot-ports.ts';

/** What travels beside every request. */
export interface Call {
  /** Wall-clock milliseconds after which nobody waits for the answer; null: no limit. */
  readonly deadlineMs: number | null;
  /** Stays in this process; a transport carries it as a cancellation. */
  readonly signal?: AbortSignal;
}

export type ConsistencyLevel = 'Strong' | 'Session' | 'Bounded' | 'Eventually';

// ── Coordinator ────────────────────────────────────────────────────────────────────────────────────

export interface PartitionInfo {
  readonly id: number;
  readonly name: string;
  readonly loaded: boolean;
  readonly createdTimestamp: bigint;
}

/** The definition of an index. */
export interface IndexInfo {
  readonly id: number;
  readonly name: string;
  readonly fieldId: number;
  readonly fieldName: string;
  /** As the user gave them: `index_type`, `metric_type` and the rest, all text. */
  readonly params: Properties;
  readonly createdTimestamp: bigint;
}

/** An index to create. */
export interface IndexRequest {
  readonly fieldName: string;
  /** '': the name of the field. */
  readonly indexName: string;
  readonly params: Properties;
}

/** Everything about a collection that other roles act on. */
export interface CollectionInfo {
  readonly id: number;
  readonly databaseId: number;
  readonly databaseName: string;
  readonly name: string;
  readonly aliases: readonly string[];
  readonly schema: CollectionSchema;
  /** Shard s of the collection is `shardIds[s]`, unique in the database. */
  readonly shardIds: readonly number[];
  readonly partitions: readonly PartitionInfo[];
  readonly indexes: readonly IndexInfo[];
  readonly properties: Properties;
  readonly consistencyLevel: ConsistencyLevel;
  readonly loaded: boolean;
  readonly createdTimestamp: bigint;
  readonly updatedTimestamp: bigint;
  /** Rows written at or before it are gone; 0 when it was never truncated. */
  readonly truncatedTimestamp: bigint;
}

export interface DatabaseInfo {
  readonly id: number;
  readonly name: string;
  readonly properties: Properties;
  readonly createdTimestamp: bigint;
}

export interface AliasInfo {
  readonly alias: string;
  readonly collectionName: string;
  readonly databaseName: string;
}

export interface PropertyChange {
  readonly set?: Properties;
  readonly remove?: readonly string[];
}

/** Sets parameters of a field, or removes them: one of the two. */
export interface FieldChange {
  readonly fieldName: string;
  readonly params: Properties;
  readonly remove?: readonly string[];
}

export interface Coordinator {
  createDatabase(request: { name: string; properties: Properties }, call: Call): Promise<void>;
  dropDatabase(request: { name: string }, call: Call): Promise<void>;
  listDatabases(call: Call): Promise<DatabaseInfo[]>;
  describeDatabase(request: { name: string }, call: Call): Promise<DatabaseInfo>;
  alterDatabase(request: { name: string } & PropertyChange, call: Call): Promise<void>;

  /** @param request.indexes are checked before anything is created; of a collection that is there, too */
  createCollection(
    request: {
      databaseName: string;
      definition: CollectionDefinition;
      indexes: readonly IndexRequest[];
    },
    call: Call,
  ): Promise<CollectionInfo>;
  /** Dropping what is not there succeeds. */
  dropCollection(request: CollectionRef, call: Call): Promise<void>;
  /** @throws MilvusError CollectionNotFound */
  describeCollection(request: CollectionRef, call: Call): Promise<CollectionInfo>;
  listCollections(request: { databaseName: string }, call: Call): Promise<CollectionInfo[]>;
  renameCollection(
    request: CollectionRef & { newName: string; newDatabaseName: string | null },
    call: Call,
  ): Promise<void>;
  truncateCollection(request: CollectionRef, call: Call): Promise<void>;
  alterCollection(request: CollectionRef & PropertyChange, call: Call): Promise<void>;
  /** @param request.index of the field, checked before anything changes */
  addField(
    request: CollectionRef & { field: FieldDefinition; index?: IndexRequest },
    call: Call,
  ): Promise<void>;
  addStruct(request: CollectionRef & { struct: StructDefinition }, call: Call): Promise<void>;
  /** Its indexes go with it, and no read from now on sees its values. */
  dropField(request: CollectionRef & { dropped: DroppedField }, call: Call): Promise<void>;
  alterField(request: CollectionRef & FieldChange, call: Call): Promise<void>;
  loadCollection(request: CollectionRef, call: Call): Promise<void>;
  releaseCollection(request: CollectionRef, call: Call): Promise<void>;

  /** The same index again is no error. */
  createIndex(request: CollectionRef & IndexRequest, call: Call): Promise<void>;
  /** Dropping what is not there succeeds. */
  dropIndex(request: CollectionRef & { indexName: string }, call: Call): Promise<void>;
  /** Changes how an index is kept. @throws MilvusError IndexNotFound, CollectionLoaded */
  alterIndex(
    request: CollectionRef & { indexName: string } & PropertyChange,
    call: Call,
  ): Promise<void>;

  createPartition(request: CollectionRef & { partitionName: string }, call: Call): Promise<void>;
  dropPartition(request: CollectionRef & { partitionName: string }, call: Call): Promise<void>;
  loadPartitions(
    request: CollectionRef & { partitionNames: readonly string[] },
    call: Call,
  ): Promise<void>;
  releasePartitions(
    request: CollectionRef & { partitionNames: readonly string[] },
    call: Call,
  ): Promise<void>;

  createAlias(request: CollectionRef & { alias: string }, call: Call): Promise<void>;
  dropAlias(request: { databaseName: string; alias: string }, call: Call): Promise<void>;
  alterAlias(request: CollectionRef & { alias: string }, call: Call): Promise<void>;
  describeAlias(request: { databaseName: string; alias: string }, call: Call): Promise<AliasInfo>;
  /** @param request.collectionName null: aliases of every collection of the database */
  listAliases(
    request: { databaseName: string; collectionName: string | null },
    call: Call,
  ): Promise<AliasInfo[]>;

  /** @throws MilvusError ParameterInvalid, CollectionNotFound */
  createSnapshot(request: NewSnapshot, call: Call): Promise<SnapshotInfo>;
  /** Dropping what is not there succeeds. @throws MilvusError SnapshotPinned */
  dropSnapshot(request: SnapshotRef, call: Call): Promise<void>;
  listSnapshots(request: CollectionRef, call: Call): Promise<SnapshotInfo[]>;
  /** @throws MilvusError SnapshotNotFound */
  describeSnapshot(request: SnapshotRef, call: Call): Promise<SnapshotInfo>;
  /** @returns the new collection, which is not loaded */
  restoreSnapshot(request: RestoreSnapshotRequest, call: Call): Promise<CollectionInfo>;
  /** @returns the id of the pin */
  pinSnapshot(request: SnapshotRef & { ttlSeconds: number }, call: Call): Promise<number>;
  /** Taking away a pin that is not there succeeds. */
  unpinSnapshot(request: { pinId: number }, call: Call): Promise<void>;

  /** `count` auto ids, consecutive from the returned one. */
  allocateIds(request: { count: number }, call: Call): Promise<bigint>;
  /** A hybrid timestamp above every one given before. */
  allocateTimestamp(call: Call): Promise<bigint>;
}

// ── Shards ─────────────────────────────────────────────────────────────────────────────────────────

/** Rows of one partition. */
export interface PartitionRows {
  readonly partitionId: number;
  readonly batch: ColumnBatch;
}

interface WriteRequest {
  readonly collectionId: number;
  readonly shardId: number;
  /** Of the schema that the frontend checked the rows against. @throws MilvusError SchemaMismatch */
  readonly schemaVersion: number;
}

/** Key i of `from` becomes key i of `to`, which is in the same shard. */
export interface NewKeys {
  readonly from: KeyList;
  readonly to: KeyList;
}

export interface InsertRequest extends WriteRequest {
  /** All of it or nothing becomes durable and visible. */
  readonly rows: readonly PartitionRows[];
  /** Rows of the same keys are replaced; without it they are superseded all the same, but stay counted. */
  readonly upsert: boolean;
  /** Keys whose rows go; null: those of `rows`. Only with `upsert`. */
  readonly replaces: KeyList | null;
  /** What the keys of `rows` become once they are completed; of other rows too. Only with `partial`. */
  readonly newKeys?: NewKeys;
  /** Columns that are missing keep the values of the row that is there. Only with `upsert`. */
  readonly partial: boolean;
  /** A row that is there stays in its partition, whichever `rows` say. Only with `partial`. */
  readonly inPlace: boolean;
  /** What `rows` do to Array fields beside replacing them. Only with `partial`. */
  readonly arrayOperations: ArrayOperations;
}

export interface DeleteRequest extends WriteRequest {
  /** Null: all partitions. */
  readonly partitionIds: readonly number[] | null;
  /** At least one of the two; with both, rows of the keys that the filter accepts. */
  readonly keys: KeyList | null;
  readonly filter: BoundFilter | null;
}

export interface WriteAnswer {
  readonly timestamp: bigint;
  /** Rows inserted, or keys deleted. */
  readonly rowCount: number;
}

/** When a read may answer, and at which moment it looks. */
export interface ReadPoint {
  /** The answer holds at least every write up to this hybrid timestamp. */
  readonly guaranteeTimestamp: bigint;
  /** The answer is exactly of this hybrid timestamp; null: the newest that is there. */
  readonly snapshotTimestamp: bigint | null;
  /** Later reads may ask for the same moment: what it sees is kept for a while. */
  readonly isRepeatable: boolean;
}

export interface ReadRequest<Plan> {
  readonly collectionId: number;
  readonly shardId: number;
  /** `plan.timestamp` is filled in by the leader. */
  readonly plan: Plan;
  readonly read: ReadPoint;
}

export interface TimedQueryAnswer extends QueryAnswer {
  /** The moment at which the shard looked. */
  readonly timestamp: bigint;
}

export interface SegmentState {
  readonly id: number;
  readonly partitionId: number;
  readonly state: 'growing' | 'sealed';
  readonly level: number;
  /** Deleted rows included. */
  readonly rowCount: number;
  readonly deletedCount: number;
  /** Indexes not included. */
  readonly byteLength: number;
  /** Ids of the definitions that need nothing more of it: they have files here, or it is scanned for good. */
  readonly coveredIndexIds: readonly number[];
  readonly indexes: readonly SegmentIndexState[];
}

/** An index that a sealed segment has. */
export interface SegmentIndexState {
  readonly indexId: number;
  readonly fieldId: number;
  /** What it is built as: structure, metric, parameters. */
  readonly fingerprint: string;
  readonly byteLength: number;
}

export interface ShardState {
  readonly shardId: number;
  readonly manifestVersion: number;
  readonly segments: readonly SegmentState[];
}

/** How the builds of indexes of a shard get on. */
export interface BuildsState {
  readonly shardId: number;
  /** Another one when a build has ended, or there is nothing to build. */
  readonly version: number;
  /** The one under way. */
  readonly running: { readonly indexId: number; readonly rowsBuilt: number } | null;
  /** Attempts that failed, of this process. */
  readonly failureCount: number;
  /** Why the last of them did. */
  readonly failure: {
    readonly reason: ErrorName;
    readonly text: string;
    readonly fields: ErrorFields;
  } | null;
  /** Indexes of segments that were not built since an attempt failed. */
  readonly failedBuilds: readonly FailedBuildState[];
}

export interface FailedBuildState {
  readonly indexId: number;
  /** Why the last attempt failed. */
  readonly text: string;
  /** There were so many that nobody tries again before somebody asks. */
  readonly isGivenUp: boolean;
}

export interface Shards {
  insert(request: InsertRequest, call: Call): Promise<WriteAnswer>;
  delete(request: DeleteRequest, call: Call): Promise<WriteAnswer>;
  /** @throws MilvusError SnapshotExpired */
  search(request: ReadRequest<SearchPlan>, call: Call): Promise<SearchAnswer>;
  /** @throws MilvusError SnapshotExpired */
  query(request: ReadRequest<QueryPlan>, call: Call): Promise<TimedQueryAnswer>;
  /** Seals what is growing; resolves when it is in segments and the manifest says so. */
  flush(request: ShardRequest, call: Call): Promise<ShardState>;
  /** Merges and purges until the policy finds nothing more. */
  compact(request: ShardRequest, call: Call): Promise<ShardState>;
  describe(request: ShardRequest, call: Call): Promise<ShardState>;
  builds(request: ShardRequest, call: Call): Promise<BuildsState>;
  /**
   * As `builds`, when its version is not this one any more.
   * @param request.retry what failed is tried again now
   * @throws MilvusError ReadOnly where nothing is built
   */
  buildsAfter(
    request: ShardRequest & { version: number; retry: boolean },
    call: Call,
  ): Promise<BuildsState>;

  /** Compactions that begin from here on leave what reads at the moment see, for a while. */
  keep(request: ShardRequest & { timestamp: bigint }, call: Call): Promise<void>;
  /** Keeps what reads at the moment see, and holds the manifest that has it. */
  cut(request: ShardRequest & { timestamp: bigint; flush: boolean }, call: Call): Promise<ShardCut>;
  letGo(request: ShardRequest & { manifestKey: string }, call: Call): Promise<void>;
  /** Writes the first manifest of a shard that nobody leads yet. */
  restore(request: RestoreShardRequest, call: Call): Promise<RestoredShard>;

  /** @throws MilvusError WriterPoisoned where nothing is written any more until the database is opened again */
  checkHealth(call: Call): Promise<void>;

  /** A collection came into being or changed; idempotent by schema version. */
  applyCollection(request: { collection: CollectionInfo }, call: Call): Promise<void>;
  /** All rows written before now are gone. */
  truncate(request: ShardRequest, call: Call): Promise<void>;
  dropPartition(request: ShardRequest & { partitionId: number }, call: Call): Promise<void>;
  dropCollection(
    request: { collectionId: number; shardIds: readonly number[] },
    call: Call,
  ): Promise<void>;
  /** Forgets what it holds in memory of sealed segments; the next read brings it back. */
  release(request: ShardRequest, call: Call): Promise<void>;
}

// ── SegmentHost ────────────────────────────────────────────────────────────────────────────────────

/** Keys that are deleted or superseded: rows older than `timestamp` with one of the keys are gone. */
export interface DeleteRun {
  readonly timestamp: bigint;
  /** Null: in every partition. */
  readonly partitionIds: readonly number[] | null;
  readonly keys: KeyList;
}

export interface HostRead<Plan> {
  readonly shardId: number;
  readonly segmentIds: readonly number[];
  readonly plan: Plan;
}

export interface SegmentHost {
  /** Serves these segments too; deletes up to `appliedTimestamp` are in their delete files. Reads nothing yet. */
  assign(
    request: {
      shardId: number;
      schema: CollectionSchema;
      segments: readonly SegmentInfo[];
      appliedTimestamp: bigint;
    },
    call: Call,
  ): Promise<void>;
  /** Stops serving these segments and frees their memory. */
  unassign(request: { shardId: number; segmentIds: readonly number[] }, call: Call): Promise<void>;
  /** These segments have these indexes from now on. Told again, or of a segment that is gone, it changes nothing. */
  assignIndexes(
    request: { shardId: number; indexes: ReadonlyMap<number, readonly SegmentIndex[]> },
    call: Call,
  ): Promise<void>;
  /** Keys of images that cannot be used, of all segments of the shard. */
  damagedIndexes(request: { shardId: number }, call: Call): Promise<readonly string[]>;
  /** In order of timestamp; takes effect for every read that comes after it. */
  applyDeletes(request: { shardId: number; run: DeleteRun }, call: Call): Promise<void>;
  search(request: HostRead<SearchPlan>, call: Call): Promise<SearchAnswer>;
  query(request: HostRead<QueryPlan>, call: Call): Promise<QueryAnswer>;
  /**
   * Writes a delete file for each segment that has more deletes than the file its info names, and forgets
   * runs up to `forgetUntil` that every segment of the shard has taken in.
   * @returns the new delete references by segment id
   */
  checkpointDeletes(
    request: { shardId: number; segments: readonly SegmentInfo[]; forgetUntil: bigint },
    call: Call,
  ): Promise<ReadonlyMap<number, NonNullable<SegmentInfo['deletes']>>>;
  /** Rows deleted so far by segment id, or those deleted at or before `until`, as far as known without reading. */
  deletedCounts(
    request: { shardId: number; until?: bigint },
    call: Call,
  ): Promise<ReadonlyMap<number, number>>;
  /** Frees cached columns of a shard. */
  evict(request: { shardId: number }, call: Call): Promise<void>;
}

// ── TaskRunner ─────────────────────────────────────────────────────────────────────────────────────

/** A pure function of immutable objects: may run twice, anywhere. */
export interface CompactTask {
  readonly collectionId: number;
  readonly shardId: number;
  readonly partitionId: number;
  readonly outputId: number;
  readonly schema: CollectionSchema;
  readonly inputs: readonly SegmentInfo[];
  /** Rows deleted at or before it are left out. */
  readonly horizon: bigint;
  /** Rows written before it are left out: they have outlived the TTL. 0: none. */
  readonly expiredBefore: bigint;
  /** Rows that name an end not later than that are left out. Null: rows name none. */
  readonly expiry: RowExpiry | null;
}

/** The index of one vector column of one segment. */
export type BuildIndexTask = IndexBuilding;

export interface TaskRunner {
  /** @returns the new segment, or null when no row was left */
  compact(task: CompactTask, call: Call): Promise<SegmentInfo | null>;
  /** @throws MilvusError Cancelled when the call is given up; DataIntegrity when the segment is damaged */
  buildIndex(task: BuildIndexTask, call: Call): Promise<SegmentIndex>;
  /** Rows that a build under way has done, about; 0 when none of these files is. */
  rowsBuilt(request: { fileId: number }, call: Call): Promise<number>;
}
