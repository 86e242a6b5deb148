import { describe, expect, it } from 'vitest';
import { type NativeAddon, nativeAddon } from '../../src/base/native.ts';
import { areCodesFaithful } from '../../src/index/code-fidelity.ts';
import type { MetricType } from '../../src/index/metric-type.ts';
import { cancelBuild, newBuildControl } from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { isUnevenBy, UNEVEN_NAMES } from '../suites/uneven-rows.ts';
import {
  indexWorld,
  type IndexWorld,
  numbersFrom,
  unevenWorld,
} from '../suites/vector-index-suite.ts';
import { encode, TYPES_AND_METRICS } from './reference.ts';

const addon = nativeAddon();
const ENGINES: readonly (readonly [string, NativeAddon | null])[] = [
  ['twin', null],
  ...(addon === null ? [] : [['native', addon] as const]),
];
const type = DataType.FloatVector;
const METRICS = ['L2', 'IP', 'COSINE'] as const;
const FLOATS = TYPES_AND_METRICS.filter(
  ([one]) => one !== DataType.Int8Vector && one !== DataType.BinaryVector,
);

type Rows = Pick<IndexWorld, 'type' | 'metric' | 'dim' | 'rowCount' | 'values'>;

function isFaithful(rows: Rows, kernels: NativeAddon | null, control = newBuildControl()) {
  const { metric, dim, rowCount, values } = rows;
  const links = { degree: 4, buildWidth: 40, code: null, isRefined: false, isDisk: false };
  const shape = { type: rows.type, metric, dim, rowCount, ...links, isOverVectors: false };
  return areCodesFaithful({ shape, vectors: { type: rows.type, dim, values }, control }, kernels);
}

/** Rows one by one. */
function rowsOf(
  metric: MetricType,
  dim: number,
  rowCount: number,
  row: (i: number) => number[],
): Rows {
  const numbers = Array.from({ length: rowCount }, (_, i) => row(i)).flat();
  return { type, metric, dim, rowCount, values: encode(type, numbers) };
}

describe.each(ENGINES)('fidelity of codes, by the %s', (_name, kernels) => {
  it.each(FLOATS)('is enough for ordinary rows of %s by %s', (one, metric) => {
    for (const [dim, rowCount, clusterCount] of [
      [24, 1500, 0],
      [128, 1500, 20],
      [384, 800, 0],
      [384, 800, 100],
    ] as const) {
      const world = indexWorld({ type: one, metric, rowCount, dim, clusterCount });
      expect([dim, clusterCount, isFaithful(world, kernels)]).toEqual([dim, clusterCount, true]);
    }
  });

  it.each(FLOATS)('is not enough for uneven rows of %s by %s', (one, metric) => {
    for (const name of UNEVEN_NAMES) {
      const world = unevenWorld(name, { type: one, metric, rowCount: 1000 });
      expect([name, isFaithful(world, kernels)]).toEqual([name, !isUnevenBy(name, metric)]);
    }
  });

  it('is not asked of codes that are exact, or of vectors that have none', () => {
    for (const [one, metric] of [
      [DataType.Int8Vector, 'L2'],
      [DataType.BinaryVector, 'HAMMING'],
    ] as const) {
      const world = indexWorld({ type: one, metric, rowCount: 50 });
      world.values.fill(3);
      expect(isFaithful(world, kernels)).toBe(true);
    }
  });

  it.each(METRICS)('is that of the rows that differ, where many are equal, by %s', (metric) => {
    const draw = numbersFrom(8);
    const even = Array.from({ length: 64 }, () => draw() * 2 - 1);
    const ordinary = rowsOf(metric, 64, 1200, (i) =>
      i % 2 === 0 ? even : Array.from({ length: 64 }, () => draw() * 2 - 1),
    );
    expect(isFaithful(ordinary, kernels)).toBe(true);
    const far = rowsOf(metric, 64, 1200, (i) =>
      i % 2 === 0 ? even : Array.from({ length: 64 }, () => 50 + draw() * 2 - 1),
    );
    expect(isFaithful(far, kernels)).toBe(false);
  });

  it('is that of small clusters, not of the way between them', () => {
    const draw = numbersFrom(9);
    const centres = Array.from({ length: 60 }, () =>
      Array.from({ length: 96 }, () => draw() * 2 - 1),
    );
    const rows = (spread: number): Rows =>
      rowsOf('L2', 96, 1800, (i) => centres[i % 60]!.map((x) => x + spread * (draw() - 0.5)));
    expect(isFaithful(rows(0.5), kernels)).toBe(true);
    expect(isFaithful(rows(0.005), kernels)).toBe(false);
  });

  it('is enough where codes are exact, whatever the ties', () => {
    const draw = numbersFrom(10);
    for (const metric of METRICS) {
      const signs = rowsOf(metric, 48, 900, () =>
        Array.from({ length: 48 }, () => (draw() < 0.5 ? -1 : 1)),
      );
      expect(isFaithful(signs, kernels)).toBe(true);
    }
  });

  it('is not taken for granted where nothing tells rows apart', () => {
    for (const metric of METRICS) {
      for (const value of [0, 1, 3e38, 1e-45]) {
        const rows = rowsOf(metric, 4, 100, () => [value, value, value, value]);
        expect([metric, value, isFaithful(rows, kernels)]).toEqual([metric, value, false]);
      }
      expect(
        isFaithful(
          rowsOf(metric, 4, 1, () => [1, 2, 3, 4]),
          kernels,
        ),
      ).toBe(false);
    }
  });

  it('is answered for any numbers and any count of rows', () => {
    const draw = numbersFrom(12);
    const sizes = [3e38, 1e30, 1, 1e-20, 1e-38, 1e-45, 0];
    for (const metric of METRICS) {
      for (const rowCount of [1, 2, 3, 10, 17, 63, 64, 65, 66, 200]) {
        const rows = rowsOf(metric, 5, rowCount, () =>
          Array.from({ length: 5 }, () => (draw() - 0.5) * sizes[Math.floor(draw() * 7)]!),
        );
        expect(isFaithful(rows, kernels)).toBeTypeOf('boolean');
      }
    }
  });

  it('does not matter to a build that is cancelled', () => {
    const control = newBuildControl();
    cancelBuild(control);
    const world = indexWorld({ type, metric: 'L2', rowCount: 100 });
    expect(isFaithful(world, kernels, control)).toBeNull();
  });
});
