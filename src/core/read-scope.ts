/** What searches and queries have in common: names resolved, the filter bound, the moment chosen. */
import type { Clock } from '../base/clock.ts';
import { invalidParameter, MilvusError, milvusError, withContext } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import { BOUNDED_STALENESS_MS, LARGE_TOP_K_MAX, TOP_K_MAX } from '../base/limits.ts';
import { physicalMs, timestampOf } from '../meta/hybrid-clock.ts';
import { type BoundFilter, compileFilter } from '../query/bind.ts';
import { filterName } from '../query/filter-name.ts';
import { keysAskedFor } from '../query/key-conditions.ts';
import type { ParameterValues } from '../query/template.ts';
import { partitionKeyField } from '../schema/fields.ts';
import { effectiveTimeZone, hasLargeTopK } from '../schema/properties.ts';
import type { QueryPlan } from '../search/plan.ts';
import type { Turn } from '../search/read-context.ts';
import { turnOf } from './call.ts';
import { filterInTurns } from './long-filter.ts';
import type { Call, CollectionInfo, Coordinator, ReadPoint, Shards } from './ports.ts';
import type { QueryRowsRequest, SearchRowsRequest } from './requests.ts';
import { readShapeOf } from './read-shape.ts';
import { partitionsOfKeys } from './routing.ts';
import { livingRows, narrowed, type NamedFilter, rowScope } from './row-scope.ts';

export interface ReadDeps {
  readonly coordinator: Coordinator;
  readonly shards: Shards;
  readonly clock: Clock;
  readonly random: Random;
}

/** A read of a collection, and who asks for it. */
export interface ReadContext {
  readonly collection: CollectionInfo;
  readonly deps: ReadDeps;
  readonly call: Call;
}

/** Moments that a read of several shards, or of several steps, tries. */
const MOMENT_ATTEMPTS = 5;

/** Asks for one moment: the request's own, else one of now. */
export async function atOneMoment<Answer>(
  read: ReadPoint,
  { deps, call }: ReadContext,
  ask: (read: ReadPoint) => Promise<Answer>,
): Promise<Answer> {
  if (read.snapshotTimestamp !== null) return await ask(read);
  for (let attempt = 1; ; attempt++) {
    const snapshotTimestamp = await deps.coordinator.allocateTimestamp(call);
    try {
      return await ask({ ...read, snapshotTimestamp });
    } catch (failure) {
      // Compaction came between the choice of a moment and the last answer: a later one will do as well.
      const isExpired = failure instanceof MilvusError && failure.reason === 'SnapshotExpired';
      if (!isExpired || attempt === MOMENT_ATTEMPTS) throw failure;
    }
  }
}

export type ReadRowsRequest = QueryRowsRequest | SearchRowsRequest;

/** Hits or rows that a read may ask for, offset included. */
export function windowMaxOf({ properties }: CollectionInfo): number {
  return hasLargeTopK(properties) ? LARGE_TOP_K_MAX : TOP_K_MAX;
}

/** When a read is worked on: its turns on the serving thread, and who lives by then. */
export interface ReadTime {
  readonly turn: Turn;
  /** Wall-clock milliseconds. */
  readonly nowMs: number;
}

export function readTime(call: Call, clock: Clock): ReadTime {
  return { turn: turnOf(call, clock), nowMs: clock.nowMs() };
}

export type Scope = Pick<
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
export function readScope(
  request: ReadRowsRequest,
  collection: CollectionInfo,
  turn: Turn,
): Scope | Promise<Scope> {
  const { namespace, partitionNames } = request;
  const within = rowScope(collection, namespace, partitionNames);
  const partitionIds = loadedPartitions(request, collection, within.partitionIds);
  const scope = {
    ...readShapeOf(collection).scope,
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
  const filter = readShapeOf(collection).filter(name, bind);
  return pruned({ ...scope, filter, filterName: name }, collection);
}

/** Without the partitions that the filter says nothing of. */
function pruned(scope: Scope, collection: CollectionInfo): Scope {
  const field = partitionKeyField(collection.schema);
  if (field === undefined || scope.filter === null) return scope;
  const keys = keysAskedFor(scope.filter, field.id);
  if (keys === null) return scope;
  return { ...scope, partitionIds: partitionsOfKeys(collection, keys, scope.partitionIds) };
}

/** Each page would take a sample of its own. @throws MilvusError ParameterInvalid */
export function refuseSample({ filter }: Pick<Scope, 'filter'>): void {
  if (filter?.sample === undefined) return;
  throw invalidParameter('random_sample is not supported in an iteration');
}

/** The filter of a scope, and what holds beside it: the namespace, and who lives at the moment of the read. */
export function narrowedFilter(
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
  const { filter: text = '', parameters } = read.request;
  const { schema } = read.collection;
  const timeZone = timeZoneOf(read.request, read.collection);
  const context = 'failed to create query plan';
  const filter = await filterInTurns({ text, parameters, schema, timeZone, context }, turn);
  return pruned({ ...scope, filter, filterName: null }, read.collection);
}

/** @throws MilvusError CollectionNotLoaded, PartitionNotLoaded */
function loadedPartitions(
  { refuseReleased = false }: ReadRowsRequest,
  collection: CollectionInfo,
  asked: number[] | null,
): number[] | null {
  const loaded = collection.partitions.filter((partition) => partition.loaded);
  if (loaded.length === 0) {
    throw milvusError('CollectionNotLoaded', { fields: { collection: collection.name } });
  }
  const isWhole = loaded.length === collection.partitions.length;
  if (asked === null && isWhole) return null;
  if (asked === null && !refuseReleased) return loaded.map(({ id }) => id);
  for (const id of asked ?? collection.partitions.map((one) => one.id)) {
    const partition = collection.partitions.find((one) => one.id === id);
    if (partition?.loaded !== true) {
      throw milvusError('PartitionNotLoaded', { fields: { partition: partition?.name ?? id } });
    }
  }
  return asked;
}

export function readPoint(
  request: ReadRowsRequest,
  collection: CollectionInfo,
  clock: Clock,
): ReadPoint {
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

export function timeZoneOf(request: ReadRowsRequest, collection: CollectionInfo): string {
  return effectiveTimeZone(request.timezone, collection.properties);
}
