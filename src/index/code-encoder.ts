/** Writing codes: one vector at a time. native/src/code_encoder.cc is the twin of this file. */
import { float32ToBFloat16Bits, float32ToFloat16Bits } from '../schema/vectors.ts';
import { packPlanes } from './code-planes.ts';
import {
  blockByteLength,
  blockStart,
  codebookValues,
  codeByteLength,
  type CodeShape,
  codeStart,
  decodeCode,
  entryByteLength,
  entryRoom,
  finiteCost,
  hasNumber,
  isHalf,
  isLengthened,
  isStepped,
  planeBits,
  ROW_BLOCK,
  tableCount,
} from './codes.ts';

/** Scales that RABIT tries for a vector, from the one that takes its largest element in. */
const SCALES = 24;
const SCALE_STEP = 1 / 8;
/** What is left of a row that is shorter than this says too little of its direction. */
const LENGTHENING_MAX = 4;
const FLOAT_MAX = 3.402_823_466_385_288_6e38;
const FLOAT16_MAX = 65_504;
const BFLOAT16_MAX = 3.389_531_389_251_535_5e38;

export class Encoder {
  readonly #shape: CodeShape;
  readonly #codebook: Uint8Array;
  readonly #values: Float32Array;
  /** What is coded, and as it is decoded. */
  readonly #rest: Float32Array;
  readonly #decoded: Float32Array;
  readonly #steps: Uint16Array;
  readonly #costs: Float32Array;

  /** @param codebook trained; it begins at a multiple of 4 */
  constructor(shape: CodeShape, codebook: Uint8Array) {
    this.#shape = shape;
    this.#codebook = codebook;
    this.#values = codebookValues(codebook);
    this.#rest = new Float32Array(shape.dim);
    this.#decoded = new Float32Array(shape.dim);
    this.#steps = new Uint16Array(shape.dim);
    this.#costs = new Float32Array(entryRoom(shape));
  }

  /**
   * Codes a vector as row `position` of a run; rows of a block come in order.
   * @param vector prepared, nothing taken off
   * @param centroid prepared too, or null
   */
  encode(
    vector: Float32Array,
    centroid: Float32Array | null,
    run: Uint8Array,
    position: number,
  ): void {
    const { kind, dim } = this.#shape;
    const rest = this.#rest;
    for (let i = 0; i < dim; i++) {
      rest[i] = centroid === null ? vector[i]! : vector[i]! - centroid[i]!;
    }
    if (kind === 'BLOCKED_PRODUCT') {
      this.#encodeBlocked(run, position);
      const block = Math.floor(position / ROW_BLOCK) * blockByteLength(this.#shape);
      const first = this.#number(vector, centroid, run, position);
      this.#writeNumber(first, run, block + (position % ROW_BLOCK) * 4);
      return;
    }
    const stride = codeByteLength(this.#shape);
    const row = position * stride;
    const start = row + codeStart(this.#shape);
    run.fill(0, row, row + stride);
    if (kind === 'RABIT') {
      this.#encodeRabit(centroid, run, row);
      return;
    }
    if (isStepped(this.#shape)) this.#encodeSteps(run, start);
    else if (isHalf(this.#shape)) this.#encodeHalves(run, start);
    else this.#encodeParts(run, start);
    this.#writeNumber(this.#number(vector, centroid, run, position), run, row);
  }

  #encodeSteps(run: Uint8Array, start: number): void {
    const { dim } = this.#shape;
    const bits = planeBits(this.#shape);
    const most = 2 ** bits - 1;
    for (let i = 0; i < dim; i++) {
      const step = this.#values[dim + i]!;
      const above = this.#rest[i]! - this.#values[i]!;
      this.#steps[i] = step > 0 ? nearestStep(above / step, most) : 0;
    }
    packPlanes(this.#steps, bits, run, start);
  }

  #encodeHalves(run: Uint8Array, start: number): void {
    const { kind, dim } = this.#shape;
    const out = new Uint16Array(run.buffer, run.byteOffset + start, dim);
    const isFloat16 = kind === 'FP16';
    const most = isFloat16 ? FLOAT16_MAX : BFLOAT16_MAX;
    for (let i = 0; i < dim; i++) {
      const value = Math.max(-most, Math.min(most, this.#rest[i]!));
      out[i] = isFloat16 ? float32ToFloat16Bits(value) : float32ToBFloat16Bits(value);
    }
  }

  /** Leaves in the rest what no layer has coded. */
  #encodeParts(run: Uint8Array, start: number): void {
    const dim = this.#shape.dim / this.#shape.parts;
    const room = entryRoom(this.#shape);
    const isWide = entryByteLength(this.#shape) === 2;
    for (let table = 0; table < tableCount(this.#shape); table++) {
      const first = (table % this.#shape.parts) * dim;
      const entry = this.#nearest(table, first);
      if (isWide) {
        run[start + table * 2] = entry & 0xff;
        run[start + table * 2 + 1] = entry >>> 8;
      } else {
        run[start + table] = entry;
      }
      const values = table * dim * room + entry;
      for (let d = 0; d < dim; d++) {
        this.#rest[first + d]! -= this.#values[values + d * room]!;
      }
    }
  }

  #encodeBlocked(run: Uint8Array, position: number): void {
    const { parts, dim } = this.#shape;
    const byteLength = blockByteLength(this.#shape);
    const block = Math.floor(position / ROW_BLOCK) * byteLength;
    const at = position % ROW_BLOCK;
    // The first row makes the block, so that places without a row are zero.
    if (at === 0) run.fill(0, block, block + byteLength);
    for (let part = 0; part < parts; part++) {
      const entry = this.#nearest(part, (part * dim) / parts);
      const byte = block + blockStart(this.#shape) + part * 16 + (at % 16);
      run[byte] = at < 16 ? (run[byte]! & 0xf0) | entry : (run[byte]! & 15) | (entry << 4);
    }
  }

  #nearest(table: number, first: number): number {
    const { dim, parts, entries } = this.#shape;
    const length = dim / parts;
    const room = entryRoom(this.#shape);
    const some = this.#rest.subarray(first, first + length);
    const values = this.#values.subarray(table * length * room, (table + 1) * length * room);
    return nearestEntry(some, values, entries, this.#costs);
  }

  #encodeRabit(centroid: Float32Array | null, run: Uint8Array, row: number): void {
    const { dim, bits, metric } = this.#shape;
    const rest = this.#rest;
    let largest = 0;
    let square = 0;
    let withCentroid = 0;
    for (let i = 0; i < dim; i++) {
      const size = Math.abs(rest[i]!);
      if (size > largest) largest = size;
      square += rest[i]! * rest[i]!;
      if (centroid !== null) withCentroid += centroid[i]! * rest[i]!;
    }
    const hasLength = largest > 0 && largest <= FLOAT_MAX;
    const whole = hasLength ? (2 ** bits - 1) / 2 / largest : 0;
    let bestScale = whole;
    let best = fitRabit(rest, bits, whole, this.#steps);
    for (let i = 1; i < SCALES && bits > 1; i++) {
      const scale = whole * (1 + i * SCALE_STEP);
      const fit = fitRabit(rest, bits, scale, this.#steps);
      if (!(qualityOf(fit) > qualityOf(best))) continue;
      best = fit;
      bestScale = scale;
    }
    fitRabit(rest, bits, bestScale, this.#steps);
    packPlanes(this.#steps, bits, run, row + 8);
    const view = new DataView(run.buffer, run.byteOffset + row, 8);
    view.setFloat32(0, finiteCost(metric === 'L2' ? square : 0 - withCentroid), true);
    view.setFloat32(4, best.product > 0 ? finiteCost(square / best.product) : 0, true);
  }

  #writeNumber(number: number | null, run: Uint8Array, at: number): void {
    if (number === null) return;
    new DataView(run.buffer, run.byteOffset + at, 4).setFloat32(0, finiteCost(number), true);
  }

  /** What the row begins with, a bias or a factor; null: neither. */
  #number(
    vector: Float32Array,
    centroid: Float32Array | null,
    run: Uint8Array,
    position: number,
  ): number | null {
    if (!hasNumber(this.#shape)) return null;
    decodeCode(this.#shape, this.#codebook, { run, position }, this.#decoded);
    return isLengthened(this.#shape)
      ? this.#lengthening(vector, centroid)
      : this.#bias(vector, centroid);
  }

  #lengthening(vector: Float32Array, centroid: Float32Array | null): number {
    let square = 0;
    let decodedSquare = 0;
    for (let i = 0; i < this.#shape.dim; i++) {
      const decoded = (centroid === null ? 0 : centroid[i]!) + this.#decoded[i]!;
      square += vector[i]! * vector[i]!;
      decodedSquare += decoded * decoded;
    }
    return decodedSquare > 0 ? Math.min(Math.sqrt(square / decodedSquare), LENGTHENING_MAX) : 1;
  }

  #bias(vector: Float32Array, centroid: Float32Array | null): number {
    const isL2 = this.#shape.metric === 'L2';
    // A vector of zeros has length 0 where others have 1: its cosine is 0 all the same.
    if (!isL2 && vector.every((value) => value === 0)) return 0.5;
    let sum = 0;
    for (let i = 0; i < this.#shape.dim; i++) {
      const value = this.#decoded[i]!;
      const taken = centroid === null ? 0 : centroid[i]!;
      sum += isL2 ? value * (value + 2 * taken) : (taken + value) * (taken + value);
    }
    return isL2 ? sum : sum / 2;
  }
}

/**
 * The first of the nearest entries; entry 0 when all are infinitely far.
 * @param values element d of entry k at d x room + k
 * @param costs room for that many floats
 */
export function nearestEntry(
  vector: Float32Array,
  values: Float32Array,
  entries: number,
  costs: Float32Array,
): number {
  const room = values.length / vector.length;
  for (let k = 0; k < entries; k++) costs[k] = 0;
  for (let d = 0; d < vector.length; d++) {
    const value = vector[d]!;
    const start = d * room;
    for (let k = 0; k < entries; k++) {
      const difference = Math.fround(value - values[start + k]!);
      costs[k]! += Math.fround(difference * difference);
    }
  }
  let best = 0;
  let cost = Number.POSITIVE_INFINITY;
  for (let k = 0; k < entries; k++) {
    if (costs[k]! >= cost) continue;
    cost = costs[k]!;
    best = k;
  }
  return best;
}

/** The whole number nearest to `value` within [0, most]; `most` of what is no number. */
function nearestStep(value: number, most: number): number {
  if (Number.isNaN(value)) return most;
  return Math.trunc(Math.max(0, Math.min(most, value + 0.5)));
}

interface Fit {
  readonly product: number;
  readonly square: number;
}

/** The cosine between a vector and its code, but for the vector's length. */
function qualityOf({ product, square }: Fit): number {
  return square > 0 ? product / Math.sqrt(square) : 0;
}

/** Codes a vector with steps of 1 / scale; what the two have in common, added up in four sums. */
function fitRabit(vector: Float32Array, bits: number, scale: number, out: Uint16Array): Fit {
  const most = 2 ** bits - 1;
  const half = most / 2;
  const products = new Float64Array(4);
  let square = 0;
  for (let i = 0; i < vector.length; i++) {
    const value = vector[i]!;
    out[i] = bits === 1 ? Number(value > 0) : nearestStep(value * scale + half, most);
    const twice = 2 * out[i]! - most;
    products[i & 3]! += value * twice;
    square += twice * twice;
  }
  const product = products[0]! + products[1]! + (products[2]! + products[3]!);
  return { product: product / 2, square: square / 4 };
}
