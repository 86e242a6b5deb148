/**
 * Answers of several parts as the answer of the whole: of growing and sealed segments for a shard, of shards
 * for a collection. Both levels come here, and chunks of a segment are merged by the same HitMerger.
 */
import { must } from '../base/assert.ts';
import { sliceBatch } from '../schema/column-builder.ts';
import { emptyColumn } from '../schema/column-layout.ts';
import type { ColumnBatch } from '../schema/column.ts';
import { fieldWithId, primaryField } from '../schema/fields.ts';
import { keysOfColumn, pickKeys } from '../segments/key-list.ts';
import { emptyTable, mergeTables } from './aggregate.ts';
import { gatherElements, sliceElements } from './element-query.ts';
import { mergeExplanations } from './explain.ts';
import { fetchRows, type RowReferences } from './fetch-fields.ts';
import { withinGroups } from './group-merge.ts';
import { type HitList, HitMerger } from './hit-merger.ts';
import { compareKeys, type OrderedKeys, orderedKeys } from './key-order.ts';
import { rowComparer } from './ordered-rows.ts';
import type { QueryAnswer, QueryPlan, SearchAnswer, SearchPlan } from './plan.ts';
import { inPieces, type Turn } from './read-context.ts';
import { uniqueRows } from './unique-rows.ts';

/** No rows, with a column for every output field. */
export function emptyBatch(plan: SearchPlan | QueryPlan): ColumnBatch {
  const fields = plan.outputFieldIds.map((id) => fieldWithId(plan.schema, id));
  return { rowCount: 0, columns: new Map(fields.map((field) => [field.id, emptyColumn(field)])) };
}

export function emptySearchAnswer(plan: SearchPlan): SearchAnswer {
  return {
    counts: new Uint32Array(plan.queryCount),
    rows: new Uint32Array(0),
    scores: new Float32Array(0),
    batch: emptyBatch(plan),
  };
}

export function emptyQueryAnswer(plan: QueryPlan): QueryAnswer {
  const { aggregate } = plan;
  const empty = { count: 0, batch: emptyBatch(plan) };
  return aggregate === undefined ? empty : { ...empty, table: emptyTable(aggregate) };
}

/** The best `plan.topK` hits of each query. @param answers each of the same plan, on disjoint rows */
export async function mergeSearchAnswers(
  plan: SearchPlan,
  answers: readonly SearchAnswer[],
  turn: Turn,
): Promise<SearchAnswer> {
  const searchedRows = answers.reduce((sum, answer) => sum + (answer.searchedRows ?? 0), 0);
  const parts = answers.filter(({ rows }) => rows.length > 0);
  const merged = await mergeParts(plan, parts, turn);
  return searchedRows === (merged.searchedRows ?? 0) ? merged : { ...merged, searchedRows };
}

/** @param parts answers that have hits */
async function mergeParts(
  plan: SearchPlan,
  parts: readonly SearchAnswer[],
  turn: Turn,
): Promise<SearchAnswer> {
  const [first] = parts;
  if (first === undefined) return emptySearchAnswer(plan);
  if (parts.length === 1) return first;
  if (first.elements !== undefined) return await mergeElementAnswers(plan, parts, turn);
  const { metric, queryCount, group } = plan;
  // A group may have any number of hits before the next begins.
  const topK = group === undefined ? plan.topK : Number.POSITIVE_INFINITY;
  const keys = parts.map(({ batch }) => keysOfBatch(plan, batch));
  const merger = new HitMerger(parts.map(hitsOfAnswer), { metric, queryCount, topK, keys });
  while (!merger.isDone) {
    merger.mergeNext();
    if (turn.isOver) await turn.yield();
  }
  const merged = merger.build();
  const hits =
    group === undefined ? merged : await withinGroups({ plan, group, parts }, merged, turn);
  const { references, rows } = await uniqueRows(hits, parts.length, turn);
  const batch = await gatherRows(plan, parts, references, turn);
  return { counts: hits.counts, rows, scores: hits.scores, batch };
}

/** Hits are merged as rows of their own, and become rows and elements again. */
async function mergeElementAnswers(
  plan: SearchPlan,
  parts: readonly SearchAnswer[],
  turn: Turn,
): Promise<SearchAnswer> {
  const keyField = primaryField(plan.schema);
  const lists = parts.map((part, source): HitList => {
    const { counts, scores, rows } = part;
    const numbers = rows.map((_, hit) => hit);
    return { counts, scores, rows: numbers, sources: new Uint32Array(rows.length).fill(source) };
  });
  const keys = parts.map(({ batch, rows }) => {
    const column = must(batch.columns.get(keyField.id), 'answers carry the key');
    return orderedKeys(pickKeys(keysOfColumn(column), rows));
  });
  const { metric, queryCount, group } = plan;
  const topK = group === undefined ? plan.topK : Number.POSITIVE_INFINITY;
  const merger = new HitMerger(lists, { metric, queryCount, topK, keys });
  while (!merger.isDone) {
    merger.mergeNext();
    if (turn.isOver) await turn.yield();
  }
  const merged = merger.build();
  const numbered = parts.map(({ batch, rows }) => ({ batch, rowsOfHits: rows }));
  const hits =
    group === undefined
      ? merged
      : await withinGroups({ plan, group, parts: numbered }, merged, turn);
  const elements = new Uint32Array(hits.rows.length);
  for (let i = 0; i < elements.length; i++) {
    const part = must(parts[hits.sources[i]!], 'parts are numbered');
    const hit = hits.rows[i]!;
    elements[i] = must(part.elements ?? null, 'all parts answer elements')[hit]!;
    hits.rows[i] = part.rows[hit]!;
  }
  const { references, rows } = await uniqueRows(hits, parts.length, turn);
  const batch = await gatherRows(plan, parts, references, turn);
  return { counts: hits.counts, rows, scores: hits.scores, batch, elements };
}

/** The first rows in the plan's order, `plan.rowLimit` at most; or what the parts add up to. */
export async function mergeQueryAnswers(
  plan: QueryPlan,
  answers: readonly QueryAnswer[],
  turn: Turn,
): Promise<QueryAnswer> {
  const count = answers.reduce((sum, answer) => sum + answer.count, 0);
  if (plan.countOnly) {
    const explanation = mergeExplanations(answers.flatMap((answer) => answer.explanation ?? []));
    const counted = { count, batch: emptyBatch(plan) };
    return explanation === undefined ? counted : { ...counted, explanation };
  }
  if (plan.aggregate !== undefined) {
    const tables = answers.flatMap(({ table }) => table ?? []);
    const table = await mergeTables(plan.aggregate, tables, turn);
    return { count, batch: emptyBatch(plan), table };
  }
  const parts = answers.filter(({ batch }) => batch.rowCount > 0);
  const [first] = parts;
  if (first === undefined) return emptyQueryAnswer(plan);
  if (parts.length === 1) return first;
  const compare = comparerOf(plan, parts);
  const total = parts.reduce((sum, { batch }) => sum + batch.rowCount, 0);
  const limit = Math.min(total, plan.rowLimit ?? total);
  const references = await firstOfAll(parts, { compare, limit }, turn);
  const batch = await gatherRows(plan, parts, references, turn);
  if (plan.elements === undefined) return { count: batch.rowCount, batch };
  const elements = gatherElements(parts, references);
  const answer = { count: elements.places.length, batch, elements };
  return sliceElements(answer, 0, plan.rowLimit ?? answer.count);
}

/** Without the first `offset` hits of each query. */
export function skipHits(answer: SearchAnswer, offset: number): SearchAnswer {
  if (offset === 0) return answer;
  const counts = answer.counts.map((count) => Math.max(0, count - offset));
  const length = counts.reduce((sum, count) => sum + count, 0);
  const rows = new Uint32Array(length);
  const scores = new Float32Array(length);
  const elements = answer.elements === undefined ? null : new Uint32Array(length);
  let start = 0;
  let at = 0;
  for (let query = 0; query < counts.length; query++) {
    const end = start + answer.counts[query]!;
    const kept = counts[query]!;
    rows.set(answer.rows.subarray(end - kept, end), at);
    scores.set(answer.scores.subarray(end - kept, end), at);
    if (answer.elements !== undefined) elements?.set(answer.elements.subarray(end - kept, end), at);
    at += kept;
    start = end;
  }
  const kept = { counts, rows, scores, batch: answer.batch };
  return elements === null ? kept : { ...kept, elements };
}

/** Without the first `offset` rows. */
export function skipRows(answer: QueryAnswer, offset: number): QueryAnswer {
  if (offset === 0) return answer;
  if (answer.elements !== undefined) return sliceElements(answer, offset, answer.count);
  const { rowCount } = answer.batch;
  const batch = sliceBatch(answer.batch, Math.min(offset, rowCount), rowCount);
  return { count: batch.rowCount, batch };
}

function keysOfBatch(plan: SearchPlan | QueryPlan, batch: ColumnBatch): OrderedKeys {
  const column = must(batch.columns.get(primaryField(plan.schema).id), 'answers carry the key');
  return orderedKeys(keysOfColumn(column));
}

function hitsOfAnswer(answer: SearchAnswer, source: number): HitList {
  const { counts, scores, rows } = answer;
  return { counts, scores, rows, sources: new Uint32Array(rows.length).fill(source) };
}

interface Part {
  readonly batch: ColumnBatch;
}

/** Negative when the first row, of the first part, comes before the other. */
type CompareRows = (part: number, row: number, otherPart: number, otherRow: number) => number;

function comparerOf(plan: QueryPlan, parts: readonly Part[]): CompareRows {
  const keys = parts.map(({ batch }) => keysOfBatch(plan, batch));
  const byKey: CompareRows = (part, row, otherPart, otherRow) =>
    compareKeys(keys[part]!, row, keys[otherPart]!, otherRow);
  if (plan.order === undefined) return byKey;
  const byOrder = rowComparer(plan.order, parts);
  return (part, row, otherPart, otherRow) =>
    byOrder(part, row, otherPart, otherRow) || byKey(part, row, otherPart, otherRow);
}

/** The first `limit` rows, in their order; each part is in order itself. */
async function firstOfAll(
  parts: readonly Part[],
  { compare, limit }: { readonly compare: CompareRows; readonly limit: number },
  turn: Turn,
): Promise<RowReferences> {
  const sources = new Uint32Array(limit);
  const rows = new Uint32Array(limit);
  const next = new Uint32Array(parts.length);
  await inPieces(limit, turn, (start, end) => {
    for (let i = start; i < end; i++) {
      let best = -1;
      for (let part = 0; part < parts.length; part++) {
        if (next[part]! >= parts[part]!.batch.rowCount) continue;
        const isFirst = best < 0 || compare(part, next[part]!, best, next[best]!) < 0;
        if (isFirst) best = part;
      }
      sources[i] = best;
      rows[i] = next[best]!++;
    }
  });
  return { sources, rows };
}

/** The referenced rows of all parts, in the order of the references. */
async function gatherRows(
  plan: SearchPlan | QueryPlan,
  parts: readonly Part[],
  references: RowReferences,
  turn: Turn,
): Promise<ColumnBatch> {
  const fields = plan.outputFieldIds.map((id) => fieldWithId(plan.schema, id));
  const sources = parts.map(({ batch }) => ({ load: async () => batch.columns }));
  return await fetchRows(references, { kind: plan.kind, fields, sources }, turn);
}
