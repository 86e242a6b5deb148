/**
 * Columns of an answer -> FieldData. Numbers, texts and vectors go out as they lie in memory. A null row of
 * a scalar has a value that nobody looks at; a null vector has none, since only those that are there are
 * sent. Timestamptz goes out as ISO text or as numbers of its parts, Geometry as WKT.
 * Source: Milvus `pkg/util/typeutil/schema.go`, `internal/proxy/util.go`.
 */
import { must } from '../base/assert.ts';
import type {
  CollectionSchema,
  FieldSchema,
  StructFieldSchema,
} from '../schema/collection-schema.ts';
import { missingColumn, takeRows } from '../schema/column-builder.ts';
import { columnRowCount, isValid, vectorStride } from '../schema/column-layout.ts';
import type {
  BytesColumn,
  Column,
  ColumnBatch,
  FixedColumn,
  ListColumn,
  SparseColumn,
  VectorColumn,
} from '../schema/column.ts';
import { DataType } from '../schema/data-type.ts';
import { structSubFields, subFieldName } from '../schema/fields.ts';
import { type TimePart, timeParts } from '../schema/timestamptz.ts';
import { decodeColumn } from '../schema/value-decoders.ts';
import { byteListOf } from '../wire/byte-lists.ts';
import type { FieldData, IDs, ScalarField, VectorField } from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';

export interface EncodeContext {
  readonly schema: CollectionSchema;
  readonly batch: ColumnBatch;
  /** IANA zone in which Timestamptz is written. */
  readonly timeZone: string;
  /** Of each Timestamptz only these, as an array of int64. Default: none, which is text. */
  readonly timeParts?: readonly TimePart[];
}

export function fieldData(field: FieldSchema, context: EncodeContext): Init<FieldData> {
  const { batch } = context;
  const column = batch.columns.get(field.id) ?? missingColumn(field, batch.rowCount);
  const parts = context.timeParts ?? [];
  const data =
    field.type === DataType.Timestamptz && parts.length > 0 && column.kind === 'fixed'
      ? timePartsData(field, column, { timeZone: context.timeZone, parts })
      : columnData(field, column, context.timeZone);
  return { ...data, fieldName: field.name };
}

/** A struct array as its sub-fields, under their own names. */
export function structData(
  struct: StructFieldSchema,
  subFields: readonly FieldSchema[],
  context: EncodeContext,
): Init<FieldData> {
  const wanted = subFields.length === 0 ? structSubFields(context.schema, struct) : subFields;
  return {
    type: DataType.ArrayOfStruct,
    fieldName: struct.name,
    fieldId: BigInt(struct.id),
    structArrays: {
      fields: wanted.map((field) => ({
        ...fieldData(field, context),
        fieldName: subFieldName(field),
      })),
    },
  };
}

export function idsMessage(keys: Column): Init<IDs> {
  if (keys.kind === 'bytes') return { strId: { data: keys } };
  return { intId: { data: (keys as FixedColumn).values as BigInt64Array } };
}

function columnData(field: FieldSchema, column: Column, timeZone: string): Init<FieldData> {
  const rowCount = columnRowCount(column);
  const common = {
    type: field.type,
    fieldId: BigInt(field.id),
    isDynamic: field.isDynamic,
    ...validData(column, rowCount),
  };
  switch (column.kind) {
    case 'vector':
      return { ...common, vectors: denseMessage(withoutNulls(column, rowCount)) };
    case 'sparse':
      return { ...common, vectors: sparseMessage(withoutNulls(column, rowCount)) };
    case 'list':
      return { ...common, ...listMessage(field, column) };
    default:
      return { ...common, scalars: scalarMessage(column, timeZone) };
  }
}

/** What Milvus answers to `time_fields`: the field is an Array. */
function timePartsData(
  field: FieldSchema,
  column: FixedColumn,
  { timeZone, parts }: { readonly timeZone: string; readonly parts: readonly TimePart[] },
): Init<FieldData> {
  const data = Array.from(column.values as BigInt64Array, (micros) => ({
    longData: { data: timeParts(micros, timeZone, parts) },
  }));
  return {
    type: DataType.Array,
    fieldId: BigInt(field.id),
    ...validData(column, data.length),
    scalars: { arrayData: { data, elementType: DataType.Int64 } },
  };
}

function validData({ validity }: Column, rowCount: number): Pick<Init<FieldData>, 'validData'> {
  if (validity === null) return {};
  return {
    validData: Uint8Array.from({ length: rowCount }, (_, row) => (isValid(validity, row) ? 1 : 0)),
  };
}

function withoutNulls<C extends VectorColumn | SparseColumn>(column: C, rowCount: number): C {
  const { validity } = column;
  if (validity === null) return column;
  const rows = Uint32Array.from({ length: rowCount }, (_, row) => row).filter((row) =>
    isValid(validity, row),
  );
  return takeRows(column, rows) as C;
}

function scalarMessage(column: FixedColumn | BytesColumn, timeZone: string): Init<ScalarField> {
  return column.kind === 'fixed' ? fixedMessage(column, timeZone) : bytesMessage(column, timeZone);
}

function fixedMessage(column: FixedColumn, timeZone: string): Init<ScalarField> {
  const { type, values } = column;
  switch (type) {
    case DataType.Bool:
      return { boolData: { data: values as Uint8Array } };
    case DataType.Int64:
      return { longData: { data: values as BigInt64Array } };
    case DataType.Float:
      return { floatData: { data: values as Float32Array } };
    case DataType.Double:
      return { doubleData: { data: values as Float64Array } };
    case DataType.Timestamptz:
      return { stringData: { data: byteListOf(textsOf(column, timeZone)) } };
    default:
      return { intData: { data: Int32Array.from(values as Int32Array) } };
  }
}

function bytesMessage(column: BytesColumn, timeZone: string): Init<ScalarField> {
  switch (column.type) {
    case DataType.JSON:
      return { jsonData: { data: column } };
    case DataType.Geometry:
      return { geometryWktData: { data: byteListOf(textsOf(column, timeZone)) } };
    default:
      return { stringData: { data: column } };
  }
}

function textsOf(column: Column, timeZone: string): string[] {
  return decodeColumn(column, timeZone).map((text) => (typeof text === 'string' ? text : ''));
}

function denseMessage({ type, dim, values }: VectorColumn): Init<VectorField> {
  const message = { dim: BigInt(dim) };
  if (values instanceof Float32Array) return { ...message, floatVector: { data: values } };
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  switch (type) {
    case DataType.BinaryVector:
      return { ...message, binaryVector: bytes };
    case DataType.Int8Vector:
      return { ...message, int8Vector: bytes };
    case DataType.Float16Vector:
      return { ...message, float16Vector: bytes };
    default:
      return { ...message, bfloat16Vector: bytes };
  }
}

const PAIR_BYTES = 8;

function sparseMessage({ offsets, indices, values }: SparseColumn): Init<VectorField> {
  let dim = 0;
  const contents = Array.from({ length: offsets.length - 1 }, (_, row) => {
    const start = offsets[row] ?? 0;
    const end = offsets[row + 1] ?? start;
    const bytes = new Uint8Array((end - start) * PAIR_BYTES);
    const view = new DataView(bytes.buffer);
    for (let i = start; i < end; i++) {
      const index = must(indices[i], 'a pair has an index');
      view.setUint32((i - start) * PAIR_BYTES, index, true);
      view.setFloat32((i - start) * PAIR_BYTES + 4, must(values[i], 'a pair has a value'), true);
      dim = Math.max(dim, index + 1);
    }
    return bytes;
  });
  return { dim: BigInt(dim), sparseFloatVector: { contents, dim: BigInt(dim) } };
}

function listMessage(field: FieldSchema, column: ListColumn): Init<FieldData> {
  const { offsets, elements } = column;
  const rows = Array.from({ length: offsets.length - 1 }, (_, row) =>
    elementRows(elements, offsets[row] ?? 0, offsets[row + 1] ?? 0),
  );
  const elementType = elements.type;
  if (elements.kind === 'vector') {
    const data = rows.map((row) => denseMessage(row as VectorColumn));
    const dim = BigInt(field.dim ?? 0);
    return { vectors: { dim, vectorArray: { dim, data, elementType } } };
  }
  const data = rows.map((row) => scalarMessage(row as FixedColumn | BytesColumn, 'UTC'));
  return { scalars: { arrayData: { data, elementType } } };
}

/** Elements [start, end) of the elements of a list, which are never null. */
function elementRows(elements: ListColumn['elements'], start: number, end: number): Column {
  if (elements.kind === 'bytes') {
    return { ...elements, offsets: elements.offsets.subarray(start, end + 1) };
  }
  const stride = elements.kind === 'vector' ? vectorStride(elements.type, elements.dim) : 1;
  return { ...elements, values: elements.values.subarray(start * stride, end * stride) } as Column;
}
