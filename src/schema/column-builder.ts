/**
 * Columns cut, gathered, joined and grown. A slice shares the memory of its column; everything else is a copy
 * in fresh memory with exactly the room it needs, offsets starting at 0, and no validity when no row is null.
 */
import { assert, must } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import type { FieldSchema } from './collection-schema.ts';
import {
  type ColumnShape,
  type ColumnValues,
  columnRowCount,
  emptyColumn,
  isValid,
  newFixedValues,
  nullColumn,
  vectorStride,
} from './column-layout.ts';
import type {
  BytesColumn,
  Column,
  ColumnBatch,
  FixedColumn,
  ListColumn,
  SparseColumn,
  Validity,
  VectorColumn,
} from './column.ts';
import { DataType } from './data-type.ts';
import { wktToWkb } from './geometry.ts';

/** Below this many bytes a plain loop beats the call of TypedArray.set. */
const SHORT_COPY_BYTES = 32;
/** So many values are copied as they are: the views that copy them faster cost more to make. */
const FEW_ROWS = 16;

/** Rows [start, end) of `column`, sharing its memory. */
export function sliceColumn(column: Column, start: number, end: number): Column {
  assert(start >= 0 && start <= end && end <= columnRowCount(column), 'a slice lies in its column');
  const validity = sliceValidity(column.validity, start, end);
  if (column.kind === 'fixed') {
    return { ...column, values: column.values.subarray(start, end), validity };
  }
  if (column.kind === 'vector') {
    const stride = vectorStride(column.type, column.dim);
    return { ...column, values: column.values.subarray(start * stride, end * stride), validity };
  }
  return { ...column, offsets: column.offsets.subarray(start, end + 1), validity };
}

/** The rows of `column` in the order of `rows`; a row may be taken many times. */
export function takeRows(column: Column, rows: Uint32Array): Column {
  const validity = takeValidity(column.validity, rows);
  switch (column.kind) {
    case 'fixed':
      return { ...column, values: gather(column.values, rows, 1), validity };
    case 'vector': {
      const stride = vectorStride(column.type, column.dim);
      return { ...column, values: gather(column.values, rows, stride), validity };
    }
    case 'bytes':
      return { ...column, ...takeBytes(column, rows), validity };
    case 'list': {
      const offsets = takenOffsets(column.offsets, rows);
      const elements = takeRows(column.elements, spread(column.offsets, rows, offsets.at(-1)!));
      return { ...column, offsets, elements: elements as ListColumn['elements'], validity };
    }
    default: {
      const offsets = takenOffsets(column.offsets, rows);
      const pairs = spread(column.offsets, rows, offsets.at(-1)!);
      const indices = gather(column.indices, pairs, 1);
      return { ...column, offsets, indices, values: gather(column.values, pairs, 1), validity };
    }
  }
}

/** The rows of all `columns`, one after the other. @param columns at least one, all of one field */
export function concatColumns(columns: readonly Column[]): Column {
  const first = must(columns[0], 'something is joined');
  if (columns.length === 1) return first;
  if (first.kind === 'fixed' || first.kind === 'vector') {
    const joined = joinValues(first, columns);
    if (joined !== null) return joined;
  }
  const builder = new ColumnBuilder(first);
  builder.reserve(columns);
  for (const column of columns) builder.appendColumn(column);
  return builder.build();
}

/** Without the bookkeeping of a builder; null when a row is null. */
function joinValues(first: FixedColumn | VectorColumn, columns: readonly Column[]): Column | null {
  let length = 0;
  for (const column of columns) {
    assert(column.kind === first.kind && column.type === first.type, 'one type a column');
    if (column.validity !== null) return null;
    length += column.values.length;
  }
  const values = newLike<ColumnValues>(first.values, length);
  let at = 0;
  for (const column of columns as readonly (FixedColumn | VectorColumn)[]) {
    setValues(values, column.values, at);
    at += column.values.length;
  }
  return { ...first, values } as Column;
}

export function takeBatch(batch: ColumnBatch, rows: Uint32Array): ColumnBatch {
  const columns = new Map<number, Column>();
  for (const [id, column] of batch.columns) columns.set(id, takeRows(column, rows));
  return { rowCount: rows.length, columns };
}

/** Rows [start, end) of `batch`, sharing its memory. */
export function sliceBatch(batch: ColumnBatch, start: number, end: number): ColumnBatch {
  if (start === 0 && end === batch.rowCount) return batch;
  const columns = new Map<number, Column>();
  for (const [id, column] of batch.columns) columns.set(id, sliceColumn(column, start, end));
  return { rowCount: end - start, columns };
}

/** The column of rows that were written before `field` was there: its default, else null. */
export function missingColumn(field: FieldSchema, rowCount: number): Column {
  const { defaultValue, type } = field;
  if (defaultValue === undefined) {
    assert(field.nullable, `field ${field.name} is nullable or has a default`);
    return nullColumn(field, rowCount);
  }
  if (typeof defaultValue === 'string') {
    const value = type === DataType.Geometry ? wktToWkb(defaultValue) : Buffer.from(defaultValue);
    return { kind: 'bytes', type, ...repeatBytes(value, rowCount), validity: null };
  }
  const values = newFixedValues(type, rowCount);
  if (values instanceof BigInt64Array) values.fill(BigInt(defaultValue));
  else values.fill(Number(defaultValue));
  return { kind: 'fixed', type, values, validity: null };
}

/** Bytes that the rows of `column` take, of shared memory only what belongs to them. */
export function columnByteLength(column: Column): number {
  const validityBytes = column.validity === null ? 0 : column.validity.byteLength;
  if (column.kind === 'fixed' || column.kind === 'vector') {
    return column.values.byteLength + validityBytes;
  }
  const { offsets } = column;
  const itemCount = offsets.at(-1)! - offsets[0]!;
  const ownBytes = offsets.byteLength + validityBytes;
  if (column.kind === 'bytes') return ownBytes + itemCount;
  if (column.kind === 'sparse') return ownBytes + itemCount * 8;
  const elements = sliceColumn(column.elements, offsets[0]!, offsets.at(-1)!);
  return ownBytes + columnByteLength(elements);
}

/** Bytes that the rows of `batch` take. */
export function batchByteLength(batch: ColumnBatch): number {
  let total = 0;
  for (const column of batch.columns.values()) total += columnByteLength(column);
  return total;
}

// What a builder begins with; never written, because growing copies.
const NO_BYTES = new Uint8Array(0);
const NO_WORDS = new Uint32Array(0);
const FIRST_OFFSET = new Uint32Array(1);

/** A column that grows at its end; appending is amortised constant time a row. */
export class ColumnBuilder {
  readonly #shape: Column;
  #rowCount = 0;
  /** Of fixed and vector columns; the values of sparse ones. */
  #values: ColumnValues = NO_BYTES;
  #bytes = NO_BYTES;
  #indices = NO_WORDS;
  #offsets = FIRST_OFFSET;
  readonly #elements: ColumnBuilder | null;
  #validity = NO_WORDS;
  #hasNulls = false;

  /** @param shape a field, or a column of the field that the rows will be of */
  constructor(shape: ColumnShape | Column) {
    this.#shape = 'kind' in shape ? shape : emptyColumn(shape);
    this.#elements = this.#shape.kind === 'list' ? new ColumnBuilder(this.#shape.elements) : null;
    if ('values' in this.#shape) this.#values = this.#shape.values.slice(0, 0);
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  /** Makes room for the rows of all `columns` at once. */
  reserve(columns: readonly Column[]): void {
    let rows = this.#rowCount;
    let items = this.#offsets[this.#rowCount]!;
    for (const column of columns) {
      rows += columnRowCount(column);
      if ('offsets' in column) items += column.offsets.at(-1)! - column.offsets[0]!;
    }
    this.#reserveRows(rows);
    this.#reserveItems(items);
  }

  /** Appends every row of `column`, which is of the same field. */
  appendColumn(column: Column): void {
    assert(
      column.kind === this.#shape.kind && column.type === this.#shape.type,
      'one type a column',
    );
    const count = columnRowCount(column);
    const at = this.#rowCount;
    this.#reserveRows(at + count);
    this.#appendValidity(column.validity, count);
    if (column.kind === 'fixed') setValues(this.#values, column.values, at);
    else if (column.kind === 'vector') {
      setValues(this.#values, column.values, at * vectorStride(column.type, column.dim));
    } else this.#appendItems(column, count);
    this.#rowCount = at + count;
  }

  /** Appends row `row` of `column`. */
  appendRow(column: Column, row: number): void {
    this.appendColumn(sliceColumn(column, row, row + 1));
  }

  /** Appends `count` null rows. */
  appendNulls(count: number): void {
    const at = this.#rowCount;
    this.#reserveRows(at + count);
    this.#hasNulls ||= count > 0;
    if (this.#shape.kind !== 'fixed' && this.#shape.kind !== 'vector') {
      this.#offsets.fill(this.#offsets[at]!, at + 1, at + count + 1);
    }
    this.#rowCount = at + count;
  }

  /** The rows; the builder gives up its memory and is not used afterwards. */
  build(): Column {
    const count = this.#rowCount;
    const shape = this.#shape;
    const validity = this.#hasNulls ? this.#validity.slice(0, (count + 31) >>> 5) : null;
    if (shape.kind === 'fixed' || shape.kind === 'vector') {
      const stride = shape.kind === 'fixed' ? 1 : vectorStride(shape.type, shape.dim);
      return { ...shape, values: trimmed(this.#values, count * stride), validity } as Column;
    }
    const offsets = trimmed(this.#offsets, count + 1);
    const end = offsets[count]!;
    if (shape.kind === 'bytes') {
      return { ...shape, offsets, bytes: trimmed(this.#bytes, end), validity };
    }
    if (shape.kind === 'list') {
      const elements = must(this.#elements, 'lists have elements').build();
      return { ...shape, offsets, elements: elements as ListColumn['elements'], validity };
    }
    const values = trimmed(this.#values as Float32Array, end);
    return { ...shape, offsets, indices: trimmed(this.#indices, end), values, validity };
  }

  #appendItems(column: BytesColumn | ListColumn | SparseColumn, count: number): void {
    const start = column.offsets[0]!;
    const end = column.offsets[count]!;
    const at = this.#offsets[this.#rowCount]!;
    appendOffsets(this.#offsets, this.#rowCount, column.offsets);
    this.#reserveItems(at + end - start);
    if (column.kind === 'bytes') this.#bytes.set(column.bytes.subarray(start, end), at);
    else if (column.kind === 'list') {
      must(this.#elements, 'lists have elements').appendColumn(
        sliceColumn(column.elements, start, end),
      );
    } else {
      this.#indices.set(column.indices.subarray(start, end), at);
      setValues(this.#values, column.values.subarray(start, end), at);
    }
  }

  #appendValidity(validity: Validity, count: number): void {
    const bitmap = new Bitmap(this.#validity.length * 32, this.#validity);
    const at = this.#rowCount;
    if (validity === null) {
      bitmap.setRange(at, at + count);
      return;
    }
    for (let i = 0; i < count; i++) {
      if (isValid(validity, i)) bitmap.set(at + i);
      else this.#hasNulls = true;
    }
  }

  #reserveRows(rows: number): void {
    this.#validity = grown(this.#validity, (rows + 31) >>> 5);
    const shape = this.#shape;
    if (shape.kind === 'fixed') this.#values = grown(this.#values, rows);
    else if (shape.kind === 'vector') {
      this.#values = grown(this.#values, rows * vectorStride(shape.type, shape.dim));
    } else this.#offsets = grown(this.#offsets, rows + 1);
  }

  #reserveItems(items: number): void {
    if (this.#shape.kind === 'bytes') this.#bytes = grown(this.#bytes, items);
    else if (this.#shape.kind === 'sparse') {
      this.#indices = grown(this.#indices, items);
      this.#values = grown(this.#values, items);
    }
  }
}

function sliceValidity(validity: Validity, start: number, end: number): Validity {
  if (validity === null) return null;
  const count = end - start;
  const bitmap = new Bitmap(count);
  let nulls = 0;
  for (let i = 0; i < count; i++) {
    if (isValid(validity, start + i)) bitmap.set(i);
    else nulls++;
  }
  return nulls === 0 ? null : bitmap.words;
}

function takeValidity(validity: Validity, rows: Uint32Array): Validity {
  if (validity === null) return null;
  const bitmap = new Bitmap(rows.length);
  let nulls = 0;
  for (let i = 0; i < rows.length; i++) {
    if (isValid(validity, rows[i]!)) bitmap.set(i);
    else nulls++;
  }
  return nulls === 0 ? null : bitmap.words;
}

/** A zeroed array of the same element type. */
function newLike<Values extends ColumnValues>(values: Values, length: number): Values {
  // A Buffer is a Uint8Array whose constructor is not one of `length`.
  const Constructor = (values instanceof Uint8Array ? Uint8Array : values.constructor) as new (
    length: number,
  ) => Values;
  return new Constructor(length);
}

/** `stride` elements of `values` for each of `rows`, row-major. */
function gather<Values extends ColumnValues>(
  values: Values,
  rows: Uint32Array,
  stride: number,
): Values {
  const target = newLike(values, rows.length * stride);
  if (stride === 1 && rows.length <= FEW_ROWS) {
    for (let i = 0; i < rows.length; i++) target[i] = values[rows[i]!]!;
    return target;
  }
  const width = stride * values.BYTES_PER_ELEMENT;
  const { buffer, byteOffset, byteLength } = values;
  if ((width & 3) === 0 && (byteOffset & 3) === 0) {
    const source = new Uint32Array(buffer, byteOffset, byteLength >>> 2);
    gatherWords(source, new Uint32Array(target.buffer), rows, width >>> 2);
  } else if (width === 2 && (byteOffset & 1) === 0) {
    const source = new Uint16Array(buffer, byteOffset, byteLength >>> 1);
    const halves = new Uint16Array(target.buffer);
    for (let i = 0; i < rows.length; i++) halves[i] = source[rows[i]!]!;
  } else {
    const source = new Uint8Array(buffer, byteOffset, byteLength);
    const bytes = new Uint8Array(target.buffer);
    for (let i = 0, at = 0; i < rows.length; i++, at += width) {
      const start = rows[i]! * width;
      copyBytes(source, start, start + width, { bytes, at });
    }
  }
  return target;
}

function gatherWords(
  source: Uint32Array,
  target: Uint32Array,
  rows: Uint32Array,
  stride: number,
): void {
  if (stride === 1) {
    for (let i = 0; i < rows.length; i++) target[i] = source[rows[i]!]!;
    return;
  }
  if (stride * 4 > SHORT_COPY_BYTES) {
    for (let i = 0; i < rows.length; i++) {
      const start = rows[i]! * stride;
      target.set(source.subarray(start, start + stride), i * stride);
    }
    return;
  }
  for (let i = 0, at = 0; i < rows.length; i++) {
    const start = rows[i]! * stride;
    for (let j = 0; j < stride; j++) target[at++] = source[start + j]!;
  }
}

function copyBytes(
  source: Uint8Array,
  start: number,
  end: number,
  target: { readonly bytes: Uint8Array; readonly at: number },
): void {
  if (end - start > SHORT_COPY_BYTES) target.bytes.set(source.subarray(start, end), target.at);
  else for (let i = start, at = target.at; i < end; i++, at++) target.bytes[at] = source[i]!;
}

function takeBytes(
  column: BytesColumn,
  rows: Uint32Array,
): { readonly offsets: Uint32Array; readonly bytes: Uint8Array } {
  const offsets = takenOffsets(column.offsets, rows);
  const bytes = new Uint8Array(offsets.at(-1)!);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const target = { bytes, at: offsets[i]! };
    copyBytes(column.bytes, column.offsets[row]!, column.offsets[row + 1]!, target);
  }
  return { offsets, bytes };
}

/** Offsets of the ranges of `rows`, packed. */
function takenOffsets(offsets: Uint32Array, rows: Uint32Array): Uint32Array {
  const taken = new Uint32Array(rows.length + 1);
  for (let i = 0, end = 0; i < rows.length; i++) {
    const row = rows[i]!;
    end += offsets[row + 1]! - offsets[row]!;
    taken[i + 1] = end;
  }
  return taken;
}

/** Every item of the ranges of `rows`, in order; `count` in all. */
function spread(offsets: Uint32Array, rows: Uint32Array, count: number): Uint32Array {
  const items = new Uint32Array(count);
  for (let i = 0, at = 0; i < rows.length; i++) {
    const end = offsets[rows[i]! + 1]!;
    for (let item = offsets[rows[i]!]!; item < end; item++) items[at++] = item;
  }
  return items;
}

/** Writes the ends of the ranges of `source` behind row `row` of `target`. */
function appendOffsets(target: Uint32Array, row: number, source: Uint32Array): void {
  const shift = target[row]! - source[0]!;
  for (let i = 1; i < source.length; i++) target[row + i] = source[i]! + shift;
}

function repeatBytes(
  value: Uint8Array,
  count: number,
): { readonly offsets: Uint32Array; readonly bytes: Uint8Array } {
  const offsets = new Uint32Array(count + 1);
  for (let i = 1; i <= count; i++) offsets[i] = i * value.length;
  const bytes = new Uint8Array(count * value.length);
  if (bytes.length > 0) bytes.set(value);
  for (let done = value.length; done > 0 && done < bytes.length; done *= 2) {
    bytes.copyWithin(done, 0, done);
  }
  return { offsets, bytes };
}

/** `values` with room for `length` elements: at least doubled, so that appending stays cheap. */
function grown<Values extends ColumnValues>(values: Values, length: number): Values {
  if (length <= values.length) return values;
  const larger = newLike(values, Math.max(length, values.length * 2));
  setValues(larger, values, 0);
  return larger;
}

function trimmed<Values extends ColumnValues>(values: Values, length: number): Values {
  return values.length === length ? values : (values.slice(0, length) as Values);
}

function setValues(target: ColumnValues, source: ColumnValues, at: number): void {
  (target as Uint8Array).set(source as Uint8Array, at);
}
