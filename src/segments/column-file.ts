/**
 * Reads parts of an object: every block that is touched is checked against its checksum before anybody
 * sees a byte of it. Reads of READ_BYTES go on side by side, the checksums of one while the next arrive.
 */
import { assert, must } from '../base/assert.ts';
import { blockChecksums } from '../base/checksum.ts';
import { milvusError } from '../base/errors.ts';
import { CHECKSUM_BLOCK_BYTES } from '../base/limits.ts';
import { nativeAddon } from '../base/native.ts';
import {
  type ColumnShape,
  columnKind,
  elementShape,
  vectorStride,
} from '../schema/column-layout.ts';
import type { Column, FixedColumn, ListColumn, VectorColumn } from '../schema/column.ts';
import { DataType } from '../schema/data-type.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { bufferKinds, valueWidth } from './column-buffers.ts';
import type {
  BufferRange,
  ColumnDescriptor,
  FileDescriptor,
  SegmentDescriptor,
} from './descriptor.ts';
import type { RowsUser, RowsWatcher } from './segment.ts';

/** Bytes of one read; a multiple of the block. */
const READ_BYTES = 4 * 1024 * 1024;
/** Reads of one column under way at the same time. */
const READS_MAX = 4;
/** Bytes of one read of rows that are not kept: what a core's cache holds. */
const PASS_BYTES = 2 * 1024 * 1024;
/** Two are read while one is used. */
const PASS_BUFFERS = 3;

/**
 * Where the bytes go: `shared` memory can be seen by workers, but not decoded as text; `mapped` bytes stay in
 * the file, and go to shared memory where it cannot be mapped.
 */
export type Memory = 'own' | 'shared' | 'mapped';

/** Sees bytes [0, byteLength) of a range whose rest is still being read; each call has more of them. */
export type RangeWatcher = (bytes: Uint8Array, byteLength: number) => void;

/**
 * Bytes `range` of a file.
 * @throws MilvusError DataIntegrity with key, block and offset when a block is not what was written
 */
export async function readChecked(
  store: ObjectStore,
  file: FileDescriptor,
  range: BufferRange,
  memory: Memory,
): Promise<Uint8Array> {
  if (memory === 'mapped') return await mapChecked(store, file, range);
  return await readWatched(store, file, range, { memory, onRead: () => undefined });
}

/** Blocks are read and checked once; what is mapped afterwards is what was checked, as files never change. */
async function mapChecked(
  store: ObjectStore,
  file: FileDescriptor,
  range: BufferRange,
): Promise<Uint8Array> {
  const bytes = (await store.map?.(file.key)) ?? null;
  if (bytes?.length !== file.byteLength) return await readChecked(store, file, range, 'shared');
  const first = range.offset - (range.offset % CHECKSUM_BLOCK_BYTES);
  const end = range.offset + range.byteLength;
  const memory = allocate(Math.min(READ_BYTES, file.byteLength) + CHECKSUM_BLOCK_BYTES, 'own');
  for (let offset = first; offset < end; offset += READ_BYTES) {
    const byteLength = Math.min(READ_BYTES, end - offset);
    await readBlocks(store, file, { offset, byteLength }, memory);
  }
  return bytes.subarray(range.offset, end);
}

/** As `readChecked`; `onRead` sees what is read and checked while the rest is on its way. */
async function readWatched(
  store: ObjectStore,
  file: FileDescriptor,
  range: BufferRange,
  { memory, onRead }: { readonly memory: Exclude<Memory, 'mapped'>; readonly onRead: RangeWatcher },
): Promise<Uint8Array> {
  assert(range.offset + range.byteLength <= file.byteLength, 'a range lies in its file');
  const start = range.offset - (range.offset % CHECKSUM_BLOCK_BYTES);
  const wanted = Math.ceil((range.offset + range.byteLength) / CHECKSUM_BLOCK_BYTES);
  const end = Math.min(file.byteLength, wanted * CHECKSUM_BLOCK_BYTES);
  const bytes = allocate(Math.max(0, end - start), memory);
  const ranged = bytes.subarray(range.offset - start, range.offset - start + range.byteLength);
  if (end - start <= READ_BYTES) {
    if (end > start) await store.readInto(file.key, start, bytes);
    checkBlocks(file, start, bytes);
    return ranged;
  }
  let next = start;
  // Reads may end out of order: those that end before an earlier one wait here, by their starts.
  const ahead = new Map<number, number>();
  let checkedTo = start;
  const readSome = async (): Promise<void> => {
    while (next < end) {
      const from = next;
      next = Math.min(end, from + READ_BYTES);
      const to = next;
      const target = bytes.subarray(from - start, to - start);
      await store.readInto(file.key, from, target);
      checkBlocks(file, from, target);
      ahead.set(from, to);
      if (from !== checkedTo) continue;
      for (let until = ahead.get(checkedTo); until !== undefined; until = ahead.get(checkedTo)) {
        ahead.delete(checkedTo);
        checkedTo = until;
      }
      if (checkedTo < end) onRead(ranged, Math.max(0, checkedTo - range.offset));
    }
  };
  const readers = Math.min(READS_MAX, Math.ceil((end - start) / READ_BYTES));
  await Promise.all(Array.from({ length: readers }, readSome));
  return ranged;
}

/** @param offset of `bytes` in the file; a multiple of the block */
function checkBlocks(file: FileDescriptor, offset: number, bytes: Uint8Array): void {
  const first = offset / CHECKSUM_BLOCK_BYTES;
  for (const [i, found] of blockChecksums(bytes, CHECKSUM_BLOCK_BYTES).entries()) {
    const block = first + i;
    const expected = file.blocks[block];
    if (found !== expected) {
      const at = block * CHECKSUM_BLOCK_BYTES;
      throw milvusError('DataIntegrity', {
        message: 'checksum of block does not match',
        fields: { key: file.key, block, offset: at, expected: expected ?? 0, found },
      });
    }
  }
}

export interface ColumnReading {
  /** Sees dense vectors without nulls while they are read. */
  readonly onRows?: RowsWatcher;
  /** Dense vectors stay in their file, and `onRows` sees nothing. */
  readonly isMapped?: boolean;
  /** In memory that workers can see, whatever the column is of; its text cannot be decoded there. */
  readonly isShared?: boolean;
}

/** A whole column, with its row timestamps under field 1; vectors in memory that workers can see. */
export async function readColumn(
  store: ObjectStore,
  segment: SegmentDescriptor,
  column: ColumnDescriptor,
  { onRows, isMapped = false, isShared = isSharedKind(column) }: ColumnReading = {},
): Promise<Column> {
  const file = must(segment.files[column.file], 'a column names its file');
  const first = must(column.buffers[0], 'a column has buffers');
  const last = must(column.buffers.at(-1), 'a column has buffers');
  const byteLength = last.offset + last.byteLength - first.offset;
  const range = { offset: first.offset, byteLength };
  const isDense = columnKind(column.type) === 'vector';
  const memory = isDense && isMapped ? 'mapped' : isShared ? 'shared' : 'own';
  const laidOver = (bytes: Uint8Array): Column => columnIn(segment, column, bytes, first.offset);
  if (onRows === undefined || !isDense || memory === 'mapped' || first.byteLength > 0) {
    return laidOver(await readChecked(store, file, range, memory));
  }
  const width = valueWidth(column);
  let watched: Column | null = null;
  const onRead: RangeWatcher = (bytes, ready) => {
    watched ??= laidOver(bytes);
    const values = ready - (byteLength - last.byteLength);
    if (values >= width) onRows(watched, Math.floor(values / width));
  };
  return laidOver(await readWatched(store, file, range, { memory, onRead }));
}

/** All columns of a file that is read in one piece, each made when it is first asked for. */
export class SmallFile {
  readonly #segment: SegmentDescriptor;
  readonly #bytes: Uint8Array;
  readonly #columns = new Map<number, Column>();

  private constructor(segment: SegmentDescriptor, bytes: Uint8Array) {
    this.#segment = segment;
    this.#bytes = bytes;
  }

  /**
   * Whether the file of `column` is one block, which each of its columns would read and check again; and
   * is nothing that workers see.
   */
  static holds(segment: SegmentDescriptor, column: ColumnDescriptor): boolean {
    const file = must(segment.files[column.file], 'a column names its file');
    return file.byteLength <= CHECKSUM_BLOCK_BYTES && !isSharedKind(column);
  }

  /** @param index of the file in the descriptor */
  static async read(
    store: ObjectStore,
    segment: SegmentDescriptor,
    index: number,
  ): Promise<SmallFile> {
    const file = must(segment.files[index], 'a column names its file');
    const range = { offset: 0, byteLength: file.byteLength };
    return new SmallFile(segment, await readChecked(store, file, range, 'own'));
  }

  get byteLength(): number {
    return this.#bytes.buffer.byteLength;
  }

  column(column: ColumnDescriptor): Column {
    let made = this.#columns.get(column.fieldId);
    if (made === undefined) {
      made = columnIn(this.#segment, column, this.#bytes, 0);
      this.#columns.set(column.fieldId, made);
    }
    return made;
  }
}

/**
 * Shows all rows of a dense vector column part by part, checked, in memory that is used again for the
 * next part: touching fresh memory costs more than reading.
 * @param use is waited for before its part's memory is used again; rows [rowStart, + those of the part)
 * @returns false, and shows nothing, for a column that has nulls or is no dense vector
 */
export async function passRows(
  store: ObjectStore,
  segment: SegmentDescriptor,
  column: ColumnDescriptor,
  use: RowsUser,
): Promise<boolean> {
  const [validity, values] = column.buffers;
  if (columnKind(column.type) !== 'vector' || values === undefined) return false;
  if (validity === undefined || validity.byteLength > 0) return false;
  const file = must(segment.files[column.file], 'a column names its file');
  const width = valueWidth(column);
  const { rowCount } = segment;
  // Parts of whole words of a mask.
  const partRows = Math.max(32, Math.floor(PASS_BYTES / width / 32) * 32);
  const memoryRows = Math.min(partRows, rowCount);
  let next = 0;
  const passSome = async (): Promise<void> => {
    const memory = allocate(memoryRows * width + 2 * CHECKSUM_BLOCK_BYTES, 'own');
    while (next < rowCount) {
      const rowStart = next;
      const rowEnd = Math.min(rowCount, rowStart + partRows);
      next = rowEnd;
      const offset = values.offset + rowStart * width;
      const byteLength = (rowEnd - rowStart) * width;
      const bytes = await readBlocks(store, file, { offset, byteLength }, memory);
      const noNulls = new Uint8Array(0);
      await use(columnOver(column, rowEnd - rowStart, [noNulls, bytes]), rowStart);
    }
  };
  const passes = Math.min(PASS_BUFFERS, Math.ceil(rowCount / partRows));
  await Promise.all(Array.from({ length: passes }, passSome));
  return true;
}

/** Bytes `range` of a file, in `memory`, which has room for the blocks they lie in. */
async function readBlocks(
  store: ObjectStore,
  file: FileDescriptor,
  range: BufferRange,
  memory: Uint8Array,
): Promise<Uint8Array> {
  const skip = range.offset % CHECKSUM_BLOCK_BYTES;
  const start = range.offset - skip;
  const wanted = Math.ceil((skip + range.byteLength) / CHECKSUM_BLOCK_BYTES);
  const target = memory.subarray(
    0,
    Math.min(file.byteLength - start, wanted * CHECKSUM_BLOCK_BYTES),
  );
  await store.readInto(file.key, start, target);
  checkBlocks(file, start, target);
  return target.subarray(skip, skip + range.byteLength);
}

/** Bytes of memory that `readColumn` takes for a column: blocks are read as a whole. */
export function heldByteLength(segment: SegmentDescriptor, column: ColumnDescriptor): number {
  const file = must(segment.files[column.file], 'a column names its file');
  const first = must(column.buffers[0], 'a column has buffers');
  const last = must(column.buffers.at(-1), 'a column has buffers');
  const start = Math.floor(first.offset / CHECKSUM_BLOCK_BYTES);
  const end = Math.ceil((last.offset + last.byteLength) / CHECKSUM_BLOCK_BYTES);
  return Math.min(file.byteLength, (end - start) * CHECKSUM_BLOCK_BYTES);
}

function isSharedKind(column: ColumnDescriptor): boolean {
  const kind = columnKind(column.type);
  return kind === 'vector' || column.type === DataType.ArrayOfVector;
}

function allocate(byteLength: number, memory: Exclude<Memory, 'mapped'>): Uint8Array {
  // Not zeroed: every byte is read before it is seen.
  if (memory === 'own') return new Uint8Array(Buffer.allocUnsafeSlow(byteLength).buffer);
  const bytes = new Uint8Array(new SharedArrayBuffer(byteLength));
  // Vectors are read from end to end again and again: a fifth faster over large pages.
  nativeAddon()?.preferLargePages(bytes);
  return bytes;
}

/** @param offset of `bytes` in the file of the column, all of which they hold */
function columnIn(
  segment: SegmentDescriptor,
  column: ColumnDescriptor,
  bytes: Uint8Array,
  offset: number,
): Column {
  const buffers = column.buffers.map((buffer) => {
    const from = buffer.offset - offset;
    return bytes.subarray(from, from + buffer.byteLength);
  });
  return columnOver(column, segment.rowCount, buffers);
}

/** The column whose stored buffers are given, in the order of column-buffers.ts. */
function columnOver(shape: ColumnShape, rowCount: number, buffers: readonly Uint8Array[]): Column {
  assert(buffers.length === bufferKinds(shape).length, 'a column has all its buffers');
  const [validityBytes, second, ...others] = buffers as [Uint8Array, Uint8Array, ...Uint8Array[]];
  const { type } = shape;
  const validity = validityBytes.length === 0 ? null : wordsOf(validityBytes, rowCount);
  switch (columnKind(type)) {
    case 'fixed':
      return { kind: 'fixed', type, values: fixedValues(type, rowCount, second), validity };
    case 'vector':
      return { ...vectorsOver(shape, second), validity };
    case 'bytes': {
      const bytes = must(others[0], 'texts have bytes');
      return { kind: 'bytes', type, offsets: over(Uint32Array, second), bytes, validity };
    }
    case 'sparse': {
      const indices = over(Uint32Array, must(others[0], 'sparse vectors have indices'));
      const values = over(Float32Array, must(others[1], 'sparse vectors have values'));
      return {
        kind: 'sparse',
        type,
        offsets: over(Uint32Array, second),
        indices,
        values,
        validity,
      };
    }
    default: {
      const offsets = over(Uint32Array, second);
      const elements = elementsOver(elementShape(shape), offsets[rowCount]!, others);
      return { kind: 'list', type, offsets, elements, validity };
    }
  }
}

function elementsOver(
  shape: ColumnShape,
  count: number,
  buffers: readonly Uint8Array[],
): ListColumn['elements'] {
  const noNulls = new Uint8Array(0);
  const elements = columnOver(shape, count, [noNulls, ...buffers]);
  assert(elements.kind !== 'list' && elements.kind !== 'sparse', 'lists do not nest');
  return elements;
}

function fixedValues(type: DataType, count: number, bytes: Uint8Array): FixedColumn['values'] {
  switch (type) {
    case DataType.Bool:
      return unpackBits(bytes, count);
    case DataType.Int8:
      return over(Int8Array, bytes);
    case DataType.Int16:
      return over(Int16Array, bytes);
    case DataType.Int32:
      return over(Int32Array, bytes);
    case DataType.Float:
      return over(Float32Array, bytes);
    case DataType.Double:
      return over(Float64Array, bytes);
    default:
      return over(BigInt64Array, bytes);
  }
}

function vectorsOver(shape: ColumnShape, bytes: Uint8Array): Omit<VectorColumn, 'validity'> {
  const { type } = shape;
  const dim = must(shape.dim, 'a dense vector type has dimensions');
  assert(bytes.length % valueWidth(shape) === 0, 'vectors are whole');
  const width = valueWidth(shape) / vectorStride(type, dim);
  if (width === 4) return { kind: 'vector', type, dim, values: over(Float32Array, bytes) };
  if (width === 2) return { kind: 'vector', type, dim, values: over(Uint16Array, bytes) };
  const values = type === DataType.Int8Vector ? over(Int8Array, bytes) : over(Uint8Array, bytes);
  return { kind: 'vector', type, dim, values };
}

interface TypedArrayConstructor<Values> {
  readonly BYTES_PER_ELEMENT: number;
  new (memory: ArrayBufferLike, byteOffset: number, length: number): Values;
}

/** A typed array over stored bytes: files and blocks are aligned, so that no copy is needed. */
export function over<Values>(
  Constructor: TypedArrayConstructor<Values>,
  bytes: Uint8Array,
): Values {
  const length = bytes.length / Constructor.BYTES_PER_ELEMENT;
  assert(Number.isInteger(length), 'a buffer holds whole values');
  return new Constructor(bytes.buffer, bytes.byteOffset, length);
}

/** Validity bits as words; bytes behind the last are zero. */
function wordsOf(bytes: Uint8Array, rowCount: number): Uint32Array {
  const words = new Uint32Array((rowCount + 31) >>> 5);
  new Uint8Array(words.buffer).set(bytes);
  return words;
}

function unpackBits(bytes: Uint8Array, count: number): Uint8Array {
  const values = new Uint8Array(count);
  for (let i = 0; i < count; i++) values[i] = (bytes[i >>> 3]! >>> (i & 7)) & 1;
  return values;
}
