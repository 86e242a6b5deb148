/**
 * A ColumnBatch as bytes: the payload of log records and the encoded form of the ports between roles.
 * Little-endian, like every machine Node runs on here; the buffers are the columns' own memory.
 *
 *   0  u32  0x3143424d ("MBC1")
 *   4  u32  byteLength of the whole
 *   8  u32  rowCount
 *  12  u32  columnCount
 *  16  ...  descriptors, 16 bytes each: one a column in the batch's order; the descriptor of a list is followed
 *           by that of its elements
 *             0  u32  field id
 *             4  u8   kind: 0 fixed, 1 bytes, 2 list, 3 vector, 4 sparse
 *             5  u8   data type
 *             6  u8   1 when there is validity, else 0
 *             7  u8   0
 *             8  u32  dimensions of a vector, else 0
 *            12  u32  bytes, elements or pairs behind offsets, else 0
 *   ...      for each descriptor in the same order its buffers, each padded with zeros to a multiple of 8:
 *             validity u32 words, if any; then
 *             fixed: values · bytes: offsets u32, bytes · list: offsets u32 · vector: values ·
 *             sparse: offsets u32, indices u32, values f32
 *
 * Offsets start at 0. What lies on an 8-byte boundary in memory is decoded without a copy.
 */
import { assert } from '../base/assert.ts';
import { ByteReader, ByteWriter, MalformedBytes } from '../base/bytes.ts';
import { BINARY_DIMENSION_MAX } from '../base/limits.ts';
import {
  columnKind,
  columnRowCount,
  newFixedValues,
  newVectorValues,
  vectorStride,
} from './column-layout.ts';
import { sliceColumn } from './column-builder.ts';
import type { Column, ColumnBatch, ListColumn, Validity } from './column.ts';
import { DataType, dataTypeName } from './data-type.ts';

const MAGIC = 0x3143424d;
const HEADER_BYTES = 16;
const DESCRIPTOR_BYTES = 16;
const KINDS: readonly Column['kind'][] = ['fixed', 'bytes', 'list', 'vector', 'sparse'];
/** A buffer at least this long is handed on as it is; shorter ones are cheaper to copy together. */
const CHUNK_BYTES_MIN = 16 * 1024;
const BYTE_LENGTH_MAX = 0xffffffff;
const DATA_TYPES: ReadonlySet<number> = new Set(Object.values(DataType));

/**
 * The batch as chunks that follow each other. Long ones are views of the batch's memory: they hold as long
 * as it does not change.
 */
export function encodeBatch(batch: ColumnBatch): Uint8Array[] {
  const descriptors = new ByteWriter(HEADER_BYTES + batch.columns.size * DESCRIPTOR_BYTES);
  const buffers: Uint8Array[] = [];
  descriptors.u32(MAGIC);
  descriptors.u32(0);
  descriptors.u32(batch.rowCount);
  descriptors.u32(batch.columns.size);
  for (const [fieldId, column] of batch.columns) {
    assert(
      columnRowCount(column) === batch.rowCount,
      `field ${fieldId} has every row of the batch`,
    );
    describeColumn(fieldId, column, descriptors, buffers);
  }
  const chunks: Uint8Array[] = [];
  let pending = descriptors;
  let total = descriptors.length;
  for (const buffer of buffers) {
    if (buffer.length < CHUNK_BYTES_MIN) pending.raw(buffer);
    else {
      if (pending.length > 0) chunks.push(pending.bytes());
      chunks.push(buffer);
      pending = new ByteWriter(64);
    }
    // The writer begins where the last long buffer ended, which need not be a multiple of 8.
    total += buffer.length;
    for (; (total & 7) !== 0; total++) pending.u8(0);
  }
  if (pending.length > 0) chunks.push(pending.bytes());
  assert(total <= BYTE_LENGTH_MAX, 'a batch is shorter than 4 GiB');
  const first = chunks[0]!;
  new DataView(first.buffer, first.byteOffset).setUint32(4, total, true);
  return chunks;
}

/** The batch in one piece, in memory of its own. */
export function encodeBatchWhole(batch: ColumnBatch): Uint8Array {
  const chunks = encodeBatch(batch);
  let byteLength = 0;
  for (const chunk of chunks) byteLength += chunk.length;
  const whole = new Uint8Array(byteLength);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/**
 * The batch that `bytes` are, as views of them where they are aligned. Text is not checked to be UTF-8.
 * @throws MalformedBytes for anything that encodeBatch does not write
 */
export function decodeBatch(bytes: Uint8Array): ColumnBatch {
  const reader = new ByteReader(bytes);
  if (reader.u32() !== MAGIC) throw new MalformedBytes('not a batch of columns');
  const byteLength = reader.u32();
  if (byteLength !== bytes.length) {
    throw new MalformedBytes(`a batch of ${byteLength} bytes in ${bytes.length}`);
  }
  const rowCount = reader.u32();
  const columnCount = reader.u32();
  if (columnCount > reader.remaining / DESCRIPTOR_BYTES) {
    throw new MalformedBytes(`${columnCount} columns do not fit in ${bytes.length} bytes`);
  }
  const descriptors: Descriptor[] = [];
  for (let i = 0; i < columnCount; i++) descriptors.push(readDescriptor(reader));
  const columns = new Map<number, Column>();
  for (const descriptor of descriptors) {
    if (columns.has(descriptor.fieldId)) {
      throw new MalformedBytes(`field ${descriptor.fieldId} stands twice`);
    }
    columns.set(descriptor.fieldId, readColumn(reader, descriptor, rowCount));
  }
  if (reader.remaining !== 0) throw new MalformedBytes(`${reader.remaining} bytes too many`);
  return { rowCount, columns };
}

interface Descriptor {
  readonly fieldId: number;
  readonly kind: Column['kind'];
  readonly type: DataType;
  readonly hasValidity: boolean;
  readonly dim: number;
  readonly itemCount: number;
  readonly elements: Descriptor | null;
}

function describeColumn(
  fieldId: number,
  column: Column,
  descriptors: ByteWriter,
  buffers: Uint8Array[],
): void {
  const hasOffsets = column.kind !== 'fixed' && column.kind !== 'vector';
  const start = hasOffsets ? column.offsets[0]! : 0;
  const end = hasOffsets ? column.offsets.at(-1)! : 0;
  descriptors.u32(fieldId);
  descriptors.u8(KINDS.indexOf(column.kind));
  descriptors.u8(column.type);
  descriptors.u8(column.validity === null ? 0 : 1);
  descriptors.u8(0);
  descriptors.u32(column.kind === 'vector' ? column.dim : 0);
  descriptors.u32(end - start);
  if (column.validity !== null) buffers.push(bytesOf(column.validity));
  if (!hasOffsets) {
    buffers.push(bytesOf(column.values));
    return;
  }
  buffers.push(bytesOf(rebased(column.offsets)));
  if (column.kind === 'bytes') buffers.push(column.bytes.subarray(start, end));
  else if (column.kind === 'sparse') {
    buffers.push(bytesOf(column.indices.subarray(start, end)));
    buffers.push(bytesOf(column.values.subarray(start, end)));
  } else {
    describeColumn(fieldId, sliceColumn(column.elements, start, end), descriptors, buffers);
  }
}

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

/** The offsets, starting at 0. */
function rebased(offsets: Uint32Array): Uint32Array {
  const start = offsets[0]!;
  if (start === 0) return offsets;
  const shifted = new Uint32Array(offsets.length);
  for (let i = 0; i < offsets.length; i++) shifted[i] = offsets[i]! - start;
  return shifted;
}

function readDescriptor(reader: ByteReader, list: Descriptor | null = null): Descriptor {
  const fieldId = reader.u32();
  const kind = KINDS[reader.u8()];
  const type = reader.u8() as DataType;
  const flags = reader.u8();
  const padding = reader.u8();
  const dim = reader.u32();
  const itemCount = reader.u32();
  if (kind === undefined || !DATA_TYPES.has(type) || columnKind(type) !== kind) {
    throw new MalformedBytes(`field ${fieldId}: ${dataTypeName(type)} in a column of another kind`);
  }
  if (flags > 1 || padding !== 0) throw new MalformedBytes(`field ${fieldId}: unknown flags`);
  if (list !== null && (fieldId !== list.fieldId || kind === 'list' || kind === 'sparse')) {
    throw new MalformedBytes(`field ${list.fieldId}: ${dataTypeName(type)} as elements of a list`);
  }
  checkDimensions(fieldId, type, dim);
  if ((kind === 'fixed' || kind === 'vector') && itemCount !== 0) {
    throw new MalformedBytes(`field ${fieldId}: items of a column without offsets`);
  }
  const own = { fieldId, kind, type, hasValidity: flags === 1, dim, itemCount, elements: null };
  return kind === 'list' ? { ...own, elements: readDescriptor(reader, own) } : own;
}

function checkDimensions(fieldId: number, type: DataType, dim: number): void {
  const isVector = columnKind(type) === 'vector';
  const fits = isVector ? dim > 0 && dim <= BINARY_DIMENSION_MAX : dim === 0;
  if (!fits || (type === DataType.BinaryVector && dim % 8 !== 0)) {
    throw new MalformedBytes(`field ${fieldId}: ${dataTypeName(type)} of ${dim} dimensions`);
  }
}

function readColumn(reader: ByteReader, descriptor: Descriptor, rowCount: number): Column {
  const { kind, type, dim, itemCount } = descriptor;
  const validity = descriptor.hasValidity ? readValidity(reader, rowCount) : null;
  if (kind === 'fixed') {
    const values = readValues(reader, newFixedValues(type, 0), rowCount);
    return { kind, type, values, validity };
  }
  if (kind === 'vector') {
    const elementCount = rowCount * vectorStride(type, dim);
    const values = readValues(reader, newVectorValues(type, 0), elementCount);
    return { kind, type, dim, values, validity };
  }
  const offsets = readOffsets(reader, rowCount, itemCount);
  if (kind === 'bytes') {
    const bytes = readValues(reader, new Uint8Array(0), itemCount);
    return { kind, type, offsets, bytes, validity };
  }
  if (kind === 'sparse') {
    const indices = readValues(reader, new Uint32Array(0), itemCount);
    const values = readValues(reader, new Float32Array(0), itemCount);
    return { kind, type, offsets, indices, values, validity };
  }
  assert(descriptor.elements !== null, 'the descriptor of a list has one of its elements');
  const elements = readColumn(reader, descriptor.elements, itemCount);
  return { kind, type, offsets, elements: elements as ListColumn['elements'], validity };
}

/** `count` values like those of `sample`: a view where they are aligned, else a copy. */
function readValues<Values extends ArrayBufferView & { readonly BYTES_PER_ELEMENT: number }>(
  reader: ByteReader,
  sample: Values,
  count: number,
): Values {
  const bytes = reader.raw(count * sample.BYTES_PER_ELEMENT);
  padded(reader);
  const Constructor = sample.constructor as new (
    buffer: ArrayBufferLike,
    byteOffset: number,
    length: number,
  ) => Values;
  if (bytes.byteOffset % sample.BYTES_PER_ELEMENT === 0) {
    return new Constructor(bytes.buffer, bytes.byteOffset, count);
  }
  return new Constructor(new Uint8Array(bytes).buffer, 0, count);
}

/** Steps over the zeros up to the next buffer. */
function padded(reader: ByteReader): void {
  while ((reader.offset & 7) !== 0) {
    if (reader.u8() !== 0) throw new MalformedBytes(`padding at ${reader.offset - 1} is not zero`);
  }
}

function readValidity(reader: ByteReader, rowCount: number): Validity {
  const words = readValues(reader, new Uint32Array(0), Math.ceil(rowCount / 32));
  const spare = rowCount & 31;
  if (spare !== 0 && words[words.length - 1]! >>> spare !== 0) {
    throw new MalformedBytes('validity of rows that are not there');
  }
  return words;
}

function readOffsets(reader: ByteReader, rowCount: number, itemCount: number): Uint32Array {
  const offsets = readValues(reader, new Uint32Array(0), rowCount + 1);
  let previous = 0;
  let descends = 0;
  for (let i = 0; i < offsets.length; i++) {
    const offset = offsets[i]!;
    if (offset < previous) descends++;
    previous = offset;
  }
  if (offsets[0] !== 0 || descends !== 0 || previous !== itemCount) {
    throw new MalformedBytes(`offsets do not ascend from 0 to ${itemCount}`);
  }
  return offsets;
}
