/** Searches: resolve names, ask every shard, merge the hits, write them out. */
import { must } from '../base/assert.ts';
import { invalidParameter, milvusError } from '../base/errors.ts';
import { checkSearchParameters, type IndexBuild } from '../index/index-definition.ts';
import { isMetricType, type MetricType } from '../index/metric-type.ts';
import { minhashMeasure } from '../index/minhash-signature.ts';
import { widened } from '../index/search-cost.ts';
import { timestampOf } from '../meta/hybrid-clock.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import { columnRowCount } from '../schema/column-layout.ts';
import { DataType } from '../schema/data-type.ts';
import { primaryField } from '../schema/fields.ts';
import { selectOutputFields } from '../schema/output-fields.ts';
import { keyAt } from '../schema/primary-key.ts';
import { effectiveTimeZone } from '../schema/properties.ts';
import { batchToRows } from '../schema/row-output.ts';
import {
  checkRoundDecimal,
  checkSearchBounds,
  queriesToColumn,
  resolveMetric,
  roundScores,
  type SearchField,
} from '../search/plan-builder.ts';
import type { SearchAnswer, SearchPlan } from '../search/plan.ts';
import { inPieces, type Turn } from '../search/read-context.ts';
import { groupReader } from '../search/group-numbers.ts';
import { checkOutputSize, rowsByteLength } from '../search/row-bytes.ts';
import { withSeed } from '../search/sample.ts';
import { turnOf } from './call.ts';
import type { Call, CollectionInfo } from './ports.ts';
import { askForGroups, askShards, groupColumns, groupPlan } from './grouped-search.ts';
import { type HitPage, orderOfHits, pageOfHits } from './paged-hits.ts';
import {
  checkIsSame,
  narrowedFilter,
  type ReadDeps,
  readPoint,
  readScope,
  type ReadTime,
  readTime,
  timeZoneOf,
  windowMaxOf,
} from './read-scope.ts';
import type { Hit, SearchColumnsAnswer, SearchRowsAnswer, SearchRowsRequest } from './requests.ts';
import { readShapeOf } from './read-shape.ts';
import { pageEndOf, windowOf } from './search-pages.ts';
import { outputInTurns } from './row-batches.ts';

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
  const { collection, plan, answer } = await searchShards(request, deps, call);
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
    scores: roundScores(answer.scores, request.roundDecimal ?? -1),
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
}

/** The page that was asked for, of the merged answers of all shards. */
async function searchShards(
  request: SearchRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<Searched> {
  const collection = await deps.coordinator.describeCollection(request, call);
  checkIsSame(request, collection);
  const turn = turnOf(call, deps.clock);
  const planned = await searchPlan(request, collection, readTime(call, deps.clock));
  const { page } = planned;
  const plan = withSeed(planned.plan, deps.random);
  const read = readPoint(request, collection, deps.clock);
  const context = { collection, deps, call };
  const whole =
    plan.group === undefined
      ? await askShards(plan, read, context)
      : await askForGroups(plan, { read, context });
  return { collection, plan, answer: await pageOfHits(whole, plan, page, turn) };
}

/** @throws MilvusError for whatever is wrong with the request */
async function searchPlan(
  request: SearchRowsRequest,
  collection: CollectionInfo,
  { turn, nowMs }: ReadTime,
): Promise<{ readonly plan: SearchPlan; readonly page: HitPage }> {
  const { schema } = collection;
  const { field, build, index } = readShapeOf(collection).searched(request.fieldName);
  const { offset = 0, roundDecimal = -1, outputFields = [] } = request;
  checkRoundDecimal(roundDecimal);
  const topK = checkSearchBounds({
    limit: request.limit,
    offset,
    topKMax: windowMaxOf(collection),
  });
  const metric = searchMetric(field, build, request.metric);
  const { params = {}, batchSize = topK } = request;
  const parameters = checkSearchParameters(build, params, Math.min(topK, batchSize));
  const queries = queriesToColumn(field, request.data);
  const queryCount = columnRowCount(queries);
  const opened = readScope(request, collection, turn);
  const scope = opened instanceof Promise ? await opened : opened;
  const group = groupPlan(request, { schema, field });
  const order = orderOfHits(request, schema);
  const used = [...(group?.by ?? []), ...order.map(({ reference }) => reference)];
  const outputFieldIds = new Set(selectOutputFields(schema, outputFields).fieldIds);
  for (const { fieldId } of used) outputFieldIds.add(fieldId);
  const plan: SearchPlan = {
    ...scope,
    ...narrowedFilter(scope, request, { collection, nowMs }),
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
    window: windowOf(request, { schema, metric, queryCount }),
    ...(group === null ? {} : { group }),
  };
  return { plan, page: { offset, order } };
}

/**
 * The metric of the field's index; without one, the one the field was created with, else Milvus's default.
 * @throws MilvusError ParameterInvalid when the request names another; Unimplemented when it is one of lists
 */
function searchMetric(
  field: SearchField,
  build: IndexBuild | null,
  requested: string | undefined,
): MetricType {
  if (build === null) return resolveMetric(field, defaultMetric(field), requested);
  if (requested !== undefined && requested !== '' && requested !== build.metric) {
    const fields = { expected: build.metric, actual: requested };
    throw invalidParameter('metric type not match', fields);
  }
  if (isMetricType(build.metric)) return build.metric;
  const message = `search of field ${field.name} by ${build.metric}`;
  throw milvusError('Unimplemented', { message });
}

function defaultMetric(field: FieldSchema): string {
  return (
    field.params['metric_type'] ?? (field.type === DataType.BinaryVector ? 'HAMMING' : 'COSINE')
  );
}

/** Hits of an answer that are made in one stretch. */
const HITS_AT_ONCE = 256;

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
  const isFew = scores.length <= HITS_AT_ONCE && batch.rowCount <= HITS_AT_ONCE;
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
    return groupAt === null ? ofRow : { ...ofRow, group: [...groupAt(row)] };
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
