/** What the Service promises of reads: search, query, count, consistency, snapshots, cancellation, closing. */
import { describe, expect, it } from 'vitest';
import type { MatchMetric, MetricType } from '../../src/index/metric-type.ts';
import type { Hit } from '../../src/core/requests.ts';
import type { Service } from '../../src/core/service.ts';
import type { DataTypeName } from '../../src/schema/data-type.ts';
import { everyCall } from './every-call.ts';
import {
  createDocs,
  doc,
  DOCS,
  DOCS_DEFINITION,
  docs,
  expectRefusal,
  inEveryState,
  tags,
} from './service-fixtures.ts';
import type { OpenWorld } from './service-world.ts';

const DIM = 16;
const ROWS = 60;

type Numbers = readonly number[];
type FieldMetric = Exclude<MetricType, MatchMetric>;
type Score = (query: Numbers, row: Numbers) => number;

const dot: Score = (a, b) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
const bits = (a: Numbers): Numbers =>
  a.flatMap((byte) => Array.from({ length: 8 }, (_, i) => (byte >> i) & 1));
const SCORES: Readonly<Record<FieldMetric, Score>> = {
  L2: (a, b) => a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0),
  IP: dot,
  COSINE: (a, b) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b)),
  HAMMING: (a, b) => {
    const other = bits(b);
    return bits(a).filter((bit, i) => bit !== other[i]).length;
  },
  JACCARD: (a, b) => {
    const [x, y] = [bits(a), bits(b)];
    return 1 - dot(x, y) / x.filter((bit, i) => bit + y[i]! > 0).length;
  },
};

const METRICS: ReadonlyArray<readonly [DataTypeName, readonly FieldMetric[]]> = [
  ['FloatVector', ['L2', 'IP', 'COSINE']],
  ['Float16Vector', ['L2', 'IP', 'COSINE']],
  ['BFloat16Vector', ['L2', 'IP', 'COSINE']],
  ['Int8Vector', ['L2', 'IP', 'COSINE']],
  ['BinaryVector', ['HAMMING', 'JACCARD']],
];

/** Small integers, which every type holds exactly; of a binary vector, its bytes. */
function vectorOf(type: DataTypeName, id: number): number[] {
  const isBinary = type === 'BinaryVector';
  return Array.from({ length: isBinary ? DIM / 8 : DIM }, (_, i) => {
    const value = (id * 7919 + i * 104_729 + ((id * i) % 13)) % 251;
    return isBinary ? value + 1 : (value % 15) - 7;
  });
}

function nearest(
  type: DataTypeName,
  metric: FieldMetric,
  query: Numbers,
  ids: Numbers,
): [number, number][] {
  const sign = metric === 'IP' || metric === 'COSINE' ? -1 : 1;
  return ids
    .map((id): [number, number] => [id, SCORES[metric](query, vectorOf(type, id))])
    .toSorted(([a, x], [b, y]) => sign * (Math.fround(x) - Math.fround(y)) || a - b);
}

function expectHits(hits: readonly Hit[] | undefined, expected: readonly [number, number][]): void {
  expect(hits?.map(({ id }) => Number(id))).toEqual(expected.map(([id]) => id));
  for (const [i, hit] of (hits ?? []).entries()) expect(hit.score).toBeCloseTo(expected[i]![1], 4);
}

function vectorDefinition(
  type: DataTypeName,
  metric: FieldMetric,
): Parameters<typeof createDocs>[1] {
  return {
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'vector', type, dim: DIM, params: { metric_type: metric } },
    ],
    shardCount: 2,
  };
}

async function idsOf(service: Service, request: object): Promise<bigint[]> {
  const { rows } = await service.query({ ...DOCS, ...request });
  return rows.map((row) => row['id'] as bigint);
}

export function serviceReadsSuite(open: OpenWorld): void {
  describe('search', () => {
    for (const [type, metrics] of METRICS) {
      it.each(metrics)(`finds the nearest ${type}s by %s`, async (metric) => {
        const { service } = await open();
        await createDocs(service, vectorDefinition(type, metric));
        const row = (id: number): { id: number; vector: number[] } => ({
          id,
          vector: vectorOf(type, id),
        });
        const ids = Array.from({ length: ROWS }, (_, id) => id);
        await service.insert({ ...DOCS, rows: ids.slice(0, 40).map(row) });
        await service.flush(DOCS);
        await service.insert({ ...DOCS, rows: ids.slice(40).map(row) });
        await service.delete({ ...DOCS, ids: [3n, 50n] });
        const living = ids.filter((id) => id !== 3 && id !== 50);
        const queries = [100, 101, 102, 103].map((id) => vectorOf(type, id));
        await inEveryState(service, DOCS, async () => {
          const all = await service.search({ ...DOCS, data: queries, limit: 7 });
          expect(all.results.length).toBe(queries.length);
          for (const [i, query] of queries.entries()) {
            expectHits(all.results[i], nearest(type, metric, query, living).slice(0, 7));
          }
          const some = await service.search({
            ...DOCS,
            data: queries[0],
            limit: 5,
            offset: 2,
            filter: 'id % 3 == 0',
          });
          const thirds = living.filter((id) => id % 3 === 0);
          expectHits(some.results[0], nearest(type, metric, queries[0]!, thirds).slice(2, 7));
        });
      });
    }

    it('answers hundreds of vectors at once', async () => {
      const { service } = await open();
      await createDocs(service, { shardCount: 2 });
      await service.insert({ ...DOCS, rows: docs(0, 300) });
      await service.flush(DOCS);
      const data = Array.from({ length: 300 }, (_, i) => [i + 0.2, 0]);
      const { results } = await service.search({ ...DOCS, data, limit: 2, outputFields: ['tag'] });
      expect(results.map((hits) => hits[0]?.id)).toEqual(data.map((_, i) => BigInt(i)));
      expect(results[299]?.[0]?.fields).toMatchObject({ tag: '299/0' });
      // Two queries that share a row have it each for themselves.
      results[0]![1]!.fields['tag'] = 'changed';
      expect(results[1]![0]!.fields['tag']).toBe('1/0');
    });

    it('orders equal scores by key', async () => {
      const { service } = await open();
      await createDocs(service, { shardCount: 3 });
      await service.insert({
        ...DOCS,
        rows: docs(0, 30)
          .toReversed()
          .map((row) => ({ ...row, vector: [1, 1] })),
      });
      await inEveryState(service, DOCS, async () => {
        const { results } = await service.search({ ...DOCS, data: [0, 0], limit: 5, offset: 3 });
        expect(results[0]?.map(({ id }) => id)).toEqual([3n, 4n, 5n, 6n, 7n]);
      });
    });

    it('gives fewer hits than asked for where there are fewer rows, and none of nothing', async () => {
      const { service } = await open();
      await createDocs(service);
      const search = async (): Promise<number[]> => {
        const { results } = await service.search({
          ...DOCS,
          data: [
            [1, 1],
            [2, 2],
          ],
          limit: 9,
        });
        return results.map((hits) => hits.length);
      };
      expect(await search()).toEqual([0, 0]);
      await service.insert({ ...DOCS, rows: docs(0, 3) });
      await inEveryState(service, DOCS, async () => expect(await search()).toEqual([3, 3]));
      await service.delete({ ...DOCS, filter: 'id >= 0' });
      expect(await search()).toEqual([0, 0]);
    });

    it('shows the fields that are asked for, scores rounded', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 3) });
      const ask = async (changes: object): Promise<unknown> =>
        (await service.search({ ...DOCS, data: [1.11, 0], limit: 1, ...changes })).results[0]?.[0];
      expect(await ask({ outputFields: ['size', 'tag'] })).toMatchObject({
        fields: { size: 0, tag: '1/0' },
      });
      expect(await ask({ outputFields: ['*'] })).toMatchObject({
        fields: { id: 1n, size: 0, tag: '1/0', vector: new Float32Array([1, 0]) },
      });
      expect(await ask({ roundDecimal: 2 })).toMatchObject({ score: 0.01 });
      expect(await ask({ roundDecimal: 0 })).toMatchObject({ score: 0 });
    });

    it('compares with the field that it names, and needs a name when there are two', async () => {
      const { service } = await open();
      const second = { name: 'other', type: 'FloatVector', dim: 3 } as const;
      await createDocs(service, { fields: [...DOCS_DEFINITION.fields, second] });
      await service.insert({
        ...DOCS,
        rows: docs(0, 3).map((row, i) => ({ ...row, other: [i, 1, 0] })),
      });
      const found = await service.search({
        ...DOCS,
        fieldName: 'other',
        data: [0, 1, 0],
        limit: 1,
      });
      expect(found.results[0]?.[0]).toMatchObject({ id: 0n, score: 1 });
      await expectRefusal(
        service.search({ ...DOCS, data: [0, 1, 0], limit: 1 }),
        1100,
        'multiple anns_fields exist, please specify a anns_field in search_params',
      );
    });
  });

  describe('query', () => {
    it('answers in the order of the key, with limit and offset', async () => {
      const { service } = await open();
      await createDocs(service, { shardCount: 3 });
      await service.insert({ ...DOCS, rows: docs(0, 20).toReversed() });
      await service.flush(DOCS);
      await service.insert({ ...DOCS, rows: docs(-5, 0).toReversed() });
      await inEveryState(service, DOCS, async () => {
        expect(await idsOf(service, { limit: 4, offset: 3 })).toEqual([-2n, -1n, 0n, 1n]);
        expect(await idsOf(service, { filter: 'id > 17', limit: 10 })).toEqual([18n, 19n]);
        expect(await idsOf(service, { filter: 'id > 17', limit: 10, offset: 2 })).toEqual([]);
        expect(await idsOf(service, { ids: [19n, 3n, -4n, 77n] })).toEqual([-4n, 3n, 19n]);
        expect(await idsOf(service, { ids: [19n, 3n, -4n], filter: 'id > 0' })).toEqual([3n, 19n]);
      });
    });

    it('counts with and without a filter', async () => {
      const { service } = await open();
      await createDocs(service, { shardCount: 2 });
      await service.insert({ ...DOCS, rows: docs(0, 30) });
      await service.delete({ ...DOCS, ids: [0n, 1n] });
      await inEveryState(service, DOCS, async () => {
        expect(await service.count(DOCS)).toBe(28);
        expect(await service.count({ ...DOCS, filter: 'id < 10' })).toBe(8);
        expect(await service.count({ ...DOCS, ids: [0n, 5n] })).toBe(1);
      });
      await expectRefusal(
        service.count({ ...DOCS, limit: 3 }),
        1100,
        'count entities with pagination is not allowed',
      );
    });

    it('filters in three-valued logic', async () => {
      const { service } = await open();
      await createDocs(service);
      const rows = [null, 1, 2, 3].map((size, id) => ({ ...doc(id), size }));
      await service.insert({ ...DOCS, rows });
      const cases: ReadonlyArray<readonly [string, bigint[]]> = [
        ['size > 1', [2n, 3n]],
        ['not (size > 1)', [1n]],
        ['size > 1 or id == 0', [0n, 2n, 3n]],
        ['size is null', [0n]],
        ['size is not null and size != 2', [1n, 3n]],
        ['1 < size <= 3', [2n, 3n]],
        ['size in [1, 3]', [1n, 3n]],
        ['size not in [1, 3]', [2n]],
        ['size % 2 == 1', [1n, 3n]],
        ['tag like "2/%"', [2n]],
        ['size + 1 == 3 or size * 2 == 6', [2n, 3n]],
      ];
      await inEveryState(service, DOCS, async () => {
        for (const [filter, expected] of cases) {
          expect(await idsOf(service, { filter }), filter).toEqual(expected);
        }
        const parameters = { low: 2, names: ['1/0', '3/0'] };
        const filter = 'size >= {low} and tag in {names}';
        expect(await idsOf(service, { filter, parameters })).toEqual([3n]);
      });
    });
  });

  describe('consistency', () => {
    it('sees every acknowledged write at every level', async () => {
      const { service } = await open();
      await createDocs(service, { shardCount: 2 });
      const { timestamp } = await service.insert({ ...DOCS, rows: docs(0, 9) });
      for (const consistencyLevel of ['Strong', 'Session', 'Bounded', 'Eventually'] as const) {
        expect(await service.count({ ...DOCS, consistencyLevel })).toBe(9);
      }
      const request = {
        ...DOCS,
        consistencyLevel: 'Session',
        guaranteeTimestamp: timestamp,
      } as const;
      expect(await service.count(request)).toBe(9);
      await expectRefusal(
        service.count({ ...DOCS, consistencyLevel: 'Sloppy' as 'Strong' }),
        1100,
        'unknown consistency level',
      );
    });

    it('shows a snapshot as it was, whatever is written, flushed and compacted since', async () => {
      const { service } = await open();
      await createDocs(service, { shardCount: 2 });
      await service.insert({ ...DOCS, rows: docs(0, 6) });
      const { timestamp } = await service.query({ ...DOCS, limit: 1 });
      const old = { snapshotTimestamp: timestamp };
      expect(await tags(service, old)).toBe('0/0 1/0 2/0 3/0 4/0 5/0');
      await service.delete({ ...DOCS, ids: [0n, 1n] });
      await service.upsert({ ...DOCS, rows: [doc(2, 1)] });
      await service.insert({ ...DOCS, rows: [doc(3, 1), doc(9)] });
      await inEveryState(service, DOCS, async () => {
        expect(await tags(service, old)).toBe('0/0 1/0 2/0 3/0 4/0 5/0');
        expect(await service.count({ ...DOCS, ...old })).toBe(6);
        expect(await tags(service)).toBe('2/1 3/1 4/0 5/0 9/0');
        const { results } = await service.search({ ...DOCS, ...old, data: [0, 0], limit: 2 });
        expect(results[0]?.map(({ id }) => id)).toEqual([0n, 1n]);
      });
    });

    it.each([1, 2])(
      'refuses a moment whose rows compaction has taken, %i shards',
      async (shardCount) => {
        const world = await open();
        const { service } = world;
        await createDocs(service, { shardCount });
        await service.insert({ ...DOCS, rows: docs(0, 6) });
        const { timestamp } = await service.query({ ...DOCS, limit: 1 });
        await service.delete({ ...DOCS, filter: 'id < 5' });
        await service.flush(DOCS);
        await service.compact(DOCS);
        expect(await service.statistics(DOCS)).toEqual({ rowCount: 1 });
        const late = tags(service, { snapshotTimestamp: timestamp });
        await expectRefusal(late, 12_005, `[timestamp=${timestamp}]`);
        const later = { snapshotTimestamp: await service.allocateTimestamp() };
        expect(await tags(service, later)).toBe('5/0');
        await service.insert({ ...DOCS, rows: [doc(7)] });
        // What is gone stays gone, and what was kept is still there.
        const reopened = await world.reopen();
        expect(await tags(reopened, later)).toBe('5/0');
        const past = tags(reopened, { snapshotTimestamp: timestamp });
        await expectRefusal(past, 12_005, 'too long ago');
      },
    );

    it('leaves growing rows out where it is asked to', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 2) });
      await service.flush(DOCS);
      await service.insert({ ...DOCS, rows: docs(2, 4) });
      expect(await tags(service, { ignoreGrowing: true })).toBe('0/0 1/0');
      expect(await tags(service)).toBe('0/0 1/0 2/0 3/0');
    });
  });

  describe('cancellation', () => {
    it('refuses a call whose signal is aborted, and whose time is over', async () => {
      const { service } = await open();
      await createDocs(service);
      const signal = AbortSignal.abort();
      await expectRefusal(service.count(DOCS, { signal }), 10_000, 'context canceled');
      await expectRefusal(
        service.insert({ ...DOCS, rows: docs(0, 1) }, { signal }),
        10_000,
        'context canceled',
      );
      await expectRefusal(
        service.count(DOCS, { timeoutMs: -1 }),
        1100,
        'timeoutMs is a number of milliseconds: invalid parameter[timeoutMs=-1]',
      );
      expect(await service.count(DOCS)).toBe(0);
    });

    it('lets go of a caller who gives up while the work goes on', async () => {
      const world = await open();
      await createDocs(world.service);
      const controller = new AbortController();
      const inserting = world.service.insert(
        { ...DOCS, rows: docs(0, 5) },
        { signal: controller.signal },
      );
      controller.abort();
      await expectRefusal(inserting, 10_000, 'context canceled');
      const late = world.service.insert({ ...DOCS, rows: docs(5, 9) }, { timeoutMs: 10 });
      world.clock.advance(11);
      await expectRefusal(late, 10_001, 'context deadline exceeded');
      // Each of the two is there in whole or not at all.
      const count = await world.service.count(DOCS);
      expect([0, 4, 5, 9]).toContain(count);
      expect(await (await world.reopen()).count(DOCS)).toBeGreaterThanOrEqual(count);
    });
  });

  describe('the end', () => {
    it('refuses every call after close', async () => {
      const world = await open();
      await createDocs(world.service);
      const { service } = world;
      await world.close();
      await world.close();
      for (const [name, work] of everyCall(service)) {
        await expect(work(), name).rejects.toMatchObject({ reason: 'Closed', code: 12_001 });
      }
    });

    it('waits for what runs', async () => {
      const world = await open();
      await createDocs(world.service);
      const writes = Array.from({ length: 20 }, (_, i) =>
        world.service.insert({ ...DOCS, rows: docs(i * 10, i * 10 + 10) }),
      );
      const service = await world.reopen();
      await Promise.all(writes);
      expect(await service.count(DOCS)).toBe(200);
    });

    it('refuses every change where it was opened to read', async () => {
      const world = await open();
      await createDocs(world.service);
      await world.service.insert({ ...DOCS, rows: docs(0, 4) });
      await world.service.flush(DOCS);
      await world.service.insert({ ...DOCS, rows: docs(4, 6) });
      const service = await world.reopen({ readOnly: true });
      const reads = [
        'count',
        'query',
        'search',
        'list',
        'describe',
        'has',
        'statistics',
        'wait',
        'explain',
      ];
      for (const [name, work] of everyCall(service)) {
        if (reads.some((prefix) => name.startsWith(prefix))) continue;
        if (
          ['partitionStatistics', 'shardStates', 'allocateTimestamp', 'checkHealth'].includes(name)
        )
          continue;
        await expect(work(), name).rejects.toMatchObject({ reason: 'ReadOnly', code: 12_002 });
      }
      expect(await tags(service)).toBe('0/0 1/0 2/0 3/0 4/0 5/0');
      expect(await (await world.reopen()).count(DOCS)).toBe(6);
    });
  });
}
