/**
 * `searchParams` as the pairs of text that a search carries: all of them together as JSON under `params`, and
 * each by itself. Names that no search knows say nothing, as in Milvus: the metric is `metric_type` here, and
 * `metricType` no name of it. Source: Milvus `internal/distributed/proxy/httpserver/utils.go`, generateSearchParams.
 */
import { isDeepStrictEqual } from 'node:util';
import { invalidParameter } from '../base/errors.ts';
import type { KeyValuePair } from '../wire/generated/milvus.ts';
import { isObject, type JsonObject } from '../imports/given-rows.ts';
import { jsonText } from './json-write.ts';
import { plainText } from './plain-text.ts';

const NESTED = 'params';

/** @throws MilvusError ParameterInvalid when a parameter is given twice with different values */
export function searchPairs(given: JsonObject): KeyValuePair[] {
  const nested = given[NESTED] ?? {};
  if (!isObject(nested)) throw invalidParameter('searchParams.params must be a dict');
  const flat = Object.entries(given).filter(([key]) => key !== NESTED);
  for (const [key, value] of flat) {
    if (Object.hasOwn(nested, key) && !isDeepStrictEqual(nested[key], value)) {
      throw invalidParameter(
        `ambiguous parameter: ${key}, in search_param: ${jsonText(value)}, in search_param.params: ${jsonText(nested[key])}`,
      );
    }
  }
  return [
    { key: NESTED, value: jsonText({ ...nested, ...Object.fromEntries(flat) }) },
    ...flat.map(([key, value]) => ({
      key: key === 'ignoreGrowing' ? 'ignore_growing' : key,
      value: plainText(value),
    })),
    ...(Object.hasOwn(given, 'round_decimal') ? [] : [{ key: 'round_decimal', value: '-1' }]),
  ];
}

/** Whether one of the names is given, flat or nested. */
export function givesAny(given: JsonObject, names: readonly string[]): boolean {
  const nested = given[NESTED];
  return names.some(
    (name) => Object.hasOwn(given, name) || (isObject(nested) && Object.hasOwn(nested, name)),
  );
}
