/** What iterators need of searches and queries: the moment of all their pages, and where each begins and ends. */
import { invalidParameter } from '../base/errors.ts';
import { TOP_K_MAX } from '../base/limits.ts';
import type { SearchColumnsAnswer } from '../core/requests.ts';
import type { Service } from '../core/service.ts';
import type { Properties } from '../schema/collection-schema.ts';
import { DataType } from '../schema/data-type.ts';
import { primaryField } from '../schema/fields.ts';
import type { PrimaryKey } from '../schema/primary-key.ts';
import type {
  QueryRequest,
  SearchIteratorV2Results,
  SearchRequest,
} from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import { iteratorMoment, type SearchIteratorParams } from './iterator-params.ts';
import type { ScoreEnd, SearchIterators } from './search-iterators.ts';
import { collectionOf, type ServerCall } from './server-call.ts';

/** Iterators of the first kind ask for as much as they like, and get what there may be. */
export function limitOf(given: number, isIterator: boolean): number {
  return isIterator && (given < 1 || given > TOP_K_MAX) ? TOP_K_MAX : given;
}

/** What a client of an iterator has to bring back. */
export function pageMessage(
  of: { readonly iterators: SearchIterators; readonly iterator: SearchIteratorParams },
  after: ScoreEnd | null,
  { pageEnd }: SearchColumnsAnswer,
): Init<SearchIteratorV2Results> {
  const token = of.iterator.token ?? of.iterators.newToken();
  if (pageEnd !== null && pageEnd !== after) of.iterators.note(token, after, pageEnd);
  return { token, lastBound: pageEnd?.score ?? of.iterator.lastBound ?? 0 };
}

interface Momentary {
  readonly request: SearchRequest | QueryRequest;
  readonly isIterator: boolean;
  readonly pairs: Properties;
}

/**
 * The moment to look at, where that is not any: of an iterator the one of its first page, of others the
 * `travel_timestamp`, as old clients send it.
 */
export async function momentOf(
  service: Service,
  { request, isIterator, pairs }: Momentary,
  call: ServerCall,
): Promise<{ readonly snapshotTimestamp?: bigint }> {
  const { travelTimestamp, guaranteeTimestamp } = request;
  if (!isIterator) return travelTimestamp === 0n ? {} : { snapshotTimestamp: travelTimestamp };
  const moment = iteratorMoment(pairs, guaranteeTimestamp);
  return { snapshotTimestamp: moment ?? (await service.allocateTimestamp(call.options)) };
}

/** A primary key that came as text. @throws MilvusError ParameterInvalid */
export async function keyOf(
  service: Service,
  request: QueryRequest,
  { key, call }: { readonly key: string; readonly call: ServerCall },
): Promise<PrimaryKey> {
  const { schema } = await service.describeCollection(collectionOf(request, call), call.options);
  if (primaryField(schema).type === DataType.VarChar) return key;
  if (/^-?\d{1,19}$/.test(key)) return BigInt(key);
  throw invalidParameter('value for query iterator last primary key is invalid', {
    expected: 'int64 primary key',
    actual: key,
  });
}
