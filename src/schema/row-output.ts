/**
 * ColumnBatch -> row objects with the wanted fields. A column that the batch lacks counts as the field's
 * default or null.
 */
import type { CollectionSchema, FieldSchema } from './collection-schema.ts';
import { missingColumn } from './column-builder.ts';
import type { ColumnBatch } from './column.ts';
import { dynamicField, subFieldName } from './fields.ts';
import { type OutputSelection, selectOutputFields } from './output-fields.ts';
import { DEFAULT_TIME_ZONE } from './timestamptz.ts';
import { decodeColumn } from './value-decoders.ts';

export interface OutputOptions {
  /** IANA zone in which Timestamptz is written; UTC when left out. */
  readonly timeZone?: string;
}

/** @throws MilvusError ParameterInvalid: `field F not exist` */
export function batchToRows(
  schema: CollectionSchema,
  batch: ColumnBatch,
  outputFields: readonly string[],
  options: OutputOptions = {},
): Record<string, unknown>[] {
  const selection = selectOutputFields(schema, outputFields);
  const timeZone = options.timeZone ?? DEFAULT_TIME_ZONE;
  const rows: Record<string, unknown>[] = Array.from({ length: batch.rowCount }, () => ({}));
  const valuesOf = (field: FieldSchema): unknown[] =>
    decodeColumn(batch.columns.get(field.id) ?? missingColumn(field, batch.rowCount), timeZone);
  for (const field of selection.fields) assign(rows, field.name, valuesOf(field));
  for (const [struct, subFields] of selection.structs) {
    assign(rows, struct.name, regroup(subFields, subFields.map(valuesOf)));
  }
  const meta = dynamicField(schema);
  if (meta !== undefined && (selection.dynamicKeys !== null || selection.wholeMeta)) {
    addDynamic(rows, valuesOf(meta), { selection, staticNames: namesOf(schema) });
  }
  return rows;
}

function assign(rows: Record<string, unknown>[], name: string, values: readonly unknown[]): void {
  for (let row = 0; row < rows.length; row++) setOwn(rows[row]!, name, values[row]);
}

/** An own property, whatever its name: assigning to `__proto__` would change the object instead. */
function setOwn(row: Record<string, unknown>, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(row, name, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  } else row[name] = value;
}

/** Lists by sub-field -> arrays of objects by row. */
function regroup(subFields: readonly FieldSchema[], lists: readonly unknown[][]): unknown[] {
  const names = subFields.map(subFieldName);
  return (lists[0] ?? []).map((first, row) => {
    if (first === null) return null;
    return (first as unknown[]).map((_, element) => {
      const object: Record<string, unknown> = {};
      for (const [i, name] of names.entries()) {
        setOwn(object, name, (lists[i]![row] as unknown[])[element]);
      }
      return object;
    });
  });
}

/** Names that the dynamic field cannot take: a field may be younger than a dynamic key. */
function namesOf({ fields, structs }: CollectionSchema): ReadonlySet<string> {
  return new Set([...fields, ...structs].map(({ name }) => name));
}

function addDynamic(
  rows: Record<string, unknown>[],
  values: readonly unknown[],
  {
    selection,
    staticNames,
  }: { readonly selection: OutputSelection; readonly staticNames: ReadonlySet<string> },
): void {
  const { dynamicKeys } = selection;
  for (const [row, value] of values.entries()) {
    if (selection.wholeMeta) rows[row]!['$meta'] = value;
    if (value === null || dynamicKeys === null) continue;
    for (const key of Object.keys(value as object)) {
      if (staticNames.has(key) || (dynamicKeys !== 'all' && !dynamicKeys.has(key))) continue;
      setOwn(rows[row]!, key, (value as Record<string, unknown>)[key]);
    }
  }
}
