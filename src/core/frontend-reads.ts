/** Reads: resolve names, bind the filter, choose the moment, ask every shard, merge, write rows out. */
import { must } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { invalidParameter, MilvusError, milvusError, withContext } from '../base/errors.ts';
import { BOUNDED_STALENESS_MS } from '../base/limits.ts';
import { checkSearchParameters, type IndexBuild } from '../index/index-definition.ts';
import { isMetricType, type MetricType } from '../index/metric-type.ts';
import { minhashMeasure } from '../index/minhash-signature.ts';
import type { Parameters } from '../index/parameters.ts';
import { widened } from '../index/search-cost.ts';
import { timestampOf } from '../meta/hybrid-clock.ts';
import { type BoundFilter, compileFilter } from '../query/bind.ts';
import { isAlwaysTrue } from '../query/facts.ts';
import type { ParameterValues } from '../query/template.ts';
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import { columnRowCount } from '../schema/column-layout.ts';
import { DataType } from '../schema/data-type.ts';
import { primaryField } from '../schema/fields.ts';
import { isCount, selectOutputFields } from '../schema/output-fields.ts';
import { keyAt, keyColumn } from '../schema/primary-key.ts';
import { effectiveTimeZone, schemaAsKept } from '../schema/properties.ts';
import {
  checkQueryBounds,
  checkRoundDecimal,
  checkSearchBounds,
  queriesToColumn,
  resolveMetric,
  resolveSearchField,
  roundScores,
  type SearchField,
} from '../search/plan-builder.ts';
import type {
  IndexPlan,
  QueryAnswer,
  QueryPlan,
  SearchAnswer,
  SearchPlan,
} from '../search/plan.ts';
import { inPieces, type Turn } from '../search/read-context.ts';
import { mergeQueryAnswers, mergeSearchAnswers, skipHits, skipRows } from '../search/reduce.ts';
import { keysOfColumn } from '../segments/key-list.ts';
import { buildOf, fieldsInFiles, isKeptInFile, wantedIndexes } from './index-states.ts';
import { turnOf } from './call.ts';
import type { Call, CollectionInfo, Coordinator, ReadPoint, Shards } from './ports.ts';
import type {
  Hit,
  QueryRowsAnswer,
  QueryRowsRequest,
  SearchRowsAnswer,
  SearchRowsRequest,
} from './requests.ts';
import { readPartitions } from './routing.ts';
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
  const collection = await deps.coordinator.describeCollection(request, call);
  checkIsSame(request, collection);
  const { schema } = collection;
  const context = { collection, deps, call };
  if (isCount(request.outputFields ?? [])) {
    const { answer, timestamp } = await askCount(request, context);
    return { rows: [{ 'count(*)': BigInt(answer.count) }], timestamp };
  }
  const names = [primaryField(schema).name, ...(request.outputFields ?? [])];
  const outputFieldIds = selectOutputFields(schema, names).fieldIds;
  const turn = turnOf(call, deps.clock);
  const plan = {
    ...(await queryPlan(request, collection, { countOnly: false, turn })),
    outputFieldIds,
  };
  const { answer, timestamp } = await askAtOneMoment(request, plan, context);
  const { batch } = skipRows(answer, request.offset ?? 0);
  const shape = { timeZone: timeZoneOf(request, collection), turn: turnOf(call, deps.clock) };
  return { rows: await outputInTurns(schema, batch, [...new Set(names)], shape), timestamp };
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
  return await ask(await queryPlan(request, collection, { countOnly: true, turn }), read, context);
}

export async function searchRows(
  request: SearchRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<SearchRowsAnswer> {
  const collection = await deps.coordinator.describeCollection(request, call);
  checkIsSame(request, collection);
  const { schema } = collection;
  const field = resolveSearchField(schema, request.fieldName);
  const { offset = 0, roundDecimal = -1, outputFields = [] } = request;
  checkRoundDecimal(roundDecimal);
  const topK = checkSearchBounds({ limit: request.limit, offset });
  const index = buildOfField(field, collection);
  const metric = searchMetric(field, index, request.metric);
  const { params = {}, batchSize = topK } = request;
  const parameters = checkSearchParameters(index, params, Math.min(topK, batchSize));
  const queries = queriesToColumn(field, request.data);
  const queryCount = columnRowCount(queries);
  const plan: SearchPlan = {
    ...(await readScope(request, collection, turnOf(call, deps.clock))),
    kind: 'search',
    outputFieldIds: selectOutputFields(schema, outputFields).fieldIds,
    fieldId: field.id,
    metric,
    ...(metric === 'MHJACCARD' && index !== null
      ? { minhash: minhashMeasure(index.parameters, parameters, field.dim) }
      : {}),
    index: indexPlan(collection, { fieldId: field.id, parameters, topK }),
    queries,
    queryCount,
    topK,
    window: windowOf(request, { schema, metric, queryCount }),
  };
  const read = readPoint(request, collection, deps.clock);
  const answers = await Promise.all(
    collection.shardIds.map((shardId) =>
      deps.shards.search({ collectionId: collection.id, shardId, plan, read }, call),
    ),
  );
  const turn = turnOf(call, deps.clock);
  const answer = skipHits(await mergeSearchAnswers(plan, answers, turn), offset);
  const timeZone = timeZoneOf(request, collection);
  const rows = await outputInTurns(schema, answer.batch, outputFields, { timeZone, turn });
  const { after } = request;
  return {
    results: await toHits(answer, rows, { schema, roundDecimal, turn }),
    pageEnd: after === undefined ? null : pageEndOf(answer, schema, after),
  };
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

function buildOfField(field: FieldSchema, collection: CollectionInfo): IndexBuild | null {
  const index = collection.indexes.find(({ fieldId }) => fieldId === field.id);
  return index === undefined ? null : buildOf(collection, index);
}

function indexPlan(
  collection: CollectionInfo,
  search: { readonly fieldId: number; readonly parameters: Parameters; readonly topK: number },
): IndexPlan | null {
  const wanted = wantedIndexes(collection).find(({ fieldId }) => fieldId === search.fieldId);
  if (wanted === undefined) return null;
  const { indexId, fingerprint, build } = wanted;
  const index = must(
    collection.indexes.find(({ id }) => id === indexId),
    'a wanted index is one of the collection',
  );
  const { structure } = build;
  const isMapped = isKeptInFile(collection, index);
  const parameters = widened(structure, search.parameters, search.topK);
  return { indexId, fingerprint, isMapped, structure, build: build.parameters, parameters };
}

async function toHits(
  answer: SearchAnswer,
  rows: readonly Record<string, unknown>[],
  shape: { readonly schema: CollectionSchema; readonly roundDecimal: number; readonly turn: Turn },
): Promise<Hit[][]> {
  const keys = must(answer.batch.columns.get(primaryField(shape.schema).id), 'hits have keys');
  const { roundDecimal, turn } = shape;
  const scores = roundScores(answer.scores, roundDecimal);
  const results: Hit[][] = [];
  let next = 0;
  for (const count of answer.counts) {
    const hits: Hit[] = [];
    const first = next;
    await inPieces(count, turn, (start, end) => {
      const ofPiece = scores.subarray(first + start, first + end);
      for (const [i, row] of answer.rows.subarray(first + start, first + end).entries()) {
        const score = ofPiece[i] ?? Number.NaN;
        const rounded = roundDecimal === -1 ? score : Number(score.toFixed(roundDecimal));
        // A row that several queries hit is given to each as its own object.
        hits.push({ id: keyAt(keys, row), score: rounded, fields: { ...rows[row] } });
      }
    });
    results.push(hits);
    next += count;
  }
  return results;
}

async function queryPlan(
  request: QueryRowsRequest,
  collection: CollectionInfo,
  { countOnly, turn }: { readonly countOnly: boolean; readonly turn: Turn },
): Promise<QueryPlan> {
  const { ids, limit, offset } = request;
  const scope = await readScope(request, collection, turn);
  const isUnfiltered = ids === undefined && (scope.filter === null || isAlwaysTrue(scope.filter));
  const rowLimit = checkQueryBounds({ limit, offset, isUnfiltered, countOnly });
  const primary = primaryField(collection.schema);
  const keys = ids === undefined ? null : await keysInTurns(primary, ids, turn);
  const page = pageOf(request, primary);
  return { ...scope, kind: 'query', outputFieldIds: [primary.id], countOnly, keys, rowLimit, page };
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
  'schema' | 'partitionIds' | 'filter' | 'timestamp' | 'expiredBefore' | 'ignoreGrowing'
>;

/** What search and query have in common; timestamp and expiry are the leader's to fill in. */
async function readScope(
  request: ReadRowsRequest,
  collection: CollectionInfo,
  turn: Turn,
): Promise<Scope> {
  const { properties } = collection;
  const schema = schemaAsKept(collection.schema, properties, fieldsInFiles(collection));
  const partitionIds = loadedPartitions(
    collection,
    readPartitions(collection, request.partitionNames),
  );
  const parameters = await parametersInTurns(request.parameters, turn);
  if (turn.isOver) await turn.yield();
  const filter = bindRead(request, collection, parameters);
  if (turn.isOver) await turn.yield();
  const ignoreGrowing = request.ignoreGrowing === true;
  return { schema, partitionIds, filter, timestamp: 0n, expiredBefore: 0n, ignoreGrowing };
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

function readPoint(request: ReadRowsRequest, collection: CollectionInfo, clock: Clock): ReadPoint {
  const snapshotTimestamp = request.snapshotTimestamp ?? null;
  const isRepeatable = snapshotTimestamp !== null;
  const level = request.consistencyLevel ?? collection.consistencyLevel;
  switch (level) {
    case 'Session':
      return {
        guaranteeTimestamp: request.guaranteeTimestamp ?? 0n,
        snapshotTimestamp,
        isRepeatable,
      };
    case 'Bounded': {
      const guaranteeTimestamp = timestampOf(clock.nowMs() - BOUNDED_STALENESS_MS);
      return { guaranteeTimestamp, snapshotTimestamp, isRepeatable };
    }
    case 'Eventually':
      return { guaranteeTimestamp: 1n, snapshotTimestamp, isRepeatable };
    case 'Strong':
      // Whatever was acknowledged is applied already: the leader that owns the log answers at once.
      return {
        guaranteeTimestamp: request.guaranteeTimestamp ?? 0n,
        snapshotTimestamp,
        isRepeatable,
      };
    default:
      throw invalidParameter('unknown consistency level', { consistencyLevel: String(level) });
  }
}

function bindRead(
  request: ReadRowsRequest,
  collection: CollectionInfo,
  parameters: ParameterValues | undefined,
): BoundFilter | null {
  const { filter: text } = request;
  if (text === undefined || text.trim() === '') return null;
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
