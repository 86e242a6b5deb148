/** Bounds of a range in the form that loops compare with: both inclusive, one machine type. */
import { INT64_MAX, INT64_MIN } from './literal.ts';
import type { RangePredicate, Scalar } from './predicate.ts';

/** low <= value <= high; nothing lies between when low > high. */
export interface DoubleBounds {
  readonly low: number;
  readonly high: number;
}

export interface IntegerBounds {
  readonly low: bigint;
  readonly high: bigint;
}

/** Largest magnitude up to which rounding an int64 to a double keeps every comparison right. */
export const SAFE_MAGNITUDE: bigint = (1n << 53n) - 1n;

export function doubleBounds(range: RangePredicate): DoubleBounds {
  return {
    low:
      range.lower === null ? Number.NEGATIVE_INFINITY : lowest(range.lower, range.lowerInclusive),
    high:
      range.upper === null
        ? Number.POSITIVE_INFINITY
        : -lowest(negative(range.upper), range.upperInclusive),
  };
}

/** Of a range over int64, within int64. */
export function integerBounds(range: RangePredicate): IntegerBounds {
  const { lower, upper } = range;
  const low = typeof lower === 'bigint' ? (range.lowerInclusive ? lower : lower + 1n) : INT64_MIN;
  const high = typeof upper === 'bigint' ? (range.upperInclusive ? upper : upper - 1n) : INT64_MAX;
  return {
    low: low < INT64_MIN ? INT64_MIN : low,
    high: high > INT64_MAX ? INT64_MAX : high,
  };
}

/** The least double that a lower bound lets in. */
function lowest(bound: Scalar, isInclusive: boolean): number {
  const near = Number(bound);
  if (typeof bound === 'bigint' && Number.isFinite(near)) {
    const order = BigInt(near) - bound;
    if (order > 0n) return near;
    if (order < 0n) return nextUp(near);
  }
  return isInclusive ? near : nextUp(near);
}

function negative(bound: Scalar): Scalar {
  return typeof bound === 'bigint' ? -bound : -Number(bound);
}

const float = new Float64Array(1);
const bits = new BigInt64Array(float.buffer);

/** The next double above `value`. */
function nextUp(value: number): number {
  if (Number.isNaN(value) || value === Number.POSITIVE_INFINITY) return value;
  float[0] = value === 0 ? 0 : value;
  bits[0]! += float[0] >= 0 ? 1n : -1n;
  return float[0];
}
