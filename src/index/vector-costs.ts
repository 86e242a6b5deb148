/**
 * Exact costs of float vectors for walks in TypeScript, a few rows at a time: those of a graph without codes.
 *
 *   L2        squared distance
 *   IP        minus the product
 *   COSINE    minus the cosine; 0 of a zero vector
 *
 * Sums are of float64, costs finite float32. float-distances.ts has them for many rows at once.
 */
import { DataType } from '../schema/data-type.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from '../schema/vectors.ts';
import type { Vectors, VectorValues } from './distances.ts';
import type { MetricType } from './metric-type.ts';

const COST_MAX = 3.402_823_466_385_288_6e38;
/** Squares below this have lost digits in float32. */
const SQUARE_MIN = 1e-30;

/** As float32, within its bounds; NaN, which only overflow can bring, counts as the worst. */
export function finiteCost(cost: number): number {
  if (Number.isNaN(cost) || cost > COST_MAX) return COST_MAX;
  return cost < -COST_MAX ? -COST_MAX : Math.fround(cost);
}

/** Float vectors as float32, one at a time. */
class WideRows {
  readonly #vectors: Vectors;
  readonly #wide: Float32Array;

  constructor(vectors: Vectors) {
    this.#vectors = vectors;
    this.#wide = new Float32Array(vectors.type === DataType.FloatVector ? 0 : vectors.dim);
  }

  /** Until the next call. */
  at(values: VectorValues, row: number): Float32Array {
    const { type, dim } = this.#vectors;
    const bits = values.subarray(row * dim, (row + 1) * dim);
    if (type === DataType.FloatVector) return bits as Float32Array;
    return type === DataType.Float16Vector
      ? float16ToFloat32(bits as Uint16Array, this.#wide)
      : bfloat16ToFloat32(bits as Uint16Array, this.#wide);
  }
}

/** Squared lengths of all rows, each 0 where float32 is no measure of it. */
export function squareRows(vectors: Vectors, squares: Float32Array): void {
  const wide = new WideRows(vectors);
  for (let row = 0; row < squares.length; row++) {
    const vector = wide.at(vectors.values, row);
    const square = product(vector, vector);
    squares[row] = square >= SQUARE_MIN && square <= COST_MAX ? square : 0;
  }
}

export class VectorCosts {
  readonly #vectors: Vectors;
  readonly #metric: MetricType;
  readonly #squares: Float32Array;
  readonly #rows: WideRows;
  readonly #query: Float32Array;
  #querySquare = 0;

  /** @param squares as squareRows makes them; of COSINE */
  constructor(vectors: Vectors, metric: MetricType, squares: Float32Array) {
    this.#vectors = vectors;
    this.#metric = metric;
    this.#squares = squares;
    this.#rows = new WideRows(vectors);
    this.#query = new Float32Array(vectors.dim);
  }

  /** @param values vectors of the same type, of which `row` is what others are compared with */
  setQuery(values: VectorValues, row: number): void {
    this.#query.set(this.#rows.at(values, row));
    if (this.#metric === 'COSINE') this.#querySquare = product(this.#query, this.#query);
  }

  /** Costs of rows[0 ... count - 1]. */
  measure(rows: Uint32Array, count: number, out: Float32Array): void {
    const { values } = this.#vectors;
    const query = this.#query;
    for (let r = 0; r < count; r++) {
      const vector = this.#rows.at(values, rows[r]!);
      if (this.#metric === 'L2') out[r] = finiteCost(squaredDistance(query, vector));
      else if (this.#metric === 'IP') out[r] = finiteCost(0 - product(query, vector));
      else out[r] = this.#cosineCost(vector, rows[r]!);
    }
  }

  #cosineCost(vector: Float32Array, row: number): number {
    const known = this.#squares[row]!;
    const square = known > 0 ? known : product(vector, vector);
    const squares = square * this.#querySquare;
    return squares > 0 ? finiteCost(0 - product(this.#query, vector) / Math.sqrt(squares)) : 0;
  }
}

function product(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < left.length; i++) sum += left[i]! * right[i]!;
  return sum;
}

function squaredDistance(left: Float32Array, right: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < left.length; i++) {
    const difference = left[i]! - right[i]!;
    sum += difference * difference;
  }
  return sum;
}
