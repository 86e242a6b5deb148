/** What reads of the typed API ask for, as the engine's requests have it. Members are checked before. */
import type { QueryRowsRequest, SearchRowsRequest } from '../core/requests.ts';
import { requireObject } from './arguments.ts';
import { filterParts } from './expression.ts';
import type { Filtered, ReadOptions, SearchRequest } from './requests.ts';
import type { AnySchema } from './schema.ts';

type ReadParts = Omit<QueryRowsRequest, 'databaseName' | 'collectionName' | 'groupBy' | 'orderBy'>;
type SearchParts = Omit<SearchRowsRequest, 'databaseName' | 'collectionName' | 'limit'>;

export function readParts(request: ReadOptions & Filtered): ReadParts {
  const { partition, consistencyLevel, namespace, timestamp, timezone } = request;
  return {
    ...filterParts(request.filter, request.params),
    ...(partition === undefined
      ? {}
      : { partitionNames: typeof partition === 'string' ? [partition] : partition }),
    ...(consistencyLevel === undefined ? {} : { consistencyLevel }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(timestamp === undefined ? {} : { snapshotTimestamp: timestamp }),
    ...(timezone === undefined ? {} : { timezone }),
  };
}

/** @throws MilvusError ParameterInvalid */
export function searchParts(
  request: Omit<SearchRequest<AnySchema, string>, 'limit'> & { readonly data: unknown },
): SearchParts {
  const { data, field, metric, offset, roundDecimal, searchParams } = request;
  if (searchParams !== undefined) requireObject('searchParams', searchParams);
  return {
    ...readParts(request),
    data: isOneVector(data) ? [data] : data,
    outputFields: request.outputFields ?? [],
    ...(field === undefined ? {} : { fieldName: field }),
    ...(metric === undefined ? {} : { metric }),
    ...(offset === undefined ? {} : { offset }),
    ...(roundDecimal === undefined ? {} : { roundDecimal }),
    ...(searchParams === undefined ? {} : { params: { ...searchParams } }),
  };
}

/** One vector: numbers, bytes, or a sparse vector by index. A list of anything else is many. */
export function isOneVector(data: unknown): boolean {
  return !Array.isArray(data) || typeof data[0] === 'number';
}
