/**
 * The rows of each term in three forms, all by sections `starts` and `rows` of scalar-image.ts:
 *
 *   sorted    starts: u32 for each term and one more, where its rows begin among all rows; rows: u32 each, those
 *             of a term ascending. The rows of terms that follow each other are one run.    STL_SORT, TRIE
 *   deltas    starts: u32 for each term and one more, the byte where its list begins; rows: of each row what it
 *             is more than the one before, seven bits a byte, the lowest first, the top bit of all but the
 *             last byte set.                                                                INVERTED, NGRAM
 *   bitmaps   starts: as deltas; rows: a bitmap of the segment's rows, or the rows as u32 where they are fewer
 *             than its words: the length of the list tells which.                           BITMAP
 */
import { damagedImage, type ScalarImage, type Sections } from './scalar-image.ts';
import type { TermRows } from './term-rows.ts';

/** The lists of an image, by the ranks of their terms. */
export interface RowLists {
  /** Rows of terms [first, end), a row counted with each of them: about, and never too few by much. */
  count(first: number, end: number): number;
  /** Sets the bits of the rows of terms [first, end). */
  mark(first: number, end: number, out: Uint32Array): void;
}

type ListSections = Pick<Sections, 'starts' | 'rows'>;

export function writeSortedRows({ starts, rows }: TermRows): ListSections {
  return { starts, rows };
}

export function writeDeltas({ starts, rows }: TermRows): ListSections {
  const count = starts.length - 1;
  const places = new Uint32Array(count + 1);
  let length = 0;
  for (let term = 0; term < count; term++) {
    let last = 0;
    for (let i = starts[term]!; i < starts[term + 1]!; i++) {
      length += deltaBytes(rows[i]! - last);
      last = rows[i]!;
    }
    places[term + 1] = length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (let term = 0; term < count; term++) {
    let last = 0;
    for (let i = starts[term]!; i < starts[term + 1]!; i++) {
      let delta = rows[i]! - last;
      last = rows[i]!;
      for (; delta > 127; delta >>>= 7) bytes[at++] = (delta & 127) | 128;
      bytes[at++] = delta;
    }
  }
  return { starts: places, rows: bytes };
}

function deltaBytes(delta: number): number {
  let length = 1;
  for (let rest = delta >>> 7; rest > 0; rest >>>= 7) length++;
  return length;
}

export function writeBitmaps({ starts, rows }: TermRows, rowCount: number): ListSections {
  const count = starts.length - 1;
  const wordsEach = (rowCount + 31) >>> 5;
  const places = new Uint32Array(count + 1);
  for (let term = 0; term < count; term++) {
    const listed = starts[term + 1]! - starts[term]!;
    places[term + 1] = places[term]! + Math.min(listed, wordsEach) * 4;
  }
  const words = new Uint32Array(places[count]! / 4);
  for (let term = 0; term < count; term++) {
    const list = rows.subarray(starts[term], starts[term + 1]);
    const at = places[term]! / 4;
    if (list.length < wordsEach) words.set(list, at);
    else markRows(list, words.subarray(at, at + wordsEach));
  }
  return { starts: places, rows: words };
}

/** @throws MilvusError DataIntegrity */
export function openRowLists(image: ScalarImage): RowLists {
  const { structure, termCount, rowCount } = image.shape;
  const starts = image.mustWords('starts', termCount + 1);
  switch (structure) {
    case 'STL_SORT':
    case 'TRIE':
      return new SortedRows(starts, image.mustWords('rows'));
    case 'INVERTED':
    case 'NGRAM':
      return new Deltas(starts, image.mustSection('rows'));
    case 'BITMAP':
      return new Bitmaps(starts, image.mustWords('rows'), (rowCount + 31) >>> 5);
    default:
      throw damagedImage(`${structure} has no lists`);
  }
}

class SortedRows implements RowLists {
  readonly #starts: Uint32Array;
  readonly #rows: Uint32Array;

  constructor(starts: Uint32Array, rows: Uint32Array) {
    this.#starts = starts;
    this.#rows = rows;
  }

  count(first: number, end: number): number {
    return end <= first ? 0 : this.#starts[end]! - this.#starts[first]!;
  }

  mark(first: number, end: number, out: Uint32Array): void {
    if (end > first) markRows(this.#rows.subarray(this.#starts[first], this.#starts[end]), out);
  }
}

class Deltas implements RowLists {
  readonly #starts: Uint32Array;
  readonly #bytes: Uint8Array;

  constructor(starts: Uint32Array, bytes: Uint8Array) {
    this.#starts = starts;
    this.#bytes = bytes;
  }

  /** A row takes a byte or more. */
  count(first: number, end: number): number {
    return end <= first ? 0 : this.#starts[end]! - this.#starts[first]!;
  }

  mark(first: number, end: number, out: Uint32Array): void {
    const bytes = this.#bytes;
    for (let term = first; term < end; term++) {
      const stop = Math.min(this.#starts[term + 1]!, bytes.length);
      let row = 0;
      for (let at = this.#starts[term]!; at < stop; ) {
        let byte = bytes[at++]!;
        let delta = byte & 127;
        for (let shift = 7; byte > 127 && at < stop && shift < 32; shift += 7) {
          byte = bytes[at++]!;
          delta |= (byte & 127) << shift;
        }
        row += delta >>> 0;
        out[row >>> 5]! |= 1 << (row & 31);
      }
    }
  }
}

class Bitmaps implements RowLists {
  readonly #starts: Uint32Array;
  readonly #words: Uint32Array;
  readonly #wordsEach: number;

  constructor(starts: Uint32Array, words: Uint32Array, wordsEach: number) {
    this.#starts = starts;
    this.#words = words;
    this.#wordsEach = wordsEach;
  }

  /** Of a bitmap its words: what is to be done, not what is found. */
  count(first: number, end: number): number {
    return end <= first ? 0 : (this.#starts[end]! - this.#starts[first]!) >>> 2;
  }

  mark(first: number, end: number, out: Uint32Array): void {
    for (let term = first; term < end; term++) {
      const list = this.#words.subarray(this.#starts[term]! >>> 2, this.#starts[term + 1]! >>> 2);
      if (list.length !== this.#wordsEach) markRows(list, out);
      else for (let i = 0; i < list.length; i++) out[i]! |= list[i]!;
    }
  }
}

/** Rows behind the end of `out` set nothing. */
function markRows(rows: Uint32Array, out: Uint32Array): void {
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    out[row >>> 5]! |= 1 << (row & 31);
  }
}
