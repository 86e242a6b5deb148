/** Reads: resolve names, bind the filter, choose the moment, ask every shard, merge, write rows out. */
import { must } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { invalidParameter, MilvusError, milvusError, withContext } from '../base/errors.ts';
import { checkSearchParameters, type IndexBuild } from '../index/index-definition.ts';
import { isMetricType, type MetricType } from '../index/metric-type.ts';
import { minhashMeasure } from '../index/minhash-signature.ts';
import { widened } from '../index/search-cost.ts';
import { physicalMs, timestampOf } from '../meta/hybrid-clock.ts';
import { type BoundFilter, compileFilter } from '../query/bind.ts';
import { isAlwaysTrue } from '../query/facts.ts';
import { filterName } from '../query/filter-name.ts';
import type { ParameterValues } from '../query/template.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import { columnRowCount } from '../schema/column-layout.ts';
import { DataType } from '../schema/data-type.ts';
import { primaryField } from '../schema/fields.ts';
import { isCount, selectOutputFields } from '../schema/output-fields.ts';
import { keyAt, keyColumn } from '../schema/primary-key.ts';
import { effectiveTimeZone } from '../schema/properties.ts';
import { batchToRows } from '../schema/row-output.ts';
import {
  checkQueryBounds,
  checkRoundDecimal,
  checkSearchBounds,
  queriesToColumn,
  resolveMetric,
  roundScores,
  type SearchField,
} from '../search/plan-builder.ts';
import type { QueryAnswer, QueryPlan, SearchAnswer, SearchPlan } from '../search/plan.ts';
import { inPieces, type Turn } from '../search/read-context.ts';
import { mergeQueryAnswers, mergeSearchAnswers, skipHits, skipRows } from '../search/reduce.ts';
import { checkOutputSize, rowsByteLength } from '../search/row-bytes.ts';
import { keysOfColumn } from '../segments/key-list.ts';
import { turnOf } from './call.ts';
import { readPoint } from './read-point.ts';
import type { Call, CollectionInfo, Coordinator, ReadPoint, Shards } from './ports.ts';
import type {
  Hit,
  QueryColumnsAnswer,
  QueryRowsAnswer,
  QueryRowsRequest,
  SearchColumnsAnswer,
  SearchRowsAnswer,
  SearchRowsRequest,
} from './requests.ts';
import { readShapeOf } from './read-shape.ts';
import { livingRows, narrowed, type NamedFilter, rowScope } from './row-scope.ts';
import { pageEndOf, windowOf } from './search-pages.ts';
import { keysInTurns, outputInTurns, parametersInTurns } from './row-batches.ts';

export interface ReadDeps {
  readonly coordinator: Coordinator;
  readonly shards: Shards;
  readonly clock: Clock;
}

type ReadRowsRequest = QueryRowsRequest | SearchRowsRequest;

/** Moments that a read of several shards tries. */
const MOMENT_ATTEMPTS = 5;

export async function queryRows(
  request: QueryRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<QueryRowsAnswer> {
  const { schema, batch, count, timestamp, timeZone } = await queryColumns(request, deps, call);
  if (count !== null) return { rows: [{ 'count(*)': BigInt(count) }], timestamp };
  const names = new Set([primaryField(schema).name, ...(request.outputFields ?? [])]);
  const shape = { timeZone, turn: turnOf(call, deps.clock) };
  return { rows: await outputInTurns(schema, batch, [...names], shape), timestamp };
}

/** What `queryRows` answers, as columns. */
export async function queryColumns(
  request: QueryRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<QueryColumnsAnswer> {
  const collection = await deps.coordinator.describeCollection(request, call);
  checkIsSame(request, collection);
  const { schema } = collection;
  const context = { collection, deps, call };
  const timeZone = timeZoneOf(request, collection);
  if (isCount(request.outputFields ?? [])) {
    const { answer, timestamp } = await askCount(request, context);
    const batch = { rowCount: 0, columns: new Map() };
    return { schema, batch, count: answer.count, timestamp, timeZone };
  }
  const names = [primaryField(schema).name, ...(request.outputFields ?? [])];
  const outputFieldIds = selectOutputFields(schema, names).fieldIds;
  const turn = turnOf(call, deps.clock);
  const nowMs = deps.clock.nowMs();
  const plan = {
    ...(await queryPlan(request, collection, { countOnly: false, turn, nowMs })),
    outputFieldIds,
  };
  const { answer, timestamp } = await askAtOneMoment(request, plan, context);
  const { batch } = skipRows(answer, request.offset ?? 0);
  return { schema, batch, count: null, timestamp, timeZone };
}

/** A name may come to mean another collection while somebody pages through one. */
function checkIsSame(request: ReadRowsRequest, { id }: CollectionInfo): void {
  const { collectionId = id, databaseName: database, collectionName: collection } = request;
  if (collectionId === id) return;
  throw milvusError('CollectionNotFound', { fields: { database, collection } });
}

export async function countRows(
  request: QueryRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<number> {
  const collection = await deps.coordinator.describeCollection(request, call);
  checkIsSame(request, collection);
  return (await askCount(request, { collection, deps, call })).answer.count;
}

async function askCount(request: QueryRowsRequest, context: ReadContext): Promise<TimedAnswer> {
  const { collection, deps } = context;
  const read = readPoint(request, collection, deps.clock);
  const turn = turnOf(context.call, deps.clock);
  const nowMs = deps.clock.nowMs();
  const plan = await queryPlan(request, collection, { countOnly: true, turn, nowMs });
  return await ask(plan, read, context);
}

export async function searchRows(
  request: SearchRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<SearchRowsAnswer> {
  const { collection, answer } = await searchShards(request, deps, call);
  const turn = turnOf(call, deps.clock);
  const { after } = request;
  return {
    results: await toHits(answer, request, { collection, turn }),
    pageEnd: after === undefined ? null : pageEndOf(answer, collection.schema, after),
  };
}

/** What `searchRows` answers, as columns. */
export async function searchColumns(
  request: SearchRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<SearchColumnsAnswer> {
  const { collection, answer } = await searchShards(request, deps, call);
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
  };
}

/** The merged answer of all shards, without the hits that the offset skips. */
async function searchShards(
  request: SearchRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<{ readonly collection: CollectionInfo; readonly answer: SearchAnswer }> {
  const collection = await deps.coordinator.describeCollection(request, call);
  checkIsSame(request, collection);
  const { plan, offset } = await searchPlan(request, collection, {
    turn: turnOf(call, deps.clock),
    nowMs: deps.clock.nowMs(),
  });
  const read = readPoint(request, collection, deps.clock);
  const { shardIds } = collection;
  const askShard = async (shardId: number): Promise<SearchAnswer> =>
    await deps.shards.search({ collectionId: collection.id, shardId, plan, read }, call);
  const turn = turnOf(call, deps.clock);
  const [only = 0] = shardIds;
  const whole =
    shardIds.length === 1
      ? await askShard(only)
      : await mergeSearchAnswers(plan, await Promise.all(shardIds.map(askShard)), turn);
  return { collection, answer: skipHits(whole, offset) };
}

/** @throws MilvusError for whatever is wrong with the request */
async function searchPlan(
  request: SearchRowsRequest,
  collection: CollectionInfo,
  context: { readonly turn: Turn; readonly nowMs: number },
): Promise<{ readonly plan: SearchPlan; readonly offset: number }> {
  const { schema } = collection;
  const { field, build, index } = readShapeOf(collection).searched(request.fieldName);
  const { offset = 0, roundDecimal = -1, outputFields = [] } = request;
  checkRoundDecimal(roundDecimal);
  const topK = checkSearchBounds({ limit: request.limit, offset });
  const metric = searchMetric(field, build, request.metric);
  const { params = {}, batchSize = topK } = request;
  const parameters = checkSearchParameters(build, params, Math.min(topK, batchSize));
  const queries = queriesToColumn(field, request.data);
  const queryCount = columnRowCount(queries);
  const opened = readScope(request, collection, context.turn);
  const scope = opened instanceof Promise ? await opened : opened;
  const plan: SearchPlan = {
    ...scope,
    ...narrowedFilter(scope, request, { collection, nowMs: context.nowMs }),
    kind: 'search',
    outputFieldIds: selectOutputFields(schema, outputFields).fieldIds,
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
  };
  return { plan, offset };
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
  { collection, turn }: { readonly collection: CollectionInfo; readonly turn: Turn },
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
  const hitAt = (hit: number): Hit => {
    const row = answer.rows[hit] ?? 0;
    const score = scores[hit] ?? Number.NaN;
    const rounded = roundDecimal === -1 ? score : Number(score.toFixed(roundDecimal));
    // A row that several queries hit is given to each as its own object.
    return { id: keyAt(keys, row), score: rounded, fields: { ...rows[row] } };
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

async function queryPlan(
  request: QueryRowsRequest,
  collection: CollectionInfo,
  at: { readonly countOnly: boolean; readonly turn: Turn; readonly nowMs: number },
): Promise<QueryPlan> {
  const { countOnly, turn, nowMs } = at;
  const { ids, limit, offset } = request;
  const scope = await readScope(request, collection, turn);
  const isUnfiltered = ids === undefined && (scope.filter === null || isAlwaysTrue(scope.filter));
  const rowLimit = checkQueryBounds({ limit, offset, isUnfiltered, countOnly });
  const primary = primaryField(collection.schema);
  const keys = ids === undefined ? null : await keysInTurns(primary, ids, turn);
  const page = pageOf(request, primary);
  const filter = narrowedFilter(scope, request, { collection, nowMs });
  const outputFieldIds = [primary.id];
  return { ...scope, ...filter, kind: 'query', outputFieldIds, countOnly, keys, rowLimit, page };
}

function pageOf(
  { afterKey, ids, limit }: QueryRowsRequest,
  primary: FieldSchema,
): QueryPlan['page'] {
  if (afterKey === undefined) return null;
  if (limit === undefined || ids !== undefined) {
    throw invalidParameter('a page has a limit, and is not of given ids');
  }
  return { after: afterKey === null ? null : keysOfColumn(keyColumn(primary, [afterKey])) };
}

interface ReadContext {
  readonly collection: CollectionInfo;
  readonly deps: ReadDeps;
  readonly call: Call;
}

interface TimedAnswer {
  readonly answer: QueryAnswer;
  readonly timestamp: bigint;
}

/** Asks all shards for the same moment: the request's own, else one of now. */
async function askAtOneMoment(
  request: QueryRowsRequest,
  plan: QueryPlan,
  context: ReadContext,
): Promise<TimedAnswer> {
  const { collection, deps, call } = context;
  const read = readPoint(request, collection, deps.clock);
  const isGiven = collection.shardIds.length === 1 || read.snapshotTimestamp !== null;
  for (let attempt = 1; ; attempt++) {
    const snapshotTimestamp = isGiven
      ? read.snapshotTimestamp
      : await deps.coordinator.allocateTimestamp(call);
    try {
      return await ask(plan, { ...read, snapshotTimestamp }, context);
    } catch (failure) {
      // Compaction came between the choice of a moment and the last shard: a later one will do as well.
      const isExpired = failure instanceof MilvusError && failure.reason === 'SnapshotExpired';
      if (isGiven || !isExpired || attempt === MOMENT_ATTEMPTS) throw failure;
    }
  }
}

async function ask(
  plan: QueryPlan,
  read: ReadPoint,
  { collection, deps, call }: ReadContext,
): Promise<TimedAnswer> {
  const answers = await Promise.all(
    collection.shardIds.map((shardId) =>
      deps.shards.query({ collectionId: collection.id, shardId, plan, read }, call),
    ),
  );
  const timestamp = answers.reduce(
    (last, one) => (one.timestamp > last ? one.timestamp : last),
    0n,
  );
  const turn = turnOf(call, deps.clock);
  return { answer: await mergeQueryAnswers(plan, answers, turn), timestamp };
}

type Scope = Pick<
  QueryPlan,
  | 'schema'
  | 'partitionIds'
  | 'filter'
  | 'filterName'
  | 'timestamp'
  | 'expiredBefore'
  | 'ignoreGrowing'
>;

/** What search and query have in common; timestamp and expiry are the leader's to fill in. */
function readScope(
  request: ReadRowsRequest,
  collection: CollectionInfo,
  turn: Turn,
): Scope | Promise<Scope> {
  const { namespace, partitionNames } = request;
  const within = rowScope(collection, namespace, partitionNames);
  const partitionIds = loadedPartitions(collection, within.partitionIds);
  const scope = {
    schema: readShapeOf(collection).schema,
    partitionIds,
    timestamp: 0n,
    expiredBefore: 0n,
    ignoreGrowing: request.ignoreGrowing === true,
  };
  const { filter: text } = request;
  if (text === undefined || text.trim() === '') {
    return { ...scope, filter: null, filterName: null };
  }
  const name = nameOfFilter(request, collection);
  if (name === null) return withLongFilter(scope, { request, collection, turn });
  const bind = (): BoundFilter => bindRead(text, request.parameters, { request, collection });
  return { ...scope, filter: readShapeOf(collection).filter(name, bind), filterName: name };
}

/** The filter of a scope, and what holds beside it: the namespace, and who lives at the moment of the read. */
function narrowedFilter(
  scope: Scope,
  request: ReadRowsRequest,
  { collection, nowMs }: { readonly collection: CollectionInfo; readonly nowMs: number },
): NamedFilter {
  const { snapshotTimestamp, namespace, partitionNames } = request;
  const atMs = snapshotTimestamp === undefined ? nowMs : physicalMs(snapshotTimestamp);
  const within = rowScope(collection, namespace, partitionNames);
  return narrowed(scope, within, livingRows(collection, atMs));
}

/** Null: it is long, and nobody remembers it. */
function nameOfFilter(request: ReadRowsRequest, collection: CollectionInfo): string | null {
  const { filter: text = '', parameters } = request;
  const name = filterName({ text, parameters, timeZone: timeZoneOf(request, collection) });
  return name === null ? null : `${collection.schema.version}\n${name}`;
}

interface FilteredRead {
  readonly request: ReadRowsRequest;
  readonly collection: CollectionInfo;
}

async function withLongFilter(
  scope: Omit<Scope, 'filter'>,
  { turn, ...read }: FilteredRead & { readonly turn: Turn },
): Promise<Scope> {
  const { filter: text = '', parameters: given } = read.request;
  const parameters = await parametersInTurns(given, turn);
  if (turn.isOver) await turn.yield();
  const filter = bindRead(text, parameters, read);
  if (turn.isOver) await turn.yield();
  return { ...scope, filter, filterName: null };
}

/** @throws MilvusError CollectionNotLoaded, PartitionNotLoaded */
function loadedPartitions(collection: CollectionInfo, asked: number[] | null): number[] | null {
  const loaded = collection.partitions.filter((partition) => partition.loaded);
  if (loaded.length === 0) {
    throw milvusError('CollectionNotLoaded', { fields: { collection: collection.name } });
  }
  if (asked === null) {
    return loaded.length === collection.partitions.length ? null : loaded.map(({ id }) => id);
  }
  for (const id of asked) {
    const partition = collection.partitions.find((one) => one.id === id);
    if (partition?.loaded !== true) {
      throw milvusError('PartitionNotLoaded', { fields: { partition: partition?.name ?? id } });
    }
  }
  return asked;
}

function bindRead(
  text: string,
  parameters: ParameterValues | undefined,
  { request, collection }: FilteredRead,
): BoundFilter {
  try {
    return compileFilter(text, collection.schema, parameters, timeZoneOf(request, collection));
  } catch (failure) {
    if (!(failure instanceof MilvusError)) throw failure;
    throw withContext('failed to create query plan', failure);
  }
}

function timeZoneOf(request: ReadRowsRequest, collection: CollectionInfo): string {
  return effectiveTimeZone(request.timezone, collection.properties);
}
