/**
 * Values that rows are grouped, ordered and summed up by: those of a scalar field, or what stands at a path
 * of a JSON field. A value is a bigint where the field has 64 bits, and microseconds for Timestamptz.
 */
import { assert } from '../base/assert.ts';
import { milvusError } from '../base/errors.ts';
import { JsonCursor, jsonSteps } from '../query/json-cursor.ts';
import { compareText } from '../query/scalar-order.ts';
import { isValid } from '../schema/column-layout.ts';
import type { BytesColumn, Column, FixedColumn } from '../schema/column.ts';
import { DataType, dataTypeName } from '../schema/data-type.ts';

/** Plain data, so that it crosses ports. Null: the row has none. */
export type RowValue = bigint | number | string | boolean | null;

/** What a value of JSON must be to count. */
export type JsonCast =
  | typeof DataType.Bool
  | typeof DataType.Int8
  | typeof DataType.Int16
  | typeof DataType.Int32
  | typeof DataType.Int64
  | typeof DataType.VarChar;

export interface ValueReference {
  readonly fieldId: number;
  /** Of the field. */
  readonly type: DataType;
  /** Keys and indexes inside JSON; null: the field is none. */
  readonly path: readonly string[] | null;
  /**
   * `order`: values of JSON as they compare, see `compareValues`; `text`: each as its text; a type: those of
   * that type, all others are null or, when it is strict, an error.
   */
  readonly form: 'order' | 'text' | JsonCast;
  readonly isStrict: boolean;
}

/** A field as a whole. */
export function fieldReference(field: {
  readonly id: number;
  readonly type: DataType;
}): ValueReference {
  return { fieldId: field.id, type: field.type, path: null, form: 'order', isStrict: false };
}

export type ValueReader = (row: number) => RowValue;

/** Reads rows of a column of the reference's field. @throws MilvusError Unexpected by a strict cast */
export function valueReader(reference: ValueReference, column: Column): ValueReader {
  if (column.kind === 'fixed') return fixedReader(column);
  assert(column.kind === 'bytes', 'values are of scalar fields');
  if (reference.path !== null) return jsonReader(reference, column);
  const { offsets, validity } = column;
  const text = textOf(column.bytes);
  return (row) => (isValid(validity, row) ? text(offsets[row]!, offsets[row + 1]!) : null);
}

function fixedReader({ type, values, validity }: FixedColumn): ValueReader {
  if (type === DataType.Bool) {
    return (row) => (isValid(validity, row) ? values[row] === 1 : null);
  }
  return (row) => (isValid(validity, row) ? values[row]! : null);
}

function textOf(bytes: Uint8Array): (start: number, end: number) => string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (start, end) => buffer.toString('utf8', start, end);
}

function jsonReader(reference: ValueReference, column: BytesColumn): ValueReader {
  const { bytes, offsets, validity } = column;
  const steps = jsonSteps(reference.path ?? []);
  const cursor = new JsonCursor();
  const read = readerOfForm(reference);
  return (row) => {
    if (!isValid(validity, row)) return null;
    cursor.find(bytes, offsets[row]!, offsets[row + 1]!, steps);
    return cursor.kind === 'null' || cursor.kind === 'absent' ? read(null) : read(cursor);
  };
}

type FormReader = (cursor: JsonCursor | null) => RowValue;

function readerOfForm({ form, isStrict }: ValueReference): FormReader {
  if (form === 'order') return (cursor) => (cursor === null ? null : orderedValue(cursor));
  if (form === 'text') return (cursor) => (cursor === null ? null : anyText(cursor));
  return (cursor) => {
    const value = cursor === null ? null : castValue(cursor, form);
    if (value === null && isStrict) throw wrongCast(form);
    return value;
  };
}

function wrongCast(form: JsonCast): Error {
  const message = `failed to cast json value to ${dataTypeName(form)}, wrong json data inner type`;
  return milvusError('Unexpected', { message });
}

/** Texts, lists and objects are told apart by their first character. */
function orderedValue(cursor: JsonCursor): RowValue {
  switch (cursor.kind) {
    case 'number':
      return cursor.number;
    case 'boolean':
      return cursor.boolean;
    case 'text':
      return `"${contentOf(cursor)}`;
    default:
      return cursor.rawText();
  }
}

function anyText(cursor: JsonCursor): string {
  return cursor.kind === 'text' ? contentOf(cursor) : cursor.rawText();
}

function contentOf({ textBytes, textStart, textEnd }: JsonCursor): string {
  return textOf(textBytes)(textStart, textEnd);
}

const INTEGER_BITS: ReadonlyMap<DataType, number> = new Map<DataType, number>([
  [DataType.Int8, 8],
  [DataType.Int16, 16],
  [DataType.Int32, 32],
]);

function castValue(cursor: JsonCursor, form: JsonCast): RowValue {
  if (form === DataType.Bool) return cursor.kind === 'boolean' ? cursor.boolean : null;
  if (form === DataType.VarChar) return cursor.kind === 'text' ? contentOf(cursor) : null;
  if (cursor.kind !== 'number' || !cursor.isInteger) return null;
  if (form === DataType.Int64) {
    const { number } = cursor;
    if (typeof number === 'bigint') return number;
    return Number.isSafeInteger(number) ? BigInt(number) : null;
  }
  const bound = 2 ** ((INTEGER_BITS.get(form) ?? 32) - 1);
  const value = Number(cursor.number);
  return value >= -bound && value < bound ? value : null;
}

/** Texts of JSON, numbers, lists, false and true, objects: as their JSON texts would be ordered. */
function rankOf(value: RowValue): number {
  if (typeof value === 'number' || typeof value === 'bigint') return 1;
  if (typeof value === 'boolean') return 3;
  return value?.startsWith('[') === true ? 2 : value?.startsWith('{') === true ? 4 : 0;
}

/**
 * Negative when `left` comes first. Values of one reference compare; of JSON, numbers by value, texts by their
 * bytes, and what is of different kinds by the kind. Neither is null.
 */
export function compareValues(left: RowValue, right: RowValue, reference: ValueReference): number {
  if (typeof left === 'string' && typeof right === 'string') {
    const isMixed = reference.path !== null && rankOf(left) !== rankOf(right);
    return isMixed ? rankOf(left) - rankOf(right) : compareText(left, right);
  }
  const isOneKind = typeof left === typeof right || rankOf(left) === rankOf(right);
  if (!isOneKind) return rankOf(left) - rankOf(right);
  return left! < right! ? -1 : left! > right! ? 1 : 0;
}
