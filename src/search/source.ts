/** What a plan is about, chunk by chunk: what execute.ts finds, and everything else works on. */
import type { Bitmap } from '../base/bitmap.ts';
import type { Chunk } from '../segments/segment.ts';

/** Rows of one chunk that a plan is about. */
export interface Source {
  readonly chunk: Chunk;
  /** By row of the chunk; null: all its rows. Others may read by it as well: it is not changed. */
  readonly allowed: Bitmap | null;
  /** How many they are; never 0. */
  readonly rowCount: number;
}

/** Rows of all chunks that have a row to look at. */
export function searchedRows(sources: readonly Source[]): number {
  let rowCount = 0;
  for (const { chunk } of sources) rowCount += chunk.rowCount;
  return rowCount;
}
