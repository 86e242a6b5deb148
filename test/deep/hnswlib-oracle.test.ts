/**
 * HNSW beside hnswlib's, of the same M, efConstruction and ef, over the same vectors: the recall of both against
 * an exact search, and the scores of rows that both find. hnswlib takes float32, as which it gets every type.
 */
import { describe, expect, it } from 'vitest';
import { nativeAddon } from '../../src/base/native.ts';
import { hnsw, SCAN_ROWS_PARAMETER } from '../../src/index/hnsw.ts';
import type { MetricType } from '../../src/index/metric-type.ts';
import type { IndexHits, VectorIndex } from '../../src/index/vector-index.ts';
import { vectorStride } from '../../src/schema/column-layout.ts';
import { DataType, type DenseVectorType } from '../../src/schema/data-type.ts';
import { bfloat16BitsToFloat32, float16BitsToFloat32 } from '../../src/schema/vectors.ts';
import {
  expectSoundHits,
  hitLists,
  indexTask,
  type IndexWorld,
  indexWorld,
  recallOf,
  searchAll,
  someAllowed,
} from '../suites/vector-index-suite.ts';
import { type Hnswlib, type HnswlibGraph, loadHnswlib } from './hnswlib.ts';

/** How far recall may be below that of hnswlib, whose graphs are not the same. */
const MARGIN = 0.01;
/** Units in the last place, of the largest sum on the way to a score, by which scores may differ. */
const ULPS = 32;
const TOP_K = 10;
const ROWS = 4000;
const QUERIES = 200;
const BUILD = { M: 8, efConstruction: 80 };
const WIDTHS = [10, 20, 40, 80, 160];

const SPACES = { L2: 'l2', IP: 'ip', COSINE: 'cosine' } as const;
type SpaceMetric = keyof typeof SPACES;
const TYPES = [
  ['float32', DataType.FloatVector],
  ['float16', DataType.Float16Vector],
  ['bfloat16', DataType.BFloat16Vector],
  ['int8', DataType.Int8Vector],
] as const;
const KINDS = TYPES.flatMap(([name, type]) =>
  (['L2', 'IP', 'COSINE'] as const).map((metric) => [name, metric, type] as const),
);
const ENGINES = [nativeAddon(), null].filter((one, i) => i === 1 || one !== null);

function numberOf(type: DenseVectorType, element: number): number {
  if (type === DataType.Float16Vector) return float16BitsToFloat32(element);
  return type === DataType.BFloat16Vector ? bfloat16BitsToFloat32(element) : element;
}

function numbersOf({ type, dim }: IndexWorld, values: IndexWorld['values'], row: number): number[] {
  const stride = vectorStride(type, dim);
  const elements = values.subarray(row * stride, (row + 1) * stride);
  return Array.from(elements, (element) => numberOf(type, element));
}

interface Both {
  readonly world: IndexWorld;
  readonly ours: VectorIndex;
  readonly theirs: HnswlibGraph;
}

/** Rows lie in clusters, some are equal and some are zeros; queries lie there as well. */
function worldOf(type: DenseVectorType, metric: MetricType): IndexWorld {
  const rowCount = ROWS + QUERIES;
  const all = indexWorld({ type, metric, rowCount, dim: 48, clusterCount: 60, seed: 11 });
  const { values, dim } = all;
  for (let row = 100; row < 130; row++) values.copyWithin(row * dim, 0, dim);
  values.fill(0, 200 * dim, 210 * dim);
  const queries = values.subarray(ROWS * dim);
  return { ...all, rowCount: ROWS, queryCount: QUERIES, queries };
}

function buildBoth(hnswlib: Hnswlib, world: IndexWorld, engine: (typeof ENGINES)[number]): Both {
  const task = indexTask({ structure: 'HNSW', build: BUILD }, world);
  const image = hnsw(engine).build(task);
  if (image === null) throw new Error('nobody cancels this build');
  const ours = hnsw(engine).open({ image, vectors: task.vectors, isChecked: false });
  const theirs = new hnswlib.HierarchicalNSW(SPACES[world.metric as SpaceMetric], world.dim);
  theirs.initIndex({ maxElements: ROWS, m: BUILD.M, efConstruction: BUILD.efConstruction });
  for (let row = 0; row < ROWS; row++) theirs.addPoint(numbersOf(world, world.values, row), row);
  return { world, ours, theirs };
}

/** Best first, with scores as Milvus has them. */
function askHnswlib({ world, theirs }: Both, ef: number, allowed: Uint32Array | null): IndexHits {
  const { queryCount, queries, metric } = world;
  theirs.setEf(ef);
  const isAllowed = (row: number): boolean =>
    ((allowed?.[row >>> 5] ?? -1) >>> (row & 31)) % 2 === 1;
  const filter = allowed === null ? undefined : isAllowed;
  const answers = Array.from({ length: queryCount }, (_, query) =>
    theirs.searchKnn(numbersOf(world, queries, query), TOP_K, filter),
  );
  const scoreOf = (distance: number): number => (metric === 'L2' ? distance : 1 - distance);
  return {
    counts: Uint32Array.from(answers, ({ neighbors }) => neighbors.length),
    rows: Uint32Array.from(answers.flatMap(({ neighbors }) => neighbors)),
    scores: Float32Array.from(answers.flatMap(({ distances }) => distances.map(scoreOf))),
  };
}

function askOurs({ world, ours }: Both, ef: number, allowed: Uint32Array | null): IndexHits {
  // A walk at a filter's expense, as hnswlib's is; where scans cost less we would scan.
  const parameters = { ef, [SCAN_ROWS_PARAMETER]: 0 };
  return searchAll(ours, world, { topK: TOP_K, parameters, allowed });
}

const squareOf = (vector: readonly number[]): number =>
  vector.reduce((sum, value) => sum + value * value, 0);

/** What sums on the way to a score add up to. */
function sizeOf(world: IndexWorld, query: number, row: number): number {
  const [left, right] = [
    squareOf(numbersOf(world, world.queries, query)),
    squareOf(numbersOf(world, world.values, row)),
  ];
  if (world.metric === 'COSINE') return 1;
  return world.metric === 'L2' ? 2 * (left + right) : 1 + Math.sqrt(left * right);
}

interface Answers {
  readonly left: IndexHits;
  readonly right: IndexHits;
  readonly allowed: Uint32Array | null;
}

function expectAsMuch(world: IndexWorld, { left, right, allowed }: Answers): void {
  const [ours, theirs] = [left, right].map((hits) => recallOf(world, hits, TOP_K, allowed));
  expect(ours).toBeGreaterThanOrEqual(theirs! - MARGIN);
}

/** @returns how many rows both found */
function expectSameScores(world: IndexWorld, left: IndexHits, right: IndexHits): number {
  const others = hitLists(right);
  let shared = 0;
  for (const [query, { rows, scores }] of hitLists(left).entries()) {
    const found = new Map(others[query]?.rows.map((row, i) => [row, others[query]?.scores[i]]));
    for (const [i, row] of rows.entries()) {
      const other = found.get(row);
      const score = scores[i];
      if (other === undefined || score === undefined) continue;
      shared++;
      const slack = ULPS * 2 ** -23 * sizeOf(world, query, row);
      expect(Math.abs(score - other)).toBeLessThanOrEqual(slack);
    }
  }
  return shared;
}

describe.each(ENGINES.map((engine) => [engine === null ? 'twin' : 'native', engine] as const))(
  'HNSW beside hnswlib, %s',
  (_, engine) => {
    it.for(KINDS)('finds as much, with the same scores: %s %s', ([, metric, type], context) => {
      const hnswlib = loadHnswlib();
      if (hnswlib === null) {
        context.skip('the registry that has hnswlib-node cannot be reached');
        return;
      }
      const both = buildBoth(hnswlib, worldOf(type, metric), engine);
      const { world, theirs } = both;
      let shared = 0;
      for (const share of [null, 0.9, 0.5, 0.1]) {
        const allowed = share === null ? null : someAllowed(ROWS, share);
        for (const ef of WIDTHS) {
          const [left, right] = [askOurs(both, ef, allowed), askHnswlib(both, ef, allowed)];
          expectSoundHits(world, left, allowed);
          expectAsMuch(world, { left, right, allowed });
          shared += expectSameScores(world, left, right);
        }
      }
      expect(shared).toBeGreaterThan(10_000);

      // What is deleted there is no row that counts here.
      const allowed = someAllowed(ROWS, 0.8, 3);
      for (let row = 0; row < ROWS; row++) {
        if (((allowed[row >>> 5]! >>> (row & 31)) & 1) === 0) theirs.markDelete(row);
      }
      for (const ef of WIDTHS) {
        const [left, right] = [askOurs(both, ef, allowed), askHnswlib(both, ef, null)];
        expectAsMuch(world, { left, right, allowed });
      }
    });
  },
);
