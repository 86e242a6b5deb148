/** What reads and writes of the typed API ask for, as the engine's requests have it. Members are checked before. */
import { invalidParameter } from '../base/errors.ts';
import type { DeleteRowsRequest, QueryRowsRequest, SearchRowsRequest } from '../core/requests.ts';
import type { PrimaryKey } from '../schema/primary-key.ts';
import { kindOf, requireMembers, requireObject, requireText, requireTexts } from './checks.ts';
import { filterParts } from './expression.ts';
import type {
  Filtered,
  OrderBy,
  QueryRequest,
  ReadOptions,
  SearchRequest,
  WriteOptions,
} from './requests.ts';
import type { AnySchema } from './schema.ts';

type ReadParts = Omit<QueryRowsRequest, 'databaseName' | 'collectionName' | 'groupBy' | 'orderBy'>;
type WriteParts = Pick<DeleteRowsRequest, 'partitionName' | 'namespace'>;
type SearchParts = Omit<SearchRowsRequest, 'databaseName' | 'collectionName' | 'limit'>;

export function writeParts({ partition, namespace }: WriteOptions): WriteParts {
  return {
    ...(partition === undefined ? {} : { partitionName: partition }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

export function readParts(request: ReadOptions & Filtered): ReadParts {
  const { partition, consistencyLevel, namespace, timestamp, timezone } = request;
  if (timestamp !== undefined && typeof timestamp !== 'bigint') {
    throw invalidParameter('timestamp must be a bigint', { actual: kindOf(timestamp) });
  }
  return {
    // Whoever reads everything gets everything: what was released is loaded for it.
    refuseReleased: true,
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

/** Which of the rows, and in which order. @throws MilvusError ParameterInvalid */
export function windowParts({
  limit,
  offset,
  orderBy,
  ignoreGrowing,
}: QueryRequest<string>): Pick<QueryRowsRequest, 'limit' | 'offset' | 'orderBy' | 'ignoreGrowing'> {
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(offset === undefined ? {} : { offset }),
    ...(ignoreGrowing === undefined ? {} : { ignoreGrowing }),
    ...orderParts(orderBy),
  };
}

/** @throws MilvusError ParameterInvalid */
export function searchParts(
  request: Omit<SearchRequest<AnySchema, string>, 'limit'> & SearchedFor,
): SearchParts {
  const { data, ids, field, metric, offset, roundDecimal, searchParams } = request;
  const { ignoreGrowing, hints } = request;
  if (searchParams !== undefined) requireObject('searchParams', searchParams);
  return {
    ...readParts(request),
    ...(ids === undefined ? { data: isOneVector(data) ? [data] : data } : { ids, data }),
    outputFields: request.outputFields ?? [],
    ...groupParts(request),
    ...orderParts(request.orderBy),
    ...(ignoreGrowing === undefined ? {} : { ignoreGrowing }),
    ...(hints === undefined ? {} : { hints }),
    ...(field === undefined ? {} : { fieldName: field }),
    ...(metric === undefined ? {} : { metric }),
    ...(offset === undefined ? {} : { offset }),
    ...(roundDecimal === undefined ? {} : { roundDecimal }),
    ...(searchParams === undefined ? {} : { params: { ...searchParams } }),
  };
}

interface SearchedFor {
  readonly data?: unknown;
  readonly ids?: readonly PrimaryKey[];
}

function groupParts(
  request: Omit<SearchRequest<AnySchema, string>, 'limit'>,
): Pick<SearchRowsRequest, 'groupBy'> {
  const { groupBy, groupSize, strictGroupSize, jsonType, strictCast } = request;
  if (groupBy === undefined) {
    const given = { groupSize, strictGroupSize, jsonType, strictCast };
    const [name] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
    if (name === undefined) return {};
    throw invalidParameter(`${name} says how to group, and needs groupBy`);
  }
  const fields = typeof groupBy === 'string' ? [groupBy] : groupBy;
  requireTexts('groupBy', fields);
  return {
    groupBy: {
      fields,
      ...(groupSize === undefined ? {} : { size: groupSize }),
      ...(strictGroupSize === undefined ? {} : { isStrict: strictGroupSize }),
      ...(jsonType === undefined ? {} : { jsonType }),
      ...(strictCast === undefined ? {} : { strictCast }),
    },
  };
}

/** @throws MilvusError ParameterInvalid for what is no list of fields with their directions */
export function orderParts(orderBy: readonly OrderBy[] | undefined): {
  orderBy?: readonly OrderBy[];
} {
  if (orderBy === undefined) return {};
  const given: unknown = orderBy;
  if (!Array.isArray(given)) throw invalidParameter('orderBy must be a list of objects');
  for (const one of orderBy) {
    requireMembers('orderBy', one, ORDER_MEMBERS);
    requireText('field of orderBy', one.field);
  }
  return { orderBy };
}

const ORDER_MEMBERS = { field: true, order: true, nulls: true } as const;

/**
 * One vector: numbers, bytes, or a sparse vector by index. A list of anything else is many. The first element that is
 * there decides, so that one that is missing is refused as an element.
 */
export function isOneVector(data: unknown): boolean {
  return !Array.isArray(data) || typeof data.find(isThere) === 'number';
}

function isThere(element: unknown): boolean {
  return element !== null && element !== undefined;
}
