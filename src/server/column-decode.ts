/**
 * FieldData of a request -> the columns that the schema layer checks. Nothing is copied that the decoder of
 * messages has put in place already. Source: Milvus `pkg/util/typeutil/schema.go`; `schema.proto`.
 */
import { invalidParameter, type MilvusError } from '../base/errors.ts';
import { ARRAY_CAPACITY_MAX } from '../base/limits.ts';
import { DataType, dataTypeName } from '../schema/data-type.ts';
import { structFieldName } from '../schema/fields.ts';
import { checkRowCount, type GivenColumn, type GivenColumns } from '../schema/given-columns.ts';
import type { ByteList } from '../wire/byte-lists.ts';
import type { FieldData, ScalarField, VectorField } from '../wire/generated/milvus.ts';

/** The dynamic field, which some clients send without a name. */
const DYNAMIC = '$meta';

/** @throws MilvusError ParameterInvalid for vectors that are none, or more than there are rows */
export function givenColumns(fields: readonly FieldData[], rowCount: number): GivenColumns {
  // Before anything is cut into rows.
  checkRowCount(rowCount);
  return { rowCount, columns: fields.flatMap((field) => columnsOf(field, rowCount)) };
}

function columnsOf(field: FieldData, rowCount: number): GivenColumn[] {
  const { structArrays, fieldName } = field;
  if (structArrays !== null) {
    const subFields = structArrays.fields.flatMap((one) => columnsOf(one, rowCount));
    return subFields.map((column) => ({
      ...column,
      name: structFieldName(fieldName, column.name),
    }));
  }
  return [
    {
      name: field.isDynamic ? DYNAMIC : fieldName,
      type: field.type as DataType,
      dim: dimOf(field),
      data: dataOf(field, rowCount),
      isValid: field.validData.length === 0 ? null : field.validData,
    },
  ];
}

/** Clients say that of lists of vectors inside of them only, or with each list. */
function dimOf({ type, vectors }: FieldData): number | null {
  if (vectors === null || type === DataType.ArrayOfVector) return null;
  return Number(vectors.dim);
}

function dataOf(field: FieldData, rowCount: number): GivenColumn['data'] {
  const { scalars, vectors } = field;
  if (vectors !== null) return { kind: 'values', values: vectorValues(field, vectors, rowCount) };
  if (scalars === null) return { kind: 'values', values: [] };
  return scalarData(scalars) ?? { kind: 'values', values: [] };
}

/** Null where nothing is set, which stands for no rows. */
function scalarData(scalars: ScalarField): GivenColumn['data'] | null {
  const numbers =
    scalars.boolData ??
    scalars.intData ??
    scalars.longData ??
    scalars.floatData ??
    scalars.doubleData ??
    scalars.timestamptzData;
  if (numbers !== null) return { kind: 'numbers', values: numbers.data };
  const texts = scalars.stringData ?? scalars.geometryWktData;
  if (texts !== null) return { kind: 'texts', ...texts.data };
  const blobs = scalars.jsonData ?? scalars.bytesData ?? scalars.geometryData;
  if (blobs !== null) return { kind: 'values', values: blobsOf(blobs.data) };
  if (scalars.arrayData === null) return null;
  return { kind: 'values', values: scalars.arrayData.data.map(elementsOf) };
}

/** The elements of one row of an Array. */
function elementsOf(row: ScalarField): unknown[] {
  const data = scalarData(row);
  if (data === null) return [];
  if (data.kind === 'values') return [...data.values];
  if (data.kind === 'texts') {
    return blobsOf(data).map((blob) => Buffer.from(blob).toString('utf8'));
  }
  const numbers = Array.from(data.values as Float64Array);
  return row.boolData === null ? numbers : numbers.map((value) => value !== 0);
}

function blobsOf({ offsets, bytes }: ByteList): Uint8Array[] {
  return Array.from({ length: offsets.length - 1 }, (_, i) =>
    bytes.subarray(offsets[i], offsets[i + 1]),
  );
}

/** One value a row that is not null. */
function vectorValues(
  { fieldName, type, validData }: FieldData,
  vectors: VectorField,
  rowCount: number,
): unknown[] {
  // Clients send the dimension of a column of nulls, and no vectors.
  if (validData.length > 0 && !validData.includes(1) && isWithoutVectors(vectors)) return [];
  if (type === DataType.SparseFloatVector) {
    const contents = vectors.sparseFloatVector?.contents ?? [];
    return contents.map((row) => sparseVector(row, fieldName));
  }
  if (type === DataType.ArrayOfVector) {
    const { data = [], elementType = 0 } = vectors.vectorArray ?? {};
    const bounds = { fieldName, type: elementType, countMax: ARRAY_CAPACITY_MAX };
    return data.map((row) => denseVectors(row, bounds));
  }
  return denseVectors(vectors, { fieldName, type, countMax: rowCount });
}

function isWithoutVectors(vectors: VectorField): boolean {
  const members = Object.entries(vectors).filter(([name]) => name !== 'dim');
  return members.every(([, member]) => member === null || member === undefined);
}

interface Bounds {
  readonly fieldName: string;
  readonly type: number;
  /** Vectors that there may be. */
  readonly countMax: number;
}

/** The member that belongs to the type; another one would be read as other numbers. */
function denseVectors(vectors: VectorField, bounds: Bounds): unknown[] {
  const dim = Number(vectors.dim);
  const values = denseValues(vectors, bounds.type);
  if (values === undefined || values === null) {
    if (dim === 0) return [];
    throw noVectors(bounds);
  }
  switch (bounds.type) {
    case DataType.BinaryVector:
      return cut(values, dim / 8, bounds);
    case DataType.Float16Vector:
    case DataType.BFloat16Vector:
      return cut(values, dim * 2, bounds);
    default:
      return cut(values, dim, bounds);
  }
}

/** In Milvus's words, which differ by type. */
function noVectors({ fieldName, type }: Bounds): MilvusError {
  const [what, why, expected] = NO_VECTORS.get(type) ?? [
    `${dataTypeName(type)} vector`,
    'array type mismatch',
    `need ${dataTypeName(type)}`,
  ];
  const message = `${what} field '${fieldName}' is illegal, ${why}`;
  return invalidParameter(message, { expected, actual: 'got nil' });
}

const NO_VECTORS: ReadonlyMap<number, readonly [what: string, why: string, expected: string]> =
  new Map([
    [DataType.FloatVector, ['float vector', 'array type mismatch', 'need float vector']],
    [
      DataType.Float16Vector,
      ['float16 float', 'nil Vector_Float16 type', 'need vector_float16 array'],
    ],
    [
      DataType.BFloat16Vector,
      ['bfloat16 float', 'nil Vector_BFloat16 type', 'need vector_bfloat16 array'],
    ],
    [DataType.BinaryVector, ['binary float vector', 'array type mismatch', 'need bytes array']],
  ]);

function denseValues(
  vectors: VectorField,
  type: number,
): Float32Array | Int8Array | Uint8Array | undefined | null {
  switch (type) {
    case DataType.FloatVector:
      return vectors.floatVector?.data;
    case DataType.Float16Vector:
      return vectors.float16Vector;
    case DataType.BFloat16Vector:
      return vectors.bfloat16Vector;
    case DataType.BinaryVector:
      return vectors.binaryVector;
    case DataType.Int8Vector: {
      const bytes = vectors.int8Vector;
      if (bytes === undefined) return undefined;
      return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    }
    default:
      return null;
  }
}

function cut(
  values: Float32Array | Int8Array | Uint8Array,
  stride: number,
  { fieldName, countMax }: Bounds,
): unknown[] {
  const { length } = values;
  if (length === 0) return [];
  if (!Number.isInteger(stride) || stride <= 0 || length % stride !== 0) {
    throw invalidParameter(
      `the length(${length}) of vector data should divide the dim(${stride})`,
      {
        field: fieldName,
      },
    );
  }
  const count = length / stride;
  if (count > countMax) {
    throw invalidParameter(
      `the num_rows (${count}) of field (${fieldName}) is not equal to passed num_rows (${countMax})`,
    );
  }
  return Array.from({ length: count }, (_, row) =>
    values.subarray(row * stride, (row + 1) * stride),
  );
}

const PAIR_BYTES = 8;

/** Pairs of a uint32 index and a float32 value, in the order in which they came. */
export function sparseVector(
  row: Uint8Array,
  fieldName: string,
): { readonly indices: Uint32Array; readonly values: Float32Array } {
  if (row.length % PAIR_BYTES !== 0) {
    throw invalidParameter(`invalid data length in sparse float vector: ${row.length}`, {
      field: fieldName,
    });
  }
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
  const count = row.length / PAIR_BYTES;
  const indices = new Uint32Array(count);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    indices[i] = view.getUint32(i * PAIR_BYTES, true);
    values[i] = view.getFloat32(i * PAIR_BYTES + 4, true);
  }
  return { indices, values };
}
