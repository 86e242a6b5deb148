/**
 * Conditions on arithmetic by the native kernels: some rows are calculated, then compared as ranges are. Their twin is
 * scanArithmetic in number-scan.ts, which says the same of every column.
 */
import type { NativeAddon } from '../base/native.ts';
import type { FixedColumn } from '../schema/column.ts';
import { doubleBounds, integerBounds } from './bounds.ts';
import { NUMBER_KIND, numberKind } from './number-kind.ts';
import type { ArithmeticPredicate } from './predicate.ts';

/** As native/src/transform_kernels.h counts them. */
const OPERATIONS: readonly ArithmeticPredicate['operator'][] = [
  ...(['+', '-', '*', '/'] as const),
  ...(['%', '&', '|', '^'] as const),
];
const REMAINDER = 4;

/** Rows below which the call costs more than the loop. */
const FEW_ROWS = 256;

/**
 * @param out  zeros, one bit a row of the column's values
 * @returns false when the kernels have nothing for it, and nothing was done
 */
export function transformNatively(
  { values }: FixedColumn,
  { operator, operand, range }: ArithmeticPredicate,
  out: Uint32Array,
  addon: NativeAddon,
): boolean {
  const kind = numberKind(values);
  if (values.length < FEW_ROWS || kind === null) return false;
  const operation = OPERATIONS.indexOf(operator);
  const isReal = kind === NUMBER_KIND.float32 || kind === NUMBER_KIND.float64;
  if (isReal !== operation < REMAINDER) return false;
  if (isReal) {
    const { low, high } = doubleBounds(range);
    const constant = Float64Array.of(Number(operand));
    addon.markTransformed(kind, values, operation, constant, Float64Array.of(low, high), out);
    return true;
  }
  const { low, high } = integerBounds(range);
  // Values of BigInt64Array wrap around as bits do.
  const constant = BigInt64Array.of(BigInt(operand));
  if (low <= high) {
    addon.markTransformed(kind, values, operation, constant, BigInt64Array.of(low, high), out);
  }
  return true;
}
