/**
 * Conditions on the elements of struct arrays. The elements of all rows are the rows of columns of their own, so
 * that a condition on elements is evaluated as any other; then the bits of each row's elements are counted.
 */
import { assert, must } from '../base/assert.ts';
import { sliceColumn } from '../schema/column-builder.ts';
import type { Column, ListColumn } from '../schema/column.ts';
import type { MatchPredicate, Predicate } from './predicate.ts';
import { type Truth, withValidity, wordCount } from './truth.ts';

/** Rows, as conditions are evaluated on them. */
interface Source {
  readonly rowCount: number;
  column(fieldId: number): Column;
}

/** How a condition is evaluated on any rows. */
export type Evaluate = (predicate: Predicate, source: Source) => Truth;

/** Which rows have as many elements that match as are asked for. */
export function scanMatches(match: MatchPredicate, source: Source, evaluate: Evaluate): Truth {
  return countMatches(match, source, evaluate(match.operand, elementRows(match, source)));
}

/** As scanMatches, of what the operand says of the elements. */
export function countMatches(
  match: MatchPredicate,
  source: Source,
  { truth: elements, known }: Truth,
): Truth {
  const { offsets, validity } = listOf(source.column(match.fieldId));
  const truth = new Uint32Array(wordCount(source.rowCount));
  const first = offsets[0]!;
  for (let row = 0; row < source.rowCount; row++) {
    const start = offsets[row]! - first;
    const end = offsets[row + 1]! - first;
    let matched = 0;
    let counted = 0;
    for (let i = start; i < end; i++) {
      if (known !== null && (known[i >>> 5]! & (1 << (i & 31))) === 0) continue;
      counted++;
      if ((elements[i >>> 5]! & (1 << (i & 31))) !== 0) matched++;
    }
    if (isEnough(match, matched, counted)) truth[row >>> 5]! |= 1 << (row & 31);
  }
  return withValidity(truth, validity);
}

/** The elements of all rows as rows of their own. */
export function elementRows(match: MatchPredicate, source: Source): Source {
  const { rowCount } = source;
  const { offsets } = listOf(source.column(match.fieldId));
  const count = offsets[rowCount]! - offsets[0]!;
  const columns = new Map<number, Column>();
  return {
    rowCount: count,
    column(fieldId) {
      const known = columns.get(fieldId);
      if (known !== undefined) return known;
      const list = listOf(source.column(fieldId));
      const [start, end] = [list.offsets[0]!, list.offsets[rowCount]!];
      assert(end - start === count, 'sub-fields are equally long');
      const elements = sliceColumn(list.elements, start, end);
      columns.set(fieldId, elements);
      return elements;
    },
  };
}

function listOf(column: Column): ListColumn {
  return must(column.kind === 'list' ? column : null, 'a sub-field of a struct holds lists');
}

function isEnough(
  { quantifier, threshold }: MatchPredicate,
  matched: number,
  counted: number,
): boolean {
  switch (quantifier) {
    case 'any':
      return matched > 0;
    case 'all':
      return matched === counted;
    case 'least':
      return matched >= threshold;
    case 'most':
      return matched <= threshold;
    default:
      return matched === threshold;
  }
}
