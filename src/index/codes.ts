/**
 * Codes: vectors in few bytes, and what a query costs against them. Knows nothing of graphs or lists.
 *
 * A vector is prepared (of length 1 for COSINE, rotated for RaBitQ), a centroid c is taken off if there is
 * one, and what remains, r, is coded; decoded it is r' ~ r. One formula covers every kind:
 *
 *   cost = base + bias of the row - f x (q . r'),   f = 2 for L2 and 1 for IP and COSINE
 *
 * `base` is the cost of the centroid: |q - c|^2 or -q.c; without one |q|^2 or 0. The bias is |r'|^2 + 2 c.r'
 * for L2, |c + r'|^2 / 2 for COSINE, and nothing for IP. The cost of COSINE is so half a squared distance but
 * for a constant: it goes for the length that decoding has lost, as L2 does, and finds more than the product
 * alone. A row of zeros has a bias of 1/2 there, which is cosine 0. Only RABIT, whose error grows with the
 * length of the query, takes q - c for q: its bias is |r|^2 for L2 and -c.r for the others. The nearest entries
 * of product codes are means of what they stand for: decoded, a row points where it did but is too short, some
 * more than others. By IP and COSINE, where that is what counts, a row keeps what gives it its length back:
 *
 *   cost = factor of the row x (base - q . r'),   factor = |x| / |c + r'|
 *
 * Bias and factor are f32; by IP scalar codes have neither.
 *
 *   kind              a row, padded to 4 bytes
 *   SQ8 SQ6 SQ4       bias, planes of 8, 6 or 4 bits a dimension: steps between the least and the greatest
 *                     value of that dimension in the sample
 *   SQ4U              the same, between the least and the greatest value of all dimensions
 *   FP16 BF16         bias, u16 x dim
 *   PRODUCT           bias or factor, for each part the nearest of its entries: u8, or u16 when they are more
 *                     than 256
 *   RESIDUAL_PRODUCT  bias or factor, and that for each layer: each codes what the one before left over
 *   RABIT             bias, factor f32, planes of `bits` bits; r' = factor x (code - (2^bits - 1) / 2)
 *   BLOCKED_PRODUCT   PRODUCT of at most 16 entries. A block of 32 rows is their biases or factors, then
 *                     for each part (of parts rounded up to 4) 16 bytes, byte i with row i in its low and
 *                     row 16 + i in its high bits
 *
 * Planes are those of code-planes.ts: bits / 8 bytes a dimension, dim rounded up to 64.
 *
 *   codebook of        f32
 *   SQ8 SQ6 SQ4 SQ4U   least value x dim, step x dim
 *   product codes      layers x parts x (dim / parts) x entries rounded up to 16, the entries of one element
 *                      side by side
 *   others             none
 *
 * Codes, codebooks and costs of native/src/codes.h, the twin of this file, have the same bits; but costs of
 * FP16 and BF16 are sums of floats there, and of float64 here.
 */
import { must } from '../base/assert.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from '../schema/vectors.ts';
import type { IndexMetric } from './metric-type.ts';
import { planeByteLength, unpackPlanes } from './code-planes.ts';

export type CodeKind =
  | 'SQ8'
  | 'SQ6'
  | 'SQ4'
  | 'SQ4U'
  | 'FP16'
  | 'BF16'
  | 'PRODUCT'
  | 'RESIDUAL_PRODUCT'
  | 'BLOCKED_PRODUCT'
  | 'RABIT';

export type CodeMetric = 'L2' | 'IP' | 'COSINE';

export interface CodeShape {
  readonly kind: CodeKind;
  readonly metric: CodeMetric;
  readonly dim: number;
  /** Product codes: parts that a vector is cut into, a divisor of dim; else 1. */
  readonly parts: number;
  /** RESIDUAL_PRODUCT: how many codes one after the other; else 1. */
  readonly layers: number;
  /** Product codes: 1 ... 24; RABIT: 1 ... 9; else 0. */
  readonly bits: number;
  /** Product codes: entries of each part, at most 2^bits and 2^16; else 0. */
  readonly entries: number;
}

/** Numbered as in images. */
const KINDS: readonly CodeKind[] = [
  'SQ8',
  'SQ6',
  'SQ4',
  'SQ4U',
  'FP16',
  'BF16',
  'PRODUCT',
  'RESIDUAL_PRODUCT',
  'BLOCKED_PRODUCT',
  'RABIT',
];
const METRICS: readonly CodeMetric[] = ['L2', 'IP', 'COSINE'];
const DIM_MAX = 32_768;
const LAYERS_MAX = 16;
const BITS_MAX = 24;
const ENTRIES_MAX = 65_536;
const RABIT_BITS_MAX = 9;
/** Entries that a byte can name; more are worth their memory when so many rows share one. */
const BYTE_ENTRIES = 256;
const ROWS_PER_WIDE_ENTRY = 4;
const SAMPLE_ROWS_MAX = 65_536;
const SAMPLE_BYTES_MAX: number = 256 * 1024 * 1024;
const ROWS_PER_ENTRY = 256;
const ROTATIONS = 4;
const FLOAT_MAX = 3.402_823_466_385_288_6e38;

/** Entries come in groups of this many. */
export const ENTRY_GROUP = 16;
/** Rows whose codes lie beside each other. */
export const ROW_BLOCK = 32;
/** Parts of blocked codes come in groups of this many. */
const PART_GROUP = 4;

/** The metric of codes for that of an index of float or int8 vectors. */
export function codeMetric(metric: IndexMetric): CodeMetric {
  return metric === 'L2' || metric === 'IP' ? metric : 'COSINE';
}

/** The eight words of an image that hold a shape. */
export function codeShapeWords(shape: CodeShape): readonly number[] {
  const { kind, metric, dim, parts, layers, bits, entries } = shape;
  return [KINDS.indexOf(kind), METRICS.indexOf(metric), dim, parts, layers, bits, entries, 0];
}

/** The shape that eight words hold; null when no codes can have it. */
export function codeShapeOf(words: readonly number[]): CodeShape | null {
  const [kindNumber = 0, metricNumber = 0, dim = 0, parts = 0, layers = 0, bits = 0, entries = 0] =
    words;
  const [kind, metric] = [KINDS[kindNumber], METRICS[metricNumber]];
  if (kind === undefined || metric === undefined || words[7] !== 0) return null;
  const shape = { kind, metric, dim, parts, layers, bits, entries };
  return isCodeShape(shape) ? shape : null;
}

export function isStepped({ kind }: CodeShape): boolean {
  return kind === 'SQ8' || kind === 'SQ6' || kind === 'SQ4' || kind === 'SQ4U';
}

export function isHalf({ kind }: CodeShape): boolean {
  return kind === 'FP16' || kind === 'BF16';
}

export function isPartitioned({ kind }: CodeShape): boolean {
  return kind === 'PRODUCT' || kind === 'RESIDUAL_PRODUCT' || kind === 'BLOCKED_PRODUCT';
}

/**
 * The shape with the entries that are worth their memory for so many rows: no more than rows, and beyond 256
 * no more than a quarter of them.
 */
export function sizedFor(shape: CodeShape, rowCount: number): CodeShape {
  if (!isPartitioned(shape)) return { ...shape, entries: 0 };
  const most = Math.min(ENTRIES_MAX, 2 ** shape.bits);
  const wide = Math.floor(rowCount / ROWS_PER_WIDE_ENTRY);
  const worth = Math.max(Math.min(rowCount, BYTE_ENTRIES), wide);
  return { ...shape, entries: Math.max(1, Math.min(most, worth)) };
}

export function isCodeShape(shape: CodeShape): boolean {
  const { kind, dim, parts, layers, bits, entries } = shape;
  if (dim < 1 || dim > DIM_MAX) return false;
  if (!isPartitioned(shape)) {
    if (parts !== 1 || layers !== 1 || entries !== 0) return false;
    return kind === 'RABIT' ? bits >= 1 && bits <= RABIT_BITS_MAX : bits === 0;
  }
  if (parts < 1 || parts > dim || dim % parts !== 0) return false;
  if (layers < 1 || layers > LAYERS_MAX) return false;
  if (layers > 1 && kind !== 'RESIDUAL_PRODUCT') return false;
  if (bits < 1 || bits > BITS_MAX || entries < 1) return false;
  if (kind === 'BLOCKED_PRODUCT' && bits > 4) return false;
  return entries <= Math.min(ENTRIES_MAX, 2 ** bits);
}

/** Whether a row says by how much its direction, which is all that is coded, is to be lengthened. */
export function isLengthened(shape: CodeShape): boolean {
  return isPartitioned(shape) && shape.metric !== 'L2';
}

function hasBias(shape: CodeShape): boolean {
  return shape.kind === 'RABIT' || (shape.metric !== 'IP' && !isLengthened(shape));
}

/** Whether a row begins with a bias or a factor. */
export function hasNumber(shape: CodeShape): boolean {
  return hasBias(shape) || isLengthened(shape);
}

/** Bits of an element that is stored in planes. */
export function planeBits({ kind, bits }: CodeShape): number {
  if (kind === 'RABIT') return bits;
  if (kind === 'SQ8') return 8;
  return kind === 'SQ6' ? 6 : 4;
}

/** Where the code begins in a row that lies apart. */
export function codeStart(shape: CodeShape): number {
  if (shape.kind === 'RABIT') return 8;
  return hasNumber(shape) ? 4 : 0;
}

export function entryRoom({ entries }: CodeShape): number {
  return Math.ceil(entries / ENTRY_GROUP) * ENTRY_GROUP;
}

/** Bytes of an entry's number. */
export function entryByteLength({ entries }: CodeShape): number {
  return entries > 256 ? 2 : 1;
}

/** Codes of a row: parts of all layers. */
export function tableCount({ layers, parts }: CodeShape): number {
  return layers * parts;
}

/** Parts of BLOCKED_PRODUCT, with those that only fill a group. */
export function blockedParts({ parts }: CodeShape): number {
  return Math.ceil(parts / PART_GROUP) * PART_GROUP;
}

export function blockStart(shape: CodeShape): number {
  return hasNumber(shape) ? ROW_BLOCK * 4 : 0;
}

export function blockByteLength(shape: CodeShape): number {
  return blockStart(shape) + blockedParts(shape) * 16;
}

/** Whether rows lie apart, so that each can be read by itself. */
export function hasStride({ kind }: CodeShape): boolean {
  return kind !== 'BLOCKED_PRODUCT';
}

/** Bytes of a row of a kind that has a stride, a multiple of 4. */
export function codeByteLength(shape: CodeShape): number {
  const start = codeStart(shape);
  if (isHalf(shape)) return Math.ceil((start + shape.dim * 2) / 4) * 4;
  if (!isPartitioned(shape)) return start + planeByteLength(planeBits(shape), shape.dim);
  return Math.ceil((start + tableCount(shape) * entryByteLength(shape)) / 4) * 4;
}

/** Bytes of rows one behind the other: a run. It begins at a multiple of 4. */
export function runByteLength(shape: CodeShape, rowCount: number): number {
  if (hasStride(shape)) return rowCount * codeByteLength(shape);
  return Math.ceil(rowCount / ROW_BLOCK) * blockByteLength(shape);
}

/** Bytes of the codebook, which begins at a multiple of 4. */
export function codebookByteLength(shape: CodeShape): number {
  if (isStepped(shape)) return shape.dim * 8;
  return isPartitioned(shape) ? shape.layers * shape.dim * entryRoom(shape) * 4 : 0;
}

export function codebookValues(codebook: Uint8Array): Float32Array {
  return new Float32Array(codebook.buffer, codebook.byteOffset, codebook.byteLength >>> 2);
}

/** Rows of the sample that a codebook is trained of, at most. */
export function sampleRows(shape: CodeShape): number {
  const wanted = isPartitioned(shape) ? shape.entries * ROWS_PER_ENTRY : SAMPLE_ROWS_MAX;
  const most = Math.floor(SAMPLE_BYTES_MAX / (shape.dim * 4));
  return Math.min(SAMPLE_ROWS_MAX, wanted, most);
}

/** The cost as it is answered: NaN, which only overflow can bring, counts as the worst. */
export function finiteCost(cost: number): number {
  if (Number.isNaN(cost) || cost > FLOAT_MAX) return FLOAT_MAX;
  return cost < -FLOAT_MAX ? -FLOAT_MAX : Math.fround(cost);
}

/**
 * Makes a vector what the codes expect, in place: rows, queries and, before they are trained, what centroids
 * are trained of. Zero vectors stay zero.
 */
export function prepareVector(shape: CodeShape, isCosine: boolean, vector: Float32Array): void {
  if (isCosine) {
    let square = 0;
    for (let i = 0; i < shape.dim; i++) square += vector[i]! * vector[i]!;
    const length = Math.sqrt(square);
    for (let i = 0; i < shape.dim && length > 0; i++) vector[i]! /= length;
  }
  if (shape.kind === 'RABIT') rotate(vector, shape.dim);
}

/** A rotation by signs and transforms of the first and of the last 2^k elements in turn. */
function rotate(vector: Float32Array, dim: number): void {
  const window = 2 ** Math.floor(Math.log2(dim));
  for (let turn = 0; turn < ROTATIONS; turn++) {
    for (let i = 0; i < dim; i++) {
      if (isFlipped(i, turn)) vector[i] = -vector[i]!;
    }
    const start = turn % 2 === 0 ? 0 : dim - window;
    transform(vector.subarray(start, start + window));
  }
}

function isFlipped(i: number, turn: number): boolean {
  let bits = i * ROTATIONS + turn + 1;
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return ((bits ^ (bits >>> 16)) & 1) !== 0;
}

/** Walsh-Hadamard, in place; there are a power of two of them. Length is kept. */
function transform(values: Float32Array): void {
  const count = values.length;
  for (let half = 1; half < count; half *= 2) {
    for (let start = 0; start < count; start += 2 * half) {
      for (let i = start; i < start + half; i++) {
        const left = values[i]!;
        const right = values[i + half]!;
        values[i] = left + right;
        values[i + half] = left - right;
      }
    }
  }
  const scale = Math.fround(1 / Math.sqrt(count));
  for (let i = 0; i < count; i++) values[i]! *= scale;
}

/** The entry of a code, by its number among those of the row. */
export function entryAt(shape: CodeShape, codes: Uint8Array, start: number, table: number): number {
  if (shape.entries <= 256) return codes[start + table]!;
  return codes[start + table * 2]! | (codes[start + table * 2 + 1]! << 8);
}

/** Checks every number of a run that leads somewhere, in one pass. */
export function checkRun(shape: CodeShape, run: Uint8Array, rowCount: number): boolean {
  if (!isPartitioned(shape) || !hasStride(shape)) return true;
  const stride = codeByteLength(shape);
  const tables = tableCount(shape);
  for (let row = 0; row < rowCount; row++) {
    const start = row * stride + codeStart(shape);
    for (let table = 0; table < tables; table++) {
      if (entryAt(shape, run, start, table) >= shape.entries) return false;
    }
  }
  return true;
}

/** Checks that a codebook has finite numbers only. */
export function checkCodebook(codebook: Uint8Array): boolean {
  return codebookValues(codebook).every((value) => Number.isFinite(value));
}

/** What decoding gives back, without the centroid. */
export function decodeCode(
  shape: CodeShape,
  codebook: Uint8Array,
  { run, position }: { readonly run: Uint8Array; readonly position: number },
  out: Float32Array,
): void {
  const { kind, dim } = shape;
  if (kind === 'BLOCKED_PRODUCT') {
    out.fill(0, 0, dim);
    const block = Math.floor(position / ROW_BLOCK) * blockByteLength(shape) + blockStart(shape);
    const at = position % ROW_BLOCK;
    for (let part = 0; part < shape.parts; part++) {
      const both = run[block + part * 16 + (at % 16)]!;
      addEntry(shape, codebookValues(codebook), [part, at < 16 ? both & 15 : both >> 4], out);
    }
    return;
  }
  const row = position * codeByteLength(shape);
  const start = row + codeStart(shape);
  if (isPartitioned(shape)) {
    out.fill(0, 0, dim);
    const values = codebookValues(codebook);
    for (let table = 0; table < tableCount(shape); table++) {
      addEntry(shape, values, [table, entryAt(shape, run, start, table)], out);
    }
  } else if (isHalf(shape)) {
    const bits = new Uint16Array(run.buffer, run.byteOffset + start, dim);
    const widen = kind === 'FP16' ? float16ToFloat32 : bfloat16ToFloat32;
    widen(bits, out.subarray(0, dim));
  } else {
    decodePlanes(shape, codebook, run.subarray(row, row + codeByteLength(shape)), out);
  }
}

function decodePlanes(
  shape: CodeShape,
  codebook: Uint8Array,
  row: Uint8Array,
  out: Float32Array,
): void {
  const { dim } = shape;
  const bits = planeBits(shape);
  const steps = new Uint16Array(dim);
  unpackPlanes(row, codeStart(shape), bits, steps);
  if (shape.kind === 'RABIT') {
    const factor = new DataView(row.buffer, row.byteOffset).getFloat32(4, true);
    const half = (2 ** bits - 1) / 2;
    for (let i = 0; i < dim; i++) out[i] = factor * (steps[i]! - half);
    return;
  }
  const values = codebookValues(codebook);
  for (let i = 0; i < dim; i++) out[i] = values[i]! + Math.fround(values[dim + i]! * steps[i]!);
}

function addEntry(
  shape: CodeShape,
  values: Float32Array,
  [table, entry]: readonly [table: number, entry: number],
  out: Float32Array,
): void {
  const room = entryRoom(shape);
  const dim = shape.dim / shape.parts;
  const target = (table % shape.parts) * dim;
  const start = table * dim * room + entry;
  for (let d = 0; d < dim; d++) {
    out[target + d]! += must(values[start + d * room], 'an entry is in its room');
  }
}
