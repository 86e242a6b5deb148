/** `array_contains` and `json_contains`, `_all` and `_any`: rows of each wanted value, joined or intersected. */
import type { Answer } from '../query/answer.ts';
import { utf8 } from '../query/literal.ts';
import type { ContainsPredicate, Scalar } from '../query/predicate.ts';
import type { JsonCast } from './column-terms.ts';
import {
  among,
  classesOfValues,
  eachOfClass,
  type IndexedColumn,
  isShortList,
  newRows,
  stepsBelow,
} from './indexed-column.ts';
import { arrayTerm, memberPrefix, memberTerm, type ValueClass } from './json-members.ts';
import type { IndexTerms, ScalarIndex } from './scalar-index.ts';
import type { Term } from './dictionary.ts';

/** What an element is looked up by; null: no element that the index has equals it. */
type TermOf = (value: Scalar) => Term | null;

const CLASS_OF_CAST: Partial<Record<JsonCast, ValueClass>> = {
  ARRAY_BOOL: 'boolean',
  ARRAY_DOUBLE: 'number',
  ARRAY_VARCHAR: 'text',
};

/** Marks that cost as much as looking at the elements of a row, about. */
const MARKS_A_ROW = 2;

/** Values all of which are wanted: each has rows of its own. */
const VALUES_OF_ALL_MAX = 64;

/** @returns null when the scan is to answer */
export function containsAnswer(predicate: ContainsPredicate, column: IndexedColumn): Answer | null {
  const { index } = column;
  const { terms } = index;
  const { values, lists } = predicate;
  if (terms === null || lists.length > 0 || !isShortList(values, index)) return null;
  const found = lookUpBy(predicate, column, terms);
  if (found === null) return null;
  const rows = rowsOf(predicate, { terms, index, termOf: found.termOf });
  if (rows === null) return null;
  return { truth: among(rows, found.known), known: found.known, open: index.open };
}

interface ElementLookUp {
  readonly termOf: TermOf;
  readonly known: Uint32Array | null;
}

function lookUpBy(
  { column: ref, values }: ContainsPredicate,
  column: IndexedColumn,
  terms: IndexTerms,
): ElementLookUp | null {
  const { json, isArray, index, fieldId } = column;
  if (json === null) {
    const isIndexed = ref.access === 'value' && ref.fieldId === fieldId && isArray;
    return isIndexed ? { termOf: elementTerm(index), known: index.known } : null;
  }
  const steps = stepsBelow(ref, column);
  if (steps === null) return null;
  if (json.cast === 'JSON') {
    const prefix = memberPrefix(steps);
    return { termOf: (value) => memberElement(prefix, value), known: arrays(terms, prefix, index) };
  }
  const valueClass = CLASS_OF_CAST[json.cast];
  const isOfClass = classesOfValues(values).every((one) => one === valueClass);
  return steps.length === 0 && isOfClass ? { termOf: plainTerm, known: index.known } : null;
}

function plainTerm(value: Scalar): Term {
  if (typeof value === 'string') return utf8(value);
  return typeof value === 'boolean' ? Number(value) : value;
}

/** As the scan of an Array compares: integers with integers, doubles with doubles. */
function elementTerm({ shape }: ScalarIndex): TermOf {
  return (value) => {
    if (shape.terms === 'texts') return typeof value === 'string' ? utf8(value) : null;
    if (shape.terms === 'float64') return typeof value === 'number' ? value : null;
    return typeof value === 'bigint' || typeof value === 'boolean' ? plainTerm(value) : null;
  };
}

/** A number that no double holds is in no term: rows with one are open. */
function memberElement(prefix: Uint8Array, value: Scalar): Term | null {
  if (typeof value === 'string') return memberTerm(prefix, utf8(value), true);
  if (typeof value === 'boolean') return memberTerm(prefix, value, true);
  const near = Number(value);
  return near >= value && near <= value ? memberTerm(prefix, near, true) : null;
}

/** Rows with an array at the place. */
function arrays(
  { dictionary, lists }: IndexTerms,
  prefix: Uint8Array,
  index: ScalarIndex,
): Uint32Array {
  const term = arrayTerm(prefix);
  const rows = newRows(index);
  lists.mark(dictionary.rank(term, false), dictionary.rank(term, true), rows);
  return rows;
}

interface ElementTerms {
  readonly terms: IndexTerms;
  readonly index: ScalarIndex;
  readonly termOf: TermOf;
}

function rowsOf(
  { values, mode }: ContainsPredicate,
  { terms: { dictionary, lists }, index, termOf }: ElementTerms,
): Uint32Array | null {
  const ranks: Array<readonly [number, number]> = [];
  let marks = 0;
  for (const valueClass of classesOfValues(values)) {
    eachOfClass(values, valueClass, (value) => {
      const term = termOf(value);
      const first = term === null ? 0 : dictionary.rank(term, false);
      const end = term === null ? 0 : dictionary.rank(term, true);
      ranks.push([first, end]);
      marks += lists.count(first, end);
    });
  }
  if (marks > index.shape.rowCount * MARKS_A_ROW) return null;
  if (mode === 'all' && ranks.length > VALUES_OF_ALL_MAX) return null;
  const rows = newRows(index);
  if (mode === 'all') rows.fill(0xffffffff);
  for (const [first, end] of ranks) {
    if (mode === 'any') lists.mark(first, end, rows);
    else {
      const ofValue = newRows(index);
      lists.mark(first, end, ofValue);
      among(rows, ofValue);
    }
  }
  return rows;
}
