/**
 * The streaming node's half of one shard: the single writer of its log records, its growing rows, and
 * the View that reads run on.
 *
 * Invariants:
 *  - a record is appended before it is applied, and applied in the order of the log;
 *  - a write resolves when its record is durable and applied, so every later read sees it;
 *  - a read at timestamp t sees exactly the records with timestamps <= t, whatever flush, compaction and
 *    later writes do meanwhile: the segments it runs on are pinned;
 *  - after a failed append nothing is written until the database is opened again.
 */
import { must } from '../base/assert.ts';
import { milvusError } from '../base/errors.ts';
import { Mutex } from '../base/mutex.ts';
import { bothFilters } from '../query/both-filters.ts';
import { executeQuery, executeSearch } from '../search/query.ts';
import type { QueryAnswer, QueryPlan, SearchAnswer, SearchPlan } from '../search/plan.ts';
import { inPieces, SearchTurns } from '../search/read-context.ts';
import { emptyQueryAnswer, mergeQueryAnswers, mergeSearchAnswers } from '../search/reduce.ts';
import { joinKeys, keyCount, keysOfColumn, sliceKeys } from '../segments/key-list.ts';
import type { KeyList } from '../segments/segment.ts';
import { physicalMs } from '../meta/hybrid-clock.ts';
import { type Message, decodeMessage, encodeMessage } from '../wal/message.ts';
import type { LogEntry } from '../wal/log.ts';
import { comparePositions, formatPosition, type Position } from '../wal/position.ts';
import { AcceptedWrites } from './accepted-writes.ts';
import { BACKGROUND, checkCall, signalOf, turnOf } from './call.ts';
import { GrowingRows, insertInTurns } from './growing-rows.ts';
import { coverage } from './index-coverage.ts';
import { completeRows } from './partial-upsert.ts';
import type {
  Call,
  CollectionInfo,
  DeleteRequest,
  DeleteRun,
  InsertRequest,
  PartitionRows,
  ReadRequest,
  ShardState,
  TimedQueryAnswer,
  WriteAnswer,
} from './ports.ts';
import { keysOfRows, latestPlan } from './latest-rows.ts';
import { requirePartitions } from './routing.ts';
import { supersededIn } from './row-scope.ts';
import type { ShardDeps } from './shard-deps.ts';
import { ShardManifest } from './shard-manifest.ts';
import { type Horizon, horizonOf } from './shard-horizon.ts';
import { losesRows, lostBefore, SnapshotLeases } from './snapshot-leases.ts';

/** Reads that ask for more than one thing of the same moment. */
type Point = Pick<QueryPlan, 'timestamp' | 'expiredBefore'>;

export class ShardLeader {
  readonly shardId: number;
  readonly manifest: ShardManifest;
  readonly growing: GrowingRows;
  readonly leases: SnapshotLeases;
  /** Compactions of the shard, one at a time. */
  readonly compactionTurn: Mutex = new Mutex();
  readonly #deps: ShardDeps;
  readonly #turns: SearchTurns;
  /** Preparation and append of writes, one at a time. */
  readonly #turn = new Mutex();
  readonly #accepted = new AcceptedWrites();
  #collection: CollectionInfo;
  /** Settles when everything appended so far is applied or refused. */
  #appliedTail: Promise<unknown> = Promise.resolve();
  #appliedTimestamp: bigint;
  #appliedPosition: Position;
  /** Of the newest record that is durable, whether it is applied yet or just being applied. */
  #newestPosition: Position;
  /** First record that no manifest covers; null when there is none. */
  #firstUnflushed: { readonly position: Position; readonly timestamp: bigint } | null = null;
  /** Moments from which running compactions took their deletes. */
  readonly #compactions: bigint[] = [];
  /** Rows of the log were left out that no manifest speaks of yet. */
  #isCurtailed = false;
  #failure: unknown = null;
  #dropped = false;

  constructor(collection: CollectionInfo, shardId: number, deps: ShardDeps) {
    this.#collection = collection;
    this.#deps = deps;
    this.#turns = new SearchTurns(deps.clock);
    this.shardId = shardId;
    this.leases = new SnapshotLeases(deps.clock);
    this.manifest = new ShardManifest(collection.id, shardId, deps, this.leases);
    const primaryFieldId = this.primaryField.id;
    const nextSegmentId = (): number => deps.segmentIds.next();
    const isKeyedByPartition = supersededIn(collection, []) !== null;
    this.growing = new GrowingRows({ primaryFieldId, isKeyedByPartition, nextSegmentId });
    this.#hideWhatIsGone();
    const { pointer } = this.manifest;
    this.#appliedTimestamp = collection.createdTimestamp;
    this.#appliedPosition = pointer?.checkpoint ?? deps.lane.start;
    this.#newestPosition = this.#appliedPosition;
  }

  get collection(): CollectionInfo {
    return this.#collection;
  }

  get appliedTimestamp(): bigint {
    return this.#appliedTimestamp;
  }

  /** From its position on the log is needed; what was written before its timestamp is flushed. Null: all is. */
  get firstUnflushed(): { readonly position: Position; readonly timestamp: bigint } | null {
    return this.#firstUnflushed;
  }

  get primaryField(): CollectionInfo['schema']['fields'][number] {
    const field = this.#collection.schema.fields.find((one) => one.isPrimaryKey);
    return must(field, 'a collection has a primary key');
  }

  // ── Writes ───────────────────────────────────────────────────────────────────────────────────────

  async insert(request: InsertRequest, call: Call): Promise<WriteAnswer> {
    const written = await this.#turn.run(async () => {
      this.#checkWrite(request);
      requirePartitions(this.#collection, request.rows);
      const rows = request.partial ? await this.#completeRows(request, call) : request.rows;
      const { version: schemaVersion } = this.#collection.schema;
      const common = { requestId: null, schemaVersion, rows };
      if (!request.upsert) return await this.#append({ kind: 'insert', ...common }, call);
      const keys = request.replaces ?? keysOfRows(rows, this.primaryField);
      const partitionIds = supersededIn(this.#collection, rows);
      return await this.#append({ kind: 'upsert', partitionIds, keys, ...common }, call);
    });
    const timestamp = await written.applied;
    const rowCount = request.rows.reduce((sum, { batch }) => sum + batch.rowCount, 0);
    return { timestamp, rowCount };
  }

  async delete(request: DeleteRequest, call: Call): Promise<WriteAnswer> {
    const written = await this.#turn.run(async () => {
      this.#checkWrite(request);
      const { filter } = request;
      const isPlain = request.keys !== null && filter === null;
      const keys = isPlain ? request.keys : await this.#matchingKeys(request, call);
      const rowCount = keyCount(keys);
      if (rowCount === 0) return { rowCount, applied: Promise.resolve(this.#appliedTimestamp) };
      const { partitionIds } = request;
      const message = { kind: 'delete', requestId: null, partitionIds, keys } as const;
      return { rowCount, ...(await this.#append(message, call)) };
    });
    return { rowCount: written.rowCount, timestamp: await written.applied };
  }

  /** Appends a record that is no row: schema change, drop of a partition, truncation. */
  async appendMarker(message: Message): Promise<bigint> {
    const written = await this.#turn.run(() => this.#append(message, BACKGROUND));
    return await written.applied;
  }

  /**
   * Runs `cut` between two records: everything appended is applied, nothing new is appended meanwhile.
   */
  async atRest<T>(cut: (at: { position: Position; timestamp: bigint }) => T): Promise<T> {
    return await this.#turn.run(async () => {
      await this.#appliedTail;
      this.#checkAlive();
      return cut({ position: this.#appliedPosition, timestamp: this.#appliedTimestamp });
    });
  }

  /**
   * Resolves when every write that had a timestamp as of now is applied or refused. A write that is being
   * prepared may have its timestamp already, so its turn is waited for too.
   */
  async settled(): Promise<void> {
    const tail = await this.#turn.run(async () => ({ applied: this.#appliedTail }));
    await tail.applied;
  }

  /** A manifest covers everything up to `position`. */
  markFlushed(position: Position): void {
    const first = this.#firstUnflushed;
    if (first === null || comparePositions(first.position, position) > 0) return;
    const clean = comparePositions(this.#newestPosition, position) <= 0;
    const next = { ...position, index: position.index + 1 };
    this.#firstUnflushed = clean ? null : { ...first, position: next };
  }

  beginCompaction(timestamp: bigint): void {
    this.#compactions.push(timestamp);
  }

  endCompaction(timestamp: bigint): void {
    this.#compactions.splice(this.#compactions.indexOf(timestamp), 1);
  }

  /** Delete runs up to here are of no use to anybody but segments that have not taken them in. */
  forgetUntil(checkpoint: bigint): bigint {
    return this.#compactions.reduce((least, one) => (one < least ? one : least), checkpoint);
  }

  /** Every record is replayed; reads see all that any earlier process wrote. */
  recovered(timestamp: bigint): void {
    if (timestamp > this.#appliedTimestamp) this.#appliedTimestamp = timestamp;
    this.leases.opened(timestamp);
    const { truncatedTimestamp: gone } = this.#collection;
    this.leases.raiseFloor(this.#isCurtailed ? timestamp : gone + 1n);
  }

  applyCollection(collection: CollectionInfo): void {
    // No read at an earlier moment would find what goes now.
    if (losesRows(this.#collection, collection))
      this.leases.raiseFloor(this.#deps.hybridClock.last + 1n);
    this.#collection = collection;
    this.#hideWhatIsGone();
  }

  /** The catalog changes first: a crash may come before the log has a record of it. */
  #hideWhatIsGone(): void {
    const { truncatedTimestamp, partitions } = this.#collection;
    const partitionIds = partitions.map(({ id }) => id);
    this.manifest.hideUntil(truncatedTimestamp);
    this.manifest.keepPartitions(partitionIds);
    this.growing.keepPartitions(partitionIds);
  }

  stop(): void {
    this.#dropped = true;
    this.growing.clear();
    this.#firstUnflushed = null;
  }

  // ── Replay ───────────────────────────────────────────────────────────────────────────────────────

  /** One record found in the log at opening. Those that the manifest covers change nothing. */
  async replay(entry: LogEntry): Promise<void> {
    const checkpoint = this.manifest.pointer?.checkpoint;
    if (checkpoint !== undefined && comparePositions(entry.position, checkpoint) <= 0) return;
    if (entry.timestamp <= this.#collection.truncatedTimestamp) return;
    const where = `record ${formatPosition(entry.position)}`;
    const message = decodeMessage(entry.kind, entry.payload, where);
    await this.#apply(message, entry.timestamp, entry.position);
  }

  // ── Reads ────────────────────────────────────────────────────────────────────────────────────────

  async search(request: ReadRequest<SearchPlan>, call: Call): Promise<SearchAnswer> {
    const plan = { ...request.plan, ...(await this.#pointOf(request)) };
    const { host, workers, clock } = this.#deps;
    const { shardId } = this;
    return await this.manifest.read(this.growing, plan, async ({ segmentIds, growing }) => {
      this.leases.check(request.read.snapshotTimestamp);
      if (growing.length === 0) return await host.search({ shardId, segmentIds, plan }, call);
      const answers = await Promise.all([
        host.search({ shardId, segmentIds, plan }, call),
        this.#turns.run(() => executeSearch(plan, growing, { workers, clock, ...signalOf(call) })),
      ]);
      return await mergeSearchAnswers(plan, answers, turnOf(call, clock));
    });
  }

  async query(request: ReadRequest<QueryPlan>, call: Call): Promise<TimedQueryAnswer> {
    const plan = { ...request.plan, ...(await this.#pointOf(request)) };
    const { snapshotTimestamp } = request.read;
    return { ...(await this.#queryAt(plan, call, snapshotTimestamp)), timestamp: plan.timestamp };
  }

  async describe(): Promise<ShardState> {
    await this.manifest.open(this.#collection.schema);
    const { host } = this.#deps;
    const counts = await host.deletedCounts({ shardId: this.shardId }, BACKGROUND);
    const covered = await coverage(this, this.#deps);
    const segments = [...this.manifest.states(counts, covered), ...this.growing.states];
    return { shardId: this.shardId, manifestVersion: this.manifest.version, segments };
  }

  /** What compaction may take away. @param until deletes up to here are known */
  horizon(until: bigint): Horizon {
    const nowMs = this.#deps.clock.nowMs();
    return horizonOf(this.#collection, this.leases, { until, nowMs });
  }

  async #queryAt(
    plan: QueryPlan,
    call: Call,
    snapshotTimestamp: bigint | null = null,
  ): Promise<QueryAnswer> {
    await this.manifest.open(this.#collection.schema);
    const { host, workers, clock } = this.#deps;
    const { shardId } = this;
    return await this.manifest.read(this.growing, plan, async ({ segmentIds, growing }) => {
      // Rows may have gone between the choice of the moment and this View.
      this.leases.check(snapshotTimestamp);
      if (growing.length === 0) return await host.query({ shardId, segmentIds, plan }, call);
      const answers = await Promise.all([
        segmentIds.length === 0
          ? emptyQueryAnswer(plan)
          : host.query({ shardId, segmentIds, plan }, call),
        executeQuery(plan, growing, { workers, clock, ...signalOf(call) }),
      ]);
      return await mergeQueryAnswers(plan, answers, turnOf(call, clock));
    });
  }

  /** The moment at which a read looks; waits until everything it must see is applied. */
  async #pointOf(request: ReadRequest<unknown>): Promise<Point> {
    this.#checkAlive();
    if (!this.manifest.isOpen) await this.manifest.open(this.#collection.schema);
    this.leases.takeOver(this.manifest.historyFrom);
    const { guaranteeTimestamp, snapshotTimestamp, isRepeatable } = request.read;
    const atMs =
      snapshotTimestamp === null ? this.#deps.clock.nowMs() : physicalMs(snapshotTimestamp);
    const expiredBefore = lostBefore(this.#collection, atMs);
    if (snapshotTimestamp !== null) {
      await this.#deps.hybridClock.observe(snapshotTimestamp);
      await this.settled();
      this.leases.check(snapshotTimestamp);
      if (isRepeatable) this.leases.extend(snapshotTimestamp);
      return { timestamp: snapshotTimestamp, expiredBefore };
    }
    if (this.#accepted.hasAbandoned) await this.#accepted.abandonedSettled();
    if (guaranteeTimestamp > this.#appliedTimestamp) {
      // It is kept for this answer only, which a crash would take with it: a read makes nothing durable.
      this.#deps.hybridClock.pass(guaranteeTimestamp);
      await this.settled();
    }
    return { timestamp: this.#appliedTimestamp, expiredBefore };
  }

  // ── The road of a record ─────────────────────────────────────────────────────────────────────────

  async #append(message: Message, call: Call): Promise<{ applied: Promise<bigint> }> {
    const { lane, hybridClock, segmentIds } = this.#deps;
    await segmentIds.ensure();
    const timestamp = await hybridClock.next();
    // The last look: from here on the write counts, whether or not its caller waits for it.
    checkCall(call);
    const appended = lane.append({ shardId: this.shardId, timestamp, ...encodeMessage(message) });
    const applied = this.#applyInOrder(message, timestamp, appended);
    this.#appliedTail = Promise.allSettled([applied]);
    this.#accepted.add(call, applied);
    return { applied };
  }

  async #applyInOrder(
    message: Message,
    timestamp: bigint,
    appended: Promise<Position>,
  ): Promise<bigint> {
    const earlier = this.#appliedTail;
    // Watch for the outcome at once: a failed append must not count as unhandled while others settle.
    const outcome = await Promise.allSettled([appended, earlier]);
    if (outcome[0].status === 'rejected') throw outcome[0].reason;
    await this.#apply(message, timestamp, outcome[0].value);
    this.#deps.onApplied(this.shardId);
    return timestamp;
  }

  async #apply(message: Message, timestamp: bigint, position: Position): Promise<void> {
    // Before it is applied: should that fail, or a flush end meanwhile, the log must keep the record.
    this.#firstUnflushed ??= { position, timestamp };
    this.#newestPosition = position;
    try {
      await this.#applyMessage(message, timestamp);
    } catch (failure) {
      // Durable but not visible: this process must not answer for the shard any more; the log will.
      this.#failure = failure;
      throw failure;
    }
    this.#appliedPosition = position;
    this.#appliedTimestamp = timestamp;
  }

  async #applyMessage(message: Message, timestamp: bigint): Promise<void> {
    switch (message.kind) {
      case 'insert': {
        const rows = this.#livingRows(message.rows);
        const keysAreFresh = this.primaryField.autoId;
        if (!keysAreFresh) {
          // Rows of a partition that is gone superseded others while it was there.
          const keys = keysOfRows(message.rows, this.primaryField);
          const partitionIds = supersededIn(this.#collection, message.rows);
          await this.#deleteSealed(keys, partitionIds, timestamp);
          if (rows.length < message.rows.length)
            await this.#deleteGrowing({ timestamp, partitionIds, keys });
        }
        return await this.#insertGrowing(rows, timestamp, keysAreFresh);
      }
      case 'upsert': {
        const { keys, partitionIds } = message;
        await this.#deleteSealed(keys, partitionIds, timestamp);
        await this.#deleteGrowing({ timestamp, partitionIds, keys });
        return await this.#insertGrowing(message.rows, timestamp, false);
      }
      case 'delete':
        await this.#deleteSealed(message.keys, message.partitionIds, timestamp);
        return await this.#deleteGrowing({ timestamp, ...message });
      case 'dropPartition':
        this.leases.raiseFloor(timestamp);
        this.growing.dropPartition(message.partitionId);
        return this.manifest.hidePartition(message.partitionId);
      case 'truncate':
        this.leases.raiseFloor(timestamp);
        this.growing.clear();
        return this.manifest.hideUntil(timestamp);
      default:
        return undefined;
    }
  }

  async #insertGrowing(
    rows: readonly PartitionRows[],
    timestamp: bigint,
    keysAreFresh: boolean,
  ): Promise<void> {
    const turn = turnOf(BACKGROUND, this.#deps.clock);
    // A partition may be dropped between two pieces.
    await insertInTurns(rows, turn, (piece) => {
      this.growing.insert(this.#livingRows([piece]), timestamp, keysAreFresh);
    });
  }

  async #deleteGrowing({ keys, partitionIds, timestamp }: DeleteRun): Promise<void> {
    await inPieces(keyCount(keys), turnOf(BACKGROUND, this.#deps.clock), (start, end) => {
      this.growing.delete(sliceKeys(keys, start, end), partitionIds, timestamp);
    });
  }

  /** Rows of partitions that were dropped after the record was written stay out. */
  #livingRows(rows: readonly PartitionRows[]): readonly PartitionRows[] {
    const living = new Set(this.#collection.partitions.map(({ id }) => id));
    const left = rows.filter(({ partitionId }) => living.has(partitionId));
    if (left.length < rows.length) this.#isCurtailed = true;
    return left;
  }

  async #deleteSealed(
    keys: KeyList,
    partitionIds: readonly number[] | null,
    timestamp: bigint,
  ): Promise<void> {
    // Segments that are being sealed will have missed what comes now.
    if (this.manifest.pointer === null && this.growing.frozen.length === 0) return;
    // Copied: keys read from the log are views that would keep its files' bytes in memory.
    const run = { timestamp, partitionIds, keys: joinKeys(keys.kind, [keys]) };
    await this.#deps.host.applyDeletes({ shardId: this.shardId, run }, BACKGROUND);
  }

  // ── Preparation of writes ────────────────────────────────────────────────────────────────────────

  #checkWrite(request: { readonly schemaVersion: number }): void {
    this.#checkAlive();
    const { version, name } = this.#collection.schema;
    // A frontend may know of a change before this leader does; what it checked is right all the same.
    if (request.schemaVersion < version) {
      throw milvusError('SchemaMismatch', {
        fields: { collection: name, expected: version, actual: request.schemaVersion },
      });
    }
  }

  #checkAlive(): void {
    if (this.#failure !== null) throw milvusError('ChannelNotAvailable', {}, this.#failure);
    if (this.#dropped) {
      const { databaseName, name } = this.#collection;
      throw milvusError('CollectionNotFound', {
        fields: { database: databaseName, collection: name },
      });
    }
  }

  /** Full rows of a partial upsert: what is missing comes from the rows that are there now. */
  async #completeRows(request: InsertRequest, call: Call): Promise<readonly PartitionRows[]> {
    await this.#appliedTail;
    const { schema } = this.#collection;
    await this.manifest.open(schema);
    const plan = this.#latestPlan(schema.fields.map(({ id }) => id));
    return await completeRows(request, this.#collection, {
      partitionIds: [...this.manifest.segments, ...this.growing.segments].map(
        ({ partitionId }) => partitionId,
      ),
      fetch: async (keys, partitionIds, within) => {
        const filter = bothFilters(plan.filter, within);
        return (await this.#queryAt({ ...plan, keys, partitionIds, filter }, call)).batch;
      },
    });
  }

  async #matchingKeys(request: DeleteRequest, call: Call): Promise<KeyList> {
    await this.#appliedTail;
    const plan = this.#latestPlan([this.primaryField.id]);
    const { keys, partitionIds } = request;
    const filter = bothFilters(request.filter, plan.filter);
    const { batch } = await this.#queryAt({ ...plan, keys, filter, partitionIds }, call);
    return keysOfColumn(must(batch.columns.get(this.primaryField.id), 'rows have keys'));
  }

  #latestPlan(outputFieldIds: readonly number[]): QueryPlan {
    const at = { timestamp: this.#appliedTimestamp, nowMs: this.#deps.clock.nowMs() };
    return latestPlan(this.#collection, outputFieldIds, at);
  }
}
