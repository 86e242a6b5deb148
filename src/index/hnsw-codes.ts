/**
 * Vectors as a graph sees them: codes to walk over, and the exact costs that have the last word.
 *
 * A float vector's code holds each element as round(value x 127 / largest) + 128; times its scale it is
 * the vector again, within 1/254 of its largest element. Codes of int8 vectors are exact. Binary vectors
 * have none: their bits are compared as they are.
 *
 *   metric     cost of the codes                             exact
 *   L2         |q|^2 + |x|^2 - 2 q.x of decoded codes        as metrics.ts says
 *   IP         -q.x
 *   COSINE     -q.x, both of length 1
 *   HAMMING    the exact cost
 *   JACCARD    the exact cost
 *
 * A graph whose rows these codes do not tell apart (code-fidelity.ts) has none: it is walked by exact costs.
 * Codes that were trained (codes.ts) have costs of their own; a graph is built over one of the former.
 *
 * Costs are finite float32 values. native/src/graph_codes.h is the twin of this file.
 */
import { DataType } from '../schema/data-type.ts';
import { vectorStride } from '../schema/column-layout.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from '../schema/vectors.ts';
import {
  type Distances,
  TILE_QUERIES,
  tileRows,
  type Vectors,
  type VectorValues,
} from './distances.ts';
import { FloatDistances } from './float-distances.ts';
import { CodeQuery } from './code-query.ts';
import { prepareVector } from './codes.ts';
import type { GraphImage, GraphShape } from './hnsw-image.ts';
import { Int8Distances } from './int8-distances.ts';
import { finiteCost, squareRows, VectorCosts } from './vector-costs.ts';

const CODE_ZERO = 128;
const CODE_MAX = 127;

/** Bits that are set in each byte. */
const BYTE_BITS = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte.toString(2).replaceAll('0', '').length,
);

/** Fills codes, scales and squares of all rows. */
export function encodeRows(image: GraphImage, vectors: Vectors): void {
  const { shape, codeStride, codes, scales, squares } = image;
  if (shape.type === DataType.BinaryVector) {
    const stride = vectorStride(shape.type, shape.dim);
    for (let row = 0; row < squares.length; row++) {
      squares[row] = countBits(vectors.values as Uint8Array, row * stride, stride);
    }
    return;
  }
  if (shape.isOverVectors) {
    squareRows(vectors, squares);
    return;
  }
  const coder = new Coder(image);
  for (let row = 0; row < shape.rowCount; row++) {
    coder.quantize(vectors.values, row);
    const start = row * codeStride;
    for (let i = 0; i < shape.dim; i++) codes[start + i] = coder.values[i]! + CODE_ZERO;
    codes.fill(CODE_ZERO, start + shape.dim, start + codeStride);
    scales[row] = coder.scale;
    if (squares.length > 0) squares[row] = coder.square;
  }
}

function countBits(bytes: Uint8Array, start: number, length: number): number {
  let count = 0;
  for (let i = start; i < start + length; i++) count += BYTE_BITS[bytes[i]!]!;
  return count;
}

/** Makes the code of one vector. */
class Coder {
  readonly values: Int8Array;
  scale = 0;
  /** Squared length of the decoded code. */
  square = 0;
  readonly #image: GraphImage;
  readonly #numbers: Float32Array;

  constructor(image: GraphImage) {
    this.#image = image;
    this.values = new Int8Array(image.codeStride);
    this.#numbers = new Float32Array(image.shape.dim);
  }

  quantize(vectors: VectorValues, row: number): void {
    const { type, dim, metric } = this.#image.shape;
    const numbers = this.#numbers;
    widenVector(this.#image.shape, vectors.subarray(row * dim, (row + 1) * dim), numbers);
    let factor = 1;
    this.scale = 1;
    if (type !== DataType.Int8Vector) {
      let largest = 0;
      for (let i = 0; i < dim; i++) largest = Math.max(largest, Math.abs(numbers[i]!));
      this.scale = Math.fround(largest / CODE_MAX);
      factor = largest > 0 ? CODE_MAX / largest : 0;
    }
    let sum = 0;
    for (let i = 0; i < dim; i++) {
      const value = numbers[i]! * factor;
      const code = Math.trunc(value < 0 ? value - 0.5 : value + 0.5);
      this.values[i] = code;
      sum += code * code;
    }
    if (metric === 'COSINE') this.scale = sum === 0 ? 0 : Math.fround(1 / Math.sqrt(sum));
    this.square = finiteCost(this.scale * this.scale * sum);
  }
}

/** A vector as float32; not of binary ones. */
export function widenVector({ type }: GraphShape, values: VectorValues, out: Float32Array): void {
  if (type === DataType.Float16Vector) float16ToFloat32(values as Uint16Array, out);
  else if (type === DataType.BFloat16Vector) bfloat16ToFloat32(values as Uint16Array, out);
  else out.set(values);
}

/** What rows are compared with: a query, or a row of the graph. */
export class Probe {
  readonly #image: GraphImage;
  readonly #vectors: Vectors;
  readonly #coder: Coder;
  /** Of a code. */
  readonly #values: Int8Array;
  #factor = 0;
  #bias = 0;
  /** Of codes that were trained. */
  readonly #trained: CodeQuery | null;
  readonly #prepared: Float32Array;
  /** Of a graph without codes. */
  readonly #exact: VectorCosts | null;
  /** Of a binary vector. */
  #bits: Uint8Array = new Uint8Array(0);
  #bitCount = 0;
  /** Exact costs of the others, for the query that was set. */
  #distances: Distances | null = null;
  readonly #tileRows: number;
  readonly #someRows: Uint32Array;
  readonly #someCosts: Float32Array;

  constructor(image: GraphImage, vectors: Vectors) {
    this.#image = image;
    this.#vectors = vectors;
    this.#coder = new Coder(image);
    this.#values = this.#coder.values;
    const { code, dim, metric, isOverVectors } = image.shape;
    this.#trained = code === null ? null : new CodeQuery(code, image.codebook);
    this.#prepared = new Float32Array(code === null ? 0 : dim);
    this.#exact = isOverVectors ? new VectorCosts(vectors, metric, image.squares) : null;
    this.#tileRows = tileRows(image.shape.dim);
    this.#someRows = new Uint32Array(this.#tileRows);
    this.#someCosts = new Float32Array(this.#tileRows * TILE_QUERIES);
  }

  /** @param queries vectors of the graph's type, of which `query` is one */
  setQuery(queries: VectorValues, query: number): void {
    const { type, dim, metric } = this.#image.shape;
    if (type === DataType.BinaryVector) {
      this.#setBits(queries as Uint8Array, query);
      return;
    }
    const vector = queries.subarray(query * dim, (query + 1) * dim);
    const Exact = type === DataType.Int8Vector ? Int8Distances : FloatDistances;
    this.#distances = new Exact(this.#vectors, vector, metric);
    this.#distances.setQueries(0, 1);
    if (this.#trained !== null) {
      this.#setTrained(this.#trained, vector);
      return;
    }
    if (this.#exact !== null) {
      this.#exact.setQuery(queries, query);
      return;
    }
    this.#coder.quantize(vector, 0);
    this.#setScale(this.#coder.scale, this.#coder.square);
  }

  #setTrained(trained: CodeQuery, vector: VectorValues): void {
    const { shape } = this.#image;
    widenVector(shape, vector, this.#prepared);
    prepareVector(shape.code!, shape.metric === 'COSINE', this.#prepared);
    trained.setQuery(this.#prepared, 0);
  }

  /** Not over codes that were trained. */
  setRow(row: number): void {
    const { type, dim } = this.#image.shape;
    if (type === DataType.BinaryVector) {
      this.#setBits(this.#vectors.values as Uint8Array, row);
      return;
    }
    if (this.#exact !== null) {
      this.#exact.setQuery(this.#vectors.values, row);
      return;
    }
    const { codes, codeStride, scales, squares } = this.#image;
    const start = row * codeStride;
    for (let i = 0; i < dim; i++) this.#values[i] = codes[start + i]! - CODE_ZERO;
    this.#setScale(scales[row]!, squares.length > 0 ? squares[row]! : 0);
  }

  #setScale(scale: number, square: number): void {
    const isL2 = this.#image.shape.metric === 'L2';
    this.#factor = isL2 ? -2 * scale : -scale;
    this.#bias = isL2 ? square : 0;
  }

  #setBits(vectors: Uint8Array, row: number): void {
    const stride = this.#image.shape.dim / 8;
    this.#bits = vectors.subarray(row * stride, (row + 1) * stride);
    this.#bitCount = countBits(this.#bits, 0, stride);
  }

  /** Costs of rows[0 ... count - 1] by codes, where there are any. */
  costs(rows: Uint32Array, count: number, out: Float32Array): void {
    const { shape, codes, codeStride, scales, squares } = this.#image;
    if (shape.type === DataType.BinaryVector) {
      this.#bitCosts(rows, count, out);
      return;
    }
    if (this.#trained !== null) {
      this.#trained.costsOf(codes, rows, count, out);
      return;
    }
    if (this.#exact !== null) {
      this.#exact.measure(rows, count, out);
      return;
    }
    const values = this.#values;
    const hasSquares = squares.length > 0;
    for (let r = 0; r < count; r++) {
      const row = rows[r]!;
      const start = row * codeStride;
      let even = 0;
      let odd = 0;
      // Codes are padded to whole blocks, and the padding counts nothing.
      for (let i = 0; i < codeStride; i += 4) {
        even += values[i]! * (codes[start + i]! - CODE_ZERO);
        odd += values[i + 1]! * (codes[start + i + 1]! - CODE_ZERO);
        even += values[i + 2]! * (codes[start + i + 2]! - CODE_ZERO);
        odd += values[i + 3]! * (codes[start + i + 3]! - CODE_ZERO);
      }
      const cost = this.#factor * scales[row]! * (even + odd);
      out[r] = finiteCost(hasSquares ? this.#bias + squares[row]! + cost : cost);
    }
  }

  #bitCosts(rows: Uint32Array, count: number, out: Float32Array): void {
    const { shape, squares } = this.#image;
    const stride = shape.dim / 8;
    const vectors = this.#vectors.values as Uint8Array;
    const bits = this.#bits;
    const isHamming = shape.metric === 'HAMMING';
    for (let r = 0; r < count; r++) {
      const start = rows[r]! * stride;
      let different = 0;
      for (let i = 0; i < stride; i++) different += BYTE_BITS[bits[i]! ^ vectors[start + i]!]!;
      if (isHamming) {
        out[r] = different;
        continue;
      }
      // The bits of either are those that differ and, once, those that are common.
      const either = (this.#bitCount + squares[rows[r]!]! + different) / 2;
      out[r] = either > 0 ? different / either : 1;
    }
  }

  /** Exact costs for the query that was set. */
  exactCosts(rows: Uint32Array, count: number, out: Float32Array): void {
    const distances = this.#distances;
    if (distances === null) {
      this.#bitCosts(rows, count, out);
      return;
    }
    for (let start = 0; start < count; start += this.#tileRows) {
      const some = Math.min(this.#tileRows, count - start);
      this.#someRows.set(rows.subarray(start, start + some));
      distances.measure(this.#someRows, some, this.#someCosts);
      for (let i = 0; i < some; i++) out[start + i] = this.#someCosts[i]!;
    }
  }
}
