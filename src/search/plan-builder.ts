/**
 * The checks of a read request against a schema, in Milvus's words: what passes them can be put in a plan.
 * Pure functions; whoever calls them owns the request.
 * Source: Milvus `internal/proxy/{search_util,task_search,task_query,util}.go`.
 */
import { invalidParameter, milvusError } from '../base/errors.ts';
import { NQ_MAX, QUERY_WINDOW_MAX, TOP_K_MAX } from '../base/limits.ts';
import type { MetricType } from '../index/metric-type.ts';
import { checkMetric, matchMetric } from '../index/metrics.ts';
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import { vectorStride } from '../schema/column-layout.ts';
import type { VectorColumn } from '../schema/column.ts';
import {
  DataType,
  dataTypeName,
  type DenseVectorType,
  isDenseVector,
  isVector,
  vectorByteLength,
} from '../schema/data-type.ts';
import { elementField, findField, vectorFields } from '../schema/fields.ts';
import { encodeDenseVectors, isFinite32 } from '../schema/vectors.ts';

/** Largest number of decimals of a score. */
const ROUND_DECIMAL_MAX = 6;

/** A field of a dense vector type, which exact search is for; inside a struct as one of its elements is. */
export type SearchField = FieldSchema & { readonly type: DenseVectorType; readonly dim: number };

export interface SearchBounds {
  readonly limit: number;
  readonly offset: number;
  /** Largest limit, offset, and both together. Default: TOP_K_MAX. */
  readonly topKMax?: number;
}

export interface QueryBounds {
  /** Undefined: all rows. */
  readonly limit?: number | undefined;
  readonly offset?: number | undefined;
  /** Largest limit and offset together. Default: QUERY_WINDOW_MAX. */
  readonly windowMax?: number;
  /** The filter lets every row pass, or there is none. */
  readonly isUnfiltered: boolean;
  readonly countOnly: boolean;
}

/**
 * The vector field that a search compares with.
 * @param name may be left out when the collection has one vector field only
 * @throws MilvusError ParameterInvalid, Unimplemented for vectors that have no exact search
 */
export function resolveSearchField(
  schema: CollectionSchema,
  name: string | undefined,
): SearchField {
  const field =
    name === undefined || name === '' ? onlyVectorField(schema) : findField(schema, name);
  if (field === undefined) {
    const cause = `failed to get field schema by name: fieldName(${name ?? ''}) not found`;
    throw invalidParameter(`failed to create query plan: ${cause}`, { field: name ?? '' });
  }
  const searched = field.type === DataType.ArrayOfVector ? elementField(field) : field;
  const { type, dim } = searched;
  if (!isVector(type)) {
    const cause = `field (${field.name}) to search is not of vector data type`;
    throw invalidParameter(`failed to create query plan: ${cause}`, { field: field.name });
  }
  if (!isDenseVector(type) || dim === undefined) {
    const message = `search of field ${field.name} of type ${dataTypeName(type)}`;
    throw milvusError('Unimplemented', { message });
  }
  return { ...searched, type, dim };
}

function onlyVectorField(schema: CollectionSchema): FieldSchema | undefined {
  const fields = vectorFields(schema);
  if (fields.length > 1) {
    throw invalidParameter(
      'multiple anns_fields exist, please specify a anns_field in search_params',
      { anns_field: fields.map((field) => field.name).join(' ') },
    );
  }
  return fields[0];
}

/**
 * The metric of a search: that of the field's index.
 * @throws MilvusError ParameterInvalid when the request names another
 */
export function resolveMetric(
  field: SearchField,
  indexMetric: string,
  requested: string | undefined,
): MetricType {
  return matchMetric(checkMetric(field.type, indexMetric), requested);
}

/**
 * @returns hits wanted of each query: limit and offset together
 * @throws MilvusError ParameterInvalid with the bound that is broken
 */
export function checkSearchBounds({ limit, offset, topKMax = TOP_K_MAX }: SearchBounds): number {
  checkTopK('topk', limit, topKMax);
  if (offset !== 0) checkTopK('offset', offset, topKMax);
  checkTopK('offset+topk', offset + limit, topKMax);
  return offset + limit;
}

function checkTopK(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return;
  throw invalidParameter(
    `${name} [${value}] is invalid, it should be in range [1, ${max}], but got ${value}`,
  );
}

/** @throws MilvusError ParameterInvalid */
export function checkQueryCount(queryCount: number): void {
  if (queryCount >= 1 && queryCount <= NQ_MAX) return;
  const range = `should be in range [1, ${NQ_MAX}], but got ${queryCount}`;
  throw invalidParameter(`nq (number of search vector per search request) ${range}`);
}

/**
 * @returns rows wanted, offset included; null for all
 * @throws MilvusError ParameterInvalid
 */
export function checkQueryBounds(bounds: QueryBounds): number | null {
  const { limit, offset = 0, windowMax = QUERY_WINDOW_MAX, isUnfiltered, countOnly } = bounds;
  if (limit !== undefined) checkWindow({ limit, offset, windowMax });
  else if (isUnfiltered && !countOnly) {
    throw invalidParameter('empty expression should be used with limit');
  }
  if (countOnly && limit !== undefined) {
    throw invalidParameter('count entities with pagination is not allowed', { limit });
  }
  return limit === undefined ? null : limit + offset;
}

function checkWindow({
  limit,
  offset,
  windowMax,
}: Record<'limit' | 'offset' | 'windowMax', number>): void {
  const refuse = (reason: string): never => {
    throw invalidParameter(`invalid max query result window, ${reason}`);
  };
  if (!Number.isInteger(offset)) refuse(`offset [${offset}] is invalid`);
  if (!Number.isInteger(limit)) refuse(`limit [${limit}] is invalid`);
  if (offset < 0) refuse(`offset [${offset}] is invalid, should be gte than 0`);
  if (limit <= 0) refuse(`limit [${limit}] is invalid, should be greater than 0`);
  const depth = offset + limit;
  if (depth > windowMax) {
    refuse(`(offset+limit) should be in range [1, ${windowMax}], but got ${depth}`);
  }
}

/** @throws MilvusError ParameterInvalid */
export function checkRoundDecimal(decimals: number): void {
  const isCount = Number.isInteger(decimals) && decimals >= 0 && decimals <= ROUND_DECIMAL_MAX;
  if (decimals === -1 || isCount) return;
  throw invalidParameter(
    `round_decimal [${decimals}] is invalid, should be -1 or an integer in range [0, ${ROUND_DECIMAL_MAX}]`,
  );
}

/** Scores with so many decimals, halves away from zero; -1 leaves them as they are. */
export function roundScores(scores: Float32Array, decimals: number): Float32Array {
  if (decimals === -1) return scores;
  const multiplier = 10 ** decimals;
  return scores.map((score) => {
    const size = Math.floor(Math.abs(score) * multiplier + 0.5) / multiplier;
    return score < 0 && size !== 0 ? -size : size;
  });
}

/**
 * Query vectors as a column of the field's own type.
 * @param data one vector or a list of them, in any form in which a row of the field may be written; float32
 *   (a Float32Array or its bytes) also for float16 and bfloat16 fields
 * @param isCounted false: they are vectors of lists, and whoever made them one column has counted those
 * @throws MilvusError ParameterInvalid: how many there are, their dimension, NaN or infinity
 */
export function queriesToColumn(
  field: SearchField,
  data: unknown,
  { isCounted = true }: { readonly isCounted?: boolean } = {},
): VectorColumn {
  const { type, dim, name } = field;
  const vectors = (isOneVector(data) ? [data] : asList(field, data)).map((vector) =>
    asWideAsField(field, vector),
  );
  if (isCounted) checkQueryCount(vectors.length);
  for (const vector of vectors) checkDimension(field, vector);
  const [only] = vectors;
  if (vectors.length === 1 && isElements(field, only)) {
    // Not copied: it stays as it is until the search resolves, as rows do until their insert has.
    return { kind: 'vector', type, dim, values: only, validity: null };
  }
  const values = encodeDenseVectors(vectors, { type, dim }, (row) => ({ field: name, row }));
  return { kind: 'vector', type, dim, values, validity: null };
}

/** Whether a vector is elements of the field already, and nothing is wrong with them. */
function isElements({ type, dim }: SearchField, vector: unknown): vector is Float32Array {
  if (type !== DataType.FloatVector || !(vector instanceof Float32Array)) return false;
  return vector.length === dim && vector.byteLength === dim * 4 && isFinite32(vector);
}

function isOneVector(data: unknown): boolean {
  if (ArrayBuffer.isView(data)) return true;
  if (!Array.isArray(data)) return false;
  // An element that is missing is refused as one, not as a vector.
  return typeof data.find((one) => one !== null && one !== undefined) === 'number';
}

function asList(field: SearchField, data: unknown): unknown[] {
  if (Array.isArray(data)) return data;
  throw invalidParameter('search data is a vector or a list of vectors', {
    field: field.name,
    actual: data === null ? 'null' : typeof data,
  });
}

/** Bytes of float32 values that a half-width field is searched with become numbers. */
function asWideAsField({ type, dim }: SearchField, vector: unknown): unknown {
  const isHalf = type === DataType.Float16Vector || type === DataType.BFloat16Vector;
  if (!isHalf || !(vector instanceof Uint8Array) || vector.length !== dim * 4) return vector;
  // A copy: bytes of a request need not be aligned.
  return new Float32Array(Uint8Array.from(vector).buffer);
}

function checkDimension({ type, dim, name }: SearchField, vector: unknown): void {
  // A row may be null; a question may not.
  if (vector === null || vector === undefined) {
    throw invalidParameter('a query vector is missing', { field: name, actual: String(vector) });
  }
  const length = lengthOf(vector);
  if (length === null) return;
  const expected = vectorByteLength(type, dim);
  const isBytes = vector instanceof Uint8Array;
  const actual = isBytes ? length : (length * expected) / vectorStride(type, dim);
  if (actual === expected) return;
  throw invalidParameter(
    `vector dimension mismatch, expected vector size(byte) ${expected}, actual ${actual}.`,
    { field: name, dim },
  );
}

/** Elements of a list of numbers; null for what is none, which is refused with its type. */
function lengthOf(vector: unknown): number | null {
  if (Array.isArray(vector)) return vector.length;
  return ArrayBuffer.isView(vector) && 'length' in vector ? Number(vector.length) : null;
}
