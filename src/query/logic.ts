/**
 * `and` and `or` over bound predicates, rearranged without changing an answer: neither TRUE, nor FALSE,
 * nor UNKNOWN. Operands come to stand cheapest first; equalities of one column under `or` become one `in`.
 */
import { DataType } from '../schema/data-type.ts';
import type {
  ColumnRef,
  MembershipPredicate,
  Predicate,
  RangePredicate,
  Scalar,
} from './predicate.ts';
import { isUnfinished, valueSet } from './value-set.ts';

/** All of `operands`, at least one. */
export function conjunction(operands: readonly Predicate[]): Predicate {
  return joined('and', operands);
}

/** Any of `operands`, at least one. */
export function disjunction(operands: readonly Predicate[]): Predicate {
  return joined('or', mergeEqualities(operands));
}

function joined(kind: 'and' | 'or', operands: readonly Predicate[]): Predicate {
  if (operands.length === 1) return operands[0]!;
  // The sort is stable: equally costly operands keep the user's order.
  return { kind, operands: operands.toSorted((a, b) => costOf(a) - costOf(b)) };
}

/** Roughly what one row costs; only the order matters. */
function costOf(predicate: Predicate): number {
  switch (predicate.kind) {
    case 'constant':
      return 0;
    case 'null':
      return 1;
    case 'not':
      return costOf(predicate.operand);
    case 'and':
    case 'or':
      return predicate.operands.reduce((cost, operand) => Math.max(cost, costOf(operand)), 0);
    case 'exists':
    case 'match':
      return 20;
    case 'geometry':
      return 100;
    case 'shifted':
      return costOfColumn(predicate.range.column) + 8;
    case 'columns':
    case 'prefix':
      return costOfColumn(predicate.left) + costOfColumn(predicate.right);
    case 'arithmetic':
      return costOfColumn(predicate.range.column) + 1;
    case 'in':
    case 'list':
      return costOfColumn(predicate.column) + 2;
    case 'like':
      return costOfColumn(predicate.column) + 4;
    case 'contains':
      return costOfColumn(predicate.column) + 6;
    case 'regex':
      return costOfColumn(predicate.column) + 12;
    default:
      return costOfColumn(predicate.column);
  }
}

function costOfColumn(column: ColumnRef): number {
  if (column.access === 'json') return 20;
  if (column.access === 'length') return column.path === null ? 2 : 20;
  const cost = column.type === DataType.VarChar ? 6 : 2;
  return column.access === 'element' ? cost + 4 : cost;
}

/** `a == 1 or a == 2 or a in [3]` is `a in [1, 2, 3]`: UNKNOWN of the same rows, as one column decides it. */
function mergeEqualities(operands: readonly Predicate[]): Predicate[] {
  const groups = new Map<string, Equality[]>();
  for (const operand of operands) {
    if (!isEquality(operand)) continue;
    const key = columnKey(operand.column);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [operand]);
    else group.push(operand);
  }
  const merged: Predicate[] = [];
  for (const operand of operands) {
    const key = isEquality(operand) ? columnKey(operand.column) : null;
    const group = key === null ? undefined : groups.get(key);
    if (group === undefined || group.length === 1) merged.push(operand);
    else if (group[0] === operand) merged.push(union(group));
  }
  return merged;
}

type Equality = RangePredicate | MembershipPredicate;

/** JSON is left alone: there a list of several classes and several comparisons differ in what is UNKNOWN. */
function isEquality(predicate: Predicate): predicate is Equality {
  if (predicate.kind === 'in') {
    return isMergeable(predicate.column) && !isUnfinished(predicate.values);
  }
  return (
    predicate.kind === 'range' &&
    isMergeable(predicate.column) &&
    predicate.lower !== null &&
    predicate.lower === predicate.upper &&
    predicate.lowerInclusive &&
    predicate.upperInclusive
  );
}

function isMergeable(column: ColumnRef): boolean {
  return column.access === 'value' || column.access === 'element';
}

function columnKey(column: ColumnRef): string {
  return column.access === 'element'
    ? `${column.fieldId}[${column.index}]`
    : String(column.fieldId);
}

function union(group: readonly Equality[]): Predicate {
  const values: Scalar[] = [];
  for (const each of group) {
    if (each.kind === 'range') {
      if (each.lower !== null) values.push(each.lower);
    } else {
      for (const value of each.values.integers) values.push(value);
      for (const value of each.values.doubles) values.push(value);
      for (const value of each.values.texts) values.push(value);
      for (const value of each.values.booleans) values.push(value);
    }
  }
  return { kind: 'in', column: group[0]!.column, values: valueSet(values) };
}
