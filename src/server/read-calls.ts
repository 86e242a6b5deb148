/** Calls that read rows. */
import { must } from '../base/assert.ts';
import { invalidParameter, milvusError } from '../base/errors.ts';
import type { ElementLists, OrderRequest, SearchColumnsAnswer } from '../core/requests.ts';
import type { Service } from '../core/service.ts';
import type { CollectionSchema, Properties } from '../schema/collection-schema.ts';
import { takeBatch } from '../schema/column-builder.ts';
import { findField, primaryField } from '../schema/fields.ts';
import type { PrimaryKey } from '../schema/primary-key.ts';
import { textAt } from '../wire/byte-lists.ts';
import type {
  ElementIndices,
  QueryRequest,
  SearchRequest,
  SearchResultData,
  SearchResults,
} from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import { answerFields, namedData } from './answer-fields.ts';
import { bucketRequest, bucketResults, checkHitFields } from './bucket-messages.ts';
import { idsMessage } from './column-encode.ts';
import { readMoment } from './consistency.ts';
import type { Handlers } from './handlers.ts';
import { propertiesOf } from './key-values.ts';
import { checkQueryType, queryVectors } from './placeholders.ts';
import { queryParams, type SearchParams, searchParams } from './request-params.ts';
import { collectionOf, type ServerCall } from './server-call.ts';
import { IterationSchemas } from './iteration-schemas.ts';
import { type Iterations, keyOf, limitOf, momentOf, pageMessage } from './iterator-answers.ts';
import { isSearchIterator, queryIteratorParams, searchIteratorParams } from './iterator-params.ts';
import { SearchIterators } from './search-iterators.ts';
import { parametersOf } from './template-values.ts';

export function readHandlers(service: Service): Handlers {
  const schemas = new IterationSchemas();
  const reads = { service, iterators: new SearchIterators(), schemas };
  return {
    Search: (request, call) => search(reads, request, call),
    async Query(request, call) {
      const { collectionName, outputFields } = request;
      const pairs = propertiesOf(request.queryParams);
      const iterator = queryIteratorParams(pairs);
      const lastKey = iterator?.lastKey ?? null;
      const { limit, offset, timezone, collectionId, ignoreGrowing, ...asked } = queryParams(pairs);
      const { groupBy, orderBy, timeParts } = asked;
      const page = iterator === null ? 'none' : lastKey === null ? 'any' : 'later';
      if (orderBy.length > 0) await checkOrderNames(service, orderBy, { request, call });
      const answer = await service.queryColumns(
        {
          ...readParts(request, call),
          ...(await momentOf(reads, { request, page, pairs }, call)),
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
        const fieldsData = aggregates.map((named) => namedData(named, { ...answer, timeParts }));
        return { ...common, fieldsData, outputFields: aggregates.map(({ field }) => field.name) };
      }
      const names = [...new Set([...outputFields, primaryFieldName])];
      const { elements } = answer;
      const elementIndices = elements === undefined ? {} : { elementIndices: placesOf(elements) };
      return { ...common, ...answerFields(names, { ...answer, timeParts }), ...elementIndices };
    },
  };
}

/** Of each row the places of its elements that match. */
function placesOf({ offsets, places }: ElementLists): Init<ElementIndices>[] {
  return Array.from({ length: offsets.length - 1 }, (_, row) => ({
    indices: { data: BigInt64Array.from(places.subarray(offsets[row], offsets[row + 1]), BigInt) },
  }));
}

interface Reads extends Iterations {
  readonly iterators: SearchIterators;
}

async function search(
  reads: Reads,
  request: SearchRequest,
  call: ServerCall,
): Promise<Init<SearchResults>> {
  refuseLater(request);
  const { service, iterators } = reads;
  const { collectionName } = request;
  const pairs = propertiesOf(request.searchParams);
  const { schema: asked } = await service.describeCollection(
    collectionOf(request, call),
    call.options,
  );
  if (request.searchAggregation !== null) {
    return await searchBuckets(service, request, { pairs, asked, call });
  }
  const params = searchParams(pairs);
  const iterator = searchIteratorParams(pairs);
  const after = iterator === null ? null : iterators.endBefore(iterator);
  const limit = iterator?.batchSize ?? limitOf(params.limit, isSearchIterator(pairs));
  const isLater = (iterator?.lastBound ?? null) !== null;
  const page = !isSearchIterator(pairs) ? 'none' : isLater ? 'later' : 'any';
  const answer = await service.searchColumns(
    {
      ...searchParts(request, params, call),
      ...(await momentOf(reads, { request, page, pairs }, call)),
      ...pageParts(params),
      ...searchedFor(request, { schema: asked, fieldName: params.fieldName }),
      limit,
      ...(iterator === null ? {} : { after }),
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
      allSearchCount: BigInt(answer.searchedRows),
      ...(answer.elements === undefined
        ? {}
        : { elementIndices: { data: BigInt64Array.from(answer.elements, BigInt) } }),
      primaryFieldName,
      ...(iterator === null
        ? {}
        : { searchIteratorV2Results: pageMessage({ iterators, iterator }, after, answer) }),
      ...groupFields(answer),
      ...answerFields(request.outputFields, { ...answer, batch, timeParts: params.timeParts }),
    },
  };
}

/** What searches of hits and of buckets have in common. */
function searchParts(request: SearchRequest, given: SearchParams, call: ServerCall): SearchParts {
  const { fieldName, metric, timezone, roundDecimal, ignoreGrowing, params, hints } = given;
  return {
    ...readParts(request, call),
    filter: request.dsl,
    outputFields: request.outputFields,
    roundDecimal,
    ignoreGrowing,
    params,
    hints,
    ...(fieldName === undefined ? {} : { fieldName }),
    ...(metric === undefined ? {} : { metric: metric as never }),
    ...(timezone === undefined ? {} : { timezone }),
  };
}

type SearchParts = Omit<Parameters<Service['searchColumns']>[0], 'limit'>;

/** What only searches of hits have. */
function pageParts({ offset, groupBy, orderBy }: SearchParams): PageParts {
  return { offset, orderBy, ...(groupBy === undefined ? {} : { groupBy }) };
}

type PageParts = Pick<SearchParts, 'offset' | 'orderBy' | 'groupBy'>;

interface BucketContext {
  readonly pairs: Properties;
  readonly asked: CollectionSchema;
  readonly call: ServerCall;
}

async function searchBuckets(
  service: Service,
  request: SearchRequest,
  { pairs, asked, call }: BucketContext,
): Promise<Init<SearchResults>> {
  const params = searchParams(pairs);
  refuseBesideBuckets(pairs, params);
  checkHitFields(request.outputFields, asked);
  const { data = [] } = searchedFor(request, { schema: asked, fieldName: params.fieldName });
  const aggregation = bucketRequest(must(request.searchAggregation, 'buckets are asked for'));
  const parts = searchParts(request, params, call);
  const answer = await service.searchBuckets({ ...parts, data, aggregation }, call.options);
  const primaryFieldName = primaryField(asked).name;
  const results = { ...bucketResults(answer, asked), primaryFieldName };
  return { collectionName: request.collectionName, sessionTs: answer.timestamp, results };
}

/** Vectors, or keys of rows whose vectors are meant. @throws MilvusError ParameterInvalid */
function searchedFor(
  { placeholderGroup, ids, searchAggregation }: SearchRequest,
  {
    schema,
    fieldName,
  }: { readonly schema: CollectionSchema; readonly fieldName?: string | undefined },
): { readonly data?: readonly unknown[]; readonly ids?: readonly PrimaryKey[] } {
  if (placeholderGroup !== undefined) {
    const { type, vectors } = queryVectors(placeholderGroup);
    return { data: vectors(checkQueryType(schema, fieldName, type)) };
  }
  if (ids === null) throw invalidParameter('Either ids or data must be provided');
  if (searchAggregation !== null) {
    throw invalidParameter('search by ids is not supported with search_aggregation');
  }
  const { intId, strId } = ids;
  if (strId === null) return { ids: [...(intId?.data ?? [])] };
  const { data } = strId;
  return { ids: Array.from({ length: data.offsets.length - 1 }, (_, i) => textAt(data, i)) };
}

/** @throws MilvusError ParameterInvalid for what buckets are in the place of */
function refuseBesideBuckets(pairs: Properties, { offset }: { readonly offset: number }): void {
  for (const name of ['group_by_field', 'group_by_fields', 'order_by_fields']) {
    if ((pairs[name] ?? '').trim() === '') continue;
    throw invalidParameter(`${name} and search_aggregation cannot be used simultaneously`);
  }
  if ((pairs['iterator'] ?? '').toLowerCase() === 'true') {
    throw invalidParameter('search iterator is not supported with search_aggregation');
  }
  if (offset > 0) throw invalidParameter('offset is not supported with search_aggregation');
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
    function_chains: request.functionChains.length > 0,
    sub_reqs: request.subReqs.length > 0,
  };
  const message = Object.keys(later).find((name) => later[name] === true);
  if (message !== undefined) throw milvusError('Unimplemented', { message });
}
