/**
 * Columns -> users' values, one field at a time: int64 as bigint, Timestamptz as ISO text, Geometry as WKT, JSON
 * parsed, float vectors (half-precision ones too) as Float32Array, int8 as Int8Array, binary as Uint8Array,
 * sparse as { index: value }, arrays as arrays, null as null. Values are copies: changing one changes no data.
 */
import { unreachable } from '../base/assert.ts';
import { isValid, vectorStride } from './column-layout.ts';
import type { BytesColumn, Column, FixedColumn, SparseColumn, VectorColumn } from './column.ts';
import { DataType } from './data-type.ts';
import { wkbToWkt } from './geometry.ts';
import { parseJsonText } from './json-text.ts';
import { formatTimestamptz } from './timestamptz.ts';
import { bfloat16ToFloat32, float16ToFloat32 } from './vectors.ts';

/** One value a row. @param timeZone IANA zone in which Timestamptz is written */
export function decodeColumn(column: Column, timeZone: string): unknown[] {
  const values = decodeAll(column, timeZone);
  const { validity } = column;
  if (validity !== null) {
    for (let row = 0; row < values.length; row++) if (!isValid(validity, row)) values[row] = null;
  }
  return values;
}

/** The texts of a VarChar, Text or JSON column; null where a row is. */
export function decodeTexts(column: BytesColumn): (string | null)[] {
  const { bytes, offsets, validity } = column;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts: (string | null)[] = [];
  for (let row = 0; row + 1 < offsets.length; row++) {
    texts.push(
      isValid(validity, row) ? buffer.toString('utf8', offsets[row], offsets[row + 1]) : null,
    );
  }
  return texts;
}

function decodeAll(column: Column, timeZone: string): unknown[] {
  switch (column.kind) {
    case 'fixed':
      return decodeFixed(column, timeZone);
    case 'bytes':
      return decodeBytes(column);
    case 'vector':
      return decodeVectors(column);
    case 'sparse':
      return decodeSparse(column);
    case 'list': {
      const elements = decodeColumn(column.elements, timeZone);
      return Array.from({ length: column.offsets.length - 1 }, (_, row) =>
        elements.slice(column.offsets[row], column.offsets[row + 1]),
      );
    }
    default:
      return unreachable(column);
  }
}

function decodeFixed(column: FixedColumn, timeZone: string): unknown[] {
  const { type, values } = column;
  if (type === DataType.Bool) return Array.from(values as Uint8Array, (value) => value === 1);
  if (type === DataType.Timestamptz) {
    return Array.from(values as BigInt64Array, (micros) => formatTimestamptz(micros, timeZone));
  }
  return Array.from(values as Float64Array);
}

function decodeBytes(column: BytesColumn): unknown[] {
  const { type, offsets, bytes, validity } = column;
  if (type === DataType.Geometry) {
    return Array.from({ length: offsets.length - 1 }, (_, row) =>
      isValid(validity, row) ? wkbToWkt(bytes.subarray(offsets[row], offsets[row + 1])) : null,
    );
  }
  const texts = decodeTexts(column);
  if (type !== DataType.JSON) return texts;
  return texts.map((text) => (text === null ? null : parseJsonText(text)));
}

function decodeVectors(column: VectorColumn): unknown[] {
  const { type, values, dim } = column;
  const stride = vectorStride(type, dim);
  const vectors: unknown[] = [];
  for (let start = 0; start < values.length; start += stride) {
    if (values instanceof Uint16Array) {
      const bits = values.subarray(start, start + stride);
      vectors.push(
        type === DataType.Float16Vector ? float16ToFloat32(bits) : bfloat16ToFloat32(bits),
      );
    } else vectors.push(values.slice(start, start + stride));
  }
  return vectors;
}

function decodeSparse(column: SparseColumn): unknown[] {
  const { offsets, indices, values } = column;
  return Array.from({ length: offsets.length - 1 }, (_, row) => {
    const vector: Record<number, number> = {};
    for (let i = offsets[row]!; i < offsets[row + 1]!; i++) vector[indices[i]!] = values[i]!;
    return vector;
  });
}
