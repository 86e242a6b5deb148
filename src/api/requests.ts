/** What the methods of the typed API take and give, for the compiler and the reader. */
import type { CallOptions, CollectionStatistics } from '../core/requests.ts';
import type { IndexDescription } from '../core/index-states.ts';
import type { ConsistencyLevel, SegmentState } from '../core/ports.ts';
import type { FieldOperation } from '../schema/array-operations.ts';
import type { Expression } from './expression.ts';
import type { CollectionTraits } from './collection-definition.ts';
import type { SearchParams } from './index-options.ts';
import type { KeyInput, KeyOf, Schema, VectorName } from './schema.ts';
import type { IndexMetric, ParameterValues } from './values.ts';

export type {
  CallOptions,
  CollectionStatistics,
  ConsistencyLevel,
  FieldOperation,
  IndexDescription,
  SegmentState,
};

export interface WriteOptions extends CallOptions {
  /** Name of the partition to write to. Default: `_default`. */
  readonly partition?: string;
  /**
   * Where the rows belong, in a collection with namespaces. A key is one row of the whole collection: a write in one
   * namespace replaces the row of the same key in another. Only with the property `namespace.mode` = `partition`
   * and keys that are not made by the engine does each namespace have its own keys.
   */
  readonly namespace?: string;
}

export interface UpsertOptions extends WriteOptions {
  /**
   * Fields that a row leaves out keep their values; all rows must give the same fields. Without `partition` a
   * row that is there stays in its partition.
   */
  readonly partial?: boolean;
  /**
   * What the rows do to Array fields instead of replacing them: `ARRAY_APPEND` adds their elements behind those
   * that are there, `ARRAY_REMOVE` takes every equal element away. With one, the upsert is partial.
   */
  readonly fieldOps?: Readonly<Record<string, FieldOperation>>;
}

/** Of rows that leave fields out. */
export type PartialUpsertOptions = UpsertOptions &
  ({ readonly partial: true } | { readonly fieldOps: Readonly<Record<string, FieldOperation>> });

export interface RenameOptions extends CallOptions {
  /** The database that the collection moves to. Default: it stays in its own. */
  readonly database?: string;
}

export interface WriteResult<S extends Schema> {
  readonly rowCount: number;
  /** Keys in the order of the rows. */
  readonly ids: ReadonlyArray<KeyOf<S>>;
  /** Hybrid timestamp of the write: milliseconds since 1970 << 18 | counter. */
  readonly timestamp: bigint;
}

/** Which rows: a filter in Milvus's language with values for its `{name}` parameters, or an {@link Expression}. */
export interface Filtered {
  readonly filter?: string | Expression;
  readonly params?: ParameterValues;
}

/** Rows by their keys, or by a filter. */
export type DeleteRequest<S extends Schema> = WriteOptions &
  (
    | { readonly ids: ReadonlyArray<KeyInput<S>>; readonly filter?: never; readonly params?: never }
    | (Filtered & { readonly filter: string | Expression; readonly ids?: never })
  );

export interface DeleteResult {
  readonly rowCount: number;
  readonly timestamp: bigint;
}

export interface ReadOptions extends CallOptions {
  /** Only rows of these partitions. Default: all. */
  readonly partition?: string | readonly string[];
  /** Default: the collection's. */
  readonly consistencyLevel?: ConsistencyLevel;
  /** The namespace to read, in a collection that has some; see {@link WriteOptions} for what a key is there. */
  readonly namespace?: string;
  /**
   * The read sees exactly the rows of this hybrid timestamp, also those that were deleted since: for a minute after
   * its last use, and as long as `collection.retention.seconds` says; else SnapshotExpired.
   */
  readonly timestamp?: bigint;
  /** IANA zone in which timestamptz values are written. Default: the collection's, else UTC. */
  readonly timezone?: string;
}

/** A field to order by. */
export interface OrderBy {
  /**
   * A field, `json["key"]["inner"]`, or a key of the dynamic field. Vectors, Timestamptz, Array, Geometry and a JSON
   * field as a whole are refused, as in Milvus; so is what is inside of a field in a query through gRPC or REST.
   */
  readonly field: string;
  /** Default: `asc`. */
  readonly order?: 'asc' | 'desc';
  /** Where rows without a value come. Default: `last` of ascending, `first` of descending order. */
  readonly nulls?: 'first' | 'last';
}

interface Projected<Names extends string> {
  /** Fields of the answer; see the method for the default. */
  readonly outputFields?: readonly Names[];
}

export interface GetOptions<Names extends string> extends ReadOptions, Projected<Names> {}

export interface QueryRequest<Names extends string>
  extends ReadOptions,
    Projected<Names>,
    Filtered {
  /** Rows at most; 1 to 16,384 with `offset`. Required without a filter, and with `orderBy`. */
  readonly limit?: number;
  readonly offset?: number;
  /** Up to 10 fields; equal rows by key. Default: in ascending order of the key. */
  readonly orderBy?: readonly OrderBy[];
  /** Rows that are not in segment files yet are left out. */
  readonly ignoreGrowing?: boolean;
}

export interface AggregateRequest extends ReadOptions, Filtered {
  /** The names of the answer, one at least: of `groupBy`, and aggregates of fields. */
  readonly show: readonly string[];
  /** Integers, text and timestamptz; null is a value like another. Default: all rows are one group. */
  readonly groupBy?: readonly string[];
  /** Groups at most. Default: all, of which there may be 100,000. */
  readonly limit?: number;
  readonly offset?: number;
  /**
   * By fields of `groupBy`, but for Timestamptz, which is refused as in Milvus: groups come in its order unless
   * another one is asked for. Needs a limit.
   */
  readonly orderBy?: readonly OrderBy[];
}

/** Hits that have the values of some fields in common. */
export interface Bucket<Found> {
  /** By field. */
  readonly key: Readonly<Record<string, GroupValue>>;
  /** Hits that were found for it. */
  readonly count: number;
  /** By name; integers are bigints, null where no hit has a value. */
  readonly metrics: Readonly<Record<string, GroupValue>>;
  readonly hits: readonly Found[];
  readonly inside: ReadonlyArray<Bucket<Found>>;
}

/** A value of a field that rows are grouped by; of Timestamptz microseconds since 1970. */
export type GroupValue = bigint | number | string | boolean | null;

/** One level of buckets. */
export interface BucketOptions {
  /** Bool, integers, text and timestamptz; null is a value like another. */
  readonly fields: readonly string[];
  /** Buckets wanted inside of each above. Default: 1. */
  readonly size?: number;
  /** Buckets that are found, of which `size` stay by `order`. Default: `size`. */
  readonly searchSize?: number;
  /** By name: `{ avg: 'price' }`; `_score` and, to count, `*` stand for fields. */
  readonly metrics?: Readonly<Record<string, BucketMetric>>;
  /** By `_count`, `_key` or names of metrics, descending unless said. Default: by the best hit. */
  readonly order?: ReadonlyArray<{ readonly key: string; readonly order?: 'asc' | 'desc' }>;
  readonly topHits?: {
    /** Hits told of each bucket. Default: 1. */
    readonly size?: number;
    /** By `_score` or fields, descending unless said. Default: the best first. */
    readonly sort?: ReadonlyArray<{
      readonly field: string;
      readonly order?: 'asc' | 'desc';
      readonly nullFirst?: boolean;
    }>;
  };
  /** Buckets inside of each; up to 4 levels in all. */
  readonly inside?: BucketOptions;
}

/** One aggregate of one field. */
export type BucketMetric =
  | { readonly count: string }
  | { readonly sum: string }
  | { readonly avg: string }
  | { readonly min: string }
  | { readonly max: string };

export interface BucketSearchRequest<S extends Schema, Names extends string>
  extends Omit<
    SearchRequest<S, Names>,
    'limit' | 'offset' | 'groupBy' | 'groupSize' | 'strictGroupSize' | 'orderBy' | CastName
  > {
  readonly buckets: BucketOptions;
}

type CastName = 'jsonType' | 'strictCast';

export interface CountRequest extends ReadOptions, Filtered {}

export interface SearchRequest<S extends Schema, Names extends string>
  extends ReadOptions,
    Projected<Names>,
    Filtered {
  /** Vector field to search; may be left out when there is one only. */
  readonly field?: VectorName<S>;
  /** Hits of each vector; 1 to 16,384 with `offset`. */
  readonly limit: number;
  readonly offset?: number;
  /** Default: that of the index, else the field's. Another one is refused. */
  readonly metric?: IndexMetric;
  /** How wide the field's index is searched, and the range of scores that count. */
  readonly searchParams?: SearchParams;
  /** Decimals of the scores, 0 to 6. Default: all. */
  readonly roundDecimal?: number;
  /**
   * One name or several: the best hits of each group of rows that have these values in common. Bool, integers,
   * text and timestamptz, null as a value like another; alone also a path into JSON or a dynamic key.
   */
  readonly groupBy?: string | readonly string[];
  /** Hits of each group, 1 to 10; `limit` and `offset` count groups. Default: 1. */
  readonly groupSize?: number;
  /** An index goes on until every group has all its hits. Default: until it has the groups. */
  readonly strictGroupSize?: boolean;
  /** What a value of JSON must be to name a group. Default: any, by its text. */
  readonly jsonType?: 'Bool' | 'Int8' | 'Int16' | 'Int32' | 'Int64' | 'VarChar';
  /** A value of JSON of another type is an error. Default: its row is of the group of null. */
  readonly strictCast?: boolean;
  /** The best hits in this order; groups by their best hits. */
  readonly orderBy?: readonly OrderBy[];
  /** Rows that are not in segment files yet are left out. */
  readonly ignoreGrowing?: boolean;
  /** The filter looks at what was found instead of at all rows before: for filters that cost much and refuse little. */
  readonly hints?: 'iterative_filter';
}

export interface SearchIteratorRequest<S extends Schema, Names extends string>
  extends Omit<
    SearchRequest<S, Names>,
    | 'limit'
    | 'offset'
    | 'consistencyLevel'
    | 'groupBy'
    | 'groupSize'
    | 'strictGroupSize'
    | CastName
    | 'orderBy'
    | 'ignoreGrowing'
    | 'hints'
  > {
  /** Hits of a page, 1 to 16,384. Default: 1,000. */
  readonly batchSize?: number;
  /** Hits of all pages together. Default: no bound. */
  readonly limit?: number;
  /** Milliseconds that each request to the engine may take, not all of them together. */
  readonly timeoutMs?: number;
}

export interface IterateRequest<Names extends string>
  extends Omit<ReadOptions, 'consistencyLevel'>,
    Projected<Names>,
    Filtered {
  /** Rows of a page, 1 to 16,384. Default: 1,000. */
  readonly batchSize?: number;
  /** Rows of all pages together. Default: no bound. */
  readonly limit?: number;
  /** Milliseconds that each page may take, not all of them together. */
  readonly timeoutMs?: number;
}

/** How a collection is created when it does not exist. */
export interface CollectionOptions extends CollectionTraits, CallOptions {}

export interface PropertyChanges extends CallOptions {
  /** Names of properties to remove. */
  readonly remove?: readonly string[];
}
