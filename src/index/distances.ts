/**
 * Costs of a tile: some queries against some rows of a vector column. One implementation a family of
 * element types; each reads the column where it lies and writes float32 costs.
 */
import type { DenseVectorType } from '../schema/data-type.ts';

/** Queries of one tile: at 128 dimensions their float64 form fills a first-level cache. */
export const TILE_QUERIES = 32;
/** Elements of a column that one tile covers, about: 64 KiB of float32. */
const TILE_ELEMENTS = 16_384;

/** Rows of one tile. */
export function tileRows(dim: number): number {
  return Math.min(256, Math.max(4, Math.floor(TILE_ELEMENTS / dim)));
}

export type VectorValues = Float32Array | Uint16Array | Int8Array | Uint8Array;

/** Dense vectors, row-major, as in `VectorColumn`. */
export interface Vectors {
  readonly type: DenseVectorType;
  readonly dim: number;
  readonly values: VectorValues;
}

export interface Distances {
  /** Takes queries [first, first + count) as the ones to compare with; count <= TILE_QUERIES. */
  setQueries(first: number, count: number): void;
  /**
   * Cost of row rows[r] against query q of those set at costs[q x tileRows(dim) + r], for r < rowCount;
   * NaN where a row is no hit: by metrics that only match, and by no other.
   */
  measure(rows: Uint32Array, rowCount: number, costs: Float32Array): void;
}
