/**
 * ColumnBatch -> row objects with the wanted fields: names of fields and structs, `struct[sub]`, keys of the
 * dynamic field (bare or as `$meta["key"]`), `$meta` itself, and `*` for everything with `$meta` spread into
 * the row. A column that the batch lacks counts as the field's default or null.
 */
import { invalidParameter } from '../base/errors.ts';
import type { CollectionSchema, FieldSchema, StructFieldSchema } from './collection-schema.ts';
import { missingColumn } from './column-builder.ts';
import type { ColumnBatch } from './column.ts';
import { dynamicField, findField, isHidden, structSubFields, subFieldName } from './fields.ts';
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
  const selection = select(schema, outputFields);
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
    addDynamic(rows, valuesOf(meta), selection);
  }
  return rows;
}

interface Selection {
  readonly fields: Set<FieldSchema>;
  readonly structs: Map<StructFieldSchema, FieldSchema[]>;
  /** Null: none; `all` with `*`. */
  dynamicKeys: Set<string> | 'all' | null;
  /** `$meta` under its own name. */
  wholeMeta: boolean;
  /** Names that the dynamic field cannot take: a field may be younger than a dynamic key. */
  readonly staticNames: ReadonlySet<string>;
}

const META_KEY = /^\$meta\[(?:"([^"]+)"|'([^']+)')\]$/;

function select(schema: CollectionSchema, outputFields: readonly string[]): Selection {
  const selection: Selection = {
    fields: new Set(),
    structs: new Map(),
    dynamicKeys: null,
    wholeMeta: false,
    staticNames: new Set([
      ...schema.fields.map((field) => field.name),
      ...schema.structs.map((struct) => struct.name),
    ]),
  };
  for (const name of outputFields) {
    if (name === '*') selectAll(schema, selection);
    else selectName(schema, selection, name);
  }
  return selection;
}

function selectAll(schema: CollectionSchema, selection: Selection): void {
  for (const field of schema.fields) {
    if (!isHidden(field) && field.structName === undefined) selection.fields.add(field);
  }
  for (const struct of schema.structs) {
    selection.structs.set(struct, structSubFields(schema, struct));
  }
  if (schema.enableDynamicField) selection.dynamicKeys = 'all';
}

function selectName(schema: CollectionSchema, selection: Selection, name: string): void {
  const field = findField(schema, name);
  if (field?.isDynamic === true) {
    selection.wholeMeta = true;
    return;
  }
  if (field !== undefined) {
    const struct = schema.structs.find((each) => each.name === field.structName);
    if (struct === undefined) selection.fields.add(field);
    else addSubField(selection, struct, field);
    return;
  }
  const struct = schema.structs.find((each) => each.name === name);
  if (struct !== undefined) {
    selection.structs.set(struct, structSubFields(schema, struct));
    return;
  }
  if (!schema.enableDynamicField) throw invalidParameter(`field ${name} not exist`);
  if (selection.dynamicKeys === 'all') return;
  const match = META_KEY.exec(name);
  selection.dynamicKeys ??= new Set();
  selection.dynamicKeys.add(match?.[1] ?? match?.[2] ?? name);
}

function addSubField(selection: Selection, struct: StructFieldSchema, field: FieldSchema): void {
  const subFields = selection.structs.get(struct) ?? [];
  if (!subFields.includes(field)) subFields.push(field);
  selection.structs.set(struct, subFields);
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

function addDynamic(
  rows: Record<string, unknown>[],
  values: readonly unknown[],
  selection: Selection,
): void {
  const { dynamicKeys, staticNames } = selection;
  for (const [row, value] of values.entries()) {
    if (selection.wholeMeta) rows[row]!['$meta'] = value;
    if (value === null || dynamicKeys === null) continue;
    for (const key of Object.keys(value as object)) {
      if (staticNames.has(key) || (dynamicKeys !== 'all' && !dynamicKeys.has(key))) continue;
      setOwn(rows[row]!, key, (value as Record<string, unknown>)[key]);
    }
  }
}
