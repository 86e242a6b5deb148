/**
 * The elements of a struct array as rows of their own: which of a chunk's elements a read is about, and a chunk
 * whose rows they are. Element e of a chunk is one of the row r with offsets[r] <= e < offsets[r + 1]; its place in
 * the array of that row, which is what users are told, is e - offsets[r].
 */
import { assert, must } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import { elementSteps } from '../query/evaluate-steps.ts';
import { filterFieldIds } from '../query/facts.ts';
import type { MatchPredicate } from '../query/predicate.ts';
import { sliceColumn, takeRows } from '../schema/column-builder.ts';
import type { Column, ListColumn } from '../schema/column.ts';
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import { fieldWithId } from '../schema/fields.ts';
import type { Chunk } from '../segments/segment.ts';
import { loadColumns } from './execute.ts';
import type { Source } from './source.ts';
import { inTurns } from './in-turns.ts';
import { inPieces, type Turn } from './read-context.ts';

/** The elements of a chunk. */
export interface Elements {
  /** By row, from 0 on; one more than there are rows. */
  readonly offsets: Uint32Array;
  /** Those of rows that count, of which the condition on elements is TRUE; null: all. */
  readonly allowed: Bitmap | null;
  /** How many they are. */
  readonly count: number;
}

export interface ElementRequest {
  readonly schema: CollectionSchema;
  /** A sub-field of the struct. */
  readonly fieldId: number;
  /** Null: every element of a row that counts. */
  readonly match: MatchPredicate | null;
}

/** Finds the elements that a read is about; reads the sub-fields that the condition names. */
export async function openElements(
  source: Source,
  { schema, fieldId, match }: ElementRequest,
  turn: Turn,
): Promise<Elements> {
  const { chunk, allowed: rows } = source;
  const ids = match === null ? [] : filterFieldIds({ predicate: match });
  const columns = await loadColumns(chunk, schema, [...new Set([fieldId, ...ids])]);
  const offsets = offsetsOf(listOf(columns.get(fieldId)));
  const total = offsets.at(-1) ?? 0;
  if (rows === null && match === null) return { offsets, allowed: null, count: total };
  const allowed = new Bitmap(total);
  const accepted = match === null ? null : await acceptedElements(match, { chunk, columns }, turn);
  await inPieces(chunk.rowCount, turn, (start, end) => {
    for (let row = start; row < end; row++) {
      if (rows !== null && !rows.get(row)) continue;
      for (let element = offsets[row]!; element < offsets[row + 1]!; element++) {
        if (accepted === null || accepted.get(element)) allowed.set(element);
      }
    }
  });
  return { offsets, allowed, count: allowed.count() };
}

/** Elements that the condition accepts, of whatever row. */
async function acceptedElements(
  match: MatchPredicate,
  { chunk, columns }: { readonly chunk: Chunk; readonly columns: ReadonlyMap<number, Column> },
  turn: Turn,
): Promise<Bitmap> {
  const { rowCount } = chunk;
  const column = (id: number): Column =>
    must(columns.get(id), `column ${id} of the condition is loaded`);
  return await inTurns(elementSteps(match, { rowCount, column }), turn);
}

/** Offsets that count from 0. */
function offsetsOf({ offsets }: ListColumn): Uint32Array {
  const first = offsets[0] ?? 0;
  return first === 0 ? offsets : offsets.map((offset) => offset - first);
}

/** @throws AssertionError when the column is none of a struct's sub-field */
export function listOf(column: Column | undefined): ListColumn {
  return must(column?.kind === 'list' ? column : null, 'a sub-field of a struct holds lists');
}

/** The row of each element. */
export function rowsOfElements(offsets: Uint32Array): Uint32Array {
  const rows = new Uint32Array(offsets.at(-1) ?? 0);
  for (let row = 0; row + 1 < offsets.length; row++) rows.fill(row, offsets[row], offsets[row + 1]);
  return rows;
}

/**
 * A chunk whose rows are the elements of another: a sub-field of the struct comes as the values of its elements,
 * any other field as often as its row has elements.
 */
export function elementChunk(
  chunk: Chunk,
  schema: CollectionSchema,
  { rows, offsets }: { readonly rows: Uint32Array; readonly offsets: Uint32Array },
): Chunk {
  return {
    rowStart: 0,
    rowCount: rows.length,
    placeOf: (element) => element - offsets[rows[element]!]!,
    async load(fields: readonly FieldSchema[]) {
      const wanted = fields.map(({ id }) => fieldWithId(schema, id));
      const columns = await chunk.load(wanted);
      return new Map(
        wanted.map(({ id }): [number, Column] => {
          const column = must(columns.get(id), 'a chunk loads the fields it is asked for');
          return [
            id,
            column.kind === 'list' ? elementsOf(column, rows.length) : takeRows(column, rows),
          ];
        }),
      );
    },
  };
}

function elementsOf({ elements, offsets }: ListColumn, count: number): Column {
  const [first = 0] = offsets;
  const end = offsets.at(-1) ?? 0;
  assert(end - first === count, 'sub-fields are equally long');
  return sliceColumn(elements, first, end);
}
