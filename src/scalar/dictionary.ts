/** What every form of a dictionary answers: terms in ascending order, each once, by their ranks. */

/** A number compares with numbers, by exact value; a text with texts, by its UTF-8. */
export type Term = bigint | number | Uint8Array;

export interface TermDictionary {
  readonly count: number;
  /** How many terms are less than `term`; with `isAfter`, not greater. */
  rank(term: Term, isAfter: boolean): number;
}

/** Texts that can be looked at one by one. */
export interface TextDictionary extends TermDictionary {
  /** All texts, of which one of a rank is bytes [start(rank), start(rank + 1)). */
  readonly bytes: Uint8Array;
  start(rank: number): number;
}

export function isTextDictionary(dictionary: TermDictionary): dictionary is TextDictionary {
  return 'bytes' in dictionary;
}
