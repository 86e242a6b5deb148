/**
 * Segments in, one segment out: without the rows that no read sees any more, in the order of the clustering
 * key where there is one. A pure function of immutable objects: it may run twice, anywhere.
 *
 * A row is left out when it was deleted or superseded at or before the horizon, or has outlived the TTL or
 * the end that it names itself.
 * Every other row keeps its timestamp, and its mark when it has a newer one.
 * In memory at any time: one column of one input, or of all inputs where rows are sorted.
 */
import { assert, must } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import {
  type CollectionSchema,
  type FieldSchema,
  TIMESTAMP_FIELD,
} from '../schema/collection-schema.ts';
import { concatColumns, missingColumn, sliceColumn, takeRows } from '../schema/column-builder.ts';
import type { Column } from '../schema/column.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { readColumn, SmallFile } from './column-file.ts';
import { DeleteBitmap, type DeleteMarks } from './delete-bitmap.ts';
import { type ColumnDescriptor, readDescriptor, type SegmentDescriptor } from './descriptor.ts';
import { CHUNK_ROWS_MAX } from './growing-chunk.ts';
import { pickValues } from './key-list.ts';
import { orderKeys } from './key-order.ts';
import { goneRatio, livingRows, type RowExpiry } from './row-expiry.ts';
import { writtenWithin } from './row-set.ts';
import type { RowSource } from './row-source.ts';
import { readDeleteFile } from './delete-file.ts';
import type { KeyList } from './segment.ts';
import type { SegmentInfo } from './segment-info.ts';
import { type SegmentWorld, writeSegment } from './write-segment.ts';

export interface Compaction {
  readonly partitionId: number;
  /** Fresh id of the segment that comes out. */
  readonly outputId: number;
  readonly schema: CollectionSchema;
  /** Of one partition, with the delete files as of which the work is done. */
  readonly inputs: readonly SegmentInfo[];
  /** Rows deleted at or before it are left out. */
  readonly horizon: bigint;
  /** Rows written before it are left out. 0: none. */
  readonly expiredBefore: bigint;
  /** Rows that have outlived themselves by then are left out; null: none does. */
  readonly expiry: RowExpiry | null;
}

/**
 * @returns null when no row was left
 * @throws MilvusError DataIntegrity when an input is damaged, DiskLimitExceeded, IoFailed
 */
export async function compactSegments(
  task: Compaction & SegmentWorld,
): Promise<SegmentInfo | null> {
  const { partitionId, outputId, schema, store, clock } = task;
  const inputs: Input[] = [];
  for (const info of task.inputs) {
    assert(info.partitionId === partitionId, 'segments of one partition are merged');
    inputs.push(await openInput(info, task));
    await clock.yieldTurn();
  }
  const rowCount = inputs.reduce((sum, { kept }) => sum + kept.length, 0);
  if (rowCount === 0) return null;
  const clustering = schema.fields.find((field) => field.isClusteringKey);
  const unsorted = new MergedRows(inputs, store, rowCount);
  const order =
    clustering === undefined ? null : await orderKeys(await sortKeys(unsorted, clustering), clock);
  const rows = order === null ? unsorted : new SortedRows(inputs, store, order);
  const marks = carriedMarks(inputs, order);
  return await writeSegment({
    id: outputId,
    partitionId,
    level: Math.max(...task.inputs.map(({ level }) => level)) + 1,
    schema,
    rows,
    deletes: { marks, timestamp: marks.lastTimestamp },
    store,
    clock,
  });
}

interface Input {
  readonly info: SegmentInfo;
  readonly descriptor: SegmentDescriptor;
  /** Files of one block that were read, by their index. */
  readonly smallFiles: Map<number, SmallFile>;
  readonly timestamps: BigInt64Array;
  /** Rows that go on, ascending. */
  readonly kept: Uint32Array;
  /** Marks that are newer than the horizon, oldest first. */
  readonly marks: DeleteMarks;
}

const NO_MARKS: DeleteMarks = { rows: new Uint32Array(0), timestamps: new BigInt64Array(0) };

async function openInput(info: SegmentInfo, task: Compaction & SegmentWorld): Promise<Input> {
  const { store, horizon, expiredBefore } = task;
  const descriptor = await readDescriptor(store, info.descriptor);
  const column = must(descriptor.columns.get(TIMESTAMP_FIELD), 'segments have row timestamps');
  const smallFiles = new Map<number, SmallFile>();
  const read = await readInputColumn(store, { descriptor, smallFiles }, column);
  assert(read.kind === 'fixed' && read.values instanceof BigInt64Array, 'timestamps are int64');
  const timestamps = read.values;
  const deletes =
    info.deletes === null ? null : await readDeleteFile(store, info.deletes, info.rowCount);
  let living = deletes?.visible(info.rowCount, horizon) ?? null;
  if (expiredBefore > info.minTimestamp) {
    const written = writtenWithin(timestamps, expiredBefore, info.maxTimestamp);
    living = living === null ? written : living.and(written);
  }
  const lasting = await lastingRows(info, { descriptor, smallFiles }, task);
  if (lasting !== null) living = living === null ? lasting : living.and(lasting);
  const kept = (living ?? Bitmap.full(info.rowCount)).toOffsets();
  const marks = deletes?.marks(deletes.countAt(horizon)) ?? NO_MARKS;
  return { info, descriptor, smallFiles, timestamps, kept, marks };
}

/** The rows that have not outlived themselves; null: all of them. */
async function lastingRows(
  info: SegmentInfo,
  files: Pick<Input, 'descriptor' | 'smallFiles'>,
  { store, expiry }: Compaction & SegmentWorld,
): Promise<Bitmap | null> {
  // A segment from before the field was added has none whose end is known.
  const column = expiry === null ? undefined : files.descriptor.columns.get(expiry.fieldId);
  if (expiry === null || column === undefined || goneRatio(info, expiry) === 0) return null;
  return livingRows(await readInputColumn(store, files, column), info.rowCount, expiry);
}

/** The marks that are still needed, on the rows of the output. */
function carriedMarks(inputs: readonly Input[], order: Uint32Array | null): DeleteBitmap {
  const positions = order === null ? null : inverse(order);
  const carried: Array<{ readonly row: number; readonly timestamp: bigint }> = [];
  let base = 0;
  for (const { kept, marks } of inputs) {
    for (let i = 0; i < marks.rows.length; i++) {
      const place = placeOf(kept, marks.rows[i]!);
      if (place === null) continue;
      const row = positions === null ? base + place : positions[base + place]!;
      carried.push({ row, timestamp: marks.timestamps[i]! });
    }
    base += kept.length;
  }
  carried.sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0));
  const deletes = new DeleteBitmap();
  for (const { row, timestamp } of carried) deletes.mark(row, timestamp);
  return deletes;
}

/** Where `row` stands among `rows`, which ascend; null when it does not. */
function placeOf(rows: Uint32Array, row: number): number | null {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]! < row) low = middle + 1;
    else high = middle;
  }
  return rows[low] === row ? low : null;
}

function inverse(order: Uint32Array): Uint32Array {
  const positions = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) positions[order[i]!] = i;
  return positions;
}

/** A whole column of an input, past the cache: what is merged is read once. Null: the input is older than it. */
async function readInput(
  store: ObjectStore,
  input: Input,
  field: FieldSchema,
): Promise<Column | null> {
  const column = input.descriptor.columns.get(field.id);
  return column === undefined ? null : await readInputColumn(store, input, column);
}

async function readInputColumn(
  store: ObjectStore,
  { descriptor, smallFiles }: Pick<Input, 'descriptor' | 'smallFiles'>,
  column: ColumnDescriptor,
): Promise<Column> {
  if (!SmallFile.holds(descriptor, column)) return await readColumn(store, descriptor, column);
  const file =
    smallFiles.get(column.file) ?? (await SmallFile.read(store, descriptor, column.file));
  smallFiles.set(column.file, file);
  return file.column(column);
}

/** The kept rows of all inputs, one input behind the other. */
class MergedRows implements RowSource {
  readonly rowCount: number;
  readonly #inputs: readonly Input[];
  readonly #store: ObjectStore;

  constructor(inputs: readonly Input[], store: ObjectStore, rowCount: number) {
    this.#inputs = inputs;
    this.#store = store;
    this.rowCount = rowCount;
  }

  async *pieces(field: FieldSchema): AsyncGenerator<Column> {
    for (const input of this.#inputs) {
      const { kept, info } = input;
      if (kept.length === 0) continue;
      const column = await readInput(this.#store, input, field);
      for (let start = 0; start < kept.length; start += CHUNK_ROWS_MAX) {
        const end = Math.min(kept.length, start + CHUNK_ROWS_MAX);
        if (column === null) yield missingColumn(field, end - start);
        else if (kept.length === info.rowCount) yield sliceColumn(column, start, end);
        else yield takeRows(column, kept.subarray(start, end));
      }
    }
  }

  async *timestamps(): AsyncGenerator<BigInt64Array> {
    for (const { kept, timestamps } of this.#inputs) {
      for (let start = 0; start < kept.length; start += CHUNK_ROWS_MAX) {
        const rows = kept.subarray(start, start + CHUNK_ROWS_MAX);
        yield kept.length === timestamps.length
          ? timestamps.subarray(start, start + rows.length)
          : pickValues(timestamps, rows);
      }
    }
  }
}

/** The kept rows in the order of a permutation of them. */
class SortedRows implements RowSource {
  readonly #inputs: readonly Input[];
  readonly #store: ObjectStore;
  readonly #order: Uint32Array;
  /** Which input each kept row is of, and which row of it. */
  readonly #inputOf: Uint16Array;
  readonly #rowOf: Uint32Array;

  constructor(inputs: readonly Input[], store: ObjectStore, order: Uint32Array) {
    this.#inputs = inputs;
    this.#store = store;
    this.#order = order;
    this.#inputOf = new Uint16Array(order.length);
    this.#rowOf = new Uint32Array(order.length);
    let base = 0;
    for (const [i, { kept }] of inputs.entries()) {
      this.#inputOf.fill(i, base, base + kept.length);
      this.#rowOf.set(kept, base);
      base += kept.length;
    }
  }

  get rowCount(): number {
    return this.#order.length;
  }

  async *pieces(field: FieldSchema): AsyncGenerator<Column> {
    const columns: Array<Column | null> = [];
    for (const input of this.#inputs) columns.push(await readInput(this.#store, input, field));
    for (let start = 0; start < this.rowCount; start += CHUNK_ROWS_MAX) {
      yield this.#gather(field, columns, this.#order.subarray(start, start + CHUNK_ROWS_MAX));
    }
  }

  async *timestamps(): AsyncGenerator<BigInt64Array> {
    const values = new BigInt64Array(this.rowCount);
    for (let i = 0; i < values.length; i++) {
      const row = this.#order[i]!;
      values[i] = this.#inputs[this.#inputOf[row]!]!.timestamps[this.#rowOf[row]!]!;
    }
    yield values;
  }

  /** A few rows from all over: those of each input are taken together, then put in their places. */
  #gather(field: FieldSchema, columns: ReadonlyArray<Column | null>, rows: Uint32Array): Column {
    const parts: Column[] = [];
    const places = new Uint32Array(rows.length);
    let taken = 0;
    for (const [i, column] of columns.entries()) {
      const own = new Uint32Array(rows.length);
      let count = 0;
      for (let at = 0; at < rows.length; at++) {
        if (this.#inputOf[rows[at]!] !== i) continue;
        own[count] = this.#rowOf[rows[at]!]!;
        places[at] = taken + count;
        count++;
      }
      const found = own.subarray(0, count);
      if (count > 0) {
        parts.push(column === null ? missingColumn(field, count) : takeRows(column, found));
      }
      taken += count;
    }
    return takeRows(concatColumns(parts), places);
  }
}

/** Values of the clustering key as keys that sort the same way; nulls sort as zero or the empty text. */
async function sortKeys(rows: RowSource, field: FieldSchema): Promise<KeyList> {
  const pieces: Column[] = [];
  for await (const piece of rows.pieces(field)) pieces.push(piece);
  const column = concatColumns(pieces);
  if (column.kind === 'bytes')
    return { kind: 'text', offsets: column.offsets, bytes: column.bytes };
  assert(column.kind === 'fixed', 'a clustering key is a number or a text');
  if (column.values instanceof BigInt64Array) return { kind: 'int64', values: column.values };
  const values = new BigInt64Array(column.values.length);
  const numbers = new Float64Array(1);
  const bits = new BigInt64Array(numbers.buffer);
  for (let i = 0; i < values.length; i++) {
    numbers[0] = column.values[i]!;
    // The bits of positive numbers ascend with them, those of negative ones descend.
    values[i] = bits[0]! >= 0n ? bits[0]! : bits[0]! ^ (2n ** 63n - 1n);
  }
  return { kind: 'int64', values };
}
