import { describe, expect, it } from 'vitest';
import { MilvusError } from '../../src/base/errors.ts';
import { nativeAddon } from '../../src/base/native.ts';
import { hnsw, SCAN_ROWS_PARAMETER } from '../../src/index/hnsw.ts';
import { openImage } from '../../src/index/hnsw-image.ts';
import type { Parameters } from '../../src/index/parameters.ts';
import type { IndexStructure } from '../../src/index/registry.ts';
import type { IndexBuilder, VectorIndex } from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';
import {
  expectSoundHits,
  hitLists,
  indexTask,
  indexWorld,
  numbersFrom,
  recallOf,
  searchAll,
  unevenWorld,
  type VectorIndexSuite,
  vectorIndexSuite,
} from '../suites/vector-index-suite.ts';
import { UNEVEN_NAMES } from '../suites/uneven-rows.ts';

const addon = nativeAddon();
const BUILDERS: readonly (readonly ['native' | 'twin', IndexBuilder])[] = [
  ['twin', hnsw(null)],
  ...(addon === null ? [] : [['native', hnsw(addon)] as const]),
];
const GRAPH = { M: 8, efConstruction: 60, refine: true };
/** Never a scan: what is tested is the walk. */
const WALK = { ef: 120, refine_k: 8, [SCAN_ROWS_PARAMETER]: 0 };
const FILTERED = { ...WALK, [SCAN_ROWS_PARAMETER]: 30 };

const KINDS: readonly (readonly [string, IndexStructure, Parameters])[] = [
  ['SQ8', 'HNSW_SQ', { sq_type: 'SQ8' }],
  ['SQ6', 'HNSW_SQ', { sq_type: 'SQ6' }],
  ['SQ4U', 'HNSW_SQ', { sq_type: 'SQ4U' }],
  ['FP16', 'HNSW_SQ', { sq_type: 'FP16' }],
  ['BF16', 'HNSW_SQ', { sq_type: 'BF16' }],
  ['PQ of 8 bits', 'HNSW_PQ', { m: 16, nbits: 8 }],
  ['PQ of 9 bits', 'HNSW_PQ', { m: 8, nbits: 9 }],
  ['PRQ', 'HNSW_PRQ', { m: 8, nrq: 2, nbits: 6 }],
];
/** Of these all that an index promises is tested; the twin's product codes take too long for that. */
const WHOLE = { native: ['SQ8', 'PQ of 8 bits', 'PRQ'], twin: ['SQ8'] } as const;

function suiteOf(
  builder: IndexBuilder,
  [, structure, parameters]: (typeof KINDS)[number],
): VectorIndexSuite {
  return {
    structure,
    builder,
    build: { ...GRAPH, ...parameters },
    search: WALK,
    filtered: FILTERED,
    typesAndMetrics: [
      [DataType.FloatVector, 'L2'],
      [DataType.FloatVector, 'IP'],
      [DataType.Float16Vector, 'COSINE'],
      [DataType.BFloat16Vector, 'L2'],
      [DataType.Int8Vector, 'COSINE'],
    ],
    recall: 0.92,
    rowCount: 500,
  };
}

for (const [name, builder] of BUILDERS) {
  for (const kind of KINDS) {
    const whole: readonly string[] = WHOLE[name];
    if (!whole.includes(kind[0])) continue;
    vectorIndexSuite(`${kind[1]} of ${kind[0]} ${name}`, suiteOf(builder, kind));
  }
}

function bytesOf(words: Uint32Array): Buffer {
  return Buffer.from(words.buffer, words.byteOffset, words.byteLength);
}

const open = (builder: IndexBuilder, image: Uint8Array, task: ReturnType<typeof indexTask>) =>
  builder.open({ image, vectors: task.vectors, isChecked: false });

describe.each(KINDS)('a graph over %s', (...kind) => {
  const type = DataType.FloatVector;
  const worlds = (['L2', 'IP', 'COSINE'] as const).map((metric) =>
    indexWorld({ type, metric, rowCount: 500, clusterCount: 10 }),
  );

  it.runIf(addon !== null)('answers the same whoever searches, whoever built it', () => {
    for (const world of worlds) {
      for (const [, from] of BUILDERS) {
        const task = indexTask(suiteOf(from, kind), world);
        const image = from.build(task)!;
        const found = BUILDERS.map(([, builder]) =>
          searchAll(open(builder, image, task), world, { parameters: WALK }),
        );
        for (const hits of found) {
          expect(recallOf(world, hits, 10)).toBeGreaterThanOrEqual(0.92);
        }
        const [twin, native] = found.map((hits) => hitLists(hits).map(({ rows }) => rows));
        const same = twin!.flatMap((rows, query) =>
          rows.filter((r) => native![query]!.includes(r)),
        );
        expect(same.length).toBeGreaterThanOrEqual(twin!.flat().length * 0.98);
      }
    }
  });

  it.runIf(addon !== null)('has the same codes from both', () => {
    for (const world of worlds) {
      const [twin, native] = BUILDERS.map(([, builder]) => {
        const image = openImage(builder.build(indexTask(suiteOf(builder, kind), world))!);
        if (typeof image === 'string') throw new Error(image);
        return { codes: image.codes, codebook: image.codebook, code: image.shape.code };
      });
      expect(native!.code).toEqual(twin!.code);
      expect(Buffer.compare(native!.codebook, twin!.codebook)).toBe(0);
      expect(Buffer.compare(native!.codes, twin!.codes)).toBe(0);
    }
  });

  it.each(BUILDERS)(
    'is linked as a graph of the vectors themselves is, by the %s',
    (_n, builder) => {
      const suite = suiteOf(builder, kind);
      for (const name of UNEVEN_NAMES) {
        const world = unevenWorld(name, { type, metric: 'L2', rowCount: 200 });
        const [trained, plain] = ([suite, { ...suite, structure: 'HNSW' }] as const).map((one) =>
          openImage(builder.build(indexTask(one, world))!),
        );
        if (typeof trained === 'string' || typeof plain === 'string') throw new Error(name);
        expect([trained!.shape.code === null, plain!.shape.isOverVectors]).toEqual([false, true]);
        expect(Buffer.compare(bytesOf(trained!.links), bytesOf(plain!.links))).toBe(0);
        expect(Buffer.compare(bytesOf(trained!.upperLinks), bytesOf(plain!.upperLinks))).toBe(0);
      }
    },
  );

  it.each(BUILDERS)('of one thread is the same every time, by the %s', (_name, builder) => {
    const [first, second] = [1, 2].map(() =>
      builder.build(indexTask(suiteOf(builder, kind), worlds[0]!)),
    );
    expect(Buffer.compare(first!, second!)).toBe(0);
  });

  it.each(BUILDERS)(
    'ranks only the best by codes unless it is refined, by the %s',
    (_n, builder) => {
      const world = worlds[0]!;
      const suite = suiteOf(builder, kind);
      const [plain, refined] = [false, true].map((refine) => {
        const task = indexTask({ ...suite, build: { ...suite.build, refine } }, world);
        return open(builder, builder.build(task)!, task);
      });
      const search = (index: VectorIndex, factor: number) =>
        searchAll(index, world, { parameters: { ...WALK, refine_k: factor } });
      expect(search(plain!, 8)).toEqual(search(plain!, 1));
      expect(search(plain!, 8)).toEqual(search(refined!, 1));
      const recalls = [1, 1.5, 8].map((factor) => recallOf(world, search(refined!, factor), 10));
      expect(recalls[1]).toBeGreaterThanOrEqual(recalls[0]!);
      expect(recalls[2]).toBeGreaterThanOrEqual(recalls[1]!);
      expectSoundHits(world, search(plain!, 1), null);
    },
  );

  it.each(BUILDERS)('survives any byte of its image, by the %s', (name, builder) => {
    const suite = suiteOf(builder, kind);
    const world = indexWorld({ type, metric: 'L2', rowCount: 40, dim: 32 });
    const task = indexTask({ ...suite, build: { ...suite.build, M: 2 } }, world);
    const image = builder.build(task)!;
    const random = numbersFrom(3);
    // The twin takes its time; what it checks is the same.
    const count = name === 'twin' ? 60 : 1500;
    const places = Array.from({ length: count }, () => Math.floor(random() * image.length));
    const header = Array.from({ length: 64 }, (_, i) => i * 3);
    for (const at of [...header, ...places]) {
      const damaged = image.slice();
      damaged[at]! ^= 1 << Math.floor(random() * 8);
      try {
        const hits = searchAll(open(builder, damaged, task), world, { parameters: WALK });
        expect(hits.rows.every((row) => row < 40)).toBe(true);
      } catch (failure) {
        expect(failure).toBeInstanceOf(MilvusError);
      }
    }
    for (const length of [0, 255, 256, image.length - 64, image.length - 1]) {
      expect(() => open(builder, image.slice(0, length), task)).toThrow('data integrity');
    }
  });
});

it('codes of fewer rows than entries, and of one', () => {
  for (const [, builder] of BUILDERS) {
    for (const kind of KINDS) {
      for (const rowCount of [1, 2, 9]) {
        const world = indexWorld({ type: DataType.FloatVector, metric: 'COSINE', rowCount });
        const task = indexTask(suiteOf(builder, kind), world);
        const index = open(builder, builder.build(task)!, task);
        const hits = searchAll(index, world, { parameters: WALK });
        expectSoundHits(world, hits, null);
        expect(recallOf(world, hits, 10)).toBe(1);
      }
    }
  }
});
