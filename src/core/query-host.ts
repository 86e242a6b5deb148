/**
 * The query node: holds the sealed segments it was assigned and answers plans on them.
 *
 * Deletes arrive as one ordered stream of keys a shard. A segment takes them in when it is next read or
 * checkpointed, so that nothing is loaded for a delete alone. What a read sees is decided by its
 * timestamp, not by how far a segment has got: marks newer than the read do not count.
 */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { milvusError, toMilvusError } from '../base/errors.ts';
import { ROW_MASK_BYTES_MAX } from '../base/limits.ts';
import { Mutex } from '../base/mutex.ts';
import { must } from '../base/assert.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import type { QueryAnswer, QueryPlan, SearchAnswer, SearchPlan } from '../search/plan.ts';
import { executeQuery, executeSearch } from '../search/query.ts';
import { type ReadContext, SearchTurns, type SearchWorkers } from '../search/read-context.ts';
import { RowMasks } from '../search/row-masks.ts';
import type { ColumnCache } from '../segments/column-cache.ts';
import { keyCount, sliceKeys } from '../segments/key-list.ts';
import { SealedSegment } from '../segments/sealed-segment.ts';
import type { DeleteReference, SegmentIndex, SegmentInfo } from '../segments/segment-info.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { BACKGROUND, turnOf } from './call.ts';
import { DeleteRuns } from './delete-runs.ts';
import type { Call, DeleteRun, HostRead, SegmentHost } from './ports.ts';

/** Keys looked up in a segment between two looks at the clock. */
const KEYS_AT_ONCE = 4096;

export interface QueryHostDeps {
  readonly store: ObjectStore;
  readonly cache: ColumnCache;
  readonly workers: SearchWorkers;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Rows below which a scan is as good as an index. */
  readonly indexRowsMin: number;
}

interface HostedSegment {
  readonly segment: SealedSegment;
  /** Number of the first run it has not taken in. */
  cursor: number;
  readonly turn: Mutex;
}

interface HostedShard {
  readonly runs: DeleteRuns;
  readonly segments: Map<number, HostedSegment>;
}

export class QueryHost implements SegmentHost {
  readonly #deps: QueryHostDeps;
  readonly #shards = new Map<number, HostedShard>();
  readonly #masks = new RowMasks(ROW_MASK_BYTES_MAX);
  readonly #turns: SearchTurns;

  constructor(deps: QueryHostDeps) {
    this.#deps = deps;
    this.#turns = new SearchTurns(deps.clock);
  }

  async assign(request: {
    shardId: number;
    schema: CollectionSchema;
    segments: readonly SegmentInfo[];
    appliedTimestamp: bigint;
  }): Promise<void> {
    const shard = this.#shard(request.shardId);
    const cursor = shard.runs.firstAfter(request.appliedTimestamp);
    for (const info of request.segments) {
      if (shard.segments.has(info.id)) continue;
      const { store, cache } = this.#deps;
      const onDamagedIndex = (index: SegmentIndex, failure: unknown): void =>
        this.#reportDamage(index, failure);
      const { schema } = request;
      const segment = new SealedSegment(info, { schema, store, cache, onDamagedIndex });
      shard.segments.set(info.id, { segment, cursor, turn: new Mutex() });
    }
  }

  async unassign(request: { shardId: number; segmentIds: readonly number[] }): Promise<void> {
    const shard = this.#shards.get(request.shardId);
    for (const id of request.segmentIds) {
      shard?.segments.get(id)?.segment.close();
      shard?.segments.delete(id);
      this.#masks.drop(id);
    }
  }

  async assignIndexes(request: {
    shardId: number;
    indexes: ReadonlyMap<number, readonly SegmentIndex[]>;
  }): Promise<void> {
    const segments = this.#shards.get(request.shardId)?.segments;
    for (const [id, indexes] of request.indexes) segments?.get(id)?.segment.setIndexes(indexes);
  }

  async damagedIndexes(request: { shardId: number }): Promise<readonly string[]> {
    const segments = this.#shards.get(request.shardId)?.segments.values() ?? [];
    return [...segments].flatMap(({ segment }) => segment.damagedIndexes);
  }

  async applyDeletes(request: { shardId: number; run: DeleteRun }): Promise<void> {
    this.#shard(request.shardId).runs.append(request.run);
  }

  async search(request: HostRead<SearchPlan>, call: Call): Promise<SearchAnswer> {
    const segments = await this.#caughtUp(request.shardId, request.segmentIds);
    return await this.#turns.run(() =>
      executeSearch(request.plan, segments, this.#environment(call)),
    );
  }

  async query(request: HostRead<QueryPlan>, call: Call): Promise<QueryAnswer> {
    const segments = await this.#caughtUp(request.shardId, request.segmentIds);
    return await executeQuery(request.plan, segments, this.#environment(call));
  }

  async checkpointDeletes(request: {
    shardId: number;
    segments: readonly SegmentInfo[];
    forgetUntil: bigint;
  }): Promise<ReadonlyMap<number, DeleteReference>> {
    const references = new Map<number, DeleteReference>();
    const shard = this.#shards.get(request.shardId);
    if (shard === undefined) return references;
    for (const { id, deletes } of request.segments) {
      const hosted = this.#hosted(request.shardId, id);
      await this.#catchUp(shard, hosted);
      if (hosted.segment.deletedCount === (deletes?.rowCount ?? 0)) continue;
      references.set(id, await hosted.segment.writeDeletes());
    }
    let oldest = shard.runs.end;
    for (const { cursor } of shard.segments.values()) oldest = Math.min(oldest, cursor);
    shard.runs.forget(oldest, request.forgetUntil);
    return references;
  }

  async deletedCounts(request: {
    shardId: number;
    until?: bigint;
  }): Promise<ReadonlyMap<number, number>> {
    const counts = new Map<number, number>();
    for (const [id, hosted] of this.#shards.get(request.shardId)?.segments ?? []) {
      const { segment } = hosted;
      const { until } = request;
      counts.set(id, until === undefined ? segment.deletedCount : segment.deletedCountAt(until));
    }
    return counts;
  }

  async evict(request: { shardId: number }): Promise<void> {
    for (const { segment } of this.#shards.get(request.shardId)?.segments.values() ?? []) {
      segment.evict();
      this.#masks.drop(segment.id);
    }
  }

  #environment({ signal }: Call): ReadContext {
    const { workers, clock, indexRowsMin } = this.#deps;
    const masks = this.#masks;
    return { workers, clock, masks, indexRowsMin, ...(signal === undefined ? {} : { signal }) };
  }

  #reportDamage({ image }: SegmentIndex, failure: unknown): void {
    const { code, message } = toMilvusError(failure);
    this.#deps.logger.error(
      { key: image.key, code, message },
      'index damaged: scanned until rebuilt',
    );
  }

  #shard(shardId: number): HostedShard {
    const known = this.#shards.get(shardId);
    if (known !== undefined) return known;
    const shard: HostedShard = { runs: new DeleteRuns(), segments: new Map() };
    this.#shards.set(shardId, shard);
    return shard;
  }

  #hosted(shardId: number, segmentId: number): HostedSegment {
    const hosted = this.#shards.get(shardId)?.segments.get(segmentId);
    if (hosted === undefined)
      throw milvusError('SegmentNotLoaded', { fields: { segment: segmentId } });
    return hosted;
  }

  async #caughtUp(shardId: number, segmentIds: readonly number[]): Promise<SealedSegment[]> {
    if (segmentIds.length === 0) return [];
    const shard = must(
      this.#shards.get(shardId),
      'segments of a shard are assigned before they are read',
    );
    const hosted = segmentIds.map((id) => this.#hosted(shardId, id));
    const { end } = shard.runs;
    if (hosted.some(({ cursor }) => cursor < end)) {
      await Promise.all(hosted.map((one) => this.#catchUp(shard, one)));
    }
    return hosted.map((one) => one.segment);
  }

  /** Takes in every run that is there as of now. */
  async #catchUp(shard: HostedShard, hosted: HostedSegment): Promise<void> {
    const end = shard.runs.end;
    if (hosted.cursor >= end) return;
    await hosted.turn.run(async () => {
      while (hosted.cursor < end) {
        const run = must(shard.runs.at(hosted.cursor), 'a run is kept until every segment has it');
        const { partitionId } = hosted.segment;
        if (run.partitionIds === null || run.partitionIds.includes(partitionId)) {
          await this.#markDeleted(hosted.segment, run);
        }
        hosted.cursor++;
      }
    });
  }

  /** In pieces: reads that come meanwhile wait until the run is taken in. */
  async #markDeleted(segment: SealedSegment, { keys, timestamp }: DeleteRun): Promise<void> {
    const turn = turnOf(BACKGROUND, this.#deps.clock);
    const count = keyCount(keys);
    for (let start = 0; start < count; start += KEYS_AT_ONCE) {
      const end = Math.min(count, start + KEYS_AT_ONCE);
      await segment.markDeleted(sliceKeys(keys, start, end), timestamp);
      if (turn.isOver) await turn.yield();
    }
  }
}
