/**
 * What users ask of the database, whoever speaks for them: the typed API, gRPC and REST all translate to
 * these. Rows come either as objects (checked here) or as columns.
 */
import type { IndexMetric } from '../index/metric-type.ts';
import type { ParameterValues } from '../query/template.ts';
import type { GivenFieldOperation } from '../schema/array-operations.ts';
import type { PrimaryKey } from '../schema/primary-key.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import type { ColumnBatch } from '../schema/column.ts';
import type { CollectionDefinition } from '../schema/definition.ts';
import type { GivenColumns } from '../schema/given-columns.ts';
import type { BucketRequest } from '../search/bucket-names.ts';
import type { ElementLists, ExplainedStep, Explanation } from '../search/plan.ts';
import type { RowValue } from '../search/row-values.ts';
import type { NamedColumn } from '../search/value-columns.ts';
import type { GroupRequest, OrderRequest } from '../search/value-names.ts';
import type { ConsistencyLevel, IndexRequest } from './ports.ts';
import type { CollectionRef } from './references.ts';

export type {
  BucketRequest,
  ElementLists,
  ExplainedStep,
  Explanation,
  GroupRequest,
  NamedColumn,
  OrderRequest,
};

/** A row as users write and get it: values by field name. */
export type Row = Readonly<Record<string, unknown>>;

export interface CallOptions {
  /** Cancels the call. A write may be stored all the same, as after `timeoutMs`. */
  readonly signal?: AbortSignal;
  /**
   * Milliseconds after which the call fails with DeadlineExceeded. Default: no limit. 0 is no way to say
   * so: only what is answered without waiting is then answered. A write that fails so may be stored or
   * not, on several shards in part: later reads show which, and it does not change after the first.
   */
  readonly timeoutMs?: number;
}

/** A collection to create, with its indexes. */
export interface NewCollection extends CollectionDefinition {
  readonly indexes?: readonly IndexRequest[];
}

export interface RowsRequest extends CollectionRef {
  readonly rows: readonly Row[] | GivenColumns;
  readonly partitionName?: string;
  /** Where the rows belong, in a collection with namespaces. */
  readonly namespace?: string;
}

export interface UpsertRequest extends RowsRequest {
  /** Fields that a row leaves out keep their values. */
  readonly partial?: boolean;
  /** What the rows do to fields beside replacing them; with one, the upsert is partial. */
  readonly fieldOps?: readonly GivenFieldOperation[];
}

export interface RowsAnswer {
  readonly rowCount: number;
  /** Keys in the order of the rows. */
  readonly ids: readonly PrimaryKey[];
  readonly timestamp: bigint;
}

export interface DeleteRowsRequest extends CollectionRef {
  /** One of the two. */
  readonly ids?: readonly PrimaryKey[];
  readonly filter?: string;
  readonly parameters?: ParameterValues;
  readonly partitionName?: string;
  /** The only one whose rows go, in a collection with namespaces. */
  readonly namespace?: string;
}

export interface DeleteAnswer {
  readonly rowCount: number;
  readonly timestamp: bigint;
}

interface ReadRowsRequest extends CollectionRef {
  /** The collection that the name must still mean. @throws MilvusError CollectionNotFound */
  readonly collectionId?: number;
  /**
   * The schema by which all pages are read, that of the first one; the answer has it as its own. Default: the
   * collection's. @throws MilvusError SchemaMismatch when a field of it is gone
   */
  readonly schema?: CollectionSchema;
  readonly partitionNames?: readonly string[];
  /** The one to read, in a collection with namespaces. */
  readonly namespace?: string;
  readonly filter?: string;
  readonly parameters?: ParameterValues;
  /** Names, `*`, `struct[sub]`, keys of the dynamic field. Default: the primary key only. */
  readonly outputFields?: readonly string[];
  /** Default: the collection's. */
  readonly consistencyLevel?: ConsistencyLevel;
  /** Lower bound of what a Session read must see. */
  readonly guaranteeTimestamp?: bigint;
  /** The read sees exactly the rows of this hybrid timestamp, which then stay readable for a minute. */
  readonly snapshotTimestamp?: bigint;
  readonly ignoreGrowing?: boolean;
  /** A read of all partitions is refused while one is released, instead of leaving its rows out. */
  readonly refuseReleased?: boolean;
  /** IANA zone in which Timestamptz values are written; default: the collection's, else UTC. */
  readonly timezone?: string;
}

export interface QueryRowsRequest extends ReadRowsRequest {
  /** Rows with these keys; may stand beside a filter. */
  readonly ids?: readonly PrimaryKey[];
  readonly limit?: number;
  readonly offset?: number;
  /** Fields of the groups that `outputFields` has aggregates of: `count(*)`, `sum(size)`; `limit` counts groups. */
  readonly groupBy?: readonly string[];
  /** Rows in this order, equal ones by key; groups by fields that they are groups of. Needs a limit. */
  readonly orderBy?: readonly OrderRequest[];
  /** Rows behind this key, null from the first on, found without looking at those before. Needs a limit. */
  readonly afterKey?: PrimaryKey | null;
}

export interface QueryRowsAnswer {
  /**
   * In ascending order of the primary key, which every row has, or as `orderBy` says. Or one row a group. With
   * `element_filter` a row comes once for each element that matches, whose place is its `$element`.
   */
  readonly rows: Record<string, unknown>[];
  /**
   * Of the read; a later read with it as snapshotTimestamp sees the same rows, or is refused when
   * compaction, a truncation or the drop of a partition has taken some of them.
   */
  readonly timestamp: bigint;
}

/** Rows as columns: the fields that were asked for, by id. */
interface ColumnsAnswer {
  readonly schema: CollectionSchema;
  readonly batch: ColumnBatch;
  readonly timestamp: bigint;
  /** IANA zone in which the request wants Timestamptz. */
  readonly timeZone: string;
}

export interface QueryColumnsAnswer extends ColumnsAnswer {
  /** Of a request with aggregates, in place of rows: a column for each output field, one row a group. */
  readonly aggregates: readonly NamedColumn[] | null;
  /** With `element_filter`: the places of the elements of each row that match. */
  readonly elements?: ElementLists;
}

export interface SearchColumnsAnswer extends ColumnsAnswer {
  /** Row of `batch` of each hit; the hits of a query after those of the one before, best first. */
  readonly rows: Uint32Array;
  readonly scores: Float32Array;
  /** Hits of each query. */
  readonly counts: Uint32Array;
  /** Rows of what was searched: of segments that the filter leaves out as a whole none count. */
  readonly searchedRows: number;
  /** By hit, where hits are elements of a struct array: the place of the element in its row. */
  readonly elements?: Uint32Array;
  /** Of a request with `after`: for the next one. Null where nothing was found. */
  readonly pageEnd: SearchPageEnd | null;
  /** Of a search by groups: the values of the group of each hit, a column for each name. */
  readonly groups: readonly NamedColumn[];
}

export interface SearchRowsRequest extends ReadRowsRequest {
  /**
   * One vector or many, in any form that the field's rows may have; of a field inside a struct array with a
   * MAX_SIM metric, a list of lists of vectors. A Float32Array is not copied: it must not
   * change until the search has resolved.
   */
  readonly data?: unknown;
  /**
   * Instead of `data`: the vectors of the rows with these keys, each of which must be there. A row finds itself
   * unless the filter leaves it out; one whose vector is null finds nothing.
   */
  readonly ids?: readonly PrimaryKey[];
  /** May be left out when the collection has one vector field. */
  readonly fieldName?: string;
  /** Default: the index's, else the one the field was created with. Another one is refused. */
  readonly metric?: IndexMetric;
  readonly limit: number;
  readonly offset?: number;
  /** Decimals of the scores, -1 (default) for all. */
  readonly roundDecimal?: number;
  /** Parameters of the field's index, and the range of scores, by Milvus's names: `ef`, `radius` … */
  readonly params?: Readonly<Record<string, unknown>>;
  /**
   * Hits behind this one, null from the best on. With one query vector and no offset. Without an `id`: behind
   * every hit of its score.
   */
  readonly after?: (Omit<SearchPageEnd, 'id'> & { readonly id: PrimaryKey | null }) | null;
  /** `limit` and `offset` count groups. */
  readonly groupBy?: GroupRequest;
  /** The best hits, put in this order before the offset is skipped. */
  readonly orderBy?: readonly OrderRequest[];
  /** `iterative_filter`: the filter looks at what was found, instead of at all rows before. */
  readonly hints?: string;
  /** Of a request for several pages at once: as wide as one of them `params` must be. Default: `limit`. */
  readonly batchSize?: number;
}

/** The last hit of a page, and what went before it. */
export interface SearchPageEnd {
  readonly id: PrimaryKey;
  /** Where hits are elements of a struct array: the place in its row. */
  readonly element?: number;
  /** Not rounded. */
  readonly score: number;
  /** Hits of this score so far, itself included. */
  readonly tieCount: number;
  /** Hits so far. */
  readonly hitCount: number;
}

export interface Hit {
  readonly id: PrimaryKey;
  /** As Milvus reports it: larger is better for IP and COSINE, smaller for the rest. */
  readonly score: number;
  readonly fields: Record<string, unknown>;
  /** Where hits are elements of a struct array: the place of the element in its row, from 0 on. */
  readonly element?: number;
  /** Of a search by groups: the values of its group. */
  readonly group?: readonly RowValue[];
}

/** A search whose hits are told in buckets. */
export interface SearchBucketsRequest
  extends Omit<
    SearchRowsRequest,
    'limit' | 'offset' | 'after' | 'batchSize' | 'groupBy' | 'orderBy' | 'ids'
  > {
  readonly aggregation: BucketRequest;
}

/** Hits that have the values of `key` in common. */
export interface HitBucket {
  readonly key: ReadonlyArray<{
    readonly fieldName: string;
    readonly fieldId: number;
    readonly value: RowValue;
  }>;
  /** Hits that were found for it. */
  readonly count: number;
  /** By name: sums of integers and counts are bigints; null where no hit had a value. */
  readonly metrics: ReadonlyMap<string, RowValue>;
  /** Those that were asked for. */
  readonly hits: readonly Hit[];
  readonly sub: readonly HitBucket[];
}

export interface SearchBucketsAnswer {
  /** Of each query vector. */
  readonly buckets: readonly HitBucket[][];
  /** Hits in all of them. */
  readonly hitCount: number;
  readonly timestamp: bigint;
}

export interface SearchRowsAnswer {
  /** Hits of each query vector, best first. */
  readonly results: Hit[][];
  /** Of a request with `after`: for the next one. Null where nothing was found yet. */
  readonly pageEnd: SearchPageEnd | null;
}

export interface CollectionStatistics {
  /** Rows stored; deleted ones count until compaction takes them. */
  readonly rowCount: number;
}
