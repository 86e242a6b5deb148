/**
 * The order of primary keys: int64 by value, text by its UTF-8 bytes. Ties between scores and the rows of a
 * query answer follow it. Whatever may be long gives turns.
 */
import { assert } from '../base/assert.ts';
import { compareHalves, compareText, halvesOf, keyCount } from '../segments/key-list.ts';
import type { KeyList } from '../segments/segment.ts';
import type { Turn } from './read-context.ts';

/** Comparisons between two looks at the clock. */
const PIECE = 4096;

/** Keys that can be compared with those of another list of the same field. */
export type OrderedKeys =
  | { readonly kind: 'int64'; readonly halves: Int32Array }
  | { readonly kind: 'text'; readonly offsets: Uint32Array; readonly bytes: Uint8Array };

export function orderedKeys(keys: KeyList): OrderedKeys {
  return keys.kind === 'int64' ? { kind: 'int64', halves: halvesOf(keys.values) } : keys;
}

/** Negative when key `i` of `left` comes before key `j` of `right`, 0 when they are the same. */
export function compareKeys(left: OrderedKeys, i: number, right: OrderedKeys, j: number): number {
  if (left.kind === 'int64') {
    assert(right.kind === 'int64', 'keys of one field are of one kind');
    return compareHalves(left.halves, i, right.halves, j);
  }
  assert(right.kind === 'text', 'keys of one field are of one kind');
  return compareText(left, i, right, j);
}

/** The order of rows of one list: by key; elements of one row have the same, and are ordered by their places. */
export function compareRows(keys: OrderedKeys, left: number, right: number): number {
  const byKey = compareKeys(keys, left, keys, right);
  return byKey === 0 ? left - right : byKey;
}

/** Positions of all keys in ascending order. */
export async function sortedPositions(list: KeyList, turn: Turn): Promise<Uint32Array> {
  const keys = orderedKeys(list);
  let runs = await ascendingRuns(keys, keyCount(list), turn);
  let source = new Uint32Array(keyCount(list));
  for (let position = 0; position < source.length; position++) source[position] = position;
  let target = new Uint32Array(source.length);
  while (runs.length > 2) {
    const merged = [0];
    for (let i = 0; i < runs.length - 1; i += 2) {
      const bounds = { start: runs[i]!, middle: runs[i + 1]!, end: runs[i + 2] ?? runs[i + 1]! };
      await mergeRuns(keys, { source, target, ...bounds }, turn);
      merged.push(bounds.end);
    }
    runs = merged;
    [source, target] = [target, source];
  }
  return source;
}

/** Where ascending runs begin, and where the last one ends. Rows often come in the order of their keys. */
async function ascendingRuns(keys: OrderedKeys, count: number, turn: Turn): Promise<number[]> {
  const bounds = [0];
  for (let i = 1; i < count; i++) {
    if (compareKeys(keys, i - 1, keys, i) > 0) bounds.push(i);
    if (i % PIECE === 0 && turn.isOver) await turn.yield();
  }
  bounds.push(count);
  return bounds;
}

interface RunPair {
  readonly source: Uint32Array;
  readonly target: Uint32Array;
  readonly start: number;
  readonly middle: number;
  readonly end: number;
}

/** Merges [start, middle) and [middle, end) of `source` into `target`. */
async function mergeRuns(keys: OrderedKeys, pair: RunPair, turn: Turn): Promise<void> {
  const { source, target, start, middle, end } = pair;
  let left = start;
  let right = middle;
  for (let at = start; at < end; ) {
    for (const stop = Math.min(end, at + PIECE); at < stop; at++) {
      const takesLeft =
        right >= end ||
        (left < middle && compareKeys(keys, source[left]!, keys, source[right]!) <= 0);
      target[at] = takesLeft ? source[left++]! : source[right++]!;
    }
    if (turn.isOver) await turn.yield();
  }
}

/**
 * Those `limit` of `rows` that come first by `compareRows`, in no order; all of them when there are fewer.
 * @param rows positions in `keys`
 */
export async function smallestRows(
  keys: OrderedKeys,
  rows: Uint32Array,
  limit: number,
  turn: Turn,
): Promise<Uint32Array> {
  if (rows.length <= limit) return rows;
  const heap = rows.slice(0, limit);
  for (let i = (limit >> 1) - 1; i >= 0; i--) siftDown(keys, heap, i);
  if (limit === 0) return heap;
  for (let i = limit; i < rows.length; i++) {
    if (compareRows(keys, rows[i]!, heap[0]!) < 0) {
      heap[0] = rows[i]!;
      siftDown(keys, heap, 0);
    }
    if (i % PIECE === 0 && turn.isOver) await turn.yield();
  }
  return heap;
}

/** Restores the heap, largest key first, below position `at`. */
function siftDown(keys: OrderedKeys, heap: Uint32Array, at: number): void {
  const row = heap[at]!;
  let hole = at;
  for (;;) {
    let child = 2 * hole + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && compareRows(keys, heap[child + 1]!, heap[child]!) > 0) {
      child++;
    }
    if (compareRows(keys, heap[child]!, row) <= 0) break;
    heap[hole] = heap[child]!;
    hole = child;
  }
  heap[hole] = row;
}
