/** Calls that read rows. */
import { must } from '../base/assert.ts';
import { invalidParameter, milvusError } from '../base/errors.ts';
import type { OrderRequest, SearchColumnsAnswer } from '../core/requests.ts';
import type { Service } from '../core/service.ts';
import { takeBatch } from '../schema/column-builder.ts';
import { findField, primaryField } from '../schema/fields.ts';
import type {
  QueryRequest,
  SearchRequest,
  SearchResultData,
  SearchResults,
} from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import { answerFields, namedData } from './answer-fields.ts';
import { idsMessage } from './column-encode.ts';
import { readMoment } from './consistency.ts';
import type { Handlers } from './handlers.ts';
import { propertiesOf } from './key-values.ts';
import { checkQueryType, queryVectors } from './placeholders.ts';
import { queryParams, searchParams } from './request-params.ts';
import { collectionOf, type ServerCall } from './server-call.ts';
import { keyOf, limitOf, momentOf, pageMessage } from './iterator-answers.ts';
import { isSearchIterator, queryIteratorParams, searchIteratorParams } from './iterator-params.ts';
import { SearchIterators } from './search-iterators.ts';
import { parametersOf } from './template-values.ts';

export function readHandlers(service: Service): Handlers {
  const reads = { service, iterators: new SearchIterators() };
  return {
    Search: (request, call) => search(reads, request, call),
    async Query(request, call) {
      const { collectionName, outputFields } = request;
      const pairs = propertiesOf(request.queryParams);
      const iterator = queryIteratorParams(pairs);
      const lastKey = iterator?.lastKey ?? null;
      const { limit, offset, timezone, collectionId, ignoreGrowing, groupBy, orderBy } =
        queryParams(pairs);
      const moment = { isIterator: iterator !== null, pairs };
      if (orderBy.length > 0) await checkOrderNames(service, orderBy, { request, call });
      const answer = await service.queryColumns(
        {
          ...readParts(request, call),
          ...(await momentOf(service, { request, ...moment }, call)),
          ...(lastKey === null
            ? {}
            : { afterKey: await keyOf(service, request, { key: lastKey, call }) }),
          filter: request.expr,
          outputFields,
          ignoreGrowing,
          groupBy,
          orderBy,
          ...(limit === undefined ? {} : { limit }),
          ...(offset === undefined ? {} : { offset }),
          ...(timezone === undefined ? {} : { timezone }),
          ...(collectionId === undefined ? {} : { collectionId }),
        },
        call.options,
      );
      const { schema, timestamp: sessionTs, aggregates } = answer;
      const { name: primaryFieldName } = primaryField(schema);
      const common = { collectionName, sessionTs, primaryFieldName };
      if (aggregates !== null) {
        const fieldsData = aggregates.map((named) => namedData(named, answer));
        return { ...common, fieldsData, outputFields: aggregates.map(({ field }) => field.name) };
      }
      const names = [...new Set([...outputFields, primaryFieldName])];
      return { ...common, ...answerFields(names, answer) };
    },
  };
}

interface Reads {
  readonly service: Service;
  readonly iterators: SearchIterators;
}

async function search(
  { service, iterators }: Reads,
  request: SearchRequest,
  call: ServerCall,
): Promise<Init<SearchResults>> {
  refuseLater(request);
  const { placeholderGroup, collectionName } = request;
  if (placeholderGroup === undefined) {
    throw invalidParameter('Either ids or data must be provided');
  }
  const pairs = propertiesOf(request.searchParams);
  const iterator = searchIteratorParams(pairs);
  const { fieldName, metric, timezone, ...params } = searchParams(pairs);
  const after = iterator === null ? null : iterators.endBefore(iterator);
  const limit = iterator?.batchSize ?? limitOf(params.limit, isSearchIterator(pairs));
  const { type, vectors } = queryVectors(placeholderGroup);
  const searched = await service.describeCollection(collectionOf(request, call), call.options);
  checkQueryType(searched.schema, fieldName, type);
  const answer = await service.searchColumns(
    {
      ...readParts(request, call),
      ...(await momentOf(service, { request, isIterator: isSearchIterator(pairs), pairs }, call)),
      ...params,
      limit,
      ...(iterator === null ? {} : { after }),
      data: vectors,
      filter: request.dsl,
      outputFields: request.outputFields,
      ...(fieldName === undefined ? {} : { fieldName }),
      ...(metric === undefined ? {} : { metric: metric as never }),
      ...(timezone === undefined ? {} : { timezone }),
    },
    call.options,
  );
  const { schema, counts, scores, timestamp: sessionTs } = answer;
  const batch = takeBatch(answer.batch, answer.rows);
  const { id, name: primaryFieldName } = primaryField(schema);
  const keys = must(batch.columns.get(id), 'hits have keys');
  return {
    collectionName,
    sessionTs,
    results: {
      numQueries: BigInt(counts.length),
      topK: BigInt(limit),
      topks: BigInt64Array.from(Array.from(counts, BigInt)),
      scores,
      ids: idsMessage(keys),
      allSearchCount: BigInt(answer.rows.length),
      primaryFieldName,
      ...(iterator === null
        ? {}
        : { searchIteratorV2Results: pageMessage({ iterators, iterator }, after, answer) }),
      ...groupFields(answer),
      ...answerFields(request.outputFields, { ...answer, batch }),
    },
  };
}

/** A query of Milvus orders by fields, not by what is inside of them. @throws MilvusError ParameterInvalid */
async function checkOrderNames(
  service: Service,
  orderBy: readonly OrderRequest[],
  { request, call }: { readonly request: QueryRequest; readonly call: ServerCall },
): Promise<void> {
  const { schema } = await service.describeCollection(collectionOf(request, call), call.options);
  for (const { field } of orderBy) {
    // What orders by an aggregate is told so.
    if (field.includes('(') || findField(schema, field) !== undefined) continue;
    throw invalidParameter(`order_by field '${field}' does not exist in collection schema`);
  }
}

/** One field stands in a place of its own as well, which is all that older clients know. */
function groupFields({
  groups,
  ...context
}: SearchColumnsAnswer): Pick<Init<SearchResultData>, 'groupByFieldValue' | 'groupByFieldValues'> {
  const values = groups.map((named) => namedData(named, context));
  const [only] = values;
  if (only === undefined) return {};
  const all = { groupByFieldValues: values };
  return values.length === 1 ? { groupByFieldValue: only, ...all } : all;
}

type ReadParts = Omit<Parameters<Service['queryColumns']>[0], 'filter' | 'groupBy' | 'orderBy'>;

function readParts(request: SearchRequest | QueryRequest, call: ServerCall): ReadParts {
  const { partitionNames, namespace } = request;
  return {
    ...collectionOf(request, call),
    ...readMoment(request),
    parameters: parametersOf(request.exprTemplateValues),
    ...(partitionNames.length === 0 ? {} : { partitionNames }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** What the engine does not do yet is said, and never left out in silence. */
function refuseLater(request: SearchRequest): void {
  const later: Readonly<Record<string, boolean>> = {
    function_score: request.functionScore !== null,
    highlighter: request.highlighter !== null,
    search_aggregation: request.searchAggregation !== null,
    function_chains: request.functionChains.length > 0,
    'search by ids': request.ids !== null,
    sub_reqs: request.subReqs.length > 0,
  };
  const message = Object.keys(later).find((name) => later[name] === true);
  if (message !== undefined) throw milvusError('Unimplemented', { message });
}
