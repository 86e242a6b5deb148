/**
 * What the native searches of graphs, lists and tables write, as hits: counts by query, then room for topK rows
 * a query, then for as many scores as float32, hits of all queries one behind the other.
 *
 * The memory is used again: new memory for each call would cost more than a walk.
 */
import { Bitmap } from '../base/bitmap.ts';
import type { IndexHits } from './vector-index.ts';

/** Memory that an open index keeps. */
const KEPT_WORDS_MIN = 256;
const KEPT_WORDS_MAX = 65_536;

export class NativeHits {
  #out = new Uint32Array(KEPT_WORDS_MIN);

  /** @param search fills the words that it is given, and says how many hits there are */
  collect(
    { queryCount, topK }: { readonly queryCount: number; readonly topK: number },
    search: (out: Uint32Array) => number,
  ): IndexHits {
    const room = queryCount * topK;
    const out = this.#reserve(queryCount + room * 2);
    const count = search(out);
    const scores = new Float32Array(out.buffer, (queryCount + room) * 4, count);
    return {
      counts: out.slice(0, queryCount),
      rows: out.slice(queryCount, queryCount + count),
      scores: scores.slice(),
    };
  }

  #reserve(words: number): Uint32Array {
    if (words <= this.#out.length) return this.#out;
    const out = new Uint32Array(words);
    if (words <= KEPT_WORDS_MAX) this.#out = out;
    return out;
  }
}

/** Rows that a mask allows. */
export function countAllowed(allowed: Uint32Array | null, rowCount: number): number {
  if (allowed === null) return rowCount;
  const tail = new Bitmap(rowCount, allowed.slice(0, (rowCount + 31) >>> 5));
  return tail.and(Bitmap.full(rowCount)).count();
}
