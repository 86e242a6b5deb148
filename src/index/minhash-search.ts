/**
 * Searching the tables of a MINHASH_LSH index: the twin of native/src/minhash_search.cc.
 *
 * Band by band, rows with the query's hash are compared with it byte by byte, and are candidates when they
 * are equal, until there are as many as the search wants; a row is one once. What is found is the first
 * candidates, each of score 1, or the best of them by the share of equal elements.
 */
import { bandHash, mayHave } from './minhash-filter.ts';
import { bandFilter, bucketOf } from './minhash-build.ts';
import type { TableImage } from './minhash-image.ts';
import { bandByteCount } from './minhash-signature.ts';

export interface TableQuery {
  /** Where the signature lies. */
  readonly queries: Uint8Array;
  readonly query: number;
  readonly topK: number;
  /** Candidates wanted, topK at least. */
  readonly candidates: number;
  /** By the share of equal elements. */
  readonly isByShare: boolean;
  readonly allowed: Uint32Array | null;
}

/** Of one query; best first, equal scores by row. */
export interface TableHits {
  readonly rows: Uint32Array;
  readonly scores: Float32Array;
}

export class TableSearcher {
  readonly #image: TableImage;
  readonly #vectors: Uint8Array;
  readonly #byteCount: number;
  readonly #bandBytes: number;
  /** Bit by row: it is a candidate. Zeros between searches. */
  readonly #seen: Uint32Array;
  #found: number[] = [];

  constructor(image: TableImage, vectors: Uint8Array) {
    const { shape } = image;
    this.#image = image;
    this.#vectors = vectors;
    this.#byteCount = shape.dim / 8;
    this.#bandBytes = bandByteCount(shape, this.#byteCount);
    this.#seen = new Uint32Array(Math.ceil(shape.rowCount / 32));
  }

  search(query: TableQuery): TableHits {
    const { bandCount } = this.#image.shape;
    this.#found = [];
    for (let band = 0; band < bandCount && this.#found.length < query.candidates; band++) {
      this.#searchBand(query, band);
    }
    for (const row of this.#found) this.#seen[row >>> 5] = 0;
    const start = query.query * this.#byteCount;
    const scored = this.#found.map((row): [number, number] => [
      row,
      query.isByShare ? this.#share(query.queries, start, row) : 1,
    ]);
    scored.sort(([row, score], [other, worse]) => worse - score || row - other);
    const best = scored.slice(0, query.topK);
    return {
      rows: Uint32Array.from(best, ([row]) => row),
      scores: Float32Array.from(best, ([, score]) => score),
    };
  }

  #searchBand({ queries, query, candidates, allowed }: TableQuery, band: number): void {
    const { shape, starts, entries } = this.#image;
    const { bucketBits, rowCount, filterCount } = shape;
    const offset = band * this.#bandBytes;
    const place = query * this.#byteCount + offset;
    const hash = bandHash(queries, place, this.#bandBytes, band);
    if (filterCount > 0 && !mayHave(bandFilter(this.#image, band), hash)) return;
    const bucket = band * (2 ** bucketBits + 1) + bucketOf(hash, bucketBits);
    const end = band * rowCount + Math.min(starts[bucket + 1]!, rowCount);
    for (let entry = band * rowCount + starts[bucket]!; entry < end; entry++) {
      if (entries[entry * 2] !== hash) continue;
      const row = entries[entry * 2 + 1]!;
      if (row >= rowCount) continue;
      const word = row >>> 5;
      const bit = 1 << (row & 31);
      if (allowed !== null && (allowed[word]! & bit) === 0) continue;
      if ((this.#seen[word]! & bit) !== 0) continue;
      if (!this.#isEqual(queries, place, row * this.#byteCount + offset)) continue;
      this.#seen[word]! |= bit;
      this.#found.push(row);
      if (this.#found.length === candidates) return;
    }
  }

  /** Whether the bytes of a band are the same, where they lie. */
  #isEqual(queries: Uint8Array, place: number, from: number): boolean {
    for (let i = 0; i < this.#bandBytes; i++) {
      if (queries[place + i] !== this.#vectors[from + i]) return false;
    }
    return true;
  }

  #share(queries: Uint8Array, start: number, row: number): number {
    const { elementBytes } = this.#image.shape;
    const from = row * this.#byteCount;
    let equal = 0;
    for (let at = 0; at < this.#byteCount; at += elementBytes) {
      let i = 0;
      while (i < elementBytes && queries[start + at + i] === this.#vectors[from + at + i]) i++;
      if (i === elementBytes) equal++;
    }
    return Math.fround(equal / (this.#byteCount / elementBytes));
  }
}
