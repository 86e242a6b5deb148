/**
 * The order of primary keys: rows sorted by key, rows of one key by row. A radix sort over 32-bit words,
 * in passes short enough to give others a turn in between.
 */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { compareHalves, compareText, halvesOf, keyCount } from './key-list.ts';
import type { KeyList } from './segment.ts';

const SIGN = 0x80000000;
/** Groups of text keys up to this size are sorted by comparing. */
const COMPARE_MAX = 32;
/** Keys above which others get a turn between two passes. */
const LONG_RANGE = 65_536;

/** Row offsets in ascending order of their keys; ties in order of the rows. */
export async function orderKeys(
  keys: KeyList,
  clock: Pick<Clock, 'yieldTurn'>,
): Promise<Uint32Array> {
  const rows = new Uint32Array(keyCount(keys));
  for (let i = 0; i < rows.length; i++) rows[i] = i;
  if (isAscending(keys)) return rows;
  const sorter = new RowSorter(rows, clock);
  if (keys.kind === 'text') await orderText(keys, sorter);
  else {
    const halves = halvesOf(keys.values);
    const words = new Uint32Array(rows.length);
    for (let i = 0; i < rows.length; i++) words[i] = halves[2 * i]!;
    if (rows.length > LONG_RANGE) await clock.yieldTurn();
    await sorter.sort(words, 0, rows.length);
    for (let i = 0; i < rows.length; i++) words[i] = halves[2 * rows[i]! + 1]! ^ SIGN;
    await sorter.sort(words, 0, rows.length);
  }
  return rows;
}

/**
 * How many of the first `count` keys are at or below the first key of `bound`.
 * @param rows which key stands at each place, so that they ascend; null: they ascend by themselves
 */
export function countUpTo(
  keys: KeyList,
  rows: Uint32Array | null,
  { bound, count }: { readonly bound: KeyList; readonly count: number },
): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKey(keys, rows === null ? middle : rows[middle]!, bound) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Key `i` of `keys` beside the first of `bound`. */
function compareKey(keys: KeyList, i: number, bound: KeyList): number {
  if (keys.kind === 'text') {
    assert(bound.kind === 'text', 'keys of one field are of one kind');
    return compareText(keys, i, bound, 0);
  }
  assert(bound.kind === 'int64', 'keys of one field are of one kind');
  return compareHalves(halvesOf(keys.values), i, halvesOf(bound.values), 0);
}

function isAscending(keys: KeyList): boolean {
  if (keys.kind === 'text') {
    for (let i = 1; i < keys.offsets.length - 1; i++) {
      if (compareText(keys, i - 1, keys, i) > 0) return false;
    }
    return true;
  }
  const halves = halvesOf(keys.values);
  for (let i = 2; i < halves.length; i += 2) {
    const high = halves[i + 1]! - halves[i - 1]!;
    if (high < 0 || (high === 0 && halves[i]! >>> 0 < halves[i - 2]! >>> 0)) return false;
  }
  return true;
}

/** Sorts ranges of one array of rows. */
class RowSorter {
  readonly rows: Uint32Array;
  readonly #clock: Pick<Clock, 'yieldTurn'>;
  readonly #otherRows: Uint32Array;
  readonly #otherWords: Uint32Array;

  constructor(rows: Uint32Array, clock: Pick<Clock, 'yieldTurn'>) {
    this.rows = rows;
    this.#clock = clock;
    this.#otherRows = new Uint32Array(rows.length);
    this.#otherWords = new Uint32Array(rows.length);
  }

  /** Stable sort of rows [start, end) by words [start, end), which are those rows' keys and move along. */
  async sort(words: Uint32Array, start: number, end: number): Promise<void> {
    for (let shift = 0; shift < 32; shift += 8) {
      const counts = new Uint32Array(257);
      for (let i = start; i < end; i++) counts[((words[i]! >>> shift) & 255) + 1]!++;
      if (counts.includes(end - start)) continue;
      for (let i = 1; i < 257; i++) counts[i]! += counts[i - 1]!;
      this.#scatter(words, start, end, { shift, counts });
      if (end - start > LONG_RANGE) await this.#clock.yieldTurn();
    }
  }

  #scatter(
    words: Uint32Array,
    start: number,
    end: number,
    digit: { readonly shift: number; readonly counts: Uint32Array },
  ): void {
    const { shift, counts } = digit;
    const rows = this.#otherRows;
    const moved = this.#otherWords;
    for (let i = start; i < end; i++) {
      const word = words[i]!;
      const at = start + counts[(word >>> shift) & 255]!++;
      rows[at] = this.rows[i]!;
      moved[at] = word;
    }
    this.rows.set(rows.subarray(start, end), start);
    words.set(moved.subarray(start, end), start);
  }
}

type TextKeys = Extract<KeyList, { kind: 'text' }>;

interface TextRange {
  readonly start: number;
  readonly end: number;
  /** Bytes that all keys of the range share. */
  readonly depth: number;
}

/** Four bytes at a time from the front; a range whose four bytes are equal is sorted by the next four. */
async function orderText(keys: TextKeys, sorter: RowSorter): Promise<void> {
  const words = new Uint32Array(sorter.rows.length);
  const ranges: TextRange[] = [{ start: 0, end: sorter.rows.length, depth: 0 }];
  for (let range = ranges.pop(); range !== undefined; range = ranges.pop()) {
    const { start, end, depth } = range;
    if (end - start <= COMPARE_MAX) {
      compareSort(keys, sorter.rows.subarray(start, end));
      continue;
    }
    // Zeros stand for what a short key lacks, and a key may hold zeros: sorting by length first settles it.
    for (let i = start; i < end; i++) {
      words[i] = Math.min(4, lengthOf(keys, sorter.rows[i]!) - depth);
    }
    await sorter.sort(words, start, end);
    for (let i = start; i < end; i++) words[i] = wordAt(keys, sorter.rows[i]!, depth);
    await sorter.sort(words, start, end);
    for (let first = start; first < end; ) {
      const length = Math.min(4, lengthOf(keys, sorter.rows[first]!) - depth);
      let next = first + 1;
      while (
        next < end &&
        words[next] === words[first] &&
        Math.min(4, lengthOf(keys, sorter.rows[next]!) - depth) === length
      ) {
        next++;
      }
      if (next - first > 1 && length === 4) {
        ranges.push({ start: first, end: next, depth: depth + 4 });
      }
      first = next;
    }
  }
}

function lengthOf(keys: TextKeys, row: number): number {
  return keys.offsets[row + 1]! - keys.offsets[row]!;
}

function wordAt(keys: TextKeys, row: number, depth: number): number {
  const at = keys.offsets[row]! + depth;
  const end = keys.offsets[row + 1]!;
  let word = 0;
  for (let i = 0; i < 4; i++) word = (word << 8) | (at + i < end ? keys.bytes[at + i]! : 0);
  return word >>> 0;
}

/** Insertion sort: stable, and the ranges are short. */
function compareSort(keys: TextKeys, rows: Uint32Array): void {
  for (let i = 1; i < rows.length; i++) {
    const row = rows[i]!;
    let at = i;
    while (at > 0 && compareText(keys, rows[at - 1]!, keys, row) > 0) {
      rows[at] = rows[at - 1]!;
      at--;
    }
    rows[at] = row;
  }
}
