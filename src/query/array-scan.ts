/** Conditions over Array columns: one element of each row as a column of its own, and whole arrays. */
import { assert } from '../base/assert.ts';
import type { BytesColumn, Column, FixedColumn, ListColumn } from '../schema/column.ts';
import { newFixedValues } from '../schema/column-layout.ts';
import { DataType } from '../schema/data-type.ts';
import { utf8 } from './literal.ts';
import type { ListValue, Scalar } from './predicate.ts';
import { wordCount } from './truth.ts';
import { equalBytes } from './text-table.ts';

/** Element `index` of each row; null where the array is null, the element is, or there is none. */
export function elementColumn(list: ListColumn, index: number, rowCount: number): Column {
  const { elements, offsets } = list;
  const validity = new Uint32Array(wordCount(rowCount));
  const positions = new Int32Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    const at = offsets[i]! + index;
    const isThere = at < offsets[i + 1]! && isSet(list.validity, i) && isSet(elements.validity, at);
    positions[i] = isThere ? at : -1;
    if (isThere) validity[i >>> 5]! |= 1 << (i & 31);
  }
  assert(elements.kind !== 'vector', 'an array has no vectors for elements');
  return elements.kind === 'fixed'
    ? pickFixed(elements, positions, validity)
    : pickBytes(elements, positions, validity);
}

/** How many elements each row's array has; null where the array is. */
export function lengthColumn(column: Column, rowCount: number): FixedColumn {
  assert(column.kind === 'list', 'only lists have lengths');
  const values = new Int32Array(rowCount);
  const { offsets, validity } = column;
  for (let i = 0; i < rowCount; i++) values[i] = offsets[i + 1]! - offsets[i]!;
  return { kind: 'fixed', type: DataType.Int32, values, validity };
}

function isSet(validity: Uint32Array | null, at: number): boolean {
  return validity === null || (validity[at >>> 5]! & (1 << (at & 31))) !== 0;
}

function pickFixed(
  elements: FixedColumn,
  positions: Int32Array,
  validity: Uint32Array,
): FixedColumn {
  const source = elements.values;
  const values = newFixedValues(elements.type, positions.length);
  for (let i = 0; i < positions.length; i++) {
    if (positions[i]! >= 0) values[i] = source[positions[i]!]!;
  }
  return { kind: 'fixed', type: elements.type, values, validity };
}

function pickBytes(
  elements: BytesColumn,
  positions: Int32Array,
  validity: Uint32Array,
): BytesColumn {
  const offsets = new Uint32Array(positions.length + 1);
  let length = 0;
  for (let i = 0; i < positions.length; i++) {
    const at = positions[i]!;
    if (at >= 0) length += elements.offsets[at + 1]! - elements.offsets[at]!;
    offsets[i + 1] = length;
  }
  const bytes = new Uint8Array(length);
  for (let i = 0; i < positions.length; i++) {
    const at = positions[i]!;
    if (at < 0) continue;
    bytes.set(elements.bytes.subarray(elements.offsets[at], elements.offsets[at + 1]), offsets[i]);
  }
  return { kind: 'bytes', type: elements.type, offsets, bytes, validity };
}

/** Rows whose array is exactly this list. */
export function scanArrays(list: ListColumn, values: ListValue, rowCount: number): Uint32Array {
  const out = new Uint32Array(wordCount(rowCount));
  const { elements, offsets } = list;
  const wanted = values.map(elementForm);
  for (let i = 0; i < rowCount; i++) {
    const start = offsets[i]!;
    let isEqual = offsets[i + 1]! - start === wanted.length;
    for (let j = 0; isEqual && j < wanted.length; j++) {
      isEqual = isSet(elements.validity, start + j) && isElement(elements, start + j, wanted[j]!);
    }
    if (isEqual) out[i >>> 5]! |= 1 << (i & 31);
  }
  return out;
}

function elementForm(value: ListValue[number]): Exclude<Scalar, string> | Uint8Array {
  assert(typeof value !== 'object', 'an array of a field holds no arrays');
  return typeof value === 'string' ? utf8(value) : value;
}

function isElement(
  elements: ListColumn['elements'],
  at: number,
  value: bigint | number | boolean | Uint8Array,
): boolean {
  if (elements.kind === 'bytes') {
    const start = elements.offsets[at]!;
    return (
      typeof value === 'object' &&
      equalBytes(elements.bytes, start, elements.offsets[at + 1]!, value)
    );
  }
  const element = elements.values[at]!;
  const other = typeof value === 'boolean' ? Number(value) : value;
  // The language compares bigint and number by exact value.
  return typeof other !== 'object' && element >= other && element <= other;
}
