import { describe, expect, it } from 'vitest';
import { type NativeAddon, nativeAddon } from '../../src/base/native.ts';
import { ivf } from '../../src/index/ivf.ts';
import type { ListStructure } from '../../src/index/ivf-codes.ts';
import { type ListImage, openListImage } from '../../src/index/ivf-image.ts';
import { scanTopK } from '../../src/index/kernels.ts';
import type { Parameters } from '../../src/index/parameters.ts';
import type { IndexBuilder, VectorIndex } from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';
import {
  expectSoundHits,
  hitLists,
  indexTask,
  type IndexWorld,
  indexWorld,
  recallOf,
  searchAll,
  someAllowed,
  type VectorIndexSuite,
  vectorIndexSuite,
} from '../suites/vector-index-suite.ts';
import { TYPES_AND_METRICS } from './reference.ts';

const addon = nativeAddon();
const ENGINES = [['twin', null], ...(addon === null ? [] : [['native', addon] as const])] as const;

const BINARY = TYPES_AND_METRICS.filter(([type]) => type === DataType.BinaryVector);
const DENSE = TYPES_AND_METRICS.filter(([type]) => type !== DataType.BinaryVector);
const FLOATS = DENSE.filter(([type]) => type !== DataType.Int8Vector);

interface Kind {
  readonly structure: ListStructure;
  readonly kinds: VectorIndexSuite['typesAndMetrics'];
  readonly build: Parameters;
  /** Of all lists. */
  readonly search: Parameters;
  readonly recall: number;
  readonly unevenRecall?: number;
  /** The same without a second look at more candidates. */
  readonly codeRecall: number;
}

const ALL_LISTS = { nprobe: 65_536 };
const REFINED = { ...ALL_LISTS, refine_k: 4 };

/** What exact costs of candidates cannot find is what codes did not choose: recalls are those of codes. */
const KINDS: readonly Kind[] = [
  {
    structure: 'IVF_FLAT',
    kinds: DENSE,
    build: {},
    search: ALL_LISTS,
    recall: 1,
    codeRecall: 1,
  },
  {
    structure: 'BIN_IVF_FLAT',
    kinds: BINARY,
    build: {},
    search: ALL_LISTS,
    recall: 1,
    codeRecall: 1,
  },
  {
    structure: 'IVF_SQ8',
    kinds: DENSE,
    build: { sq_type: 'SQ8', refine: true },
    search: REFINED,
    recall: 1,
    codeRecall: 0.95,
  },
  {
    structure: 'IVF_SQ8',
    kinds: FLOATS,
    build: { sq_type: 'SQ4', refine: true },
    search: REFINED,
    recall: 0.99,
    unevenRecall: 0.8,
    codeRecall: 0.55,
  },
  {
    structure: 'IVF_PQ',
    kinds: FLOATS,
    build: { m: 16, nbits: 8, refine: true },
    search: { ...REFINED, refine_k: 8 },
    recall: 0.97,
    codeRecall: 0.6,
  },
  {
    structure: 'IVF_RABITQ',
    kinds: FLOATS,
    build: { rbq_bits: 4, refine: true },
    search: { ...REFINED, rbq_bits_query: 0 },
    recall: 0.97,
    codeRecall: 0.6,
  },
  {
    structure: 'SCANN',
    kinds: FLOATS,
    build: { sub_dim: 2, with_raw_data: true },
    search: { ...ALL_LISTS, reorder_k: 120 },
    recall: 0.95,
    codeRecall: 0.35,
  },
];

function suiteOf(kind: Kind, builder: IndexBuilder): VectorIndexSuite {
  const { structure, kinds, search, recall, unevenRecall = recall - 0.02 } = kind;
  const build = { nlist: 16, ...kind.build };
  const common = { structure, builder, build, search, filtered: search };
  return { ...common, typesAndMetrics: kinds, recall, unevenRecall, rowCount: 700 };
}

function nameOf({ structure, build }: Kind): string {
  return [structure, ...Object.values(build)].join(' ');
}

for (const [engine, kernels] of ENGINES) {
  for (const kind of KINDS) {
    const suite = suiteOf(kind, ivf(kind.structure, kernels));
    // Trained codes see float32, whatever the type is.
    const isTrained = kind.codeRecall < 1;
    const typesAndMetrics = isTrained ? kind.kinds.slice(0, 3) : kind.kinds;
    vectorIndexSuite(`${nameOf(kind)}, ${engine}`, { ...suite, typesAndMetrics });
  }
}

/** The same image, opened by the twin and by the native kernels. */
function openBoth(structure: ListStructure, image: Uint8Array, world: IndexWorld): VectorIndex[] {
  const { vectors } = indexTask({ structure, build: {} }, world);
  return ENGINES.map(([, kernels]) =>
    ivf(structure, kernels).open({ image, vectors, isChecked: false }),
  );
}

describe.each(KINDS.map((kind) => [nameOf(kind), kind] as const))('%s', (_name, kind) => {
  const { structure, kinds } = kind;

  it.runIf(addon !== null).each(kinds)(
    'is searched by who did not build it: %s %s',
    (type, metric) => {
      const world = indexWorld({ type, metric, rowCount: 900, clusterCount: 10 });
      for (const [, from] of ENGINES) {
        const image = ivf(structure, from).build(
          indexTask(suiteOf(kind, ivf(structure, from)), world),
        )!;
        const [twin, native] = openBoth(structure, image, world);
        for (const nprobe of [1, 3, 16]) {
          const parameters = { ...kind.search, nprobe };
          const [left, right] = [twin!, native!].map((index) =>
            searchAll(index, world, { parameters }),
          );
          const distance = recallOf(world, left!, 10) - recallOf(world, right!, 10);
          expect(Math.abs(distance)).toBeLessThanOrEqual(0.02);
          const isExact = type === DataType.Int8Vector || type === DataType.BinaryVector;
          if (isExact && nprobe === 16) expect(right).toEqual(left);
        }
      }
    },
  );

  it.each(ENGINES)('finds what its codes are good for alone, %s', (_engine, kernels) => {
    const build = { ...kind.build, refine: false, with_raw_data: false };
    for (const [type, metric] of kinds) {
      const world = indexWorld({ type, metric, rowCount: 900, clusterCount: 20 });
      const builder = ivf(structure, kernels);
      const index = openOf(builder, suiteOf({ ...kind, build }, builder), world);
      const hits = searchAll(index, world, { parameters: kind.search });
      expectSoundHits(world, hits, null);
      expect(recallOf(world, hits, 10)).toBeGreaterThanOrEqual(kind.codeRecall);
    }
  });

  it.each(ENGINES)('makes the same image every time, with any threads, %s', (_engine, kernels) => {
    const [type, metric] = kinds[0]!;
    const world = indexWorld({ type, metric, rowCount: 1500, clusterCount: 30 });
    const builder = ivf(structure, kernels);
    const [first, ...others] = [1, 1, 4].map(
      (threads) => builder.build(indexTask(suiteOf(kind, builder), world, threads))!,
    );
    for (const other of others) expect(Buffer.compare(first!, other)).toBe(0);
  });
});

function openOf(
  builder: IndexBuilder,
  suite: Pick<VectorIndexSuite, 'structure' | 'build'>,
  world: IndexWorld,
): VectorIndex {
  const task = indexTask(suite, world);
  const image = builder.build(task)!;
  return builder.open({ image, vectors: task.vectors, isChecked: false });
}

/** By query, the hits of a scan of the rows that are allowed, in the same arithmetic. */
function exactHits(
  world: IndexWorld,
  { topK, allowed }: { readonly topK: number; readonly allowed: Uint32Array | null },
  kernels: NativeAddon | null,
): ReturnType<typeof hitLists> {
  const { type, dim, values, metric, rowCount, queries, queryCount } = world;
  const rows = { vectors: { type, dim, values }, rowStart: 0, rowEnd: rowCount, allowed };
  const wanted = { queries, queryCount, topK, tieRowsMax: 0 };
  return hitLists(scanTopK({ kind: 'scan', metric, ...rows, ...wanted }, kernels)).map((list) => ({
    rows: list.rows.slice(0, topK),
    scores: list.scores.slice(0, topK),
  }));
}

/** The lists that are nearest to a query, in float64. */
function nearestLists({ centroids, shape }: ListImage, query: Float32Array): number[] {
  const costs = Array.from({ length: shape.listCount }, (_, list) => {
    const centroid = centroids.subarray(list * shape.dim, (list + 1) * shape.dim);
    const terms = Array.from(centroid, (value, i) => {
      return shape.metric === 'L2' ? (value - query[i]!) ** 2 : -value * query[i]!;
    });
    return terms.reduce((sum, term) => sum + term, 0);
  });
  return costs.map((_, list) => list).sort((left, right) => costs[left]! - costs[right]!);
}

/** Rows of lists that a mask allows, as a mask. */
function rowsOf(image: ListImage, lists: number[], mask: Uint32Array | null): Uint32Array {
  const allowed = new Uint32Array(Math.ceil(image.shape.rowCount / 32));
  for (const list of lists) {
    for (const row of image.rows.subarray(image.rowStarts[list], image.rowStarts[list + 1])) {
      allowed[row >>> 5]! |= (1 << (row & 31)) & (mask?.[row >>> 5] ?? -1);
    }
  }
  return allowed;
}

describe.each(ENGINES)('IVF_FLAT: answers, %s', (_engine, kernels) => {
  const builder = ivf('IVF_FLAT', kernels);

  it.each(FLOATS)('are those of an exact search of the lists: %s %s', (type, metric) => {
    if (type !== DataType.FloatVector) return;
    const world = indexWorld({ type, metric, rowCount: 3000, dim: 24, clusterCount: 40 });
    const task = indexTask({ structure: 'IVF_FLAT', build: { nlist: 32 } }, world);
    const bytes = builder.build(task)!;
    const image = openListImage(bytes) as ListImage;
    const index = builder.open({ image: bytes, vectors: task.vectors, isChecked: false });
    for (const [nprobe, topK, mask] of [
      [1, 10, null],
      [4, 10, null],
      [4, 100, someAllowed(3000, 0.5)],
      [8, 1, someAllowed(3000, 0.05)],
      [32, 2500, null],
    ] as const) {
      for (let q = 0; q < world.queryCount; q++) {
        const queries = (world.queries as Float32Array).slice(q * 24, q * 24 + 24);
        const lists = nearestLists(image, queries).slice(0, nprobe);
        const allowed = rowsOf(image, lists, mask);
        const one = { ...world, queries, queryCount: 1 };
        const [exact] = exactHits(one, { topK, allowed }, kernels);
        const hits = index.search({
          queries,
          queryCount: 1,
          topK,
          parameters: { nprobe },
          allowed: mask,
        });
        const enough = exact!.rows.length >= topK || nprobe === 32;
        if (enough) expect(hitLists(hits)).toEqual([exact]);
        else expect(hits.rows.length).toBeGreaterThanOrEqual(exact!.rows.length);
      }
    }
  });

  it('survive vectors at the ends of their range', () => {
    const values = Float32Array.from({ length: 200 * 4 }, (_, i) => {
      const size = [3e38, 1e-38, 1e-45, 1][(i >> 2) % 4]!;
      return i % 3 === 0 ? -size : size;
    });
    for (const metric of ['L2', 'IP', 'COSINE'] as const) {
      const type = DataType.FloatVector;
      const world = {
        type,
        metric,
        dim: 4,
        rowCount: 200,
        values,
        queryCount: 20,
        queries: values,
      };
      const index = openOf(builder, { structure: 'IVF_FLAT', build: { nlist: 4 } }, world);
      const hits = searchAll(index, world, { topK: 20, parameters: ALL_LISTS });
      expect(hits.scores.some((score) => Number.isNaN(score))).toBe(false);
      const exact = exactHits(world, { topK: 20, allowed: null }, kernels);
      expect(hitLists(hits)).toEqual(exact);
    }
  });
});

describe.each(ENGINES)('IVF: centroids by products, %s', (_engine, kernels) => {
  const type = DataType.FloatVector;

  it('have rows, each of them, however long some vectors are', () => {
    const world = indexWorld({ type, metric: 'IP', rowCount: 900, clusterCount: 20 });
    for (let i = 0; i < world.values.length; i++) world.values[i]! *= 1 + ((i >>> 5) % 50);
    const image = ivf('IVF_FLAT', kernels).build(
      indexTask({ structure: 'IVF_FLAT', build: { nlist: 16 } }, world),
    )!;
    const { counts } = openListImage(image) as ListImage;
    expect(counts.every((count) => count > 0)).toBe(true);
  });

  it.each(['IP', 'COSINE'] as const)('are as long as their rows along them: %s', (metric) => {
    const world = indexWorld({ type, metric, rowCount: 900, clusterCount: 10 });
    const build = { nlist: 8, sq_type: 'SQ8' };
    const bytes = ivf('IVF_SQ8', kernels).build(indexTask({ structure: 'IVF_SQ8', build }, world))!;
    const { centroids, rows, rowStarts, shape } = openListImage(bytes) as ListImage;
    const { dim } = shape;
    for (let list = 0; list < shape.listCount; list++) {
      const centroid = Array.from(centroids.subarray(list * dim, (list + 1) * dim));
      const length = Math.hypot(...centroid);
      const members = Array.from(rows.subarray(rowStarts[list], rowStarts[list + 1]), (row) => {
        const vector = Array.from(world.values.subarray(row * dim, (row + 1) * dim));
        const product = vector.reduce((sum, value, i) => sum + value * centroid[i]!, 0);
        return product / (metric === 'IP' ? 1 : Math.hypot(...vector)) / length;
      });
      const mean = members.reduce((sum, each) => sum + each, 0) / members.length;
      expect(length / mean).toBeCloseTo(1, 4);
    }
  });
});

describe.each(ENGINES)('IVF: parameters and lists, %s', (_engine, kernels) => {
  const builder = ivf('IVF_FLAT', kernels);
  const world = indexWorld({ type: DataType.FloatVector, metric: 'L2', rowCount: 200, dim: 8 });

  it('has fewer lists where there are too few rows for them', () => {
    for (const [nlist, lists] of [
      [1, 1],
      [5, 5],
      [6, 5],
      [65_536, 5],
    ] as const) {
      const image = builder.build(indexTask({ structure: 'IVF_FLAT', build: { nlist } }, world))!;
      const opened = openListImage(image) as ListImage;
      expect(opened.shape.listCount).toBe(lists);
      expect(opened.counts.every((count) => count > 0)).toBe(true);
    }
  });

  it('looks into further lists until there are as many hits as are asked for', () => {
    const index = openOf(builder, { structure: 'IVF_FLAT', build: { nlist: 5 } }, world);
    const all = searchAll(index, world, { topK: 200, parameters: { nprobe: 1 } });
    expect(new Set(all.counts)).toEqual(new Set([200]));
    const allowed = someAllowed(200, 0.1);
    const count = Array.from({ length: 200 }, (_, row) => row).filter(
      (row) => ((allowed[row >>> 5]! >>> (row & 31)) & 1) === 1,
    ).length;
    const some = searchAll(index, world, { topK: 150, parameters: { nprobe: 1 }, allowed });
    expect(new Set(some.counts)).toEqual(new Set([count]));
  });
});
