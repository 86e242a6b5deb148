import { describe, expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { Bitmap } from '../../src/base/bitmap.ts';
import type { VectorValues } from '../../src/index/distances.ts';
import { largerIsBetter, type MetricType } from '../../src/index/metric-type.ts';
import { indexBuilder } from '../../src/index/structures.ts';
import { newBuildControl } from '../../src/index/vector-index.ts';
import type { Column } from '../../src/schema/column.ts';
import { DataType, dataTypeName, type DenseVectorType } from '../../src/schema/data-type.ts';
import type { Source } from '../../src/search/source.ts';
import { type HitList, HitMerger } from '../../src/search/hit-merger.ts';
import type { SearchPlan, SearchWindow } from '../../src/search/plan.ts';
import { scanSources } from '../../src/search/scan.ts';
import { encode, shared, TYPES_AND_METRICS } from '../index/reference.ts';
import {
  FakeSegment,
  inlineContext,
  int64Column,
  KEY,
  schemaOf,
  searchPlan,
  VECTOR,
  vectorColumn,
} from './world.ts';

const ROWS = 2000;
const DIM = 8;
const CONTEXT = { ...inlineContext(), indexRowsMin: 10 };

interface Indexed {
  readonly source: Source;
  readonly plan: SearchPlan;
  /** How often the index was asked. */
  readonly opened: { count: number };
}

/** Keys fall as rows rise, and every vector stands twice or more, so that ties are common. */
function indexed(
  [type, metric]: readonly [DenseVectorType, MetricType],
  allowed: Bitmap | null = null,
  { copies = 2, mean = 0, ef = ROWS }: Partial<Record<'copies' | 'mean' | 'ef', number>> = {},
): Indexed {
  const isBinary = type === DataType.BinaryVector;
  const dim = isBinary ? DIM * 8 : DIM;
  const elements = Array.from({ length: ROWS * DIM }, (_, i) => {
    const row = Math.floor(Math.floor(i / DIM) / copies);
    const value = Math.imul(row * DIM + (i % DIM) + 1, 2_654_435_761) >>> 8;
    return isBinary ? value % 256 : mean + (value % 201) - 100;
  });
  const values: VectorValues = shared(encode(type, elements));
  const fingerprint = 'wide';
  const image = indexBuilder('HNSW')?.build({
    kind: 'build-index',
    structure: 'HNSW',
    metric,
    parameters: { M: 12, efConstruction: 200 },
    vectors: { type, dim, values },
    rowCount: ROWS,
    threadCount: 1,
    control: newBuildControl(),
  });
  const column = vectorColumn(type, dim, values);
  const keys = int64Column(Array.from({ length: ROWS }, (_, row) => ROWS - row));
  const columns = new Map<number, Column>([
    [KEY, keys],
    [VECTOR, column],
  ]);
  const opened = { count: 0 };
  const bytes = { bytes: must(image, 'it is built') };
  const chunk = {
    ...must(new FakeSegment(columns).chunks[0], 'a segment has a chunk'),
    index: () => ({
      open: async () => {
        opened.count++;
        return { image: bytes, vectors: column };
      },
      reportDamage: () => expect.unreachable('it is sound'),
    }),
  };
  const rowCount = allowed?.count() ?? ROWS;
  const query = encode(type, elements.slice(DIM * 700, DIM * 701));
  const plan = searchPlan({
    schema: schemaOf({ vectorType: type, dim }),
    queries: vectorColumn(type, dim, query),
    metric,
    topK: 10,
    index: {
      indexId: 1,
      fingerprint,
      structure: 'HNSW',
      build: {},
      parameters: { ef },
    },
  });
  return { source: { chunk, allowed, rowCount }, plan, opened };
}

async function hits(plan: SearchPlan, source: Source): Promise<HitList> {
  const { lists, keys } = await scanSources(plan, [source], CONTEXT);
  const { metric, queryCount, topK } = plan;
  const merger = new HitMerger(lists, { metric, queryCount, topK, keys });
  while (!merger.isDone) merger.mergeNext();
  return merger.build();
}

async function scanned(plan: SearchPlan, source: Source): Promise<HitList> {
  return await hits({ ...plan, index: null }, source);
}

const keyOf = (row: number): bigint => BigInt(ROWS - row);

function endOf(rows: readonly number[], scores: readonly number[]): SearchWindow['after'] {
  const score = must(scores.at(-1), 'there is a hit');
  return {
    score,
    key: { kind: 'int64', values: BigInt64Array.of(keyOf(rows.at(-1)!)) },
    tieCount: scores.filter((one) => one === score).length,
    hitCount: rows.length,
  };
}

const kinds = TYPES_AND_METRICS.map((both) => [dataTypeName(both[0]), both[1], both] as const);

describe('a window of hits by an index', () => {
  it.each(kinds)('of %s by %s is what a scan finds in it', async (_, metric, both) => {
    const some = new Bitmap(ROWS);
    for (let row = 0; row < ROWS; row++) if (row % 3 > 0) some.set(row);
    for (const allowed of [null, some]) {
      const { source, plan, opened } = indexed(both, allowed);
      const all = await scanned({ ...plan, topK: ROWS }, source);
      const isWorse = (left: number, right: number): boolean =>
        largerIsBetter(metric) ? left < right : left > right;
      const radius = must(all.scores[150], 'there are so many');
      const rangeFilter = must(
        all.scores.find((score) => isWorse(score, all.scores[12]!)),
        'scores differ',
      );
      for (const [filter, topK] of [
        [null, 10],
        [null, 200],
        [rangeFilter, 40],
        [rangeFilter, 200],
      ] as const) {
        if (filter !== null && !isWorse(radius, filter)) continue;
        const window = { range: { radius, rangeFilter: filter }, after: null };
        const wanted = { ...plan, topK, window };
        expect(await hits(wanted, source)).toEqual(await scanned(wanted, source));
      }
      expect(opened.count).toBeGreaterThan(0);
    }
  });

  it.each(kinds)(
    'of %s by %s goes on behind the page before, every row once',
    async (_, __, both) => {
      const { source, plan, opened } = indexed(both);
      const all = await scanned({ ...plan, topK: ROWS }, source);
      const rows = [...all.rows.slice(0, 7)];
      const scores = [...all.scores.slice(0, 7)];
      for (let page = 0; page < 6; page++) {
        const window = { range: null, after: endOf(rows, scores) };
        const found = await hits({ ...plan, topK: 33, window }, source);
        rows.push(...found.rows);
        scores.push(...found.scores);
      }
      expect(rows).toEqual([...all.rows.slice(0, 7 + 6 * 33)]);
      expect(scores).toEqual([...all.scores.slice(0, 7 + 6 * 33)]);
      expect(opened.count).toBeGreaterThanOrEqual(6);
    },
  );

  it('is found by asking once, however many pages came before', async () => {
    const { source, plan, opened } = indexed([DataType.FloatVector, 'L2']);
    const all = await scanned({ ...plan, topK: ROWS }, source);
    for (const [asked, before] of [100, 250, 500].entries()) {
      const [rows, scores] = [[...all.rows.slice(0, before)], [...all.scores.slice(0, before)]];
      const window = { range: null, after: endOf(rows, scores) };
      const page = await hits({ ...plan, topK: 100, window }, source);
      expect(page.rows).toEqual(all.rows.slice(before, before + 100));
      expect(opened.count).toBe(asked + 1);
    }
  });

  it.each(['L2', 'IP', 'COSINE'] as const)(
    'of rows far from zero has what a scan finds, ranges and pages: %s',
    async (metric) => {
      const kind = [DataType.FloatVector, metric] as const;
      const { source, plan, opened } = indexed(kind, null, { mean: 10_000, ef: 100 });
      const all = await scanned({ ...plan, topK: ROWS }, source);
      const shareOf = async (topK: number, window: SearchWindow): Promise<number> => {
        const wanted = new Set((await scanned({ ...plan, topK, window }, source)).rows);
        const found = await hits({ ...plan, topK, window }, source);
        return found.rows.filter((row) => wanted.has(row)).length / wanted.size;
      };
      const range = { radius: all.scores[180]!, rangeFilter: null };
      expect(await shareOf(300, { range, after: null })).toBeGreaterThanOrEqual(0.98);
      const after = endOf([...all.rows.slice(0, 60)], [...all.scores.slice(0, 60)]);
      expect(await shareOf(40, { range: null, after })).toBeGreaterThanOrEqual(0.98);
      expect(opened.count).toBeGreaterThanOrEqual(2);
    },
  );

  it('of several queries is found for each, however far each has to look', async () => {
    const { source, plan } = indexed([DataType.FloatVector, 'L2']);
    const queries = Float32Array.from({ length: DIM * 5 }, (_, i) => (i % DIM) * (i / DIM) * 3);
    const many = {
      ...plan,
      queryCount: 5,
      queries: vectorColumn(DataType.FloatVector, DIM, queries),
    };
    const { scores } = await scanned({ ...many, topK: 100 }, source);
    const window = { range: { radius: scores[120]!, rangeFilter: scores[3]! }, after: null };
    const expected = await scanned({ ...many, topK: 30, window }, source);
    expect(await hits({ ...many, topK: 30, window }, source)).toEqual(expected);
    expect(new Set(expected.counts).size).toBeGreaterThan(1);
  });

  it('has the smallest keys of many equal scores, also of those that were no candidates', async () => {
    const { source, plan, opened } = indexed([DataType.FloatVector, 'L2'], null, { copies: 100 });
    const window = { range: { radius: 1e9, rangeFilter: null }, after: null };
    const wanted = { ...plan, topK: 30, window };
    const found = await hits(wanted, source);
    expect(found).toEqual(await scanned(wanted, source));
    expect(new Set(found.scores).size).toBe(1);
    expect(opened.count).toBe(2);
  });

  it('is left to the scan where half of the rows would be candidates', async () => {
    const { source, plan, opened } = indexed([DataType.FloatVector, 'L2']);
    const wanted = {
      ...plan,
      topK: 1200,
      window: { range: { radius: 1e9, rangeFilter: null }, after: null },
    };
    expect(await hits(wanted, source)).toEqual(await scanned(wanted, source));
    expect(opened.count).toBe(0);
  });
});
