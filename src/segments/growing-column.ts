/**
 * One column of a growing chunk: rows are added at its end and never change, so that a view of its first
 * rows stays right while more are added. Dense vectors lie in shared memory, for workers to see.
 * Memory doubles when it is full; `trim` gives back what is too much.
 */
import { assert, unreachable } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import { newFixedValues, newVectorValues, vectorStride } from '../schema/column-layout.ts';
import type {
  BytesColumn,
  Column,
  FixedColumn,
  ListColumn,
  SparseColumn,
  Validity,
  VectorColumn,
} from '../schema/column.ts';

export interface GrowingColumn {
  /** Bytes of its rows. */
  readonly byteLength: number;
  /** Makes room for so many rows at once. */
  reserve(rowCount: number): void;
  /** Adds rows [start, end) of `column`. */
  append(column: Column, start: number, end: number): void;
  /** The first `rowCount` rows; shares the memory. */
  view(rowCount: number): Column;
  /** No more rows will come. */
  trim(): void;
}

/** An empty column like `sample`. */
export function growingColumn(sample: Column): GrowingColumn {
  switch (sample.kind) {
    case 'fixed':
      return new GrowingFixed(sample);
    case 'vector':
      return new GrowingVectors(sample);
    case 'bytes':
      return new GrowingBytes(sample);
    case 'list':
      return new GrowingLists(sample);
    case 'sparse':
      return new GrowingSparse(sample);
    default:
      return unreachable(sample);
  }
}

/** Validity bits, made only once a row is null. */
class GrowingValidity {
  #words: Uint32Array | null = null;
  #rowCount = 0;

  get byteLength(): number {
    return this.#words === null ? 0 : (this.#rowCount + 7) >>> 3;
  }

  append(validity: Validity, start: number, end: number): void {
    const first = this.#rowCount;
    const count = end - start;
    this.#rowCount = first + count;
    if (validity === null && this.#words === null) return;
    const bitmap = this.#bitmap(first);
    if (validity === null) bitmap.setRange(first, first + count);
    else {
      for (let i = 0; i < count; i++) {
        const at = start + i;
        if (((validity[at >>> 5]! >>> (at & 31)) & 1) === 1) bitmap.set(first + i);
      }
    }
  }

  /** A copy: bits behind the last row are zero in it, and are still being written here. */
  view(rowCount: number): Validity {
    if (this.#words === null) return null;
    const words = this.#words.slice(0, (rowCount + 31) >>> 5);
    if ((rowCount & 31) !== 0) words[words.length - 1]! &= (1 << (rowCount & 31)) - 1;
    return words;
  }

  /** @param validRows rows before the first null one */
  #bitmap(validRows: number): Bitmap {
    const length = (this.#rowCount + 31) >>> 5;
    if (this.#words === null) {
      this.#words = new Uint32Array(length);
      new Bitmap(this.#words.length * 32, this.#words).setRange(0, validRows);
    } else if (this.#words.length < length) {
      const grown = new Uint32Array(Math.max(length, this.#words.length * 2));
      grown.set(this.#words);
      this.#words = grown;
    }
    return new Bitmap(this.#words.length * 32, this.#words);
  }
}

class GrowingFixed implements GrowingColumn {
  readonly #type: FixedColumn['type'];
  readonly #validity = new GrowingValidity();
  #values: FixedColumn['values'];
  #rowCount = 0;

  constructor(sample: FixedColumn) {
    this.#type = sample.type;
    this.#values = newFixedValues(sample.type, 0);
  }

  get byteLength(): number {
    return this.#rowCount * this.#values.BYTES_PER_ELEMENT + this.#validity.byteLength;
  }

  reserve(rowCount: number): void {
    this.#resize(Math.max(rowCount, this.#rowCount));
  }

  append(column: Column, start: number, end: number): void {
    assert(column.kind === 'fixed' && column.type === this.#type, 'a field keeps its type');
    const first = this.#rowCount;
    this.#resize(roomFor(first + end - start, this.#values.length));
    setValues(this.#values, column.values.subarray(start, end), first);
    this.#validity.append(column.validity, start, end);
    this.#rowCount = first + end - start;
  }

  view(rowCount: number): FixedColumn {
    const values = this.#values.subarray(0, rowCount);
    return { kind: 'fixed', type: this.#type, values, validity: this.#validity.view(rowCount) };
  }

  trim(): void {
    this.#resize(this.#rowCount);
  }

  #resize(length: number): void {
    if (length === this.#values.length) return;
    const values = newFixedValues(this.#type, length);
    setValues(values, this.#values.subarray(0, this.#rowCount), 0);
    this.#values = values;
  }
}

class GrowingVectors implements GrowingColumn {
  readonly #type: VectorColumn['type'];
  readonly #dim: number;
  readonly #stride: number;
  readonly #validity = new GrowingValidity();
  #values: VectorColumn['values'];
  #rowCount = 0;

  constructor(sample: VectorColumn) {
    this.#type = sample.type;
    this.#dim = sample.dim;
    this.#stride = vectorStride(sample.type, sample.dim);
    this.#values = newVectorValues(sample.type, 0);
  }

  get byteLength(): number {
    const values = this.#rowCount * this.#stride * this.#values.BYTES_PER_ELEMENT;
    return values + this.#validity.byteLength;
  }

  reserve(rowCount: number): void {
    this.#resize(Math.max(rowCount, this.#rowCount));
  }

  append(column: Column, start: number, end: number): void {
    assert(column.kind === 'vector' && column.type === this.#type, 'a field keeps its type');
    assert(column.dim === this.#dim, 'a field keeps its dimension');
    const first = this.#rowCount;
    const stride = this.#stride;
    this.#resize(roomFor(first + end - start, this.#values.length / stride));
    setValues(this.#values, column.values.subarray(start * stride, end * stride), first * stride);
    this.#validity.append(column.validity, start, end);
    this.#rowCount = first + end - start;
  }

  view(rowCount: number): VectorColumn {
    const values = this.#values.subarray(0, rowCount * this.#stride);
    const validity = this.#validity.view(rowCount);
    return { kind: 'vector', type: this.#type, dim: this.#dim, values, validity };
  }

  trim(): void {
    this.#resize(this.#rowCount);
  }

  #resize(rowCapacity: number): void {
    const length = rowCapacity * this.#stride;
    if (length === this.#values.length) return;
    const shared = new SharedArrayBuffer(length * this.#values.BYTES_PER_ELEMENT);
    const values = vectorsOver(this.#values, shared);
    setValues(values, this.#values.subarray(0, this.#rowCount * this.#stride), 0);
    this.#values = values;
  }
}

/** Where the items of each row end: the bytes of a text, the elements of a list, the pairs of a sparse vector. */
class GrowingOffsets {
  #offsets = new Uint32Array(1);
  #rowCount = 0;

  get rowCount(): number {
    return this.#rowCount;
  }

  get byteLength(): number {
    return (this.#rowCount + 1) * 4;
  }

  /** Where the items of the next row begin. */
  get end(): number {
    return this.#offsets[this.#rowCount]!;
  }

  reserve(rowCount: number): void {
    this.#resize(Math.max(rowCount, this.#rowCount) + 1);
  }

  append(offsets: Uint32Array, start: number, end: number): void {
    const first = this.#rowCount;
    this.#resize(roomFor(first + end - start, this.#offsets.length - 1) + 1);
    const shift = this.#offsets[first]! - offsets[start]!;
    for (let i = 1; i <= end - start; i++) this.#offsets[first + i] = offsets[start + i]! + shift;
    this.#rowCount = first + end - start;
  }

  view(rowCount: number): Uint32Array {
    return this.#offsets.subarray(0, rowCount + 1);
  }

  trim(): void {
    this.#resize(this.#rowCount + 1);
  }

  #resize(length: number): void {
    if (length === this.#offsets.length) return;
    const offsets = new Uint32Array(length);
    offsets.set(this.#offsets.subarray(0, this.#rowCount + 1));
    this.#offsets = offsets;
  }
}

class GrowingBytes implements GrowingColumn {
  readonly #type: BytesColumn['type'];
  readonly #validity = new GrowingValidity();
  readonly #offsets = new GrowingOffsets();
  #bytes = new Uint8Array(0);

  constructor(sample: BytesColumn) {
    this.#type = sample.type;
  }

  get byteLength(): number {
    return this.#offsets.end + this.#offsets.byteLength + this.#validity.byteLength;
  }

  reserve(rowCount: number): void {
    this.#offsets.reserve(rowCount);
  }

  append(column: Column, start: number, end: number): void {
    assert(column.kind === 'bytes' && column.type === this.#type, 'a field keeps its type');
    const at = this.#offsets.end;
    const source = column.bytes.subarray(column.offsets[start], column.offsets[end]);
    if (at + source.length > this.#bytes.length) {
      this.#resize(Math.max(at + source.length, this.#bytes.length * 2));
    }
    this.#bytes.set(source, at);
    this.#offsets.append(column.offsets, start, end);
    this.#validity.append(column.validity, start, end);
  }

  view(rowCount: number): BytesColumn {
    const offsets = this.#offsets.view(rowCount);
    const bytes = this.#bytes.subarray(0, offsets[rowCount]);
    const validity = this.#validity.view(rowCount);
    return { kind: 'bytes', type: this.#type, offsets, bytes, validity };
  }

  trim(): void {
    this.#resize(this.#offsets.end);
    this.#offsets.trim();
  }

  #resize(length: number): void {
    if (length === this.#bytes.length) return;
    const bytes = new Uint8Array(length);
    bytes.set(this.#bytes.subarray(0, this.#offsets.end));
    this.#bytes = bytes;
  }
}

class GrowingLists implements GrowingColumn {
  readonly #type: ListColumn['type'];
  readonly #validity = new GrowingValidity();
  readonly #offsets = new GrowingOffsets();
  readonly #elements: GrowingColumn;

  constructor(sample: ListColumn) {
    this.#type = sample.type;
    this.#elements = growingColumn(sample.elements);
  }

  get byteLength(): number {
    return this.#offsets.byteLength + this.#validity.byteLength + this.#elements.byteLength;
  }

  reserve(rowCount: number): void {
    this.#offsets.reserve(rowCount);
  }

  append(column: Column, start: number, end: number): void {
    assert(column.kind === 'list' && column.type === this.#type, 'a field keeps its type');
    this.#elements.append(column.elements, column.offsets[start]!, column.offsets[end]!);
    this.#offsets.append(column.offsets, start, end);
    this.#validity.append(column.validity, start, end);
  }

  view(rowCount: number): ListColumn {
    const offsets = this.#offsets.view(rowCount);
    const elements = this.#elements.view(offsets[rowCount]!) as ListColumn['elements'];
    const validity = this.#validity.view(rowCount);
    return { kind: 'list', type: this.#type, offsets, elements, validity };
  }

  trim(): void {
    this.#elements.trim();
    this.#offsets.trim();
  }
}

class GrowingSparse implements GrowingColumn {
  readonly #type: SparseColumn['type'];
  readonly #validity = new GrowingValidity();
  readonly #offsets = new GrowingOffsets();
  #indices = new Uint32Array(0);
  #values = new Float32Array(0);

  constructor(sample: SparseColumn) {
    this.#type = sample.type;
  }

  get byteLength(): number {
    return this.#offsets.end * 8 + this.#offsets.byteLength + this.#validity.byteLength;
  }

  reserve(rowCount: number): void {
    this.#offsets.reserve(rowCount);
  }

  append(column: Column, start: number, end: number): void {
    assert(column.kind === 'sparse' && column.type === this.#type, 'a field keeps its type');
    const at = this.#offsets.end;
    const from = column.offsets[start]!;
    const to = column.offsets[end]!;
    if (at + to - from > this.#indices.length) {
      this.#resize(Math.max(at + to - from, this.#indices.length * 2));
    }
    this.#indices.set(column.indices.subarray(from, to), at);
    this.#values.set(column.values.subarray(from, to), at);
    this.#offsets.append(column.offsets, start, end);
    this.#validity.append(column.validity, start, end);
  }

  view(rowCount: number): SparseColumn {
    const offsets = this.#offsets.view(rowCount);
    const indices = this.#indices.subarray(0, offsets[rowCount]);
    const values = this.#values.subarray(0, offsets[rowCount]);
    const validity = this.#validity.view(rowCount);
    return { kind: 'sparse', type: this.#type, offsets, indices, values, validity };
  }

  trim(): void {
    this.#resize(this.#offsets.end);
    this.#offsets.trim();
  }

  #resize(length: number): void {
    if (length === this.#indices.length) return;
    const indices = new Uint32Array(length);
    indices.set(this.#indices.subarray(0, this.#offsets.end));
    this.#indices = indices;
    const values = new Float32Array(length);
    values.set(this.#values.subarray(0, this.#offsets.end));
    this.#values = values;
  }
}

const ROWS_MIN = 16;

/** Rows to make room for: those there are, or twice the room there was. */
function roomFor(rowCount: number, capacity: number): number {
  return rowCount <= capacity ? capacity : Math.max(rowCount, capacity * 2, ROWS_MIN);
}

/** Copies between arrays of one type; the compiler cannot see that they are. */
function setValues(
  target: FixedColumn['values'] | VectorColumn['values'],
  source: FixedColumn['values'] | VectorColumn['values'],
  offset: number,
): void {
  (target as Uint8Array).set(source as Uint8Array, offset);
}

/** An array like `sample` over `memory`. */
function vectorsOver(
  sample: VectorColumn['values'],
  memory: SharedArrayBuffer,
): VectorColumn['values'] {
  if (sample instanceof Float32Array) return new Float32Array(memory);
  if (sample instanceof Uint16Array) return new Uint16Array(memory);
  return sample instanceof Int8Array ? new Int8Array(memory) : new Uint8Array(memory);
}
