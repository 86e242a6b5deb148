/** What the methods of the typed API take and give, for the compiler and the reader. */
import type { CallOptions, CollectionStatistics, DeleteRowsRequest } from '../core/requests.ts';
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
  /** Where the rows belong, in a collection with namespaces. */
  readonly namespace?: string;
}

/** Where the engine is to write. */
export type WriteTarget = Pick<
  DeleteRowsRequest,
  'databaseName' | 'collectionName' | 'partitionName' | 'namespace'
>;

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
  /** The namespace to read, in a collection that has some. */
  readonly namespace?: string;
  /**
   * The read sees exactly the rows of this hybrid timestamp, also those that were deleted since: for a minute after
   * its last use, and as long as `collection.retention.seconds` says; else SnapshotExpired.
   */
  readonly timestamp?: bigint;
  /** IANA zone in which timestamptz values are written. Default: the collection's, else UTC. */
  readonly timezone?: string;
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
  /** Rows at most, in ascending order of the key; 1 to 16,384 with `offset`. Required without a filter. */
  readonly limit?: number;
  readonly offset?: number;
}

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
}

export interface SearchIteratorRequest<S extends Schema, Names extends string>
  extends Omit<SearchRequest<S, Names>, 'limit' | 'offset' | 'consistencyLevel'> {
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
