/**
 * The output columns of the rows of an answer, and of no other row: gathered chunk by chunk, then put in the
 * answer's order. Sizes are added up before anything is copied.
 */
import { must } from '../base/assert.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import {
  ColumnBuilder,
  columnByteLength,
  concatColumns,
  missingColumn,
  takeRows,
} from '../schema/column-builder.ts';
import { emptyColumn } from '../schema/column-layout.ts';
import type { Column, ColumnBatch } from '../schema/column.ts';
import type { Chunk } from '../segments/segment.ts';
import type { Turn } from './read-context.ts';
import { checkOutputSize, rowsByteLength } from './row-bytes.ts';

/** Bytes copied between two looks at the clock. */
const PIECE_BYTES: number = 1024 * 1024;

/** Where rows come from: a chunk of a segment. */
export type FieldSource = Pick<Chunk, 'load' | 'loadWritten'>;

/** Rows to take of a column. */
export interface RowsOfColumn {
  readonly column: Column;
  readonly rows: Uint32Array;
}

/**
 * Where some rows of each field are to be taken from. Of a field that is younger than they are that is one row,
 * as often as needed: a default of all rows of a segment may be gigabytes.
 */
export async function rowsOfFields(
  source: FieldSource,
  fields: readonly FieldSchema[],
  rows: Uint32Array,
): Promise<ReadonlyMap<number, RowsOfColumn>> {
  const written = await (source.loadWritten?.(fields) ?? source.load(fields));
  return new Map(
    fields.map((field): [number, RowsOfColumn] => {
      const column = written.get(field.id);
      if (column !== undefined) return [field.id, { column, rows }];
      return [field.id, { column: missingColumn(field, 1), rows: new Uint32Array(rows.length) }];
    }),
  );
}

/** Row `rows[i]` of source `sources[i]`, in the order of the answer. */
export interface RowReferences {
  readonly sources: Uint32Array;
  readonly rows: Uint32Array;
}

export interface FetchRequest {
  readonly kind: 'query' | 'search';
  readonly fields: readonly FieldSchema[];
  readonly sources: readonly FieldSource[];
}

/**
 * @returns one row a reference, in their order
 * @throws MilvusError ParameterInvalid when the rows take more than OUTPUT_BYTES_MAX
 */
export async function fetchRows(
  references: RowReferences,
  request: FetchRequest,
  turn: Turn,
): Promise<ColumnBatch> {
  const { fields, sources, kind } = request;
  const rowCount = references.rows.length;
  const order = groupBySource(references, sources.length);
  const parts = new Map<number, Column[]>(fields.map(({ id }) => [id, []]));
  let byteLength = 0;
  for (let source = 0; source < sources.length; source++) {
    const rows = rowsOfGroup(references, order, source);
    if (rows.length === 0) continue;
    const from = must(sources[source], 'sources are numbered');
    for (const [id, some] of await rowsOfFields(from, fields, rows)) {
      const columnBytes = rowsByteLength(some.column, some.rows);
      byteLength += columnBytes;
      checkOutputSize(kind, byteLength);
      if (turn.isOver) await turn.yield();
      const taken = must(parts.get(id), 'every field has parts');
      // Most answers are small: a promise a field would cost more than its rows.
      if (columnBytes <= PIECE_BYTES) taken.push(takeRows(some.column, some.rows));
      else await takeInPieces({ ...some, byteLength: columnBytes }, taken, turn);
    }
  }
  const positions = order.isGrouped ? null : inverse(order.positions);
  const columns = new Map<number, Column>();
  for (const field of fields) {
    const joined = await joinInTurns(
      field,
      must(parts.get(field.id), 'every field has parts'),
      turn,
    );
    parts.delete(field.id);
    columns.set(
      field.id,
      positions === null ? joined : await inOrder(field, joined, positions, turn),
    );
  }
  return { rowCount, columns };
}

interface GroupedOrder {
  /** References, by source; references of one source keep their order. */
  readonly positions: Uint32Array;
  /** Source s has positions [starts[s], starts[s + 1]). */
  readonly starts: Uint32Array;
  /** The references already come source by source. */
  readonly isGrouped: boolean;
}

function groupBySource({ sources }: RowReferences, sourceCount: number): GroupedOrder {
  const starts = new Uint32Array(sourceCount + 1);
  let isGrouped = true;
  for (let i = 0; i < sources.length; i++) {
    starts[sources[i]! + 1]!++;
    if (i > 0 && sources[i]! < sources[i - 1]!) isGrouped = false;
  }
  for (let source = 0; source < sourceCount; source++) starts[source + 1]! += starts[source]!;
  const next = starts.slice();
  const positions = new Uint32Array(sources.length);
  for (let i = 0; i < sources.length; i++) positions[next[sources[i]!]!++] = i;
  return { positions, starts, isGrouped };
}

function rowsOfGroup({ rows }: RowReferences, order: GroupedOrder, source: number): Uint32Array {
  const positions = order.positions.subarray(order.starts[source], order.starts[source + 1]);
  const group = new Uint32Array(positions.length);
  for (let i = 0; i < group.length; i++) group[i] = rows[positions[i]!]!;
  return group;
}

function inverse(positions: Uint32Array): Uint32Array {
  const places = new Uint32Array(positions.length);
  for (let i = 0; i < positions.length; i++) places[positions[i]!] = i;
  return places;
}

interface RowsToTake extends RowsOfColumn {
  readonly byteLength: number;
}

/** Appends `rows` of a column to `parts`, no piece much larger than PIECE_BYTES. */
async function takeInPieces(
  { column, rows, byteLength }: RowsToTake,
  parts: Column[],
  turn: Turn,
): Promise<void> {
  const pieceCount = Math.max(1, Math.ceil(byteLength / PIECE_BYTES));
  const pieceRows = Math.ceil(rows.length / pieceCount);
  for (let start = 0; start < rows.length; start += pieceRows) {
    parts.push(takeRows(column, rows.subarray(start, start + pieceRows)));
    if (turn.isOver) await turn.yield();
  }
}

/** Parts of a field's column as one. */
export async function joinInTurns(
  field: FieldSchema,
  parts: readonly Column[],
  turn: Turn,
): Promise<Column> {
  const [first] = parts;
  if (first === undefined) return emptyColumn(field);
  if (parts.length === 1) return first;
  const byteLength = parts.reduce((sum, part) => sum + columnByteLength(part), 0);
  if (byteLength <= PIECE_BYTES) return concatColumns(parts);
  const builder = new ColumnBuilder(first);
  builder.reserve(parts);
  for (const part of parts) {
    builder.appendColumn(part);
    if (turn.isOver) await turn.yield();
  }
  return builder.build();
}

async function inOrder(
  field: FieldSchema,
  column: Column,
  places: Uint32Array,
  turn: Turn,
): Promise<Column> {
  const byteLength = rowsByteLength(column, places);
  const parts: Column[] = [];
  await takeInPieces({ column, rows: places, byteLength }, parts, turn);
  return await joinInTurns(field, parts, turn);
}
