/**
 * Users' values -> columns, one field at a time. A null is a null row; everything else is checked: type, range,
 * NaN and infinities, bytes of text, elements of arrays, JSON. Nothing is rounded or cut silently but floats to
 * their width. Errors carry Milvus's words and the place of the value.
 */
import { milvusError, MilvusError, withContext } from '../base/errors.ts';
import {
  ARRAY_CAPACITY_MAX,
  JSON_BYTES_MAX,
  JSON_DEPTH_MAX,
  RECORD_BYTES_MAX,
  TEXT_LENGTH_MAX,
  VARCHAR_LENGTH_MAX,
} from '../base/limits.ts';
import { Bitmap } from '../base/bitmap.ts';
import type { FieldSchema } from './collection-schema.ts';
import { columnKind } from './column-layout.ts';
import type { Column, FixedColumn, ListColumn, Validity } from './column.ts';
import { DataType, type DenseVectorType } from './data-type.ts';
import { elementField } from './fields.ts';
import { wktToWkb } from './geometry.ts';
import { isWellFormed, jsonDepth, NotJson, parseJsonText, toJsonText } from './json-text.ts';
import { parseTimestamptz } from './timestamptz.ts';
import { type Locate, notFinite, type Place, refusedValue, wrongType } from './value-error.ts';
import { encodeDenseVectors, encodeSparseVectors } from './vectors.ts';

export interface EncodedBytes {
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
}

/**
 * @param values one a row; null for null rows, which the caller has found to be allowed
 * @param timeZone IANA zone of Timestamptz text without an offset
 * @throws MilvusError ParameterInvalid
 */
export function encodeColumn(
  field: FieldSchema,
  values: readonly unknown[],
  timeZone: string,
  locate: Locate = (row) => ({ field: field.name, row }),
): Column {
  const { type } = field;
  const validity = validityOf(values);
  switch (columnKind(type)) {
    case 'fixed':
      return { kind: 'fixed', type, values: encodeFixed(type, values, timeZone, locate), validity };
    case 'bytes':
      return { kind: 'bytes', type, ...encodeBytes(field, values, locate), validity };
    case 'vector': {
      const shape = { type: type as DenseVectorType, dim: field.dim ?? 0 };
      const vectors = encodeDenseVectors(values, shape, locate);
      return { kind: 'vector', type, dim: shape.dim, values: vectors, validity };
    }
    case 'sparse':
      return { kind: 'sparse', type, ...encodeSparseVectors(values, locate), validity };
    default:
      return { kind: 'list', type, ...encodeLists(field, values, timeZone), validity };
  }
}

/** Bigints within int64 and safe integers. */
export function encodeInt64(values: readonly unknown[], locate: Locate): BigInt64Array {
  const target = new BigInt64Array(values.length);
  const words = new Uint32Array(target.buffer);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === 'bigint') {
      if (value < INT64_MIN || value > INT64_MAX) throw overflow(value, i, INT64_RANGE, locate);
      target[i] = value;
    } else if (Number.isSafeInteger(value)) {
      words[i * 2] = (value as number) >>> 0;
      words[i * 2 + 1] = Math.floor((value as number) / 0x1_0000_0000);
    } else if (value !== null) {
      if (Number.isInteger(value)) throw overflow(value as number, i, SAFE_RANGE, locate);
      throw wrongType(DataType.Int64, value, locate(i));
    }
  }
  return target;
}

/** UTF-8 of texts, each within the length that `field` allows. */
export function encodeText(
  values: readonly unknown[],
  field: FieldSchema,
  locate: Locate,
): EncodedBytes {
  const lengthMax = textLengthMax(field);
  const offsets = new Uint32Array(values.length + 1);
  let end = 0;
  for (let i = 0; i < values.length; i++) {
    const text = values[i];
    if (text !== null) {
      if (typeof text !== 'string') throw wrongType(field.type, text, locate(i));
      const byteLength = Buffer.byteLength(text);
      if (byteLength > lengthMax) throw tooLong(field, byteLength, lengthMax, locate(i));
      if (!isWellFormed(text)) {
        throw refusedValue(
          `text of field ${field.name} has a lone surrogate, which is not UTF-8`,
          locate(i),
        );
      }
      end += byteLength;
      if (end > RECORD_BYTES_MAX) throw tooLarge(field.name, end);
    }
    offsets[i + 1] = end;
  }
  return { offsets, bytes: joinTexts(values, end) };
}

/** The JSON texts of a JSON field or of the dynamic fields, whose size is bounded. */
export function encodeJsonTexts(
  field: FieldSchema,
  texts: readonly (string | null)[],
  locate: Locate,
): EncodedBytes {
  const offsets = new Uint32Array(texts.length + 1);
  let end = 0;
  for (let i = 0; i < texts.length; i++) {
    const text = texts[i]!;
    const byteLength = text === null ? 0 : Buffer.byteLength(text);
    if (byteLength > JSON_BYTES_MAX) throw jsonTooLong(field, byteLength, locate(i));
    end += byteLength;
    if (end > RECORD_BYTES_MAX) throw tooLarge(field.name, end);
    offsets[i + 1] = end;
  }
  return { offsets, bytes: joinTexts(texts, end) };
}

/** JSON text of a value. @throws MilvusError ParameterInvalid when JSON cannot say it */
export function jsonTextOf(value: unknown, place: Place): string {
  try {
    if (!(value instanceof Uint8Array)) return toJsonText(value);
    const text = utf8.decode(value);
    if (jsonDepth(parseJsonText(text), JSON_DEPTH_MAX + 1) > JSON_DEPTH_MAX) {
      throw new NotJson(`JSON nests deeper than ${JSON_DEPTH_MAX}`);
    }
    return text;
  } catch (cause) {
    if (cause instanceof NotJson || cause instanceof SyntaxError || cause instanceof TypeError) {
      throw refusedValue(`json field '${place.field}' is illegal, ${cause.message}`, place);
    }
    throw cause;
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

interface Range {
  readonly low: number | bigint;
  readonly high: number | bigint;
}

const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const INT64_RANGE: Range = { low: INT64_MIN, high: INT64_MAX };
/** Of a number; larger integers are given as bigint. */
const SAFE_RANGE: Range = { low: Number.MIN_SAFE_INTEGER, high: Number.MAX_SAFE_INTEGER };

/** Range of Int8, Int16 and Int32. */
export function integerRange(type: DataType): { readonly low: number; readonly high: number } {
  const half = type === DataType.Int8 ? 2 ** 7 : type === DataType.Int16 ? 2 ** 15 : 2 ** 31;
  return { low: -half, high: half - 1 };
}

function validityOf(values: readonly unknown[]): Validity {
  const first = values.indexOf(null);
  if (first < 0) return null;
  const bitmap = new Bitmap(values.length);
  for (let i = 0; i < values.length; i++) if (values[i] !== null) bitmap.set(i);
  return bitmap.words;
}

function encodeFixed(
  type: DataType,
  values: readonly unknown[],
  timeZone: string,
  locate: Locate,
): FixedColumn['values'] {
  switch (type) {
    case DataType.Bool:
      return encodeBool(values, locate);
    case DataType.Int8:
      return encodeInteger(type, values, new Int8Array(values.length), locate);
    case DataType.Int16:
      return encodeInteger(type, values, new Int16Array(values.length), locate);
    case DataType.Int32:
      return encodeInteger(type, values, new Int32Array(values.length), locate);
    case DataType.Float:
      return encodeFloat(type, values, new Float32Array(values.length), locate);
    case DataType.Double:
      return encodeFloat(type, values, new Float64Array(values.length), locate);
    case DataType.Timestamptz:
      return encodeTimestamps(values, timeZone, locate);
    default:
      return encodeInt64(values, locate);
  }
}

function encodeBool(values: readonly unknown[], locate: Locate): Uint8Array {
  const target = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === 'boolean') target[i] = value ? 1 : 0;
    else if (value !== null) throw wrongType(DataType.Bool, value, locate(i));
  }
  return target;
}

function encodeInteger<Values extends Int8Array | Int16Array | Int32Array>(
  type: DataType,
  values: readonly unknown[],
  target: Values,
  locate: Locate,
): Values {
  const range = integerRange(type);
  for (let i = 0; i < values.length; i++) {
    const given = values[i];
    if (given === null) continue;
    const value = typeof given === 'bigint' ? Number(given) : given;
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      throw wrongType(type, given, locate(i));
    }
    if (value < range.low || value > range.high) throw overflow(value, i, range, locate);
    target[i] = value;
  }
  return target;
}

function encodeFloat<Values extends Float32Array | Float64Array>(
  type: DataType,
  values: readonly unknown[],
  target: Values,
  locate: Locate,
): Values {
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value === null) continue;
    if (typeof value !== 'number') throw wrongType(type, value, locate(i));
    target[i] = value;
    // After rounding to the field's width: a double may be too large for a float.
    if (!Number.isFinite(target[i])) throw notFinite(target[i]!, locate(i));
  }
  return target;
}

function encodeTimestamps(
  values: readonly unknown[],
  timeZone: string,
  locate: Locate,
): BigInt64Array {
  const micros = values.map((value, i) => {
    if (typeof value === 'string') return parseTime(value, timeZone, locate(i));
    if (!(value instanceof Date)) return value;
    if (Number.isNaN(value.getTime())) throw wrongType(DataType.Timestamptz, value, locate(i));
    return BigInt(value.getTime()) * 1000n;
  });
  const wrong = micros.findIndex((value) => typeof value !== 'bigint' && value !== null);
  if (wrong >= 0) throw wrongType(DataType.Timestamptz, values[wrong], locate(wrong));
  return encodeInt64(micros, locate);
}

function parseTime(text: string, timeZone: string, place: Place): bigint {
  try {
    return parseTimestamptz(text, timeZone);
  } catch (cause) {
    if (!(cause instanceof MilvusError)) throw cause;
    throw withContext(
      `field ${place.field}, row ${place.row}: got invalid timestamptz string '${text}'`,
      cause,
    );
  }
}

function encodeBytes(field: FieldSchema, values: readonly unknown[], locate: Locate): EncodedBytes {
  if (field.type === DataType.JSON) {
    const texts = values.map((value, i) => (value === null ? null : jsonTextOf(value, locate(i))));
    return encodeJsonTexts(field, texts, locate);
  }
  if (field.type === DataType.Geometry) return encodeGeometries(values, locate);
  return encodeText(values, field, locate);
}

function encodeGeometries(values: readonly unknown[], locate: Locate): EncodedBytes {
  const offsets = new Uint32Array(values.length + 1);
  let end = 0;
  const parts = values.map((value, i) => {
    const part = value === null ? new Uint8Array(0) : geometryBytes(value, locate(i));
    end += part.length;
    offsets[i + 1] = end;
    return part;
  });
  const bytes = new Uint8Array(end);
  for (const [i, part] of parts.entries()) bytes.set(part, offsets[i]);
  return { offsets, bytes };
}

function geometryBytes(value: unknown, place: Place): Uint8Array {
  if (typeof value !== 'string') throw wrongType(DataType.Geometry, value, place);
  try {
    return wktToWkb(value);
  } catch (cause) {
    if (!(cause instanceof MilvusError)) throw cause;
    throw withContext(`field ${place.field}, row ${place.row}`, cause);
  }
}

/** One write of the texts joined is several times faster than one each. */
function joinTexts(texts: readonly unknown[], byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  const joined = texts.length === 1 ? texts[0] : texts.join('');
  if (typeof joined === 'string') Buffer.from(bytes.buffer).write(joined);
  return bytes;
}

function encodeLists(
  field: FieldSchema,
  values: readonly unknown[],
  timeZone: string,
): { readonly offsets: Uint32Array; readonly elements: ListColumn['elements'] } {
  const offsets = new Uint32Array(values.length + 1);
  const items: unknown[] = [];
  const element = elementField(field);
  const capacity = field.maxCapacity ?? ARRAY_CAPACITY_MAX;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value !== null) {
      const place = { field: field.name, row };
      if (!isList(field, value)) throw wrongType(field.type, value, place);
      if (value.length > capacity) throw tooMany(value.length, capacity, place);
      for (let i = 0; i < value.length; i++) {
        const item = value[i];
        if (item === null || item === undefined) {
          throw wrongType(element.type, item, { ...place, element: i });
        }
        items.push(item);
      }
    }
    offsets[row + 1] = items.length;
  }
  const locate: Locate = (index) => {
    const row = offsets.findIndex((end) => end > index) - 1;
    return { field: field.name, row, element: index - offsets[row]! };
  };
  const elements = encodeColumn(element, items, timeZone, locate);
  return { offsets, elements: elements as ListColumn['elements'] };
}

function isList(field: FieldSchema, value: unknown): value is ArrayLike<unknown> {
  if (Array.isArray(value)) return true;
  return field.type === DataType.Array && ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function textLengthMax(field: FieldSchema): number {
  if (field.type === DataType.Text) return field.maxLength ?? TEXT_LENGTH_MAX;
  // Generated keys need not fit the user's length, as in Milvus.
  if (field.autoId) return VARCHAR_LENGTH_MAX;
  return field.maxLength ?? VARCHAR_LENGTH_MAX;
}

function overflow(
  value: number | bigint,
  index: number,
  range: Range,
  locate: Locate,
): MilvusError {
  const place = locate(index);
  const nth = place.element ?? place.row;
  const message = `the ${nth}th element (${value}) out of range: [${range.low}, ${range.high}]`;
  return refusedValue(message, place, {
    expected: "integer doesn't overflow",
    actual: 'out of range',
  });
}

function tooLong(
  field: FieldSchema,
  byteLength: number,
  lengthMax: number,
  place: Place,
): MilvusError {
  const { name } = field;
  const bounds = `length: ${byteLength}, max length: ${lengthMax}`;
  if (place.element !== undefined) {
    return refusedValue(
      `length of Array array field "${name}" exceeds max length, row number: ${place.row}, array index: ${place.element}, ${bounds}`,
      place,
    );
  }
  const word = field.type === DataType.Text ? 'text' : 'varchar';
  return refusedValue(
    `length of ${word} field ${name} exceeds max length, row number: ${place.row}, ${bounds}`,
    place,
  );
}

export function jsonTooLong(field: FieldSchema, byteLength: number, place: Place): MilvusError {
  const what = field.isDynamic ? 'dynamic field' : `json field (${field.name})`;
  const message = `the length (${byteLength}) of ${what} exceeds max length (${JSON_BYTES_MAX})`;
  const expected = field.isDynamic ? 'valid length dynamic field' : 'valid length json string';
  return refusedValue(message, place, { expected, actual: 'length exceeds max length' });
}

function tooMany(length: number, capacity: number, place: Place): MilvusError {
  const message = `the length (${length}) of ${place.row}th array exceeds max capacity (${capacity})`;
  return refusedValue(message, place, {
    expected: 'valid length array',
    actual: 'array length exceeds max capacity',
  });
}

function tooLarge(field: string, byteLength: number): MilvusError {
  const message = `the rows have more than ${byteLength} bytes of field ${field}, at most ${RECORD_BYTES_MAX} are allowed`;
  return milvusError('EntityTooLarge', { message, fields: { field, maximum: RECORD_BYTES_MAX } });
}
