/**
 * Codes of float vectors for exact scans: what a FLAT index keeps beside the vectors of a segment. A scan
 * compares codes first and measures only rows that may be among the best, as the codes prove; its hits are
 * those of a scan without, bit for bit.
 *
 * Rows lie in panels: panel-codes.ts says what codes are and what they prove. n rows make p panels, the last
 * filled up. Little-endian:
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
 *    64  u8     codes: p x stride x 16
 *        f32    scales, 16 p
 *        f32    errors, 16 p
 *        f32    lengths, 16 p
 *        f32    L2 only, halves, 16 p
 *
 * Bytes a row: dim rounded up to 4, and 12, with L2 16. No number leads anywhere, so whatever the bytes are,
 * a scan reads the image only; of a damaged one it may lose rows. native/src/flat_image.h reads it.
 */
import { assert } from '../base/assert.ts';
import { DataType } from '../schema/data-type.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from '../schema/vectors.ts';
import type { Vectors } from './distances.ts';
import { paddedRows, type PanelMetric, panelStride, PanelWriter } from './panel-codes.ts';

export type FlatMetric = PanelMetric;

const TYPES: readonly DataType[] = [
  DataType.FloatVector,
  DataType.Float16Vector,
  DataType.BFloat16Vector,
];
const METRICS: readonly string[] = ['L2', 'IP', 'COSINE'];
const MAGIC: Uint8Array = new TextEncoder().encode('MLFLAT\n\0');
const VERSION = 1;
const HEADER_BYTES = 64;

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

export function flatByteLength({ metric, dim, rowCount }: FlatShape): number {
  return HEADER_BYTES + paddedRows(rowCount) * (panelStride(dim) + (metric === 'L2' ? 16 : 12));
}

/** Fills an image, any number of rows at a time. */
export class FlatWriter {
  readonly #shape: FlatShape;
  readonly #vectors: Vectors;
  readonly #writer: PanelWriter;
  readonly #row: Float32Array;

  /** @param bytes zeroed, as many as `flatByteLength`, at a multiple of 4 bytes */
  constructor(shape: FlatShape, vectors: Vectors, bytes: Uint8Array) {
    assert(bytes.byteLength === flatByteLength(shape), 'an image has the length of its sections');
    const rows = paddedRows(shape.rowCount);
    const codesEnd = HEADER_BYTES + rows * panelStride(shape.dim);
    const numbers = (section: number, count: number): Float32Array =>
      new Float32Array(bytes.buffer, bytes.byteOffset + codesEnd + section * rows * 4, count);
    this.#shape = shape;
    this.#vectors = vectors;
    this.#writer = new PanelWriter(shape.metric, shape.dim, {
      codes: bytes.subarray(HEADER_BYTES, codesEnd),
      scales: numbers(0, rows),
      errors: numbers(1, rows),
      lengths: numbers(2, rows),
      halves: numbers(3, shape.metric === 'L2' ? rows : 0),
    });
    this.#row = new Float32Array(shape.dim);
    writeHeader(bytes, shape);
  }

  encode(rowStart: number, rowEnd: number): void {
    for (let row = rowStart; row < rowEnd; row++) this.#writer.encode(this.#read(row), row);
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
  return [VERSION, HEADER_BYTES, ...kinds, dim, rowCount, panelStride(dim), 0];
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
