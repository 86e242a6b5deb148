/**
 * Columns of an answer -> rows as JSON says them. Source: Milvus
 * `internal/distributed/proxy/httpserver/utils.go`, buildQueryResp.
 *
 *   Int64                    number, or text where the client asks for it
 *   float vectors            list of numbers
 *   other dense vectors      base64 of their bytes
 *   sparse vectors           { index: value }
 *   JSON                     its text
 *   Array                    { "Data": { "LongData": { "data": [ … ] } } }
 *   array of structs         list of objects
 *   dynamic field            its keys beside the fields: those that were asked for, or all
 */
import { DataType, type DenseVectorType, isVector, vectorByteLength } from '../schema/data-type.ts';
import { parseJsonText } from '../schema/json-text.ts';
import { textAt } from '../wire/byte-lists.ts';
import type { FieldData, IDs, ScalarField, VectorField } from '../wire/generated/milvus.ts';
import { isObject } from '../imports/given-rows.ts';
import { shortFloat } from './json-write.ts';

export type OutputRow = Record<string, unknown>;

export interface OutputColumns {
  readonly rowCount: number;
  readonly fields: readonly FieldData[];
  /** Names as the request gave them, `*` spelt out. */
  readonly outputFields: readonly string[];
  readonly allowsInt64: boolean;
}

/** The value of a row. */
type Cell = (row: number) => unknown;

export function outputRows(columns: OutputColumns): OutputRow[] {
  const { rowCount, fields, allowsInt64 } = columns;
  const rows = Array.from({ length: rowCount }, (): OutputRow => ({}));
  const names = new Set(fields.filter((one) => !one.isDynamic).map((one) => one.fieldName));
  const dynamicNames = new Set(columns.outputFields.filter((name) => !names.has(name)));
  for (const field of fields) {
    const cell = cellOf(field, allowsInt64);
    for (const [i, row] of rows.entries()) {
      if (field.isDynamic) addDynamic(row, cell(i), { field, dynamicNames });
      else setOwn(row, field.fieldName, cell(i));
    }
  }
  return rows;
}

/** Rows of a column of integers or texts, as keys and counts are. */
export function scalarCount({ scalars }: FieldData): number {
  const texts = scalars?.stringData ?? null;
  if (texts !== null) return texts.data.offsets.length - 1;
  return scalars?.longData?.data.length ?? 0;
}

/** The keys, one a row. */
export function outputKeys(ids: IDs | null, allowsInt64: boolean): unknown[] {
  if (ids === null) return [];
  const { intId, strId } = ids;
  if (intId !== null) return Array.from(intId.data, (id) => longOf(id, allowsInt64));
  if (strId === null) return [];
  const { data } = strId;
  return Array.from({ length: data.offsets.length - 1 }, (_, i) => textAt(data, i));
}

function longOf(value: bigint, allowsInt64: boolean): unknown {
  return allowsInt64 ? value : String(value);
}

/** An own property, whatever its name. */
function setOwn(row: OutputRow, name: string, value: unknown): void {
  Object.defineProperty(row, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function addDynamic(
  row: OutputRow,
  value: unknown,
  { field, dynamicNames }: { readonly field: FieldData; readonly dynamicNames: Set<string> },
): void {
  if (typeof value !== 'string') return;
  const object = parseJsonText(value);
  if (!isObject(object)) return;
  const wantsAll = dynamicNames.has(field.fieldName);
  for (const [key, member] of Object.entries(object)) {
    if (wantsAll || dynamicNames.has(key)) setOwn(row, key, member);
  }
}

function cellOf(field: FieldData, allowsInt64: boolean): Cell {
  const { scalars, vectors, structArrays, validData } = field;
  if (structArrays !== null) return structCell(structArrays.fields);
  const isThere = (row: number): boolean => validData.length === 0 || validData[row] === 1;
  if (vectors !== null) {
    const cell = vectorCell(field.type, vectors);
    const places = vectorPlaces(validData);
    return (row) => (isThere(row) ? cell(places[row] ?? row) : null);
  }
  const cell = scalars === null ? () => null : scalarCell(scalars, allowsInt64);
  return (row) => (isThere(row) ? cell(row) : null);
}

/** Vectors are sent of those rows only that have one; lists of vectors are sent of every row. */
function vectorPlaces(validData: Uint8Array): Uint32Array {
  const places = new Uint32Array(validData.length);
  let place = 0;
  for (const [row, isThere] of validData.entries()) {
    places[row] = place;
    place += isThere;
  }
  return places;
}

function scalarCell(scalars: ScalarField, allowsInt64: boolean): Cell {
  const { boolData, intData, longData, floatData, doubleData, arrayData } = scalars;
  if (boolData !== null) return (row) => boolData.data[row] === 1;
  if (intData !== null) return (row) => intData.data[row];
  if (longData !== null) return (row) => longOf(longData.data[row] ?? 0n, allowsInt64);
  if (floatData !== null) return (row) => shortFloat(floatData.data[row] ?? 0);
  if (doubleData !== null) return (row) => doubleData.data[row];
  if (arrayData !== null) {
    return (row) => {
      const list = arrayData.data[row];
      return list === undefined ? null : { Data: arrayMessage(list) };
    };
  }
  const texts = scalars.stringData ?? scalars.jsonData ?? scalars.geometryWktData;
  if (texts !== null) return (row) => textAt(texts.data, row);
  return () => null;
}

/** The elements of one row, under the name of their kind. */
function arrayMessage(list: ScalarField): OutputRow {
  const kinds = {
    BoolData: list.boolData,
    IntData: list.intData,
    LongData: list.longData,
    FloatData: list.floatData,
    DoubleData: list.doubleData,
    StringData: list.stringData,
  };
  const [name] = Object.entries(kinds).find(([, data]) => data !== null) ?? ['LongData'];
  return { [name]: { data: elementsOf(list) } };
}

function elementsOf(list: ScalarField): unknown[] {
  const { boolData, floatData, stringData } = list;
  if (boolData !== null) return Array.from(boolData.data, (bit) => bit === 1);
  if (floatData !== null) return Array.from(floatData.data, shortFloat);
  if (stringData !== null) {
    const { data } = stringData;
    return Array.from({ length: data.offsets.length - 1 }, (_, i) => textAt(data, i));
  }
  const numbers = list.intData ?? list.longData ?? list.doubleData;
  return numbers === null ? [] : Array.from(numbers.data as Float64Array);
}

function vectorCell(type: number, vectors: VectorField): Cell {
  const dim = Number(vectors.dim);
  const { floatVector, sparseFloatVector } = vectors;
  if (sparseFloatVector !== null) {
    return (row) => sparseObject(sparseFloatVector.contents[row] ?? new Uint8Array(0));
  }
  if (floatVector !== null) return (row) => floatVector.data.subarray(row * dim, (row + 1) * dim);
  const bytes =
    vectors.binaryVector ??
    vectors.float16Vector ??
    vectors.bfloat16Vector ??
    vectors.int8Vector ??
    new Uint8Array(0);
  const stride = isVector(type as DataType) ? vectorByteLength(type as DenseVectorType, dim) : 0;
  return (row) => bytes.subarray(row * stride, (row + 1) * stride);
}

const PAIR_BYTES = 8;

function sparseObject(bytes: Uint8Array): OutputRow {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const object: OutputRow = {};
  for (let at = 0; at < bytes.length; at += PAIR_BYTES) {
    object[view.getUint32(at, true)] = shortFloat(view.getFloat32(at + 4, true));
  }
  return object;
}

/** Elements of all sub-fields beside each other. */
function structCell(fields: readonly FieldData[]): Cell {
  return (row) => {
    const lists = fields.map((field) => [field.fieldName, structElements(field, row)] as const);
    if (lists.some(([, list]) => list === null)) return null;
    const length = Math.max(0, ...lists.map(([, list]) => list?.length ?? 0));
    return Array.from({ length }, (_, i) => {
      const object: OutputRow = {};
      for (const [name, list] of lists) setOwn(object, name, list?.[i] ?? null);
      return object;
    });
  };
}

function structElements(field: FieldData, row: number): unknown[] | null {
  const { validData, scalars, vectors } = field;
  if (validData.length > 0 && validData[row] !== 1) return null;
  if (vectors !== null) {
    const list = vectors.vectorArray?.data[row];
    if (list === undefined) return [];
    const elementType = vectors.vectorArray?.elementType ?? DataType.FloatVector;
    const cell = vectorCell(elementType, list);
    return Array.from({ length: vectorCount(list, elementType) }, (_, i) => cell(i));
  }
  const list = scalars?.arrayData?.data[row];
  return list === undefined ? [] : elementsOf(list);
}

function vectorCount(list: VectorField, elementType: number): number {
  const dim = Number(list.dim);
  if (dim === 0) return 0;
  if (list.floatVector !== null) return list.floatVector.data.length / dim;
  const bytes =
    list.binaryVector ?? list.float16Vector ?? list.bfloat16Vector ?? list.int8Vector ?? null;
  if (bytes === null) return 0;
  return bytes.length / vectorByteLength(elementType as DenseVectorType, dim);
}
