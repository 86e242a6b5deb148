/**
 * A read as immutable plain data: names are resolved, the filter is bound, the timestamp is chosen.
 * It crosses ports and worker boundaries as it is; vectors of the collection never do.
 */
import type { MetricType } from '../index/metric-type.ts';
import type { MinhashMeasure } from '../index/minhash-signature.ts';
import type { Parameters } from '../index/parameters.ts';
import type { IndexStructure } from '../index/registry.ts';
import type { BoundFilter } from '../query/bind.ts';
import type { JsonPlace } from '../scalar/column-terms.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import type { ColumnBatch, VectorColumn } from '../schema/column.ts';
import type { IndexName, KeyList } from '../segments/segment.ts';
import type { AggregatePlan, AggregateTable } from './aggregate.ts';
import type { GroupValues } from './group-numbers.ts';
import type { OrderTerm } from './row-order.ts';
import type { ValueReference } from './row-values.ts';
import type { SearchWindow } from './search-window.ts';

interface ReadPlan {
  readonly schema: CollectionSchema;
  /** Null: all partitions. */
  readonly partitionIds: readonly number[] | null;
  readonly filter: BoundFilter | null;
  /**
   * Filters of one collection that have the same name accept the same rows; null, and left out: it has none, and
   * nobody remembers which rows it accepted.
   */
  readonly filterName?: string | null;
  /** Indexes that may answer conditions of the filter. Left out: there are none. */
  readonly scalarIndexes?: readonly ScalarIndexPlan[];
  /** Of a filter with `random_sample`: 32 bits that decide which rows are taken. */
  readonly sampleSeed?: number;
  /** Fields that the answer carries, primary key included. */
  readonly outputFieldIds: readonly number[];
  /** The read sees exactly the rows of this hybrid timestamp. */
  readonly timestamp: bigint;
  /** Rows written before this hybrid timestamp have outlived the collection's TTL; 0 when it has none. */
  readonly expiredBefore: bigint;
  /** Rows that are not sealed are left out. */
  readonly ignoreGrowing: boolean;
}

/** An index of scalars that the filter names, where segments are built one. */
export interface ScalarIndexPlan extends IndexName {
  readonly fieldId: number;
  /** Null: not JSON. */
  readonly json: JsonPlace | null;
}

/** The index of the field, where segments are built one: those that have it answer by it. */
export interface IndexPlan extends IndexName {
  readonly structure: IndexStructure;
  /** Of the definition: `nlist`. */
  readonly build: Parameters;
  /** Of the search: `ef`, `nprobe`. */
  readonly parameters: Parameters;
}

export interface SearchPlan extends ReadPlan {
  readonly kind: 'search';
  readonly fieldId: number;
  readonly metric: MetricType;
  /** Of MHJACCARD: how it compares. */
  readonly minhash?: MinhashMeasure;
  /** Null: every segment is scanned. */
  readonly index: IndexPlan | null;
  /** nq rows of the field's own type. */
  readonly queries: VectorColumn;
  readonly queryCount: number;
  /** Hits, or groups, wanted of each query: limit + offset. */
  readonly topK: number;
  /** Hits of it count; null: all hits. */
  readonly window: SearchWindow | null;
  /** Groups are wanted, `topK` of them. */
  readonly group?: GroupPlan;
}

/** Groups of rows that have the same values, each by its best hits. */
export interface GroupPlan {
  /** Fields of them are output fields. */
  readonly by: readonly ValueReference[];
  /** Hits of each group. */
  readonly size: number;
  /** An index goes on until every group has all its hits. */
  readonly isStrict: boolean;
  /** By query: the groups that are wanted; null: those with the best hits. */
  readonly chosen: readonly (readonly GroupValues[])[] | null;
}

export interface QueryPlan extends ReadPlan {
  readonly kind: 'query';
  /** Only the number of rows is wanted. */
  readonly countOnly: boolean;
  /** Rows with one of these keys, and the filter holds: get, and filters on the key. */
  readonly keys: KeyList | null;
  /** Rows wanted in order of the primary key, offset included; null: all. */
  readonly rowLimit: number | null;
  /** Rows behind the key `after` (one key; null: from the first on), found in the order of keys. Has a limit. */
  readonly page: { readonly after: KeyList | null } | null;
  /** Rows in this order instead of that of keys; their fields are output fields. */
  readonly order?: readonly OrderTerm[];
  /** No rows are wanted, but what they add up to. */
  readonly aggregate?: AggregatePlan;
}

/**
 * Hits of one shard or of all. Query i has `counts[i]` hits, best first, behind those of query i - 1:
 * hit h is row `rows[h]` of `batch` with `scores[h]`. A row that several queries hit stands once in `batch`.
 * Scores are as Milvus reports them; equal scores are ordered by primary key.
 */
export interface SearchAnswer {
  readonly counts: Uint32Array;
  readonly rows: Uint32Array;
  readonly scores: Float32Array;
  readonly batch: ColumnBatch;
}

/** Rows in the order of the plan; `count` is their number even when `batch` is empty. */
export interface QueryAnswer {
  readonly count: number;
  readonly batch: ColumnBatch;
  /** Of a plan with an aggregate. */
  readonly table?: AggregateTable;
}
