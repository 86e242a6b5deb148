import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bitmap } from '../../src/base/bitmap.ts';
import { nativeAddon } from '../../src/base/native.ts';
import { type ScanResult, type ScanTask, TIE_ROWS_MAX } from '../../src/index/flat.ts';
import { openScan, scanTopK as scanWith } from '../../src/index/kernels.ts';
import { largerIsBetter } from '../../src/index/metric-type.ts';
import { DataType, dataTypeName } from '../../src/schema/data-type.ts';
import {
  arbitraryWorld,
  isNear,
  referenceScores,
  shared,
  type SumWidth,
  TYPES_AND_METRICS,
  type World,
} from './reference.ts';

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
    topK: 3,
    tieRowsMax: TIE_ROWS_MAX,
    ...part,
  };
}

/** What a scan of `task` must find: every score near its reference, no better row left out. */
function expectExact(
  world: World,
  task: ScanTask,
  { result, width }: { readonly result: ScanResult; readonly width: SumWidth },
): void {
  const allowed = allowedRows(task);
  let at = 0;
  for (let query = 0; query < world.queryCount; query++) {
    const references = referenceScores(world, query, width);
    const count = result.counts[query]!;
    const rows = Array.from(result.rows.subarray(at, at + count));
    const scores = Array.from(result.scores.subarray(at, at + count));
    at += count;
    expect(count).toBeGreaterThanOrEqual(Math.min(task.topK, allowed.length));
    expect(new Set(rows).size).toBe(count);
    for (const [i, row] of rows.entries()) {
      expect(allowed).toContain(row);
      expect(isNear(scores[i]!, references[row]!)).toBe(true);
      expect(Object.is(scores[i], -0)).toBe(false);
    }
    const better = (left: number, right: number): boolean =>
      largerIsBetter(world.metric) ? left > right : left < right;
    for (let i = 1; i < count; i++) {
      expect(better(scores[i]!, scores[i - 1]!)).toBe(false);
      if (scores[i] === scores[i - 1]) expect(rows[i]).toBeGreaterThan(rows[i - 1]!);
    }
    // A row that was left out is worse than the last, or as good as the tolerance can tell.
    const last = scores[count - 1];
    for (const row of allowed) {
      if (rows.includes(row) || last === undefined) continue;
      const { score, tolerance } = references[row]!;
      const bestPossible = largerIsBetter(world.metric) ? score - tolerance : score + tolerance;
      expect(better(Math.fround(bestPossible), last)).toBe(false);
    }
  }
  expect(at).toBe(result.rows.length);
}

function allowedRows({ rowStart, rowEnd, allowed }: ScanTask): number[] {
  const rows: number[] = [];
  for (let row = rowStart; row < rowEnd; row++) {
    const bit = row - rowStart;
    if (allowed === null || ((allowed[bit >>> 5]! >>> (bit & 31)) & 1) === 1) rows.push(row);
  }
  return rows;
}

function hitsOf({ rows, scores }: ScanResult): { row: number; score: number }[] {
  return Array.from(rows, (row, i) => ({ row, score: scores[i]! }));
}

const addon = nativeAddon();
const engines = [
  { engine: 'twin', scanTopK: (task: ScanTask) => scanWith(task, null), width: 'float64' as const },
  ...(addon === null
    ? []
    : [
        {
          engine: 'native',
          scanTopK: (task: ScanTask) => scanWith(task, addon),
          width: 'float32' as const,
        },
      ]),
];

describe.each(engines)('an exact scan ($engine)', ({ engine, scanTopK, width }) => {
  it.each(TYPES_AND_METRICS.map(([type, metric]) => [dataTypeName(type), metric, type] as const))(
    'of %s by %s agrees with a float64 reference',
    (_name, metric, type) => {
      const world = arbitraryWorld([type, metric], { rowCountMax: 40, queryCountMax: 7 });
      const property = fc.property(
        world,
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
        fc.nat({ max: 3 }),
        (made, topK, bits, rowStart) => {
          const allowed = new Bitmap(made.rowCount);
          for (let i = 0; i < made.rowCount; i++) if (bits[i] === true) allowed.set(i);
          const start = Math.min(rowStart, made.rowCount);
          for (const mask of [null, allowed.words]) {
            const task = taskOf(made, { topK, allowed: mask, rowStart: start });
            expectExact(made, task, { result: scanTopK(task), width });
          }
        },
      );
      fc.assert(property, { numRuns: 40 });
    },
  );

  it.each(TYPES_AND_METRICS.map(([type, metric]) => [dataTypeName(type), metric, type] as const))(
    'of %s by %s leaves out rows that cost less than the bound, and no other',
    (_name, metric, type) => {
      const world = arbitraryWorld([type, metric], { rowCountMax: 40, queryCountMax: 1 });
      const property = fc.property(
        world,
        fc.integer({ min: 1, max: 50 }),
        fc.nat({ max: 39 }),
        (made, topK, place) => {
          const task = taskOf({ ...made, queryCount: 1 }, { topK: 50 });
          const all = hitsOf(scanTopK(task));
          const bound = all[Math.min(place, all.length - 1)];
          if (bound === undefined) return;
          const costFrom = largerIsBetter(metric) ? -bound.score : bound.score;
          const first = all.findIndex(({ score }) => score === bound.score);
          const found = hitsOf(scanTopK({ ...task, topK, costFrom }));
          expect(found).toEqual(all.slice(first, first + found.length));
          expect(found.length).toBeGreaterThanOrEqual(Math.min(topK, all.length - first));
        },
      );
      fc.assert(property, { numRuns: 40 });
    },
  );

  it('keeps every row as good as the k-th, so that keys can decide', () => {
    const world = equalRows(100);
    const result = scanTopK(taskOf(world, { topK: 10 }));
    expect(Array.from(result.counts)).toEqual([100]);
    expect(Array.from(result.cut)).toEqual([0]);
  });

  it('says so when there are more equal rows than it hands over', () => {
    const world = equalRows(3000);
    const cut = scanTopK(taskOf(world, { topK: 10 }));
    expect(Array.from(cut.cut)).toEqual([1]);
    expect(Array.from(cut.rows)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const whole = scanTopK(taskOf(world, { topK: 10, tieRowsMax: 3000 }));
    expect(Array.from(whole.cut)).toEqual([0]);
    expect(Array.from(whole.counts)).toEqual([3000]);
  });

  it('forgets that equal rows were cut once better ones take their place', () => {
    const world = equalRows(3000);
    const values = world.values as Float32Array;
    for (let row = 2900; row < 3000; row++) values[row * world.dim] = 1;
    const result = scanTopK(taskOf(world, { topK: 10, metric: 'IP' }));
    expect(Array.from(result.cut)).toEqual([0]);
    expect(Array.from(result.rows)).toEqual(Array.from({ length: 100 }, (_, i) => 2900 + i));
  });

  it('finds the same rows with a large k as by sorting everything', () => {
    const [rowCount, dim] = [20_000, 4];
    const values = new Float32Array(rowCount * dim).map((_, i) => (i * 7919) % 1009);
    const queries = new Float32Array([101, 907, 505, 303]);
    const type = DataType.FloatVector;
    const world: World = { type, metric: 'L2', dim, rowCount, values, queryCount: 1, queries };
    const references = referenceScores(world, 0).map(({ score }) => Math.fround(score));
    const expected = references.map((score, row) => ({ score, row }));
    expected.sort((a, b) => a.score - b.score || a.row - b.row);
    const result = scanTopK(taskOf(world, { topK: 5000 }));
    expect(Array.from(result.rows.subarray(0, 5000))).toEqual(
      expected.slice(0, 5000).map(({ row }) => row),
    );
  });

  it('shares tiles between more queries than fit one', () => {
    const [rowCount, dim, queryCount] = [300, 8, 75];
    const values = new Float32Array(rowCount * dim).map((_, i) => Math.sin(i));
    const queries = new Float32Array(queryCount * dim).map((_, i) => Math.cos(i));
    const type = DataType.FloatVector;
    const world: World = { type, metric: 'COSINE', dim, rowCount, values, queryCount, queries };
    const batch = scanTopK(taskOf(world, { topK: 5 }));
    for (let query = 0; query < queryCount; query++) {
      const alone = scanTopK(
        taskOf(world, {
          queries: queries.slice(query * dim, (query + 1) * dim),
          queryCount: 1,
          topK: 5,
        }),
      );
      expect(batch.rows.slice(query * 5, query * 5 + 5)).toEqual(alone.rows);
    }
  });

  it('reads shared memory at any offset', () => {
    const bytes = new Uint8Array(new SharedArrayBuffer(3 + 4 * 8)).subarray(3);
    bytes.set([1, 2, 3, 4, 5, 6, 7, 8], 8);
    const type = DataType.BinaryVector;
    const queries = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    const world: World = {
      type,
      metric: 'HAMMING',
      dim: 64,
      rowCount: 4,
      values: bytes,
      queryCount: 1,
      queries,
    };
    const result = scanTopK(taskOf(world, { topK: 1 }));
    expect([...result.rows, ...result.scores]).toEqual([1, 0]);
  });

  it('gives one to a vector and itself by COSINE, exactly', () => {
    const dim = 384;
    const values = shared(new Float32Array(dim).map((_, i) => Math.fround(Math.sin(i) / 7)));
    const type = DataType.FloatVector;
    const world: World = {
      type,
      metric: 'COSINE',
      dim,
      rowCount: 1,
      values,
      queryCount: 1,
      queries: values,
    };
    expect(scanTopK(taskOf(world)).scores[0]).toBe(1);
    const many = new Float32Array(dim * 4);
    for (let i = 0; i < 4; i++) many.set(values, i * dim);
    const batch = scanTopK(taskOf({ ...world, queries: many, queryCount: 4 }));
    expect(Array.from(batch.scores)).toEqual([1, 1, 1, 1]);
  });

  it('has no hits where no row is allowed and none where there is no row', () => {
    const world = equalRows(70);
    expect(scanTopK(taskOf(world, { allowed: new Uint32Array(3) })).rows.length).toBe(0);
    expect(scanTopK(taskOf(world, { rowEnd: 0 })).rows.length).toBe(0);
  });

  it('can be stopped between tiles', () => {
    const scan = openScan(taskOf(equalRows(30_000)), engine === 'native' ? addon : null);
    if (engine === 'twin') scan.step();
    expect(scan.isDone).toBe(false);
    expect(() => scan.result()).toThrow('a scan has a result when it is done');
  });
});

function equalRows(rowCount: number): World {
  const dim = 4;
  const values = new Float32Array(rowCount * dim);
  const queries = Float32Array.of(1, 2, 3, 4);
  return {
    type: DataType.FloatVector,
    metric: 'IP',
    dim,
    rowCount,
    values,
    queryCount: 1,
    queries,
  };
}
