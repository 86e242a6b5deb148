/**
 * Codes of float vectors for exact scans: what a FLAT index keeps beside the vectors of a segment. A scan
 * compares codes first and measures only rows that may be among the best, as the codes prove; its hits are
 * those of a scan without, bit for bit.
 *
 * A row's code has, for each element, round(value / scale) + 128, where the largest value becomes 127; times
 * its scale it is x', the vector again but for a known error. With COSINE x is the vector at length 1.
 * For a query q with code q' the product is at most q'.x' + |q| x error + (|q - q'| + rounding) x length.
 *
 * Sixteen rows make a panel: four elements of each row behind each other, then the next four. n rows make p
 * panels, the last filled up. Little-endian:
 *
 *     0  u8[8]  "MLFLAT\n\0"
 *     8  u32    version, 1
 *    12  u32    bytes of the header, 64
 *    16  u32    vector type: 0 float32, 1 float16, 2 bfloat16
 *    20  u32    metric: 0 L2, 1 IP, 2 COSINE
 *    24  u32    dim
 *    28  u32    n
 *    32  u32    stride: dim rounded up to a multiple of 4
 *    36  u32    0
 *    40  u64    bytes of the image
 *    48  u8[16] 0
 *    64  u8     codes: p x stride x 16; 128 where there is no element and no row
 *        f32    scales, 16 p
 *        f32    errors, 16 p: at least |x - x'|; infinite where codes say nothing of a vector
 *        f32    lengths, 16 p: at least |x'| + error
 *        f32    L2 only, halves, 16 p: at most |x|^2 / 2
 *
 * Bytes a row: dim rounded up to 4, and 12, with L2 16. No number leads anywhere, so whatever the bytes are,
 * a scan reads the image only; of a damaged one it may lose rows. native/src/flat_image.h reads it.
 */
import { assert } from '../base/assert.ts';
import { DataType } from '../schema/data-type.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from '../schema/vectors.ts';
import type { Vectors } from './distances.ts';

export type FlatMetric = 'L2' | 'IP' | 'COSINE';

const TYPES: readonly DataType[] = [
  DataType.FloatVector,
  DataType.Float16Vector,
  DataType.BFloat16Vector,
];
const METRICS: readonly string[] = ['L2', 'IP', 'COSINE'];
const MAGIC: Uint8Array = new TextEncoder().encode('MLFLAT\n\0');
const VERSION = 1;
const HEADER_BYTES = 64;
const PANEL_ROWS = 16;
const PANEL_ELEMENTS = 4;
const CODE_ZERO = 128;
const CODE_MAX = 127;
/** Squared lengths between which float32 holds all that is computed of a vector. */
const SQUARE_MIN = 2 ** -80;
const SQUARE_MAX = 2 ** 80;
/** A float64 times this is above itself as float32, its own error included; and below. */
const UP = 1 + 2 ** -20;
const DOWN = 1 - 2 ** -20;

export interface FlatShape {
  readonly type: DataType;
  readonly metric: FlatMetric;
  readonly dim: number;
  readonly rowCount: number;
}

/** Whether vectors of this type have codes under this metric. */
export function hasFlatCodes(type: DataType, metric: string): metric is FlatMetric {
  return TYPES.includes(type) && METRICS.includes(metric);
}

function strideOf(dim: number): number {
  return Math.ceil(dim / PANEL_ELEMENTS) * PANEL_ELEMENTS;
}

function paddedRows(rowCount: number): number {
  return Math.ceil(rowCount / PANEL_ROWS) * PANEL_ROWS;
}

export function flatByteLength({ metric, dim, rowCount }: FlatShape): number {
  return HEADER_BYTES + paddedRows(rowCount) * (strideOf(dim) + (metric === 'L2' ? 16 : 12));
}

/** Fills an image, any number of rows at a time. */
export class FlatWriter {
  readonly #shape: FlatShape;
  readonly #vectors: Vectors;
  readonly #bytes: Uint8Array;
  readonly #stride: number;
  readonly #scales: Float32Array;
  readonly #errors: Float32Array;
  readonly #lengths: Float32Array;
  readonly #halves: Float32Array;
  readonly #row: Float32Array;

  /** @param bytes zeroed, as many as `flatByteLength`, at a multiple of 4 bytes */
  constructor(shape: FlatShape, vectors: Vectors, bytes: Uint8Array) {
    assert(bytes.byteLength === flatByteLength(shape), 'an image has the length of its sections');
    const rows = paddedRows(shape.rowCount);
    const stride = strideOf(shape.dim);
    const codesEnd = HEADER_BYTES + rows * stride;
    const numbers = (section: number, count: number): Float32Array =>
      new Float32Array(bytes.buffer, bytes.byteOffset + codesEnd + section * rows * 4, count);
    this.#shape = shape;
    this.#vectors = vectors;
    this.#bytes = bytes;
    this.#stride = stride;
    this.#scales = numbers(0, rows);
    this.#errors = numbers(1, rows);
    this.#lengths = numbers(2, rows);
    this.#halves = numbers(3, shape.metric === 'L2' ? rows : 0);
    this.#row = new Float32Array(shape.dim);
    bytes.fill(CODE_ZERO, HEADER_BYTES, codesEnd);
    writeHeader(bytes, shape);
  }

  encode(rowStart: number, rowEnd: number): void {
    for (let row = rowStart; row < rowEnd; row++) this.#encodeRow(row);
  }

  #encodeRow(row: number): void {
    const { metric, dim } = this.#shape;
    const values = this.#read(row);
    let square = 0;
    let largest = 0;
    for (let i = 0; i < dim; i++) {
      square += values[i]! * values[i]!;
      largest = Math.max(largest, Math.abs(values[i]!));
    }
    if (square === 0) return;
    // NaN, too, says nothing.
    if (!(square >= SQUARE_MIN && square <= SQUARE_MAX)) {
      this.#errors[row] = Number.POSITIVE_INFINITY;
      return;
    }
    const unit = metric === 'COSINE' ? 1 / Math.sqrt(square) : 1;
    const scale = Math.fround((largest * unit) / CODE_MAX);
    this.#scales[row] = scale;
    this.#writeCode(row, unit, scale);
    if (metric === 'L2') this.#halves[row] = (square / 2) * DOWN;
  }

  #writeCode(row: number, unit: number, scale: number): void {
    const { dim } = this.#shape;
    const values = this.#row;
    const bytes = this.#bytes;
    const lane = row % PANEL_ROWS;
    const start = HEADER_BYTES + (row - lane) * this.#stride + lane * PANEL_ELEMENTS;
    let error = 0;
    let square = 0;
    for (let i = 0; i < dim; i++) {
      const element = values[i]! * unit;
      const code = Math.max(-CODE_MAX, Math.min(CODE_MAX, Math.round(element / scale)));
      const group = (i >>> 2) * PANEL_ROWS * PANEL_ELEMENTS;
      bytes[start + group + (i & 3)] = code + CODE_ZERO;
      const decoded = scale * code;
      error += (element - decoded) * (element - decoded);
      square += decoded * decoded;
    }
    const known = Math.sqrt(error) * UP;
    this.#errors[row] = known;
    this.#lengths[row] = (Math.sqrt(square) + known) * UP;
  }

  #read(row: number): Float32Array {
    const { type, dim } = this.#shape;
    const values = this.#vectors.values.subarray(row * dim, (row + 1) * dim);
    if (type === DataType.Float16Vector) float16ToFloat32(values as Uint16Array, this.#row);
    else if (type === DataType.BFloat16Vector) bfloat16ToFloat32(values as Uint16Array, this.#row);
    else this.#row.set(values);
    return this.#row;
  }
}

function writeHeader(bytes: Uint8Array, shape: FlatShape): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  bytes.set(MAGIC);
  for (const [i, word] of headerWords(shape).entries()) view.setUint32(8 + i * 4, word, true);
  view.setBigUint64(40, BigInt(flatByteLength(shape)), true);
}

function headerWords({ type, metric, dim, rowCount }: FlatShape): readonly number[] {
  const kinds = [TYPES.indexOf(type), METRICS.indexOf(metric)];
  return [VERSION, HEADER_BYTES, ...kinds, dim, rowCount, strideOf(dim), 0];
}

/** Whether it is an image of a newer version than this code knows; null when it is none at all. */
export function newerFlatVersion(bytes: Uint8Array): number | null {
  if (bytes.byteLength < HEADER_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte)) return null;
  const version = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES).getUint32(8, true);
  return version > VERSION ? version : null;
}

/** What the image at `bytes` is of; or in words why it is none. */
export function flatShapeOf(bytes: Uint8Array): FlatShape | string {
  if (bytes.byteLength < HEADER_BYTES) return 'it is shorter than its header';
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) return 'it does not begin as codes do';
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const word = (at: number): number => view.getUint32(at, true);
  const type = TYPES[word(16)];
  const metric = METRICS[word(20)] as FlatMetric | undefined;
  if (type === undefined || metric === undefined) return 'its header says what no codes can be';
  const shape: FlatShape = { type, metric, dim: word(24), rowCount: word(28) };
  if (headerWords(shape).some((value, i) => word(8 + i * 4) !== value)) {
    return 'its header says what no codes can be';
  }
  const byteLength = flatByteLength(shape);
  const isWhole = Number(view.getBigUint64(40, true)) === byteLength;
  if (!isWhole || bytes.byteLength !== byteLength) return 'its length is another one';
  return shape;
}
