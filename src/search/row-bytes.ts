/** How many bytes rows take, told before they are copied: an answer that is too large is never built. */
import { invalidParameter, type MilvusError } from '../base/errors.ts';
import { OUTPUT_BYTES_MAX } from '../base/limits.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import { columnKind, newFixedValues, vectorStride } from '../schema/column-layout.ts';
import type { Column } from '../schema/column.ts';
import { isDenseVector, vectorByteLength } from '../schema/data-type.ts';

/** Bytes of a text in an array besides its own: where it ends. */
const TEXT_END_BYTES = 4;
/** Bytes of a hit besides its row: the score and the row's number. */
const HIT_BYTES = 8;

/** Bytes of the values of `rows` of a column; a row counts as often as it is named. */
export function rowsByteLength(column: Column, rows: Uint32Array): number {
  switch (column.kind) {
    case 'fixed':
      return rows.length * column.values.BYTES_PER_ELEMENT;
    case 'vector':
      return rows.length * vectorStride(column.type, column.dim) * column.values.BYTES_PER_ELEMENT;
    case 'bytes':
      return itemCount(column.offsets, rows);
    case 'sparse':
      return itemCount(column.offsets, rows) * 8;
    default:
      return elementsByteLength(column.elements, column.offsets, rows);
  }
}

/** Bytes that a row of these fields takes at least. */
export function leastRowBytes(fields: readonly FieldSchema[]): number {
  let total = 0;
  for (const { type, dim } of fields) {
    if (isDenseVector(type)) total += vectorByteLength(type, dim ?? 0);
    else if (columnKind(type) === 'fixed') total += newFixedValues(type, 0).BYTES_PER_ELEMENT;
  }
  return total;
}

/** @throws MilvusError ParameterInvalid when so many hits that show these fields are too large an answer */
export function checkHitsSize(hitCount: number, fields: readonly FieldSchema[]): void {
  checkOutputSize('search', hitCount * (HIT_BYTES + leastRowBytes(fields)));
}

/** @throws MilvusError ParameterInvalid in Milvus's words when an answer of so many bytes is too large */
export function checkOutputSize(kind: 'query' | 'search', byteLength: number): void {
  if (byteLength > OUTPUT_BYTES_MAX) throw outputTooLarge(kind, byteLength);
}

function outputTooLarge(kind: 'query' | 'search', byteLength: number): MilvusError {
  return invalidParameter(`${kind} results exceed the maxOutputSize Limit ${OUTPUT_BYTES_MAX}`, {
    expected: OUTPUT_BYTES_MAX,
    actual: byteLength,
  });
}

function itemCount(offsets: Uint32Array, rows: Uint32Array): number {
  let total = 0;
  for (let i = 0; i < rows.length; i++) total += offsets[rows[i]! + 1]! - offsets[rows[i]!]!;
  return total;
}

function elementsByteLength(elements: Column, offsets: Uint32Array, rows: Uint32Array): number {
  if (elements.kind === 'fixed') {
    return itemCount(offsets, rows) * elements.values.BYTES_PER_ELEMENT;
  }
  if (elements.kind === 'vector') {
    const { type, dim, values } = elements;
    return itemCount(offsets, rows) * vectorStride(type, dim) * values.BYTES_PER_ELEMENT;
  }
  if (elements.kind !== 'bytes') return 0;
  let total = itemCount(offsets, rows) * TEXT_END_BYTES;
  for (let i = 0; i < rows.length; i++) {
    const start = elements.offsets[offsets[rows[i]!]!]!;
    total += elements.offsets[offsets[rows[i]! + 1]!]! - start;
  }
  return total;
}
