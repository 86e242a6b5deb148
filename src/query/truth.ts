/**
 * Three-valued answers for many rows: two bits a row. Words as in base/bitmap.ts.
 *
 * - `truth` bit set: TRUE; never set where `known` is clear.
 * - `known` bit clear: UNKNOWN. Null in place of the words: everything is known.
 * - Bits above the last row may be anything in between; whoever hands words out trims them.
 */
import type { Validity } from '../schema/column.ts';

export interface Truth {
  readonly truth: Uint32Array;
  readonly known: Uint32Array | null;
}

export function wordCount(rowCount: number): number {
  return (rowCount + 31) >>> 5;
}

/** The same for every row. */
export function constantTruth(value: boolean, rowCount: number): Truth {
  const truth = new Uint32Array(wordCount(rowCount));
  if (value) truth.fill(0xffffffff);
  return { truth, known: null };
}

/** Takes rows that are null out of what is TRUE and out of what is known. `truth` is changed in place. */
export function withValidity(truth: Uint32Array, validity: Validity): Truth {
  if (validity === null) return { truth, known: null };
  for (let i = 0; i < truth.length; i++) truth[i]! &= validity[i]!;
  return { truth, known: validity };
}

/** In place: `truth` of the operand becomes the answer's. */
export function negation({ truth, known }: Truth): Truth {
  for (let i = 0; i < truth.length; i++) {
    truth[i] = known === null ? ~truth[i]! : known[i]! & ~truth[i]!;
  }
  return { truth, known };
}

/** FALSE where one side is, TRUE where both are. Changes `left.truth` in place. */
export function bothTrue(left: Truth, right: Truth): Truth {
  const known =
    left.known === null && right.known === null ? null : new Uint32Array(left.truth.length);
  for (let i = 0; known !== null && i < known.length; i++) {
    const leftKnown = left.known === null ? 0xffffffff : left.known[i]!;
    const rightKnown = right.known === null ? 0xffffffff : right.known[i]!;
    known[i] =
      (leftKnown & rightKnown) | (leftKnown & ~left.truth[i]!) | (rightKnown & ~right.truth[i]!);
  }
  for (let i = 0; i < left.truth.length; i++) left.truth[i]! &= right.truth[i]!;
  return { truth: left.truth, known };
}

/** TRUE where one side is, FALSE where both are. Changes `left.truth` in place. */
export function eitherTrue(left: Truth, right: Truth): Truth {
  for (let i = 0; i < left.truth.length; i++) left.truth[i]! |= right.truth[i]!;
  if (left.known === null && right.known === null) return { truth: left.truth, known: null };
  const known = new Uint32Array(left.truth.length);
  for (let i = 0; i < known.length; i++) {
    const leftKnown = left.known === null ? 0xffffffff : left.known[i]!;
    const rightKnown = right.known === null ? 0xffffffff : right.known[i]!;
    known[i] = (leftKnown & rightKnown) | left.truth[i]!;
  }
  return { truth: left.truth, known };
}

/** Rows whose answer `kind` has not settled yet, of those in `active`. */
export function undecided(
  kind: 'and' | 'or',
  { truth, known }: Truth,
  active: Uint32Array | null,
): Uint32Array {
  const rows = new Uint32Array(truth.length);
  for (let i = 0; i < rows.length; i++) {
    const isKnown = known === null ? 0xffffffff : known[i]!;
    const settled = kind === 'or' ? truth[i]! : isKnown & ~truth[i]!;
    rows[i] = ~settled & (active === null ? 0xffffffff : active[i]!);
  }
  return rows;
}
