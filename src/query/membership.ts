/** Ranges and memberships of columns as predicates; see comparison.ts. */
import { FILTER_LIST_MAX } from '../base/limits.ts';
import { DataType, dataTypeName, isVector } from '../schema/data-type.ts';
import type { Binding } from './binding.ts';
import { castBound, printConstant, tryCast, typeClass } from './cast.ts';
import { columnConstant, wholeArray } from './comparison.ts';
import type { ConstantOperand, MomentOperand } from './operand.ts';
import { isList } from './fold.ts';
import type { ColumnRef, Predicate, Scalar } from './predicate.ts';
import { FilterProblem } from './problem.ts';
import { isWholeArray } from './resolve.ts';
import type { ColumnOperand } from './resolve.ts';
import { compareScalars } from './scalar-order.ts';
import { templateMoment } from './time-binding.ts';

export interface RangeBounds {
  readonly lower: ConstantOperand | MomentOperand;
  readonly lowerInclusive: boolean;
  readonly upper: ConstantOperand | MomentOperand;
  readonly upperInclusive: boolean;
}

/** `lower < column < upper`. */
export function rangeOf(column: ColumnOperand, bounds: RangeBounds, at: number): Predicate {
  if (isWholeArray(column)) throw wholeArray(at);
  const lower = boundOf(column.ref, bounds.lower, at);
  const upper = boundOf(column.ref, bounds.upper, at);
  const order = compareScalars(lower, upper);
  if (order === null) throw new FilterProblem('invalid range operations', at);
  const { lowerInclusive, upperInclusive } = bounds;
  if (order > 0 || (order === 0 && !(lowerInclusive && upperInclusive))) {
    throw new FilterProblem('invalid range: lowerbound is greater than upperbound', at);
  }
  return { kind: 'range', column: column.ref, lower, lowerInclusive, upper, upperInclusive };
}

function boundOf(ref: ColumnRef, bound: ConstantOperand | MomentOperand, at: number): Scalar {
  if (typeClass(ref.type) === 'time') return columnConstant(ref, bound, at);
  if (bound.kind === 'moment') throw new FilterProblem('invalid range operations', at);
  return castBound(ref.type, bound.value, at);
}

/** `column in list`. Texts of a template are times where the column is one. */
export function membershipOf(
  column: ColumnOperand,
  { value: list, timeZone, isParameter, at }: ConstantOperand,
  binding: Binding,
): Predicate {
  const { ref } = column;
  if (!isList(list)) {
    throw new FilterProblem(
      `the right-hand side of 'in' must be a list, but got: ${printConstant(list)}`,
      at,
    );
  }
  if (list.length > FILTER_LIST_MAX) {
    throw new FilterProblem(
      `the list has ${list.length} values, at most ${FILTER_LIST_MAX} are allowed`,
      at,
    );
  }
  const type = isWholeArray(column) ? DataType.Array : ref.type;
  if (isVector(type) || type === DataType.Geometry) {
    throw new FilterProblem(`'in' is not supported on ${dataTypeName(type)} fields`, at);
  }
  // A column of int64 values goes through as it is.
  if (
    list instanceof BigInt64Array &&
    (typeClass(type) === 'integer' || typeClass(type) === 'json')
  ) {
    return { kind: 'in', column: ref, values: binding.valueSet(list, null) };
  }
  const moment = (scalar: Scalar): Scalar | null =>
    isParameter ? templateMoment(scalar, timeZone, at) : null;
  const castScalar = typeClass(type) === 'time' ? moment : (one: Scalar) => tryCast(type, one);
  const values = binding.valueSet(list, (value) => {
    const cast = isList(value) ? null : castScalar(value);
    if (cast !== null) return cast;
    throw new FilterProblem(
      `value '${printConstant(value)}' in list cannot be casted to ${dataTypeName(type)}`,
      at,
    );
  });
  return { kind: 'in', column: ref, values };
}
