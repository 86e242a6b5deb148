/**
 * Ranges of numbers by the native kernels: the condition that is asked most, at the speed of memory. Their twin is
 * scanRange in number-scan.ts, which says the same of every column.
 */
import type { NativeAddon } from '../base/native.ts';
import type { FixedColumn } from '../schema/column.ts';
import { doubleBounds, integerBounds } from './bounds.ts';
import { NUMBER_KIND } from './number-kind.ts';
import type { RangePredicate } from './predicate.ts';

/** Rows below which the call costs more than the loop. */
const FEW_ROWS = 256;
const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/**
 * @param out  zeros, one bit a row of the column's values
 * @returns false when the kernels have nothing for it, and nothing was done
 */
export function markNatively(
  { values }: FixedColumn,
  range: RangePredicate,
  out: Uint32Array,
  addon: NativeAddon,
): boolean {
  if (values.length < FEW_ROWS) return false;
  if (values instanceof BigInt64Array) {
    const { low, high } = integerBounds(range);
    if (low <= high) addon.markRange(NUMBER_KIND.int64, values, BigInt64Array.of(low, high), out);
    return true;
  }
  const { low, high } = doubleBounds(range);
  if (values instanceof Float32Array) {
    addon.markRange(NUMBER_KIND.float32, values, Float64Array.of(low, high), out);
  } else if (values instanceof Float64Array) {
    addon.markRange(NUMBER_KIND.float64, values, Float64Array.of(low, high), out);
  } else if (values instanceof Int32Array) {
    const least = Math.max(Math.ceil(low), INT32_MIN);
    const most = Math.min(Math.floor(high), INT32_MAX);
    if (least <= most) addon.markRange(NUMBER_KIND.int32, values, Int32Array.of(least, most), out);
  } else return false;
  return true;
}
