/**
 * HAMMING and JACCARD of binary vectors, on 32-bit words. A column whose rows are whole aligned words is
 * read where it lies; others are copied tile by tile into zero-padded words, which changes no count.
 */
import { assert } from '../base/assert.ts';
import {
  type Distances,
  TILE_QUERIES,
  tileRows,
  type Vectors,
  type VectorValues,
} from './distances.ts';
import type { MetricType } from './metric-type.ts';

/** What the kernels read and write; `counts[q x stride + r]` belongs to query q and rows[r]. */
interface BinaryTile {
  readonly queries: Int32Array;
  vectors: Int32Array;
  rows: Uint32Array;
  rowCount: number;
  readonly wordCount: number;
  readonly stride: number;
  readonly counts: Int32Array;
}

export class BinaryDistances implements Distances {
  readonly #vectors: Uint8Array;
  readonly #allQueries: Uint8Array;
  readonly #metric: MetricType;
  readonly #byteCount: number;
  readonly #tile: BinaryTile;
  #queryCount = 0;
  readonly #queryBits = new Int32Array(TILE_QUERIES);
  readonly #rowBits: Int32Array;
  /** The column as words; null when its rows are not aligned ones. */
  readonly #aligned: Int32Array | null;
  readonly #padded: Int32Array;
  readonly #paddedRows: Uint32Array;

  constructor(vectors: Vectors, queries: VectorValues, metric: MetricType) {
    const stride = tileRows(vectors.dim);
    const byteCount = vectors.dim / 8;
    const wordCount = Math.ceil(byteCount / 4);
    this.#vectors = vectors.values as Uint8Array;
    this.#allQueries = queries as Uint8Array;
    this.#metric = metric;
    this.#byteCount = byteCount;
    this.#rowBits = new Int32Array(stride);
    this.#aligned = alignedWords(this.#vectors, byteCount);
    this.#padded = new Int32Array(this.#aligned === null ? stride * wordCount : 0);
    this.#paddedRows = Uint32Array.from({ length: stride }, (_, row) => row);
    this.#tile = {
      queries: new Int32Array(TILE_QUERIES * wordCount),
      vectors: this.#aligned ?? this.#padded,
      rows: this.#paddedRows,
      rowCount: 0,
      wordCount,
      stride,
      counts: new Int32Array(TILE_QUERIES * stride),
    };
  }

  setQueries(first: number, count: number): void {
    assert(count <= TILE_QUERIES, 'a tile has room for its queries');
    const { queries, wordCount } = this.#tile;
    this.#queryCount = count;
    const bytes = new Uint8Array(queries.buffer);
    for (let q = 0; q < count; q++) {
      const start = (first + q) * this.#byteCount;
      bytes.set(this.#allQueries.subarray(start, start + this.#byteCount), q * wordCount * 4);
      this.#queryBits[q] = bitCount(queries, q * wordCount, wordCount);
    }
  }

  measure(rows: Uint32Array, rowCount: number, costs: Float32Array): void {
    const tile = this.#tile;
    tile.rowCount = rowCount;
    this.#setRows(rows);
    if (this.#metric === 'HAMMING') {
      for (let q = 0; q < this.#queryCount; q++) countDifferent(tile, q);
      costs.set(tile.counts);
      return;
    }
    for (let r = 0; r < rowCount; r++) {
      this.#rowBits[r] = bitCount(tile.vectors, tile.rows[r]! * tile.wordCount, tile.wordCount);
    }
    for (let q = 0; q < this.#queryCount; q++) {
      countCommon(tile, q);
      for (let r = 0; r < rowCount; r++) {
        const common = tile.counts[q * tile.stride + r]!;
        const either = this.#queryBits[q]! + this.#rowBits[r]! - common;
        costs[q * tile.stride + r] = either === 0 ? 1 : (either - common) / either;
      }
    }
  }

  #setRows(rows: Uint32Array): void {
    const tile = this.#tile;
    if (this.#aligned !== null) {
      tile.rows = rows;
      return;
    }
    const bytes = new Uint8Array(this.#padded.buffer);
    for (let r = 0; r < tile.rowCount; r++) {
      const start = rows[r]! * this.#byteCount;
      const row = this.#vectors.subarray(start, start + this.#byteCount);
      bytes.set(row, r * tile.wordCount * 4);
    }
  }
}

function alignedWords(bytes: Uint8Array, byteCount: number): Int32Array | null {
  if (byteCount % 4 !== 0 || bytes.byteOffset % 4 !== 0) return null;
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

/** Bits of a word, counted in groups of four: eight counts of at most 4 each. */
function nibbleCounts(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  return (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
}

/** The sum of eight four-bit counts. */
function sumNibbles(nibbles: number): number {
  return Math.imul((nibbles & 0x0f0f0f0f) + ((nibbles >>> 4) & 0x0f0f0f0f), 0x01010101) >>> 24;
}

function bitCount(words: Int32Array, start: number, wordCount: number): number {
  let count = 0;
  for (let i = start; i < start + wordCount; i++) count += sumNibbles(nibbleCounts(words[i]!));
  return count;
}

function countDifferent(tile: BinaryTile, query: number): void {
  const { queries, vectors, rows, rowCount, wordCount, stride, counts } = tile;
  const start = query * wordCount;
  for (let r = 0; r < rowCount; r++) {
    let count = 0;
    let j = rows[r]! * wordCount;
    let i = start;
    // Two counts of at most 4 fit a nibble together.
    for (const end = start + wordCount - 1; i < end; i += 2, j += 2) {
      count += sumNibbles(
        nibbleCounts(queries[i]! ^ vectors[j]!) + nibbleCounts(queries[i + 1]! ^ vectors[j + 1]!),
      );
    }
    if (i < start + wordCount) count += sumNibbles(nibbleCounts(queries[i]! ^ vectors[j]!));
    counts[query * stride + r] = count;
  }
}

function countCommon(tile: BinaryTile, query: number): void {
  const { queries, vectors, rows, rowCount, wordCount, stride, counts } = tile;
  const start = query * wordCount;
  for (let r = 0; r < rowCount; r++) {
    let count = 0;
    let j = rows[r]! * wordCount;
    let i = start;
    for (const end = start + wordCount - 1; i < end; i += 2, j += 2) {
      count += sumNibbles(
        nibbleCounts(queries[i]! & vectors[j]!) + nibbleCounts(queries[i + 1]! & vectors[j + 1]!),
      );
    }
    if (i < start + wordCount) count += sumNibbles(nibbleCounts(queries[i]! & vectors[j]!));
    counts[query * stride + r] = count;
  }
}
