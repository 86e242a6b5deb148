/**
 * Search aggregations as users ask for them, with names settled. Rules and wording are Milvus's:
 * `internal/proxy/search_agg/context_builder.go`.
 */
import { invalidParameter, MilvusError, withContext } from '../base/errors.ts';
import {
  AGGREGATES_MAX,
  SEARCH_AGGREGATION_DEPTH_MAX,
  SEARCH_AGGREGATION_ENTRIES_MAX,
} from '../base/limits.ts';
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import { DataType } from '../schema/data-type.ts';
import { dynamicField, findField } from '../schema/fields.ts';
import { type AggregateOperator, checkAggregateType } from './aggregate-names.ts';
import { fieldReference, type ValueReference } from './row-values.ts';

/** Hits by the values of some fields: a bucket for each, as many as `size` says, and buckets inside of each. */
export interface BucketRequest {
  readonly fields: readonly string[];
  /** Buckets wanted inside each one above. Default: 1. */
  readonly size?: number;
  /** Buckets that are looked at, of which `size` stay by `order`. Default: `size`. */
  readonly searchSize?: number;
  /** By name: what is told of the hits of a bucket. `_score` and, to count, `*` stand for fields. */
  readonly metrics?: Readonly<Record<string, MetricRequest>>;
  /** Default: by the best hit. */
  readonly order?: readonly BucketOrderRequest[];
  /** Hits told of each bucket. Default: none. */
  readonly topHits?: TopHitsRequest;
  readonly sub?: BucketRequest;
}

export interface MetricRequest {
  readonly operator: string;
  readonly field: string;
}

export interface BucketOrderRequest {
  /** `_count`, `_key` or the name of a metric. */
  readonly key: string;
  /** Default: `desc`. */
  readonly order?: string;
}

export interface TopHitsRequest {
  /** Default: 1. */
  readonly size?: number;
  /** Default: by score. */
  readonly sort?: readonly HitOrderRequest[];
}

export interface HitOrderRequest {
  /** `_score` or a field. */
  readonly field: string;
  /** Default: `desc`. */
  readonly order?: string;
  readonly nullFirst?: boolean;
}

/** Null: the score. */
export type BucketValue = ValueReference | null;

export interface BucketMetric {
  readonly name: string;
  readonly operator: AggregateOperator;
  /** `rows`: hits as such. */
  readonly of: BucketValue | 'rows';
}

export interface BucketOrder {
  readonly key: string;
  readonly isDescending: boolean;
}

export interface HitOrder {
  readonly of: BucketValue;
  readonly isDescending: boolean;
  readonly isNullsFirst: boolean;
}

export interface BucketLevel {
  readonly fields: readonly FieldSchema[];
  readonly size: number;
  readonly metrics: readonly BucketMetric[];
  readonly order: readonly BucketOrder[];
  /** Null: none are told. */
  readonly topHits: { readonly size: number; readonly sort: readonly HitOrder[] } | null;
}

export interface BucketPlan {
  readonly levels: readonly BucketLevel[];
  /** Groups of hits, by the fields of all levels, that the buckets are made of. */
  readonly groupCount: number;
  /** Hits of each such group. */
  readonly groupSize: number;
  /** Fields that are read besides those of the levels. */
  readonly fieldIds: readonly number[];
}

/** @throws MilvusError ParameterInvalid */
export function resolveBuckets(
  request: BucketRequest,
  schema: CollectionSchema,
  queryCount: number,
): BucketPlan {
  const resolving = new Resolving(schema);
  const levels: BucketLevel[] = [];
  let groupCount = 1;
  let groupSize = 1;
  for (let level: BucketRequest | undefined = request; level !== undefined; level = level.sub) {
    if (levels.length === SEARCH_AGGREGATION_DEPTH_MAX) {
      throw invalidParameter(
        `search_aggregation nesting exceeds max ${SEARCH_AGGREGATION_DEPTH_MAX} levels`,
      );
    }
    const resolved = resolving.level(level);
    levels.push(resolved);
    groupCount *= searchSizeOf(level, resolved.size);
    groupSize = Math.max(groupSize, resolved.topHits?.size ?? 1);
  }
  if (queryCount * groupCount * groupSize > SEARCH_AGGREGATION_ENTRIES_MAX) {
    throw invalidParameter('number of search_aggregation result entries is too large');
  }
  return { levels, groupCount, groupSize, fieldIds: [...resolving.fieldIds] };
}

/** 0 is Milvus's way to leave it out. */
function sizeOf(name: string, value = 0): number {
  if (Number.isSafeInteger(value) && value >= 0) return value === 0 ? 1 : value;
  throw invalidParameter(`${name} must be non-negative`, { actual: value });
}

function searchSizeOf({ searchSize = 0 }: BucketRequest, size: number): number {
  const wanted = sizeOf('search_aggregation search_size', searchSize);
  if (searchSize === 0) return size;
  if (wanted >= size) return wanted;
  throw invalidParameter('search_aggregation search_size must be greater than or equal to size');
}

function inContext<T>(context: string, resolve: () => T): T {
  try {
    return resolve();
  } catch (failure) {
    if (failure instanceof MilvusError) throw withContext(context, failure);
    throw failure;
  }
}

const OPERATORS: readonly string[] = ['avg', 'sum', 'count', 'min', 'max'];

class Resolving {
  readonly fieldIds = new Set<number>();
  readonly #schema: CollectionSchema;
  /** Ids of the fields that are grouped by, at any level. */
  readonly #grouped = new Set<number>();

  constructor(schema: CollectionSchema) {
    this.#schema = schema;
  }

  level(request: BucketRequest): BucketLevel {
    const { fields, metrics = {}, order = [], topHits } = request;
    if (fields.length === 0) throw invalidParameter('group_by level has no fields');
    const size = sizeOf('search_aggregation size', request.size);
    const own = new Set<number>();
    const resolved = fields.map((name) => this.#groupField(name, own));
    const names = Object.keys(metrics);
    if (names.length > AGGREGATES_MAX) {
      throw invalidParameter(`at most ${AGGREGATES_MAX} metrics are allowed at one level`);
    }
    return {
      fields: resolved,
      size,
      metrics: Object.entries(metrics).map(([name, metric]) => this.#metric(name, metric)),
      topHits: topHits === undefined ? null : this.#topHits(topHits),
      order: order.map((one) => bucketOrder(one, names)),
    };
  }

  #groupField(name: string, own: Set<number>): FieldSchema {
    const field = inContext(`invalid group_by field "${name}"`, () => this.#field(name));
    this.#checkKind(field, `group_by field "${name}"`);
    if (field.type === DataType.Float || field.type === DataType.Double) {
      throw invalidParameter(
        `group_by field "${name}": FLOAT / DOUBLE fields are not supported with search_aggregation (equality on floats is fragile)`,
      );
    }
    if (own.has(field.id)) {
      throw invalidParameter(`duplicated group_by field "${name}" in one level`);
    }
    if (this.#grouped.has(field.id)) {
      throw invalidParameter(`duplicated group_by field "${name}" across levels`);
    }
    own.add(field.id);
    this.#grouped.add(field.id);
    return field;
  }

  #metric(name: string, request: MetricRequest): BucketMetric {
    if (name.trim() === '') throw invalidParameter('metric alias cannot be empty');
    return inContext(`invalid metric "${name}"`, () => {
      const operator = request.operator.trim().toLowerCase();
      if (!OPERATORS.includes(operator)) {
        throw invalidParameter(`unsupported metric op "${request.operator}"`);
      }
      const field = request.field.trim();
      if (field === '') throw invalidParameter('metric field_name is empty');
      if (field === '*' && operator !== 'count') {
        throw invalidParameter("field_name '*' only supports count op");
      }
      const known = operator as AggregateOperator;
      if (field === '*') return { name, operator: known, of: 'rows' };
      return { name, operator: known, of: this.#value(field, 'metric field', known) };
    });
  }

  #topHits({ size, sort = [] }: TopHitsRequest): NonNullable<BucketLevel['topHits']> {
    const resolved = sort.map(({ field, order, nullFirst = false }): HitOrder => {
      const name = field.trim();
      if (name === '') throw invalidParameter('top_hits.sort field_name is empty');
      const context = `invalid top_hits.sort direction for "${name}"`;
      const isDescending = inContext(context, () => descends(order));
      if (name.includes('[') && name.includes(']')) {
        throw invalidParameter(`top_hits.sort JSON path is not yet supported: "${name}"`);
      }
      const of = this.#value(name, 'top_hits.sort field', null);
      return { of, isDescending, isNullsFirst: nullFirst };
    });
    return { size: sizeOf('top_hits size', size), sort: resolved };
  }

  /** @param operator null: the value is sorted by */
  #value(name: string, usage: string, operator: AggregateOperator | null): BucketValue {
    if (name === '_score') return null;
    const field = this.#field(name);
    this.#checkKind(field, `${usage} "${name}"`);
    // What has an order has a least value.
    if (operator !== null || field.type !== DataType.Bool) {
      checkAggregateType(operator ?? 'min', field.type);
    }
    this.fieldIds.add(field.id);
    return fieldReference(field);
  }

  #field(name: string): FieldSchema {
    const base = name.trim();
    if (base === '') throw invalidParameter('field is empty');
    const field =
      findField(this.#schema, base) ?? findField(this.#schema, base.split('[')[0] ?? '');
    const found = field ?? dynamicField(this.#schema);
    if (found !== undefined) return found;
    throw invalidParameter(`field "${base}" not found in schema`);
  }

  #checkKind({ type }: FieldSchema, what: string): void {
    if (type !== DataType.JSON) return;
    throw invalidParameter(
      `${what}: JSON / dynamic fields are not yet supported with search_aggregation`,
    );
  }
}

function bucketOrder({ key, order }: BucketOrderRequest, metrics: readonly string[]): BucketOrder {
  const name = key.trim();
  if (name === '') throw invalidParameter('order key is empty');
  if (!['_count', '_key', ...metrics].includes(name)) {
    throw invalidParameter(`order key "${name}" is neither reserved key nor metric alias`);
  }
  const context = `invalid order direction for key "${name}"`;
  return { key: name, isDescending: inContext(context, () => descends(order)) };
}

function descends(direction = ''): boolean {
  const word = direction.trim().toLowerCase();
  if (word === '' || word === 'desc') return true;
  if (word === 'asc') return false;
  throw invalidParameter('direction must be asc or desc');
}
