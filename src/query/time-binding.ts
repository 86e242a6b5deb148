/**
 * Timestamptz with intervals and lists of moments:
 *
 *   tsz ± INTERVAL 'P1D' < ISO '…'    and with the sides exchanged; either side may be a template text
 *   tsz in [ISO '…', ISO '…']
 *
 * Days and shorter parts of an interval move the bound instead of the values, so that such a comparison is as
 * cheap as one without an interval and prunes segments as well. Months do not: they are of different lengths.
 */
import { DataType, dataTypeName } from '../schema/data-type.ts';
import type { ComparisonOperator, Expression } from './ast.ts';
import { printConstant, readMoment } from './cast.ts';
import type { ConstantOperand, MomentOperand, Operand, ShiftedOperand } from './operand.ts';
import { oppositeInterval } from './interval.ts';
import type { Predicate, RangePredicate, Scalar } from './predicate.ts';
import { FilterProblem } from './problem.ts';
import type { ColumnOperand } from './resolve.ts';

/** `left operator right` where one of them is an interval. @throws FilterProblem */
export function shiftedOf(
  operator: string,
  left: Operand,
  right: Operand,
  at: number,
): ShiftedOperand {
  if (left.kind !== 'column' || right.kind !== 'interval') {
    throw new FilterProblem(
      'an INTERVAL can only be added to or taken from a timestamptz field',
      at,
    );
  }
  if (left.field.type !== DataType.Timestamptz) {
    throw new FilterProblem(`field '${left.field.name}' is not a timestamptz datatype`, left.at);
  }
  if (operator !== '+' && operator !== '-') {
    throw new FilterProblem(`an INTERVAL can only be added or taken away, not '${operator}'`, at);
  }
  const interval = operator === '+' ? right.interval : oppositeInterval(right.interval);
  return { kind: 'shifted', column: left, interval, at };
}

/** `side operator constant`. @throws FilterProblem */
export function compareShifted(
  operator: ComparisonOperator,
  { column, interval }: ShiftedOperand,
  constant: ConstantOperand | MomentOperand,
): Predicate {
  const micros = momentOf(constant);
  const isMonthly = interval.months !== 0;
  const value = isMonthly ? micros : micros - interval.micros;
  const isInclusive = operator !== '<' && operator !== '>';
  const range: RangePredicate = {
    kind: 'range',
    column: column.ref,
    lower: operator === '<' || operator === '<=' ? null : value,
    lowerInclusive: isInclusive,
    upper: operator === '>' || operator === '>=' ? null : value,
    upperInclusive: isInclusive,
  };
  const holds: Predicate = isMonthly ? { kind: 'shifted', ...interval, range } : range;
  return operator === '!=' ? { kind: 'not', operand: holds } : holds;
}

/**
 * Moments of a list of ISO times; null: it is no such list.
 * @throws FilterProblem for a list that holds something else as well, and for a column of another type
 */
export function momentList(
  node: Expression,
  { field }: ColumnOperand,
  timeZone: string,
): readonly bigint[] | null {
  // A list that was read ahead as integers holds no time, and may be long.
  if (node.kind !== 'list' || node.items instanceof BigInt64Array) return null;
  const moments: bigint[] = [];
  for (const item of node.items) {
    if (typeof item !== 'object' || item.kind !== 'iso') continue;
    moments.push(readMoment(item.text, timeZone, item.at));
  }
  if (moments.length === 0) return null;
  if (moments.length < node.items.length) {
    throw new FilterProblem('a list of times holds nothing but ISO times', node.at);
  }
  if (field.type === DataType.Timestamptz) return moments;
  throw new FilterProblem(
    `ISO times compare with timestamptz fields, not with ${dataTypeName(field.type)}`,
    node.at,
  );
}

/** Microseconds of an item of a template list for a Timestamptz column, or null when it is no time. */
export function templateMoment(value: Scalar, timeZone: string, at: number): bigint | null {
  if (typeof value === 'bigint') return value;
  return typeof value === 'string' ? readMoment(value, timeZone, at) : null;
}

function momentOf(constant: ConstantOperand | MomentOperand): bigint {
  if (constant.kind === 'moment') return constant.micros;
  const { value, timeZone, isParameter, at } = constant;
  const moment =
    isParameter && (typeof value === 'string' || typeof value === 'bigint')
      ? templateMoment(value, timeZone, at)
      : null;
  if (moment !== null) return moment;
  throw new FilterProblem(
    `cannot cast value to ${dataTypeName(DataType.Timestamptz)}, value: ${printConstant(value)}`,
    at,
  );
}
