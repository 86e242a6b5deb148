/**
 * Parameters that searches and queries carry as pairs of text. Source: Milvus `internal/proxy/search_util.go`,
 * parseSearchInfo; `internal/proxy/task_query.go`, parseQueryParams.
 */
import { invalidParameter, milvusError } from '../base/errors.ts';
import type { GroupRequest, OrderRequest } from '../core/requests.ts';
import type { Properties } from '../schema/collection-schema.ts';
import { groupParams, namesOf, orderParams } from './ask-params.ts';

/** Owned by what is still to come: said so, rather than answered without them. */
const QUERY_LATER: readonly string[] = ['time_fields'];

export interface SearchParams {
  readonly fieldName: string | undefined;
  readonly limit: number;
  readonly offset: number;
  readonly metric: string | undefined;
  readonly roundDecimal: number;
  readonly ignoreGrowing: boolean;
  readonly timezone: string | undefined;
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
  readonly collectionId: number | undefined;
  readonly groupBy: readonly string[];
  readonly orderBy: readonly OrderRequest[];
}

/** @throws MilvusError ParameterInvalid, Unimplemented */
export function queryParams(pairs: Properties): QueryParams {
  refuseLater(pairs, QUERY_LATER);
  const { limit, offset } = pairs;
  const collectionId = pairs['collection_id'];
  return {
    limit: limit === undefined ? undefined : integerOf('limit', limit),
    // Of all rows Milvus leaves none out.
    offset: offset === undefined || limit === undefined ? undefined : integerOf('offset', offset),
    ignoreGrowing: booleanOf('ignore_growing', pairs['ignore_growing']),
    timezone: filled(pairs['timezone']),
    collectionId: collectionId === undefined ? undefined : integerOf('collection_id', collectionId),
    groupBy: namesOf(pairs['group_by_fields']),
    orderBy: orderParams(pairs['order_by_fields'], 'query'),
  };
}

function refuseLater(pairs: Properties, names: readonly string[]): void {
  const name = names.find((one) => (pairs[one] ?? '') !== '');
  if (name !== undefined) throw milvusError('Unimplemented', { message: name });
}

/** An empty text says nothing. */
function filled(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
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
