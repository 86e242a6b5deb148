/**
 * Search aggregations and their buckets on the wire. Source: Milvus `internal/proxy/search_pipeline.go`,
 * serializeAggBucket.
 */
import { invalidParameter } from '../base/errors.ts';
import type { BucketRequest, Hit, HitBucket, SearchBucketsAnswer } from '../core/requests.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { DataType, dataTypeName } from '../schema/data-type.ts';
import { findField } from '../schema/fields.ts';
import { toJsonText } from '../schema/json-text.ts';
import { selectOutputFields } from '../schema/output-fields.ts';
import type {
  AggBucket,
  AggHit,
  AggHitField,
  BucketKeyEntry,
  MetricValue,
  SearchAggregationSpec,
  SearchResultData,
} from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';

type Value = bigint | number | string | boolean | null;

export function bucketRequest(spec: SearchAggregationSpec): BucketRequest {
  const { fields, size, searchSize, metrics, order, topHits, subAggregation } = spec;
  return {
    fields,
    size: Number(size),
    searchSize: Number(searchSize),
    metrics: Object.fromEntries(
      Array.from(metrics, ([name, { op, fieldName }]) => [
        name,
        { operator: op, field: fieldName },
      ]),
    ),
    order: order.map(({ key, direction }) => ({ key, order: direction })),
    ...(topHits === null
      ? {}
      : {
          topHits: {
            size: Number(topHits.size),
            sort: topHits.sort.map(({ fieldName, direction, nullFirst }) => ({
              field: fieldName,
              order: direction,
              nullFirst,
            })),
          },
        }),
    ...(subAggregation === null ? {} : { sub: bucketRequest(subAggregation) }),
  };
}

/** @throws MilvusError ParameterInvalid for fields that hits in buckets have no place for */
export function checkHitFields(names: readonly string[], schema: CollectionSchema): void {
  const { fields, structs } = selectOutputFields(schema, names);
  const refuse = (name: string, type: DataType): never => {
    throw invalidParameter(
      `output field ${name} of type ${dataTypeName(type)} is not supported with search_aggregation`,
    );
  };
  for (const { name } of structs.keys()) refuse(name, DataType.ArrayOfStruct);
  for (const { name, type } of fields) {
    if (type >= 100 || type === DataType.Array) refuse(name, type);
  }
}

export function bucketResults(
  { buckets, hitCount }: SearchBucketsAnswer,
  schema: CollectionSchema,
): Init<SearchResultData> {
  return {
    numQueries: BigInt(buckets.length),
    topks: new BigInt64Array(buckets.length),
    aggTopks: BigInt64Array.from(buckets, ({ length }) => BigInt(length)),
    aggBuckets: buckets.flat().map((bucket) => bucketMessage(bucket, schema)),
    allSearchCount: BigInt(hitCount),
  };
}

function bucketMessage(bucket: HitBucket, schema: CollectionSchema): Init<AggBucket> {
  const { key, count, metrics, hits, sub } = bucket;
  const known = [...metrics].filter(([, value]) => value !== null);
  return {
    key: key.map(
      ({ fieldId, fieldName, value }): Init<BucketKeyEntry> => ({
        fieldId: BigInt(fieldId),
        fieldName,
        ...keyValue(value),
      }),
    ),
    count: BigInt(count),
    metrics: new Map(known.map(([name, value]) => [name, metricValue(value)])),
    hits: hits.map((hit) => hitMessage(hit, schema)),
    subGroups: sub.map((inner) => bucketMessage(inner, schema)),
  };
}

/** Fields that are grouped by have no fractions. */
function keyValue(value: Value): Partial<Init<BucketKeyEntry>> {
  if (value === null) return {};
  if (typeof value === 'boolean') return { boolVal: value };
  return typeof value === 'string' ? { stringVal: value } : { intVal: BigInt(value) };
}

function metricValue(value: Value): Init<MetricValue> {
  if (typeof value === 'bigint') return { intVal: value };
  if (typeof value === 'string') return { stringVal: value };
  return { doubleVal: Number(value) };
}

function hitMessage({ id, score, fields }: Hit, schema: CollectionSchema): Init<AggHit> {
  return {
    ...(typeof id === 'bigint' ? { intPk: id } : { strPk: id }),
    score,
    fields: Object.entries(fields).map(([fieldName, value]) => {
      const field = findField(schema, fieldName);
      const common = { fieldName, fieldId: BigInt(field?.id ?? 0) };
      return { ...common, ...fieldValue(value, field?.type ?? DataType.JSON) };
    }),
  };
}

function fieldValue(value: unknown, type: DataType): Partial<Init<AggHitField>> {
  if (value === null || value === undefined) return {};
  if (type === DataType.JSON) return jsonValue(value);
  if (typeof value === 'number') {
    if (type === DataType.Double) return { doubleVal: value };
    return type === DataType.Float ? { floatVal: value } : { intVal: BigInt(value) };
  }
  if (typeof value === 'bigint') return { intVal: value };
  if (typeof value === 'string') return { stringVal: value };
  return typeof value === 'boolean' ? { boolVal: value } : jsonValue(value);
}

function jsonValue(value: unknown): Partial<Init<AggHitField>> {
  if (typeof value === 'boolean') return { boolVal: value };
  if (typeof value === 'string') return { stringVal: value };
  if (typeof value === 'bigint') return { intVal: value };
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intVal: BigInt(value) } : { doubleVal: value };
  }
  return { bytesVal: Buffer.from(toJsonText(value)) };
}
