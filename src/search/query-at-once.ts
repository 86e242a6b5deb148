/**
 * A few rows by their keys, for which everything is at hand, answered in one step: no promise, no task, no turn,
 * and nothing whose cost grows with the rows of a segment.
 *
 * Rows are those of the long way (query.ts), of which this is a shortcut. Whatever has to be read first, is to be
 * filtered, or is large, is left to the long way, which brings in what was missing for the next one.
 */
import { isMapped } from '../base/mapped-memory.ts';
import { concatColumns, takeRows } from '../schema/column-builder.ts';
import type { Column } from '../schema/column.ts';
import { fieldWithId, primaryField } from '../schema/fields.ts';
import { keyCount, keysOfColumn } from '../segments/key-list.ts';
import type { Chunk, SegmentReader } from '../segments/segment.ts';
import { mayMatch } from './execute.ts';
import { compareKeys, orderedKeys } from './key-order.ts';
import type { QueryAnswer, QueryPlan } from './plan.ts';
import { emptyQueryAnswer } from './reduce.ts';
import { rowsByteLength } from './row-bytes.ts';

/** Keys that are looked up in one stretch. */
const KEYS_MAX = 256;
/** Bytes of fields that are copied in one stretch. */
const OUTPUT_BYTES_MAX: number = 1024 * 1024;

/** Rows of one segment that are answered. */
interface Part {
  readonly chunk: Chunk;
  readonly rows: Uint32Array;
}

/** @returns null when the long way is to answer */
export function queryAtOnce(
  plan: QueryPlan,
  segments: readonly SegmentReader[],
): QueryAnswer | null {
  if (!isOfKeysOnly(plan)) return null;
  const parts = partsOf(plan, segments);
  if (parts === null) return null;
  if (parts.length === 0) return emptyQueryAnswer(plan);
  const columns = columnsOf(plan, parts);
  if (columns === null) return null;
  const rowCount = parts.reduce((sum, { rows }) => sum + rows.length, 0);
  const order = orderOf(plan, columns, rowCount);
  if (order === null) return { count: rowCount, batch: { rowCount, columns } };
  const ordered = new Map(Array.from(columns, ([id, column]) => [id, takeRows(column, order)]));
  return { count: order.length, batch: { rowCount: order.length, columns: ordered } };
}

function isOfKeysOnly(plan: QueryPlan): boolean {
  if (plan.keys === null || plan.filter !== null || keyCount(plan.keys) > KEYS_MAX) return false;
  const isOther = plan.countOnly || plan.explain === true || plan.page !== null;
  return !isOther && (plan.elements ?? plan.order ?? plan.aggregate) === undefined;
}

/** Null when a segment has to be read first. */
function partsOf(plan: QueryPlan, segments: readonly SegmentReader[]): Part[] | null {
  const { keys, timestamp, expiredBefore } = plan;
  const parts: Part[] = [];
  for (const segment of segments) {
    if (keys === null || !mayMatch(plan, segment)) continue;
    const rows = segment.peekRowsOfKeys?.(keys, { timestamp, expiredBefore }) ?? null;
    const [chunk] = segment.chunks;
    if (rows === null || chunk === undefined || segment.chunks.length !== 1) return null;
    if (rows.length > 0) parts.push({ chunk, rows });
  }
  return parts;
}

/** The output fields of all parts, one behind the other; null when they are large or not in memory. */
function columnsOf(plan: QueryPlan, parts: readonly Part[]): Map<number, Column> | null {
  const columns = new Map<number, Column>();
  let byteLength = 0;
  for (const id of plan.outputFieldIds) {
    const field = fieldWithId(plan.schema, id);
    const taken: Column[] = [];
    for (const { chunk, rows } of parts) {
      const column = chunk.peek?.(field) ?? null;
      // Rows of a mapped column may have to come from the disk.
      if (column === null || (column.kind === 'vector' && isMapped(column.values))) return null;
      byteLength += rowsByteLength(column, rows);
      if (byteLength > OUTPUT_BYTES_MAX) return null;
      taken.push(takeRows(column, rows));
    }
    columns.set(id, concatColumns(taken));
  }
  return columns;
}

/** The rows by ascending key, as many as are wanted; null when they all come so. */
function orderOf(
  { schema, rowLimit }: QueryPlan,
  columns: ReadonlyMap<number, Column>,
  rowCount: number,
): Uint32Array | null {
  const keys = orderedKeys(keysOfColumn(columns.get(primaryField(schema).id)));
  let isOrdered = true;
  for (let i = 1; i < rowCount && isOrdered; i++)
    isOrdered = compareKeys(keys, i - 1, keys, i) <= 0;
  const limit = rowLimit ?? rowCount;
  if (isOrdered && rowCount <= limit) return null;
  const rows = Uint32Array.from({ length: rowCount }, (_, i) => i);
  if (!isOrdered) rows.sort((left, right) => compareKeys(keys, left, keys, right));
  return rows.subarray(0, limit);
}
