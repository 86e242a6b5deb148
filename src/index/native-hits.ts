/**
 * What the native searches of graphs, lists and tables write, as hits: counts by query, then room for topK rows
 * a query, then for as many scores as float32, hits of all queries one behind the other.
 *
 * Calls share memory, each having its own part of it: memory of its own for each would cost more than a
 * short walk. Hits that take more than a part of it have memory of their own.
 */
import { Bitmap } from '../base/bitmap.ts';
import type { IndexHits } from './vector-index.ts';

const SHARED_WORDS = 16_384;
const SHARED_PART_MAX: number = SHARED_WORDS / 16;

export class NativeHits {
  #shared = new Uint32Array(0);
  #next = 0;

  /** @param search fills the words that it is given, and says how many hits there are */
  collect(
    { queryCount, topK }: { readonly queryCount: number; readonly topK: number },
    search: (out: Uint32Array) => number,
  ): IndexHits {
    const room = queryCount * topK;
    const out = this.#reserve(queryCount + room * 2);
    const count = search(out);
    const start = out.byteOffset + queryCount * 4;
    return {
      counts: out.subarray(0, queryCount),
      rows: new Uint32Array(out.buffer, start, count),
      scores: new Float32Array(out.buffer, start + room * 4, count),
    };
  }

  /** Memory that no other call has. */
  #reserve(words: number): Uint32Array {
    if (words > SHARED_PART_MAX) return new Uint32Array(words);
    if (this.#next + words > this.#shared.length) {
      this.#shared = new Uint32Array(SHARED_WORDS);
      this.#next = 0;
    }
    const start = this.#next;
    this.#next += words;
    return this.#shared.subarray(start, start + words);
  }
}

/** Rows that a mask allows. */
export function countAllowed(allowed: Uint32Array | null, rowCount: number): number {
  if (allowed === null) return rowCount;
  const tail = new Bitmap(rowCount, allowed.slice(0, (rowCount + 31) >>> 5));
  return tail.and(Bitmap.full(rowCount)).count();
}
