/**
 * The members that options and requests may have: one that nothing reads is refused, so that no misspelt word
 * changes an answer in silence. What the members hold is checked where it is used.
 */
import type { FieldOperation, GivenFieldOperation } from '../schema/array-operations.ts';
import type {
  AggregateRequest,
  BucketOptions,
  BucketSearchRequest,
  CallOptions,
  CollectionOptions,
  CountRequest,
  DeleteRequest,
  GetOptions,
  IterateRequest,
  PropertyChanges,
  QueryRequest,
  RenameOptions,
  SearchIteratorRequest,
  SearchRequest,
  UpsertOptions,
  WriteOptions,
} from './requests.ts';
import { type Members, requireMembers, requireObject } from './checks.ts';
import type { AnySchema } from './schema.ts';

export const CALL_MEMBERS: Members<CallOptions> = { signal: true, timeoutMs: true };

export const WRITE_MEMBERS: Members<WriteOptions> = {
  ...CALL_MEMBERS,
  partition: true,
  namespace: true,
};

export const UPSERT_MEMBERS: Members<UpsertOptions> = {
  ...WRITE_MEMBERS,
  partial: true,
  fieldOps: true,
};

export const RENAME_MEMBERS: Members<RenameOptions> = { ...CALL_MEMBERS, database: true };

export const DELETE_MEMBERS: Members<DeleteRequest<AnySchema>> = {
  ...WRITE_MEMBERS,
  ids: true,
  filter: true,
  params: true,
};

const READ_MEMBERS = {
  ...CALL_MEMBERS,
  partition: true,
  namespace: true,
  timestamp: true,
  timezone: true,
} as const;

const FILTER_MEMBERS = { filter: true, params: true } as const;

export const GET_MEMBERS: Members<GetOptions<string>> = {
  ...READ_MEMBERS,
  consistencyLevel: true,
  outputFields: true,
};

export const COUNT_MEMBERS: Members<CountRequest> = {
  ...READ_MEMBERS,
  ...FILTER_MEMBERS,
  consistencyLevel: true,
};

export const QUERY_MEMBERS: Members<QueryRequest<string>> = {
  ...GET_MEMBERS,
  ...FILTER_MEMBERS,
  limit: true,
  offset: true,
  orderBy: true,
  ignoreGrowing: true,
};

export const AGGREGATE_MEMBERS: Members<AggregateRequest> = {
  ...COUNT_MEMBERS,
  show: true,
  groupBy: true,
  limit: true,
  offset: true,
  orderBy: true,
};

const { limit: _, offset: __, orderBy: ___, ...UNORDERED_MEMBERS } = QUERY_MEMBERS;

export const BUCKET_SEARCH_MEMBERS: Members<
  BucketSearchRequest<AnySchema, string> & { readonly data: unknown }
> = {
  ...UNORDERED_MEMBERS,
  data: true,
  buckets: true,
  field: true,
  metric: true,
  searchParams: true,
  roundDecimal: true,
  hints: true,
};

export const BUCKET_MEMBERS: Members<BucketOptions> = {
  fields: true,
  size: true,
  searchSize: true,
  metrics: true,
  order: true,
  topHits: true,
  inside: true,
};

export const SEARCH_MEMBERS: Members<
  SearchRequest<AnySchema, string> & { readonly data: unknown; readonly ids: unknown }
> = {
  ...QUERY_MEMBERS,
  data: true,
  ids: true,
  groupBy: true,
  groupSize: true,
  strictGroupSize: true,
  jsonType: true,
  strictCast: true,
  hints: true,
  field: true,
  metric: true,
  searchParams: true,
  roundDecimal: true,
};

export const SEARCH_ITERATOR_MEMBERS: Members<
  SearchIteratorRequest<AnySchema, string> & { readonly data: unknown }
> = {
  ...READ_MEMBERS,
  ...FILTER_MEMBERS,
  outputFields: true,
  data: true,
  field: true,
  metric: true,
  searchParams: true,
  roundDecimal: true,
  batchSize: true,
  limit: true,
};

export const ITERATE_MEMBERS: Members<IterateRequest<string>> = {
  ...READ_MEMBERS,
  ...FILTER_MEMBERS,
  outputFields: true,
  batchSize: true,
  limit: true,
};

export const COLLECTION_MEMBERS: Members<
  CollectionOptions & { readonly schema: unknown; readonly dynamic: unknown }
> = {
  ...CALL_MEMBERS,
  schema: true,
  dynamic: true,
  description: true,
  properties: true,
  shards: true,
  partitions: true,
  consistencyLevel: true,
  namespaces: true,
};

export const CHANGE_MEMBERS: Members<PropertyChanges> = { ...CALL_MEMBERS, remove: true };

/** Options that only say how long a call may take, as they are. @throws MilvusError ParameterInvalid */
export function checkedCall(options: CallOptions): CallOptions {
  requireMembers('options', options, CALL_MEMBERS);
  return options;
}

/** The part of checked options that says how long the call may take. */
export function callOf(options: CallOptions): CallOptions {
  return {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
  };
}

/** @throws MilvusError ParameterInvalid for anything but operations by the names of fields */
export function givenOperations(fieldOps: unknown): GivenFieldOperation[] {
  requireObject('fieldOps', fieldOps);
  return Object.entries(fieldOps).map(([fieldName, op]: [string, FieldOperation]) => ({
    fieldName,
    op,
  }));
}
