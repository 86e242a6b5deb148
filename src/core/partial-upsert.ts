/**
 * A partial upsert becomes a whole one before it is logged: what the rows leave out comes from the rows
 * of the same keys that are there now, or from defaults where there is none, and operations on arrays are
 * carried out. Where the caller names no partition, a row stays in the one where it is.
 */
import { must } from '../base/assert.ts';
import { invalidParameter } from '../base/errors.ts';
import { JSON_BYTES_MAX } from '../base/limits.ts';
import { type ArrayOperations, changedArrays } from '../schema/array-operations.ts';
import { partitionKeyField, primaryField } from '../schema/fields.ts';
import { namespaceField, namespaceMode } from '../schema/namespaces.ts';
import { parseJsonText, toJsonText } from '../schema/json-text.ts';
import { keyAt } from '../schema/primary-key.ts';
import { jsonTooLong } from '../schema/value-encoders.ts';
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import type { BoundFilter } from '../query/bind.ts';
import type { BytesColumn, Column, ColumnBatch } from '../schema/column.ts';
import {
  concatColumns,
  missingColumn,
  sliceBatch,
  takeBatch,
  takeRows,
} from '../schema/column-builder.ts';
import { columnRowCount, isValid } from '../schema/column-layout.ts';
import { keysOfColumn } from '../segments/key-list.ts';
import type { KeyList } from '../segments/segment.ts';
import type { CollectionInfo, InsertRequest, PartitionRows } from './ports.ts';
import { renamedRows } from './renewed-keys.ts';
import { partitionRows } from './routing.ts';
import { ofNamespace } from './row-scope.ts';

/** @returns the newest rows of those keys that exist, with every field of the schema */
export type FetchRows = (keys: KeyList) => Promise<ColumnBatch>;

/** The rows of a shard that are there now. */
export interface StoredRows {
  /** Of every row that is there, and perhaps others; in any order and number. */
  readonly partitionIds: readonly number[];
  /** As FetchRows, of these partitions only; null: of all. And only those that the filter accepts. */
  readonly fetch: (
    keys: KeyList,
    partitionIds: number[] | null,
    within: BoundFilter | null,
  ) => Promise<ColumnBatch>;
}

/** What rows are completed by. */
export interface Completion {
  readonly schema: CollectionSchema;
  readonly operations: ArrayOperations;
}

type PartialRows = Pick<InsertRequest, 'rows' | 'inPlace' | 'arrayOperations' | 'newKeys'>;

/** @throws MilvusError ParameterInvalid when a new key lacks a field that has neither null nor default */
export async function completeRows(
  request: PartialRows,
  collection: CollectionInfo,
  stored: StoredRows,
): Promise<PartitionRows[]> {
  const rows = await mergedRows(request, collection, stored);
  const { newKeys } = request;
  if (newKeys === undefined) return rows;
  return renamedRows(rows, primaryField(collection.schema), newKeys);
}

async function mergedRows(
  { rows, inPlace, arrayOperations }: PartialRows,
  collection: CollectionInfo,
  stored: StoredRows,
): Promise<PartitionRows[]> {
  const { schema, properties } = collection;
  const completion = { schema, operations: arrayOperations };
  if (partitionKeyField(schema) !== undefined) {
    const within = namespaceOf(schema, rows);
    const merged = await mergePartialRows(completion, rows, (keys) =>
      stored.fetch(keys, null, within),
    );
    // Only now every row has its partition key: the frontend may have had none to go by.
    return merged.flatMap(({ batch }) => partitionRows(collection, batch, undefined));
  }
  const places = new Set([...stored.partitionIds, ...rows.map(({ partitionId }) => partitionId)]);
  if (!inPlace || places.size === 1) {
    // Where partitions are namespaces, a row of another one is none of these.
    const own =
      namespaceMode(schema, properties) === 'partition'
        ? rows.map(({ partitionId }) => partitionId)
        : null;
    return await mergePartialRows(completion, rows, (keys) => stored.fetch(keys, own, null));
  }
  return await mergeInPlace(completion, rows, async (keys) => {
    const found: PartitionRows[] = [];
    for (const partitionId of places) {
      found.push({ partitionId, batch: await stored.fetch(keys, [partitionId], null) });
    }
    return found;
  });
}

/** The rows of the namespace that all of `rows` are of; null: there are no namespaces. */
function namespaceOf(schema: CollectionSchema, rows: readonly PartitionRows[]): BoundFilter | null {
  const field = namespaceField(schema);
  const column = field === undefined ? undefined : rows[0]?.batch.columns.get(field.id);
  return column === undefined ? null : ofNamespace(schema, String(keyAt(column, 0)));
}

/** @throws MilvusError ParameterInvalid when a new key lacks a field that has neither null nor default */
export async function mergePartialRows(
  completion: Completion,
  rows: readonly PartitionRows[],
  fetchRows: FetchRows,
): Promise<PartitionRows[]> {
  const merged: PartitionRows[] = [];
  for (const { partitionId, batch } of rows) {
    const existing = await fetchRows(keysOfBatch(completion.schema, batch));
    merged.push({ partitionId, batch: mergeBatch(completion, batch, existing) });
  }
  return merged;
}

/**
 * As `mergePartialRows`, each row in the partition of the row that it changes; new ones where they came.
 * @param fetchPartitions the newest rows of those keys that exist, by partition
 */
async function mergeInPlace(
  completion: Completion,
  rows: readonly PartitionRows[],
  fetchPartitions: (keys: KeyList) => Promise<readonly PartitionRows[]>,
): Promise<PartitionRows[]> {
  const { schema } = completion;
  const placed: PartitionRows[] = [];
  for (const { partitionId, batch } of rows) {
    const keys = keyColumnOf(schema, batch);
    const found = await fetchPartitions(keysOfColumn(keys));
    const isNew = new Uint8Array(batch.rowCount).fill(1);
    for (const { partitionId: place, batch: existing } of found) {
      const chosen = rowsIn(matchKeys(keys, keyColumnOf(schema, existing)), existing.rowCount);
      for (const row of chosen) isNew[row] = 0;
      const merged = mergeBatch(completion, takeBatch(batch, chosen), existing);
      if (chosen.length > 0) placed.push({ partitionId: place, batch: merged });
    }
    const fresh = Uint32Array.from(isNew.keys()).filter((row) => isNew[row] === 1);
    if (fresh.length === 0) continue;
    const none = sliceBatch(must(found[0], 'a partition is asked').batch, 0, 0);
    placed.push({ partitionId, batch: mergeBatch(completion, takeBatch(batch, fresh), none) });
  }
  return placed;
}

/** Rows that have a source, which is below `sourceCount`. */
function rowsIn(sources: Uint32Array, sourceCount: number): Uint32Array {
  return Uint32Array.from(sources.keys()).filter((row) => sources[row]! < sourceCount);
}

function keyColumnOf(schema: CollectionSchema, batch: ColumnBatch): Column {
  return must(batch.columns.get(primaryField(schema).id), 'a row has its primary key');
}

function keysOfBatch(schema: CollectionSchema, batch: ColumnBatch): KeyList {
  return keysOfColumn(keyColumnOf(schema, batch));
}

function mergeBatch(
  { schema, operations }: Completion,
  batch: ColumnBatch,
  existing: ColumnBatch,
): ColumnBatch {
  const sources = matchKeys(keyColumnOf(schema, batch), keyColumnOf(schema, existing));
  const columns = new Map<number, Column>();
  for (const field of schema.fields) {
    const given = batch.columns.get(field.id);
    const stored = existing.columns.get(field.id) ?? missingColumn(field, existing.rowCount);
    const op = operations.get(field.id);
    if (given === undefined) columns.set(field.id, fillColumn(field, stored, sources));
    else if (op !== undefined) {
      const storedCount = existing.rowCount;
      const change = { op, operands: given, stored, sources, storedCount };
      columns.set(field.id, changedArrays(field, change));
    } else if (field.isDynamic)
      columns.set(field.id, mergeDynamic(field, { given, stored, sources }));
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

interface DynamicChange {
  readonly given: Column;
  readonly stored: Column;
  readonly sources: Uint32Array;
}

/**
 * Keys of `$meta` that a row gives replace those of the stored row; the others stay.
 * @throws MilvusError ParameterInvalid when together they are longer than a row may have
 */
function mergeDynamic(field: FieldSchema, { given, stored, sources }: DynamicChange): Column {
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
    if (bytes.length > JSON_BYTES_MAX)
      throw jsonTooLong(field, bytes.length, { field: field.name, row });
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
