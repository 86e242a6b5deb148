/**
 * Milvus's first HTTP interface, `/v1/vector/*`: the requests of today's in other words. What succeeds has code
 * 200. Source: Milvus `internal/distributed/proxy/httpserver/handler_v1.go`.
 */
import { DataType, dataTypeName, isVector } from '../schema/data-type.ts';
import {
  CollectionSchema,
  ConsistencyLevel,
  type FieldSchema,
  LoadState,
} from '../wire/generated/milvus.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import { entityRoutes, keyFilter } from './entity-routes.ts';
import { indexesOf } from './indexes.ts';
import { nameOf } from './plain-text.ts';
import { RequestBody } from './request-body.ts';
import {
  describedCollection,
  DONE,
  namedCollection,
  type RestAnswer,
  type RestCall,
  type RestHandler,
  type Routes,
} from './rest-call.ts';
import { restError } from './rest-errors.ts';
import { indexObjects } from './schema-output.ts';
import { searchRoutes } from './search-routes.ts';

export const V1_PREFIX = '/v1/vector';

const INDEX_NAME = 'vector_idx';

/** Asked by GET, with parameters in the query. */
export const V1_READS: Routes = {
  '/collections': listCollections,
  '/collections/describe': describeCollection,
};

export const V1_ROUTES: Routes = {
  '/collections/create': createCollection,
  '/collections/drop': dropCollection,
  '/query': (call) => required(call, ['collectionName', 'filter'], asToday('/entities/query')),
  '/get': (call) => required(call, ['collectionName', 'id'], asToday('/entities/get')),
  '/delete': deleteRows,
  '/insert': (call) => write(call, asToday('/entities/insert')),
  '/upsert': (call) => write(call, asToday('/entities/upsert')),
  '/search': search,
};

function asToday(path: string): RestHandler {
  const handler = { ...entityRoutes, ...searchRoutes }[path];
  if (handler === undefined) throw new Error(`there is no ${path}`);
  return async (call) => {
    const { data } = await handler(call);
    return { data };
  };
}

async function required(
  call: RestCall,
  names: readonly string[],
  handler: RestHandler,
): Promise<RestAnswer> {
  if (names.some((name) => !call.body.has(name) || call.body.value(name) === '')) {
    const list = names.join(', ');
    throw restError('RestParameterMissing', `required parameters: [${list}]`);
  }
  return await handler(call);
}

/** The same request with other members. */
function withBody(call: RestCall, members: Readonly<Record<string, unknown>>): RestCall {
  return { ...call, body: new RequestBody(members) };
}

async function listCollections(call: RestCall): Promise<RestAnswer> {
  const { collectionNames } = await call.call('ShowCollections', { dbName: call.databaseName });
  return { data: collectionNames };
}

async function describeCollection(call: RestCall): Promise<RestAnswer> {
  const request = namedCollection(call);
  const { schema, shardsNum, collectionName } = await call.call('DescribeCollection', request);
  const { state } = await call.call('GetLoadState', request);
  return {
    data: {
      collectionName,
      description: schema?.description ?? '',
      fields: (schema?.fields ?? []).map(fieldObject),
      indexes: indexObjects(await indexesOf(call)),
      load: nameOf(LoadState, state),
      shardsNum,
      enableDynamicField: schema?.enableDynamicField ?? false,
    },
  };
}

/** Types have their dimension or length: `FloatVector(8)`. */
function fieldObject(field: FieldSchema): Record<string, unknown> {
  const type = field.dataType as DataType;
  const isText = type === DataType.VarChar;
  const key = isText ? 'max_length' : 'dim';
  const size = field.typeParams.find((param) => param.key === key)?.value ?? '0';
  const word = dataTypeName(type);
  return {
    name: field.name,
    type: isText || isVector(type) ? `${word}(${size})` : word,
    primaryKey: field.isPrimaryKey,
    autoId: field.autoID,
    description: field.description,
  };
}

/** A generated key, a vector with its index, and dynamic fields unless they are not wanted. */
async function createCollection(call: RestCall): Promise<RestAnswer> {
  return await required(call, ['collectionName', 'dimension'], async () => {
    const { body } = call;
    const collection = namedCollection(call);
    const fieldName = body.filledText('vectorField', 'vector');
    const schema = encodeMessage(CollectionSchema, {
      name: collection.collectionName,
      description: body.text('description'),
      enableDynamicField: body.boolean('enableDynamicField', true),
      autoID: true,
      fields: [
        {
          name: body.filledText('primaryField', 'id'),
          dataType: DataType.Int64,
          isPrimaryKey: true,
          autoID: true,
        },
        {
          name: fieldName,
          dataType: DataType.FloatVector,
          typeParams: [{ key: 'dim', value: String(body.integer('dimension')) }],
        },
      ],
    });
    const consistencyLevel = ConsistencyLevel.Bounded;
    await call.call('CreateCollection', { ...collection, schema, shardsNum: 1, consistencyLevel });
    const extraParams = [{ key: 'metric_type', value: body.filledText('metricType', 'L2') }];
    const index = { fieldName, indexName: INDEX_NAME, extraParams };
    await call.call('CreateIndex', { ...collection, ...index });
    await call.call('LoadCollection', collection);
    return DONE;
  });
}

async function dropCollection(call: RestCall): Promise<RestAnswer> {
  return await required(call, ['collectionName'], async () => {
    await call.call('DropCollection', namedCollection(call));
    return DONE;
  });
}

async function deleteRows(call: RestCall): Promise<RestAnswer> {
  const { body } = call;
  const names = body.has('id') || body.text('filter') !== '' ? [] : ['filter or id'];
  return await required(call, ['collectionName', ...names], async () => {
    const { schema } = await describedCollection(call);
    const filter = body.filledText('filter', keyFilter(schema, body.value('id') ?? []));
    const collectionName = body.text('collectionName');
    await asToday('/entities/delete')(withBody(call, { collectionName, filter }));
    return DONE;
  });
}

/** One row may stand without its list. */
async function write(call: RestCall, handler: RestHandler): Promise<RestAnswer> {
  return await required(call, ['collectionName', 'data'], async () => {
    const given = call.body.value('data');
    const data = Array.isArray(given) ? given : [given];
    return await handler(
      withBody(call, {
        collectionName: call.body.text('collectionName'),
        data,
        partialUpdate: call.body.boolean('partialUpdate'),
        fieldOps: call.body.list('fieldOps'),
      }),
    );
  });
}

async function search(call: RestCall): Promise<RestAnswer> {
  return await required(call, ['collectionName', 'vector'], async () => {
    const { body } = call;
    const { radius, range_filter: rangeFilter } = body.object('params');
    if (rangeFilter !== undefined && radius === undefined) {
      throw restError('JsonFormatRequired', 'invalid search params');
    }
    const handler = asToday('/entities/search');
    return await handler(
      withBody(call, {
        collectionName: body.text('collectionName'),
        data: [body.list('vector')],
        filter: body.text('filter'),
        limit: body.integer('limit', 100),
        offset: body.integer('offset'),
        outputFields: body.texts('outputFields'),
        searchParams: {
          ...(radius === undefined ? {} : { radius }),
          ...(rangeFilter === undefined ? {} : { range_filter: rangeFilter }),
        },
      }),
    );
  });
}
