/**
 * Stands between frontend and shards and tells the model what each shard was asked and answered. A request
 * is known by its deadline, which no other request on its way has.
 */
import { MilvusError } from '../../src/base/errors.ts';
import type {
  BuildsState,
  Call,
  CollectionInfo,
  DeleteRequest,
  InsertRequest,
  ReadRequest,
  Shards,
  ShardState,
  TimedQueryAnswer,
  WriteAnswer,
} from '../../src/core/ports.ts';
import type { ShardRequest } from '../../src/core/references.ts';
import type {
  RestoredShard,
  RestoreShardRequest,
  ShardCut,
} from '../../src/core/snapshot-ports.ts';
import { columnOfKeys } from '../../src/core/routing.ts';
import { keysOf, type PrimaryKey } from '../../src/schema/primary-key.ts';
import type { QueryPlan, SearchAnswer, SearchPlan } from '../../src/search/plan.ts';
import type { ModelCollection, ShardWrite, Write } from './model.ts';

/** A request on its way; `writeOf` says what it means once the keys of its rows are known. */
export interface Tracked {
  readonly collection: ModelCollection;
  readonly writeOf: (keys: readonly PrimaryKey[]) => Write;
}

/** Longer than any simulated operation takes. */
const TIMEOUT_MS = 1_000_000_000;

/** Failures after which nothing has happened. */
const REFUSALS = new Set([
  'SchemaMismatch',
  'PartitionNotFound',
  'CollectionNotFound',
  'Closed',
  'ReadOnly',
]);

export class ShardObserver {
  /** By deadline. */
  readonly #tracked = new Map<number, Tracked>();
  #timeoutMs = TIMEOUT_MS;
  /** Index of each shard in its collection. */
  readonly #indexes = new Map<number, number>();
  /** A failed append was answered: what is asked later cannot reach the log. */
  isPoisoned = false;

  learn(collection: CollectionInfo): void {
    for (const [index, shardId] of collection.shardIds.entries()) this.#indexes.set(shardId, index);
  }

  /** Calls `run` with the time-out that makes its request known. */
  async track(
    nowMs: number,
    tracked: Tracked,
    run: (timeoutMs: number) => Promise<void>,
  ): Promise<void> {
    this.#timeoutMs += 1;
    const deadlineMs = nowMs + this.#timeoutMs;
    this.#tracked.set(deadlineMs, tracked);
    try {
      await run(this.#timeoutMs);
    } finally {
      this.#tracked.delete(deadlineMs);
    }
  }

  wrap(inner: Shards): Shards {
    return new ObservedShards(inner, this);
  }

  async observe(
    request: { readonly shardId: number; readonly keys: readonly PrimaryKey[] },
    call: Call,
    run: () => Promise<WriteAnswer>,
  ): Promise<WriteAnswer> {
    const tracked = call.deadlineMs === null ? undefined : this.#tracked.get(call.deadlineMs);
    if (tracked === undefined) return await run();
    const shard = tracked.collection.shards[this.#indexes.get(request.shardId) ?? -1];
    if (shard === undefined) throw new Error(`shard ${request.shardId} is not in the model`);
    const written = shard.begin(tracked.writeOf(request.keys));
    const wasPoisoned = this.isPoisoned;
    try {
      const answer = await run();
      written.timestamp = answer.timestamp;
      written.foundNothing = answer.rowCount === 0;
      written.state = 'applied';
      return answer;
    } catch (failure) {
      this.#failed(written, failure, wasPoisoned);
      throw failure;
    }
  }

  #failed(written: ShardWrite, failure: unknown, wasPoisoned: boolean): void {
    const isRefusal =
      failure instanceof MilvusError &&
      (failure.isInputError ||
        REFUSALS.has(failure.reason) ||
        (wasPoisoned && failure.reason === 'WriterPoisoned'));
    written.state = isRefusal ? 'refused' : 'doubtful';
    if (!isRefusal) this.isPoisoned = true;
  }
}

class ObservedShards implements Shards {
  readonly #inner: Shards;
  readonly #observer: ShardObserver;

  constructor(inner: Shards, observer: ShardObserver) {
    this.#inner = inner;
    this.#observer = observer;
  }

  async insert(request: InsertRequest, call: Call): Promise<WriteAnswer> {
    const { newKeys } = request;
    const renamed = newKeys === undefined ? null : keysOf(columnOfKeys(newKeys.to));
    const own = request.rows.flatMap(({ batch }) => {
      const [column] = batch.columns.values();
      return column === undefined ? [] : keysOf(column);
    });
    const keys = renamed ?? own;
    return await this.#watch(request.shardId, keys, call, () => this.#inner.insert(request, call));
  }

  async delete(request: DeleteRequest, call: Call): Promise<WriteAnswer> {
    return await this.#watch(request.shardId, [], call, () => this.#inner.delete(request, call));
  }

  async builds(request: ShardRequest, call: Call): Promise<BuildsState> {
    return await this.#inner.builds(request, call);
  }

  async buildsAfter(
    request: ShardRequest & { version: number; retry: boolean },
    call: Call,
  ): Promise<BuildsState> {
    return await this.#inner.buildsAfter(request, call);
  }

  async search(request: ReadRequest<SearchPlan>, call: Call): Promise<SearchAnswer> {
    return await this.#inner.search(request, call);
  }

  async query(request: ReadRequest<QueryPlan>, call: Call): Promise<TimedQueryAnswer> {
    return await this.#inner.query(request, call);
  }

  async flush(request: { collectionId: number; shardId: number }, call: Call): Promise<ShardState> {
    return await this.#inner.flush(request, call);
  }

  async compact(
    request: { collectionId: number; shardId: number },
    call: Call,
  ): Promise<ShardState> {
    return await this.#inner.compact(request, call);
  }

  async describe(
    request: { collectionId: number; shardId: number },
    call: Call,
  ): Promise<ShardState> {
    return await this.#inner.describe(request, call);
  }

  async applyCollection(request: { collection: CollectionInfo }, call: Call): Promise<void> {
    this.#observer.learn(request.collection);
    await this.#inner.applyCollection(request, call);
  }

  async keep(request: ShardRequest & { timestamp: bigint }, call: Call): Promise<void> {
    await this.#inner.keep(request, call);
  }

  async cut(
    request: ShardRequest & { timestamp: bigint; flush: boolean },
    call: Call,
  ): Promise<ShardCut> {
    return await this.#inner.cut(request, call);
  }

  async checkHealth(call: Call): Promise<void> {
    await this.#inner.checkHealth(call);
  }

  async letGo(request: ShardRequest & { manifestKey: string }, call: Call): Promise<void> {
    await this.#inner.letGo(request, call);
  }

  async restore(request: RestoreShardRequest, call: Call): Promise<RestoredShard> {
    return await this.#inner.restore(request, call);
  }

  async truncate(request: { collectionId: number; shardId: number }, call: Call): Promise<void> {
    await this.#inner.truncate(request, call);
  }

  async dropPartition(
    request: { collectionId: number; shardId: number; partitionId: number },
    call: Call,
  ): Promise<void> {
    await this.#inner.dropPartition(request, call);
  }

  async dropCollection(
    request: { collectionId: number; shardIds: readonly number[] },
    call: Call,
  ): Promise<void> {
    await this.#inner.dropCollection(request, call);
  }

  async release(request: { collectionId: number; shardId: number }, call: Call): Promise<void> {
    await this.#inner.release(request, call);
  }

  async #watch(
    shardId: number,
    keys: readonly PrimaryKey[],
    call: Call,
    run: () => Promise<WriteAnswer>,
  ): Promise<WriteAnswer> {
    return await this.#observer.observe({ shardId, keys }, call, run);
  }
}
