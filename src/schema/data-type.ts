/** DataType codes as on Milvus's wire (`schema.proto`), and what each type is. */

export const DataType = {
  Bool: 1,
  Int8: 2,
  Int16: 3,
  Int32: 4,
  Int64: 5,
  Float: 10,
  Double: 11,
  /** Named by Milvus and refused by it; VarChar is the text type. */
  String: 20,
  VarChar: 21,
  Array: 22,
  JSON: 23,
  Geometry: 24,
  Text: 25,
  Timestamptz: 26,
  BinaryVector: 100,
  FloatVector: 101,
  Float16Vector: 102,
  BFloat16Vector: 103,
  SparseFloatVector: 104,
  Int8Vector: 105,
  /** Vectors of the elements of a struct array; only inside a struct. */
  ArrayOfVector: 106,
  ArrayOfStruct: 200,
} as const;

export type DataTypeName = keyof typeof DataType;
export type DataType = (typeof DataType)[DataTypeName];

const NAMES = new Map<number, DataTypeName>(
  Object.entries(DataType).map(([name, code]) => [code, name as DataTypeName]),
);

/** The name Milvus prints for a type, `DataType(n)` for a code it does not know. */
export function dataTypeName(type: number): string {
  return NAMES.get(type) ?? `DataType(${type})`;
}

export type DenseVectorType =
  | typeof DataType.BinaryVector
  | typeof DataType.FloatVector
  | typeof DataType.Float16Vector
  | typeof DataType.BFloat16Vector
  | typeof DataType.Int8Vector;

export function isDenseVector(type: DataType): type is DenseVectorType {
  return type >= 100 && type <= 105 && type !== DataType.SparseFloatVector;
}

export function isVector(type: DataType): boolean {
  return type >= 100 && type <= 106;
}

/** Bytes of one dense vector of `dim` dimensions. */
export function vectorByteLength(type: DenseVectorType, dim: number): number {
  switch (type) {
    case DataType.BinaryVector:
      return dim / 8;
    case DataType.FloatVector:
      return dim * 4;
    case DataType.Int8Vector:
      return dim;
    default:
      return dim * 2;
  }
}
