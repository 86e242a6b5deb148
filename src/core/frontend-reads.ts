/** Queries: resolve names, ask every shard at one moment, merge, write rows out. */
import { invalidParameter } from '../base/errors.ts';
import { isAlwaysTrue } from '../query/facts.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import { primaryField } from '../schema/fields.ts';
import { selectOutputFields } from '../schema/output-fields.ts';
import { keyColumn } from '../schema/primary-key.ts';
import { checkQueryBounds } from '../search/plan-builder.ts';
import { resolveOrder } from '../search/value-names.ts';
import type { QueryAnswer, QueryPlan } from '../search/plan.ts';
import { mergeQueryAnswers, skipRows } from '../search/reduce.ts';
import { withSeed } from '../search/sample.ts';
import { keysOfColumn } from '../segments/key-list.ts';
import {
  aggregateColumns,
  aggregateRequest,
  aggregateRows,
  asksForAggregates,
  countsRowsOnly,
  countTable,
} from './aggregate-reads.ts';
import { turnOf } from './call.ts';
import type { Call, CollectionInfo, ReadPoint } from './ports.ts';
import {
  atOneMoment,
  checkIsSame,
  type ReadContext,
  type ReadDeps,
  narrowedFilter,
  readPoint,
  readScope,
  type ReadTime,
  readTime,
  timeZoneOf,
  windowMaxOf,
} from './read-scope.ts';
import type { QueryColumnsAnswer, QueryRowsAnswer, QueryRowsRequest } from './requests.ts';
import { keysInTurns, outputInTurns } from './row-batches.ts';

export async function queryRows(
  request: QueryRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<QueryRowsAnswer> {
  const answer = await queryColumns(request, deps, call);
  const { schema, batch, aggregates, timestamp, timeZone } = answer;
  if (aggregates !== null) return { rows: aggregateRows(aggregates, timeZone), timestamp };
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
  checkOrderBounds(request);
  const context = { collection, deps, call };
  if (asksForAggregates(request)) return await queryAggregates(request, context);
  const { schema } = collection;
  const order = resolveOrder(request.orderBy ?? [], schema, 'query');
  const names = [primaryField(schema).name, ...(request.outputFields ?? [])];
  const outputFieldIds = new Set(selectOutputFields(schema, names).fieldIds);
  for (const { reference } of order) outputFieldIds.add(reference.fieldId);
  const plan = {
    ...(await queryPlan(request, collection, readTime(call, deps.clock))),
    outputFieldIds: [...outputFieldIds],
    ...(order.length === 0 ? {} : { order }),
  };
  const { answer, timestamp } = await askAtOneMoment(request, plan, context);
  const { batch } = skipRows(answer, request.offset ?? 0);
  const timeZone = timeZoneOf(request, collection);
  return { schema, batch, aggregates: null, timestamp, timeZone };
}

function checkOrderBounds({ orderBy = [], limit, afterKey }: QueryRowsRequest): void {
  if (orderBy.length === 0) return;
  if (limit === undefined) throw invalidParameter('ORDER BY requires explicit limit');
  if (afterKey === undefined) return;
  throw invalidParameter('ORDER BY with iterator is not supported');
}

async function queryAggregates(
  request: QueryRowsRequest,
  context: ReadContext,
): Promise<QueryColumnsAnswer> {
  const { collection, deps, call } = context;
  const { schema } = collection;
  const asked = aggregateRequest(request, collection);
  const order = resolveOrder(request.orderBy ?? [], schema, 'query');
  const turn = turnOf(call, deps.clock);
  const { plan: aggregate } = asked;
  const { isUnfiltered, ...rest } = await planOfAll(
    request,
    collection,
    readTime(call, deps.clock),
  );
  const { limit, offset = 0 } = request;
  // What rows add up to is of a bounded size; the values that there are need not be.
  const isEndless = isUnfiltered && aggregate.measures.length === 0;
  const window = { limit, offset, windowMax: windowMaxOf(collection) };
  checkQueryBounds({ ...window, isUnfiltered: isEndless, countOnly: false });
  const read = readPoint(request, collection, deps.clock);
  const countOnly = countsRowsOnly(aggregate);
  const plan = { ...rest, ...(countOnly ? { countOnly } : { aggregate }) };
  const { answer, timestamp } = countOnly
    ? await ask(plan, read, context)
    : await askAtOneMoment(request, plan, context);
  const table = answer.table ?? countTable(aggregate, answer.count);
  const aggregates = await aggregateColumns(asked, table, { order, offset, limit, turn });
  const batch = { rowCount: 0, columns: new Map() };
  return { schema, batch, aggregates, timestamp, timeZone: timeZoneOf(request, collection) };
}

export async function countRows(
  request: QueryRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<number> {
  const collection = await deps.coordinator.describeCollection(request, call);
  checkIsSame(request, collection);
  const time = readTime(call, deps.clock);
  const { isUnfiltered, ...plan } = await planOfAll(request, collection, time);
  const { limit, offset } = request;
  checkQueryBounds({ limit, offset, isUnfiltered, countOnly: true });
  const read = readPoint(request, collection, deps.clock);
  const { answer } = await ask({ ...plan, countOnly: true }, read, { collection, deps, call });
  return answer.count;
}

/** A plan, and whether it is about all rows that there are. */
type OpenPlan = QueryPlan & { readonly isUnfiltered: boolean };

/** Every row that the request is about. */
async function planOfAll(
  request: QueryRowsRequest,
  collection: CollectionInfo,
  { turn, nowMs }: ReadTime,
): Promise<OpenPlan> {
  const { ids } = request;
  const scope = await readScope(request, collection, turn);
  const isUnfiltered = ids === undefined && (scope.filter === null || isAlwaysTrue(scope.filter));
  const primary = primaryField(collection.schema);
  const keys = ids === undefined ? null : await keysInTurns(primary, ids, turn);
  const whole = { kind: 'query', countOnly: false, rowLimit: null, page: null } as const;
  const filter = narrowedFilter(scope, request, { collection, nowMs });
  return { ...scope, ...filter, ...whole, outputFieldIds: [primary.id], keys, isUnfiltered };
}

async function queryPlan(
  request: QueryRowsRequest,
  collection: CollectionInfo,
  time: ReadTime,
): Promise<QueryPlan> {
  const { limit, offset } = request;
  const { isUnfiltered, ...plan } = await planOfAll(request, collection, time);
  const windowMax = windowMaxOf(collection);
  const rowLimit = checkQueryBounds({ limit, offset, windowMax, isUnfiltered, countOnly: false });
  return { ...plan, rowLimit, page: pageOf(request, primaryField(collection.schema)) };
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
  const { collection, deps } = context;
  const read = readPoint(request, collection, deps.clock);
  if (collection.shardIds.length === 1) return await ask(plan, read, context);
  return await atOneMoment(read, context, (moment) => ask(plan, moment, context));
}

async function ask(
  unseeded: QueryPlan,
  read: ReadPoint,
  { collection, deps, call }: ReadContext,
): Promise<TimedAnswer> {
  const plan = withSeed(unseeded, deps.random);
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
