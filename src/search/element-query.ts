/**
 * Queries with `element_filter`: what is asked for are elements, not rows. A row is answered once, with the places
 * of its elements that match; limit and offset count elements, so that the first and the last row may show fewer
 * of them than match. Source: Milvus `internal/util/queryutil/slice_op.go`, applyElementLevelSlice.
 */
import { must } from '../base/assert.ts';
import type { MatchPredicate } from '../query/predicate.ts';
import { sliceBatch } from '../schema/column-builder.ts';
import type { Elements } from './elements.ts';
import { openElements } from './elements.ts';
import type { Source } from './source.ts';
import type { RowReferences } from './fetch-fields.ts';
import type { ElementLists, QueryAnswer, QueryPlan } from './plan.ts';
import type { Turn } from './read-context.ts';

/** The elements that match, by source. */
export async function elementsOfSources(
  plan: QueryPlan,
  match: MatchPredicate,
  sources: readonly Source[],
  turn: Turn,
): Promise<Elements[]> {
  const { schema } = plan;
  const found: Elements[] = [];
  for (const source of sources) {
    found.push(await openElements(source, { schema, fieldId: match.fieldId, match }, turn));
    if (turn.isOver) await turn.yield();
  }
  return found;
}

/** The places of the elements that match, of each of the rows. */
export function elementsOfRows(
  elements: readonly Elements[],
  { sources, rows }: RowReferences,
): ElementLists {
  const offsets = new Uint32Array(rows.length + 1);
  const places: number[] = [];
  for (let i = 0; i < rows.length; i++) {
    const { offsets: starts, allowed } = must(elements[sources[i]!], 'sources are numbered');
    const first = starts[rows[i]!]!;
    const end = starts[rows[i]! + 1]!;
    for (let e = first; e < end; e++)
      if (allowed === null || allowed.get(e)) places.push(e - first);
    offsets[i + 1] = places.length;
  }
  return { offsets, places: Uint32Array.from(places) };
}

/** The elements [start, end) of an answer, and the rows that have some of them. */
export function sliceElements(answer: QueryAnswer, start: number, end: number): QueryAnswer {
  const { batch } = answer;
  const { offsets, places } = must(answer.elements ?? null, 'the answer is one of elements');
  const first = Math.min(start, places.length);
  const stop = Math.max(first, Math.min(end, places.length));
  let firstRow = 0;
  while (firstRow < batch.rowCount && offsets[firstRow + 1]! <= first) firstRow++;
  let rowEnd = firstRow;
  while (rowEnd < batch.rowCount && offsets[rowEnd]! < stop) rowEnd++;
  const kept = offsets
    .slice(firstRow, rowEnd + 1)
    .map((offset) => Math.min(Math.max(offset, first), stop) - first);
  return {
    count: stop - first,
    batch: sliceBatch(batch, firstRow, rowEnd),
    elements: { offsets: kept, places: places.slice(first, stop) },
  };
}

/** Lists of the rows at `references`, whose sources are the parts. */
export function gatherElements(
  parts: readonly QueryAnswer[],
  { sources, rows }: RowReferences,
): ElementLists {
  const offsets = new Uint32Array(rows.length + 1);
  const places: number[] = [];
  for (let i = 0; i < rows.length; i++) {
    const { elements = null } = must(parts[sources[i]!], 'parts are numbered');
    const lists = must(elements, 'the answers are those of elements');
    for (let at = lists.offsets[rows[i]!]!; at < lists.offsets[rows[i]! + 1]!; at++) {
      places.push(lists.places[at]!);
    }
    offsets[i + 1] = places.length;
  }
  return { offsets, places: Uint32Array.from(places) };
}
