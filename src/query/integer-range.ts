/**
 * Integer arithmetic turned into a range of the integer itself: which f satisfy
 * lower <= f ⊕ operand <= upper, with exact integers of any size.
 */
import type { RangePredicate, Scalar } from './predicate.ts';

type Bound = bigint | null;

/**
 * @param operand  not 0 when `operator` is `/`
 * @param range    over the integer column, its bounds those of the result
 */
export function integerRange(
  operator: '+' | '-' | '*' | '/',
  operand: bigint,
  range: RangePredicate,
): RangePredicate {
  const lower = inclusive(range.lower, range.lowerInclusive, 1n);
  const upper = inclusive(range.upper, range.upperInclusive, -1n);
  const [least, most] = solve(operator, operand, lower, upper);
  return { ...range, lower: least, lowerInclusive: true, upper: most, upperInclusive: true };
}

function inclusive(bound: Scalar | null, isInclusive: boolean, step: bigint): Bound {
  if (typeof bound !== 'bigint') return null;
  return isInclusive ? bound : bound + step;
}

function solve(
  operator: '+' | '-' | '*' | '/',
  operand: bigint,
  lower: Bound,
  upper: Bound,
): [Bound, Bound] {
  switch (operator) {
    case '+':
      return [shifted(lower, -operand), shifted(upper, -operand)];
    case '-':
      return [shifted(lower, operand), shifted(upper, operand)];
    case '*':
      return solveProduct(operand, lower, upper);
    default:
      return operand > 0n
        ? solveQuotient(operand, lower, upper)
        : solveQuotient(-operand, negated(upper), negated(lower));
  }
}

function shifted(bound: Bound, by: bigint): Bound {
  return bound === null ? null : bound + by;
}

function negated(bound: Bound): Bound {
  return bound === null ? null : -bound;
}

function solveProduct(factor: bigint, lower: Bound, upper: Bound): [Bound, Bound] {
  if (factor === 0n) {
    const holds = (lower === null || lower <= 0n) && (upper === null || upper >= 0n);
    return holds ? [null, null] : [1n, 0n];
  }
  if (factor < 0n) return solveProduct(-factor, negated(upper), negated(lower));
  return [
    lower === null ? null : -floorDivide(-lower, factor),
    upper === null ? null : floorDivide(upper, factor),
  ];
}

/** f / divisor rounds towards zero: every quotient but 0 has `divisor` values of f, 0 has nearly twice as many. */
function solveQuotient(divisor: bigint, lower: Bound, upper: Bound): [Bound, Bound] {
  return [
    lower === null ? null : lower > 0n ? lower * divisor : (lower - 1n) * divisor + 1n,
    upper === null ? null : upper < 0n ? upper * divisor : (upper + 1n) * divisor - 1n,
  ];
}

/** divisor > 0 */
function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value < 0n && quotient * divisor !== value ? quotient - 1n : quotient;
}
