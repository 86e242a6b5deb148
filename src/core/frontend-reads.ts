/** Reads: resolve names, bind the filter, choose the moment, ask every shard, merge, write rows out. */
import { must } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { invalidParameter, MilvusError, milvusError, withContext } from '../base/errors.ts';
import { BOUNDED_STALENESS_MS } from '../base/limits.ts';
import { timestampOf } from '../meta/hybrid-clock.ts';
import { type BoundFilter, compileFilter } from '../query/bind.ts';
import { isAlwaysTrue } from '../query/facts.ts';
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import { columnRowCount } from '../schema/column-layout.ts';
import { DataType } from '../schema/data-type.ts';
import { primaryField } from '../schema/fields.ts';
import { keyAt, keyColumn } from '../schema/primary-key.ts';
import { effectiveTimeZone } from '../schema/properties.ts';
import { batchToRows } from '../schema/row-output.ts';
import { isCount, resolveOutputFields } from '../search/output-fields.ts';
import {
  checkQueryBounds,
  checkRoundDecimal,
  checkSearchBounds,
  queriesToColumn,
  resolveMetric,
  resolveSearchField,
  roundScores,
} from '../search/plan-builder.ts';
import type { QueryAnswer, QueryPlan, SearchAnswer, SearchPlan } from '../search/plan.ts';
import { mergeQueryAnswers, mergeSearchAnswers, skipHits, skipRows } from '../search/reduce.ts';
import { keysOfColumn } from '../segments/key-list.ts';
import type { Call, CollectionInfo, Coordinator, ReadPoint, Shards } from './ports.ts';
import type {
  Hit,
  QueryRowsAnswer,
  QueryRowsRequest,
  SearchRowsAnswer,
  SearchRowsRequest,
} from './requests.ts';
import { readPartitions } from './routing.ts';

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
  const { schema } = collection;
  const context = { collection, deps, call };
  if (isCount(request.outputFields ?? [])) {
    const { answer, timestamp } = await askCount(request, context);
    return { rows: [{ 'count(*)': BigInt(answer.count) }], timestamp };
  }
  const names = [primaryField(schema).name, ...(request.outputFields ?? [])];
  const outputFieldIds = resolveOutputFields(schema, names).fieldIds;
  const plan = { ...queryPlan(request, collection, false), outputFieldIds };
  const { answer, timestamp } = await askAtOneMoment(request, plan, context);
  const { batch } = skipRows(answer, request.offset ?? 0);
  const timeZone = timeZoneOf(request, collection);
  return { rows: batchToRows(schema, batch, [...new Set(names)], { timeZone }), timestamp };
}

export async function countRows(
  request: QueryRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<number> {
  const collection = await deps.coordinator.describeCollection(request, call);
  return (await askCount(request, { collection, deps, call })).answer.count;
}

async function askCount(request: QueryRowsRequest, context: ReadContext): Promise<TimedAnswer> {
  const { collection, deps } = context;
  const read = readPoint(request, collection, deps.clock);
  return await ask(queryPlan(request, collection, true), read, context);
}

export async function searchRows(
  request: SearchRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<SearchRowsAnswer> {
  const collection = await deps.coordinator.describeCollection(request, call);
  const { schema } = collection;
  const field = resolveSearchField(schema, request.fieldName);
  const { offset = 0, roundDecimal = -1, outputFields = [] } = request;
  checkRoundDecimal(roundDecimal);
  const topK = checkSearchBounds({ limit: request.limit, offset });
  const queries = queriesToColumn(field, request.data);
  const queryCount = columnRowCount(queries);
  const plan: SearchPlan = {
    ...readScope(request, collection),
    kind: 'search',
    outputFieldIds: resolveOutputFields(schema, outputFields).fieldIds,
    fieldId: field.id,
    metric: resolveMetric(field, defaultMetric(field), request.metric),
    queries,
    queryCount,
    topK,
  };
  const read = readPoint(request, collection, deps.clock);
  const answers = await Promise.all(
    collection.shardIds.map((shardId) =>
      deps.shards.search({ collectionId: collection.id, shardId, plan, read }, call),
    ),
  );
  const answer = skipHits(mergeSearchAnswers(plan, answers), offset);
  const timeZone = timeZoneOf(request, collection);
  const rows = batchToRows(schema, answer.batch, outputFields, { timeZone });
  return { results: toHits(answer, rows, { schema, roundDecimal }) };
}

/** The metric a field was created with; Milvus's default for its type without one. */
function defaultMetric(field: FieldSchema): string {
  return (
    field.params['metric_type'] ?? (field.type === DataType.BinaryVector ? 'HAMMING' : 'COSINE')
  );
}

function toHits(
  answer: SearchAnswer,
  rows: readonly Record<string, unknown>[],
  shape: { readonly schema: CollectionSchema; readonly roundDecimal: number },
): Hit[][] {
  const keys = must(answer.batch.columns.get(primaryField(shape.schema).id), 'hits have keys');
  const { roundDecimal } = shape;
  const scores = roundScores(answer.scores, roundDecimal);
  const results: Hit[][] = [];
  let next = 0;
  for (const count of answer.counts) {
    const ofQuery = scores.subarray(next, next + count);
    const hits = Array.from(answer.rows.subarray(next, next + count), (row, i): Hit => {
      // A row that several queries hit is given to each as its own object.
      const score = ofQuery[i] ?? Number.NaN;
      const rounded = roundDecimal === -1 ? score : Number(score.toFixed(roundDecimal));
      return { id: keyAt(keys, row), score: rounded, fields: { ...rows[row] } };
    });
    results.push(hits);
    next += count;
  }
  return results;
}

function queryPlan(
  request: QueryRowsRequest,
  collection: CollectionInfo,
  countOnly: boolean,
): QueryPlan {
  const { ids, limit, offset } = request;
  const scope = readScope(request, collection);
  const isUnfiltered = ids === undefined && (scope.filter === null || isAlwaysTrue(scope.filter));
  const rowLimit = checkQueryBounds({ limit, offset, isUnfiltered, countOnly });
  const primary = primaryField(collection.schema);
  const keys = ids === undefined ? null : keysOfColumn(keyColumn(primary, ids));
  return { ...scope, kind: 'query', outputFieldIds: [primary.id], countOnly, keys, rowLimit };
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
  return { answer: mergeQueryAnswers(plan, answers), timestamp };
}

type Scope = Pick<
  QueryPlan,
  'schema' | 'partitionIds' | 'filter' | 'timestamp' | 'expiredBefore' | 'ignoreGrowing'
>;

/** What search and query have in common; timestamp and expiry are the leader's to fill in. */
function readScope(request: ReadRowsRequest, collection: CollectionInfo): Scope {
  const { schema } = collection;
  const partitionIds = loadedPartitions(
    collection,
    readPartitions(collection, request.partitionNames),
  );
  const filter = bindRead(request, collection);
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

function bindRead(request: ReadRowsRequest, collection: CollectionInfo): BoundFilter | null {
  const { filter: text, parameters } = request;
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
