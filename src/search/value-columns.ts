/** Values of rows, as columns that an answer carries beside those of fields. */
import { Bitmap } from '../base/bitmap.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import { columnKind, newFixedValues } from '../schema/column-layout.ts';
import type { Column } from '../schema/column.ts';
import type { DataType } from '../schema/data-type.ts';
import type { RowValue } from './row-values.ts';

/** A column of an answer that is no field's. */
export interface NamedColumn {
  /** What it would be a field as. */
  readonly field: FieldSchema;
  readonly column: Column;
}

export function namedColumn(
  { id, name, type }: { readonly id: number; readonly name: string; readonly type: DataType },
  values: readonly RowValue[],
): NamedColumn {
  const field: FieldSchema = {
    id,
    name,
    type,
    description: '',
    isPrimaryKey: false,
    autoId: false,
    isPartitionKey: false,
    isClusteringKey: false,
    isDynamic: false,
    nullable: values.includes(null),
    params: {},
  };
  return { field, column: columnOfValues(type, values) };
}

/** @param values of that type, which is one of numbers or of text */
export function columnOfValues(type: DataType, values: readonly RowValue[]): Column {
  const validity = validityOf(values);
  if (columnKind(type) === 'bytes') {
    const texts = values.map((value) => Buffer.from(value === null ? '' : String(value)));
    const offsets = new Uint32Array(values.length + 1);
    for (const [i, text] of texts.entries()) offsets[i + 1] = offsets[i]! + text.length;
    return { kind: 'bytes', type, offsets, bytes: new Uint8Array(Buffer.concat(texts)), validity };
  }
  const column = newFixedValues(type, values.length);
  for (const [row, value] of values.entries()) {
    if (value === null) continue;
    if (column instanceof BigInt64Array) column[row] = BigInt(value);
    else column[row] = Number(value);
  }
  return { kind: 'fixed', type, values: column, validity };
}

function validityOf(values: readonly RowValue[]): Uint32Array | null {
  if (!values.includes(null)) return null;
  const validity = new Bitmap(values.length);
  for (const [row, value] of values.entries()) if (value !== null) validity.set(row);
  return validity.words;
}
