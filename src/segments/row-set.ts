/** Sets of row offsets and the timestamps of rows, as plain arrays. */
import { Bitmap } from '../base/bitmap.ts';
import { halvesOf } from './key-list.ts';

/** The name of every row of a segment. */
export const ALL_ROWS = '';

/** `rows` in ascending order, each once; sorts in place. */
export function ascendingRows(rows: Uint32Array): Uint32Array {
  rows.sort();
  let count = 0;
  for (let i = 0; i < rows.length; i++) {
    if (i === 0 || rows[i] !== rows[i - 1]) rows[count++] = rows[i]!;
  }
  return count === rows.length ? rows : rows.slice(0, count);
}

/** The rows whose timestamp lies in [from, to]. */
export function writtenWithin(timestamps: BigInt64Array, from: bigint, to: bigint): Bitmap {
  const rows = new Bitmap(timestamps.length);
  const halves = halvesOf(timestamps);
  const fromHigh = Number(from >> 32n);
  const fromLow = Number(from & 0xffffffffn);
  const toHigh = Number(to >> 32n);
  const toLow = Number(to & 0xffffffffn);
  for (let i = 0; i < timestamps.length; i++) {
    const high = halves[2 * i + 1]!;
    const low = halves[2 * i]! >>> 0;
    if (high < fromHigh || (high === fromHigh && low < fromLow)) continue;
    if (high < toHigh || (high === toHigh && low <= toLow)) rows.set(i);
  }
  return rows;
}
