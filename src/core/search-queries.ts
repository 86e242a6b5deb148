/**
 * What a search compares with, and how: its metric, its query vectors, and whether it is one of rows, of elements
 * of a struct array, or of rows by lists. The metric of a field inside a struct and the form of the data must fit:
 * plain vectors with COSINE, L2 …, lists of vectors with MAX_SIM ….
 * Source: Milvus `internal/proxy/task_search.go`, `internal/core/src/query/Plan.cpp`, ParsePlaceholderGroup.
 */
import { invalidParameter } from '../base/errors.ts';
import { ARRAY_CAPACITY_MAX } from '../base/limits.ts';
import type { IndexBuild } from '../index/index-definition.ts';
import { type IndexMetric, isMetricType, type MetricType } from '../index/metric-type.ts';
import { checkListMetric } from '../index/metrics.ts';
import type { BoundFilter } from '../query/bind.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { columnRowCount } from '../schema/column-layout.ts';
import type { VectorColumn } from '../schema/column.ts';
import { DataType } from '../schema/data-type.ts';
import { primaryField } from '../schema/fields.ts';
import {
  checkQueryCount,
  queriesToColumn,
  resolveMetric,
  type SearchField,
} from '../search/plan-builder.ts';
import type { ElementLists, SearchPlan, StructSearch } from '../search/plan.ts';
import type { SearchRowsRequest } from './requests.ts';

export interface SearchQueries {
  readonly metric: MetricType;
  readonly queries: VectorColumn;
  readonly queryCount: number;
  /** Where the vectors of each list begin; null: a query is one vector. */
  readonly lists: Uint32Array | null;
}

type Asked = Pick<SearchRowsRequest, 'data' | 'metric'>;

/**
 * @param build of the field's index; null: it has none
 * @throws MilvusError ParameterInvalid: another metric than the index has, data that do not fit it, vectors that
 *   are none of the field
 */
export function searchQueries(
  field: SearchField,
  build: IndexBuild | null,
  request: Asked,
): SearchQueries {
  if (field.structName === undefined) {
    const metric = plainMetric(field, build, request.metric);
    const queries = queriesToColumn(field, request.data);
    return { metric, queries, queryCount: columnRowCount(queries), lists: null };
  }
  const isLists = isListOfLists(request.data);
  const metric = structMetric(field, build, { requested: request.metric, isLists });
  if (isLists !== metric.startsWith('MAX_SIM')) throw mismatch(field, metric, isLists);
  if (!isLists) {
    const queries = queriesToColumn(field, request.data);
    return {
      metric: elementMetric(metric),
      queries,
      queryCount: columnRowCount(queries),
      lists: null,
    };
  }
  const { vectors, offsets } = joined(request.data as readonly (readonly unknown[])[]);
  const queries = queriesToColumn(field, vectors, { isCounted: false });
  return { metric: elementMetric(metric), queries, queryCount: offsets.length - 1, lists: offsets };
}

/**
 * How the plan is about a struct, if it is.
 * @throws MilvusError ParameterInvalid: elements are asked for of another field than one of their struct, or by
 *   lists; a range of scores of lists
 */
export function structSearch(
  field: SearchField,
  schema: CollectionSchema,
  asked: Pick<SearchQueries, 'lists'> & {
    readonly filter: BoundFilter | null;
    readonly window: SearchPlan['window'];
  },
): StructSearch | undefined {
  const { lists, filter, window } = asked;
  const match = filter?.elements ?? null;
  const struct = schema.structs.find(({ name }) => name === field.structName);
  const isOwn = match === null || struct?.fieldIds.includes(match.fieldId) === true;
  if (!isOwn || (match !== null && lists !== null)) {
    throw invalidParameter(
      'element_filter is only supported for element-level search on vector sub-fields of the same struct ' +
        'array; use MATCH_ANY/MATCH_* for row-level vector search',
    );
  }
  if (struct === undefined) return undefined;
  if (lists === null) return { kind: 'elements', match };
  if (window !== null) {
    throw invalidParameter(
      'range search is not supported for multi-search-multi on embedding list fields',
    );
  }
  return { kind: 'lists', offsets: lists };
}

/** Name under which a row of an answer says which of its elements it is about; no field is called so. */
const ELEMENT_KEY = '$element';

/** Each row as often as it has elements that match, with the place of one of them. */
export function rowsOfElements(
  rows: readonly Record<string, unknown>[],
  { offsets, places }: ElementLists,
): Record<string, unknown>[] {
  return rows.flatMap((row, i) =>
    Array.from(places.subarray(offsets[i], offsets[i + 1]), (place) => ({
      ...row,
      [ELEMENT_KEY]: place,
    })),
  );
}

/**
 * Refuses what a search of a field inside a struct does not know: pages of hits by lists, and groups but those of
 * the elements of a row.
 * @throws MilvusError ParameterInvalid
 */
export function refuseInStruct(
  field: SearchField,
  schema: CollectionSchema,
  { lists }: Pick<SearchQueries, 'lists'>,
  { after, groupBy }: Pick<SearchRowsRequest, 'after' | 'groupBy'>,
): void {
  if (field.structName === undefined) return;
  const isByLists = lists !== null;
  const where = isByLists ? 'multi-search-multi on embedding list fields' : 'element-level search';
  if (after !== undefined && isByLists) {
    throw invalidParameter(`search iterator is not supported for ${where}`);
  }
  const names = groupBy?.fields ?? [];
  if (names.length === 0) return;
  if (isByLists) throw invalidParameter(`group by is not supported for ${where}`);
  if (names.length > 1 || names[0] !== primaryField(schema).name) {
    throw invalidParameter(`only group by primary key is supported for ${where}`);
  }
}

/**
 * The metric of the field's index; without one, the one the field was created with, else Milvus's default.
 * @throws MilvusError ParameterInvalid when the request names another
 */
function plainMetric(
  field: SearchField,
  build: IndexBuild | null,
  requested: string | undefined,
): MetricType {
  if (build === null) return resolveMetric(field, defaultMetric(field), requested);
  return elementMetric(matching(build.metric, requested));
}

function structMetric(
  field: SearchField,
  build: IndexBuild | null,
  { requested, isLists }: { readonly requested: string | undefined; readonly isLists: boolean },
): IndexMetric {
  if (build !== null) return matching(build.metric, requested);
  const metric = defaultMetric(field);
  if (requested !== undefined && requested !== '') return checkListMetric(field.type, requested);
  return checkListMetric(
    field.type,
    isLists && !metric.startsWith('MAX_SIM') ? `MAX_SIM_${metric}` : metric,
  );
}

function matching(expected: IndexMetric, requested: string | undefined): IndexMetric {
  if (requested === undefined || requested === '' || requested === expected) return expected;
  throw invalidParameter('metric type not match', { expected, actual: requested });
}

function defaultMetric(field: SearchField): string {
  return (
    field.params['metric_type'] ?? (field.type === DataType.BinaryVector ? 'HAMMING' : 'COSINE')
  );
}

/** Of single vectors: MAX_SIM is MAX_SIM_COSINE. */
function elementMetric(metric: IndexMetric): MetricType {
  if (isMetricType(metric)) return metric;
  return metric === 'MAX_SIM' ? 'COSINE' : (metric.slice('MAX_SIM_'.length) as MetricType);
}

function mismatch(field: SearchField, metric: string, isLists: boolean): Error {
  const word = isLists ? 'does not support' : 'requires';
  const data = isLists ? 'embedding list' : 'plain vector';
  return invalidParameter(
    `search type mismatch for VECTOR_ARRAY field ${field.name}: metric_type ${metric} ${word} embedding list ` +
      `search, but search data is ${data}`,
  );
}

/** Whether the data are lists of vectors, and not vectors. */
function isListOfLists(data: unknown): boolean {
  if (!Array.isArray(data)) return false;
  const first: unknown = data[0];
  return Array.isArray(first) && typeof first[0] !== 'number';
}

function joined(lists: readonly (readonly unknown[])[]): {
  readonly vectors: readonly unknown[];
  readonly offsets: Uint32Array;
} {
  checkQueryCount(lists.length);
  const offsets = new Uint32Array(lists.length + 1);
  const vectors: unknown[] = [];
  for (const [i, list] of lists.entries()) {
    const length = Array.isArray(list) ? list.length : 0;
    if (length < 1 || length > ARRAY_CAPACITY_MAX) {
      throw invalidParameter(
        `an embedding list has 1 to ${ARRAY_CAPACITY_MAX} vectors, but list ${i} has ${length}`,
      );
    }
    for (const vector of list) vectors.push(vector);
    offsets[i + 1] = vectors.length;
  }
  return { vectors, offsets };
}
