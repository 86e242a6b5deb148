/** Calls that read rows. */
import { must } from '../base/assert.ts';
import { invalidParameter, milvusError } from '../base/errors.ts';
import { TOP_K_MAX } from '../base/limits.ts';
import type { SearchColumnsAnswer } from '../core/requests.ts';
import type { Service } from '../core/service.ts';
import type { Properties } from '../schema/collection-schema.ts';
import { takeBatch } from '../schema/column-builder.ts';
import { DataType } from '../schema/data-type.ts';
import { primaryField } from '../schema/fields.ts';
import type { PrimaryKey } from '../schema/primary-key.ts';
import type {
  QueryRequest,
  SearchIteratorV2Results,
  SearchRequest,
  SearchResults,
} from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import { answerFields } from './answer-fields.ts';
import { idsMessage } from './column-encode.ts';
import { readMoment } from './consistency.ts';
import type { Handlers } from './handlers.ts';
import { propertiesOf } from './key-values.ts';
import { checkQueryType, queryVectors } from './placeholders.ts';
import { queryParams, searchParams } from './request-params.ts';
import { collectionOf, type ServerCall } from './server-call.ts';
import {
  isSearchIterator,
  iteratorMoment,
  queryIteratorParams,
  searchIteratorParams,
  type SearchIteratorParams,
} from './iterator-params.ts';
import { type ScoreEnd, SearchIterators } from './search-iterators.ts';
import { parametersOf } from './template-values.ts';

const COUNT = 'count(*)';

export function readHandlers(service: Service): Handlers {
  const reads = { service, iterators: new SearchIterators() };
  return {
    Search: (request, call) => search(reads, request, call),
    async Query(request, call) {
      const { collectionName, outputFields } = request;
      const pairs = propertiesOf(request.queryParams);
      const iterator = queryIteratorParams(pairs);
      const lastKey = iterator?.lastKey ?? null;
      const { limit, offset, timezone, collectionId, ignoreGrowing } = queryParams(pairs);
      const moment = { isIterator: iterator !== null, pairs };
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
          ...(limit === undefined ? {} : { limit }),
          ...(offset === undefined ? {} : { offset }),
          ...(timezone === undefined ? {} : { timezone }),
          ...(collectionId === undefined ? {} : { collectionId }),
        },
        call.options,
      );
      const { schema, timestamp: sessionTs, count } = answer;
      const { name: primaryFieldName } = primaryField(schema);
      const common = { collectionName, sessionTs, primaryFieldName };
      if (count !== null) {
        const scalars = { longData: { data: BigInt64Array.of(BigInt(count)) } };
        const fieldsData = [{ type: DataType.Int64, fieldName: COUNT, scalars }];
        return { ...common, fieldsData, outputFields: [COUNT] };
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
      ...answerFields(request.outputFields, { ...answer, batch }),
    },
  };
}

/** Iterators of the first kind ask for as much as they like, and get what there may be. */
function limitOf(given: number, isIterator: boolean): number {
  return isIterator && (given < 1 || given > TOP_K_MAX) ? TOP_K_MAX : given;
}

/** What a client of an iterator has to bring back. */
function pageMessage(
  of: { readonly iterators: SearchIterators; readonly iterator: SearchIteratorParams },
  after: ScoreEnd | null,
  { pageEnd }: SearchColumnsAnswer,
): Init<SearchIteratorV2Results> {
  const token = of.iterator.token ?? of.iterators.newToken();
  if (pageEnd !== null && pageEnd !== after) of.iterators.note(token, after, pageEnd);
  return { token, lastBound: pageEnd?.score ?? of.iterator.lastBound ?? 0 };
}

interface Momentary {
  readonly request: SearchRequest | QueryRequest;
  readonly isIterator: boolean;
  readonly pairs: Properties;
}

/**
 * The moment to look at, where that is not any: of an iterator the one of its first page, of others the
 * `travel_timestamp`, as old clients send it.
 */
async function momentOf(
  service: Service,
  { request, isIterator, pairs }: Momentary,
  call: ServerCall,
): Promise<{ readonly snapshotTimestamp?: bigint }> {
  const { travelTimestamp, guaranteeTimestamp } = request;
  if (!isIterator) return travelTimestamp === 0n ? {} : { snapshotTimestamp: travelTimestamp };
  const moment = iteratorMoment(pairs, guaranteeTimestamp);
  return { snapshotTimestamp: moment ?? (await service.allocateTimestamp(call.options)) };
}

/** A primary key that came as text. @throws MilvusError ParameterInvalid */
async function keyOf(
  service: Service,
  request: QueryRequest,
  { key, call }: { readonly key: string; readonly call: ServerCall },
): Promise<PrimaryKey> {
  const { schema } = await service.describeCollection(collectionOf(request, call), call.options);
  if (primaryField(schema).type === DataType.VarChar) return key;
  if (/^-?\d{1,19}$/.test(key)) return BigInt(key);
  throw invalidParameter('value for query iterator last primary key is invalid', {
    expected: 'int64 primary key',
    actual: key,
  });
}

type ReadParts = Omit<Parameters<Service['queryColumns']>[0], 'filter'>;

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
