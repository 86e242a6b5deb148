/**
 * L2, IP and COSINE of float32, float16 and bfloat16 vectors.
 *
 * Products are summed in float64, in two to four independent sums, and rounded to float32 at the end.
 * A cosine is dot / sqrt(|q|^2 x |v|^2), so a vector's cosine with itself is exactly 1.
 * Half-width rows are widened tile by tile into a float32 buffer; the widening is exact.
 */
import { assert } from '../base/assert.ts';
import { DataType } from '../schema/data-type.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from '../schema/vectors.ts';
import {
  type Distances,
  TILE_QUERIES,
  tileRows,
  type Vectors,
  type VectorValues,
} from './distances.ts';
import type { MetricType } from './metric-type.ts';

/** What the kernels read and write; `sums[q x stride + r]` belongs to query q and rows[r]. */
interface FloatTile {
  readonly queries: Float64Array;
  vectors: Float32Array;
  rows: Uint32Array;
  rowCount: number;
  readonly dim: number;
  readonly stride: number;
  readonly sums: Float64Array;
}

export class FloatDistances implements Distances {
  readonly #vectors: Vectors;
  readonly #allQueries: VectorValues;
  readonly #metric: MetricType;
  readonly #tile: FloatTile;
  #queryCount = 0;
  readonly #querySquares = new Float64Array(TILE_QUERIES);
  readonly #rowSquares: Float64Array;
  /** Rows of a half-width column, widened; unused for float32. */
  readonly #widened: Float32Array;
  readonly #widenedRows: Uint32Array;

  constructor(vectors: Vectors, queries: VectorValues, metric: MetricType) {
    const stride = tileRows(vectors.dim);
    this.#vectors = vectors;
    this.#allQueries = queries;
    this.#metric = metric;
    this.#rowSquares = new Float64Array(stride);
    const isWide = vectors.type === DataType.FloatVector;
    this.#widened = new Float32Array(isWide ? 0 : stride * vectors.dim);
    this.#widenedRows = Uint32Array.from({ length: isWide ? 0 : stride }, (_, row) => row);
    this.#tile = {
      queries: new Float64Array(TILE_QUERIES * vectors.dim),
      vectors: this.#widened,
      rows: this.#widenedRows,
      rowCount: 0,
      dim: vectors.dim,
      stride,
      sums: new Float64Array(TILE_QUERIES * stride),
    };
  }

  setQueries(first: number, count: number): void {
    assert(count <= TILE_QUERIES, 'a tile has room for its queries');
    const { dim, queries } = this.#tile;
    this.#queryCount = count;
    this.#setQueryValues(first, count);
    for (let q = 0; q < count; q++) {
      // Summed like the products of a row, so that equal vectors come out exactly equal.
      this.#querySquares[q] = squareSum(queries, q * dim, dim);
    }
  }

  measure(rows: Uint32Array, rowCount: number, costs: Float32Array): void {
    const tile = this.#tile;
    tile.rowCount = rowCount;
    this.#setRows(rows);
    switch (this.#metric) {
      case 'L2':
        this.#forQueries(squaredDistanceOne, squaredDistanceFour);
        costs.set(tile.sums);
        break;
      case 'IP':
        this.#forQueries(dotOne, dotFour);
        for (let i = 0; i < this.#queryCount * tile.stride; i++) costs[i] = 0 - tile.sums[i]!;
        break;
      default:
        this.#cosines(costs);
    }
  }

  #setRows(rows: Uint32Array): void {
    const tile = this.#tile;
    const { type, values } = this.#vectors;
    if (type === DataType.FloatVector) {
      tile.vectors = values as Float32Array;
      tile.rows = rows;
      return;
    }
    this.#widenRows(values as Uint16Array, rows);
  }

  /** Rows that follow each other are widened in one go. */
  #widenRows(values: Uint16Array, rows: Uint32Array): void {
    const { rowCount, dim } = this.#tile;
    for (let r = 0; r < rowCount; ) {
      const first = rows[r]!;
      let runLength = 1;
      while (r + runLength < rowCount && rows[r + runLength] === first + runLength) runLength++;
      const target = this.#widened.subarray(r * dim, (r + runLength) * dim);
      this.#widen(values.subarray(first * dim, (first + runLength) * dim), target);
      r += runLength;
    }
  }

  #setQueryValues(first: number, count: number): void {
    const { dim, queries } = this.#tile;
    const values = this.#allQueries.subarray(first * dim, (first + count) * dim);
    if (this.#vectors.type === DataType.FloatVector) queries.set(values);
    else queries.set(this.#widen(values as Uint16Array, new Float32Array(values.length)));
  }

  #widen(bits: Uint16Array, target: Float32Array): Float32Array {
    return this.#vectors.type === DataType.Float16Vector
      ? float16ToFloat32(bits, target)
      : bfloat16ToFloat32(bits, target);
  }

  /** Four queries at a time share what is read of a row; the rest goes one by one. */
  #forQueries(
    one: (tile: FloatTile, query: number) => void,
    four: (tile: FloatTile, query: number) => void,
  ): void {
    let query = 0;
    for (; query + 4 <= this.#queryCount; query += 4) four(this.#tile, query);
    for (; query < this.#queryCount; query++) one(this.#tile, query);
  }

  #cosines(costs: Float32Array): void {
    const { stride, sums, rowCount } = this.#tile;
    if (this.#queryCount === 1) dotAndSquare(this.#tile, this.#rowSquares);
    else {
      squareRows(this.#tile, this.#rowSquares);
      this.#forQueries(dotOne, dotFour);
    }
    for (let q = 0; q < this.#queryCount; q++) {
      const querySquare = this.#querySquares[q]!;
      for (let r = 0; r < rowCount; r++) {
        const squares = querySquare * this.#rowSquares[r]!;
        costs[q * stride + r] = squares === 0 ? 0 : 0 - sums[q * stride + r]! / Math.sqrt(squares);
      }
    }
  }
}

function squareSum(values: Float32Array | Float64Array, start: number, dim: number): number {
  let even = 0;
  let odd = 0;
  let i = start;
  for (const end = start + dim - 1; i < end; i += 2) {
    even += values[i]! * values[i]!;
    odd += values[i + 1]! * values[i + 1]!;
  }
  if (i < start + dim) even += values[i]! * values[i]!;
  return even + odd;
}

function squareRows(tile: FloatTile, squares: Float64Array): void {
  const { vectors, rows, rowCount, dim } = tile;
  for (let r = 0; r < rowCount; r++) squares[r] = squareSum(vectors, rows[r]! * dim, dim);
}

function dotOne(tile: FloatTile, query: number): void {
  const { queries, vectors, rows, rowCount, dim, stride, sums } = tile;
  const start = query * dim;
  for (let r = 0; r < rowCount; r++) {
    let even = 0;
    let odd = 0;
    let j = rows[r]! * dim;
    let i = start;
    for (const end = start + dim - 1; i < end; i += 2, j += 2) {
      even += queries[i]! * vectors[j]!;
      odd += queries[i + 1]! * vectors[j + 1]!;
    }
    if (i < start + dim) even += queries[i]! * vectors[j]!;
    sums[query * stride + r] = even + odd;
  }
}

function dotFour(tile: FloatTile, query: number): void {
  const { queries, vectors, rows, rowCount, dim, stride, sums } = tile;
  const first = query * stride;
  for (let r = 0; r < rowCount; r++) {
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let aOdd = 0;
    let bOdd = 0;
    let cOdd = 0;
    let dOdd = 0;
    let i0 = query * dim;
    let i1 = i0 + dim;
    let i2 = i1 + dim;
    let i3 = i2 + dim;
    let j = rows[r]! * dim;
    const end = j + dim;
    for (; j + 1 < end; j += 2, i0 += 2, i1 += 2, i2 += 2, i3 += 2) {
      const x = vectors[j]!;
      const y = vectors[j + 1]!;
      a += x * queries[i0]!;
      b += x * queries[i1]!;
      c += x * queries[i2]!;
      d += x * queries[i3]!;
      aOdd += y * queries[i0 + 1]!;
      bOdd += y * queries[i1 + 1]!;
      cOdd += y * queries[i2 + 1]!;
      dOdd += y * queries[i3 + 1]!;
    }
    if (j < end) {
      const x = vectors[j]!;
      a += x * queries[i0]!;
      b += x * queries[i1]!;
      c += x * queries[i2]!;
      d += x * queries[i3]!;
    }
    sums[first + r] = a + aOdd;
    sums[first + stride + r] = b + bOdd;
    sums[first + 2 * stride + r] = c + cOdd;
    sums[first + 3 * stride + r] = d + dOdd;
  }
}

/** One query's products and the squares of the rows, in one reading of them. */
function dotAndSquare(tile: FloatTile, squares: Float64Array): void {
  const { queries, vectors, rows, rowCount, dim, sums } = tile;
  for (let r = 0; r < rowCount; r++) {
    let even = 0;
    let odd = 0;
    let squareEven = 0;
    let squareOdd = 0;
    let j = rows[r]! * dim;
    let i = 0;
    for (const end = dim - 1; i < end; i += 2, j += 2) {
      const x = vectors[j]!;
      const y = vectors[j + 1]!;
      even += queries[i]! * x;
      odd += queries[i + 1]! * y;
      squareEven += x * x;
      squareOdd += y * y;
    }
    if (i < dim) {
      const x = vectors[j]!;
      even += queries[i]! * x;
      squareEven += x * x;
    }
    sums[r] = even + odd;
    squares[r] = squareEven + squareOdd;
  }
}

function squaredDistanceOne(tile: FloatTile, query: number): void {
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
      even += x * x;
      odd += y * y;
    }
    if (i < start + dim) {
      const x = queries[i]! - vectors[j]!;
      even += x * x;
    }
    sums[query * stride + r] = even + odd;
  }
}

function squaredDistanceFour(tile: FloatTile, query: number): void {
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
      const da = x - queries[q0 + i]!;
      const db = x - queries[q1 + i]!;
      const dc = x - queries[q2 + i]!;
      const dd = x - queries[q3 + i]!;
      a += da * da;
      b += db * db;
      c += dc * dc;
      d += dd * dd;
    }
    sums[first + r] = a;
    sums[first + stride + r] = b;
    sums[first + 2 * stride + r] = c;
    sums[first + 3 * stride + r] = d;
  }
}
