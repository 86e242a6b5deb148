/** What every engine of the comparison is asked for. */

export const TOP_K = 10;
/** efConstruction and M of every graph. */
export const BUILD_WIDTH = 200;
export const DEGREE = 16;

/** Rows are spread over so many buckets; a filter takes those below a portion of them. */
export const BUCKETS = 1000;

/** The same in every language. */
export function bucketOf(row: number): number {
  return (row * 7919) % BUCKETS;
}

/** Bit i: row i is one of the `share`. */
export function maskOf(rowCount: number, share: number): Uint32Array {
  const words = new Uint32Array(Math.ceil(rowCount / 32));
  for (let row = 0; row < rowCount; row++) {
    if (bucketOf(row) < share * BUCKETS) words[row >>> 5]! |= 1 << (row & 31);
  }
  return words;
}
