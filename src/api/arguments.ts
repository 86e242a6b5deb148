/**
 * What comes from callers without types, checked where it comes in: names are strings, options and
 * requests are objects, and a member that nothing reads is refused, so that no misspelt word changes an
 * answer in silence. What the members hold is checked where it is used.
 */
import { invalidParameter } from '../base/errors.ts';
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
import type { AnySchema } from './schema.ts';

/** The names that options or a request of this type may have: the compiler sees that none is missing. */
export type Members<Type> = Readonly<Record<keyof Type, true>>;

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

/**
 * @param name of the argument, as the method's signature has it
 * @throws MilvusError ParameterInvalid: no object, or with a member that is none of `members`
 */
export function requireMembers(
  name: string,
  value: unknown,
  members: Readonly<Record<string, true>>,
): void {
  requireObject(name, value);
  for (const [member, held] of Object.entries(value)) {
    if (held === undefined || Object.hasOwn(members, member)) continue;
    const known = Object.keys(members).toSorted().join(', ');
    throw invalidParameter(`${name} has no member ${member}, it takes ${known}`);
  }
}

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

/** @throws MilvusError ParameterInvalid */
export function requireObject(name: string, value: unknown): asserts value is object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw invalidParameter(`${name} must be an object`, { actual: kindOf(value) });
}

/** @throws MilvusError ParameterInvalid */
export function requireText(name: string, value: unknown): void {
  if (typeof value === 'string') return;
  throw invalidParameter(`${name} must be a string`, { actual: kindOf(value) });
}

/** @throws MilvusError ParameterInvalid */
export function requireTexts(name: string, value: unknown): void {
  const isList = Array.isArray(value);
  if (isList && value.every((one) => typeof one === 'string')) return;
  const actual = isList ? 'a list with something else in it' : kindOf(value);
  throw invalidParameter(`${name} must be a list of strings`, { actual });
}

/** Properties or parameters as the catalog keeps them. @throws MilvusError ParameterInvalid */
export function propertyTexts(properties: unknown, name = 'properties'): Record<string, string> {
  requireObject(name, properties);
  return Object.fromEntries(
    Object.entries(properties).map(([key, value]: [string, unknown]) => {
      const isPlain = ['string', 'number', 'bigint', 'boolean'].includes(typeof value);
      if (isPlain) return [key, String(value)];
      throw invalidParameter(`${key} of ${name} must be a string, a number, true or false`, {
        actual: kindOf(value),
      });
    }),
  );
}

/** What a value is, in a word for messages: never its contents, which may be long or private. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : typeof value;
}

/** @throws MilvusError ParameterInvalid for anything but operations by the names of fields */
export function givenOperations(fieldOps: unknown): GivenFieldOperation[] {
  requireObject('fieldOps', fieldOps);
  return Object.entries(fieldOps).map(([fieldName, op]: [string, FieldOperation]) => ({
    fieldName,
    op,
  }));
}
