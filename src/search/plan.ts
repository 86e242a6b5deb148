/**
 * A read as immutable plain data: names are resolved, the filter is bound, the timestamp is chosen.
 * It crosses ports and worker boundaries as it is; vectors of the collection never do.
 */
import type { MetricType } from '../index/metric-type.ts';
import type { MinhashMeasure } from '../index/minhash-signature.ts';
import type { Parameters } from '../index/parameters.ts';
import type { IndexStructure } from '../index/registry.ts';
import type { ScoreRange } from '../index/score-range.ts';
import type { BoundFilter } from '../query/bind.ts';
import type { MatchPredicate } from '../query/predicate.ts';
import type { JsonPlace } from '../scalar/column-terms.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import type { ColumnBatch, VectorColumn } from '../schema/column.ts';
import type { IndexName, KeyList } from '../segments/segment.ts';
import type { GroupValues } from './group-numbers.ts';
import type { OrderTerm } from './row-order.ts';
import type { RowValue, ValueReference } from './row-values.ts';

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

/** How a field inside a struct array, whose rows are lists of vectors, is searched. */
export type StructSearch =
  /** Hits are elements: of those that `match` accepts, null: of all. */
  | { readonly kind: 'elements'; readonly match: MatchPredicate | null }
  /** Query i is the list of vectors [offsets[i], offsets[i + 1]) of `queries`, none of them empty; hits are rows. */
  | { readonly kind: 'lists'; readonly offsets: Uint32Array };

/** The last hit of a page. */
export interface PageEnd {
  readonly score: number;
  /** One key; null: every hit of the score lies before. */
  readonly key: KeyList | null;
  /** Where hits are elements: the place in its row. */
  readonly element?: number;
  /** Hits of its score so far, itself included. */
  readonly tieCount: number;
  /** Hits so far. */
  readonly hitCount: number;
}

export interface SearchWindow {
  readonly range: ScoreRange | null;
  /** null: from the best on. With one query only. */
  readonly after: PageEnd | null;
}

export interface SearchPlan extends ReadPlan {
  readonly kind: 'search';
  readonly fieldId: number;
  readonly metric: MetricType;
  /** Of a field inside a struct array, and of no other. `metric` is that of single vectors. */
  readonly struct?: StructSearch;
  /** Of MHJACCARD: how it compares. */
  readonly minhash?: MinhashMeasure;
  /** Null: every segment is scanned. */
  readonly index: IndexPlan | null;
  /** nq rows of the field's own type; of a search by lists, the vectors of all lists. */
  readonly queries: VectorColumn;
  readonly queryCount: number;
  /** Hits, or groups, wanted of each query: limit + offset. */
  readonly topK: number;
  /** Hits of it count; null: all hits. */
  readonly window: SearchWindow | null;
  /** The filter is asked about what was found. Default: about all rows before. */
  readonly isFilterLate?: boolean;
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

/** What is counted or summed up. */
export interface Measure {
  /** `scaled`: the sum of the values times MEAN_SCALE, for averages of doubles. */
  readonly operator: 'count' | 'sum' | 'scaled' | 'min' | 'max';
  /** Null: rows as such, which are counted. */
  readonly reference: ValueReference | null;
}

export interface AggregatePlan {
  /** Empty: all rows are one group. */
  readonly by: readonly ValueReference[];
  readonly measures: readonly Measure[];
}

/** Plain data, so that it crosses ports. */
export interface AggregateTable {
  readonly keys: readonly GroupValues[];
  /**
   * By measure, then by group: a count is a number, a sum of integers a bigint, any other a value of the
   * field; null where no row had a value.
   */
  readonly states: readonly (readonly RowValue[])[];
}

export interface QueryPlan extends ReadPlan {
  readonly kind: 'query';
  /** Rows are answered with those of their elements that match, and counted by them. */
  readonly elements?: MatchPredicate;
  /** What is wanted is no row, but what the filter does. */
  readonly explain?: boolean;
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
  /** By hit, where hits are elements: the place of the element in its row. */
  readonly elements?: Uint32Array;
  /** Rows of the chunks that were searched, whether or not the filter accepts them. Absent: none was. */
  readonly searchedRows?: number;
}

/** Of each row some elements: row i has places[offsets[i]] to places[offsets[i + 1] - 1], ascending. */
export interface ElementLists {
  readonly offsets: Uint32Array;
  readonly places: Uint32Array;
}

/** A condition of a filter, and what it did. */
export interface ExplainedStep {
  /** In the words of the filter language, lists and texts cut short. */
  readonly condition: string;
  /** 0: the whole filter; an operand stands one deeper than what it is one of, in the order of asking. */
  readonly depth: number;
  /** Segments that this condition by itself excludes without a look at a row. */
  readonly prunedSegments: number;
  /** Rows whose answer was still open when it was asked. */
  readonly rowsAsked: number;
  /** Of those, rows of which it is TRUE, and rows of which it is UNKNOWN. */
  readonly rowsTrue: number;
  readonly rowsUnknown: number;
  /** Rows of the parts of segments in which an index answered it. */
  readonly rowsIndexed: number;
  readonly tookMs: number;
}

export interface Explanation {
  readonly segments: number;
  /** Of them, those that the whole filter excludes without a look at a row. */
  readonly prunedSegments: number;
  /** Visible rows of the others. */
  readonly rows: number;
  /** Of them, those that match. */
  readonly matched: number;
  /** Milliseconds to get the columns that the filter names. */
  readonly loadMs: number;
  /** Share of the matching rows that `random_sample` takes. */
  readonly sample?: number;
  /** The whole filter first, then its operands, each followed by its own. */
  readonly steps: readonly ExplainedStep[];
}

/** Rows in the order of the plan; `count` is their number even when `batch` is empty. */
export interface QueryAnswer {
  readonly count: number;
  readonly batch: ColumnBatch;
  /** Of a plan with an aggregate. */
  readonly table?: AggregateTable;
  /** Where elements are asked for, whose number `count` then is. */
  readonly elements?: ElementLists;
  /** Where that is what is wanted. */
  readonly explanation?: Explanation;
}
