/** Rows of equal score stand in the order of their keys, whoever found them. */
import { compareRows, type OrderedKeys, smallestRows } from './key-order.ts';
import type { Turn } from './read-context.ts';

/** Rows of one chunk, best first. */
export interface Found {
  readonly rows: Uint32Array;
  readonly scores: Float32Array;
}

/** Of `wanted` rows that were asked for all are there, and the last has the score of the last of the best topK. */
export function endsInTie({ scores }: Found, topK: number, wanted: number): boolean {
  return scores.length >= wanted && scores[wanted - 1] === scores[topK - 1];
}

export interface TieOrder {
  readonly topK: number;
  /** Looked at only where scores are equal. */
  readonly keys: Promise<OrderedKeys>;
  readonly turn: Turn;
}

/** The best topK rows; runs of equal scores in the order of their keys. */
export async function orderTies(found: Found, order: TieOrder): Promise<Uint32Array> {
  const { rows, scores } = found;
  const count = Math.min(order.topK, rows.length);
  const ordered = rows.slice(0, count);
  for (let start = 0; start < count; ) {
    let end = start + 1;
    while (end < rows.length && scores[end] === scores[start]) end++;
    if (end - start > 1) {
      const keys = await order.keys;
      const limit = Math.min(end, count) - start;
      const first = await smallestRows(keys, rows.subarray(start, end), limit, order.turn);
      ordered.set(
        first.slice().sort((left, right) => compareRows(keys, left, right)),
        start,
      );
    }
    start = end;
  }
  return ordered;
}

/** As `orderTies`, of few rows whose keys are at hand; they are asked for where scores are equal. */
export function orderTiesAtOnce(
  { rows, scores }: Found,
  topK: number,
  keysOf: () => OrderedKeys,
): Uint32Array {
  const count = Math.min(topK, rows.length);
  const ordered = rows.slice(0, count);
  for (let start = 0; start < count; ) {
    let end = start + 1;
    while (end < rows.length && scores[end] === scores[start]) end++;
    if (end - start > 1) {
      const keys = keysOf();
      const run = rows.slice(start, end).sort((left, right) => compareRows(keys, left, right));
      ordered.set(run.subarray(0, Math.min(end, count) - start), start);
    }
    start = end;
  }
  return ordered;
}
