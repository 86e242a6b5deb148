/**
 * L2, IP and COSINE of int8 vectors, in exact integers: at 32,768 dimensions the largest sum,
 * 32,768 x 255^2, still fits 31 bits.
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

/** What the kernels read and write; `sums[q x stride + r]` belongs to query q and rows[r]. */
interface Int8Tile {
  queries: Int8Array;
  readonly vectors: Int8Array;
  rows: Uint32Array;
  rowCount: number;
  readonly dim: number;
  readonly stride: number;
  readonly sums: Int32Array;
}

export class Int8Distances implements Distances {
  readonly #allQueries: Int8Array;
  readonly #metric: MetricType;
  readonly #tile: Int8Tile;
  #queryCount = 0;
  readonly #querySquares = new Int32Array(TILE_QUERIES);
  readonly #rowSquares: Int32Array;

  constructor(vectors: Vectors, queries: VectorValues, metric: MetricType) {
    const stride = tileRows(vectors.dim);
    this.#allQueries = queries as Int8Array;
    this.#metric = metric;
    this.#rowSquares = new Int32Array(stride);
    this.#tile = {
      queries: this.#allQueries,
      vectors: vectors.values as Int8Array,
      rows: new Uint32Array(0),
      rowCount: 0,
      dim: vectors.dim,
      stride,
      sums: new Int32Array(TILE_QUERIES * stride),
    };
  }

  setQueries(first: number, count: number): void {
    assert(count <= TILE_QUERIES, 'a tile has room for its queries');
    const { dim } = this.#tile;
    const queries = this.#allQueries.subarray(first * dim, (first + count) * dim);
    this.#tile.queries = queries;
    this.#queryCount = count;
    for (let q = 0; q < count; q++) this.#querySquares[q] = squareSum(queries, q * dim, dim);
  }

  measure(rows: Uint32Array, rowCount: number, costs: Float32Array): void {
    const tile = this.#tile;
    tile.rows = rows;
    tile.rowCount = rowCount;
    switch (this.#metric) {
      case 'L2':
        for (let q = 0; q < this.#queryCount; q++) squaredDistances(tile, q);
        costs.set(tile.sums);
        break;
      case 'IP':
        this.#dots();
        for (let i = 0; i < this.#queryCount * tile.stride; i++) costs[i] = 0 - tile.sums[i]!;
        break;
      default:
        this.#cosines(costs);
    }
  }

  #dots(): void {
    let query = 0;
    for (; query + 4 <= this.#queryCount; query += 4) dotFour(this.#tile, query);
    for (; query < this.#queryCount; query++) dotOne(this.#tile, query);
  }

  #cosines(costs: Float32Array): void {
    const { vectors, rows, rowCount, dim, stride, sums } = this.#tile;
    for (let r = 0; r < rowCount; r++)
      this.#rowSquares[r] = squareSum(vectors, rows[r]! * dim, dim);
    this.#dots();
    for (let q = 0; q < this.#queryCount; q++) {
      const querySquare = this.#querySquares[q]!;
      for (let r = 0; r < rowCount; r++) {
        const squares = querySquare * this.#rowSquares[r]!;
        costs[q * stride + r] = squares === 0 ? 0 : 0 - sums[q * stride + r]! / Math.sqrt(squares);
      }
    }
  }
}

function squareSum(values: Int8Array, start: number, dim: number): number {
  let even = 0;
  let odd = 0;
  let i = start;
  for (const end = start + dim - 1; i < end; i += 2) {
    even = (even + Math.imul(values[i]!, values[i]!)) | 0;
    odd = (odd + Math.imul(values[i + 1]!, values[i + 1]!)) | 0;
  }
  if (i < start + dim) even = (even + Math.imul(values[i]!, values[i]!)) | 0;
  return even + odd;
}

function dotOne(tile: Int8Tile, query: number): void {
  const { queries, vectors, rows, rowCount, dim, stride, sums } = tile;
  const start = query * dim;
  for (let r = 0; r < rowCount; r++) {
    let even = 0;
    let odd = 0;
    let j = rows[r]! * dim;
    let i = start;
    for (const end = start + dim - 1; i < end; i += 2, j += 2) {
      even = (even + Math.imul(queries[i]!, vectors[j]!)) | 0;
      odd = (odd + Math.imul(queries[i + 1]!, vectors[j + 1]!)) | 0;
    }
    if (i < start + dim) even = (even + Math.imul(queries[i]!, vectors[j]!)) | 0;
    sums[query * stride + r] = even + odd;
  }
}

function dotFour(tile: Int8Tile, query: number): void {
  const { queries, vectors, rows, rowCount, dim, stride, sums } = tile;
  const q0 = query * dim;
  const q1 = q0 + dim;
  const q2 = q1 + dim;
  const q3 = q2 + dim;
  const first = query * stride;
  for (let r = 0; r < rowCount; r++) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    const j = rows[r]! * dim;
    for (let i = 0; i < dim; i++) {
      const x = vectors[j + i]!;
      a = (a + Math.imul(x, queries[q0 + i]!)) | 0;
      b = (b + Math.imul(x, queries[q1 + i]!)) | 0;
      c = (c + Math.imul(x, queries[q2 + i]!)) | 0;
      d = (d + Math.imul(x, queries[q3 + i]!)) | 0;
    }
    sums[first + r] = a;
    sums[first + stride + r] = b;
    sums[first + 2 * stride + r] = c;
    sums[first + 3 * stride + r] = d;
  }
}

function squaredDistances(tile: Int8Tile, query: number): void {
  const { queries, vectors, rows, rowCount, dim, stride, sums } = tile;
  const start = query * dim;
  for (let r = 0; r < rowCount; r++) {
    let even = 0;
    let odd = 0;
    let j = rows[r]! * dim;
    let i = start;
    for (const end = start + dim - 1; i < end; i += 2, j += 2) {
      const x = queries[i]! - vectors[j]!;
      const y = queries[i + 1]! - vectors[j + 1]!;
      even = (even + Math.imul(x, x)) | 0;
      odd = (odd + Math.imul(y, y)) | 0;
    }
    if (i < start + dim) {
      const x = queries[i]! - vectors[j]!;
      even = (even + Math.imul(x, x)) | 0;
    }
    sums[query * stride + r] = even + odd;
  }
}
