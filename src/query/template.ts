/**
 * Values for the `{name}` places of a filter, checked once: what a caller may hand in becomes the
 * constants of predicate.ts. An integral number is an integer, -0 is 0, any other number a double;
 * typed arrays and `{ floating }` say which they are.
 */
import { FILTER_DEPTH_MAX, FILTER_LIST_MAX } from '../base/limits.ts';
import { INT64_MAX, INT64_MIN, textOfUtf8 } from './literal.ts';
import type { ListValue, Scalar } from './predicate.ts';
import { FilterProblem, nearestName } from './problem.ts';

/** A double that stays one also where it is integral: `{ floating: 2 }` is the `2.0` of a filter's text. */
export interface FloatingValue {
  readonly floating: number;
}

/** Values of a parameter's list; lists inside it are for JSON. */
export type ParameterList = readonly (Scalar | Uint8Array | FloatingValue | ParameterList)[];

/** One value of a parameter; bytes are a text in UTF-8. */
export type ParameterValue =
  | Scalar
  | Uint8Array
  | FloatingValue
  | ParameterList
  | BigInt64Array
  | Int32Array
  | Float64Array
  | Float32Array;

export type ParameterValues = Readonly<Record<string, ParameterValue>>;

/** A constant of a filter: one value, or the values of a list. Typed arrays are used as they are. */
export type Constant = Scalar | ListConstant;

export type ListConstant = ListValue | BigInt64Array | Float64Array;

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
  if (value instanceof Uint8Array || !(Array.isArray(value) || ArrayBuffer.isView(value))) {
    return scalarValue(value, name, at);
  }
  const list = value as readonly unknown[];
  if (list.length > FILTER_LIST_MAX) {
    throw new FilterProblem(
      `the value of expression template variable {${name}} has ${list.length} values, at most ${FILTER_LIST_MAX} are allowed`,
      at,
    );
  }
  if (value instanceof BigInt64Array) return value;
  if (value instanceof Float64Array) {
    for (let i = 0; i < value.length; i++) {
      if (!Number.isFinite(value[i])) throw wrongValue(value[i], name, at);
    }
    return value;
  }
  if (value instanceof Float32Array) {
    return parameterValue({ [name]: Float64Array.from(value) }, name, at);
  }
  if (value instanceof Int32Array) return BigInt64Array.from(value, BigInt);
  return listValue(list, name, at);
}

/** A list of integers, by far the commonest of the long ones, becomes a typed array at once. */
function listValue(list: readonly unknown[], name: string, at: number): Constant {
  const integers = new BigInt64Array(list.length);
  for (let i = 0; i < list.length; i++) {
    const item = list[i];
    const value = Array.isArray(item) ? null : scalarValue(item, name, at);
    if (typeof value !== 'bigint') return new ListReader(name, at).read(list, 0);
    integers[i] = value;
  }
  return list.length === 0 ? [] : integers;
}

/** Lists of several classes and lists inside lists, all of whose values count against one bound. */
class ListReader {
  private readonly name: string;
  private readonly at: number;
  private count = 0;

  constructor(name: string, at: number) {
    this.name = name;
    this.at = at;
  }

  read(list: readonly unknown[], depth: number): ListValue {
    const { name, at } = this;
    this.count += list.length;
    if (this.count > FILTER_LIST_MAX) {
      throw new FilterProblem(
        `the value of expression template variable {${name}} has more than ${FILTER_LIST_MAX} values`,
        at,
      );
    }
    if (depth > FILTER_DEPTH_MAX) {
      throw new FilterProblem(
        `the value of expression template variable {${name}} is nested deeper than ${FILTER_DEPTH_MAX} levels`,
        at,
      );
    }
    return list.map((item: unknown) =>
      Array.isArray(item) ? this.read(item, depth + 1) : scalarValue(item, name, at),
    );
  }
}

function scalarValue(value: unknown, name: string, at: number): Scalar {
  switch (typeof value) {
    case 'boolean':
    case 'string':
      return value;
    case 'number':
      if (Number.isSafeInteger(value)) return BigInt(value);
      if (Number.isFinite(value)) return value;
      break;
    case 'bigint':
      if (value >= INT64_MIN && value <= INT64_MAX) return value;
      break;
    default: {
      const text = value instanceof Uint8Array ? textOfUtf8(value) : null;
      if (text !== null) return text;
      if (isFloating(value) && Number.isFinite(value.floating)) return value.floating;
    }
  }
  throw wrongValue(value, name, at);
}

export function isFloating(value: unknown): value is FloatingValue {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'floating'))
    return false;
  return typeof Reflect.get(value, 'floating') === 'number';
}

function wrongValue(value: unknown, name: string, at: number): FilterProblem {
  return new FilterProblem(
    `the value of expression template variable {${name}} is ${describe(value)}, expected a boolean, an int64, a finite double, text, bytes of text or a list of these`,
    at,
  );
}

function describe(value: unknown): string {
  if (value instanceof Uint8Array) return 'bytes that are no UTF-8';
  if (isFloating(value)) return String(value.floating);
  return typeof value === 'bigint' || typeof value === 'number' ? String(value) : typeof value;
}
