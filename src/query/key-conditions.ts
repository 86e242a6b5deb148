/**
 * What a bound filter asks of one field whose values decide where rows are: the key of a partition. Rules and
 * wording are Milvus's: `internal/util/exprutil/expr_checker.go`.
 */
import { invalidParameter } from '../base/errors.ts';
import type { BoundFilter } from './bind.ts';
import type { ColumnRef, MembershipPredicate, Predicate, RangePredicate } from './predicate.ts';

export type KeyValue = bigint | string;

/** Values of a list beyond which it says too little of where rows are to be looked at. */
const LISTED_KEYS_MAX = 16_384;

/** Every value that the field has in a row that the filter accepts; null: it may be any. */
export function keysAskedFor(
  { predicate }: BoundFilter,
  fieldId: number,
): ReadonlySet<KeyValue> | null {
  switch (predicate.kind) {
    case 'constant':
      return predicate.value ? null : new Set();
    case 'range':
      return isOf(predicate.column, fieldId) ? keyOfRange(predicate) : null;
    case 'in':
      return isOf(predicate.column, fieldId) ? keysOfList(predicate) : null;
    case 'and':
      return fewest(predicate.operands, fieldId);
    case 'or':
      return union(predicate.operands, fieldId);
    default:
      return null;
  }
}

/** Whether the filter says nothing but which keys: a row that has one of them is accepted. */
export function asksForKeysOnly(filter: BoundFilter, fieldId: number): boolean {
  const { predicate, sample, elements } = filter;
  if (sample !== undefined || elements !== undefined) return false;
  if (predicate.kind !== 'in' && predicate.kind !== 'range') return false;
  return keysAskedFor(filter, fieldId) !== null;
}

function isOf(column: ColumnRef, fieldId: number): boolean {
  return column.access === 'value' && column.fieldId === fieldId;
}

function keyOfRange(range: RangePredicate): ReadonlySet<KeyValue> | null {
  const { lower } = range;
  if (!isEquality(range)) return null;
  return typeof lower === 'bigint' || typeof lower === 'string' ? new Set([lower]) : null;
}

function isEquality({ lower, upper, lowerInclusive, upperInclusive }: RangePredicate): boolean {
  return lower !== null && lower === upper && lowerInclusive && upperInclusive;
}

function keysOfList({ values }: MembershipPredicate): ReadonlySet<KeyValue> | null {
  const { texts, integers } = values;
  if (texts.length + integers.length > LISTED_KEYS_MAX) return null;
  return new Set<KeyValue>(texts.length > 0 ? texts : integers);
}

/** Of operands that all hold, that which leaves the least open. */
function fewest(operands: readonly Predicate[], fieldId: number): ReadonlySet<KeyValue> | null {
  let least: ReadonlySet<KeyValue> | null = null;
  for (const operand of operands) {
    const keys = keysAskedFor({ predicate: operand }, fieldId);
    if (keys !== null && (least === null || keys.size < least.size)) least = keys;
  }
  return least;
}

function union(operands: readonly Predicate[], fieldId: number): ReadonlySet<KeyValue> | null {
  const all = new Set<KeyValue>();
  for (const operand of operands) {
    const keys = keysAskedFor({ predicate: operand }, fieldId);
    if (keys === null) return null;
    for (const key of keys) all.add(key);
    if (all.size > LISTED_KEYS_MAX) return null;
  }
  return all;
}

/**
 * That the filter names one value of the field, which is all that an isolated partition key allows.
 * @throws MilvusError ParameterInvalid
 */
export function checkIsolation(filter: BoundFilter | null, fieldId: number): void {
  if (filter !== null && namesKey(filter.predicate, fieldId)) return;
  throw invalidParameter(
    'partition key not found in expr or the expr is invalid when validating partition key isolation',
  );
}

function namesKey(predicate: Predicate, fieldId: number): boolean {
  switch (predicate.kind) {
    case 'and':
      return predicate.operands.map((operand) => namesKey(operand, fieldId)).includes(true);
    case 'or':
      if (!predicate.operands.some((operand) => namesKey(operand, fieldId))) return false;
      throw notSupported('OR');
    case 'not':
      if (!namesKey(predicate.operand, fieldId)) return false;
      throw notSupported('NOT');
    case 'in':
      if (!isOf(predicate.column, fieldId)) return false;
      throw notSupported('IN');
    case 'range':
      if (!isOf(predicate.column, fieldId)) return false;
      if (isEquality(predicate)) return true;
      throw notSupported(rangeName(predicate));
    default:
      return false;
  }
}

function rangeName({ lower, lowerInclusive, upper, upperInclusive }: RangePredicate): string {
  if (lower !== null && upper !== null) return 'BinaryRange';
  if (lower !== null) return lowerInclusive ? 'GreaterEqual' : 'GreaterThan';
  return upperInclusive ? 'LessEqual' : 'LessThan';
}

function notSupported(what: string): Error {
  return invalidParameter(`partition key isolation does not support ${what}`);
}
