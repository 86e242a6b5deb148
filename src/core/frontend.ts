/**
 * The proxy: users' requests become checked columns and plans, go to the shards they concern, and the
 * shards' answers become one. It keeps no data; several may run beside each other.
 */
import type { Clock } from '../base/clock.ts';
import { MilvusError, withContext } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { FieldDefinition, StructDefinition } from '../schema/definition.ts';
import type { Properties } from '../schema/collection-schema.ts';
import type { DroppedField } from '../schema/drop-field.ts';
import { everyAnswer, withinCall } from './call.ts';
import { CallOrder } from './call-order.ts';
import { searchBuckets } from './bucket-search.ts';
import { countRows, explainRows, queryColumns, queryRows } from './frontend-reads.ts';
import { searchColumns, searchRows } from './frontend-search.ts';
import { deleteRows, insertRows, upsertRows, type WriteDeps } from './frontend-writes.ts';
import { SnapshotFrontend, type Snapshots } from './frontend-snapshots.ts';
import { lookAtIndexes, untilIndexed } from './frontend-indexes.ts';
import type { IndexDescription } from './index-states.ts';
import type { Intent, Lifecycle } from './lifecycle.ts';
import type {
  AliasInfo,
  Call,
  CollectionInfo,
  Coordinator,
  DatabaseInfo,
  FieldChange,
  IndexRequest,
  PropertyChange,
  Shards,
  ShardState,
} from './ports.ts';
import type { CollectionRef } from './references.ts';
import type { ReadDeps } from './read-scope.ts';
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
import { checkRequest } from './request-shape.ts';
import { partitionNamed } from './routing.ts';
import type { IndexRef, PartitionRef, PartitionsRef, Service } from './service.ts';

export interface FrontendDeps extends ReadDeps {
  readonly coordinator: Coordinator;
  readonly shards: Shards;
  readonly clock: Clock;
  readonly random: Random;
  readonly lifecycle: Lifecycle;
}

export class Frontend implements Service {
  readonly #deps: FrontendDeps;
  readonly #writing: WriteDeps;
  readonly snapshots: Snapshots;

  constructor(deps: FrontendDeps) {
    this.#deps = deps;
    this.snapshots = new SnapshotFrontend(deps);
    this.#writing = { ...deps, order: new CallOrder() };
  }

  // ── Databases ────────────────────────────────────────────────────────────────────────────────────

  async createDatabase(name: string, properties: Properties, options?: CallOptions): Promise<void> {
    await this.#change(options, (call) =>
      this.#deps.coordinator.createDatabase({ name, properties }, call),
    );
  }

  async dropDatabase(name: string, options?: CallOptions): Promise<void> {
    await this.#change(options, (call) => this.#deps.coordinator.dropDatabase({ name }, call));
  }

  async listDatabases(options?: CallOptions): Promise<DatabaseInfo[]> {
    return await this.#read(options, (call) => this.#deps.coordinator.listDatabases(call));
  }

  async describeDatabase(name: string, options?: CallOptions): Promise<DatabaseInfo> {
    return await this.#read(options, (call) =>
      this.#deps.coordinator.describeDatabase({ name }, call),
    );
  }

  async alterDatabase(name: string, change: PropertyChange, options?: CallOptions): Promise<void> {
    await this.#change(options, (call) =>
      this.#deps.coordinator.alterDatabase({ name, ...change }, call),
    );
  }

  // ── Collections ──────────────────────────────────────────────────────────────────────────────────

  async createCollection(
    databaseName: string,
    definition: NewCollection,
    options?: CallOptions,
  ): Promise<CollectionInfo> {
    return await this.#change(options, async (call) => {
      const { coordinator } = this.#deps;
      const { indexes = [], ...collection } = definition;
      const request = { databaseName, definition: collection, indexes };
      return await coordinator.createCollection(request, call);
    });
  }

  async dropCollection(collection: CollectionRef, options?: CallOptions): Promise<void> {
    await this.#change(options, (call) => this.#deps.coordinator.dropCollection(collection, call));
  }

  async hasCollection(collection: CollectionRef, options?: CallOptions): Promise<boolean> {
    try {
      await this.describeCollection(collection, options);
      return true;
    } catch (failure) {
      if (failure instanceof MilvusError && failure.reason === 'CollectionNotFound') return false;
      throw failure;
    }
  }

  async describeCollection(
    collection: CollectionRef,
    options?: CallOptions,
  ): Promise<CollectionInfo> {
    return await this.#read(options, (call) =>
      this.#deps.coordinator.describeCollection(collection, call),
    );
  }

  async listCollections(databaseName: string, options?: CallOptions): Promise<CollectionInfo[]> {
    return await this.#read(options, (call) =>
      this.#deps.coordinator.listCollections({ databaseName }, call),
    );
  }

  async renameCollection(
    request: CollectionRef & { newName: string; newDatabaseName: string | null },
    options?: CallOptions,
  ): Promise<void> {
    await this.#change(options, (call) => this.#deps.coordinator.renameCollection(request, call));
  }

  async truncateCollection(collection: CollectionRef, options?: CallOptions): Promise<void> {
    await this.#change(options, (call) =>
      this.#deps.coordinator.truncateCollection(collection, call),
    );
  }

  async alterCollection(
    request: CollectionRef & PropertyChange,
    options?: CallOptions,
  ): Promise<void> {
    await this.#change(options, (call) => this.#deps.coordinator.alterCollection(request, call));
  }

  async addField(
    request: CollectionRef & { field: FieldDefinition; index?: IndexRequest },
    options?: CallOptions,
  ): Promise<void> {
    await this.#change(options, (call) => this.#deps.coordinator.addField(request, call));
  }

  async addStruct(
    request: CollectionRef & { struct: StructDefinition },
    options?: CallOptions,
  ): Promise<void> {
    await this.#change(options, (call) => this.#deps.coordinator.addStruct(request, call));
  }

  async dropField(
    request: CollectionRef & { dropped: DroppedField },
    options?: CallOptions,
  ): Promise<void> {
    await this.#change(options, (call) => this.#deps.coordinator.dropField(request, call));
  }

  async alterField(request: CollectionRef & FieldChange, options?: CallOptions): Promise<void> {
    await this.#change(options, (call) => this.#deps.coordinator.alterField(request, call));
  }

  async loadCollection(collection: CollectionRef, options?: CallOptions): Promise<void> {
    await this.#change(options, (call) => this.#deps.coordinator.loadCollection(collection, call));
  }

  async releaseCollection(collection: CollectionRef, options?: CallOptions): Promise<void> {
    await this.#change(options, (call) =>
      this.#deps.coordinator.releaseCollection(collection, call),
    );
  }

  async statistics(
    collection: CollectionRef,
    options?: CallOptions,
  ): Promise<CollectionStatistics> {
    const states = await this.shardStates(collection, options);
    return { rowCount: sumRows(states, () => true) };
  }

  async partitionStatistics(
    partition: PartitionRef,
    options?: CallOptions,
  ): Promise<CollectionStatistics> {
    const { id } = partitionNamed(
      await this.describeCollection(partition, options),
      partition.partitionName,
    );
    const states = await this.shardStates(partition, options);
    return { rowCount: sumRows(states, ({ partitionId }) => partitionId === id) };
  }

  async shardStates(collection: CollectionRef, options?: CallOptions): Promise<ShardState[]> {
    return await this.#read(options, (call) =>
      this.#eachShard(collection, call, (shard) => this.#deps.shards.describe(shard, call)),
    );
  }

  // ── Indexes ──────────────────────────────────────────────────────────────────────────────────────

  async createIndex(request: CollectionRef & IndexRequest, options?: CallOptions): Promise<void> {
    await this.#change(options, (call) => {
      checkRequest(request);
      return this.#deps.coordinator.createIndex(request, call);
    });
  }

  async dropIndex(index: IndexRef, options?: CallOptions): Promise<void> {
    await this.#change(options, (call) => this.#deps.coordinator.dropIndex(index, call));
  }

  async alterIndex(request: IndexRef & PropertyChange, options?: CallOptions): Promise<void> {
    await this.#change(options, (call) => this.#deps.coordinator.alterIndex(request, call));
  }

  async describeIndexes(index: IndexRef, options?: CallOptions): Promise<IndexDescription[]> {
    return await this.#read(options, async (call) => {
      return (await lookAtIndexes(index, this.#deps, call)).indexes;
    });
  }

  async waitForIndexes(index: IndexRef, options?: CallOptions): Promise<void> {
    const { clock, lifecycle } = this.#deps;
    // Whoever closes the database waits for looks at it, and not until everything is built.
    await withinCall(options, clock, (call) =>
      untilIndexed(
        () => lifecycle.run('read', () => lookAtIndexes(index, this.#deps, call)),
        this.#deps,
        call,
      ),
    );
  }

  // ── Partitions ───────────────────────────────────────────────────────────────────────────────────

  async createPartition(partition: PartitionRef, options?: CallOptions): Promise<void> {
    await this.#change(options, (call) => this.#deps.coordinator.createPartition(partition, call));
  }

  async dropPartition(partition: PartitionRef, options?: CallOptions): Promise<void> {
    await this.#change(options, (call) => this.#deps.coordinator.dropPartition(partition, call));
  }

  async hasPartition(partition: PartitionRef, options?: CallOptions): Promise<boolean> {
    const { partitions } = await this.describeCollection(partition, options);
    return partitions.some(({ name }) => name === partition.partitionName);
  }

  async loadPartitions(partitions: PartitionsRef, options?: CallOptions): Promise<void> {
    await this.#change(options, (call) => this.#deps.coordinator.loadPartitions(partitions, call));
  }

  async releasePartitions(partitions: PartitionsRef, options?: CallOptions): Promise<void> {
    await this.#change(options, (call) =>
      this.#deps.coordinator.releasePartitions(partitions, call),
    );
  }

  // ── Aliases ──────────────────────────────────────────────────────────────────────────────────────

  async createAlias(
    request: CollectionRef & { alias: string },
    options?: CallOptions,
  ): Promise<void> {
    await this.#change(options, (call) => this.#deps.coordinator.createAlias(request, call));
  }

  async dropAlias(
    request: { databaseName: string; alias: string },
    options?: CallOptions,
  ): Promise<void> {
    await this.#change(options, (call) => this.#deps.coordinator.dropAlias(request, call));
  }

  async alterAlias(
    request: CollectionRef & { alias: string },
    options?: CallOptions,
  ): Promise<void> {
    await this.#change(options, (call) => this.#deps.coordinator.alterAlias(request, call));
  }

  async describeAlias(
    request: { databaseName: string; alias: string },
    options?: CallOptions,
  ): Promise<AliasInfo> {
    return await this.#read(options, (call) => this.#deps.coordinator.describeAlias(request, call));
  }

  async listAliases(
    request: { databaseName: string; collectionName: string | null },
    options?: CallOptions,
  ): Promise<AliasInfo[]> {
    return await this.#read(options, (call) => this.#deps.coordinator.listAliases(request, call));
  }

  // ── Rows ─────────────────────────────────────────────────────────────────────────────────────────

  async insert(request: RowsRequest, options?: CallOptions): Promise<RowsAnswer> {
    return await this.#change(options, (call) =>
      this.#ofRows(request, call, () => insertRows(request, this.#writing, call)),
    );
  }

  async upsert(request: UpsertRequest, options?: CallOptions): Promise<RowsAnswer> {
    return await this.#change(options, (call) =>
      this.#ofRows(request, call, () => upsertRows(request, this.#writing, call)),
    );
  }

  async delete(request: DeleteRowsRequest, options?: CallOptions): Promise<DeleteAnswer> {
    return await this.#change(options, (call) =>
      this.#ofRows(request, call, () => deleteRows(request, this.#writing, call)),
    );
  }

  async query(request: QueryRowsRequest, options?: CallOptions): Promise<QueryRowsAnswer> {
    return await this.#read(options, (call) => {
      const read = (): ReturnType<typeof queryRows> => queryRows(request, this.#deps, call);
      return inContext('failed to query', this.#ofRows(request, call, read));
    });
  }

  async explain(request: QueryRowsRequest, options?: CallOptions): Promise<Explanation> {
    return await this.#read(options, (call) => {
      const read = (): ReturnType<typeof explainRows> => explainRows(request, this.#deps, call);
      return inContext('failed to query', this.#ofRows(request, call, read));
    });
  }

  async count(request: QueryRowsRequest, options?: CallOptions): Promise<number> {
    return await this.#read(options, (call) => {
      const read = (): ReturnType<typeof countRows> => countRows(request, this.#deps, call);
      return inContext('failed to query', this.#ofRows(request, call, read));
    });
  }

  async search(request: SearchRowsRequest, options?: CallOptions): Promise<SearchRowsAnswer> {
    return await this.#read(options, (call) => {
      const read = (): ReturnType<typeof searchRows> => searchRows(request, this.#deps, call);
      return inContext('failed to search', this.#ofRows(request, call, read));
    });
  }

  async queryColumns(
    request: QueryRowsRequest,
    options?: CallOptions,
  ): Promise<QueryColumnsAnswer> {
    return await this.#read(options, (call) => {
      const read = (): ReturnType<typeof queryColumns> => queryColumns(request, this.#deps, call);
      return inContext('failed to query', this.#ofRows(request, call, read));
    });
  }

  async searchBuckets(
    request: SearchBucketsRequest,
    options?: CallOptions,
  ): Promise<SearchBucketsAnswer> {
    return await this.#read(options, (call) => {
      const read = (): ReturnType<typeof searchBuckets> => searchBuckets(request, this.#deps, call);
      return inContext('failed to search', this.#ofRows(request, call, read));
    });
  }

  async searchColumns(
    request: SearchRowsRequest,
    options?: CallOptions,
  ): Promise<SearchColumnsAnswer> {
    return await this.#read(options, (call) => {
      const read = (): ReturnType<typeof searchColumns> => searchColumns(request, this.#deps, call);
      return inContext('failed to search', this.#ofRows(request, call, read));
    });
  }

  async flush(collection: CollectionRef, options?: CallOptions): Promise<ShardState[]> {
    return await this.#change(options, (call) =>
      this.#eachShard(collection, call, (shard) => this.#deps.shards.flush(shard, call)),
    );
  }

  async compact(collection: CollectionRef, options?: CallOptions): Promise<ShardState[]> {
    return await this.#change(options, (call) =>
      this.#eachShard(collection, call, (shard) => this.#deps.shards.compact(shard, call)),
    );
  }

  async checkHealth(options?: CallOptions): Promise<void> {
    await this.#read(options, async (call) => {
      await this.#deps.coordinator.allocateTimestamp(call);
      await this.#deps.shards.checkHealth(call);
    });
  }

  async allocateTimestamp(options?: CallOptions): Promise<bigint> {
    return await this.#read(options, (call) => this.#deps.coordinator.allocateTimestamp(call));
  }

  async #read<T>(options: CallOptions | undefined, work: (call: Call) => Promise<T>): Promise<T> {
    return await this.#within('read', options, work);
  }

  async #change<T>(options: CallOptions | undefined, work: (call: Call) => Promise<T>): Promise<T> {
    return await this.#within('write', options, work);
  }

  async #within<T>(
    intent: Intent,
    options: CallOptions | undefined,
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    const { clock, lifecycle } = this.#deps;
    return await withinCall(options, clock, (call) => lifecycle.run(intent, () => work(call)));
  }

  /** A shard that is not there is one of a collection that was dropped meanwhile, and that is the answer. */
  async #ofRows<T>(request: CollectionRef, call: Call, work: () => Promise<T>): Promise<T> {
    checkRequest(request);
    try {
      return await work();
    } catch (failure) {
      const isGone = failure instanceof MilvusError && failure.reason === 'ChannelNotAvailable';
      if (isGone) await this.#deps.coordinator.describeCollection(request, call);
      throw failure;
    }
  }

  async #eachShard<T>(
    ref: CollectionRef,
    call: Call,
    ask: (shard: { collectionId: number; shardId: number }) => Promise<T>,
  ): Promise<T[]> {
    const { id, shardIds } = await this.#deps.coordinator.describeCollection(ref, call);
    return await everyAnswer(shardIds.map((shardId) => ask({ collectionId: id, shardId })));
  }
}

/** Milvus says which call failed where the collection's state is the reason. */
async function inContext<T>(context: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (failure) {
    if (failure instanceof MilvusError && failure.reason === 'CollectionNotLoaded') {
      throw withContext(context, failure);
    }
    throw failure;
  }
}

function sumRows(
  states: readonly ShardState[],
  counts: (segment: ShardState['segments'][number]) => boolean,
): number {
  const segments = states.flatMap((state) => state.segments).filter(counts);
  return segments.reduce((sum, { rowCount }) => sum + rowCount, 0);
}
