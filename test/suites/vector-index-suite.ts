/**
 * What every index over vectors promises, whatever it is built as: hits that may be in the answer, none
 * twice, best first, with exact scores, and as many of the right ones as it is built for.
 */
import { describe, expect, it } from 'vitest';
import { Bitmap } from '../../src/base/bitmap.ts';
import { TIE_ROWS_MAX } from '../../src/index/flat.ts';
import { scanTopK } from '../../src/index/kernels.ts';
import { largerIsBetter, type MetricType } from '../../src/index/metric-type.ts';
import type { Parameters } from '../../src/index/parameters.ts';
import type { IndexStructure } from '../../src/index/registry.ts';
import {
  cancelBuild,
  type IndexBuilder,
  type IndexHits,
  type IndexTask,
  newBuildControl,
  rowsBuilt,
  type VectorIndex,
} from '../../src/index/vector-index.ts';
import { vectorStride } from '../../src/schema/column-layout.ts';
import { DataType, dataTypeName, type DenseVectorType } from '../../src/schema/data-type.ts';
import { encode, shared } from '../index/reference.ts';
import { UNEVEN_DIM, UNEVEN_NAMES, unevenRow } from './uneven-rows.ts';

export interface VectorIndexSuite {
  readonly structure: IndexStructure;
  readonly builder: IndexBuilder;
  readonly typesAndMetrics: readonly (readonly [DenseVectorType, MetricType])[];
  readonly build: Parameters;
  /** Good enough for `recall`. */
  readonly search: Parameters;
  /** The same with a filter. */
  readonly filtered: Parameters;
  /** The least share of the right rows among the best ten. */
  readonly recall: number;
  /** The same of rows of uneven-rows.ts, of which codes of few bits find less. Default: almost as much. */
  readonly unevenRecall?: number;
  /** Rows of the larger worlds. */
  readonly rowCount: number;
}

export interface IndexWorld {
  readonly type: DenseVectorType;
  readonly metric: MetricType;
  readonly dim: number;
  readonly rowCount: number;
  readonly values: IndexTask['vectors']['values'];
  readonly queryCount: number;
  readonly queries: IndexTask['vectors']['values'];
  /** Scores lie so near to each other that only sums in another order may make a difference. */
  readonly isFine?: boolean;
}

/** Numbers that repeat from a seed: [0, 1). */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    bits = Math.imul(bits ^ (bits >>> 12), 0x297a2d39);
    return ((bits ^ (bits >>> 15)) >>> 0) / 2 ** 32;
  };
}

export interface WorldOptions {
  readonly type: DenseVectorType;
  readonly metric: MetricType;
  readonly rowCount: number;
  readonly dim?: number;
  /** Rows lie around so many points; 0: anywhere. */
  readonly clusterCount?: number;
  readonly seed?: number;
}

const QUERY_COUNT = 20;
const FLOATS: ReadonlySet<DenseVectorType> = new Set<DenseVectorType>([
  DataType.FloatVector,
  DataType.Float16Vector,
  DataType.BFloat16Vector,
]);

/** Rows and queries of the same kind. */
export function indexWorld(options: WorldOptions): IndexWorld {
  const { type, metric, rowCount, dim = 32, clusterCount = 0, seed = 1 } = options;
  const random = numbersFrom(seed);
  const isBinary = type === DataType.BinaryVector;
  const scale = type === DataType.Int8Vector ? 60 : 1;
  const gauss = (): number => (random() + random() + random() + random() - 2) * scale;
  const centres = Array.from({ length: clusterCount }, () => Array.from({ length: dim }, gauss));
  const vector = (): number[] => {
    const centre = centres[Math.floor(random() * clusterCount)];
    const spread = centre === undefined ? 1 : 0.3;
    const point = Array.from({ length: dim }, (_, i) => (centre?.[i] ?? 0) + spread * gauss());
    if (!isBinary) return point.map((x) => (type === DataType.Int8Vector ? Math.round(x) : x));
    return Array.from({ length: dim / 8 }, (_, byte) =>
      point.slice(byte * 8, byte * 8 + 8).reduce((bits, x, i) => bits | (x > 0 ? 1 << i : 0), 0),
    );
  };
  const make = (count: number): IndexWorld['values'] =>
    shared(encode(type, Array.from({ length: count }, vector).flat()));
  const values = make(rowCount);
  return {
    type,
    metric,
    dim,
    rowCount,
    values,
    queryCount: QUERY_COUNT,
    queries: make(QUERY_COUNT),
  };
}

/** Rows and queries of a name in uneven-rows.ts. */
export function unevenWorld(
  name: string,
  kind: Pick<IndexWorld, 'type' | 'metric' | 'rowCount'>,
): IndexWorld {
  const draw = numbersFrom(11);
  const make = (count: number): IndexWorld['values'] => {
    const rows = Array.from({ length: count }, () => unevenRow(name, draw));
    return shared(encode(kind.type, rows.flat()));
  };
  const values = make(kind.rowCount);
  const queries = make(QUERY_COUNT);
  return { ...kind, dim: UNEVEN_DIM, values, queryCount: QUERY_COUNT, queries, isFine: true };
}

export function indexTask(
  suite: Pick<VectorIndexSuite, 'structure' | 'build'>,
  world: IndexWorld,
  threadCount = 1,
): IndexTask {
  const { type, dim, values, metric, rowCount } = world;
  return {
    kind: 'build-index',
    structure: suite.structure,
    metric,
    parameters: suite.build,
    vectors: { type, dim, values },
    rowCount,
    threadCount,
    control: newBuildControl(),
  };
}

export function buildIndex(suite: VectorIndexSuite, world: IndexWorld): VectorIndex {
  const task = indexTask(suite, world);
  const image = suite.builder.build(task);
  if (image === null) throw new Error('the build was cancelled');
  return suite.builder.open({ image, vectors: task.vectors, isChecked: false });
}

export function searchAll(
  index: VectorIndex,
  world: IndexWorld,
  {
    topK = 10,
    parameters,
    allowed = null,
  }: {
    readonly topK?: number;
    readonly parameters: Parameters;
    readonly allowed?: Uint32Array | null;
  },
): IndexHits {
  const { queries, queryCount } = world;
  return index.search({ queries, queryCount, topK, parameters, allowed });
}

/** Exact hits by query. */
function exactScores(world: IndexWorld, topK: number, allowed: Uint32Array | null): number[][] {
  const { type, dim, values, metric, queries, queryCount, rowCount } = world;
  const result = scanTopK({
    kind: 'scan',
    metric,
    vectors: { type, dim, values },
    rowStart: 0,
    rowEnd: rowCount,
    allowed,
    queries,
    queryCount,
    topK,
    tieRowsMax: TIE_ROWS_MAX,
  });
  return hitLists(result).map(({ scores }) => scores.slice(0, topK));
}

export function hitLists(hits: IndexHits): { rows: number[]; scores: number[] }[] {
  let at = 0;
  return Array.from(hits.counts, (count) => {
    const list = {
      rows: Array.from(hits.rows.subarray(at, at + count)),
      scores: Array.from(hits.scores.subarray(at, at + count)),
    };
    at += count;
    return list;
  });
}

/** The share of hits that are as good as the exact ones, by score, so that ties count. */
export function recallOf(
  world: IndexWorld,
  hits: IndexHits,
  topK: number,
  allowed: Uint32Array | null = null,
): number {
  const exact = exactScores(world, topK, allowed);
  const isLarger = largerIsBetter(world.metric);
  let [right, all] = [0, 0];
  for (const [query, { scores }] of hitLists(hits).entries()) {
    const best = exact[query] ?? [];
    const last = best.at(-1) ?? 0;
    const slack =
      world.isFine === true ? fineSlack(world, last) : 1e-5 * Math.max(1, Math.abs(last));
    all += best.length;
    right += scores.filter((s) => (isLarger ? s >= last - slack : s <= last + slack)).length;
  }
  return all === 0 ? 1 : right / all;
}

/** What sums in another order may differ by. */
function fineSlack({ metric }: IndexWorld, score: number): number {
  return metric === 'COSINE' ? 3e-7 : 1e-6 * Math.abs(score);
}

/** Best first, none twice, all of them allowed. */
export function expectSoundHits(
  world: IndexWorld,
  hits: IndexHits,
  allowed: Uint32Array | null,
): void {
  const sign = largerIsBetter(world.metric) ? -1 : 1;
  for (const { rows, scores } of hitLists(hits)) {
    expect(new Set(rows).size).toBe(rows.length);
    for (const [i, row] of rows.entries()) {
      expect(row).toBeLessThan(world.rowCount);
      if (allowed !== null) expect((allowed[row >>> 5]! >>> (row & 31)) & 1).toBe(1);
      if (i === 0) continue;
      const [before, cost] = [sign * scores[i - 1]!, sign * scores[i]!];
      expect(before < cost || (before === cost && rows[i - 1]! < row)).toBe(true);
    }
  }
}

export function someAllowed(rowCount: number, share: number, seed = 5): Uint32Array {
  const random = numbersFrom(seed);
  const bitmap = new Bitmap(rowCount);
  for (let row = 0; row < rowCount; row++) if (random() < share) bitmap.set(row);
  return bitmap.words;
}

function nameOf([type, metric]: readonly [DenseVectorType, MetricType]): string {
  return `${dataTypeName(type)} ${metric}`;
}

export function vectorIndexSuite(name: string, suite: VectorIndexSuite): void {
  const { search: parameters, typesAndMetrics, rowCount } = suite;
  const kinds = typesAndMetrics.map((kind) => [nameOf(kind), ...kind] as const);
  const [firstType, firstMetric] = typesAndMetrics[0]!;

  describe(`${name}: hits`, () => {
    for (const clusterCount of [0, 20]) {
      const place = clusterCount === 0 ? 'anywhere' : 'in clusters';
      it.each(kinds)(`finds the best of %s, rows ${place}`, (_, type, metric) => {
        const world = indexWorld({ type, metric, rowCount, clusterCount });
        const hits = searchAll(buildIndex(suite, world), world, { parameters });
        expectSoundHits(world, hits, null);
        expect(hits.rows.length).toBe(10 * QUERY_COUNT);
        expect(recallOf(world, hits, 10)).toBeGreaterThanOrEqual(suite.recall);
      });
    }

    it.each(kinds)('answers %s with the scores of an exact search', (_, type, metric) => {
      const world = indexWorld({ type, metric, rowCount: 300, seed: 3 });
      const hits = searchAll(buildIndex(suite, world), world, { topK: 300, parameters });
      const exact = exactScores(world, 300, null);
      for (const [query, { scores }] of hitLists(hits).entries()) {
        expect(scores.length).toBe(300);
        for (const [i, score] of scores.entries()) {
          const right = exact[query]![i]!;
          expect(Math.abs(score - right)).toBeLessThanOrEqual(4e-6 * Math.max(1, Math.abs(right)));
        }
      }
    });

    it.each(kinds)('finds the best allowed rows of %s, few and many', (_, type, metric) => {
      const world = indexWorld({ type, metric, rowCount, clusterCount: 20, seed: 4 });
      const index = buildIndex(suite, world);
      for (const share of [0.002, 0.02, 0.1, 0.3, 0.6, 0.9]) {
        const allowed = someAllowed(rowCount, share);
        const hits = searchAll(index, world, { parameters: suite.filtered, allowed });
        expectSoundHits(world, hits, allowed);
        expect(recallOf(world, hits, 10, allowed)).toBeGreaterThanOrEqual(suite.recall - 0.02);
      }
    });

    const uneven = kinds.filter(([, type]) => FLOATS.has(type));
    it.runIf(uneven.length > 0).each(uneven)(
      'finds the best of %s, rows uneven',
      (_, type, metric) => {
        for (const rows of UNEVEN_NAMES) {
          const world = unevenWorld(rows, { type, metric, rowCount });
          const index = buildIndex(suite, world);
          const some = someAllowed(rowCount, 0.5);
          for (const allowed of [null, some]) {
            const search = allowed === null ? parameters : suite.filtered;
            const hits = searchAll(index, world, { parameters: search, allowed });
            expectSoundHits(world, hits, allowed);
            const recall = recallOf(world, hits, 10, allowed);
            const isEnough = recall >= (suite.unevenRecall ?? suite.recall - 0.02);
            expect({ rows, recall, isEnough }).toEqual({ rows, recall, isEnough: true });
          }
        }
      },
    );

    it('has no hits where no row is allowed', () => {
      const world = indexWorld({ type: firstType, metric: firstMetric, rowCount: 500 });
      const allowed = new Uint32Array(16);
      const hits = searchAll(buildIndex(suite, world), world, { parameters, allowed });
      expect([...hits.counts, hits.rows.length]).toEqual(
        Array.from({ length: QUERY_COUNT + 1 }, () => 0),
      );
    });

    it('takes no word behind the rows of a mask for a row', () => {
      const world = indexWorld({ type: firstType, metric: firstMetric, rowCount: 70 });
      const allowed = new Uint32Array(3).fill(0xffffffff);
      const hits = searchAll(buildIndex(suite, world), world, { topK: 100, parameters, allowed });
      expectSoundHits(world, hits, null);
      expect(hits.counts[0]).toBe(70);
    });
  });

  describe(`${name}: odd rows`, () => {
    it.each(kinds)('gives back all rows of %s when more are wanted', (_, type, metric) => {
      for (const count of [1, 2, 3, 40]) {
        const world = indexWorld({ type, metric, rowCount: count });
        const hits = searchAll(buildIndex(suite, world), world, { topK: count + 5, parameters });
        expectSoundHits(world, hits, null);
        expect(Array.from(hits.counts)).toEqual(Array.from({ length: QUERY_COUNT }, () => count));
      }
    });

    it.each(kinds)('finds every one of many equal rows of %s', (_, type, metric) => {
      const world = indexWorld({ type, metric, rowCount: 600, seed: 6 });
      const stride = vectorStride(type, world.dim);
      // Rows 100 ... 399 are one vector, 400 ... 499 are zero.
      for (let row = 101; row < 400; row++) {
        world.values.copyWithin(row * stride, 100 * stride, 101 * stride);
      }
      world.values.fill(0, 400 * stride, 500 * stride);
      const index = buildIndex(suite, world);
      const same = { ...world, queries: world.values.slice(100 * stride, 101 * stride) };
      const hits = searchAll(index, { ...same, queryCount: 1 }, { topK: 300, parameters });
      expectSoundHits(world, hits, null);
      expect(recallOf({ ...same, queryCount: 1 }, hits, 300)).toBeGreaterThanOrEqual(suite.recall);
      const allowed = new Bitmap(600);
      allowed.setRange(350, 450);
      const some = searchAll(index, world, { topK: 200, parameters, allowed: allowed.words });
      expectSoundHits(world, some, allowed.words);
      expect(Array.from(some.counts)).toEqual(Array.from({ length: QUERY_COUNT }, () => 100));
    });

    it('answers a query of zeros, and rows that are all zero', () => {
      for (const kind of typesAndMetrics) {
        const world = indexWorld({ type: kind[0], metric: kind[1], rowCount: 60 });
        const zero = {
          ...world,
          queries: new (world.queries.constructor as Float32ArrayConstructor)(world.queries.length),
        };
        expectSoundHits(zero, searchAll(buildIndex(suite, world), zero, { parameters }), null);
        world.values.fill(0);
        const hits = searchAll(buildIndex(suite, world), world, { topK: 60, parameters });
        expectSoundHits(world, hits, null);
        expect(hits.counts[0]).toBe(60);
      }
    });
  });

  describe(`${name}: life`, () => {
    const world = indexWorld({ type: firstType, metric: firstMetric, rowCount: 400 });

    it('answers the same from a copy of its image', () => {
      const task = indexTask(suite, world);
      const image = suite.builder.build(task)!;
      const open = (bytes: Uint8Array): VectorIndex =>
        suite.builder.open({ image: bytes, vectors: task.vectors, isChecked: false });
      expect(image.buffer).toBeInstanceOf(SharedArrayBuffer);
      expect(searchAll(open(Uint8Array.from(image)), world, { parameters })).toEqual(
        searchAll(open(image), world, { parameters }),
      );
    });

    it('says how far a build is, and ends one that is cancelled', () => {
      const task = indexTask(suite, world);
      suite.builder.build(task);
      expect(rowsBuilt(task.control)).toBe(400);
      const cancelled = indexTask(suite, world);
      cancelBuild(cancelled.control);
      expect(suite.builder.build(cancelled)).toBeNull();
    });

    it('is not searched any more when it is closed, where there is something to close', () => {
      const index = buildIndex(suite, world);
      if (index.close === undefined) return;
      index.close();
      index.close();
      expect(() => searchAll(index, world, { parameters })).toThrow('it was closed');
    });

    it('is not opened over other vectors', () => {
      const task = indexTask(suite, world);
      const image = suite.builder.build(task)!;
      const vectors = { ...task.vectors, dim: task.vectors.dim - 8 };
      expect(() => suite.builder.open({ image, vectors, isChecked: false })).toThrow(
        'data integrity',
      );
    });
  });
}
