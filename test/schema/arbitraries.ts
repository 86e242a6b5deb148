/** Random columns and batches of every kind, nulls, slices and all, for property tests. */
import fc from 'fast-check';
import {
  type ColumnShape,
  columnKind,
  elementShape,
  isValid,
  newFixedValues,
  newVectorValues,
  vectorStride,
} from '../../src/schema/column-layout.ts';
import type { Column, ColumnBatch, ListColumn, Validity } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';

const T = DataType;
const SCALARS = [T.Bool, T.Int8, T.Int16, T.Int32, T.Int64, T.Float, T.Double, T.VarChar];
const VECTORS = [T.FloatVector, T.Float16Vector, T.BFloat16Vector, T.Int8Vector, T.BinaryVector];

const dimOf = (type: DataType): fc.Arbitrary<number> =>
  type === T.BinaryVector ? fc.constantFrom(8, 24) : fc.integer({ min: 2, max: 12 });

const vectorShape: fc.Arbitrary<ColumnShape> = fc
  .constantFrom(...VECTORS)
  .chain((type) => dimOf(type).map((dim) => ({ type, dim })));

/** A shape of any type. */
export const anyShape: fc.Arbitrary<ColumnShape> = fc.oneof(
  fc
    .constantFrom(...SCALARS, T.Timestamptz, T.Text, T.JSON, T.Geometry, T.SparseFloatVector)
    .map((type) => ({ type })),
  vectorShape,
  fc.constantFrom(...SCALARS).map((elementType) => ({ type: T.Array, elementType })),
  vectorShape.map(({ type, dim }) => ({ type: T.ArrayOfVector, elementType: type, dim: dim! })),
);

/** Little pseudo-random numbers: shrinking works on the seed, and a column is made in one go. */
function generator(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d);
    state = Math.imul(state ^ (state >>> 12), 0x297a2d39);
    state ^= state >>> 15;
    return state >>> 0;
  };
}

function randomValidity(rowCount: number, next: () => number): Validity {
  if (next() % 3 > 0) return null;
  const words = new Uint32Array((rowCount + 31) >>> 5);
  for (let row = 0; row < rowCount; row++) if (next() % 4 > 0) words[row >>> 5]! |= 1 << (row & 31);
  return words;
}

function randomOffsets(rowCount: number, validity: Validity, next: () => number): Uint32Array {
  // The first offset need not be 0.
  const offsets = new Uint32Array(rowCount + 1).fill(next() % 3);
  for (let row = 0; row < rowCount; row++) {
    offsets[row + 1] = offsets[row]! + (isValid(validity, row) ? next() % 5 : 0);
  }
  return offsets;
}

/** A column of `rowCount` rows that `seed` decides. */
export function randomColumn(shape: ColumnShape, rowCount: number, seed: number): Column {
  const next = generator(seed);
  const { type } = shape;
  const validity = randomValidity(rowCount, next);
  const fill = <Values extends { length: number; [index: number]: number }>(
    values: Values,
  ): Values => {
    for (let i = 0; i < values.length; i++) values[i] = next() % 251;
    return values;
  };
  const kind = columnKind(type);
  if (kind === 'fixed') {
    const values = newFixedValues(type, rowCount);
    if (values instanceof BigInt64Array) {
      for (let i = 0; i < rowCount; i++) values[i] = BigInt(next()) * 0x1_2345_6789n - 99n;
    } else fill(values);
    return { kind, type, values, validity };
  }
  if (kind === 'vector') {
    const values = newVectorValues(type, rowCount * vectorStride(type, shape.dim!));
    return { kind, type, dim: shape.dim!, values: fill(values), validity };
  }
  const offsets = randomOffsets(rowCount, validity, next);
  const end = offsets.at(-1)!;
  if (kind === 'bytes')
    return { kind, type, offsets, bytes: fill(new Uint8Array(end + 2)), validity };
  if (kind === 'sparse') {
    const indices = fill(new Uint32Array(end));
    return { kind, type, offsets, indices, values: fill(new Float32Array(end)), validity };
  }
  const elements = randomColumn(elementShape(shape), end, next()) as ListColumn['elements'];
  return { kind, type, offsets, elements: { ...elements, validity: null }, validity };
}

/** Columns of one shape. */
export const anyColumns: fc.Arbitrary<Column[]> = anyShape.chain((shape) =>
  fc
    .array(fc.tuple(fc.integer({ min: 0, max: 70 }), fc.nat()), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.map(([rowCount, seed]) => randomColumn(shape, rowCount, seed))),
);

export const anyBatch: fc.Arbitrary<ColumnBatch> = fc
  .tuple(fc.array(anyShape, { maxLength: 6 }), fc.integer({ min: 0, max: 70 }), fc.nat())
  .map(([shapes, rowCount, seed]) => ({
    rowCount,
    columns: new Map(
      shapes.map((shape, i) => [100 + i, randomColumn(shape, rowCount, seed + i)] as const),
    ),
  }));

/** The rows of a column as plain values: what two columns must share to be equal. */
export function rowsOf(column: Column): unknown[] {
  const count =
    column.kind === 'fixed'
      ? column.values.length
      : column.kind === 'vector'
        ? column.values.length / vectorStride(column.type, column.dim)
        : column.offsets.length - 1;
  return Array.from({ length: count }, (_, row) => {
    if (!isValid(column.validity, row)) return null;
    if (column.kind === 'fixed') return column.values[row];
    if (column.kind === 'vector') {
      const stride = vectorStride(column.type, column.dim);
      return Array.from(column.values.slice(row * stride, (row + 1) * stride));
    }
    const [start, end] = [column.offsets[row]!, column.offsets[row + 1]!];
    if (column.kind === 'bytes') return Array.from(column.bytes.slice(start, end));
    if (column.kind === 'sparse') {
      return Array.from(column.indices.slice(start, end), (index, i) => [
        index,
        column.values[start + i],
      ]);
    }
    return rowsOf(column.elements).slice(start, end);
  });
}
