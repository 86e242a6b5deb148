/** Primary keys: int64 as bigint, VarChar as string. */
import { invalidParameter } from '../base/errors.ts';
import type { FieldSchema } from './collection-schema.ts';
import type { BytesColumn, Column, FixedColumn } from './column.ts';
import { DataType } from './data-type.ts';
import { encodeInt64, encodeText } from './value-encoders.ts';
import { type Locate, wrongType } from './value-error.ts';

export type PrimaryKey = bigint | string;

/**
 * Keys as users give them, as a column. Int64 keys are bigints or safe integers, VarChar keys are strings.
 * @throws MilvusError ParameterInvalid with the place of the wrong one
 */
export function keyColumn(field: FieldSchema, keys: readonly unknown[]): FixedColumn | BytesColumn {
  const locate: Locate = (row) => ({ field: field.name, row });
  // To the encoders null is a row without a value; no row is without its key.
  const missing = keys.indexOf(null);
  if (missing >= 0) throw wrongType(field.type, null, locate(missing));
  if (field.type === DataType.Int64) {
    const values = encodeInt64(keys, locate);
    return { kind: 'fixed', type: field.type, values, validity: null };
  }
  return { kind: 'bytes', type: field.type, ...encodeText(keys, field, locate), validity: null };
}

/** One key in its own type. @throws MilvusError ParameterInvalid */
export function normalizePrimaryKey(field: FieldSchema, key: unknown): PrimaryKey {
  return keyAt(keyColumn(field, [key]), 0);
}

/** @throws MilvusError ParameterInvalid with the place of the wrong one */
export function normalizePrimaryKeys(field: FieldSchema, keys: readonly unknown[]): PrimaryKey[] {
  return keysOf(keyColumn(field, keys));
}

/** The key of row `row` of a key column. */
export function keyAt(column: Column, row: number): PrimaryKey {
  if (column.kind === 'bytes') {
    const { bytes, offsets } = column;
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
      'utf8',
      offsets[row],
      offsets[row + 1],
    );
  }
  if (column.kind === 'fixed' && column.values instanceof BigInt64Array) {
    return column.values[row]!;
  }
  throw new TypeError('keys are int64 or text');
}

/** All keys of a key column. */
export function keysOf(column: Column): PrimaryKey[] {
  const count = column.kind === 'bytes' ? column.offsets.length - 1 : undefined;
  if (count === undefined) return Array.from((column as FixedColumn).values as BigInt64Array);
  return Array.from({ length: count }, (_, row) => keyAt(column, row));
}

/** @throws MilvusError ParameterInvalid when two rows have the same key */
export function refuseDuplicateKeys(column: Column, fieldName: string): void {
  const count = column.kind === 'bytes' ? column.offsets.length - 1 : undefined;
  new DistinctKeys(column, fieldName).add(0, count ?? (column as FixedColumn).values.length);
}

/** Finds two rows with the same key; the rows may be looked at in pieces. */
export class DistinctKeys {
  readonly #column: Column;
  readonly #fieldName: string;
  readonly #rows = new Map<PrimaryKey, number>();

  constructor(column: Column, fieldName: string) {
    this.#column = column;
    this.#fieldName = fieldName;
  }

  /** Looks at rows [start, end). @throws MilvusError ParameterInvalid when one has the key of an earlier one */
  add(start: number, end: number): void {
    for (let row = start; row < end; row++) {
      const key = keyAt(this.#column, row);
      const first = this.#rows.get(key);
      if (first !== undefined) {
        throw invalidParameter('duplicate primary keys are not allowed in the same batch', {
          field: this.#fieldName,
          value: key,
          row,
          firstRow: first,
        });
      }
      this.#rows.set(key, row);
    }
  }
}
