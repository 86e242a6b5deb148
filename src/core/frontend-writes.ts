/** Rows in: check them against the schema, give them keys, send them to their shards. */
import { must } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { invalidParameter, MilvusError } from '../base/errors.ts';
import type { BoundFilter } from '../query/bind.ts';
import { isAlwaysTrue } from '../query/facts.ts';
import { bothFilters } from '../query/both-filters.ts';
import { BATCH_ROWS_MAX, SCHEMA_ATTEMPTS_MAX } from '../base/limits.ts';
import {
  type ArrayOperations,
  arrayOperations,
  NO_ARRAY_OPERATIONS,
  operandSchema,
  requireOperands,
} from '../schema/array-operations.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import type { Column, ColumnBatch } from '../schema/column.ts';
import { primaryField } from '../schema/fields.ts';
import { columnsToBatch, type GivenOptions } from '../schema/given-columns.ts';
import { checkNamespace, namespaceMode, namespacePartitions } from '../schema/namespaces.ts';
import { keysOf } from '../schema/primary-key.ts';
import { allowsInsertAutoId, effectiveTimeZone } from '../schema/properties.ts';
import { partialRowsToBatch, type RowsOptions, rowsToBatch } from '../schema/rows.ts';
import type { Turn } from '../search/read-context.ts';
import { keysOfColumn } from '../segments/key-list.ts';
import type { KeyList } from '../segments/segment.ts';
import { checkCall, everyAnswer, turnOf } from './call.ts';
import type { CallOrder, Place } from './call-order.ts';
import { filterInTurns } from './long-filter.ts';
import type { Call, CollectionInfo, Coordinator, NewKeys, Shards, WriteAnswer } from './ports.ts';
import type {
  DeleteAnswer,
  DeleteRowsRequest,
  Row,
  RowsAnswer,
  RowsRequest,
  UpsertRequest,
} from './requests.ts';
import { keysInTurns, refuseDuplicatesInTurns, rowsInTurns } from './row-batches.ts';
import { type AllocateIds, makeKeys, makeKeysOfSameShards } from './renewed-keys.ts';
import { rowScope } from './row-scope.ts';
import { partitionNamed, refusePartitionNames, routeKeys, routeRows } from './routing.ts';

export interface WriteDeps {
  readonly clock: Clock;
  readonly order: CallOrder;
  readonly coordinator: Coordinator;
  readonly shards: Shards;
}

/** How rows of a request are to be taken. */
interface Taking {
  readonly upsert: boolean;
  readonly partial: boolean;
  readonly arrayOperations?: ArrayOperations;
  /** Of shards that have the rows already: neither rows nor what they do to arrays come twice. */
  readonly answered?: Map<number, WriteAnswer>;
  /** Keys whose rows go, when they are not those of the rows. */
  readonly replaces?: KeyList;
  /** Of a partial upsert: what the rows are called once they are completed, in their order. */
  readonly renamed?: Column;
}

export async function insertRows(
  request: RowsRequest,
  deps: WriteDeps,
  call: Call,
): Promise<RowsAnswer> {
  let autoIds: Column | null = null;
  return await withFreshSchema(request, deps, call, async (collection, place) => {
    const { schema } = collection;
    const options = rowOptions(request, collection, 'insert');
    const given = await takeRows(request.rows, schema, {
      options,
      convert: (rows) => rowsToBatch(schema, rows, options),
      turn: turnOf(call, deps.clock),
    });
    const field = primaryField(schema);
    if (!field.autoId || given.columns.has(field.id)) {
      // Auto ids that the user chose may exist already: such rows supersede like any other.
      return await send(
        given,
        { upsert: field.autoId, partial: false },
        { request, collection, deps, call, place },
      );
    }
    // A second attempt keeps the ids of the first, which a shard may have taken: then it replaces them.
    const upsert = autoIds !== null;
    autoIds ??= await makeKeys(field, given.rowCount, allocator(deps, call));
    const columns = new Map([[field.id, autoIds], ...given.columns]);
    const batch = { rowCount: given.rowCount, columns };
    return await send(
      batch,
      { upsert, partial: false },
      { request, collection, deps, call, place },
    );
  });
}

export async function upsertRows(
  request: UpsertRequest,
  deps: WriteDeps,
  call: Call,
): Promise<RowsAnswer> {
  let autoIds: Column | null = null;
  const answered = new Map<number, WriteAnswer>();
  return await withFreshSchema(request, deps, call, async (collection, place) => {
    const { schema } = collection;
    const field = primaryField(schema);
    const operations = arrayOperations(schema, request.fieldOps ?? []);
    const partial = request.partial === true || operations.size > 0;
    const options = { ...rowOptions(request, collection, 'upsert'), partial };
    const turn = turnOf(call, deps.clock);
    const checked = operandSchema(schema, operations);
    const batch = await takeRows(request.rows, checked, {
      options,
      convert: (rows) =>
        partial ? partialRowsToBatch(checked, rows, options) : rowsToBatch(schema, rows, options),
      turn,
    });
    requireOperands(schema, operations, batch);
    const keys = must(batch.columns.get(field.id), 'rows of an upsert have their keys');
    await refuseDuplicatesInTurns(keys, batch.rowCount, { fieldName: field.name, turn });
    const common = { upsert: true, partial, arrayOperations: operations, answered };
    const context = { request, collection, deps, call, place };
    if (!field.autoId) return await send(batch, common, context);
    const replaces = keysOfColumn(keys);
    const allocate = allocator(deps, call);
    if (partial) {
      const shardCount = collection.shardIds.length;
      autoIds ??= await makeKeysOfSameShards({ field, old: keys, shardCount }, allocate);
      return await send(batch, { ...common, replaces, renamed: autoIds }, context);
    }
    // Rows of an auto id get new ids; those of the ids that came are gone in the same step.
    autoIds ??= await makeKeys(field, batch.rowCount, allocate);
    const columns = new Map([...batch.columns, [field.id, autoIds]]);
    const renamed = { rowCount: batch.rowCount, columns };
    return await send(renamed, { ...common, replaces }, context);
  });
}

export async function deleteRows(
  request: DeleteRowsRequest,
  deps: WriteDeps,
  call: Call,
): Promise<DeleteAnswer> {
  return await withFreshSchema(request, deps, call, async (collection, place) => {
    const { schema, id: collectionId } = collection;
    const { ids, filter: text, partitionName } = request;
    if ((ids === undefined) === (text === undefined)) {
      throw invalidParameter('delete takes either ids or a filter');
    }
    const named = partitionName === undefined ? undefined : [partitionName];
    const within = rowScope(collection, request.namespace, undefined);
    if (within.partitionIds === null) refusePartitionNames(collection, named ?? []);
    else rowScope(collection, request.namespace, named);
    const partitionIds =
      partitionName === undefined
        ? within.partitionIds
        : [partitionNamed(collection, partitionName).id];
    const common = { collectionId, schemaVersion: schema.version, partitionIds };
    const inNamespace = within.namespace?.filter ?? null;
    if (ids !== undefined) {
      checkRowCount(ids.length);
      const keys = await keysInTurns(primaryField(schema), ids, turnOf(call, deps.clock));
      await place.ready;
      const answers = routeKeys(collection, keys).map((shard) =>
        deps.shards.delete({ ...common, ...shard, filter: inNamespace }, call),
      );
      place.leave();
      return joinWrites(await everyAnswer(answers));
    }
    const own = await bindDelete(request, collection, turnOf(call, deps.clock));
    const filter = bothFilters(own, inNamespace);
    await place.ready;
    const answers = collection.shardIds.map((shardId) =>
      deps.shards.delete({ ...common, shardId, keys: null, filter }, call),
    );
    place.leave();
    return joinWrites(await everyAnswer(answers));
  });
}

async function bindDelete(
  { filter: text = '', parameters }: DeleteRowsRequest,
  { schema, properties }: CollectionInfo,
  turn: Turn,
): Promise<BoundFilter> {
  const context = 'failed to create delete plan';
  const timeZone = effectiveTimeZone('', properties);
  const filter = await filterInTurns({ text, parameters, schema, timeZone, context }, turn);
  if (isAlwaysTrue(filter)) {
    throw invalidParameter(`${context}: delete needs a filter that not every row matches`, {
      filter: text,
    });
  }
  return filter;
}

interface WriteContext {
  readonly request: RowsRequest;
  readonly collection: CollectionInfo;
  readonly deps: WriteDeps;
  readonly call: Call;
  readonly place: Place;
}

async function send(
  batch: ColumnBatch,
  taking: Taking,
  { request, collection, deps, call, place }: WriteContext,
): Promise<RowsAnswer> {
  const { id: collectionId, schema } = collection;
  const { upsert, partial, arrayOperations: operations = NO_ARRAY_OPERATIONS } = taking;
  const { answered = new Map<number, WriteAnswer>() } = taking;
  const partitionName = partitionOfRows(request, collection);
  const inPlace = partial && partitionName === undefined;
  const routed = new Map(
    routeRows(collection, batch, partitionName).map(({ shardId, rows }) => [shardId, rows]),
  );
  const replaced = new Map(
    taking.replaces === undefined
      ? []
      : routeKeys(collection, taking.replaces).map((shard) => [shard.shardId, shard.keys]),
  );
  const newKeys = newKeysOf(taking);
  await place.ready;
  checkCall(call);
  const shardIds = new Set([...routed.keys(), ...replaced.keys()]);
  const answers = Array.from(shardIds, async (shardId) => {
    const known = answered.get(shardId);
    if (known !== undefined) return known;
    const common = { collectionId, shardId, schemaVersion: schema.version };
    const rows = routed.get(shardId) ?? [];
    const replaces = replaced.get(shardId) ?? null;
    const how = { upsert, partial, inPlace, arrayOperations: operations, ...newKeys };
    const answer = await deps.shards.insert({ ...common, rows, replaces, ...how }, call);
    answered.set(shardId, answer);
    return answer;
  });
  place.leave();
  const written = joinWrites(await everyAnswer(answers));
  const own = batch.columns.get(primaryField(schema).id);
  const keys = must(taking.renamed ?? own, 'every row has its key by now');
  return { ...written, ids: keysOf(keys) };
}

function newKeysOf({ replaces, renamed }: Taking): { readonly newKeys?: NewKeys } {
  if (renamed === undefined || replaces === undefined) return {};
  return { newKeys: { from: replaces, to: keysOfColumn(renamed) } };
}

function allocator({ coordinator }: WriteDeps, call: Call): AllocateIds {
  return async (count) => await coordinator.allocateIds({ count }, call);
}

/** Runs `write` in its place among the writes; when the schema changed under it, again with the new one. */
async function withFreshSchema<T>(
  ref: { readonly databaseName: string; readonly collectionName: string },
  deps: WriteDeps,
  call: Call,
  write: (collection: CollectionInfo, place: Place) => Promise<T>,
): Promise<T> {
  const place = deps.order.enter(JSON.stringify([ref.databaseName, ref.collectionName]));
  const describe = async (): Promise<CollectionInfo> =>
    await deps.coordinator.describeCollection(ref, call);
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return await write(await describe(), place);
      } catch (failure) {
        if (!isMismatch(failure) || attempt === SCHEMA_ATTEMPTS_MAX) throw failure;
      }
    }
  } finally {
    place.leave();
  }
}

function isMismatch(failure: unknown): boolean {
  return failure instanceof MilvusError && failure.reason === 'SchemaMismatch';
}

/** How rows of a request become a batch. */
interface RowTaking {
  readonly options: GivenOptions;
  readonly convert: (rows: readonly Row[]) => ColumnBatch;
  readonly turn: Turn;
}

/** Rows as objects in pieces, rows as columns at once: of those there is little to do. */
async function takeRows(
  rows: RowsRequest['rows'],
  schema: CollectionSchema,
  { options, convert, turn }: RowTaking,
): Promise<ColumnBatch> {
  if (!('columns' in rows)) {
    checkRowCount(rows.length);
    return await rowsInTurns(schema, rows, convert, turn);
  }
  checkRowCount(rows.rowCount);
  return columnsToBatch(schema, rows, options);
}

function rowOptions(
  { namespace }: RowsRequest,
  collection: CollectionInfo,
  operation: 'insert' | 'upsert',
): RowsOptions {
  const { schema, properties } = collection;
  // Where namespaces are partitions, rows do not say theirs.
  const isValue = namespaceMode(schema, properties) !== 'partition';
  return {
    operation,
    ...(namespace === undefined || !isValue ? {} : { namespace }),
    timeZone: effectiveTimeZone('', properties),
    allowInsertAutoId: allowsInsertAutoId(properties),
  };
}

/** @throws MilvusError ParameterInvalid where a namespace is missing, or the partition is not that of it */
function partitionOfRows(
  { namespace, partitionName }: RowsRequest,
  { schema, properties }: CollectionInfo,
): string | undefined {
  const mode = namespaceMode(schema, properties);
  checkNamespace(mode, namespace);
  if (mode !== 'partition' || namespace === undefined) return partitionName;
  const [name] = namespacePartitions(namespace, partitionName === undefined ? [] : [partitionName]);
  return name;
}

function checkRowCount(rowCount: number): void {
  if (rowCount === 0) throw invalidParameter('a write needs at least one row', { rows: 0 });
  if (rowCount > BATCH_ROWS_MAX) {
    throw invalidParameter(`a write takes at most ${BATCH_ROWS_MAX} rows`, { rows: rowCount });
  }
}

function joinWrites(answers: readonly WriteAnswer[]): WriteAnswer {
  let timestamp = 0n;
  let rowCount = 0;
  for (const answer of answers) {
    rowCount += answer.rowCount;
    if (answer.timestamp > timestamp) timestamp = answer.timestamp;
  }
  return { rowCount, timestamp };
}
