/** How a refused value is reported: Milvus's sentence, then expected and actual, then field and row. */
import { type ErrorFields, type MilvusError, invalidParameter } from '../base/errors.ts';
import { dataTypeName } from './data-type.ts';
import type { DataType } from './data-type.ts';

/** Finds the place of a value from its index in the values being encoded; only called when one is refused. */
export type Locate = (index: number) => Place;

/** Where a value stands in the user's rows. */
export interface Place {
  readonly field: string;
  readonly row: number;
  /** Index in an Array or struct array. */
  readonly element?: number;
}

/** An `invalid parameter` that says where. */
export function refusedValue(
  message: string,
  place: Place,
  bounds: { readonly expected?: string | number; readonly actual?: string | number } = {},
): MilvusError {
  const fields: Record<string, string | number> = { ...bounds, field: place.field, row: place.row };
  if (place.element !== undefined) fields['element'] = place.element;
  return invalidParameter(message, fields satisfies ErrorFields);
}

/** A value of another type than its field. */
export function wrongType(type: DataType, value: unknown, place: Place): MilvusError {
  // As pymilvus prints its types: float_vector, sparse_float_vector, varchar, int64.
  const expected = dataTypeName(type)
    .replaceAll(/(?<=[a-z\d])(?=Float|Vector)/g, '_')
    .toLowerCase();
  const actual = describeType(value);
  const message = `The Input data type is inconsistent with defined schema, {${place.field}} field should be a ${expected}, but got a {${actual}} instead`;
  return refusedValue(message, place, { expected, actual });
}

/** NaN or an infinity, in Milvus's words. */
export function notFinite(value: number, place: Place): MilvusError {
  return refusedValue(`value '${printFloat(value)}' is not a number or infinity`, place);
}

/** What a value is, for a message: `string`, `null`, `Float32Array` … */
export function describeType(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === 'Object' ? 'object' : tag;
}

function printFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}
