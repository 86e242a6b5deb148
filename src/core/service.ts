/**
 * What a running database offers to its doors: the typed API today, gRPC and REST beside it. One method
 * a Milvus call; `core/frontend.ts` implements it over the ports.
 */
import type { FieldDefinition, StructDefinition } from '../schema/definition.ts';
import type { DroppedField } from '../schema/drop-field.ts';
import type { Properties } from '../schema/collection-schema.ts';
import type { Snapshots } from './frontend-snapshots.ts';
import type { IndexDescription } from './index-states.ts';
import type {
  AliasInfo,
  CollectionInfo,
  DatabaseInfo,
  FieldChange,
  IndexRequest,
  PropertyChange,
  ShardState,
} from './ports.ts';
import type { CollectionRef } from './references.ts';
import type {
  CallOptions,
  CollectionStatistics,
  DeleteAnswer,
  DeleteRowsRequest,
  Explanation,
  NewCollection,
  QueryColumnsAnswer,
  QueryRowsAnswer,
  QueryRowsRequest,
  RowsAnswer,
  RowsRequest,
  SearchBucketsAnswer,
  SearchBucketsRequest,
  SearchColumnsAnswer,
  SearchRowsAnswer,
  SearchRowsRequest,
  UpsertRequest,
} from './requests.ts';

export interface IndexRef extends CollectionRef {
  readonly indexName: string;
}

export interface PartitionRef extends CollectionRef {
  readonly partitionName: string;
}

export interface PartitionsRef extends CollectionRef {
  readonly partitionNames: readonly string[];
}

export interface Service {
  createDatabase(name: string, properties: Properties, options?: CallOptions): Promise<void>;
  dropDatabase(name: string, options?: CallOptions): Promise<void>;
  listDatabases(options?: CallOptions): Promise<DatabaseInfo[]>;
  describeDatabase(name: string, options?: CallOptions): Promise<DatabaseInfo>;
  alterDatabase(name: string, change: PropertyChange, options?: CallOptions): Promise<void>;

  /** The same definition again is no error. What is new is not loaded. */
  createCollection(
    databaseName: string,
    definition: NewCollection,
    options?: CallOptions,
  ): Promise<CollectionInfo>;
  dropCollection(collection: CollectionRef, options?: CallOptions): Promise<void>;
  hasCollection(collection: CollectionRef, options?: CallOptions): Promise<boolean>;
  describeCollection(collection: CollectionRef, options?: CallOptions): Promise<CollectionInfo>;
  listCollections(databaseName: string, options?: CallOptions): Promise<CollectionInfo[]>;
  renameCollection(
    request: CollectionRef & { newName: string; newDatabaseName: string | null },
    options?: CallOptions,
  ): Promise<void>;
  truncateCollection(collection: CollectionRef, options?: CallOptions): Promise<void>;
  alterCollection(request: CollectionRef & PropertyChange, options?: CallOptions): Promise<void>;
  /** Adds a field, which must be nullable, with its index if one is given. */
  addField(
    request: CollectionRef & { field: FieldDefinition; index?: IndexRequest },
    options?: CallOptions,
  ): Promise<void>;
  /** Adds a struct array, which must be nullable. */
  addStruct(
    request: CollectionRef & { struct: StructDefinition },
    options?: CallOptions,
  ): Promise<void>;
  /** Drops a field or a struct array with its indexes. What its rows held takes room until compaction. */
  dropField(
    request: CollectionRef & { dropped: DroppedField },
    options?: CallOptions,
  ): Promise<void>;
  alterField(request: CollectionRef & FieldChange, options?: CallOptions): Promise<void>;
  loadCollection(collection: CollectionRef, options?: CallOptions): Promise<void>;
  releaseCollection(collection: CollectionRef, options?: CallOptions): Promise<void>;
  statistics(collection: CollectionRef, options?: CallOptions): Promise<CollectionStatistics>;
  partitionStatistics(
    partition: PartitionRef,
    options?: CallOptions,
  ): Promise<CollectionStatistics>;
  /** State of every shard: segments, manifest version. */
  shardStates(collection: CollectionRef, options?: CallOptions): Promise<ShardState[]>;

  /** The same index again is no error. Until segments have it, they are searched exactly. */
  createIndex(request: CollectionRef & IndexRequest, options?: CallOptions): Promise<void>;
  /** One that is not there is no error; of vectors, not while the collection is loaded. */
  dropIndex(index: IndexRef, options?: CallOptions): Promise<void>;
  /** Changes how an index is kept: `mmap.enabled`, `warmup`. */
  alterIndex(request: IndexRef & PropertyChange, options?: CallOptions): Promise<void>;
  /** The index of a name, or all of the collection for ''. @throws MilvusError IndexNotFound */
  describeIndexes(index: IndexRef, options?: CallOptions): Promise<IndexDescription[]>;
  /** Resolves when they cover every sealed row. @throws MilvusError why a build failed, IndexNotFound */
  waitForIndexes(index: IndexRef, options?: CallOptions): Promise<void>;

  createPartition(partition: PartitionRef, options?: CallOptions): Promise<void>;
  dropPartition(partition: PartitionRef, options?: CallOptions): Promise<void>;
  hasPartition(partition: PartitionRef, options?: CallOptions): Promise<boolean>;
  loadPartitions(partitions: PartitionsRef, options?: CallOptions): Promise<void>;
  releasePartitions(partitions: PartitionsRef, options?: CallOptions): Promise<void>;

  createAlias(request: CollectionRef & { alias: string }, options?: CallOptions): Promise<void>;
  dropAlias(request: { databaseName: string; alias: string }, options?: CallOptions): Promise<void>;
  alterAlias(request: CollectionRef & { alias: string }, options?: CallOptions): Promise<void>;
  describeAlias(
    request: { databaseName: string; alias: string },
    options?: CallOptions,
  ): Promise<AliasInfo>;
  listAliases(
    request: { databaseName: string; collectionName: string | null },
    options?: CallOptions,
  ): Promise<AliasInfo[]>;

  insert(request: RowsRequest, options?: CallOptions): Promise<RowsAnswer>;
  upsert(request: UpsertRequest, options?: CallOptions): Promise<RowsAnswer>;
  delete(request: DeleteRowsRequest, options?: CallOptions): Promise<DeleteAnswer>;
  query(request: QueryRowsRequest, options?: CallOptions): Promise<QueryRowsAnswer>;
  /** Rows that a filter matches (all without one), deleted and superseded ones left out. */
  count(request: QueryRowsRequest, options?: CallOptions): Promise<number>;
  /** What the filter of a count does: its conditions in their order, what each excludes, and how long it takes. */
  explain(request: QueryRowsRequest, options?: CallOptions): Promise<Explanation>;
  search(request: SearchRowsRequest, options?: CallOptions): Promise<SearchRowsAnswer>;
  /** Hits in buckets by the values of their fields. */
  searchBuckets(request: SearchBucketsRequest, options?: CallOptions): Promise<SearchBucketsAnswer>;
  /** What `query` answers, as columns. */
  queryColumns(request: QueryRowsRequest, options?: CallOptions): Promise<QueryColumnsAnswer>;
  /** What `search` answers, as columns. */
  searchColumns(request: SearchRowsRequest, options?: CallOptions): Promise<SearchColumnsAnswer>;

  readonly snapshots: Snapshots;

  flush(collection: CollectionRef, options?: CallOptions): Promise<ShardState[]>;
  compact(collection: CollectionRef, options?: CallOptions): Promise<ShardState[]>;
  /** @throws MilvusError why the database does not work: closed, or nothing is written any more */
  checkHealth(options?: CallOptions): Promise<void>;
  allocateTimestamp(options?: CallOptions): Promise<bigint>;
}
