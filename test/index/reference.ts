/** Exact search written down naively, in float64: what every kernel, mask and merge is compared with. */
import fc from 'fast-check';
import type { MetricType } from '../../src/index/metric-type.ts';
import { metricsOf } from '../../src/index/metrics.ts';
import { DataType, type DenseVectorType } from '../../src/schema/data-type.ts';
import type { VectorValues } from '../../src/index/distances.ts';
import { newVectorValues, vectorStride } from '../../src/schema/column-layout.ts';
import {
  bfloat16BitsToFloat32,
  float16BitsToFloat32,
  float32ToBFloat16Bits,
  float32ToFloat16Bits,
} from '../../src/schema/vectors.ts';

export const DENSE_TYPES: readonly DenseVectorType[] = [
  DataType.FloatVector,
  DataType.Float16Vector,
  DataType.BFloat16Vector,
  DataType.Int8Vector,
  DataType.BinaryVector,
];

export const TYPES_AND_METRICS: readonly (readonly [DenseVectorType, MetricType])[] =
  DENSE_TYPES.flatMap((type) => metricsOf(type).map((metric) => [type, metric] as const));

/** Numbers of `type` as elements of its column; binary: one byte each. */
export function encode(type: DenseVectorType, numbers: readonly number[]): VectorValues {
  const values = newVectorValues(type, numbers.length);
  for (const [i, number] of numbers.entries()) {
    if (type === DataType.Float16Vector) values[i] = float32ToFloat16Bits(number);
    else if (type === DataType.BFloat16Vector) values[i] = float32ToBFloat16Bits(number);
    else values[i] = number;
  }
  return values;
}

/** The same values in shared memory. */
export function shared<Values extends VectorValues>(values: Values): Values {
  const Constructor = values.constructor as new (buffer: SharedArrayBuffer) => Values;
  const copy = new Constructor(new SharedArrayBuffer(values.byteLength));
  copy.set(values);
  return copy;
}

/** Row `row` as numbers; binary as bits. */
function numbersOf(
  type: DenseVectorType,
  dim: number,
  values: VectorValues,
  row: number,
): number[] {
  const stride = vectorStride(type, dim);
  const elements = Array.from(values.subarray(row * stride, (row + 1) * stride));
  if (type === DataType.Float16Vector) return elements.map(float16BitsToFloat32);
  if (type === DataType.BFloat16Vector) return elements.map(bfloat16BitsToFloat32);
  if (type !== DataType.BinaryVector) return elements;
  return elements.flatMap((byte) => Array.from({ length: 8 }, (_, bit) => (byte >> bit) & 1));
}

const sum = (numbers: readonly number[]): number =>
  numbers.reduce((total, each) => total + each, 0);

export interface Reference {
  readonly score: number;
  /** How far a computed score may be off, besides its rounding to float32. */
  readonly tolerance: number;
}

/** How wide the sums of a float kernel are. */
export type SumWidth = 'float32' | 'float64';

/** How far a sum may be off: native/src/kernels.h and src/index/metrics.ts say so. */
function errorOf(terms: readonly number[], width: SumWidth): number {
  const size = sum(terms.map(Math.abs));
  if (width === 'float64') return size * terms.length * 2 ** -52;
  return size * (Math.min(terms.length, 1024) / 4 + 4) * 2 ** -24 + terms.length * 2 ** -149;
}

/** The score of two vectors as Milvus reports it. */
export function referenceScore(
  metric: MetricType,
  a: number[],
  b: number[],
  width: SumWidth = 'float64',
): Reference {
  const products = a.map((x, i) => x * b[i]!);
  switch (metric) {
    case 'L2': {
      const squares = a.map((x, i) => (x - b[i]!) ** 2);
      // A difference is rounded, too.
      return { score: sum(squares), tolerance: 2 * errorOf(squares, width) };
    }
    case 'IP':
      return { score: sum(products), tolerance: errorOf(products, width) };
    case 'COSINE': {
      const [left, right] = [a.map((x) => x * x), b.map((x) => x * x)];
      const lengths = Math.sqrt(sum(left)) * Math.sqrt(sum(right));
      if (lengths === 0) return { score: 0, tolerance: 0 };
      // Half of each squared length's relative error comes on top of the product's.
      const relative = errorOf(left, width) / sum(left) + errorOf(right, width) / sum(right);
      const tolerance = errorOf(products, width) / lengths + relative;
      return { score: sum(products) / lengths, tolerance: tolerance + 2 ** -50 };
    }
    case 'HAMMING':
      return { score: a.filter((bit, i) => bit !== b[i]).length, tolerance: 0 };
    default: {
      const common = a.filter((bit, i) => bit === 1 && b[i] === 1).length;
      const either = a.filter((bit, i) => bit === 1 || b[i] === 1).length;
      return { score: either === 0 ? 1 : 1 - common / either, tolerance: 2 ** -50 };
    }
  }
}

export interface World {
  readonly type: DenseVectorType;
  readonly metric: MetricType;
  readonly dim: number;
  readonly rowCount: number;
  readonly values: VectorValues;
  readonly queryCount: number;
  readonly queries: VectorValues;
}

/** The reference score of every row for one query. */
export function referenceScores(
  world: World,
  query: number,
  width: SumWidth = 'float64',
): Reference[] {
  const { type, metric, dim, values, queries, rowCount } = world;
  const wanted = numbersOf(type, dim, queries, query);
  return Array.from({ length: rowCount }, (_, row) =>
    referenceScore(metric, wanted, numbersOf(type, dim, values, row), width),
  );
}

/** Small whole numbers make ties, duplicates and zero vectors common and every sum exact. */
function elementOf(type: DenseVectorType, isSmall: boolean): fc.Arbitrary<number> {
  if (type === DataType.BinaryVector) {
    return isSmall ? fc.constantFrom(0, 1, 128, 255) : fc.integer({ min: 0, max: 255 });
  }
  if (isSmall) return fc.integer({ min: -2, max: 2 });
  if (type === DataType.Int8Vector) return fc.integer({ min: -128, max: 127 });
  return fc.float({ min: -1000, max: 1000, noNaN: true });
}

export interface WorldSizes {
  readonly rowCountMax: number;
  readonly queryCountMax: number;
}

/** Int8 elements have no room for one, and bits no use. */
function hasMeans(type: DenseVectorType): boolean {
  return type !== DataType.Int8Vector && type !== DataType.BinaryVector;
}

/** Vectors and queries of one type; dimensions around every unrolling. */
export function arbitraryWorld(
  [type, metric]: readonly [DenseVectorType, MetricType],
  sizes: WorldSizes,
): fc.Arbitrary<World> {
  const isBinary = type === DataType.BinaryVector;
  return fc
    .record({
      dim: isBinary
        ? fc.constantFrom(8, 16, 24, 32, 40, 64, 96, 128)
        : fc.oneof(fc.integer({ min: 2, max: 9 }), fc.constantFrom(31, 32, 33)),
      rowCount: fc.integer({ min: 1, max: sizes.rowCountMax }),
      queryCount: fc.integer({ min: 1, max: sizes.queryCountMax }),
      isSmall: fc.boolean(),
      // What all rows have in common may be much more than what they differ in.
      mean: fc.constantFrom(0, 0, 100),
      isMeanOfFirst: fc.boolean(),
    })
    .chain(({ dim, rowCount, queryCount, isSmall, mean, isMeanOfFirst }) => {
      const stride = vectorStride(type, dim);
      const elements = (count: number): fc.Arbitrary<VectorValues> =>
        fc
          .array(elementOf(type, isSmall), { minLength: count * stride, maxLength: count * stride })
          .map((numbers) => {
            const shift = isSmall && hasMeans(type) ? mean : 0;
            const isShifted = (i: number): boolean => !isMeanOfFirst || i % dim === 0;
            return encode(
              type,
              numbers.map((x, i) => (isShifted(i) ? x + shift : x)),
            );
          });
      return fc
        .record({ values: elements(rowCount), queries: elements(queryCount) })
        .map((vectors) => ({ type, metric, dim, rowCount, queryCount, ...vectors }));
    });
}

/** Whether a float32 score is as near the exact one as is promised. */
export function isNear(actual: number, { score, tolerance }: Reference): boolean {
  const low = Math.fround(score - tolerance);
  const high = Math.fround(score + tolerance);
  return actual >= low && actual <= high;
}
