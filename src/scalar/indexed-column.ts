/** What the look-ups of conditions have in common: the index and what it is of, lists of values, rows as bits. */
import type { Answer } from '../query/answer.ts';
import type { ColumnRef, Scalar, ValueSet } from '../query/predicate.ts';
import type { JsonPlace } from './column-terms.ts';
import type { ValueClass } from './json-members.ts';
import type { ScalarIndex } from './scalar-index.ts';

/** An index, and what it is of. */
export interface IndexedColumn {
  readonly fieldId: number;
  /** Null: not JSON. */
  readonly json: JsonPlace | null;
  /** Of an array: its elements. */
  readonly isArray: boolean;
  readonly index: ScalarIndex;
  /** The column is in memory: to compare its numbers costs less than to mark many rows. */
  readonly isColumnAtHand: boolean;
}

/** Values of a list that are looked up one by one; of more the scan looks each row up. */
const LIST_VALUES_MAX = 32_768;
/** Steps of a look-up, in rows that could be compared meanwhile. */
const LOOKUP_ROWS = 20;

/** Whether it is less work to look the values up than to look at every row. */
export function isShortList(
  { integers, doubles, texts, booleans }: ValueSet,
  { shape }: ScalarIndex,
): boolean {
  const count = integers.length + doubles.length + texts.length + booleans.length;
  return count <= LIST_VALUES_MAX && count * LOOKUP_ROWS <= shape.rowCount;
}

/** The classes of which the list has values. */
export function classesOfValues({ integers, doubles, texts, booleans }: ValueSet): ValueClass[] {
  const classes: ValueClass[] = [];
  if (integers.length + doubles.length > 0) classes.push('number');
  if (texts.length > 0) classes.push('text');
  if (booleans.length > 0) classes.push('boolean');
  return classes;
}

export function eachOfClass(
  { integers, doubles, texts, booleans }: ValueSet,
  valueClass: ValueClass,
  visit: (value: Scalar) => void,
): void {
  if (valueClass === 'text') for (const text of texts) visit(text);
  else if (valueClass === 'boolean') for (const value of booleans) visit(value);
  else {
    for (const value of integers) visit(value);
    for (const value of doubles) visit(value);
  }
}

export function classOf(value: Scalar): ValueClass {
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'boolean' : 'number';
}

/** What of the path of a condition is left below that of the index; null when it leads elsewhere. */
export function stepsBelow(
  ref: ColumnRef,
  { fieldId, json }: Pick<IndexedColumn, 'fieldId' | 'json'>,
): readonly string[] | null {
  if (ref.access !== 'json' || ref.fieldId !== fieldId || json === null) return null;
  if (json.path.some((key, i) => ref.path[i] !== key)) return null;
  return ref.path.slice(json.path.length);
}

/** No rows of the segment. */
export function newRows({ shape }: ScalarIndex): Uint32Array {
  return new Uint32Array((shape.rowCount + 31) >>> 5);
}

/** In place. Rows that are not known have terms of another class. */
export function among(rows: Uint32Array, known: Uint32Array | null): Uint32Array {
  for (let i = 0; known !== null && i < rows.length; i++) rows[i]! &= known[i]!;
  return rows;
}

/** Of what is known the rows are left open, and no other row is TRUE. */
export function candidates(
  rows: Uint32Array,
  known: Uint32Array | null,
  index: ScalarIndex,
): Answer {
  const open = among(rows, known);
  for (let i = 0; index.open !== null && i < open.length; i++) open[i]! |= index.open[i]!;
  return { truth: newRows(index), known, open };
}
