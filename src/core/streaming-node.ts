/**
 * The streaming node: leads the shards of this process over one log, and slows writers down before
 * memory or the log outgrows its bounds.
 */
import { type MilvusError, milvusError, toMilvusError } from '../base/errors.ts';
import { LOG_QUEUE_BYTES_MAX, SEGMENT_COUNT_BACKPRESSURE } from '../base/limits.ts';
import { isAutoCompacted } from '../schema/properties.ts';
import { shouldSeal } from '../segments/seal-policy.ts';
import type { QueryPlan, SearchAnswer, SearchPlan } from '../search/plan.ts';
import type { LogEntry } from '../wal/log.ts';
import { comparePositions, type Position } from '../wal/position.ts';
import { BACKGROUND, checkCall } from './call.ts';
import { IndexBuilds } from './index-builds.ts';
import { Maintenance } from './maintenance.ts';
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
} from './ports.ts';
import type { RestoredShard, RestoreShardRequest, ShardCut } from './snapshot-ports.ts';
import { compactShard } from './shard-compaction.ts';
import { cutShard } from './shard-cut.ts';
import type { ShardDeps } from './shard-deps.ts';
import { flushShard } from './shard-flush.ts';
import { ShardLeader } from './shard-leader.ts';
import { restoreShard } from './shard-restore.ts';
import type { Tuning } from './tuning.ts';

export interface StreamingNodeDeps extends Omit<ShardDeps, 'onApplied' | 'indexRowsMin'> {
  /** Nothing is flushed or compacted: another process does. */
  readonly readOnly: boolean;
  readonly tuning: Tuning;
  /** Removes objects that nothing reaches any more; called now and then. */
  readonly collectGarbage: () => Promise<void>;
}

interface ShardRef {
  readonly collectionId: number;
  readonly shardId: number;
}

export class StreamingNode implements Shards {
  readonly #deps: ShardDeps;
  readonly #readOnly: boolean;
  readonly #collectGarbage: () => Promise<void>;
  readonly #tuning: Tuning;
  readonly #leaders = new Map<number, ShardLeader>();
  readonly maintenance: Maintenance;
  readonly #indexBuilds: IndexBuilds;
  /** Objects of collections that were dropped, since when. */
  readonly orphanedSinceMs: Map<string, number> = new Map<string, number>();
  /** Shards that begin as a snapshot, until they have a leader. */
  readonly restoringShards: Set<number> = new Set<number>();
  /** Why shards cannot be flushed at present. */
  readonly #stuck = new Map<number, MilvusError>();
  /** Monotonic time of the first row that is growing, by shard. */
  readonly #growingSinceMs = new Map<number, number>();

  constructor(deps: StreamingNodeDeps) {
    this.#readOnly = deps.readOnly;
    this.#collectGarbage = deps.collectGarbage;
    this.#tuning = deps.tuning;
    const { indexRowsMin } = deps.tuning;
    this.#deps = { ...deps, indexRowsMin, onApplied: (shardId) => this.#onApplied(shardId) };
    this.#indexBuilds = new IndexBuilds(this.#deps, () => this.#kickIndexes());
    this.maintenance = new Maintenance({
      clock: deps.clock,
      logger: deps.logger,
      flushDue: () => this.#flushDue(),
      compactDue: () => this.#compactDue(),
      indexDue: () => this.#indexBuilds.next(this.leaders),
      truncateLog: () => this.truncateLog(),
      collectGarbage: deps.collectGarbage,
    });
  }

  get leaders(): ShardLeader[] {
    return [...this.#leaders.values()];
  }

  // ── Port ─────────────────────────────────────────────────────────────────────────────────────────

  async insert(request: InsertRequest, call: Call): Promise<WriteAnswer> {
    const leader = this.#leader(request);
    await this.#admit(leader, call);
    return await leader.insert(request, call);
  }

  async delete(request: DeleteRequest, call: Call): Promise<WriteAnswer> {
    const leader = this.#leader(request);
    await this.#admit(leader, call);
    return await leader.delete(request, call);
  }

  async search(request: ReadRequest<SearchPlan>, call: Call): Promise<SearchAnswer> {
    const answer = await this.#leader(request).search(request, call);
    // A host may have found an index damaged.
    if (request.plan.index !== null && !this.#readOnly) this.maintenance.notice();
    return answer;
  }

  async query(request: ReadRequest<QueryPlan>, call: Call): Promise<TimedQueryAnswer> {
    return await this.#leader(request).query(request, call);
  }

  async flush(request: ShardRef): Promise<ShardState> {
    const leader = this.#leader(request);
    if (await flushShard(leader, this.#deps)) {
      this.#noteFlushed(leader);
      await this.truncateLog();
      this.#kickIndexes();
    }
    return await leader.describe();
  }

  async compact(request: ShardRef, call: Call): Promise<ShardState> {
    const leader = this.#leader(request);
    while (await compactShard(leader, this.#deps, 'asked')) checkCall(call);
    this.#kickIndexes();
    return await leader.describe();
  }

  async describe(request: ShardRef): Promise<ShardState> {
    return await this.#leader(request).describe();
  }

  async builds(request: ShardRef): Promise<BuildsState> {
    return await this.#indexBuilds.state(this.#leader(request).shardId);
  }

  async buildsAfter(
    request: ShardRef & { version: number; retry: boolean },
    call: Call,
  ): Promise<BuildsState> {
    if (this.#readOnly) throw milvusError('ReadOnly');
    if (request.retry) {
      this.#indexBuilds.retry(request.shardId);
      this.maintenance.retryIndexes();
    }
    await this.#indexBuilds.versionAfter(request.version, call);
    return await this.#indexBuilds.state(request.shardId);
  }

  async keep(request: ShardRef & { timestamp: bigint }): Promise<void> {
    this.#leader(request).leases.extend(request.timestamp);
  }

  async cut(
    request: ShardRef & { timestamp: bigint; flush: boolean },
    call: Call,
  ): Promise<ShardCut> {
    const leader = this.#leader(request);
    return await cutShard(leader, request, async () => {
      checkCall(call);
      await this.flush(request);
    });
  }

  async checkHealth(): Promise<void> {
    const { failure } = this.#deps.lane;
    if (failure !== null) throw failure;
  }

  async letGo(request: ShardRef & { manifestKey: string }): Promise<void> {
    this.#leaders.get(request.shardId)?.manifest.letGo(request.manifestKey);
  }

  async restore(request: RestoreShardRequest): Promise<RestoredShard> {
    const { shardId } = request;
    this.restoringShards.add(shardId);
    try {
      return await restoreShard(request, this.#deps);
    } catch (failure) {
      this.restoringShards.delete(shardId);
      throw failure;
    }
  }

  async applyCollection(request: { collection: CollectionInfo }): Promise<void> {
    const { collection } = request;
    for (const shardId of collection.shardIds) {
      const known = this.#leaders.get(shardId);
      if (known === undefined) this.open(collection, shardId);
      else known.applyCollection(collection);
      this.restoringShards.delete(shardId);
    }
    this.#indexBuilds.changed(collection);
    this.#kickIndexes();
  }

  async truncate(request: ShardRef): Promise<void> {
    const leader = this.#leader(request);
    await leader.appendMarker({ kind: 'truncate', requestId: null });
    await flushShard(leader, this.#deps);
  }

  async dropPartition(request: ShardRef & { partitionId: number }): Promise<void> {
    const leader = this.#leader(request);
    const { partitionId } = request;
    await leader.appendMarker({ kind: 'dropPartition', requestId: null, partitionId });
    await flushShard(leader, this.#deps);
  }

  async dropCollection(request: {
    collectionId: number;
    shardIds: readonly number[];
  }): Promise<void> {
    this.#indexBuilds.dropped(request.collectionId, request.shardIds);
    for (const shardId of request.shardIds) {
      const leader = this.#leaders.get(shardId);
      leader?.stop();
      this.#leaders.delete(shardId);
      this.#growingSinceMs.delete(shardId);
      this.#stuck.delete(shardId);
      const sinceMs = this.#deps.clock.nowMs();
      for (const key of (await leader?.manifest.forget()) ?? [])
        this.orphanedSinceMs.set(key, sinceMs);
    }
    await this.#deps.pointers.remove(request.collectionId, request.shardIds);
  }

  async release(request: ShardRef): Promise<void> {
    await this.#deps.host.evict({ shardId: request.shardId }, BACKGROUND);
  }

  // ── Opening and closing ──────────────────────────────────────────────────────────────────────────

  open(collection: CollectionInfo, shardId: number): ShardLeader {
    const leader = new ShardLeader(collection, shardId, this.#deps);
    this.#leaders.set(shardId, leader);
    return leader;
  }

  /** Records of shards whose collection is gone are skipped. */
  async replay(entry: LogEntry): Promise<void> {
    await this.#leaders.get(entry.shardId)?.replay(entry);
  }

  /** Replay is over: reads may see everything up to `timestamp`. */
  recovered(timestamp: bigint): void {
    for (const leader of this.#leaders.values()) {
      leader.recovered(timestamp);
      if (leader.firstUnflushed !== null && !this.#readOnly) this.#noteGrowing(leader);
    }
    if (this.#growingSinceMs.size > 0) this.maintenance.kick();
    if (this.#readOnly) return;
    this.maintenance.watch();
    // What an earlier process began to build is taken up again, but not while this one opens.
    if (this.leaders.some(({ collection }) => collection.indexes.length > 0)) {
      this.maintenance.notice();
    }
  }

  async close(): Promise<void> {
    this.#indexBuilds.stop();
    await this.maintenance.stop();
    try {
      for (const leader of this.#leaders.values()) {
        const isMuch = leader.growing.byteLength >= this.#tuning.flushOnCloseBytes;
        if (isMuch) await flushShard(leader, this.#deps);
      }
      await this.truncateLog();
      // A process that never lives long enough to tidy up does it on its way out.
      const hasDropped = this.leaders.some(
        ({ manifest }) => manifest.isOpen && manifest.current.dropped.length > 0,
      );
      if (hasDropped) await this.#collectGarbage();
    } catch (thrown) {
      // The log has everything: the next opening replays what could not be written now.
      const { code, message } = toMilvusError(thrown);
      this.#deps.logger.warn({ code, message }, 'closed without flushing');
    }
  }

  /** The log forgets what every shard has in its manifest. */
  async truncateLog(): Promise<void> {
    const { lane } = this.#deps;
    // Records that come from here on lie behind it; those before are waited for, so that each shard
    // knows of the first that it still needs.
    let before: Position = lane.end;
    for (const leader of [...this.#leaders.values()]) {
      await leader.settled();
      const { firstUnflushed } = leader;
      if (firstUnflushed === null) continue;
      const { position } = firstUnflushed;
      if (comparePositions(position, before) < 0) before = position;
    }
    await lane.truncate(before);
  }

  #kickIndexes(): void {
    if (!this.#readOnly) this.maintenance.kickIndexes();
  }

  // ── Policies ─────────────────────────────────────────────────────────────────────────────────────

  #leader(ref: ShardRef): ShardLeader {
    const leader = this.#leaders.get(ref.shardId);
    if (leader === undefined) {
      throw milvusError('ChannelNotAvailable', { fields: { shard: ref.shardId } });
    }
    return leader;
  }

  #onApplied(shardId: number): void {
    const leader = this.#leaders.get(shardId);
    // Dropped while the record was on its way.
    if (leader === undefined) return;
    this.#noteGrowing(leader);
    if (this.#isDue(leader)) this.maintenance.kick();
    else this.maintenance.notice();
  }

  #noteGrowing(leader: ShardLeader): void {
    if (!this.#growingSinceMs.has(leader.shardId)) {
      this.#growingSinceMs.set(leader.shardId, this.#deps.clock.monotonicMs());
    }
  }

  #isDue(leader: ShardLeader): boolean {
    const since = this.#growingSinceMs.get(leader.shardId);
    if (since === undefined) return false;
    return shouldSeal(
      {
        byteLength: leader.growing.currentByteLength,
        rowCount: leader.growing.rowCount,
        ageMs: this.#deps.clock.monotonicMs() - since,
        logBytes: this.#deps.lane.heldBytes,
      },
      this.#tuning,
    );
  }

  /** A shard that cannot be flushed holds up no other; its failure comes up when nothing else is due. */
  async #flushDue(): Promise<boolean> {
    let flushed = false;
    for (const leader of [...this.#leaders.values()]) {
      if (!this.#isDue(leader)) continue;
      try {
        if (await flushShard(leader, this.#deps)) flushed = true;
        this.#noteFlushed(leader);
      } catch (thrown) {
        this.#stuck.set(leader.shardId, toMilvusError(thrown));
      }
    }
    const [failure] = this.#stuck.values();
    if (failure !== undefined && !flushed) throw failure;
    return flushed;
  }

  #noteFlushed(leader: ShardLeader): void {
    this.#stuck.delete(leader.shardId);
    if (leader.firstUnflushed === null) this.#growingSinceMs.delete(leader.shardId);
    else this.#growingSinceMs.set(leader.shardId, this.#deps.clock.monotonicMs());
  }

  async #compactDue(): Promise<boolean> {
    let failure: MilvusError | null = null;
    for (const leader of [...this.#leaders.values()]) {
      if (leader.manifest.pointer === null) continue;
      if (!isAutoCompacted(leader.collection.properties)) continue;
      try {
        if (await compactShard(leader, this.#deps, 'due')) return true;
      } catch (thrown) {
        failure = toMilvusError(thrown);
      }
    }
    if (failure !== null) throw failure;
    return false;
  }

  /** Waits while the process holds too much that is not yet in segments, as long as waiting helps. */
  async #admit(leader: ShardLeader, call: Call): Promise<void> {
    while (this.#deps.lane.queuedBytes > LOG_QUEUE_BYTES_MAX) {
      checkCall(call);
      await this.#deps.clock.yieldTurn();
    }
    const relief = this.#overload(leader);
    if (relief === null) return;
    checkCall(call);
    await relief();
    // All is done that can be done: to wait for more would be to wait for ever. Who is stuck must not add to it.
    const failure = this.#stuck.get(leader.shardId);
    if (failure !== undefined && this.#overload(leader) !== null) throw failure;
  }

  /** What has to get on before `leader` may take more; null when it may. */
  #overload(leader: ShardLeader): (() => Promise<MilvusError | null>) | null {
    const { maintenance } = this;
    const { manifest, collection } = leader;
    const isMany = manifest.isOpen && manifest.current.segments.length > SEGMENT_COUNT_BACKPRESSURE;
    // Where nothing is compacted unasked, to wait for it would help nobody.
    if (isMany && isAutoCompacted(collection.properties)) {
      return () => maintenance.compactionsSettled();
    }
    let bytes = 0;
    for (const shardId of this.#growingSinceMs.keys()) {
      bytes += this.#leaders.get(shardId)?.growing.byteLength ?? 0;
    }
    return bytes > this.#tuning.growingBytesMax ? () => maintenance.flushesSettled() : null;
  }
}
