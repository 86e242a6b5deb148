/** What iterators need of searches and queries: the moment of all their pages, and where each begins and ends. */
import { invalidParameter } from '../base/errors.ts';
import { TOP_K_MAX } from '../base/limits.ts';
import type { QueryRowsRequest, SearchColumnsAnswer } from '../core/requests.ts';
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
import type { IterationSchemas } from './iteration-schemas.ts';
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
  /** `later`: the request says behind what its page begins. */
  readonly page: 'none' | 'any' | 'later';
  readonly pairs: Properties;
}

export interface Iterations {
  readonly service: Service;
  readonly schemas: IterationSchemas;
}

/**
 * The moment to look at, where that is not any: of an iterator the one of its first page, with the schema there
 * was by then; of others the `travel_timestamp`, as old clients send it.
 */
export async function momentOf(
  { service, schemas }: Iterations,
  { request, page, pairs }: Momentary,
  call: ServerCall,
): Promise<Pick<QueryRowsRequest, 'snapshotTimestamp' | 'collectionId' | 'schema'>> {
  const { travelTimestamp, guaranteeTimestamp } = request;
  if (page === 'none') return travelTimestamp === 0n ? {} : { snapshotTimestamp: travelTimestamp };
  const given = iteratorMoment(pairs, guaranteeTimestamp);
  const moment = given ?? (await service.allocateTimestamp(call.options));
  const reference = collectionOf(request, call);
  const collection = await service.describeCollection(reference, call.options);
  const schema = schemas.schemaAt(collection, { moment, isLater: page === 'later' });
  return { snapshotTimestamp: moment, collectionId: collection.id, schema };
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
