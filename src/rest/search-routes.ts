/** `/entities/search`, `/entities/hybrid_search` and the latter's older name. */
import type { Clock } from '../base/clock.ts';
import { invalidParameter } from '../base/errors.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { DataType } from '../schema/data-type.ts';
import { primaryField } from '../schema/fields.ts';
import { byteListOf } from '../wire/byte-lists.ts';
import type { IDs, KeyValuePair, SearchRequest, SearchResults } from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import { aggregationRows, aggregationSpec } from './aggregation.ts';
import { consistencyOf } from './entity-routes.ts';
import { functionChain, functionScore } from './function-input.ts';
import { jsonText, shortFloat } from './json-write.ts';
import { placeholderGroup } from './query-vectors.ts';
import type { RequestBody } from './request-body.ts';
import {
  describedCollection,
  namedCollection,
  type RestAnswer,
  type RestCall,
  type Routes,
} from './rest-call.ts';
import { missingParameter, restError } from './rest-errors.ts';
import { outputKeys, outputRows } from './row-output.ts';
import { givesAny, searchPairs } from './search-params.ts';
import { templateValues } from './template-input.ts';

const LIMIT_DEFAULT = 100;

export const searchRoutes: Routes = {
  '/entities/search': search,
  '/entities/hybrid_search': hybridSearch,
  '/entities/advanced_search': hybridSearch,
};

async function search(call: RestCall): Promise<RestAnswer> {
  const { body } = call;
  const collection = namedCollection(call);
  const consistency = consistencyOf(call);
  const { schema } = await describedCollection(call);
  requireOneInput(body);
  const chains = body.bodies('functionChains');
  const aggregation = body.has('searchAggregation') ? aggregationOf(body) : null;
  const request: Init<SearchRequest> = {
    ...collection,
    ...consistency,
    ...inputOf(body, schema),
    dsl: body.text('filter'),
    dslType: 1,
    partitionNames: body.texts('partitionNames'),
    outputFields: body.texts('outputFields'),
    searchParams: [
      ...searchPairs(body.object('searchParams')),
      ...windowPairs(body, { limitName: 'topk' }),
      ...groupPairs(body),
      { key: 'anns_field', value: body.text('annsField') },
    ],
    exprTemplateValues: await templateValues(body.object('exprParams'), call.clock),
    functionScore: functionScore(body.body('functionScore')),
    functionChains: chains.map(functionChain),
    searchAggregation: aggregation,
  };
  return hitsAnswer(await call.call('Search', request), { schema, call });
}

function requireOneInput(body: RequestBody): void {
  const hasKeys = body.list('ids').length > 0;
  const hasData = body.list('data').length > 0;
  if (hasKeys && hasData) {
    throw invalidParameter(
      "primary keys (ids) and query vectors (data) are mutually exclusive. Please provide either 'ids' or 'data', not both",
    );
  }
  if (hasKeys || hasData) return;
  throw restError(
    'RestParameterMissing',
    "either 'ids' (for primary key search) or 'data' (for vector search) must be provided",
  );
}

function aggregationOf(body: RequestBody): ReturnType<typeof aggregationSpec> {
  const params = body.object('searchParams');
  if (body.list('ids').length > 0) {
    throw invalidParameter('ids and searchAggregation cannot be used simultaneously');
  }
  if (body.integer('offset') !== 0) {
    throw invalidParameter('offset is not supported with searchAggregation');
  }
  if (givesAny(params, ['offset'])) {
    throw invalidParameter('searchParams.offset is not supported with searchAggregation');
  }
  const groups =
    body.text('groupingField') !== '' ||
    body.integer('groupSize') !== 0 ||
    body.boolean('strictGroupSize');
  if (groups) {
    throw invalidParameter(
      'groupingField/groupSize/strictGroupSize and searchAggregation cannot be used simultaneously',
    );
  }
  if (givesAny(params, ['group_by_field', 'group_by_fields'])) {
    throw invalidParameter(
      'searchParams.group_by_field(s) and searchAggregation cannot be used simultaneously',
    );
  }
  return aggregationSpec(body.body('searchAggregation'));
}

function inputOf(
  body: RequestBody,
  schema: CollectionSchema,
): Pick<Init<SearchRequest>, 'ids' | 'placeholderGroup' | 'nq'> {
  const keys = body.list('ids');
  if (keys.length > 0) return { ids: keysMessage(keys, schema), nq: BigInt(keys.length) };
  const data = body.list('data');
  try {
    const group = placeholderGroup(data, schema, body.text('annsField'));
    return { placeholderGroup: group, nq: BigInt(data.length) };
  } catch (failure) {
    const message = failure instanceof Error ? failure.message : String(failure);
    throw restError('JsonFormatRequired', message, failure);
  }
}

/** @throws MilvusError ParameterInvalid */
function keysMessage(keys: readonly unknown[], schema: CollectionSchema): Init<IDs> {
  if (primaryField(schema).type !== DataType.Int64) {
    const texts = keys.map((key, i) => {
      const text = typeof key === 'string' ? key : jsonText(key);
      if (text === '') throw invalidParameter(`empty string id at index ${i}`);
      return text;
    });
    return { strId: { data: byteListOf(texts) } };
  }
  const integers = keys.map((key, i) => {
    const text = typeof key === 'string' ? key : jsonText(key);
    if (/^-?\d{1,19}$/.test(text)) return BigInt(text);
    throw invalidParameter(`invalid int64 id at index ${i}: ${text}`);
  });
  return { intId: { data: BigInt64Array.from(integers) } };
}

function windowPairs(
  body: RequestBody,
  { limitName }: { readonly limitName: string },
): KeyValuePair[] {
  return [
    { key: limitName, value: String(body.integer('limit', LIMIT_DEFAULT)) },
    { key: 'offset', value: String(body.integer('offset')) },
  ];
}

function groupPairs(body: RequestBody): KeyValuePair[] {
  const field = body.text('groupingField');
  if (field === '') return [];
  const size = body.integer('groupSize');
  const strict = body.boolean('strictGroupSize');
  return [
    { key: 'group_by_field', value: field },
    ...(size > 0
      ? [
          { key: 'group_size', value: String(size) },
          { key: 'strict_group_size', value: String(strict) },
        ]
      : []),
  ];
}

async function hybridSearch(call: RestCall): Promise<RestAnswer> {
  const { body } = call;
  const collection = namedCollection(call);
  const consistency = consistencyOf(call);
  const searches = body.bodies('search');
  if ([body, ...searches].some((each) => each.has('searchAggregation'))) {
    throw invalidParameter('searchAggregation is not supported for hybrid search');
  }
  if (body.list('functionChains').length > 0) {
    throw invalidParameter('functionChains is not supported for hybrid search yet');
  }
  const { schema } = await describedCollection(call);
  const partitionNames = body.texts('partitionNames');
  const outputFields = body.texts('outputFields');
  const common = { ...collection, partitionNames, outputFields };
  const rerank = body.body('rerank');
  const requests: Init<SearchRequest>[] = [];
  for (const each of searches) {
    requests.push({ ...common, ...(await subSearch(each, schema, call.clock)) });
  }
  const answer = await call.call('HybridSearch', {
    ...common,
    ...consistency,
    requests,
    rankParams: [
      { key: 'strategy', value: rerank.text('strategy') },
      { key: 'params', value: jsonText(rerank.object('params')) },
      ...windowPairs(body, { limitName: 'limit' }),
      { key: 'round_decimal', value: '-1' },
      ...groupPairs(body),
    ],
    functionScore: functionScore(body.body('functionScore')),
  });
  return hitsAnswer(answer, { schema, call });
}

async function subSearch(
  body: RequestBody,
  schema: CollectionSchema,
  clock: Clock,
): Promise<Init<SearchRequest>> {
  if (!body.has('data')) throw missingParameter('data');
  return {
    ...inputOf(body, schema),
    dsl: body.text('filter'),
    dslType: 1,
    searchParams: [
      ...searchPairs(body.object('params')),
      { key: 'topk', value: String(body.integer('limit')) },
      { key: 'offset', value: String(body.integer('offset')) },
      { key: 'anns_field', value: body.text('annsField') },
      ...(body.text('metricType') === ''
        ? []
        : [{ key: 'metric_type', value: body.text('metricType') }]),
    ],
    exprTemplateValues: await templateValues(body.object('exprParams'), clock),
  };
}

/** Hits of all queries one behind the other; `topks` says how many belong to each. */
function hitsAnswer(
  { results }: SearchResults,
  { schema, call }: { readonly schema: CollectionSchema; readonly call: RestCall },
): RestAnswer {
  if (results === null) return { data: [], cost: 0 };
  const { allowsInt64 } = call;
  const primaryFieldName = primaryField(schema).name;
  const recalls = results.recalls.length === 0 ? undefined : Array.from(results.recalls);
  if (results.aggTopks.length > 0) {
    const data = aggregationRows(results, { primaryFieldName, allowsInt64 });
    return { data, cost: 0, aggTopks: Array.from(results.aggTopks), recalls };
  }
  if (results.topK === 0n) return { data: [], cost: 0 };
  const { fieldsData: fields, outputFields, scores } = results;
  const keys = outputKeys(results.ids, allowsInt64);
  const rows = outputRows({ rowCount: keys.length, fields, outputFields, allowsInt64 });
  for (const [i, row] of rows.entries()) {
    row[primaryFieldName] = keys[i];
    row['distance'] = shortFloat(scores[i] ?? 0);
  }
  return { data: rows, cost: 0, topks: Array.from(results.topks), recalls };
}
