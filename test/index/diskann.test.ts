import { describe, expect, it } from 'vitest';
import { MilvusError } from '../../src/base/errors.ts';
import { nativeAddon } from '../../src/base/native.ts';
import { codeByteLength } from '../../src/index/codes.ts';
import { diskCodeOf, diskLinksOf } from '../../src/index/diskann.ts';
import { hnsw, SCAN_ROWS_PARAMETER } from '../../src/index/hnsw.ts';
import { NO_NODE, openImage } from '../../src/index/hnsw-image.ts';
import type { Parameters } from '../../src/index/parameters.ts';
import type { IndexBuilder, IndexTask } from '../../src/index/vector-index.ts';
import { DataType, type DenseVectorType } from '../../src/schema/data-type.ts';
import {
  expectSoundHits,
  hitLists,
  indexTask,
  indexWorld,
  numbersFrom,
  recallOf,
  searchAll,
  someAllowed,
  type VectorIndexSuite,
  vectorIndexSuite,
} from '../suites/vector-index-suite.ts';

const addon = nativeAddon();
const BUILDERS: readonly (readonly ['native' | 'twin', IndexBuilder])[] = [
  ['twin', hnsw(null)],
  ...(addon === null ? [] : [['native', hnsw(addon)] as const]),
];
const BUILD: Parameters = {
  max_degree: 16,
  search_list_size: 60,
  pq_code_budget_gb_ratio: 0.125,
  search_cache_budget_gb_ratio: 0.1,
};
/** Never a scan: what is tested is the walk. */
const WALK = { search_list_size: 120, beam_width_ratio: 4, [SCAN_ROWS_PARAMETER]: 0 };
/** Scans where few rows are left, as by cost, and walks from a tenth of them on. */
const FILTERED = { ...WALK, [SCAN_ROWS_PARAMETER]: 30 };

function suiteOf(builder: IndexBuilder, build: Parameters = {}): VectorIndexSuite {
  return {
    structure: 'DISKANN',
    builder,
    build: { ...BUILD, ...build },
    search: WALK,
    filtered: FILTERED,
    typesAndMetrics: [
      [DataType.FloatVector, 'L2'],
      [DataType.FloatVector, 'IP'],
      [DataType.FloatVector, 'COSINE'],
      [DataType.Float16Vector, 'COSINE'],
      [DataType.Float16Vector, 'L2'],
      [DataType.BFloat16Vector, 'IP'],
      [DataType.BFloat16Vector, 'L2'],
    ],
    recall: 0.95,
    rowCount: 600,
  };
}

// Scalar codes: the twin takes its time to train product codes, which have tests of their own.
for (const [name, builder] of BUILDERS) {
  vectorIndexSuite(`DISKANN ${name}`, suiteOf(builder, { pq_code_budget_gb_ratio: 1 }));
}
if (addon !== null) {
  const typesAndMetrics = [[DataType.BFloat16Vector, 'COSINE']] as const;
  vectorIndexSuite('DISKANN native, by default', { ...suiteOf(hnsw(addon)), typesAndMetrics });
}

const open = (builder: IndexBuilder, image: Uint8Array, task: IndexTask) =>
  builder.open({ image, vectors: task.vectors, isChecked: false });

function linksOf(image: Uint8Array): Uint32Array {
  const opened = openImage(image);
  if (typeof opened === 'string') throw new Error(opened);
  return opened.links;
}

describe('codes of DISKANN', () => {
  const codeOf = (dim: number, ratio = 0.125, type: DenseVectorType = DataType.FloatVector) =>
    diskCodeOf({
      ...indexTask(suiteOf(hnsw(null), { pq_code_budget_gb_ratio: ratio }), {
        ...indexWorld({ type, metric: 'L2', rowCount: 1, dim: 1 }),
        dim,
        rowCount: 1_000_000,
      }),
    });

  it('are scalar where the budget has room for bits of every element', () => {
    expect(codeOf(128)).toMatchObject({ kind: 'SQ4', parts: 1 });
    expect(codeOf(768)).toMatchObject({ kind: 'SQ4' });
    expect(codeOf(128, 0.19)).toMatchObject({ kind: 'SQ6' });
    expect(codeOf(128, 0.25)).toMatchObject({ kind: 'SQ8' });
    expect(codeOf(128, 0.25, DataType.Float16Vector)).toMatchObject({ kind: 'SQ4' });
  });

  it('are products else, in layers where there are few parts', () => {
    const product = { kind: 'PRODUCT', layers: 1, bits: 8, entries: 256 };
    expect(codeOf(128, 0.06)).toMatchObject({ ...product, parts: 16 });
    expect(codeOf(128, 0.125, DataType.BFloat16Vector)).toMatchObject({ ...product, parts: 32 });
    expect(codeOf(32)).toMatchObject({ ...product, parts: 16 });
    expect(codeOf(4)).toMatchObject({ ...product, parts: 4 });
    expect(codeOf(1)).toMatchObject({ ...product, parts: 1 });
    const layered = { kind: 'RESIDUAL_PRODUCT', parts: 1, layers: 8 };
    expect(codeOf(31, 0.07)).toMatchObject(layered);
    expect(codeOf(127, 0.06)).toMatchObject({ ...layered, layers: 16 });
  });

  it('take a fifth of the vectors at most by default, 16 bytes of short ones', () => {
    for (const type of [DataType.FloatVector, DataType.Float16Vector]) {
      for (let dim = 1; dim <= 1536; dim += dim < 130 ? 1 : 61) {
        const rowBytes = dim * (type === DataType.FloatVector ? 4 : 2);
        const bytes = codeByteLength(codeOf(dim, 0.125, type));
        expect(bytes).toBeLessThanOrEqual(Math.max(16, rowBytes * 0.2));
      }
    }
  });

  it('are few bytes whatever the budget is', () => {
    expect(codeByteLength(codeOf(128, 0))).toBe(12);
    expect(codeByteLength(codeOf(128, 1))).toBe(132);
  });
});

describe('links of DISKANN', () => {
  it('are as many as max_degree says, rounded up to an even number of 4 or more', () => {
    const degreeOf = (max_degree: number) => diskLinksOf({ ...BUILD, max_degree }).degree * 2;
    expect([1, 4, 5, 56, 511, 512].map(degreeOf)).toEqual([4, 4, 6, 56, 512, 512]);
    expect(diskLinksOf(BUILD)).toEqual({ degree: 8, buildWidth: 60, isDisk: true });
  });

  it.each(BUILDERS)('are more than pruning leaves, but for IP, by the %s', (_name, builder) => {
    for (const metric of ['L2', 'COSINE', 'IP'] as const) {
      const type = DataType.FloatVector;
      const world = indexWorld({ type, metric, rowCount: 500, clusterCount: 10 });
      const count = (image: Uint8Array) => linksOf(image).filter((link) => link !== NO_NODE).length;
      const disk = builder.build(
        indexTask(suiteOf(builder, { pq_code_budget_gb_ratio: 1 }), world),
      );
      const build = { M: 8, efConstruction: 60 };
      const plain = builder.build(indexTask({ structure: 'HNSW', build }, world));
      const [more, pruned] = [count(disk!), count(plain!)];
      if (metric === 'IP') expect(more).toBe(pruned);
      else expect(more).toBeGreaterThan(pruned * 1.1);
    }
  });

  it.each(BUILDERS)('of several threads find as much as those of one, by the %s', (_n, builder) => {
    const world = indexWorld({
      type: DataType.FloatVector,
      metric: 'L2',
      rowCount: 1500,
      dim: 24,
      clusterCount: 300,
    });
    const search = { ...WALK, search_list_size: 40 };
    const suite = suiteOf(builder, { pq_code_budget_gb_ratio: 1 });
    const recalls = [1, 4].map((threadCount) => {
      const task = indexTask(suite, world, threadCount);
      const index = open(builder, builder.build(task)!, task);
      return recallOf(world, searchAll(index, world, { parameters: search }), 10);
    });
    expect(recalls[1]).toBeGreaterThanOrEqual(recalls[0]! - 0.02);
  });
});

/** Scalar codes, product codes, and product codes in layers. */
const RATIOS = [1, 0.125, 0.07] as const;

describe.each(RATIOS)('DISKANN with a budget of %s', (ratio) => {
  const dim = ratio === 0.07 ? 31 : 32;
  const worlds = (['L2', 'IP', 'COSINE'] as const).map((metric) =>
    indexWorld({ type: DataType.FloatVector, metric, rowCount: 400, dim, clusterCount: 10 }),
  );
  const suite = (builder: IndexBuilder) => suiteOf(builder, { pq_code_budget_gb_ratio: ratio });

  it.runIf(addon !== null)('answers the same whoever searches, whoever built it', () => {
    for (const world of worlds) {
      for (const [, from] of BUILDERS) {
        const task = indexTask(suite(from), world);
        const image = from.build(task)!;
        const found = BUILDERS.map(([, builder]) =>
          searchAll(open(builder, image, task), world, { parameters: WALK }),
        );
        for (const hits of found) {
          expect(recallOf(world, hits, 10)).toBeGreaterThanOrEqual(0.95);
        }
        const [twin, native] = found.map((hits) => hitLists(hits).map(({ rows }) => rows));
        const same = twin!.flatMap((rows, query) =>
          rows.filter((row) => native![query]!.includes(row)),
        );
        expect(same.length).toBeGreaterThanOrEqual(twin!.flat().length * 0.98);
      }
    }
  });

  it.each(BUILDERS)('finds everything when all rows are candidates, by the %s', (_n, builder) => {
    for (const world of worlds) {
      const task = indexTask(suite(builder), world);
      const index = open(builder, builder.build(task)!, task);
      const parameters = { ...WALK, search_list_size: 400 };
      const hits = searchAll(index, world, { topK: 500, parameters });
      expectSoundHits(world, hits, null);
      expect(hits.counts.every((count) => count === 400)).toBe(true);
      const recalls = [10, 30, 400].map((search_list_size) =>
        recallOf(world, searchAll(index, world, { parameters: { ...WALK, search_list_size } }), 10),
      );
      expect(recalls[1]).toBeGreaterThanOrEqual(recalls[0]!);
      expect(recalls[2]).toBe(1);
    }
  });

  it.each(BUILDERS)('does no harm with any byte changed, by the %s', (name, builder) => {
    const world = indexWorld({ type: DataType.FloatVector, metric: 'L2', rowCount: 60, dim });
    // Some rows are equal.
    for (let row = 20; row < 30; row++) world.values.copyWithin(row * dim, 0, dim);
    const task = indexTask(suite(builder), world);
    const image = builder.build(task)!;
    const few = { ...world, queryCount: 2 };
    const random = numbersFrom(3);
    const expectNoHarm = (damaged: Uint8Array): void => {
      try {
        const index = open(builder, damaged, task);
        for (const allowed of [null, someAllowed(60, 0.5)]) {
          const hits = searchAll(index, few, { parameters: WALK, allowed });
          expectSoundHits(world, hits, allowed);
        }
      } catch (failure) {
        expect(failure).toBeInstanceOf(MilvusError);
      }
    };
    const count = name === 'twin' ? 100 : 1500;
    const places = Array.from({ length: count }, () => Math.floor(random() * image.length));
    for (const at of [...Array.from({ length: 64 }, (_, i) => i * 3), ...places]) {
      const damaged = image.slice();
      damaged[at]! ^= 1 << Math.floor(random() * 8);
      expectNoHarm(damaged);
    }
    for (let at = 0; at < image.length; at += name === 'twin' ? 4096 : 512) {
      for (const filler of [0x00, 0xff, 0x55]) {
        expectNoHarm(image.slice().fill(filler, at, at + 300));
      }
    }
    for (const length of [0, 255, 256, image.length - 64, image.length - 1]) {
      expect(() => open(builder, image.slice(0, length), task)).toThrow('data integrity');
    }
  });
});

describe.each(BUILDERS)('DISKANN of the %s', (_name, builder) => {
  it('takes parameters at the ends of their ranges, and few rows', () => {
    const type = DataType.Float16Vector;
    for (const rowCount of [1, 2, 9, 60]) {
      const world = indexWorld({ type, metric: 'COSINE', rowCount, dim: 8 });
      for (const ends of [
        { max_degree: 1, search_list_size: 1, pq_code_budget_gb_ratio: 0 },
        { max_degree: 512, search_list_size: 2 ** 31 - 1, pq_code_budget_gb_ratio: 1 },
      ]) {
        const task = indexTask(suiteOf(builder, ends), world);
        const index = open(builder, builder.build(task)!, task);
        for (const search_list_size of [1, 2 ** 31 - 1]) {
          const parameters = { ...WALK, search_list_size };
          const hits = searchAll(index, world, { topK: 60, parameters });
          expectSoundHits(world, hits, null);
          expect(hits.counts.every((count) => count === rowCount)).toBe(true);
        }
      }
    }
  });

  it('survives vectors at the ends of their range', () => {
    const values = Float32Array.from({ length: 200 * 4 }, (_, i) => {
      const size = [3e38, 1e-38, 1e-45, 1][i % 4]!;
      return i % 3 === 0 ? -size : size;
    });
    for (const metric of ['L2', 'IP', 'COSINE'] as const) {
      const type = DataType.FloatVector;
      const rows = { type, metric, dim: 4, rowCount: 200, values, queryCount: 20, queries: values };
      const task = indexTask(suiteOf(builder), rows);
      const index = open(builder, builder.build(task)!, task);
      const hits = searchAll(index, rows, { topK: 20, parameters: WALK });
      expect(hits.scores.some((score) => Number.isNaN(score))).toBe(false);
      expect(hits.counts.every((count) => count === 20)).toBe(true);
    }
  });
});
