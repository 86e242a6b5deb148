import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { BACKGROUND } from '../../src/core/call.ts';
import { QueryHost } from '../../src/core/query-host.ts';
import type { QueryPlan, SearchPlan } from '../../src/search/plan.ts';
import { inlineWorkers } from '../../src/search/inline-workers.ts';
import { ColumnCache } from '../../src/segments/column-cache.ts';
import { GrowingSegment } from '../../src/segments/growing-segment.ts';
import type { ObjectStore } from '../../src/storage/object-store.ts';
import type { SegmentInfo } from '../../src/segments/segment-info.ts';
import { batchOf, intKeys, KEY, memoryStore, PLAIN, seal, VECTOR } from '../segments/world.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { INDEX_ROWS_MIN, TURN_MS_MAX } from '../../src/base/limits.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { SimClock } from '../sim/sim-clock.ts';

const SHARD = 7;

async function sealed(store: ObjectStore, id: number, ...keys: number[]): Promise<SegmentInfo> {
  const growing = new GrowingSegment({ id, partitionId: 5, primaryFieldId: KEY });
  growing.append(batchOf(PLAIN, intKeys(...keys)), 10n);
  return await seal({ id, schema: PLAIN, store, rows: growing.rows() });
}

function hostOn(store: ObjectStore, clock: Clock = new SimClock()): QueryHost {
  return new QueryHost({
    store,
    cache: new ColumnCache(1 << 24),
    workers: inlineWorkers(clock),
    clock,
    logger: silentLogger,
    indexRowsMin: INDEX_ROWS_MIN,
  });
}

async function keysAt(
  host: QueryHost,
  segmentIds: readonly number[],
  timestamp: bigint,
): Promise<bigint[]> {
  const plan: QueryPlan = {
    kind: 'query',
    schema: PLAIN,
    partitionIds: null,
    filter: null,
    outputFieldIds: [KEY],
    timestamp,
    expiredBefore: 0n,
    ignoreGrowing: false,
    countOnly: false,
    keys: null,
    rowLimit: null,
    page: null,
  };
  const { batch } = await host.query({ shardId: SHARD, segmentIds, plan }, BACKGROUND);
  const column = batch.columns.get(KEY);
  return column?.kind === 'fixed' ? [...(column.values as BigInt64Array)] : [];
}

function run(
  timestamp: bigint,
  keys: readonly number[],
  partitionIds: readonly number[] | null = null,
): Parameters<QueryHost['applyDeletes']>[0] {
  return { shardId: SHARD, run: { timestamp, partitionIds, keys: intKeys(...keys) } };
}

describe('a query host', () => {
  it('gives others a turn between searches that are answered at once', async () => {
    const store = memoryStore();
    const clock = new SimClock();
    let nowMs = 0;
    let yields = 0;
    const host = hostOn(store, {
      nowMs: () => clock.nowMs(),
      // Every look at the clock is a millisecond later.
      monotonicMs: () => nowMs++,
      after: (delayMs, callback) => clock.after(delayMs, callback),
      yieldTurn: async () => {
        yields++;
      },
      turnIfDue: () => null,
    });
    const segments = [await sealed(store, 1, 1, 2, 3)];
    await host.assign({ shardId: SHARD, schema: PLAIN, segments, appliedTimestamp: 10n });
    const plan: SearchPlan = {
      kind: 'search',
      schema: PLAIN,
      partitionIds: null,
      filter: null,
      outputFieldIds: [KEY],
      timestamp: 20n,
      expiredBefore: 0n,
      ignoreGrowing: false,
      fieldId: VECTOR,
      metric: 'L2',
      index: null,
      queries: {
        kind: 'vector',
        type: DataType.FloatVector,
        dim: 4,
        values: new Float32Array(4),
        validity: null,
      },
      queryCount: 1,
      topK: 2,
      window: null,
    };
    const search = () => host.search({ shardId: SHARD, segmentIds: [1], plan }, BACKGROUND);
    const { rows } = await search();
    expect(rows).toHaveLength(2);
    // Reading took turns of its own.
    yields = 0;
    while (yields === 0) await search();
    yields = 0;
    for (let time = 0; time < 4 * TURN_MS_MAX; time++) await search();
    expect(yields).toBe(4);
  });

  it('shows deletes from their moment on, whatever a segment has taken in', async () => {
    const store = memoryStore();
    const host = hostOn(store);
    const segments = [await sealed(store, 1, 1, 2, 3), await sealed(store, 2, 4, 5)];
    await host.assign({ shardId: SHARD, schema: PLAIN, segments, appliedTimestamp: 10n });
    await host.applyDeletes(run(20n, [2, 4]));
    await host.applyDeletes(run(30n, [5]));
    expect(await keysAt(host, [1, 2], 40n)).toEqual([1n, 3n]);
    expect(await keysAt(host, [1, 2], 25n)).toEqual([1n, 3n, 5n]);
    expect(await keysAt(host, [1, 2], 15n)).toEqual([1n, 2n, 3n, 4n, 5n]);
  });

  it('keeps deletes to the partitions that they name', async () => {
    const store = memoryStore();
    const host = hostOn(store);
    const segments = [await sealed(store, 1, 1, 2)];
    await host.assign({ shardId: SHARD, schema: PLAIN, segments, appliedTimestamp: 10n });
    await host.applyDeletes(run(20n, [1], [4]));
    await host.applyDeletes(run(20n, [2], [5]));
    expect(await keysAt(host, [1], 40n)).toEqual([1n]);
  });

  it('gives a later segment the deletes since the moment it was made at, and no earlier ones', async () => {
    const store = memoryStore();
    const host = hostOn(store);
    await host.assign({
      shardId: SHARD,
      schema: PLAIN,
      segments: [await sealed(store, 1, 1, 2)],
      appliedTimestamp: 10n,
    });
    await host.applyDeletes(run(20n, [1, 3]));
    await host.applyDeletes(run(30n, [2, 4]));
    await host.assign({
      shardId: SHARD,
      schema: PLAIN,
      segments: [await sealed(store, 2, 3, 4)],
      appliedTimestamp: 20n,
    });
    expect(await keysAt(host, [1, 2], 40n)).toEqual([3n]);
  });

  it('writes delete files for what has deletes, and forgets runs that all have', async () => {
    const store = memoryStore();
    const host = hostOn(store);
    const segments = [await sealed(store, 1, 1, 2), await sealed(store, 2, 3)];
    await host.assign({ shardId: SHARD, schema: PLAIN, segments, appliedTimestamp: 10n });
    await host.applyDeletes(run(20n, [1]));
    const written = await host.checkpointDeletes({ shardId: SHARD, segments, forgetUntil: 20n });
    expect([...written.keys()]).toEqual([1]);
    expect(written.get(1)).toMatchObject({ rowCount: 1 });
    expect(await host.deletedCounts({ shardId: SHARD })).toEqual(
      new Map([
        [1, 1],
        [2, 0],
      ]),
    );
    const next = segments.map((info) => ({
      ...info,
      deletes: written.get(info.id) ?? info.deletes,
    }));
    expect(
      (await host.checkpointDeletes({ shardId: SHARD, segments: next, forgetUntil: 20n })).size,
    ).toBe(0);
    // A host that starts from the files knows the same.
    const other = hostOn(store);
    await other.assign({ shardId: SHARD, schema: PLAIN, segments: next, appliedTimestamp: 20n });
    expect(await keysAt(other, [1, 2], 40n)).toEqual([2n, 3n]);
  });

  it('does not serve what it was not assigned, or no longer', async () => {
    const store = memoryStore();
    const host = hostOn(store);
    const segments = [await sealed(store, 1, 1), await sealed(store, 2, 2)];
    await host.assign({ shardId: SHARD, schema: PLAIN, segments, appliedTimestamp: 10n });
    await host.unassign({ shardId: SHARD, segmentIds: [2] });
    await host.evict({ shardId: SHARD });
    expect(await keysAt(host, [1], 40n)).toEqual([1n]);
    await expect(keysAt(host, [1, 2], 40n)).rejects.toMatchObject({
      reason: 'SegmentNotLoaded',
      fields: { segment: 2 },
    });
  });
});
