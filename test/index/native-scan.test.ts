import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativeAddon } from '../../src/base/native.ts';
import { type ScanResult, type ScanTask, TIE_ROWS_MAX } from '../../src/index/flat.ts';
import { openScan, scanTopK } from '../../src/index/kernels.ts';
import { NativeScan } from '../../src/index/native-scan.ts';
import { DataType, dataTypeName, type DenseVectorType } from '../../src/schema/data-type.ts';
import { vectorStride } from '../../src/schema/column-layout.ts';
import { encode, referenceScores, shared, TYPES_AND_METRICS, type World } from './reference.ts';

const addon = nativeAddon();
const isFloat = (type: DenseVectorType): boolean =>
  type !== DataType.Int8Vector && type !== DataType.BinaryVector;

/** Numbers that follow from a seed: fast-check shrinks the shape, not thousands of elements. */
function numbers(seed: number, count: number, type: DenseVectorType): number[] {
  let state = seed >>> 0;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    if (type === DataType.BinaryVector) return state >>> 24;
    if (type === DataType.Int8Vector) return (state >>> 24) - 128;
    return state / 2 ** 31 - 1;
  });
}

function worldOf(
  [type, metric]: (typeof TYPES_AND_METRICS)[number],
  shape: { dim: number; rowCount: number; queryCount: number; seed: number },
): World {
  const dim = type === DataType.BinaryVector ? shape.dim * 8 : shape.dim;
  const { rowCount, queryCount, seed } = shape;
  const stride = vectorStride(type, dim);
  const values = encode(type, numbers(seed, rowCount * stride, type));
  // Some rows are there twice, so that equal scores are common.
  values.copyWithin(0, Math.floor(rowCount / 2) * stride, rowCount * stride);
  const queries = encode(type, numbers(seed + 1, queryCount * stride, type));
  return { type, metric, dim, rowCount, values: shared(values), queryCount, queries };
}

function taskOf(world: World, part: Partial<ScanTask> = {}): ScanTask {
  const { type, dim, values, metric, queries, queryCount, rowCount } = world;
  return {
    kind: 'scan',
    metric,
    vectors: { type, dim, values },
    rowStart: 0,
    rowEnd: rowCount,
    allowed: null,
    queries,
    queryCount,
    topK: 10,
    tieRowsMax: TIE_ROWS_MAX,
    ...part,
  };
}

/** Scores of every allowed row by query and row. */
function allScores(task: ScanTask, run: (task: ScanTask) => ScanResult): Map<number, number>[] {
  const rowCount = Math.max(1, task.rowEnd - task.rowStart);
  const { counts, rows, scores } = run({ ...task, topK: rowCount });
  let at = 0;
  return Array.from(counts, (count) => {
    const found = new Map<number, number>();
    for (let i = 0; i < count; i++, at++) found.set(rows[at]!, scores[at]!);
    return found;
  });
}

describe.skipIf(addon === null)('the native scan', () => {
  const native = (task: ScanTask): ScanResult => scanTopK(task, addon);
  const twin = (task: ScanTask): ScanResult => scanTopK(task, null);
  const shapes = fc.record({
    dim: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(1023, 1024, 1025, 2050)),
    rowCount: fc.integer({ min: 0, max: 40 }),
    queryCount: fc.integer({ min: 1, max: 7 }),
    seed: fc.nat(),
  });

  it.each(TYPES_AND_METRICS.map((both) => [dataTypeName(both[0]), both[1], both] as const))(
    'of %s by %s agrees with its twin',
    (_name, _metric, both) => {
      const property = fc.property(
        shapes,
        fc.uint32Array({ minLength: 3, maxLength: 3 }),
        fc.integer({ min: 1, max: 80 }),
        fc.nat({ max: 40 }),
        (shape, words, topK, start) => {
          const world = worldOf(both, shape);
          const rowStart = Math.min(start, world.rowCount);
          for (const allowed of [null, words]) {
            const task = taskOf(world, { rowStart, allowed, topK });
            if (!isFloat(both[0])) {
              expect(native(task)).toEqual(twin(task));
              continue;
            }
            expect(native(task).counts.length).toBe(world.queryCount);
            const [ours, theirs] = [allScores(task, native), allScores(task, twin)];
            for (const [query, found] of ours.entries()) {
              const references = referenceScores(world, query, 'float32');
              expect(new Set(found.keys())).toEqual(new Set(theirs[query]!.keys()));
              for (const [row, score] of found) {
                const { tolerance } = references[row]!;
                const ulp = Math.abs(score) * 2 ** -23 + 2 ** -149;
                const difference = Math.abs(score - theirs[query]!.get(row)!);
                expect(difference).toBeLessThanOrEqual(tolerance + ulp);
              }
            }
          }
        },
      );
      fc.assert(property, { numRuns: 20 });
    },
  );

  it.each(TYPES_AND_METRICS.map((both) => [dataTypeName(both[0]), both[1], both] as const))(
    'gives a row of %s one score by %s, however the work is cut',
    (_name, _metric, both) => {
      const property = fc.property(shapes, fc.nat({ max: 40 }), (shape, cut) => {
        const world = worldOf(both, shape);
        const stride = world.queries.length / world.queryCount;
        const whole = allScores(taskOf(world), native);
        const middle = Math.min(cut, world.rowCount);
        // One query at a time, in two ranges of rows, every third row by a mask.
        for (let query = 0; query < world.queryCount; query++) {
          const queries = world.queries.slice(query * stride, (query + 1) * stride);
          const one = taskOf({ ...world, queries, queryCount: 1 });
          const parts = [
            allScores({ ...one, rowEnd: middle }, native),
            allScores({ ...one, rowStart: middle }, native),
            allScores({ ...one, allowed: Uint32Array.of(0x49249249, 0x92492492) }, native),
          ];
          for (const [found] of parts) {
            for (const [row, score] of found!) expect(score).toBe(whole[query]!.get(row));
          }
        }
      });
      fc.assert(property, { numRuns: 10 });
    },
  );

  it('hands over the same ties as its twin, and says when some are missing', () => {
    const dim = 4;
    const values = shared(new Float32Array(3000 * dim));
    for (let row = 2900; row < 3000; row++) values[row * dim] = 1;
    const queries = Float32Array.of(1, 2, 3, 4);
    const type = DataType.FloatVector;
    const world: World = {
      type,
      metric: 'IP',
      dim,
      rowCount: 3000,
      values,
      queryCount: 1,
      queries,
    };
    for (const topK of [1, 10, 100, 101, 500, 3000]) {
      for (const tieRowsMax of [0, TIE_ROWS_MAX, 3000]) {
        const task = taskOf(world, { topK, tieRowsMax });
        expect(native(task)).toEqual(twin(task));
      }
    }
  });

  it('is exact where float32 sums would overflow or vanish', () => {
    const type = DataType.FloatVector;
    const values = shared(
      Float32Array.of(3e38, -3e38, 3e38, 3e38, 1e-30, 2e-30, 0, 0, 1e-44, 1e-44, 1, 2),
    );
    const queries = Float32Array.of(3e38, 3e38, 2e-30, 4e-30, 0, 0, 1e-44, 0);
    for (const metric of ['L2', 'IP', 'COSINE'] as const) {
      const world: World = { type, metric, dim: 2, rowCount: 6, values, queryCount: 4, queries };
      const result = native(taskOf(world, { topK: 6 }));
      expect(result.scores.some(Number.isNaN)).toBe(false);
      const theirs = allScores(taskOf(world), twin);
      for (const [query, found] of allScores(taskOf(world), native).entries()) {
        for (const [row, score] of found) {
          const wanted = theirs[query]!.get(row)!;
          if (!Number.isFinite(wanted)) expect(score).toBe(wanted);
          else
            expect(Math.abs(score - wanted)).toBeLessThanOrEqual(
              Math.abs(wanted) * 2 ** -22 + 2 ** -148,
            );
        }
      }
    }
  });

  it('refuses arrays that are too short or of another type, and reads none of them', () => {
    const world = worldOf([DataType.FloatVector, 'L2'], {
      dim: 8,
      rowCount: 40,
      queryCount: 2,
      seed: 1,
    });
    const wrong: Array<[string, Partial<ScanTask>]> = [
      ['vectors', { vectors: { type: world.type, dim: 8, values: new Float32Array(40 * 8 - 1) } }],
      ['vectors', { vectors: { type: world.type, dim: 8, values: new Uint16Array(40 * 8) } }],
      ['queries', { queries: new Float32Array(15) }],
      ['queries', { queries: new Uint8Array(64) }],
      ['allowed', { allowed: new Uint32Array(1) }],
      ['dim', { vectors: { type: world.type, dim: 0, values: world.values } }],
      ['dim', { vectors: { type: world.type, dim: 1.5, values: world.values } }],
      ['metric', { metric: 'HAMMING' }],
      ['rowEnd', { rowEnd: 2 ** 21 + 1 }],
      ['topK', { topK: 0 }],
      ['queryCount', { queryCount: Number.NaN }],
    ];
    for (const [name, part] of wrong) {
      expect(() => native(taskOf(world, part)), name).toThrow(TypeError);
      expect(() => native(taskOf(world, part)), name).toThrow(`${name}: expected`);
    }
  });

  it('refuses memory that went away between its steps', () => {
    const values = new Float32Array(64 * 1024);
    const world = {
      ...worldOf([DataType.FloatVector, 'L2'], { dim: 1024, rowCount: 0, queryCount: 1, seed: 1 }),
      rowCount: 64,
      values,
    };
    const scan = openScan(taskOf(world), addon);
    structuredClone(values.buffer, { transfer: [values.buffer] });
    expect(() => scan.step()).toThrow('vectors: expected a longer typed array');
  });

  it('refuses what is not a scan, and a result before it is done', () => {
    const functions = addon!;
    const vectors = new Float32Array(1);
    for (const handle of [null, {}, 7, Object.create(null)]) {
      expect(() => functions.scanStep(handle as never, vectors, null, vectors, null)).toThrow(
        TypeError,
      );
      expect(() => functions.scanResult(handle as never)).toThrow(TypeError);
    }
    expect(() => (functions.scanStep as unknown as () => void)()).toThrow(TypeError);
    expect(() => (functions.scanOpen as unknown as () => void)()).toThrow(TypeError);
    const world = worldOf([DataType.FloatVector, 'L2'], {
      dim: 8,
      rowCount: 9,
      queryCount: 2,
      seed: 1,
    });
    expect(() => openScan(taskOf(world), addon).result()).toThrow('when it is done');
    const scan = openScan(taskOf(world), addon);
    expect(scan).toBeInstanceOf(NativeScan);
    while (!scan.isDone) scan.step();
    expect(scan.result()).toBe(scan.result());
    expect(() => scan.step()).toThrow('a scan gives its result once');
  });
});
