/** Searches: resolve names, ask every shard, merge the hits, write them out. */
import { must } from '../base/assert.ts';
import { invalidParameter } from '../base/errors.ts';
import { checkSearchParameters } from '../index/index-definition.ts';
import { minhashMeasure } from '../index/minhash-signature.ts';
import { widened } from '../index/search-cost.ts';
import { timestampOf } from '../meta/hybrid-clock.ts';
import { checkIsolation } from '../query/key-conditions.ts';
import { primaryField } from '../schema/fields.ts';
import { selectOutputFields } from '../schema/output-fields.ts';
import { keyAt } from '../schema/primary-key.ts';
import { effectiveTimeZone } from '../schema/properties.ts';
import { batchToRows } from '../schema/row-output.ts';
import { checkRoundDecimal, checkSearchBounds, roundScores } from '../search/plan-builder.ts';
import type { SearchAnswer, SearchPlan } from '../search/plan.ts';
import { inPieces, type Turn } from '../search/read-context.ts';
import { aggregateName } from '../search/aggregate-names.ts';
import { groupReader } from '../search/group-numbers.ts';
import { checkOutputSize, rowsByteLength } from '../search/row-bytes.ts';
import { withSeed } from '../search/sample.ts';
import { turnOf } from './call.ts';
import type { Call, CollectionInfo } from './ports.ts';
import { askForGroups, askShards, groupColumns, groupPlan } from './grouped-search.ts';
import { collectionAsMeant } from './meant-schema.ts';
import { type HitPage, orderOfHits, pageOfHits } from './paged-hits.ts';
import {
  narrowedFilter,
  type ReadDeps,
  readPoint,
  readScope,
  refuseSample,
  type ReadTime,
  readTime,
  timeZoneOf,
  windowMaxOf,
} from './read-scope.ts';
import type { Hit, SearchColumnsAnswer, SearchRowsAnswer, SearchRowsRequest } from './requests.ts';
import { readShapeOf } from './read-shape.ts';
import { hitsOfIds, vectorsOfIds } from './search-by-ids.ts';
import { pageEndOf, windowOf } from './search-pages.ts';
import { refuseInStruct, searchQueries, structSearch } from './search-queries.ts';
import { isMadeAtOnce, outputInTurns } from './row-batches.ts';

export async function searchRows(
  request: SearchRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<SearchRowsAnswer> {
  const { collection, plan, answer } = await searchShards(request, deps, call);
  const turn = turnOf(call, deps.clock);
  const { after } = request;
  return {
    results: await toHits(answer, request, { collection, plan, turn }),
    pageEnd: after === undefined ? null : pageEndOf(answer, collection.schema, after),
  };
}

/** What `searchRows` answers, as columns. */
export async function searchColumns(
  request: SearchRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<SearchColumnsAnswer> {
  const { collection, plan, answer, searchedRows } = await searchShards(request, deps, call);
  const { batch, rows, counts } = answer;
  // A row goes out once for each hit.
  let byteLength = 0;
  for (const column of batch.columns.values()) byteLength += rowsByteLength(column, rows);
  checkOutputSize('search', byteLength);
  return {
    schema: collection.schema,
    batch,
    rows,
    counts,
    ...(answer.elements === undefined ? {} : { elements: answer.elements }),
    scores: roundScores(answer.scores, request.roundDecimal ?? -1),
    searchedRows,
    pageEnd:
      request.after === undefined ? null : pageEndOf(answer, collection.schema, request.after),
    timestamp: request.snapshotTimestamp ?? timestampOf(deps.clock.nowMs()),
    timeZone: timeZoneOf(request, collection),
    groups: groupColumns(plan, answer, request.groupBy?.fields ?? []),
  };
}

interface Searched {
  readonly collection: CollectionInfo;
  readonly plan: SearchPlan;
  readonly answer: SearchAnswer;
  readonly searchedRows: number;
}

/** The page that was asked for, of the merged answers of all shards. */
async function searchShards(
  request: SearchRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<Searched> {
  const described = await deps.coordinator.describeCollection(request, call);
  const collection = collectionAsMeant(request, described);
  const turn = turnOf(call, deps.clock);
  const context = { collection, deps, call };
  const { ids } = request;
  const vectors = ids === undefined ? null : await vectorsOfIds({ ...request, ids }, context);
  const asked = vectors === null ? request : { ...request, data: vectors.data };
  const { page, ...planned } = await searchPlan(asked, collection, readTime(call, deps.clock));
  const plan = withSeed(planned.plan, deps.random);
  const read = readPoint(request, collection, deps.clock);
  const whole =
    plan.group === undefined
      ? await askShards(plan, read, context)
      : await askForGroups(plan, { read, context });
  const answer = await pageOfHits(whole, plan, page, turn);
  return {
    collection,
    plan,
    answer: vectors === null ? answer : hitsOfIds(answer, vectors),
    searchedRows: whole.searchedRows ?? 0,
  };
}

/** @throws MilvusError for whatever is wrong with the request */
export async function searchPlan(
  request: SearchRowsRequest,
  collection: CollectionInfo,
  { turn, nowMs }: ReadTime,
): Promise<{ readonly plan: SearchPlan; readonly page: HitPage }> {
  const { schema } = collection;
  const { field, build, index } = readShapeOf(collection).searched(request.fieldName);
  const { offset = 0, roundDecimal = -1, outputFields = [] } = request;
  checkRoundDecimal(roundDecimal);
  if (outputFields.some((name) => aggregateName(name) !== null)) {
    throw invalidParameter('aggregates are not supported in search request');
  }
  const topK = checkSearchBounds({
    limit: request.limit,
    offset,
    topKMax: windowMaxOf(collection),
  });
  const asked = searchQueries(field, build, request);
  const { metric, queries, queryCount } = asked;
  refuseInStruct(field, schema, asked, request);
  const { params = {}, batchSize = topK } = request;
  const parameters = checkSearchParameters(build, params, Math.min(topK, batchSize));
  const read = readScope(request, collection, turn);
  const scope = read instanceof Promise ? await read : read;
  if (request.after !== undefined) refuseSample(scope);
  const { partitionKey } = readShapeOf(collection);
  const within = narrowedFilter(scope, request, { collection, nowMs });
  // A namespace that is a value names the partition key for the request.
  if (partitionKey?.isIsolated === true) checkIsolation(within.filter, partitionKey.fieldId);
  const window = windowOf(request, { schema, metric, queryCount });
  const struct = structSearch(field, schema, { lists: asked.lists, filter: scope.filter, window });
  const group = groupPlan(request, { schema, field });
  const order = orderOfHits(request, schema);
  const used = [...(group?.by ?? []), ...order.map(({ reference }) => reference)];
  const outputFieldIds = new Set(selectOutputFields(schema, outputFields).fieldIds);
  for (const { fieldId } of used) outputFieldIds.add(fieldId);
  const plan: SearchPlan = {
    ...scope,
    ...(struct === undefined ? {} : { struct }),
    ...within,
    kind: 'search',
    outputFieldIds: [...outputFieldIds],
    fieldId: field.id,
    metric,
    ...(metric === 'MHJACCARD' && build !== null
      ? { minhash: minhashMeasure(build.parameters, parameters, field.dim) }
      : {}),
    index:
      index === null ? null : { ...index, parameters: widened(index.structure, parameters, topK) },
    queries,
    queryCount,
    topK,
    window,
    ...(group === null ? {} : { group }),
    ...(hasLateFilter(request) ? { isFilterLate: true } : {}),
  };
  return { plan, page: { offset, order } };
}

/** Whether the filter looks at what was found only. @throws MilvusError ParameterInvalid for other hints */
function hasLateFilter({ hints = '' }: SearchRowsRequest): boolean {
  if (hints === 'iterative_filter') return true;
  if (hints === '' || hints === 'disable') return false;
  throw invalidParameter(`hints: ${hints} not supported`);
}

async function toHits(
  answer: SearchAnswer,
  { outputFields = [], roundDecimal = -1, timezone }: SearchRowsRequest,
  { collection, plan, turn }: Pick<Searched, 'collection' | 'plan'> & { readonly turn: Turn },
): Promise<Hit[][]> {
  const { schema, properties } = collection;
  const { batch, counts } = answer;
  const keys = must(batch.columns.get(primaryField(schema).id), 'hits have keys');
  const options = { timeZone: effectiveTimeZone(timezone, properties) };
  const scores = roundScores(answer.scores, roundDecimal);
  const isFew = isMadeAtOnce(batch, scores.length);
  // Hits that show nothing but key and score have no rows.
  let rows: readonly Record<string, unknown>[] = [];
  if (outputFields.length > 0) {
    rows = isFew
      ? batchToRows(schema, batch, outputFields, options)
      : await outputInTurns(schema, batch, outputFields, { ...options, turn });
  }
  const { group } = plan;
  const groupAt = group === undefined ? null : groupReader(group.by, batch.columns);
  const hitAt = (hit: number): Hit => {
    const row = answer.rows[hit] ?? 0;
    const score = scores[hit] ?? Number.NaN;
    const rounded = roundDecimal === -1 ? score : Number(score.toFixed(roundDecimal));
    // A row that several queries hit is given to each as its own object.
    const ofRow = { id: keyAt(keys, row), score: rounded, fields: { ...rows[row] } };
    const element = answer.elements?.[hit];
    const found = element === undefined ? ofRow : { ...ofRow, element };
    return groupAt === null ? found : { ...found, group: [...groupAt(row)] };
  };
  const results: Hit[][] = [];
  let first = 0;
  for (const count of counts) {
    const hits: Hit[] = [];
    const append = (start: number, end: number): void => {
      for (let i = start; i < end; i++) hits.push(hitAt(first + i));
    };
    if (isFew) append(0, count);
    else await inPieces(count, turn, append);
    results.push(hits);
    first += count;
  }
  return results;
}
