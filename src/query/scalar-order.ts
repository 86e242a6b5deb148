/**
 * The order of constants: numbers by their exact value, whether integer or double; text by its UTF-8
 * bytes; false before true. Constants of different classes have no order.
 */
import type { Scalar } from './predicate.ts';

export type ScalarClass = 'number' | 'text' | 'boolean';

export function classOf(value: Scalar): ScalarClass {
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'boolean' : 'number';
}

/** Negative, zero or positive; null when the two do not compare. */
export function compareScalars(left: Scalar, right: Scalar): number | null {
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  if (classOf(left) !== classOf(right)) return null;
  // The language compares bigint and number by exact value.
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Order of the UTF-8 bytes of two texts, found without encoding them. */
export function compareText(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const a = left.charCodeAt(i);
    const b = right.charCodeAt(i);
    if (a !== b) return utf8Rank(a) - utf8Rank(b);
  }
  return left.length - right.length;
}

/** UTF-16 puts surrogates below U+E000; in UTF-8 the characters they write come after U+FFFF. */
function utf8Rank(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit >= 0xe000 ? unit - 0x800 : unit + 0x2000;
}
