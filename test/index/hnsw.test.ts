import { describe, expect, it } from 'vitest';
import { MilvusError, milvusError } from '../../src/base/errors.ts';
import { nativeAddon } from '../../src/base/native.ts';
import { hnsw, SCAN_ROWS_PARAMETER } from '../../src/index/hnsw.ts';
import { openImage } from '../../src/index/hnsw-image.ts';
import type { IndexBuilder } from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { isUnevenBy, UNEVEN_NAMES } from '../suites/uneven-rows.ts';
import {
  buildIndex,
  expectSoundHits,
  indexTask,
  indexWorld,
  numbersFrom,
  recallOf,
  searchAll,
  someAllowed,
  unevenWorld,
  type VectorIndexSuite,
  vectorIndexSuite,
} from '../suites/vector-index-suite.ts';
import { shared, TYPES_AND_METRICS } from './reference.ts';

const build = { M: 8, efConstruction: 60 };
/** Never a scan: what is tested is the walk. */
const WALK = { ef: 120, [SCAN_ROWS_PARAMETER]: 0 };

/** Scans where few rows are left, as by cost, and walks from a tenth of them on. */
const FILTERED = { ef: 120, [SCAN_ROWS_PARAMETER]: 30 };

const FLOATS: readonly DataType[] = [
  DataType.FloatVector,
  DataType.Float16Vector,
  DataType.BFloat16Vector,
];

const addon = nativeAddon();
const BUILDERS: readonly (readonly [string, IndexBuilder])[] = [
  ['twin', hnsw(null)],
  ...(addon === null ? [] : [['native', hnsw(addon)] as const]),
];

function suiteOf(builder: IndexBuilder): VectorIndexSuite {
  const common = { structure: 'HNSW', builder, build, search: WALK, filtered: FILTERED } as const;
  return { ...common, typesAndMetrics: TYPES_AND_METRICS, recall: 0.95, rowCount: 700 };
}

for (const [name, builder] of BUILDERS) vectorIndexSuite(`HNSW ${name}`, suiteOf(builder));

describe('HNSW: native and twin', () => {
  it.runIf(addon !== null).each(TYPES_AND_METRICS)(
    'search what the other built: %s %s',
    (type, metric) => {
      const world = indexWorld({ type, metric, rowCount: 600, clusterCount: 10 });
      for (const [, from] of BUILDERS) {
        const task = indexTask(suiteOf(from), world);
        const image = from.build(task)!;
        const [twin, native] = BUILDERS.map(([, builder]) => {
          const index = builder.open({ image, vectors: task.vectors, isChecked: false });
          return searchAll(index, world, { parameters: WALK });
        });
        expect(recallOf(world, twin!, 10)).toBeGreaterThanOrEqual(0.95);
        expect(recallOf(world, native!, 10)).toBeGreaterThanOrEqual(0.95);
        const isExact = type === DataType.Int8Vector || type === DataType.BinaryVector;
        if (isExact) expect(native).toEqual(twin);
      }
    },
  );
});

describe('HNSW: rows that codes do not tell apart', () => {
  const float = TYPES_AND_METRICS.filter(([type]) => FLOATS.includes(type));

  it.runIf(addon !== null).each(float)(
    'are searched by what the other built: %s %s',
    (type, metric) => {
      for (const name of UNEVEN_NAMES) {
        const world = unevenWorld(name, { type, metric, rowCount: 400 });
        for (const [, from] of BUILDERS) {
          const task = indexTask(suiteOf(from), world);
          const image = from.build(task)!;
          const opened = openImage(image);
          if (typeof opened === 'string') throw new Error(opened);
          expect(opened.shape.isOverVectors).toBe(isUnevenBy(name, metric));
          for (const [, builder] of BUILDERS) {
            const index = builder.open({ image, vectors: task.vectors, isChecked: false });
            const recall = recallOf(world, searchAll(index, world, { parameters: WALK }), 10);
            expect(recall).toBeGreaterThanOrEqual(0.95);
          }
        }
      }
    },
  );

  it.each(BUILDERS)('of few elements are found, by the %s', (_name, builder) => {
    const draw = numbersFrom(3);
    const kinds = [
      (): number[] => [48 + draw(), 2 + draw()],
      (): number[] => [
        1950 + Math.floor(draw() * 75),
        Math.floor(draw() * 100) / 10,
        60 + draw() * 120,
      ],
    ];
    for (const metric of ['L2', 'IP'] as const) {
      for (const row of kinds) {
        const dim = row().length;
        const make = (count: number): Float32Array =>
          shared(Float32Array.from(Array.from({ length: count }, row).flat()));
        const rows = {
          type: DataType.FloatVector,
          metric,
          dim,
          rowCount: 1500,
          values: make(1500),
        };
        const world = { ...rows, queryCount: 20, queries: make(20), isFine: true } as const;
        const index = buildIndex(suiteOf(builder), world);
        const hits = searchAll(index, world, { parameters: { ...WALK, ef: 64 } });
        expect(recallOf(world, hits, 10)).toBeGreaterThanOrEqual(0.97);
      }
    }
  });
});

describe.each(BUILDERS)('HNSW: builds, %s', (_name, builder) => {
  const type = DataType.FloatVector;
  const world = indexWorld({ type, metric: 'L2', rowCount: 1500, dim: 24, clusterCount: 300 });

  it('makes the same image every time on one thread', () => {
    const [first, second] = [1, 2].map(() => builder.build(indexTask(suiteOf(builder), world))!);
    expect(Buffer.compare(first!, second!)).toBe(0);
  });

  it('refuses a graph of more neighbours than an image may have', () => {
    const task = indexTask({ ...suiteOf(builder), build: { ...build, M: 2049 } }, world);
    expect(() => builder.build(task)).toThrow(/can be opened|shape/);
  });

  it('reaches the recall of one thread with several', () => {
    const recalls = [1, 4].map((threadCount) => {
      const task = indexTask(suiteOf(builder), world, threadCount);
      const index = builder.open({
        image: builder.build(task)!,
        vectors: task.vectors,
        isChecked: false,
      });
      return recallOf(world, searchAll(index, world, { parameters: { ...WALK, ef: 40 } }), 10);
    });
    expect(recalls[1]).toBeGreaterThanOrEqual(recalls[0]! - 0.02);
  });

  it('leads to every row, near-duplicates side by side among them', () => {
    const near = indexWorld({
      type,
      metric: 'COSINE',
      rowCount: 800,
      dim: 16,
      clusterCount: 4,
      seed: 9,
    });
    const values = near.values as Float32Array;
    for (let i = 0; i < values.length; i++) values[i] = values[i & 63]! + values[i]! * 1e-3;
    const task = indexTask(suiteOf(builder), near);
    const image = openImage(builder.build(task)!);
    if (typeof image === 'string') throw new Error(image);
    const seen = new Set([image.entryRow]);
    for (const row of seen) {
      for (const link of image.links.subarray(row * 16, row * 16 + 16)) {
        if (link !== 0xffffffff) seen.add(link);
      }
    }
    expect(seen.size).toBe(800);
  });

  it('takes parameters at the ends of their range', () => {
    const small = { ...world, rowCount: 60 };
    const ends = [
      { M: 2, efConstruction: 1 },
      { M: 2, efConstruction: 2 ** 31 - 1 },
      { M: 2048, efConstruction: 1 },
    ];
    for (const parameters of ends) {
      const task = indexTask({ structure: 'HNSW', build: parameters }, small);
      const image = builder.build(task)!;
      const index = builder.open({ image, vectors: task.vectors, isChecked: false });
      for (const ef of [1, 2 ** 31 - 1]) {
        for (const rows of [0, null]) {
          const search = rows === null ? { ef } : { ef, [SCAN_ROWS_PARAMETER]: rows };
          const hits = searchAll(index, small, { topK: 60, parameters: search });
          expectSoundHits(small, hits, null);
          expect(hits.counts[0]).toBe(60);
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
      const rows = { type, metric, dim: 4, rowCount: 200, values, queryCount: 20, queries: values };
      const task = indexTask(suiteOf(builder), rows);
      const image = builder.build(task)!;
      const index = builder.open({ image, vectors: task.vectors, isChecked: false });
      const hits = searchAll(index, rows, { topK: 20, parameters: WALK });
      expect(hits.scores.some((score) => Number.isNaN(score))).toBe(false);
      expect(hits.counts.every((count) => count === 20)).toBe(true);
    }
  });
});

const DAMAGED = BUILDERS.flatMap(([name, builder]) => [
  [name, 'with codes', builder, 'L2', 0] as const,
  [name, 'without codes', builder, 'COSINE', 200] as const,
]);

describe.each(DAMAGED)('HNSW: damaged images, %s, %s', (_name, kind, builder, metric, mean) => {
  const world = indexWorld({ type: DataType.FloatVector, metric, rowCount: 60, dim: 8 });
  const stride = 8;
  for (const vectors of [world.values, world.queries]) {
    for (let i = 0; i < vectors.length; i++) vectors[i]! += mean;
  }
  for (let row = 20; row < 30; row++) world.values.copyWithin(row * stride, 0, stride);
  const task = indexTask(suiteOf(builder), world);
  const image = builder.build(task)!;
  const codesWord = new DataView(image.buffer, image.byteOffset).getUint32(68, true);
  const allowed = someAllowed(60, 0.5);
  const few = { ...world, queryCount: 2 };

  /** Whatever is in it: it is refused as damaged, or it answers with rows that exist, none twice. */
  function expectNoHarm(bytes: Uint8Array): boolean {
    try {
      const index = builder.open({ image: bytes, vectors: task.vectors, isChecked: false });
      for (const mask of [null, allowed]) {
        const hits = searchAll(index, few, { parameters: WALK, allowed: mask });
        expectSoundHits(world, hits, mask);
      }
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(MilvusError);
      expect((error as MilvusError).code).toBeOneOf([
        milvusError('DataIntegrity').code,
        milvusError('FormatNotSupported').code,
      ]);
      return false;
    }
  }

  it('does no harm with any byte changed', () => {
    expect(codesWord).toBe(kind === 'with codes' ? 0 : 4);
    let refused = 0;
    for (let at = 0; at < image.length; at += at < 256 ? 1 : 3) {
      const bytes = Uint8Array.from(image);
      bytes[at]! ^= [0x01, 0x80, 0xff][at % 3]!;
      if (!expectNoHarm(bytes)) refused++;
    }
    expect(refused).toBeGreaterThan(500);
  });

  it('does no harm with any run of bytes changed', () => {
    for (const filler of [0x00, 0xff, 0x55]) {
      for (let at = 0; at < image.length; at += 256) {
        expectNoHarm(Uint8Array.from(image).fill(filler, at, at + 300));
      }
    }
  });

  it('says when a newer version wrote it', () => {
    const newer = Uint8Array.from(image);
    newer[8] = 4;
    expect(() => builder.open({ image: newer, vectors: task.vectors, isChecked: false })).toThrow(
      milvusError('FormatNotSupported', { fields: { index: 'HNSW', version: 4 } }).message,
    );
  });

  it('refuses one of an older version, which has other codes', () => {
    const older = Uint8Array.from(image);
    older[8] = 2;
    expect(() => builder.open({ image: older, vectors: task.vectors, isChecked: true })).toThrow(
      'its version is another one',
    );
  });

  it('refuses an image that is cut, grown or empty', () => {
    for (const length of [0, 1, 255, 256, 300, image.length - 1]) {
      expect(expectNoHarm(image.slice(0, length))).toBe(false);
    }
    const grown = new Uint8Array(image.length + 64);
    grown.set(image);
    expect(expectNoHarm(grown)).toBe(false);
  });
});
