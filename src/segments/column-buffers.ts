/**
 * How a column is cut into the buffers of an Arrow record batch, in the order in which they are stored:
 *
 *   fixed    validity, values (Bool: one bit a row)
 *   bytes    validity, offsets, bytes
 *   vector   validity, values
 *   sparse   validity, offsets, indices, values
 *   list     validity, offsets, then those of its elements but for their validity: elements are never null
 *
 * Validity and Bool are bits, least significant first; offsets are int32, one more than rows, from 0 on.
 * Buffers that Arrow has and that never hold anything (validity of elements) take no bytes and are not listed.
 * Everything is little-endian, as the machine is: buffers are the memory of typed arrays.
 */
import { assert, must } from '../base/assert.ts';
import {
  type ColumnShape,
  columnKind,
  columnRowCount,
  elementShape,
  newFixedValues,
  newVectorValues,
  vectorStride,
} from '../schema/column-layout.ts';
import type { Column } from '../schema/column.ts';
import { DataType } from '../schema/data-type.ts';
import { Bitmap } from '../base/bitmap.ts';

/** Arrow's offsets are signed. */
const OFFSET_MAX = 0x7fffffff;

export type BufferRole = 'validity' | 'offsets' | 'bits' | 'values' | 'bytes' | 'indices';

export interface BufferKind {
  readonly role: BufferRole;
  /** It holds elements of the rows' lists, not the rows. */
  readonly ofElements: boolean;
}

/** The buffers of a column, in stored order. */
export function bufferKinds(shape: ColumnShape): BufferKind[] {
  const kinds: BufferKind[] = [];
  for (const role of rolesOf(shape)) {
    if (role !== 'elements') kinds.push({ role, ofElements: false });
    else {
      for (const inner of rolesOf(elementShape(shape))) {
        assert(inner !== 'elements', 'lists do not nest');
        if (inner !== 'validity') kinds.push({ role: inner, ofElements: true });
      }
    }
  }
  return kinds;
}

function rolesOf(shape: ColumnShape): Array<BufferRole | 'elements'> {
  switch (columnKind(shape.type)) {
    case 'bytes':
      return ['validity', 'offsets', 'bytes'];
    case 'list':
      return ['validity', 'offsets', 'elements'];
    case 'sparse':
      return ['validity', 'offsets', 'indices', 'values'];
    default:
      return ['validity', shape.type === DataType.Bool ? 'bits' : 'values'];
  }
}

/** Bytes of one value of a fixed-width, dense vector or sparse type; Bool counts a byte in memory. */
export function valueWidth(shape: ColumnShape): number {
  const { type } = shape;
  const kind = columnKind(type);
  if (kind === 'sparse') return 4;
  if (kind === 'fixed') return newFixedValues(type, 0).BYTES_PER_ELEMENT;
  const dim = must(shape.dim, 'a dense vector type has dimensions');
  return vectorStride(type, dim) * newVectorValues(type, 0).BYTES_PER_ELEMENT;
}

/** What must be known of a whole column before its first byte is written. */
export interface ColumnSize {
  readonly rowCount: number;
  readonly nullCount: number;
  /** Bits of all rows; null when no row is null. */
  readonly validity: Uint32Array | null;
  /** Elements of lists, or pairs of sparse vectors. */
  readonly elementCount: number;
  /** Bytes of texts, in rows or in elements. */
  readonly textBytes: number;
}

/** Adds up the pieces of one column. */
export class ColumnMeter {
  #rowCount = 0;
  #nullCount = 0;
  #validity: Bitmap | null = null;
  #elementCount = 0;
  #textBytes = 0;
  readonly #rowTotal: number;

  constructor(rowTotal: number) {
    this.#rowTotal = rowTotal;
  }

  add(piece: Column): void {
    const rowCount = columnRowCount(piece);
    if (piece.validity !== null) this.#addNulls(piece.validity, rowCount);
    if ('offsets' in piece) this.#addItems(piece);
    this.#rowCount += rowCount;
  }

  /** @returns what the pieces were; they must have been all of them */
  size(): ColumnSize {
    assert(this.#rowCount === this.#rowTotal, 'every column has every row');
    return {
      rowCount: this.#rowCount,
      nullCount: this.#nullCount,
      validity: this.#validity?.not().words ?? null,
      elementCount: this.#elementCount,
      textBytes: this.#textBytes,
    };
  }

  /** Collects the rows that are null; `size` turns it round. */
  #addNulls(validity: Uint32Array, rowCount: number): void {
    for (let i = 0; i < rowCount; i++) {
      if (((validity[i >>> 5]! >>> (i & 31)) & 1) === 1) continue;
      this.#validity ??= new Bitmap(this.#rowTotal);
      this.#validity.set(this.#rowCount + i);
      this.#nullCount++;
    }
  }

  #addItems(piece: Extract<Column, { offsets: Uint32Array }>): void {
    const first = piece.offsets[0]!;
    const end = piece.offsets[piece.offsets.length - 1]!;
    if (piece.kind === 'bytes') {
      this.#textBytes += end - first;
    } else {
      this.#elementCount += end - first;
      if (piece.kind === 'list') {
        assert(piece.elements.validity === null, 'elements of lists are never null');
        if (piece.elements.kind === 'bytes') {
          this.#textBytes += piece.elements.offsets[end]! - piece.elements.offsets[first]!;
        }
      }
    }
    assert(this.#textBytes <= OFFSET_MAX, 'a column holds less than 2 GiB of text');
    assert(this.#elementCount <= OFFSET_MAX, 'a column holds less than 2^31 elements');
  }
}

/** Bytes of buffer `kind` of a column, without padding. */
export function bufferByteLength(shape: ColumnShape, kind: BufferKind, size: ColumnSize): number {
  const count = kind.ofElements ? size.elementCount : size.rowCount;
  const of = kind.ofElements ? elementShape(shape) : shape;
  switch (kind.role) {
    case 'validity':
      return size.nullCount === 0 ? 0 : (count + 7) >>> 3;
    case 'bits':
      return (count + 7) >>> 3;
    case 'offsets':
      return (count + 1) * 4;
    case 'bytes':
      return size.textBytes;
    case 'indices':
      return size.elementCount * 4;
    default:
      return (of.type === DataType.SparseFloatVector ? size.elementCount : count) * valueWidth(of);
  }
}

/**
 * Turns the pieces of a column, one after the other, into the bytes of one of its buffers. All but
 * offsets and bits are the memory of the pieces themselves.
 */
export class BufferCutter {
  readonly #kind: BufferKind;
  /** Items before this piece. */
  #base = 0;
  #isFirst = true;
  /** Bits that do not fill a byte yet. */
  #carry = 0;
  #carryBits = 0;

  constructor(kind: BufferKind) {
    assert(kind.role !== 'validity', 'validity comes from the meter');
    this.#kind = kind;
  }

  /** The bytes that `piece` adds. */
  cut(piece: Column): Uint8Array {
    if (!this.#kind.ofElements) return this.#cut(piece, 0, columnRowCount(piece));
    assert(piece.kind === 'list', 'lists have elements');
    const { offsets, elements } = piece;
    return this.#cut(elements, offsets[0]!, offsets[offsets.length - 1]!);
  }

  /** What is left after the last piece. */
  rest(): Uint8Array {
    if (this.#kind.role === 'offsets' && this.#isFirst) return new Uint8Array(4);
    return this.#carryBits === 0 ? new Uint8Array(0) : Uint8Array.of(this.#carry);
  }

  #cut(column: Column, start: number, end: number): Uint8Array {
    const { role } = this.#kind;
    if (role === 'offsets') return this.#offsets(column, start, end);
    switch (column.kind) {
      case 'fixed':
        return role === 'bits'
          ? this.#bits(column.values as Uint8Array, start, end)
          : bytesOf(column.values.subarray(start, end));
      case 'vector': {
        const stride = vectorStride(column.type, column.dim);
        return bytesOf(column.values.subarray(start * stride, end * stride));
      }
      case 'bytes':
        return column.bytes.subarray(column.offsets[start], column.offsets[end]);
      default: {
        assert(column.kind === 'sparse', 'lists do not nest');
        const items = role === 'indices' ? column.indices : column.values;
        return bytesOf(items.subarray(column.offsets[start], column.offsets[end]));
      }
    }
  }

  #offsets(column: Column, start: number, end: number): Uint8Array {
    assert('offsets' in column, 'rows of this type have offsets');
    const { offsets } = column;
    const count = end - start;
    const skip = this.#isFirst ? 0 : 1;
    const stored = new Int32Array(count + 1 - skip);
    const shift = this.#base - offsets[start]!;
    for (let i = skip; i <= count; i++) stored[i - skip] = offsets[start + i]! + shift;
    this.#base = offsets[end]! + shift;
    this.#isFirst = false;
    return new Uint8Array(stored.buffer);
  }

  #bits(values: Uint8Array, start: number, end: number): Uint8Array {
    const packed = new Uint8Array((this.#carryBits + end - start) >>> 3);
    let at = 0;
    let carry = this.#carry;
    let bit = this.#carryBits;
    for (let i = start; i < end; i++) {
      carry |= (values[i]! & 1) << bit;
      bit++;
      if (bit === 8) {
        packed[at++] = carry;
        carry = 0;
        bit = 0;
      }
    }
    this.#carry = carry;
    this.#carryBits = bit;
    return packed;
  }
}

/** The memory of a typed array. */
export function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
