/**
 * JSON values <-> JSON text with exact int64: integers outside ±(2^53 - 1) that fit in int64 are bigint in
 * memory, also when they were written from a number: text does not tell the two apart. A value that JSON cannot
 * say (NaN, a function, a cycle, a lone surrogate) is refused, never changed; so is a bigint beyond int64, which
 * would be read back as the nearest number. A number beyond int64, and such digits in text, are numbers.
 */
import { JSON_DEPTH_MAX } from '../base/limits.ts';

/** What is wrong with a value; the caller knows its field and row. */
export class NotJson extends Error {
  override readonly name = 'NotJson';
}

/** @throws NotJson */
export function toJsonText(value: unknown): string {
  const hasBigInt = checkValue(value, 0);
  const text = hasBigInt ? JSON.stringify(value, rawBigInt) : JSON.stringify(value);
  if (typeof text !== 'string') throw new NotJson(`${typeof value} is not a JSON value`);
  return text;
}

/** @throws SyntaxError when `text` is not JSON */
export function parseJsonText(text: string): unknown {
  // Only long runs of digits can be integers that a number does not hold.
  return LONG_INTEGER.test(text) ? JSON.parse(text, exactInteger) : JSON.parse(text);
}

/** Nesting of a parsed value: 0 of a scalar. Stops counting at `limit`. */
export function jsonDepth(value: unknown, limit: number): number {
  if (typeof value !== 'object' || value === null || limit === 0) return 0;
  let deepest = 0;
  for (const member of Object.values(value)) {
    deepest = Math.max(deepest, jsonDepth(member, limit - 1));
  }
  return deepest + 1;
}

/** Lone surrogates have no UTF-8. */
export function isWellFormed(text: string): boolean {
  return (text as unknown as { isWellFormed(): boolean }).isWellFormed();
}

/** Digits behind a point are none of an integer: vectors in text have many. */
const LONG_INTEGER = /(?<![.\d])\d{16}/;
const INTEGER = /^-?\d+$/;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;

/** Node's JSON has these since 21; the language's type library does not know them yet. */
const exactJson = JSON as unknown as { rawJSON(text: string): unknown };

function rawBigInt(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? exactJson.rawJSON(value.toString()) : value;
}

function exactInteger(
  this: unknown,
  _key: string,
  value: unknown,
  context?: { readonly source?: string },
): unknown {
  const source = context?.source;
  if (typeof value !== 'number' || Number.isSafeInteger(value) || source === undefined)
    return value;
  if (!INTEGER.test(source)) return value;
  const integer = BigInt(source);
  return integer >= INT64_MIN && integer <= INT64_MAX ? integer : value;
}

/** Refuses what JSON cannot say. @returns whether there is a bigint in it */
function checkValue(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
      if (!isWellFormed(value)) throw new NotJson('text has a lone surrogate');
      return false;
    case 'number':
      if (!Number.isFinite(value))
        throw new NotJson(`value '${value}' is not a number or infinity`);
      return false;
    case 'bigint':
      if (value < INT64_MIN || value > INT64_MAX) throw new NotJson(`${value} is not an int64`);
      return true;
    case 'boolean':
      return false;
    case 'object':
      return value === null ? false : checkObject(value, depth);
    default:
      throw new NotJson(`${typeof value} is not a JSON value`);
  }
}

function checkObject(value: object, depth: number): boolean {
  if (depth >= JSON_DEPTH_MAX) throw new NotJson(`JSON nests deeper than ${JSON_DEPTH_MAX}`);
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new NotJson('Invalid Date is not a JSON value');
    return false;
  }
  let hasBigInt = false;
  if (Array.isArray(value)) {
    for (const member of value) hasBigInt = checkValue(member, depth + 1) || hasBigInt;
    return hasBigInt;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new NotJson(`${value.constructor.name} is not a JSON value`);
  }
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (!isWellFormed(key)) throw new NotJson('a key has a lone surrogate');
    // As everywhere in JavaScript, a key that is undefined is not there.
    if (member !== undefined) hasBigInt = checkValue(member, depth + 1) || hasBigInt;
  }
  return hasBigInt;
}
