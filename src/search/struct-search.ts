/**
 * Searches of vectors inside struct arrays, always exact:
 *
 *   elements   a query is one vector, a hit one element: its row, and its place in the row's array; those of a
 *              row may be a group
 *   lists      a query is a list of vectors, a hit a row: the best match of each vector of the query among those of
 *              the row, added up (list-scan.ts)
 *
 * Rows without elements are no hits. Elements of equal score are ordered by the keys of their rows, then by their
 * places.
 */
import { must } from '../base/assert.ts';
import type { SearchPlan, SearchAnswer, StructSearch } from './plan.ts';
import { elementField, fieldWithId } from '../schema/fields.ts';
import type { SegmentReader } from '../segments/segment.ts';
import { elementChunk, openElements, rowsOfElements } from './elements.ts';
import { openSources } from './execute.ts';
import { searchedRows, type Source } from './source.ts';
import { fetchRows } from './fetch-fields.ts';
import { findGroups } from './group-search.ts';
import type { HitList } from './hit-merger.ts';
import { scanLists } from './list-scan.ts';
import { type ReadContext, Turn } from './read-context.ts';
import { bestHits } from './merge-scans.ts';
import { emptySearchAnswer } from './reduce.ts';
import { checkOutputSize, leastRowBytes } from './row-bytes.ts';
import { uniqueRows } from './unique-rows.ts';

/** Bytes of a hit besides its row: the score, the row's number, the element's place. */
const HIT_BYTES = 12;

/** @throws MilvusError ParameterInvalid when the answer is too large, Cancelled, DeadlineExceeded */
export async function executeStructSearch(
  plan: SearchPlan,
  struct: StructSearch,
  segments: readonly SegmentReader[],
  context: ReadContext,
): Promise<SearchAnswer> {
  const turn = new Turn(context);
  const sources = await openSources(plan, segments, { turn, masks: context.masks ?? null });
  if (sources.length === 0) return emptySearchAnswer(plan);
  const found =
    struct.kind === 'lists'
      ? { hits: await scanLists(plan, struct, sources, turn), elements: null }
      : await searchElements(plan, struct, sources, context);
  const { hits, elements } = found;
  const fields = plan.outputFieldIds.map((id) => fieldWithId(plan.schema, id));
  checkOutputSize('search', hits.rows.length * (HIT_BYTES + leastRowBytes(fields)));
  const { references, rows } = await uniqueRows(hits, sources.length, turn);
  const chunks = sources.map(({ chunk }) => chunk);
  const batch = await fetchRows(references, { kind: 'search', fields, sources: chunks }, turn);
  const { counts, scores } = hits;
  const answer = { counts, rows, scores, batch, searchedRows: searchedRows(sources) };
  return elements === null ? answer : { ...answer, elements };
}

interface ElementHits {
  readonly hits: HitList;
  /** By hit: the place of the element in its row. */
  readonly elements: Uint32Array;
}

async function searchElements(
  plan: SearchPlan,
  { match }: Extract<StructSearch, { kind: 'elements' }>,
  sources: readonly Source[],
  context: ReadContext,
): Promise<ElementHits> {
  const turn = new Turn(context);
  const { schema, fieldId } = plan;
  const offsets: Uint32Array[] = [];
  const rowsOf: Uint32Array[] = [];
  const scanned: Source[] = [];
  const numbers: number[] = [];
  for (const [number, source] of sources.entries()) {
    const elements = await openElements(source, { schema, fieldId, match }, turn);
    const rows = rowsOfElements(elements.offsets);
    offsets.push(elements.offsets);
    rowsOf.push(rows);
    if (elements.count === 0) continue;
    const { allowed, count } = elements;
    scanned.push({
      chunk: elementChunk(source.chunk, schema, { rows, offsets: elements.offsets }),
      allowed,
      rowCount: count,
    });
    numbers.push(number);
    if (turn.isOver) await turn.yield();
  }
  const elementPlan = planOfElements(plan);
  const { group } = plan;
  const hits =
    group === undefined
      ? await bestHits(elementPlan, scanned, context)
      : await findGroups({ plan: elementPlan, group, sources: scanned }, context);
  const elements = new Uint32Array(hits.rows.length);
  for (let hit = 0; hit < elements.length; hit++) {
    const source = must(numbers[hits.sources[hit]!], 'hits are of sources that were scanned');
    const element = hits.rows[hit]!;
    const row = rowsOf[source]![element]!;
    elements[hit] = element - offsets[source]![row]!;
    hits.sources[hit] = source;
    hits.rows[hit] = row;
  }
  return { hits, elements };
}

/** The same search over chunks of elements. */
function planOfElements(plan: SearchPlan): SearchPlan {
  const fields = plan.schema.fields.map((field) =>
    field.id === plan.fieldId ? { ...elementField(field), nullable: false } : field,
  );
  return {
    ...plan,
    schema: { ...plan.schema, fields },
    filter: null,
    filterName: null,
    index: null,
  };
}
