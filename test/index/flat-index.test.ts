import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativeAddon } from '../../src/base/native.ts';
import { type ScanTask, TIE_ROWS_MAX } from '../../src/index/flat.ts';
import { flat, usesFlatCodes } from '../../src/index/flat-index.ts';
import { scanTopK } from '../../src/index/kernels.ts';
import type { MetricType } from '../../src/index/metric-type.ts';
import { cancelBuild, newBuildControl, rowsBuilt } from '../../src/index/vector-index.ts';
import { DataType, dataTypeName, type DenseVectorType } from '../../src/schema/data-type.ts';
import { encode, shared } from './reference.ts';

const addon = nativeAddon();
const CASES = [DataType.FloatVector, DataType.Float16Vector, DataType.BFloat16Vector].flatMap(
  (type) => (['L2', 'IP', 'COSINE'] as const).map((metric) => [type, metric] as const),
);
const NAMED = CASES.map(([type, metric]) => [dataTypeName(type), metric, type] as const);

/** Kinds of data: what codes are good at, and what they are not. */
const SHAPES = [
  'plain',
  'small whole numbers',
  'one large element',
  'all sizes',
  'far away',
] as const;

interface Made {
  readonly dim: number;
  readonly rowCount: number;
  readonly queryCount: number;
  readonly kind: (typeof SHAPES)[number];
  readonly seed: number;
}

function numbersOf({ dim, kind, seed }: Made, rowCount: number, salt: number): number[] {
  let state = (seed + salt) >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return Array.from({ length: rowCount * dim }, (_, i) => {
    const value = next();
    if (kind === 'small whole numbers') return Math.round(value * 2);
    if (kind === 'one large element') return i % dim === 0 ? value * 1000 : value * 0.1;
    if (kind === 'far away') return 100 + value;
    if (kind === 'all sizes') return value * [1e-30, 1, 1e3, 0, 1e-8][Math.floor(i / dim) % 5]!;
    return value;
  });
}

function taskOf(type: DenseVectorType, metric: MetricType, made: Made): ScanTask {
  const { dim, rowCount, queryCount } = made;
  const values = encode(type, numbersOf(made, rowCount, 1));
  // Rows that are there twice make equal scores common.
  values.copyWithin(0, (rowCount >> 2) * dim, (rowCount >> 1) * dim);
  const queries = encode(type, numbersOf(made, queryCount, 2));
  queries.fill(0, 0, made.seed % 3 === 0 ? dim : 0);
  return {
    kind: 'scan',
    metric,
    vectors: { type, dim, values: shared(values) },
    rowStart: 0,
    rowEnd: rowCount,
    allowed: null,
    queries,
    queryCount,
    topK: 10,
    tieRowsMax: TIE_ROWS_MAX,
  };
}

function imageOf({ metric, vectors, rowEnd }: ScanTask): Uint8Array {
  const control = newBuildControl();
  const image = flat(addon).build({
    kind: 'build-index',
    structure: 'FLAT',
    metric,
    parameters: {},
    vectors,
    rowCount: rowEnd,
    threadCount: 1,
    control,
  });
  expect(rowsBuilt(control)).toBe(rowEnd);
  return image!;
}

/** The hits of each query; of a list that was cut, the best topK. */
function hitsOf(task: ScanTask): { rows: number[]; scores: number[]; isCut: boolean }[] {
  const { counts, rows, scores, cut } = scanTopK(task, addon);
  let at = 0;
  return Array.from(counts, (count, query) => {
    const start = at;
    at += count;
    const isCut = cut[query] === 1;
    const end = isCut ? start + task.topK : at;
    return { rows: [...rows.slice(start, end)], scores: [...scores.slice(start, end)], isCut };
  });
}

describe.skipIf(addon === null)('a scan by codes', () => {
  const made = fc.record({
    dim: fc.oneof(fc.integer({ min: 1, max: 70 }), fc.constantFrom(255, 384, 1025)),
    rowCount: fc.integer({ min: 1, max: 900 }),
    queryCount: fc.integer({ min: 1, max: 9 }),
    kind: fc.constantFrom(...SHAPES),
    seed: fc.nat(),
  });

  it.each(NAMED)(
    'of %s by %s has the hits of the scan without, bit for bit',
    (_n, metric, type) => {
      const masks = fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 8 }));
      const limits = fc.record({
        topK: fc.constantFrom(1, 3, 10, 100, 2000),
        tieRowsMax: fc.constantFrom(0, 2, TIE_ROWS_MAX),
        start: fc.nat(4),
      });
      fc.assert(
        fc.property(made, masks, limits, (shape, share, { start, ...limit }) => {
          const whole = taskOf(type, metric, shape);
          const codes = imageOf(whole);
          const rowStart = Math.min(start * 32, whole.rowEnd & ~31);
          const words = Math.ceil((whole.rowEnd - rowStart) / 32);
          // From no row to all of them.
          const allowed =
            share === null
              ? null
              : Uint32Array.from({ length: words }, (_, i) =>
                  share === 8 ? -1 : Math.imul(i + shape.seed, 0x9e3779b1) & (2 ** (share * 4) - 1),
                );
          const task = { ...whole, ...limit, rowStart, allowed };
          expect(hitsOf({ ...task, codes })).toEqual(hitsOf(task));
        }),
        { numRuns: 40 },
      );
    },
  );

  it.each(SHAPES)('of many rows, %s, has them, whatever the codes are worth', (kind) => {
    for (const queryCount of [1, 5]) {
      const shape = { dim: 24, rowCount: 3000, queryCount, kind, seed: 5 };
      for (const metric of ['L2', 'IP', 'COSINE'] as const) {
        const task = taskOf(DataType.FloatVector, metric, shape);
        const codes = imageOf(task);
        for (const allowed of [null, new Uint32Array(94).fill(0x55555555)]) {
          expect(hitsOf({ ...task, allowed, codes })).toEqual(hitsOf({ ...task, allowed }));
        }
      }
    }
  });

  it('measures few rows only: codes that lie lose hits', () => {
    const task = taskOf(DataType.FloatVector, 'IP', {
      dim: 64,
      rowCount: 5000,
      queryCount: 1,
      kind: 'plain',
      seed: 7,
    });
    const codes = imageOf(task);
    const rows = Math.ceil(5000 / 16) * 16;
    // No code stands for anything any more, and no error is admitted.
    new Float32Array(codes.buffer, 64 + rows * 64).fill(0);
    const [plain, lied] = [hitsOf(task)[0]!, hitsOf({ ...task, codes })[0]!];
    expect(lied.rows).not.toEqual(plain.rows);
  });

  it('reads only the image, whatever its bytes are', () => {
    const task = taskOf(DataType.FloatVector, 'L2', {
      dim: 7,
      rowCount: 50,
      queryCount: 2,
      kind: 'plain',
      seed: 3,
    });
    const image = imageOf(task);
    for (let at = 0; at < image.length; at++) {
      // Codes of more rows than are scanned are as good.
      if (at === 28) continue;
      for (const bits of [1, 0x80, 0xff]) {
        const damaged = image.slice();
        damaged[at]! ^= bits;
        if (at < 48) {
          expect(() => scanTopK({ ...task, codes: damaged }, addon)).toThrow(TypeError);
          continue;
        }
        for (const { rows, scores } of hitsOf({ ...task, codes: damaged })) {
          expect(rows.every((row) => row < 50)).toBe(true);
          expect(new Set(rows).size).toBe(rows.length);
          expect(scores.every((score) => score >= 0)).toBe(true);
        }
      }
    }
    for (const length of [0, 8, 47, 63, 64, image.length - 1]) {
      const codes = image.subarray(0, length);
      expect(() => scanTopK({ ...task, codes }, addon)).toThrow(TypeError);
    }
  });

  it('refuses codes of other vectors, and rows that do not begin where codes do', () => {
    const shape = { dim: 8, rowCount: 64, queryCount: 1, kind: 'plain', seed: 1 } as const;
    const task = taskOf(DataType.FloatVector, 'L2', shape);
    const codes = imageOf(task);
    const wrong: Partial<ScanTask>[] = [
      { metric: 'IP' },
      { rowStart: 16 },
      { codes: imageOf(taskOf(DataType.FloatVector, 'L2', { ...shape, dim: 9 })) },
      { codes: imageOf(taskOf(DataType.FloatVector, 'L2', { ...shape, rowCount: 63 })) },
      { codes: imageOf(taskOf(DataType.Float16Vector, 'L2', shape)) },
    ];
    for (const change of wrong) {
      expect(() => scanTopK({ ...task, codes, ...change }, addon)).toThrow('codes: expected');
    }
  });
});

describe.each([
  ['native', addon],
  ['twin', null],
] as const)('a FLAT index, %s', (name, engine) => {
  const task = taskOf(DataType.FloatVector, 'COSINE', {
    dim: 16,
    rowCount: 300,
    queryCount: 3,
    kind: 'plain',
    seed: 11,
  });
  const { vectors, queries, queryCount } = task;
  const image = imageOf(task);

  it('answers as the scan does', () => {
    const index = flat(engine).open({ image, vectors, isChecked: false });
    expect(index).toMatchObject({ metric: 'COSINE', rowCount: 300, byteLength: image.length });
    const search = { queries, queryCount, topK: 10, parameters: {}, allowed: null };
    const { counts, rows, scores } = index.search(search);
    const expected = scanTopK({ ...task, tieRowsMax: 0 }, engine);
    expect({ counts, rows, scores }).toEqual({
      counts: expected.counts,
      rows: expected.rows,
      scores: expected.scores,
    });
  });

  it('is refused when it is damaged or of other vectors', () => {
    const open = (bytes: Uint8Array, dim = 16) =>
      flat(engine).open({ image: bytes, vectors: { ...vectors, dim }, isChecked: false });
    const damaged = image.slice();
    damaged[0]! ^= 1;
    const newer = image.slice();
    newer[8] = 2;
    expect(() => open(damaged)).toThrow('the image of a FLAT index is damaged');
    expect(() => open(image, 8)).toThrow('it is of other vectors');
    expect(() => open(newer)).toThrow('version');
    expect(() =>
      flat(engine).open({
        image,
        vectors: { ...vectors, values: vectors.values.subarray(16) },
        isChecked: true,
      }),
    ).toThrow('it is of other vectors');
  });

  it('is not built any further when that is cancelled', () => {
    const control = newBuildControl();
    cancelBuild(control);
    const build = { structure: 'FLAT', metric: 'IP', parameters: {}, rowCount: 300 } as const;
    const given = { ...build, kind: 'build-index', vectors, threadCount: 1, control } as const;
    expect(flat(engine).build(given)).toBeNull();
    expect(rowsBuilt(control)).toBe(0);
  });

  it('has codes where they are of use', () => {
    expect(usesFlatCodes(engine)).toBe(name === 'native' && engine !== null);
  });
});
