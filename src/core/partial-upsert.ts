/**
 * A partial upsert becomes a whole one before it is logged: what the rows leave out comes from the rows
 * of the same keys that are there now, or from defaults where there is none.
 */
import { must } from '../base/assert.ts';
import { invalidParameter } from '../base/errors.ts';
import { primaryField } from '../schema/fields.ts';
import { parseJsonText, toJsonText } from '../schema/json-text.ts';
import { keyAt } from '../schema/primary-key.ts';
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import type { BytesColumn, Column, ColumnBatch } from '../schema/column.ts';
import { concatColumns, missingColumn, takeRows } from '../schema/column-builder.ts';
import { columnRowCount, isValid } from '../schema/column-layout.ts';
import { keysOfColumn } from '../segments/key-list.ts';
import type { KeyList } from '../segments/segment.ts';
import type { PartitionRows } from './ports.ts';

/** @returns the newest rows of those keys that exist, with every field of the schema */
export type FetchRows = (keys: KeyList) => Promise<ColumnBatch>;

/** @throws MilvusError ParameterInvalid when a new key lacks a field that has neither null nor default */
export async function mergePartialRows(
  schema: CollectionSchema,
  rows: readonly PartitionRows[],
  fetchRows: FetchRows,
): Promise<PartitionRows[]> {
  const merged: PartitionRows[] = [];
  for (const { partitionId, batch } of rows) {
    merged.push({ partitionId, batch: await mergeBatch(schema, batch, fetchRows) });
  }
  return merged;
}

async function mergeBatch(
  schema: CollectionSchema,
  batch: ColumnBatch,
  fetchRows: FetchRows,
): Promise<ColumnBatch> {
  const { id } = primaryField(schema);
  const keys = must(batch.columns.get(id), 'a row has its primary key');
  const existing = await fetchRows(keysOfColumn(keys));
  const sources = matchKeys(keys, must(existing.columns.get(id), 'rows come with their keys'));
  const columns = new Map<number, Column>();
  for (const field of schema.fields) {
    const given = batch.columns.get(field.id);
    const stored = existing.columns.get(field.id) ?? missingColumn(field, existing.rowCount);
    if (given === undefined) columns.set(field.id, fillColumn(field, stored, sources));
    else if (field.isDynamic) columns.set(field.id, mergeDynamic(given, stored, sources));
    else columns.set(field.id, given);
  }
  return { rowCount: batch.rowCount, columns };
}

/** Row of `existing` for each key; the number of its rows where there is none. */
function matchKeys(keys: Column, existing: Column): Uint32Array {
  const rowOf = new Map<bigint | string, number>();
  const none = columnRowCount(existing);
  for (let row = 0; row < none; row++) rowOf.set(keyAt(existing, row), row);
  const sources = new Uint32Array(columnRowCount(keys));
  for (let i = 0; i < sources.length; i++) sources[i] = rowOf.get(keyAt(keys, i)) ?? none;
  return sources;
}

function fillColumn(field: FieldSchema, stored: Column, sources: Uint32Array): Column {
  const storedRows = columnRowCount(stored);
  const fresh = sources.indexOf(storedRows);
  if (fresh < 0) return takeRows(stored, sources);
  if (!field.nullable && field.defaultValue === undefined && !field.isDynamic) {
    throw invalidParameter(`fieldSchema(${field.name}) has no corresponding fieldData pass in`, {
      row: fresh,
    });
  }
  return takeRows(concatColumns([stored, missingColumn(field, 1)]), sources);
}

/** Keys of `$meta` that a row gives replace those of the stored row; the others stay. */
function mergeDynamic(given: Column, stored: Column, sources: Uint32Array): Column {
  const givenRows = given as BytesColumn;
  const storedRows = stored as BytesColumn;
  const storedCount = columnRowCount(stored);
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  const offsets = new Uint32Array(sources.length + 1);
  for (let row = 0; row < sources.length; row++) {
    const source = sources[row]!;
    const own = givenRows.bytes.subarray(givenRows.offsets[row], givenRows.offsets[row + 1]);
    const isStored = source < storedCount && isValid(storedRows.validity, source);
    const old = isStored
      ? storedRows.bytes.subarray(storedRows.offsets[source], storedRows.offsets[source + 1])
      : new Uint8Array();
    const bytes = old.length === 0 ? own : encoder.encode(mergeObjects(old, own));
    parts.push(bytes);
    offsets[row + 1] = offsets[row]! + bytes.length;
  }
  const bytes = new Uint8Array(offsets[sources.length]!);
  for (let row = 0; row < parts.length; row++) bytes.set(parts[row]!, offsets[row]);
  return { kind: 'bytes', type: given.type, offsets, bytes, validity: null };
}

function mergeObjects(old: Uint8Array, own: Uint8Array): string {
  return toJsonText({ ...parseObject(old), ...parseObject(own) });
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  const text = new TextDecoder().decode(bytes);
  return text === '' ? {} : (parseJsonText(text) as Record<string, unknown>);
}
