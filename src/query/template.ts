/**
 * Values for the `{name}` places of a filter, checked once: what a caller may hand in becomes the
 * constants of predicate.ts. An integral number is an integer, any other number a double; a typed
 * array says by its own type which it is.
 */
import { FILTER_LIST_MAX } from '../base/limits.ts';
import { INT64_MAX, INT64_MIN } from './literal.ts';
import type { Scalar } from './predicate.ts';
import { FilterProblem, nearestName } from './problem.ts';

/** One value of a parameter. */
export type ParameterValue =
  | Scalar
  | readonly Scalar[]
  | BigInt64Array
  | Int32Array
  | Float64Array
  | Float32Array;

export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** A constant of a filter: one value, or the values of a list. Typed arrays are used as they are. */
export type Constant = Scalar | readonly Scalar[] | BigInt64Array | Float64Array;

/** @throws FilterProblem when there is no such parameter or its value is none that a filter knows */
export function parameterValue(values: ParameterValues, name: string, at: number): Constant {
  if (!Object.hasOwn(values, name)) {
    throw new FilterProblem(
      `the value of expression template variable name {${name}} is not found${nearestName(name, Object.keys(values))}`,
      at,
    );
  }
  const value: unknown = values[name];
  if (value === null || value === undefined) {
    throw new FilterProblem(`the value of expression template variable {${name}} is nil`, at);
  }
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return scalarValue(value, name, at);
  const list = value as readonly unknown[];
  if (list.length > FILTER_LIST_MAX) {
    throw new FilterProblem(
      `the value of expression template variable {${name}} has ${list.length} values, at most ${FILTER_LIST_MAX} are allowed`,
      at,
    );
  }
  if (value instanceof BigInt64Array) return value;
  if (value instanceof Float64Array) {
    for (let i = 0; i < value.length; i++) scalarValue(value[i], name, at);
    return value;
  }
  if (value instanceof Float32Array) {
    return parameterValue({ [name]: Float64Array.from(value) }, name, at);
  }
  if (value instanceof Int32Array) return BigInt64Array.from(value, BigInt);
  return listValue(list, name, at);
}

/** A list of safe integers, by far the commonest of the long ones, becomes a typed array at once. */
function listValue(list: readonly unknown[], name: string, at: number): Constant {
  const integers = new BigInt64Array(list.length);
  for (let i = 0; i < list.length; i++) {
    const item = scalarValue(list[i], name, at);
    if (typeof item !== 'bigint') return list.map((each) => scalarValue(each, name, at));
    integers[i] = item;
  }
  return list.length === 0 ? [] : integers;
}

function scalarValue(value: unknown, name: string, at: number): Scalar {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value;
    case 'number':
      if (Number.isSafeInteger(value) && !Object.is(value, -0)) return BigInt(value);
      if (Number.isFinite(value)) return value;
      break;
    case 'bigint':
      if (value >= INT64_MIN && value <= INT64_MAX) return value;
      break;
    default:
  }
  throw new FilterProblem(
    `the value of expression template variable {${name}} is ${describe(value)}, expected a boolean, an int64, a finite double, text or a list of these`,
    at,
  );
}

function describe(value: unknown): string {
  return typeof value === 'bigint' || typeof value === 'number' ? String(value) : typeof value;
}
