/** Queries: resolve names, ask every shard at one moment, merge, write rows out. */
import { must } from '../base/assert.ts';
import { invalidParameter } from '../base/errors.ts';
import { isAlwaysTrue } from '../query/facts.ts';
import { asksForKeysOnly, keysAskedFor } from '../query/key-conditions.ts';
import { keysOfText } from '../query/key-text.ts';
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import { primaryField } from '../schema/fields.ts';
import { selectOutputFields } from '../schema/output-fields.ts';
import { keyColumn } from '../schema/primary-key.ts';
import { checkQueryBounds } from '../search/plan-builder.ts';
import { resolveOrder } from '../search/value-names.ts';
import type { Explanation, QueryAnswer, QueryPlan } from '../search/plan.ts';
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
import type { KeyList } from '../segments/segment.ts';
import { turnOf } from './call.ts';
import { collectionAsMeant } from './meant-schema.ts';
import type { Call, CollectionInfo, ReadPoint } from './ports.ts';
import {
  atOneMoment,
  type ReadContext,
  type ReadDeps,
  narrowedFilter,
  readPoint,
  readScope,
  refuseSample,
  type Scope,
  type ReadTime,
  readTime,
  timeZoneOf,
  windowMaxOf,
} from './read-scope.ts';
import type { QueryColumnsAnswer, QueryRowsAnswer, QueryRowsRequest } from './requests.ts';
import { routeKeys } from './routing.ts';
import { keysInTurns, outputInTurns } from './row-batches.ts';
import { rowsOfElements } from './search-queries.ts';

export async function queryRows(
  request: QueryRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<QueryRowsAnswer> {
  const answer = await queryColumns(request, deps, call);
  const { schema, batch, aggregates, timestamp, timeZone, elements } = answer;
  if (aggregates !== null) return { rows: aggregateRows(aggregates, timeZone), timestamp };
  const names = new Set([primaryField(schema).name, ...(request.outputFields ?? [])]);
  const shape = { timeZone, turn: turnOf(call, deps.clock) };
  const rows = await outputInTurns(schema, batch, [...names], shape);
  return { rows: elements === undefined ? rows : rowsOfElements(rows, elements), timestamp };
}

/** What `queryRows` answers, as columns. */
export async function queryColumns(
  request: QueryRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<QueryColumnsAnswer> {
  const described = await deps.coordinator.describeCollection(request, call);
  const collection = collectionAsMeant(request, described);
  checkOrderBounds(request);
  const context = { collection, deps, call };
  if (asksForAggregates(request)) return await queryAggregates(request, context);
  const { schema } = collection;
  const order = resolveOrder(request.orderBy ?? [], schema, 'query');
  const names = [primaryField(schema).name, ...(request.outputFields ?? [])];
  const outputFieldIds = new Set(selectOutputFields(schema, names).fieldIds);
  for (const { reference } of order) outputFieldIds.add(reference.fieldId);
  const plan = {
    ...(await queryPlan(byKeys(request, schema), collection, readTime(call, deps.clock))),
    outputFieldIds: [...outputFieldIds],
    ...(order.length === 0 ? {} : { order }),
  };
  const { answer, timestamp } = await askAtOneMoment(request, plan, context);
  const { batch, elements } = skipRows(answer, request.offset ?? 0);
  const timeZone = timeZoneOf(request, collection);
  const found = { schema, batch, aggregates: null, timestamp, timeZone };
  return elements === undefined ? found : { ...found, elements };
}

/** What asks for keys by a filter asks for them as such. */
function byKeys(request: QueryRowsRequest, schema: CollectionSchema): QueryRowsRequest {
  const { filter = '', ids, afterKey, parameters = {} } = request;
  if (filter === '' || ids !== undefined || afterKey !== undefined) return request;
  if (Object.keys(parameters).length > 0) return request;
  const keys = keysOfText(filter, primaryField(schema));
  return keys === null ? request : { ...request, ids: keys, filter: '' };
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
  const described = await deps.coordinator.describeCollection(request, call);
  const collection = collectionAsMeant(request, described);
  const time = readTime(call, deps.clock);
  const { isUnfiltered, ...plan } = await planOfAll(request, collection, time);
  const { limit, offset } = request;
  checkQueryBounds({ limit, offset, isUnfiltered, countOnly: true });
  const read = readPoint(request, collection, deps.clock);
  const { answer } = await ask({ ...plan, countOnly: true }, read, { collection, deps, call });
  return answer.count;
}

/** What the request's filter does, in the segments and on the rows that a count of it looks at. */
export async function explainRows(
  request: QueryRowsRequest,
  deps: ReadDeps,
  call: Call,
): Promise<Explanation> {
  const collection = await deps.coordinator.describeCollection(request, call);
  const time = { ...readTime(call, deps.clock), isExplained: true };
  const { isUnfiltered: _, ...plan } = await planOfAll(request, collection, time);
  const read = readPoint(request, collection, deps.clock);
  const asked = { ...plan, countOnly: true, explain: true };
  const { answer } = await ask(asked, read, { collection, deps, call });
  return must(answer.explanation ?? null, 'growing rows are always explained');
}

/** A plan, and whether it is about all rows that there are. */
type OpenPlan = QueryPlan & { readonly isUnfiltered: boolean };

/** Every row that the request is about. */
async function planOfAll(
  request: QueryRowsRequest,
  collection: CollectionInfo,
  { turn, nowMs, isExplained = false }: ReadTime & { readonly isExplained?: boolean },
): Promise<OpenPlan> {
  const { ids } = request;
  const scope = await readScope(request, collection, turn);
  const isUnfiltered = ids === undefined && (scope.filter === null || isAlwaysTrue(scope.filter));
  const primary = primaryField(collection.schema);
  const keys =
    ids === undefined ? keysOfFilter(scope, primary) : await keysInTurns(primary, ids, turn);
  const whole = { kind: 'query', countOnly: false, rowLimit: null, page: null } as const;
  const match = scope.filter?.elements;
  if (match !== undefined) refuseOfElements(request);
  const elements = match === undefined ? {} : { elements: match };
  const found = isExplained || keys === null ? scope : withoutKeys(scope, request, primary);
  const filter = narrowedFilter(found, request, { collection, nowMs });
  const outputFieldIds = [primary.id];
  return { ...found, ...filter, ...whole, ...elements, outputFieldIds, keys, isUnfiltered };
}

/** What is found by its key need not be asked for it again; pages are not found so. */
function withoutKeys(
  scope: Scope,
  { ids, afterKey }: QueryRowsRequest,
  primary: FieldSchema,
): Scope {
  const { filter } = scope;
  if (filter === null || ids !== undefined || afterKey !== undefined) return scope;
  return asksForKeysOnly(filter, primary.id) ? { ...scope, filter: null, filterName: null } : scope;
}

/** Pages go on behind keys, orders and groups are of rows, where elements are asked for. */
function refuseOfElements({ afterKey, orderBy = [], groupBy = [] }: QueryRowsRequest): void {
  const isPage = afterKey !== undefined;
  if (!isPage && orderBy.length === 0 && groupBy.length === 0) return;
  const what = isPage ? 'query iterator' : orderBy.length > 0 ? 'ORDER BY' : 'GROUP BY';
  throw invalidParameter(`${what} is not supported with element_filter`);
}

/** The keys that a filter asks for: their rows are looked up, and the filter looks at these alone. */
function keysOfFilter({ filter }: Scope, primary: FieldSchema): KeyList | null {
  const keys = filter === null ? null : keysAskedFor(filter, primary.id);
  return keys === null ? null : keysOfColumn(keyColumn(primary, [...keys]));
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
  const page = pageOf(request, primaryField(collection.schema));
  if (page !== null) refuseSample(plan);
  return { ...plan, rowLimit, page, keys: page === null ? plan.keys : null };
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

/** Keys are asked for where their rows are; everything else everywhere. */
function shardPlans(plan: QueryPlan, collection: CollectionInfo): [number, QueryPlan][] {
  const { shardIds } = collection;
  const everywhere = shardIds.map((shardId): [number, QueryPlan] => [shardId, plan]);
  if (plan.keys === null || shardIds.length === 1) return everywhere;
  const routed = routeKeys(collection, plan.keys);
  if (routed.length === 0) return everywhere.slice(0, 1);
  return routed.map(({ shardId, keys }) => [shardId, { ...plan, keys }]);
}

async function ask(
  unseeded: QueryPlan,
  read: ReadPoint,
  { collection, deps, call }: ReadContext,
): Promise<TimedAnswer> {
  const plan = withSeed(unseeded, deps.random);
  const answers = await Promise.all(
    shardPlans(plan, collection).map(([shardId, ofShard]) =>
      deps.shards.query({ collectionId: collection.id, shardId, plan: ofShard, read }, call),
    ),
  );
  const timestamp = answers.reduce(
    (last, one) => (one.timestamp > last ? one.timestamp : last),
    0n,
  );
  const turn = turnOf(call, deps.clock);
  return { answer: await mergeQueryAnswers(plan, answers, turn), timestamp };
}
