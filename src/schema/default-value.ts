/** Default values: from what the user gives to the form that the field's column holds. */
import { invalidParameter, MilvusError, withContext } from '../base/errors.ts';
import { VARCHAR_LENGTH_MAX } from '../base/limits.ts';
import type { DefaultValue, FieldSchema } from './collection-schema.ts';
import { DataType, dataTypeName, isVector } from './data-type.ts';
import { wktToWkb } from './geometry.ts';
import { isWellFormed } from './json-text.ts';
import { parseTimestamptz } from './timestamptz.ts';
import { integerRange } from './value-encoders.ts';

export type GivenDefault = boolean | number | bigint | string;

/**
 * @param timeZone IANA zone of a Timestamptz default without an offset
 * @throws MilvusError ParameterInvalid
 */
export function normalizeDefault(
  field: FieldSchema,
  value: GivenDefault,
  timeZone: string,
): DefaultValue {
  const { type, name } = field;
  const about = `type:${dataTypeName(type)}, name:${name}`;
  if (field.isPrimaryKey) {
    throw invalidParameter(`primary field not support default_value, ${about}`);
  }
  if (type === DataType.Array || type === DataType.JSON || isVector(type)) {
    throw invalidParameter(`type not support default_value, ${about}`);
  }
  const normalized = converted(field, value, timeZone);
  if (normalized === null) {
    throw invalidParameter(
      `type (${dataTypeName(type)}) of field (${name}) is not equal to the type(${typeOf(value)}) of default_value`,
    );
  }
  return normalized;
}

/** Null when the value is of another type than the field. */
function converted(field: FieldSchema, value: GivenDefault, timeZone: string): DefaultValue | null {
  switch (field.type) {
    case DataType.Bool:
      return typeof value === 'boolean' ? value : null;
    case DataType.Int8:
    case DataType.Int16:
    case DataType.Int32:
      return smallInteger(field.type, value);
    case DataType.Int64:
      return largeInteger(value);
    case DataType.Float:
    case DataType.Double:
      return typeof value === 'number' ? finite(field, value) : null;
    case DataType.VarChar:
      return typeof value === 'string' ? boundedText(field, value) : null;
    case DataType.Timestamptz:
      return typeof value === 'string' ? parseTimestamptz(value, timeZone) : null;
    case DataType.Geometry:
      return typeof value === 'string' ? geometry(value) : null;
    default:
      return null;
  }
}

function smallInteger(type: DataType, value: GivenDefault): number | null {
  const integer = typeof value === 'bigint' ? Number(value) : value;
  if (typeof integer !== 'number' || !Number.isInteger(integer)) return null;
  const { low, high } = integerRange(type);
  if (integer < low || integer > high) throw outOfRange(value, low, high);
  return integer;
}

function largeInteger(value: GivenDefault): bigint | null {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : null;
  if (typeof value !== 'bigint') return null;
  const [low, high] = [-(2n ** 63n), 2n ** 63n - 1n];
  if (value < low || value > high) throw outOfRange(value, low, high);
  return value;
}

function finite(field: FieldSchema, value: number): number {
  const rounded = field.type === DataType.Float ? Math.fround(value) : value;
  if (!Number.isFinite(rounded)) {
    throw invalidParameter(`value '${rounded}' is not a number or infinity`, { field: field.name });
  }
  // JSON at rest has no negative zero.
  return rounded === 0 ? 0 : rounded;
}

function boundedText(field: FieldSchema, text: string): string {
  const length = Buffer.byteLength(text);
  const maximum = field.maxLength ?? VARCHAR_LENGTH_MAX;
  if (length > maximum) {
    throw invalidParameter(`the length (${length}) of string exceeds max length (${maximum})`, {
      expected: 'valid length string',
      actual: 'string length exceeds max length',
    });
  }
  if (!isWellFormed(text)) {
    throw invalidParameter(
      `default_value of field ${field.name} has a lone surrogate, which is not UTF-8`,
    );
  }
  return text;
}

function geometry(text: string): string {
  try {
    wktToWkb(text);
  } catch (cause) {
    if (!(cause instanceof MilvusError)) throw cause;
    throw withContext('invalid default value for geometry field', cause);
  }
  return text;
}

/** Milvus's form of a range error has no keys in its brackets. */
function outOfRange(value: GivenDefault, low: number | bigint, high: number | bigint): MilvusError {
  const range = `[${String(value)} out of range ${low} <= value <= ${high}]`;
  return new MilvusError(
    'ParameterInvalid',
    `default value out of range: invalid parameter${range}`,
    {},
  );
}

function typeOf(value: GivenDefault): string {
  if (typeof value === 'boolean') return 'DataType_Bool';
  if (typeof value === 'string') return 'DataType_VarChar';
  const isInteger = typeof value === 'bigint' || Number.isInteger(value);
  return isInteger ? 'DataType_Int64' : 'DataType_Double';
}
