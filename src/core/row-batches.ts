/**
 * What comes as JavaScript values becomes columns, and columns become rows, in pieces: a request of a million
 * rows must not hold the serving thread. What is wrong is told as if all had been looked at at once.
 */
import { MilvusError } from '../base/errors.ts';
import { FILTER_LIST_MAX } from '../base/limits.ts';
import type { ParameterValue, ParameterValues } from '../query/template.ts';
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import { batchByteLength, sliceBatch } from '../schema/column-builder.ts';
import type { Column, ColumnBatch } from '../schema/column.ts';
import { fieldWithId } from '../schema/fields.ts';
import { DistinctKeys, keyColumn, type PrimaryKey } from '../schema/primary-key.ts';
import { batchToRows, type OutputOptions } from '../schema/row-output.ts';
import type { RowObject } from '../schema/rows.ts';
import { joinInTurns } from '../search/fetch-fields.ts';
import { inPieces, type Turn } from '../search/read-context.ts';
import { joinKeys, keysOfColumn } from '../segments/key-list.ts';
import type { KeyList } from '../segments/segment.ts';

/** Hits of an answer that are made in one stretch, and bytes of what they show: parsing JSON is slowest. */
const HITS_AT_ONCE = 256;
const HIT_BYTES_AT_ONCE: number = 256 * 1024;

/**
 * All rows as one batch.
 * @param convert some of the rows, as a batch
 * @throws MilvusError as `convert` of all rows does
 */
export async function rowsInTurns(
  schema: CollectionSchema,
  rows: readonly RowObject[],
  convert: (rows: readonly RowObject[]) => ColumnBatch,
  turn: Turn,
): Promise<ColumnBatch> {
  const parts: ColumnBatch[] = [];
  try {
    await inPieces(rows.length, turn, (start, end) => {
      parts.push(convert(rows.slice(start, end)));
    });
  } catch (failure) {
    // The numbers of rows in the error are those of a piece.
    if (isInputError(failure)) return convert(rows);
    throw failure;
  }
  const [first] = parts;
  if (first === undefined || parts.length === 1) return first ?? convert(rows);
  // Whether a column is there may hang on rows of other pieces.
  if (!parts.every((part) => hasSameColumns(part, first))) return convert(rows);
  const columns = new Map<number, Column>();
  for (const id of first.columns.keys()) {
    const ofField = parts.flatMap((part) => part.columns.get(id) ?? []);
    columns.set(id, await joinInTurns(fieldWithId(schema, id), ofField, turn));
  }
  return { rowCount: rows.length, columns };
}

/** @throws MilvusError ParameterInvalid when two rows have the same key */
export async function refuseDuplicatesInTurns(
  column: Column,
  rowCount: number,
  { fieldName, turn }: { readonly fieldName: string; readonly turn: Turn },
): Promise<void> {
  const keys = new DistinctKeys(column, fieldName);
  await inPieces(rowCount, turn, (start, end) => keys.add(start, end));
}

/** Given keys as a list of the field's kind. @throws MilvusError as keyColumn of all of them */
export async function keysInTurns(
  field: FieldSchema,
  ids: readonly PrimaryKey[],
  turn: Turn,
): Promise<KeyList> {
  const parts: KeyList[] = [];
  try {
    await inPieces(ids.length, turn, (start, end) => {
      parts.push(keysOfColumn(keyColumn(field, ids.slice(start, end))));
    });
  } catch (failure) {
    if (!isInputError(failure)) throw failure;
    return keysOfColumn(keyColumn(field, ids));
  }
  const [first] = parts;
  if (first === undefined) return keysOfColumn(keyColumn(field, ids));
  return parts.length === 1 ? first : joinKeys(first.kind, parts);
}

/** Lists of so many values are made ready in pieces. */
const LONG_LIST = 4096;

/**
 * Parameters whose long lists of integers are typed arrays, as the filter would make them: a million values
 * are not looked at in one stretch. Everything else stays for the filter to judge.
 */
export async function parametersInTurns(
  parameters: ParameterValues | undefined,
  turn: Turn,
): Promise<ParameterValues | undefined> {
  if (parameters === undefined) return undefined;
  const ready = new Map<string, ParameterValue>(Object.entries(parameters));
  for (const [name, value] of ready) {
    if (!Array.isArray(value) || value.length <= LONG_LIST) continue;
    if (value.length > FILTER_LIST_MAX) continue;
    const list: readonly unknown[] = value;
    const integers = new BigInt64Array(list.length);
    let isWhole = true;
    await inPieces(list.length, turn, (start, end) => {
      for (let i = start; i < end && isWhole; i++) {
        const item = list[i];
        isWhole = Number.isSafeInteger(item);
        if (isWhole) integers[i] = BigInt(item as number);
      }
    });
    if (isWhole) ready.set(name, integers);
  }
  // Names are the caller's: `__proto__` must stay a name.
  return Object.fromEntries(ready);
}

/** As batchToRows. */
export async function outputInTurns(
  schema: CollectionSchema,
  batch: ColumnBatch,
  outputFields: readonly string[],
  { turn, ...options }: OutputOptions & { readonly turn: Turn },
): Promise<Record<string, unknown>[]> {
  const rows: Record<string, unknown>[] = [];
  await inPieces(batch.rowCount, turn, (start, end) => {
    const piece = sliceBatch(batch, start, end);
    for (const row of batchToRows(schema, piece, outputFields, options)) rows.push(row);
  });
  return rows;
}

/** True when hits, and the rows that they show, are so few and so small that no turn is given in between. */
export function isMadeAtOnce(batch: ColumnBatch, hitCount: number): boolean {
  const count = Math.max(hitCount, batch.rowCount);
  return count <= HITS_AT_ONCE && batchByteLength(batch) <= HIT_BYTES_AT_ONCE;
}

function isInputError(failure: unknown): boolean {
  return failure instanceof MilvusError && failure.kind === 'InvalidInput';
}

function hasSameColumns(part: ColumnBatch, other: ColumnBatch): boolean {
  if (part.columns.size !== other.columns.size) return false;
  for (const id of part.columns.keys()) if (!other.columns.has(id)) return false;
  return true;
}
