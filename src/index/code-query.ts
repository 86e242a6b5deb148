/**
 * Costs of codes: the query is made ready once, then rows are products of whole numbers or sums out of tables.
 * native/src/code_query.cc is the twin of this file.
 */
import { assert } from '../base/assert.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from '../schema/vectors.ts';
import { unpackPlanes } from './code-planes.ts';
import {
  blockByteLength,
  blockedParts,
  blockStart,
  codebookValues,
  codeByteLength,
  type CodeShape,
  codeStart,
  ENTRY_GROUP,
  entryAt,
  entryRoom,
  finiteCost,
  hasNumber,
  hasStride,
  isHalf,
  isLengthened,
  isPartitioned,
  isStepped,
  planeBits,
  ROW_BLOCK,
  tableCount,
} from './codes.ts';

/** The greatest whole number that an element of a query becomes, in one byte and in two. */
const NARROW_WEIGHT_MAX = 127;
const WIDE_WEIGHT_MAX = 32_512;
/** Bits of a code for which a byte of each element of the query is as good as two. */
const COARSE_BITS = 4;
/** Smaller ones have no inverse in float32. */
const LARGEST_MIN: number = Math.fround(1e-30);
/** The most that an entry of the small table can be. */
const STEP_MAX = 255;
const FLOAT_MAX = 3.402_823_466_385_288_6e38;

/** A run as bytes and as floats. */
interface Run {
  readonly bytes: Uint8Array;
  readonly floats: Float32Array;
}

/** Costs of one query at a time. */
export class CodeQuery {
  readonly #shape: CodeShape;
  readonly #values: Float32Array;
  readonly #stride: number;
  #query: Float32Array = new Float32Array(0);
  #queryBits = 0;
  /**
   * Cost = base + bias + multiplier x the sum that a kind makes of a code, or all but the bias by the row's
   * factor; RABIT multiplies by its own, too, and adds `shift` to the sum before.
   */
  #base = 0;
  #multiplier = 0;
  #offset = 0;
  #shift = 0;
  readonly #rest: Float32Array;
  /** The query or its rest as whole numbers. */
  readonly #weights: Int32Array;
  readonly #steps: Uint16Array;
  readonly #decoded: Float32Array;
  /** The product of each part of the query with each entry. */
  readonly #table: Float32Array;
  readonly #smallTable: Uint8Array;
  readonly #sums = new Uint32Array(ROW_BLOCK);

  /** @param codebook trained; it begins at a multiple of 4 */
  constructor(shape: CodeShape, codebook: Uint8Array) {
    const isTabled = isPartitioned(shape);
    const isBlocked = shape.kind === 'BLOCKED_PRODUCT';
    this.#shape = shape;
    this.#values = codebookValues(codebook);
    this.#stride = hasStride(shape) ? codeByteLength(shape) : 0;
    this.#rest = new Float32Array(shape.dim);
    this.#weights = new Int32Array(isTabled ? 0 : shape.dim);
    this.#steps = new Uint16Array(isTabled ? 0 : shape.dim);
    this.#decoded = new Float32Array(isHalf(shape) ? shape.dim : 0);
    this.#table = new Float32Array(isTabled ? tableCount(shape) * entryRoom(shape) : 0);
    this.#smallTable = new Uint8Array(isBlocked ? blockedParts(shape) * ENTRY_GROUP : 0);
  }

  /**
   * Costs are those without a centroid until `setList`.
   * @param query prepared, and not changed until the next call
   * @param queryBits 1 ... 8 bits of each element are enough for RABIT; 0: all that help
   */
  setQuery(query: Float32Array, queryBits: number): void {
    const { kind, dim, metric } = this.#shape;
    const isL2 = metric === 'L2';
    const fold = isL2 ? 2 : 1;
    this.#query = query;
    this.#queryBits = kind === 'RABIT' ? queryBits : 0;
    this.#offset = 0;
    this.#multiplier = -fold;
    if (isPartitioned(this.#shape)) {
      this.#setTables();
    } else if (isStepped(this.#shape)) {
      for (let i = 0; i < dim; i++) {
        this.#rest[i] = query[i]! * this.#values[dim + i]!;
        this.#offset -= fold * (query[i]! * this.#values[i]!);
      }
      this.#setWeights(this.#rest);
    } else if (kind === 'RABIT') {
      this.#setWeights(query);
    }
    let square = 0;
    for (let i = 0; i < dim && isL2; i++) square += query[i]! * query[i]!;
    this.#base = this.#offset + square;
  }

  /**
   * Rows that follow have this centroid.
   * @param base its cost, |q - c|^2 or -q.c
   */
  setList(centroid: Float32Array, base: number): void {
    this.#base = this.#offset + base;
    if (this.#shape.kind !== 'RABIT') return;
    for (let i = 0; i < this.#shape.dim; i++) this.#rest[i] = this.#query[i]! - centroid[i]!;
    this.#setWeights(this.#rest);
  }

  /** Costs of rows [first, first + count) of a run; of BLOCKED_PRODUCT `first` is a multiple of 32. */
  costs(run: Uint8Array, first: number, count: number, out: Float32Array): void {
    const opened = openRun(run);
    if (hasStride(this.#shape)) {
      for (let r = 0; r < count; r++) out[r] = this.#cost(opened, first + r);
      return;
    }
    assert(first % ROW_BLOCK === 0, 'blocked codes are read by the block');
    for (let r = 0; r < count; r += ROW_BLOCK) {
      const block = ((first + r) / ROW_BLOCK) * blockByteLength(this.#shape);
      this.#blockCosts(opened, block, out.subarray(r, Math.min(count, r + ROW_BLOCK)));
    }
  }

  /** Costs of any rows of a run of a kind that has a stride. */
  costsOf(run: Uint8Array, rows: Uint32Array, count: number, out: Float32Array): void {
    assert(hasStride(this.#shape), 'rows that lie apart');
    const opened = openRun(run);
    for (let r = 0; r < count; r++) out[r] = this.#cost(opened, rows[r]!);
  }

  /** The nearest whole numbers, or odd ones up to 2^bits - 1, as many above zero as below. */
  #setWeights(vector: Float32Array): void {
    const { dim, bits, metric } = this.#shape;
    let largest = 0;
    for (let i = 0; i < dim; i++) {
      const size = Math.abs(vector[i]!);
      // What is no number stays.
      if (size > largest || Number.isNaN(size)) largest = size;
    }
    const isPlain = largest >= LARGEST_MIN && largest <= FLOAT_MAX;
    const isWhole = this.#queryBits === 0;
    const isCoarse = planeBits(this.#shape) <= COARSE_BITS;
    const widest = isCoarse ? NARROW_WEIGHT_MAX : WIDE_WEIGHT_MAX;
    const most = isWhole ? widest : 2 ** this.#queryBits - 1;
    const factor = isPlain ? Math.fround(most / largest) : 0;
    let total = 0;
    for (let i = 0; i < dim; i++) {
      const value = Math.fround(vector[i]! * factor);
      let weight = isWhole
        ? wholeWeight(value)
        : 2 * wholeWeight(Math.fround(Math.fround(value - 1) * 0.5)) + 1;
      if (!isWhole) weight = Math.max(-most, Math.min(most, weight));
      this.#weights[i] = weight;
      total += weight;
    }
    this.#multiplier = (metric === 'L2' ? -2 : -1) * (isPlain ? largest / most : 0);
    this.#shift = 0 - ((2 ** bits - 1) / 2) * total;
  }

  #setTables(): void {
    const { dim, parts, kind } = this.#shape;
    const length = dim / parts;
    const room = entryRoom(this.#shape);
    this.#table.fill(0);
    for (let table = 0; table < tableCount(this.#shape); table++) {
      const out = this.#table.subarray(table * room, (table + 1) * room);
      for (let d = 0; d < length; d++) {
        const value = this.#query[(table % parts) * length + d]!;
        const start = (table * length + d) * room;
        for (let k = 0; k < room; k++) {
          out[k]! += Math.fround(value * this.#values[start + k]!);
        }
      }
    }
    if (kind === 'BLOCKED_PRODUCT') this.#setSmallTable();
  }

  /** Products of each part as steps of one size above the least of them. */
  #setSmallTable(): void {
    const { parts, entries, metric } = this.#shape;
    const fold = metric === 'L2' ? 2 : 1;
    const least = new Float32Array(parts);
    let widest = 0;
    let floor = 0;
    for (let part = 0; part < parts; part++) {
      const start = part * ENTRY_GROUP;
      const values = this.#table.subarray(start, start + entries);
      let greatest = values[0]!;
      least[part] = greatest;
      for (const value of values) {
        if (value < least[part]!) least[part] = value;
        if (value > greatest) greatest = value;
      }
      const width = Math.fround(greatest - least[part]!);
      if (width > widest) widest = width;
      floor += least[part]!;
    }
    const isPlain = widest >= LARGEST_MIN && widest <= FLOAT_MAX;
    const factor = isPlain ? Math.fround(STEP_MAX / widest) : 0;
    this.#smallTable.fill(0);
    for (let part = 0; part < parts; part++) {
      for (let i = part * ENTRY_GROUP; i < part * ENTRY_GROUP + entries; i++) {
        const above = Math.fround(this.#table[i]! - least[part]!);
        this.#smallTable[i] = smallStep(Math.fround(above * factor));
      }
    }
    this.#multiplier = isPlain ? -fold * (widest / STEP_MAX) : 0;
    this.#offset = -fold * floor;
  }

  #cost(run: Run, row: number): number {
    const at = row * this.#stride;
    const number = hasNumber(this.#shape) ? run.floats[at >>> 2]! : 0;
    const start = at + codeStart(this.#shape);
    if (this.#shape.kind === 'RABIT') {
      const factor = this.#multiplier * run.floats[(at >>> 2) + 1]!;
      return finiteCost(
        this.#base + number + factor * (this.#planeSum(run.bytes, start) + this.#shift),
      );
    }
    return this.#summedCost(number, this.#sum(run.bytes, start));
  }

  /** Of a row with this bias or factor. */
  #summedCost(number: number, sum: number): number {
    const cost = this.#multiplier * sum;
    const isByFactor = isLengthened(this.#shape);
    return finiteCost(isByFactor ? number * (this.#base + cost) : this.#base + number + cost);
  }

  #sum(bytes: Uint8Array, start: number): number {
    if (isPartitioned(this.#shape)) return this.#tableSum(bytes, start);
    return isHalf(this.#shape) ? this.#halfSum(bytes, start) : this.#planeSum(bytes, start);
  }

  #planeSum(bytes: Uint8Array, start: number): number {
    const steps = this.#steps;
    const weights = this.#weights;
    unpackPlanes(bytes, start, planeBits(this.#shape), steps);
    let sum = 0;
    for (let i = 0; i < steps.length; i++) sum += weights[i]! * steps[i]!;
    return sum;
  }

  #halfSum(bytes: Uint8Array, start: number): number {
    const { kind, dim } = this.#shape;
    const bits = new Uint16Array(bytes.buffer, bytes.byteOffset + start, dim);
    if (kind === 'FP16') float16ToFloat32(bits, this.#decoded);
    else bfloat16ToFloat32(bits, this.#decoded);
    let sum = 0;
    for (let i = 0; i < dim; i++) sum += this.#query[i]! * this.#decoded[i]!;
    return sum;
  }

  #tableSum(bytes: Uint8Array, start: number): number {
    const room = entryRoom(this.#shape);
    const count = tableCount(this.#shape);
    let sum = 0;
    for (let table = 0; table < count; table++) {
      const entry = entryAt(this.#shape, bytes, start, table);
      sum = Math.fround(sum + this.#table[table * room + entry]!);
    }
    return sum;
  }

  #blockCosts(run: Run, block: number, out: Float32Array): void {
    const sums = this.#sums.fill(0);
    const start = block + blockStart(this.#shape);
    for (let part = 0; part < this.#shape.parts; part++) {
      const table = part * ENTRY_GROUP;
      for (let i = 0; i < 16; i++) {
        const both = run.bytes[start + part * 16 + i]!;
        sums[i]! += this.#smallTable[table + (both & 15)]!;
        sums[16 + i]! += this.#smallTable[table + (both >>> 4)]!;
      }
    }
    for (let r = 0; r < out.length; r++) {
      out[r] = this.#summedCost(run.floats[(block >>> 2) + r]!, sums[r]!);
    }
  }
}

function openRun(bytes: Uint8Array): Run {
  return { bytes, floats: codebookValues(bytes) };
}

/** The nearest whole number, halves away from zero, within +-WIDE_WEIGHT_MAX; NaN becomes that. */
function wholeWeight(value: number): number {
  if (Number.isNaN(value)) return WIDE_WEIGHT_MAX;
  const within = Math.max(-WIDE_WEIGHT_MAX, Math.min(WIDE_WEIGHT_MAX, value));
  return Math.trunc(Math.fround(within < 0 ? within - 0.5 : within + 0.5));
}

/** The nearest whole number within [0, STEP_MAX]; NaN becomes that. */
function smallStep(value: number): number {
  return Number.isNaN(value) ? STEP_MAX : Math.trunc(Math.fround(Math.min(STEP_MAX, value) + 0.5));
}
