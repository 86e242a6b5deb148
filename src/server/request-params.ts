/**
 * Parameters that searches and queries carry as pairs of text. Source: Milvus `internal/proxy/search_util.go`,
 * parseSearchInfo; `internal/proxy/task_query.go`, parseQueryParams.
 */
import { invalidParameter, milvusError } from '../base/errors.ts';
import type { GroupRequest, OrderRequest } from '../core/requests.ts';
import type { Properties } from '../schema/collection-schema.ts';
import { TIME_PARTS, type TimePart } from '../schema/timestamptz.ts';
import { groupParams, namesOf, orderParams } from './ask-params.ts';

export interface SearchParams {
  readonly fieldName: string | undefined;
  readonly limit: number;
  readonly offset: number;
  readonly metric: string | undefined;
  readonly roundDecimal: number;
  readonly ignoreGrowing: boolean;
  readonly timezone: string | undefined;
  /** What of Timestamptz values is answered, in the place of text; empty: text. */
  readonly timeParts: readonly TimePart[];
  readonly params: Readonly<Record<string, unknown>>;
  readonly groupBy?: GroupRequest;
  readonly orderBy: readonly OrderRequest[];
  readonly hints: string;
}

/** @throws MilvusError ParameterInvalid */
export function searchParams(pairs: Properties): SearchParams {
  const limit = pairs['topk'] ?? pairs['limit'];
  if (limit === undefined) throw invalidParameter('topk not found in search_params');
  const params = paramsOf(pairs);
  const groupBy = groupParams(pairs);
  return {
    fieldName: filled(pairs['anns_field']),
    limit: integerOf('topk', limit),
    offset: integerOf('offset', pairs['offset'] ?? '0'),
    metric: filled(pairs['metric_type']),
    roundDecimal: integerOf('round_decimal', pairs['round_decimal'] ?? '-1'),
    ignoreGrowing: booleanOf('ignore_growing', pairs['ignore_growing']),
    timezone: filled(pairs['timezone']),
    timeParts: timePartsOf(pairs['time_fields']),
    params,
    orderBy: orderParams(pairs['order_by_fields']),
    hints: filled(pairs['hints']) ?? (typeof params['hints'] === 'string' ? params['hints'] : ''),
    ...(groupBy === undefined ? {} : { groupBy }),
  };
}

export interface QueryParams {
  readonly limit: number | undefined;
  readonly offset: number | undefined;
  readonly ignoreGrowing: boolean;
  readonly timezone: string | undefined;
  readonly timeParts: readonly TimePart[];
  readonly collectionId: number | undefined;
  readonly groupBy: readonly string[];
  readonly orderBy: readonly OrderRequest[];
}

/** @throws MilvusError ParameterInvalid */
export function queryParams(pairs: Properties): QueryParams {
  const { limit, offset } = pairs;
  const collectionId = pairs['collection_id'];
  return {
    limit: limit === undefined ? undefined : integerOf('limit', limit),
    // Of all rows Milvus leaves none out.
    offset: offset === undefined || limit === undefined ? undefined : integerOf('offset', offset),
    ignoreGrowing: booleanOf('ignore_growing', pairs['ignore_growing']),
    timezone: filled(pairs['timezone']),
    timeParts: timePartsOf(pairs['time_fields']),
    collectionId: collectionId === undefined ? undefined : integerOf('collection_id', collectionId),
    groupBy: namesOf(pairs['group_by_fields']),
    orderBy: orderParams(pairs['order_by_fields'], 'query'),
  };
}

/** An empty text says nothing. */
function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

/** Each may be named more than once, and is as often in the answer. */
const TIME_PARTS_MAX = 64;

/** @throws MilvusError ParameterInvalid */
function timePartsOf(text = ''): TimePart[] {
  const names = text.split(/[, ]+/).filter((name) => name !== '');
  if (names.length > TIME_PARTS_MAX) {
    throw invalidParameter('too many fields for extraction', {
      got: names.length,
      max: TIME_PARTS_MAX,
    });
  }
  return names.map((name) => {
    const part = TIME_PARTS.find((one) => one === name.toLowerCase());
    if (part !== undefined) return part;
    const advice = "fields should be seprated by ',' or ' '";
    throw invalidParameter(`unsupported field for extraction: ${name}, ${advice}`);
  });
}

function integerOf(name: string, text: string): number {
  const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) throw invalidParameter(`${name} [${text}] is invalid`);
  return value;
}

function booleanOf(name: string, text = 'false'): boolean {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  throw invalidParameter(`parse ${name} failed, '${text}' is no boolean`);
}

/** Of the index: the JSON in `params`, whatever else is nested there. */
function paramsOf(pairs: Properties): Readonly<Record<string, unknown>> {
  const text = filled(pairs['params']);
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const message = `failed to parse search params ${text}`;
    throw milvusError('ParameterInvalid', { message }, cause);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Record<string, unknown>;
  }
  throw invalidParameter('search params is no JSON object', { params: text });
}
