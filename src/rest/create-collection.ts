/**
 * `/collections/create`: a schema that is described or the quick one; with indexes the collection is loaded too.
 * Source: Milvus `internal/distributed/proxy/httpserver/handler_v2.go`, createCollection.
 */
import { invalidParameter, milvusError } from '../base/errors.ts';
import { CollectionSchema, ConsistencyLevel, type KeyValuePair } from '../wire/generated/milvus.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import type { Init } from '../wire/message-type.ts';
import { requireLevelName } from './entity-routes.ts';
import { indexPairs } from './indexes.ts';
import { plainText } from './plain-text.ts';
import { quickCollection } from './quick-create.ts';
import type { RequestBody } from './request-body.ts';
import { DONE, namedCollection, type RestAnswer, type RestCall } from './rest-call.ts';
import { restError } from './rest-errors.ts';
import { collectionSchema } from './schema-input.ts';

/** Of `params` -> of the collection's properties. */
const PROPERTIES: readonly (readonly [string, string])[] = [
  ['ttlField', 'ttl_field'],
  ['partitionKeyIsolation', 'partitionkey.isolation'],
  ['mmap.enabled', 'mmap.enabled'],
  ['warmup.scalarField', 'warmup.scalarField'],
  ['warmup.scalarIndex', 'warmup.scalarIndex'],
  ['warmup.vectorField', 'warmup.vectorField'],
  ['warmup.vectorIndex', 'warmup.vectorIndex'],
];
const TTL = 'collection.ttl.seconds';

interface IndexPlan {
  readonly fieldName: string;
  readonly indexName: string;
  readonly extraParams: readonly KeyValuePair[];
}

export async function createCollection(call: RestCall): Promise<RestAnswer> {
  const { body } = call;
  const collection = namedCollection(call);
  refuseExternal(body);
  const given = body.body('schema');
  const isQuick = given.list('fields').length === 0;
  const { schema, indexes } = isQuick ? quickParts(body) : describedParts(body, given);
  const params = body.body('params');
  const hasPartitionKey = schema.fields?.some((field) => field.isPartitionKey === true) ?? false;
  await call.call('CreateCollection', {
    ...collection,
    schema: encodeMessage(CollectionSchema, schema),
    shardsNum: countOf(params, 'shardsNum') ?? 1,
    consistencyLevel: levelOf(body, params),
    properties: propertiesOf(body, params),
    numPartitions: BigInt((hasPartitionKey ? countOf(params, 'partitionsNum') : null) ?? 0),
  });
  if (indexes.length === 0) return DONE;
  for (const index of indexes) await call.call('CreateIndex', { ...collection, ...index });
  await call.call('LoadCollection', collection);
  return DONE;
}

function refuseExternal(body: RequestBody): void {
  const names = ['externalSource', 'externalSpec'] as const;
  if (names.some((name) => body.text(name) !== '')) {
    throw invalidParameter(
      'externalSource and externalSpec must be set under schema when creating an external collection',
    );
  }
  if (names.some((name) => body.body('schema').text(name) !== '')) {
    throw milvusError('Unimplemented', { message: 'external collections' });
  }
}

interface Parts {
  readonly schema: Init<CollectionSchema>;
  readonly indexes: readonly IndexPlan[];
}

function quickParts(body: RequestBody): Parts {
  const { schema, vectorFieldName, metric } = quickCollection(body);
  const extraParams = [{ key: 'metric_type', value: metric }];
  return {
    schema,
    indexes: [{ fieldName: vectorFieldName, indexName: vectorFieldName, extraParams }],
  };
}

function describedParts(body: RequestBody, given: RequestBody): Parts {
  const name = body.text('collectionName');
  const schema = collectionSchema(given, { name, description: body.text('description') });
  const names = new Set([
    ...(schema.fields ?? []).map((field) => field.name),
    ...(schema.structArrayFields ?? []).flatMap((struct) => [
      struct.name,
      ...(struct.fields ?? []).map((field) => `${struct.name ?? ''}[${field.name ?? ''}]`),
    ]),
  ]);
  const indexes = body.bodies('indexParams').map((index) => {
    const fieldName = index.requiredText('fieldName');
    if (!names.has(fieldName)) {
      throw restError('RestParameterMissing', `\`${fieldName}\` hasn't defined in schema`);
    }
    return { fieldName, indexName: index.text('indexName'), extraParams: indexPairs(index) };
  });
  return { schema, indexes };
}

/** What is no number counts as not given, as in Milvus. */
function countOf(params: RequestBody, name: string): number | null {
  const text = plainText(params.value(name) ?? '');
  return /^\d{1,9}$/.test(text) ? Number(text) : null;
}

function levelOf(body: RequestBody, params: RequestBody): number {
  const top = body.text('consistencyLevel');
  const nested = params.has('consistencyLevel') ? plainText(params.value('consistencyLevel')) : '';
  if (top !== '' && nested !== '' && top !== nested) {
    throw invalidParameter('top-level consistencyLevel conflicts with params.consistencyLevel', {
      expected: 'same consistencyLevel',
      actual: nested,
    });
  }
  const name = top === '' ? nested : top;
  return name === '' ? ConsistencyLevel.Bounded : requireLevelName(name);
}

function propertiesOf(body: RequestBody, params: RequestBody): KeyValuePair[] {
  const given = body.object('properties');
  const ttls = [given[TTL], given['ttl.seconds'], params.value('ttlSeconds')].filter(
    (value) => value !== undefined,
  );
  if (ttls.length > 1) throw invalidParameter('collection TTL is specified multiple times');
  const others = Object.entries(given).filter(([key]) => key !== TTL && key !== 'ttl.seconds');
  return [
    ...ttls.map((value) => ({ key: TTL, value: plainText(value) })),
    ...others.map(([key, value]) => ({ key, value: plainText(value) })),
    ...PROPERTIES.filter(([name]) => params.has(name)).map(([name, key]) => ({
      key,
      value: plainText(params.value(name)),
    })),
  ];
}
