/**
 * How columns lie in memory: which kind holds a type, how many elements a row takes, how many rows there are.
 * Validity words follow base/bitmap.ts: bits at and above the row count are zero.
 */
import { assert, unreachable } from '../base/assert.ts';
import type { Column, FixedColumn, Validity, VectorColumn } from './column.ts';
import { DataType, dataTypeName, isDenseVector } from './data-type.ts';

export type FixedValues = FixedColumn['values'];
export type VectorValues = VectorColumn['values'];
export type ColumnValues = FixedValues | VectorValues | Uint32Array;

/** What of a field decides the form of its column; a FieldSchema is one. */
export interface ColumnShape {
  readonly type: DataType;
  /** Of the elements of an Array or ArrayOfVector. */
  readonly elementType?: DataType;
  /** Of a dense vector, or of each vector of an ArrayOfVector. */
  readonly dim?: number;
}

/** The kind of column that holds values of `type`. */
export function columnKind(type: DataType): Column['kind'] {
  if (isDenseVector(type)) return 'vector';
  switch (type) {
    case DataType.VarChar:
    case DataType.Text:
    case DataType.JSON:
    case DataType.Geometry:
      return 'bytes';
    case DataType.Array:
    case DataType.ArrayOfVector:
      return 'list';
    case DataType.SparseFloatVector:
      return 'sparse';
    default:
      return 'fixed';
  }
}

/** `length` zeroed values of a fixed-width type. */
export function newFixedValues(type: DataType, length: number): FixedValues {
  switch (type) {
    case DataType.Bool:
      return new Uint8Array(length);
    case DataType.Int8:
      return new Int8Array(length);
    case DataType.Int16:
      return new Int16Array(length);
    case DataType.Int32:
      return new Int32Array(length);
    case DataType.Int64:
    case DataType.Timestamptz:
      return new BigInt64Array(length);
    case DataType.Float:
      return new Float32Array(length);
    case DataType.Double:
      return new Float64Array(length);
    default:
      throw new TypeError(`${dataTypeName(type)} is not a fixed-width type`);
  }
}

/** Array elements of one row: dim, but dim / 8 bytes for binary. */
export function vectorStride(type: DataType, dim: number): number {
  return type === DataType.BinaryVector ? dim / 8 : dim;
}

/** `length` zeroed elements of dense vectors of `type`. */
export function newVectorValues(type: DataType, length: number): VectorValues {
  switch (type) {
    case DataType.FloatVector:
      return new Float32Array(length);
    case DataType.Float16Vector:
    case DataType.BFloat16Vector:
      return new Uint16Array(length);
    case DataType.Int8Vector:
      return new Int8Array(length);
    case DataType.BinaryVector:
      return new Uint8Array(length);
    default:
      throw new TypeError(`${dataTypeName(type)} is not a dense vector type`);
  }
}

export function columnRowCount(column: Column): number {
  switch (column.kind) {
    case 'fixed':
      return column.values.length;
    case 'vector':
      return column.values.length / vectorStride(column.type, column.dim);
    case 'bytes':
    case 'list':
    case 'sparse':
      return column.offsets.length - 1;
    default:
      return unreachable(column);
  }
}

export function isValid(validity: Validity, row: number): boolean {
  return validity === null || ((validity[row >>> 5]! >>> (row & 31)) & 1) === 1;
}

/** The shape of the elements of an Array or ArrayOfVector. */
export function elementShape(shape: ColumnShape): ColumnShape {
  assert(shape.elementType !== undefined, 'a list type names the type of its elements');
  return shape.dim === undefined
    ? { type: shape.elementType }
    : { type: shape.elementType, dim: shape.dim };
}

function zeroColumn(shape: ColumnShape, rowCount: number, validity: Validity): Column {
  const { type } = shape;
  switch (columnKind(type)) {
    case 'fixed':
      return { kind: 'fixed', type, values: newFixedValues(type, rowCount), validity };
    case 'vector': {
      assert(shape.dim !== undefined, 'a dense vector type has dimensions');
      const values = newVectorValues(type, rowCount * vectorStride(type, shape.dim));
      return { kind: 'vector', type, dim: shape.dim, values, validity };
    }
    case 'bytes': {
      const offsets = new Uint32Array(rowCount + 1);
      return { kind: 'bytes', type, offsets, bytes: new Uint8Array(0), validity };
    }
    case 'list': {
      const elements = zeroColumn(elementShape(shape), 0, null);
      assert(elements.kind !== 'list' && elements.kind !== 'sparse', 'lists do not nest');
      return { kind: 'list', type, offsets: new Uint32Array(rowCount + 1), elements, validity };
    }
    default:
      return {
        kind: 'sparse',
        type,
        offsets: new Uint32Array(rowCount + 1),
        indices: new Uint32Array(0),
        values: new Float32Array(0),
        validity,
      };
  }
}

/** A column without rows. */
export function emptyColumn(shape: ColumnShape): Column {
  return zeroColumn(shape, 0, null);
}

/** `rowCount` rows that are all null. */
export function nullColumn(shape: ColumnShape, rowCount: number): Column {
  return zeroColumn(shape, rowCount, new Uint32Array((rowCount + 31) >>> 5));
}
