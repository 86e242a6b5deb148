/** Queries: resolve names, ask every shard at one moment, merge, write rows out. */
import { invalidParameter } from '../base/errors.ts';
import { isAlwaysTrue } from '../query/facts.ts';
import type { FieldSchema } from '../schema/collection-schema.ts';
import { primaryField } from '../schema/fields.ts';
import { isCount, selectOutputFields } from '../schema/output-fields.ts';
import { keyColumn } from '../schema/primary-key.ts';
import { checkQueryBounds } from '../search/plan-builder.ts';
import type { QueryAnswer, QueryPlan } from '../search/plan.ts';
import type { Turn } from '../search/read-context.ts';
import { mergeQueryAnswers, skipRows } from '../search/reduce.ts';
import { keysOfColumn } from '../segments/key-list.ts';
import { turnOf } from './call.ts';
import type { Call, CollectionInfo, ReadPoint } from './ports.ts';
import {
  atOneMoment,
  checkIsSame,
  type ReadContext,
  type ReadDeps,
  readPoint,
  readScope,
  timeZoneOf,
} from './read-scope.ts';
import type { QueryColumnsAnswer, QueryRowsAnswer, QueryRowsRequest } from './requests.ts';
import { keysInTurns, outputInTurns } from './row-batches.ts';

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
  const plan = {
    ...(await queryPlan(request, collection, { countOnly: false, turn })),
    outputFieldIds,
  };
  const { answer, timestamp } = await askAtOneMoment(request, plan, context);
  const { batch } = skipRows(answer, request.offset ?? 0);
  return { schema, batch, count: null, timestamp, timeZone };
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
