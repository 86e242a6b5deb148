/**
 * FieldData of a request -> the columns that the schema layer checks. Nothing is copied that the decoder of
 * messages has put in place already. Source: Milvus `pkg/util/typeutil/schema.go`; `schema.proto`.
 */
import { invalidParameter } from '../base/errors.ts';
import { DataType, dataTypeName } from '../schema/data-type.ts';
import { structFieldName } from '../schema/fields.ts';
import type { GivenColumn, GivenColumns } from '../schema/given-columns.ts';
import type { ByteList } from '../wire/byte-lists.ts';
import type { FieldData, ScalarField, VectorField } from '../wire/generated/milvus.ts';

/** The dynamic field, which some clients send without a name. */
const DYNAMIC = '$meta';

export function givenColumns(fields: readonly FieldData[], rowCount: number): GivenColumns {
  return { rowCount, columns: fields.flatMap((field) => columnsOf(field)) };
}

function columnsOf(field: FieldData): GivenColumn[] {
  const { structArrays, fieldName } = field;
  if (structArrays !== null) {
    return structArrays.fields.flatMap(columnsOf).map((column) => ({
      ...column,
      name: structFieldName(fieldName, column.name),
    }));
  }
  return [
    {
      name: field.isDynamic ? DYNAMIC : fieldName,
      type: field.type as DataType,
      dim: field.vectors === null ? null : Number(field.vectors.dim),
      data: dataOf(field),
      isValid: field.validData.length === 0 ? null : field.validData,
    },
  ];
}

function dataOf(field: FieldData): GivenColumn['data'] {
  const { scalars, vectors } = field;
  if (vectors !== null) return { kind: 'values', values: vectorValues(field, vectors) };
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
function vectorValues({ fieldName, type }: FieldData, vectors: VectorField): unknown[] {
  const dim = Number(vectors.dim);
  if (vectors.sparseFloatVector !== null) {
    return vectors.sparseFloatVector.contents.map((row) => sparseVector(row, fieldName));
  }
  if (vectors.vectorArray !== null) {
    return vectors.vectorArray.data.map((row) =>
      denseVectors(row, { fieldName, type, dim: Number(row.dim) }),
    );
  }
  return denseVectors(vectors, { fieldName, type, dim });
}

function denseVectors(
  vectors: VectorField,
  {
    fieldName,
    type,
    dim,
  }: { readonly fieldName: string; readonly type: number; readonly dim: number },
): unknown[] {
  if (vectors.floatVector !== null) {
    return cut(vectors.floatVector.data, dim, { fieldName, kind: 'float' });
  }
  if (vectors.int8Vector !== undefined) {
    const { buffer, byteOffset, byteLength } = vectors.int8Vector;
    const values = new Int8Array(buffer, byteOffset, byteLength);
    return cut(values, dim, { fieldName, kind: 'int8' });
  }
  const { binaryVector } = vectors;
  if (binaryVector !== undefined) return cut(binaryVector, dim / 8, { fieldName, kind: 'binary' });
  const half = vectors.float16Vector ?? vectors.bfloat16Vector;
  if (half !== undefined) return cut(half, dim * 2, { fieldName, kind: 'float16' });
  if (type === DataType.SparseFloatVector || isNothing(vectors)) return [];
  throw invalidParameter(`the data of field (${fieldName}) is no ${dataTypeName(type)}`);
}

function isNothing(vectors: VectorField): boolean {
  return vectors.dim === 0n;
}

function cut<Values extends Float32Array | Int8Array | Uint8Array>(
  values: Values,
  stride: number,
  { fieldName, kind }: { readonly fieldName: string; readonly kind: string },
): Values[] {
  if (values.length === 0) return [];
  if (!Number.isInteger(stride) || stride <= 0 || values.length % stride !== 0) {
    throw invalidParameter(
      `the length(${values.length}) of ${kind} data should divide the dim(${stride})`,
      { field: fieldName },
    );
  }
  return Array.from(
    { length: values.length / stride },
    (_, row) => values.subarray(row * stride, (row + 1) * stride) as Values,
  );
}

const PAIR_BYTES = 8;

/** Pairs of a uint32 index and a float32 value. */
export function sparseVector(row: Uint8Array, fieldName: string): Record<number, number> {
  if (row.length % PAIR_BYTES !== 0) {
    throw invalidParameter(`invalid data length in sparse float vector: ${row.length}`, {
      field: fieldName,
    });
  }
  const view = new DataView(row.buffer, row.byteOffset, row.byteLength);
  const vector: Record<number, number> = {};
  for (let at = 0; at < row.length; at += PAIR_BYTES) {
    vector[view.getUint32(at, true)] = view.getFloat32(at + 4, true);
  }
  return vector;
}
