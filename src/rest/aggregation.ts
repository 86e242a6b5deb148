/**
 * `searchAggregation`: what is asked, and the buckets that are answered. Source: Milvus
 * `internal/distributed/proxy/httpserver/utils.go`, convertSearchAggregationReq, buildSearchAggregationResp.
 */
import { invalidParameter } from '../base/errors.ts';
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
import { isObject } from './json-parse.ts';
import { shortFloat } from './json-write.ts';
import { RequestBody } from './request-body.ts';

/** @throws MilvusError ParameterInvalid */
export function aggregationSpec(given: RequestBody): Init<SearchAggregationSpec> {
  const fields = given.texts('fields').map((field) => field.trim());
  if (fields.length === 0) throw refused('fields must be non-empty');
  if (fields.includes('')) throw refused('fields must contain non-empty field names');
  const size = given.long('size');
  const searchSize = given.long('searchSize');
  if (size <= 0n) throw refused('size must be positive');
  if (searchSize < 0n) throw refused('searchSize must be non-negative');
  if (searchSize > 0n && searchSize < size) {
    throw refused('searchSize must be greater than or equal to size');
  }
  return {
    fields,
    size,
    searchSize,
    metrics: metricSpecs(given),
    order: given.bodies('order').map((order) => ({
      key: filled(order, { name: 'key', of: 'order key' }),
      direction: filled(order, { name: 'direction', of: 'order direction' }),
    })),
    topHits: given.has('topHits') ? topHitsSpec(given.body('topHits')) : null,
    subAggregation: given.has('subAggregation')
      ? aggregationSpec(given.body('subAggregation'))
      : null,
  };
}

function metricSpecs(given: RequestBody): NonNullable<Init<SearchAggregationSpec>['metrics']> {
  const metrics = Object.entries(given.object('metrics')).map(([name, value]) => {
    const alias = name.trim();
    if (alias === '') throw refused('metrics alias must be non-empty');
    const metric = new RequestBody(isObject(value) ? value : {});
    const op = filled(metric, { name: 'op', of: `metrics.${alias}.op` });
    const fieldName = filled(metric, { name: 'fieldName', of: `metrics.${alias}.fieldName` });
    return [alias, { op, fieldName }] as const;
  });
  return new Map(metrics);
}

function topHitsSpec(given: RequestBody): Init<SearchAggregationSpec['topHits']> {
  const size = given.long('size');
  if (size <= 0n) throw refused('topHits.size must be positive');
  const sort = given.bodies('sort').map((one) => ({
    fieldName: filled(one, { name: 'fieldName', of: 'topHits.sort fieldName' }),
    direction: filled(one, { name: 'direction', of: 'topHits.sort direction' }),
  }));
  return { size, sort };
}

function filled(
  given: RequestBody,
  { name, of }: { readonly name: string; readonly of: string },
): string {
  const text = given.text(name).trim();
  if (text === '') throw refused(`${of} must be non-empty`);
  return text;
}

function refused(rule: string): Error {
  return invalidParameter(`searchAggregation.${rule}`);
}

interface BucketContext {
  readonly primaryFieldName: string;
  readonly allowsInt64: boolean;
}

/** One object of buckets a query. */
export function aggregationRows(results: SearchResultData, context: BucketContext): unknown[] {
  let end = 0;
  return Array.from(results.aggTopks, (count) => {
    const start = end;
    end += Number(count);
    const buckets = results.aggBuckets.slice(start, end);
    return { buckets: buckets.map((bucket) => bucketObject(bucket, context)) };
  });
}

function bucketObject(bucket: AggBucket, context: BucketContext): Record<string, unknown> {
  const { allowsInt64 } = context;
  return {
    key: bucket.key.map((key) => ({
      fieldName: key.fieldName === '' ? String(key.fieldId) : key.fieldName,
      fieldId: longOf(key.fieldId, allowsInt64),
      value: valueOf(key, allowsInt64),
    })),
    count: longOf(bucket.count, allowsInt64),
    metrics: Object.fromEntries(
      Array.from(bucket.metrics, ([alias, metric]) => [alias, valueOf(metric, allowsInt64)]),
    ),
    hits: bucket.hits.map((hit) => hitObject(hit, context)),
    subGroups: bucket.subGroups.map((group) => bucketObject(group, context)),
  };
}

function hitObject(hit: AggHit, context: BucketContext): Record<string, unknown> {
  const { primaryFieldName, allowsInt64 } = context;
  const key = hit.strPk ?? longOf(hit.intPk ?? 0n, allowsInt64);
  const fields = hit.fields.map((field): [string, unknown] => [
    field.fieldName === '' ? String(field.fieldId) : field.fieldName,
    valueOf(field, allowsInt64),
  ]);
  return {
    [primaryFieldName]: key,
    distance: shortFloat(hit.score),
    ...Object.fromEntries(fields),
  };
}

/** The one value that is set. */
function valueOf(given: BucketKeyEntry | MetricValue | AggHitField, allowsInt64: boolean): unknown {
  if (given.intVal !== undefined) return longOf(given.intVal, allowsInt64);
  const common = given.boolVal ?? given.stringVal;
  if (common !== undefined) return common;
  const { floatVal, doubleVal, bytesVal } = given as Partial<AggHitField>;
  if (floatVal !== undefined) return shortFloat(floatVal);
  return doubleVal ?? bytesVal ?? null;
}

function longOf(value: bigint, allowsInt64: boolean): unknown {
  return allowsInt64 ? value : String(value);
}
