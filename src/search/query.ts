/**
 * Plans answered on segments: the one way from visible rows to an answer, for search, query, get and count.
 *
 *   1. sources   which rows of which chunks        (execute.ts)
 *   2. rows      the best of them, or the first by key (scan.ts, key-order.ts)
 *   3. columns   what the answer shows of those    (fetch-fields.ts)
 */
import { must } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import type { MatchPredicate } from '../query/predicate.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import { fieldWithId, primaryField } from '../schema/fields.ts';
import { joinKeys, keysOfColumn, pickKeys } from '../segments/key-list.ts';
import type { KeyList, SegmentReader } from '../segments/segment.ts';
import { aggregateRows } from './aggregate.ts';
import { elementsOfRows, elementsOfSources, sliceElements } from './element-query.ts';
import { openSources } from './execute.ts';
import { searchedRows, type Source } from './source.ts';
import { explainFilter } from './explain.ts';
import { fetchRows, type RowReferences } from './fetch-fields.ts';
import { findGroups } from './group-search.ts';
import type { HitList } from './hit-merger.ts';
import { bestHits } from './merge-scans.ts';
import { orderedKeys, smallestRows, sortedPositions } from './key-order.ts';
import { findThenFilter } from './late-filter.ts';
import { firstInOrder } from './ordered-rows.ts';
import { pageInOrder } from './page.ts';
import type { QueryAnswer, QueryPlan, SearchAnswer, SearchPlan } from './plan.ts';
import { queryAtOnce } from './query-at-once.ts';
import { checkSignal, type ReadContext, Turn } from './read-context.ts';
import { emptyBatch, emptyQueryAnswer, emptySearchAnswer } from './reduce.ts';
import { checkHitsSize, checkOutputSize, leastRowBytes } from './row-bytes.ts';
import { searchAtOnce } from './search-at-once.ts';
import { executeStructSearch } from './struct-search.ts';
import { uniqueRows } from './unique-rows.ts';

/** Keys copied between two looks at the clock. */
const PICKED_KEYS = 32_768;

/**
 * The best `plan.topK` visible rows of the segments for each query.
 * @param segments readers of one shard; those of a plan that ignores growing rows are sealed
 * @throws MilvusError ParameterInvalid when the answer is too large, Cancelled, DeadlineExceeded
 */
export async function executeSearch(
  plan: SearchPlan,
  segments: readonly SegmentReader[],
  context: ReadContext,
): Promise<SearchAnswer> {
  checkSignal(context.signal);
  const { struct } = plan;
  if (struct !== undefined) return await executeStructSearch(plan, struct, segments, context);
  const known = isPlain(plan) ? searchAtOnce(plan, segments, context) : null;
  if (known !== null) return known;
  const turn = new Turn(context);
  const fields = outputFields(plan);
  const about = isFilteredLate(plan) ? { ...plan, filter: null, filterName: null } : plan;
  const sources = await openSources(about, segments, { turn, masks: context.masks ?? null });
  if (sources.length === 0) return emptySearchAnswer(plan);
  const wanted = plan.topK * (plan.group?.size ?? 1);
  const hitCount = plan.queryCount * Math.min(wanted, totalRows(sources));
  checkHitsSize(hitCount, fields);
  const hits = await hitsOf(plan, sources, context);
  const { references, rows } = await uniqueRows(hits, sources.length, turn);
  const chunks = sources.map(({ chunk }) => chunk);
  const batch = await fetchRows(references, { kind: 'search', fields, sources: chunks }, turn);
  const { counts, scores } = hits;
  return { counts, rows, scores, batch, searchedRows: searchedRows(sources) };
}

function isPlain(plan: SearchPlan): boolean {
  return plan.group === undefined && !isFilteredLate(plan);
}

/** A window has its hits from the rows that the filter accepts, and so have groups. */
function isFilteredLate({ filter, isFilterLate, window, group }: SearchPlan): boolean {
  // A sample is taken of all rows that the filter accepts.
  if (filter === null || filter.sample !== undefined) return false;
  return isFilterLate === true && window === null && group === undefined;
}

async function hitsOf(
  plan: SearchPlan,
  sources: readonly Source[],
  context: ReadContext,
): Promise<HitList> {
  const { group, filter } = plan;
  if (group !== undefined) return await findGroups({ plan, group, sources }, context);
  if (filter === null || !isFilteredLate(plan)) return await bestHits(plan, sources, context);
  return await findThenFilter({ plan, filter, sources }, context);
}

/**
 * The visible rows that the plan asks for, in its order, or how many they are, or what they add up to.
 * @throws MilvusError ParameterInvalid when the answer is too large, Cancelled, DeadlineExceeded
 */
export async function executeQuery(
  plan: QueryPlan,
  segments: readonly SegmentReader[],
  context: ReadContext,
): Promise<QueryAnswer> {
  checkSignal(context.signal);
  const turn = new Turn(context);
  if (plan.explain === true) {
    const explanation = await explainFilter(plan, segments, turn);
    return { count: explanation.matched, batch: emptyBatch(plan), explanation };
  }
  if (plan.page !== null) return await executePage(plan, segments, turn);
  const known = queryAtOnce(plan, segments);
  if (known !== null) return known;
  const sources = await openSources(plan, segments, { turn, masks: context.masks ?? null });
  if (plan.elements !== undefined) {
    return await answerElements(plan, plan.elements, { sources, turn });
  }
  const total = totalRows(sources);
  if (plan.countOnly) return { count: total, batch: emptyBatch(plan) };
  if (plan.aggregate !== undefined) {
    const table = await aggregateRows(plan, plan.aggregate, { sources, turn });
    return { count: total, batch: emptyBatch(plan), table };
  }
  const limit = Math.min(total, plan.rowLimit ?? total);
  if (limit === 0) return emptyQueryAnswer(plan);
  const fields = outputFields(plan);
  checkOutputSize('query', limit * leastRowBytes(fields));
  const references =
    plan.order === undefined
      ? await rowsInOrder(plan, sources, turn)
      : await firstInOrder({ plan, order: plan.order, limit }, sources, turn);
  const chunks = sources.map(({ chunk }) => chunk);
  const batch = await fetchRows(references, { kind: 'query', fields, sources: chunks }, turn);
  return { count: batch.rowCount, batch };
}

/** As many elements as are wanted are found in as many rows, as each row has one. */
async function answerElements(
  plan: QueryPlan,
  match: MatchPredicate,
  { sources, turn }: { readonly sources: readonly Source[]; readonly turn: Turn },
): Promise<QueryAnswer> {
  const found = await elementsOfSources(plan, match, sources, turn);
  const total = found.reduce((sum, { count }) => sum + count, 0);
  if (plan.countOnly) return { count: total, batch: emptyBatch(plan) };
  if (total === 0) return emptyQueryAnswer(plan);
  const references = await rowsInOrder(plan, sources, turn);
  const fields = outputFields(plan);
  const chunks = sources.map(({ chunk }) => chunk);
  const batch = await fetchRows(references, { kind: 'query', fields, sources: chunks }, turn);
  const elements = elementsOfRows(found, references);
  const answer = { count: elements.places.length, batch, elements };
  return sliceElements(answer, 0, plan.rowLimit ?? answer.count);
}

async function executePage(
  plan: QueryPlan,
  segments: readonly SegmentReader[],
  turn: Turn,
): Promise<QueryAnswer> {
  const limit = must(plan.rowLimit, 'a page has a limit');
  const { references, chunks } = await pageInOrder(plan, segments, { limit, turn });
  if (references.rows.length === 0) return emptyQueryAnswer(plan);
  const fields = outputFields(plan);
  checkOutputSize('query', references.rows.length * leastRowBytes(fields));
  const batch = await fetchRows(references, { kind: 'query', fields, sources: chunks }, turn);
  return { count: batch.rowCount, batch };
}

function outputFields(plan: SearchPlan | QueryPlan): FieldSchema[] {
  return plan.outputFieldIds.map((id) => fieldWithId(plan.schema, id));
}

function totalRows(sources: readonly Source[]): number {
  let total = 0;
  for (const { rowCount } of sources) total += rowCount;
  return total;
}

/** The rows of all sources by ascending key, `plan.rowLimit` at most. Only the candidates are sorted. */
async function rowsInOrder(
  plan: QueryPlan,
  sources: readonly Source[],
  turn: Turn,
): Promise<RowReferences> {
  const keyField = primaryField(plan.schema);
  const keys: KeyList[] = [];
  const candidates: Uint32Array[] = [];
  for (const { chunk, allowed, rowCount } of sources) {
    const columns = await chunk.load([keyField]);
    const chunkKeys = keysOfColumn(must(columns.get(keyField.id), 'the keys are loaded'));
    const rows = (allowed ?? Bitmap.full(rowCount)).toOffsets(rowCount);
    const limit = plan.rowLimit ?? rows.length;
    const smallest = await smallestRows(orderedKeys(chunkKeys), rows, limit, turn);
    candidates.push(smallest);
    for (let start = 0; start < smallest.length; start += PICKED_KEYS) {
      keys.push(pickKeys(chunkKeys, smallest.subarray(start, start + PICKED_KEYS)));
      if (turn.isOver) await turn.yield();
    }
  }
  const kind = must(keys[0], 'there is a source').kind;
  const positions = await sortedPositions(joinKeys(kind, keys), turn);
  if (turn.isOver) await turn.yield();
  return referencesAt(candidates, positions.subarray(0, plan.rowLimit ?? positions.length));
}

/** The rows at `positions` of the candidates of all sources, one behind the other. */
function referencesAt(candidates: readonly Uint32Array[], positions: Uint32Array): RowReferences {
  const total = candidates.reduce((sum, rows) => sum + rows.length, 0);
  const allSources = new Uint32Array(total);
  const allRows = new Uint32Array(total);
  let at = 0;
  for (const [source, rows] of candidates.entries()) {
    allSources.fill(source, at, at + rows.length);
    allRows.set(rows, at);
    at += rows.length;
  }
  const sources = new Uint32Array(positions.length);
  const rows = new Uint32Array(positions.length);
  for (let i = 0; i < positions.length; i++) {
    sources[i] = allSources[positions[i]!]!;
    rows[i] = allRows[positions[i]!]!;
  }
  return { sources, rows };
}
