/**
 * SUBSTRUCTURE, SUPERSTRUCTURE and MHJACCARD of binary vectors: metrics by which a row matches, or is no
 * hit, which a cost says that is no number. Byte by byte, as most rows differ early.
 */
import { assert, must, unreachable } from '../base/assert.ts';
import {
  type Distances,
  TILE_QUERIES,
  tileRows,
  type Vectors,
  type VectorValues,
} from './distances.ts';
import { type MatchMetric, onlyMatches, type MetricType } from './metric-type.ts';
import { bandByteCount, type MinhashMeasure } from './minhash-signature.ts';

export class BinaryMatches implements Distances {
  readonly #vectors: Uint8Array;
  readonly #queries: Uint8Array;
  readonly #byteCount: number;
  readonly #stride: number;
  readonly #metric: MatchMetric;
  /** Of MHJACCARD. */
  readonly #minhash: MinhashMeasure | null;
  #firstQuery = 0;
  #queryCount = 0;

  constructor(
    vectors: Vectors,
    queries: VectorValues,
    by: { readonly metric: MetricType; readonly minhash?: MinhashMeasure },
  ) {
    const { metric, minhash = null } = by;
    assert(onlyMatches(metric), 'other metrics measure how far a row is');
    assert(metric !== 'MHJACCARD' || minhash !== null, 'MHJACCARD says how it compares');
    this.#vectors = vectors.values as Uint8Array;
    this.#queries = queries as Uint8Array;
    this.#byteCount = vectors.dim / 8;
    this.#stride = tileRows(vectors.dim);
    this.#metric = metric;
    this.#minhash = minhash;
  }

  setQueries(first: number, count: number): void {
    assert(count <= TILE_QUERIES, 'a tile has room for its queries');
    this.#firstQuery = first;
    this.#queryCount = count;
  }

  measure(rows: Uint32Array, rowCount: number, costs: Float32Array): void {
    for (let q = 0; q < this.#queryCount; q++) {
      const query = (this.#firstQuery + q) * this.#byteCount;
      for (let r = 0; r < rowCount; r++) {
        costs[q * this.#stride + r] = this.#costOf(query, rows[r]! * this.#byteCount);
      }
    }
  }

  /** Of two vectors, by where their bytes begin. */
  #costOf(query: number, row: number): number {
    const metric = this.#metric;
    switch (metric) {
      case 'SUBSTRUCTURE':
        return this.#isSubset(this.#queries, query, this.#vectors, row) ? 0 : Number.NaN;
      case 'SUPERSTRUCTURE':
        return this.#isSubset(this.#vectors, row, this.#queries, query) ? 0 : Number.NaN;
      case 'MHJACCARD': {
        const minhash = must(this.#minhash, 'MHJACCARD says how it compares');
        if (!minhash.isByShare) return this.#sharesBand(query, row, minhash) ? -1 : Number.NaN;
        const equal = this.#equalElements(query, row, minhash.elementBytes);
        return equal === 0 ? Number.NaN : -equal / (this.#byteCount / minhash.elementBytes);
      }
      default:
        return unreachable(metric);
    }
  }

  #isSubset(part: Uint8Array, at: number, whole: Uint8Array, from: number): boolean {
    for (let i = 0; i < this.#byteCount; i++) {
      if ((part[at + i]! & ~whole[from + i]!) !== 0) return false;
    }
    return true;
  }

  #sharesBand(query: number, row: number, minhash: MinhashMeasure): boolean {
    const bandBytes = bandByteCount(minhash, this.#byteCount);
    for (let band = 0; band < minhash.bandCount; band++) {
      const start = band * bandBytes;
      if (this.#areEqual(query + start, row + start, bandBytes)) return true;
    }
    return false;
  }

  #equalElements(query: number, row: number, elementBytes: number): number {
    let equal = 0;
    for (let at = 0; at < this.#byteCount; at += elementBytes) {
      if (this.#areEqual(query + at, row + at, elementBytes)) equal++;
    }
    return equal;
  }

  #areEqual(query: number, row: number, count: number): boolean {
    for (let i = 0; i < count; i++) {
      if (this.#queries[query + i] !== this.#vectors[row + i]) return false;
    }
    return true;
  }
}
