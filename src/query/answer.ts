/**
 * What is known of a condition without looking at its column: an index has looked it up. Rows left open are
 * for the column to decide.
 */
import type { Predicate } from './predicate.ts';
import type { Truth } from './truth.ts';

export interface Answer {
  readonly truth: Uint32Array;
  /** Null: everything is known. */
  readonly known: Uint32Array | null;
  /** Rows of which neither says anything; null: none. */
  readonly open: Uint32Array | null;
}

/** Of the conditions of one filter those that are answered, for all rows of a chunk. */
export type Answers = ReadonlyMap<Predicate, Answer>;

/** Rows [start, end) of an answer, copied. @param start a multiple of 32 */
export function sliceAnswer({ truth, known, open }: Answer, start: number, end: number): Answer {
  const first = start >>> 5;
  const last = (end + 31) >>> 5;
  const rows = open?.slice(first, last) ?? null;
  const isOpen = rows?.some((word) => word !== 0) ?? false;
  return {
    truth: truth.slice(first, last),
    known: known?.subarray(first, last) ?? null,
    open: isOpen ? rows : null,
  };
}

/** The answer, with what the column says of the rows that it left open. `truth` becomes the whole's. */
export function withColumn({ truth, known, open }: Answer, column: Truth): Truth {
  if (open === null) return { truth, known };
  const all = new Uint32Array(truth.length);
  for (let i = 0; i < truth.length; i++) {
    const rows = open[i]!;
    truth[i] = (truth[i]! & ~rows) | (column.truth[i]! & rows);
    const ofIndex = known === null ? 0xffffffff : known[i]!;
    const ofColumn = column.known === null ? 0xffffffff : column.known[i]!;
    all[i] = (ofIndex & ~rows) | (ofColumn & rows);
  }
  return { truth, known: all };
}

/** Conditions of a filter that stand for themselves: all but `and`, `or` and `not`. */
export function conditionsOf(predicate: Predicate): Predicate[] {
  switch (predicate.kind) {
    case 'and':
    case 'or':
      return predicate.operands.flatMap(conditionsOf);
    case 'not':
      return conditionsOf(predicate.operand);
    default:
      return [predicate];
  }
}
