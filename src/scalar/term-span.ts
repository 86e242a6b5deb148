/**
 * The terms of an index that one kind of value is looked up in: all of them, or of an index of everything inside
 * JSON those of a class at a path. Values of a column stand in it in their order.
 */
import { must } from '../base/assert.ts';
import { utf8 } from '../query/literal.ts';
import type { Scalar } from '../query/predicate.ts';
import { classBounds, memberTerm, type ValueClass } from './json-members.ts';
import type { IndexTerms, ScalarIndex } from './scalar-index.ts';
import type { RowLists } from './row-lists.ts';
import { isTextDictionary, type Term, type TermDictionary } from './dictionary.ts';

/** Bytes of texts that are shown in one stretch of the serving thread. */
const SHOWN_BYTES_MAX = 1_048_576;

export interface TermSpan {
  readonly valueClass: ValueClass;
  /** Ranks of the terms: [first, end). */
  readonly first: number;
  readonly end: number;
  readonly lists: RowLists;
  /** Rows that the terms decide; null: all. Not to be changed. */
  known(): Uint32Array | null;
  /** How many terms up to the end of the span's are less than `value`; with `isAfter`, not greater. */
  rank(value: Scalar, isAfter: boolean): number;
  /** Ranks of the texts that begin with `prefix`. */
  prefixed(prefix: string): readonly [number, number];
  /** Shows the texts of ranks [from, to); false where they cannot be seen one by one, or are too many bytes. */
  eachText(from: number, to: number, visit: TextVisitor): boolean;
}

export type TextVisitor = (bytes: Uint8Array, start: number, end: number, rank: number) => void;

/** All terms of an index, of which a row has one at most. */
export function wholeSpan(index: ScalarIndex, valueClass: ValueClass): TermSpan {
  const { dictionary, lists } = must(index.terms, 'boxes are looked up otherwise');
  const termOf = (value: Scalar): Term => {
    if (typeof value === 'string') return utf8(value);
    return typeof value === 'boolean' ? Number(value) : value;
  };
  return {
    valueClass,
    first: 0,
    end: dictionary.count,
    lists,
    known: () => index.known,
    rank: (value, isAfter) => dictionary.rank(termOf(value), isAfter),
    prefixed: (prefix) => prefixRanks(dictionary, utf8(prefix), [0, dictionary.count]),
    eachText: (from, to, visit) => showTexts(dictionary, { from, to, skip: 0 }, visit),
  };
}

/** The terms of a class at the place in JSON that `prefix` is of. @param rowCount of the segment */
export function memberSpan(
  terms: IndexTerms,
  { prefix, valueClass }: { readonly prefix: Uint8Array; readonly valueClass: ValueClass },
  rowCount: number,
): TermSpan {
  const { dictionary, lists } = terms;
  const [low, high] = classBounds(prefix, valueClass);
  const first = dictionary.rank(low, false);
  const end = dictionary.rank(high, false);
  const rank = (value: Scalar, isAfter: boolean): number => {
    if (typeof value === 'string') {
      return dictionary.rank(memberTerm(prefix, utf8(value)), isAfter);
    }
    if (typeof value === 'boolean') return dictionary.rank(memberTerm(prefix, value), isAfter);
    const near = Number(value);
    // No double lies between an integer and the one nearest to it.
    const isBehind = near < value || (near <= value && isAfter);
    return dictionary.rank(memberTerm(prefix, near), isBehind);
  };
  return {
    valueClass,
    first,
    end,
    lists,
    known() {
      const rows = new Uint32Array((rowCount + 31) >>> 5);
      lists.mark(first, end, rows);
      return rows;
    },
    rank,
    prefixed: (text) => prefixRanks(dictionary, memberTerm(prefix, utf8(text)), [first, end]),
    eachText: (from, to, visit) => showTexts(dictionary, { from, to, skip: low.length }, visit),
  };
}

function prefixRanks(
  dictionary: TermDictionary,
  prefix: Uint8Array,
  all: readonly [number, number],
): readonly [number, number] {
  if (prefix.length === 0) return all;
  const behind = prefix.slice();
  // No byte of UTF-8 is 255.
  behind[behind.length - 1]! += 1;
  return [dictionary.rank(prefix, false), dictionary.rank(behind, false)];
}

/** @param range.skip bytes of each term before its text */
function showTexts(
  dictionary: TermDictionary,
  { from, to, skip }: { readonly from: number; readonly to: number; readonly skip: number },
  visit: TextVisitor,
): boolean {
  if (!isTextDictionary(dictionary)) return false;
  if (dictionary.start(to) - dictionary.start(from) > SHOWN_BYTES_MAX) return false;
  for (let rank = from; rank < to; rank++) {
    const start = dictionary.start(rank) + skip;
    const end = dictionary.start(rank + 1);
    if (start <= end) visit(dictionary.bytes, start, end, rank);
  }
  return true;
}
