/**
 * Constants against the types of columns: which of them compare, in which form, and Milvus's words
 * for those that do not (utils.go: castValue, canBeComparedDataType, castRangeValue).
 */
import { toMilvusError } from '../base/errors.ts';
import { DataType, dataTypeName } from '../schema/data-type.ts';
import { parseTimestamptz } from '../schema/timestamptz.ts';
import { isList } from './fold.ts';
import { printLiteral } from './literal.ts';
import type { Scalar } from './predicate.ts';
import { FilterProblem, excerpt } from './problem.ts';
import type { Constant, ListConstant } from './template.ts';

type TypeClass = 'bool' | 'integer' | 'floating' | 'text' | 'json' | 'time' | 'other';

export function typeClass(type: DataType | null): TypeClass {
  switch (type) {
    case DataType.Bool:
      return 'bool';
    case DataType.Int8:
    case DataType.Int16:
    case DataType.Int32:
    case DataType.Int64:
      return 'integer';
    case DataType.Float:
    case DataType.Double:
      return 'floating';
    case DataType.String:
    case DataType.VarChar:
      return 'text';
    case DataType.JSON:
      return 'json';
    case DataType.Timestamptz:
      return 'time';
    default:
      return 'other';
  }
}

/** The type Milvus gives to a constant. */
export function constantType(value: Constant): DataType {
  if (isList(value)) return DataType.Array;
  switch (typeof value) {
    case 'bigint':
      return DataType.Int64;
    case 'number':
      return DataType.Double;
    case 'boolean':
      return DataType.Bool;
    default:
      return DataType.VarChar;
  }
}

/** The one type of a list's values, or null when they have several or there are none. */
export function listElementType(value: ListConstant): DataType | null {
  let type: DataType | null = null;
  for (const item of value) {
    const itemType = constantType(item);
    if (type !== null && type !== itemType) return null;
    type = itemType;
  }
  return type;
}

export function constantTypeName(value: Constant): string {
  if (!isList(value)) return dataTypeName(constantType(value));
  const elementType = listElementType(value);
  return `Array[${elementType === null ? 'None' : dataTypeName(elementType)}]`;
}

/** A constant as Milvus prints it in messages. */
export function printConstant(value: Constant): string {
  if (isList(value)) return 'array_val';
  switch (typeof value) {
    case 'bigint':
      return `int64_val:${value}`;
    case 'number':
      return `float_val:${value}`;
    case 'boolean':
      return `bool_val:${value}`;
    default:
      return `string_val:${printLiteral(excerpt(value))}`;
  }
}

/** Whether values of two types may stand on the two sides of a comparison. */
export function areComparable(left: DataType | null, right: DataType | null): boolean {
  const a = typeClass(left);
  const b = typeClass(right);
  if (a === 'json') return true;
  if (a === 'other' || b === 'other') return false;
  if (b === 'json') return a !== 'time';
  const isNumber = a === 'integer' || a === 'floating';
  return isNumber ? b === 'integer' || b === 'floating' : a === b;
}

/** The constant in the form that a column of `type` compares with, or null when there is none. */
export function tryCast(type: DataType, value: Scalar): Scalar | null {
  switch (typeClass(type)) {
    case 'json':
      return value;
    case 'text':
      return typeof value === 'string' ? value : null;
    case 'bool':
      return typeof value === 'boolean' ? value : null;
    case 'integer':
      return typeof value === 'bigint' ? value : null;
    case 'floating':
      return typeof value === 'bigint' || typeof value === 'number'
        ? toFloating(type, value)
        : null;
    default:
      return null;
  }
}

/**
 * Milvus rounds a constant to the width of a Float column, so that `f == 0.1` finds a stored 0.1.
 * Against Double an integer that no double holds stays an integer: it compares by its exact value.
 */
function toFloating(type: DataType, value: bigint | number): bigint | number {
  const near = Number(value);
  if (type === DataType.Float) return Math.fround(near);
  return typeof value === 'bigint' && BigInt(near) !== value ? value : near;
}

/** @throws FilterProblem "cannot cast value to …" */
export function castConstant(type: DataType, value: Constant, at: number): Scalar {
  const cast = isList(value) ? null : tryCast(type, value);
  if (cast !== null) return cast;
  throw new FilterProblem(
    `cannot cast value to ${dataTypeName(type)}, value: ${printConstant(value)}`,
    at,
  );
}

/** A bound of `1 < f < 9`. @throws FilterProblem "invalid range operations…" */
export function castBound(type: DataType, value: Constant, at: number): Scalar {
  if (type === DataType.Bool) {
    throw new FilterProblem('invalid range operations on boolean expr', at);
  }
  const cast = isList(value) ? null : tryCast(type, value);
  if (cast === null || typeof cast === 'boolean') {
    throw new FilterProblem('invalid range operations', at);
  }
  return cast;
}

/** Microseconds of the text of `ISO '…'`. @throws FilterProblem in the words of the time's own reader */
export function readMoment(text: string, timeZone: string, at: number): bigint {
  try {
    return parseTimestamptz(text, timeZone);
  } catch (cause) {
    const message = toMilvusError(cause).message.replace(/: invalid parameter.*$/s, '');
    throw new FilterProblem(message, at);
  }
}
