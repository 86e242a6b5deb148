/** What can be said about a bound filter without looking at a row. */
import { must } from '../base/assert.ts';
import type { BoundFilter } from './bind.ts';
import type { MembershipPredicate, Predicate, RangePredicate, ValueSet } from './predicate.ts';

/** Ids of the fields that evaluating the filter reads, ascending. */
export function filterFieldIds(filter: BoundFilter): number[] {
  const ids = new Set<number>();
  collectFields(filter.predicate, ids);
  return [...ids].sort((a, b) => a - b);
}

function collectFields(predicate: Predicate, ids: Set<number>): void {
  switch (predicate.kind) {
    case 'constant':
      break;
    case 'not':
      collectFields(predicate.operand, ids);
      break;
    case 'and':
    case 'or':
      for (const operand of predicate.operands) collectFields(operand, ids);
      break;
    case 'null':
      ids.add(predicate.fieldId);
      break;
    case 'arithmetic':
    case 'shifted':
      ids.add(predicate.range.column.fieldId);
      break;
    case 'match':
      ids.add(predicate.fieldId);
      collectFields(predicate.operand, ids);
      break;
    case 'columns':
    case 'prefix':
      ids.add(predicate.left.fieldId);
      ids.add(predicate.right.fieldId);
      break;
    default:
      ids.add(predicate.column.fieldId);
  }
}

/** Whether geometries are put together and compared. */
export function asksGeometry({ predicate }: BoundFilter): boolean {
  return hasCondition(predicate, ({ kind }) => kind === 'geometry');
}

/** Whether what a row costs is not told from how long its value is: of geometries and regular expressions. */
export function asksMuch({ predicate }: BoundFilter): boolean {
  return hasCondition(predicate, ({ kind }) => kind === 'geometry' || kind === 'regex');
}

function hasCondition(predicate: Predicate, isMeant: (one: Predicate) => boolean): boolean {
  switch (predicate.kind) {
    case 'not':
    case 'match':
      return hasCondition(predicate.operand, isMeant);
    case 'and':
    case 'or':
      return predicate.operands.some((operand) => hasCondition(operand, isMeant));
    default:
      return isMeant(predicate);
  }
}

/** The lists of values that the filter asks for. */
export function valueSetsOf({ predicate }: BoundFilter): ValueSet[] {
  switch (predicate.kind) {
    case 'in':
    case 'contains':
      return [predicate.values];
    case 'not':
    case 'match':
      return valueSetsOf({ predicate: predicate.operand });
    case 'and':
    case 'or':
      return predicate.operands.flatMap((operand) => valueSetsOf({ predicate: operand }));
    default:
      return [];
  }
}

/** Whether the filter was written so that it lets every row through: `true`, `1 == 1`, an empty text. */
export function isAlwaysTrue({ predicate, sample }: BoundFilter): boolean {
  return sample === undefined && predicate.kind === 'constant' && predicate.value;
}

/** Whether the filter was written so that it lets no row through. */
export function isAlwaysFalse({ predicate }: BoundFilter): boolean {
  return predicate.kind === 'constant' && !predicate.value;
}

export interface FilterKeys {
  /** Without duplicates. */
  readonly keys: readonly (bigint | string)[];
  /** Whether the filter asks for nothing else; otherwise every match is among `keys`, and more is to be checked. */
  readonly exact: boolean;
}

/** The primary keys that a filter of the form `pk == x`, `pk in [...]`, or one of these `and` more can match. */
export function primaryKeysOf(
  { predicate, sample }: BoundFilter,
  primaryFieldId: number,
): FilterKeys | null {
  const keys = keysOf(predicate, primaryFieldId);
  if (keys !== null) return { keys, exact: sample === undefined };
  if (predicate.kind !== 'and') return null;
  let fewest: readonly (bigint | string)[] | null = null;
  for (const operand of predicate.operands) {
    const some = keysOf(operand, primaryFieldId);
    if (some !== null && (fewest === null || some.length < fewest.length)) fewest = some;
  }
  return fewest === null ? null : { keys: fewest, exact: false };
}

function keysOf(predicate: Predicate, fieldId: number): readonly (bigint | string)[] | null {
  if (predicate.kind !== 'range' && predicate.kind !== 'in') return null;
  if (predicate.column.access !== 'value' || predicate.column.fieldId !== fieldId) return null;
  return predicate.kind === 'in' ? keysOfList(predicate) : keyOfRange(predicate);
}

function keysOfList({ values }: MembershipPredicate): readonly (bigint | string)[] {
  return values.texts.length > 0 ? values.texts : [...values.integers];
}

function keyOfRange(range: RangePredicate): readonly (bigint | string)[] | null {
  const { lower, upper, lowerInclusive, upperInclusive } = range;
  if (lower === null || lower !== upper || !lowerInclusive || !upperInclusive) return null;
  const key = typeof lower === 'bigint' || typeof lower === 'string' ? lower : null;
  return [must(key, 'a primary key is an integer or a text')];
}
