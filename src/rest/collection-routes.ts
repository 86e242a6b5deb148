/** `/collections/*`: catalog, load state, flushes and compactions of collections. */
import { invalidParameter, milvusError } from '../base/errors.ts';
import {
  CompactionState,
  ConsistencyLevel,
  FieldSchema,
  type KeyValuePair,
  LoadState,
} from '../wire/generated/milvus.ts';
import { encodeMessage } from '../wire/message-encoder.ts';
import { createCollection } from './create-collection.ts';
import { functionSchema } from './function-input.ts';
import { indexesOf } from './indexes.ts';
import { nameOf, pairsFrom } from './plain-text.ts';
import type { RequestBody } from './request-body.ts';
import { DONE, namedCollection, type RestAnswer, type RestCall, type Routes } from './rest-call.ts';
import { missingParameter } from './rest-errors.ts';
import { fieldSchema, isStructField, structSchema } from './schema-input.ts';
import { fieldObjects, functionObjects, indexObjects, structObjects } from './schema-output.ts';

export const collectionRoutes: Routes = {
  '/collections/list': list,
  '/collections/has': has,
  '/collections/describe': describe,
  '/collections/get_stats': stats,
  '/collections/get_load_state': loadState,
  '/collections/create': createCollection,
  '/collections/drop': drop,
  '/collections/rename': rename,
  '/collections/load': (call) => load(call, false),
  '/collections/refresh_load': (call) => load(call, true),
  '/collections/release': release,
  '/collections/truncate': truncate,
  '/collections/alter_properties': alterProperties,
  '/collections/drop_properties': dropProperties,
  '/collections/compact': compact,
  '/collections/get_compaction_state': compactionState,
  '/collections/flush': flush,
  '/collections/add_function': addFunction,
  '/collections/alter_function': alterFunction,
  '/collections/drop_function': dropFunction,
  '/collections/fields/add': addField,
  '/collections/fields/alter_properties': alterField,
  '/collections/struct_fields/add': addStruct,
};

async function list(call: RestCall): Promise<RestAnswer> {
  const { collectionNames } = await call.call('ShowCollections', { dbName: call.databaseName });
  return { data: collectionNames };
}

async function has(call: RestCall): Promise<RestAnswer> {
  const { value } = await call.call('HasCollection', namedCollection(call));
  return { data: { has: value } };
}

async function describe(call: RestCall): Promise<RestAnswer> {
  const request = namedCollection(call);
  const found = await call.call('DescribeCollection', request);
  const schema = found.schema ?? missingSchema();
  const { state } = await call.call('GetLoadState', request);
  return {
    data: {
      collectionName: found.collectionName,
      collectionID: found.collectionID,
      description: schema.description,
      autoId: schema.fields.some(({ isPrimaryKey, autoID }) => isPrimaryKey && autoID),
      fields: fieldObjects(schema),
      structFields: structObjects(schema),
      functions: functionObjects(schema),
      aliases: found.aliases,
      indexes: indexObjects(await indexesOf(call)),
      load: nameOf(LoadState, state),
      shardsNum: found.shardsNum,
      partitionsNum: found.numPartitions,
      consistencyLevel: nameOf(ConsistencyLevel, found.consistencyLevel),
      enableDynamicField: schema.enableDynamicField,
      properties: found.properties,
    },
    message: '',
  };
}

function missingSchema(): never {
  throw milvusError('ServiceInternal', { message: 'a collection without a schema' });
}

async function stats(call: RestCall): Promise<RestAnswer> {
  const answer = await call.call('GetCollectionStatistics', namedCollection(call));
  return { data: { rowCount: rowCountOf(answer.stats) } };
}

/** Rows as statistics count them. */
export function rowCountOf(pairs: readonly KeyValuePair[]): number {
  return Number(pairs.find(({ key }) => key === 'row_count')?.value ?? 0);
}

async function loadState(call: RestCall): Promise<RestAnswer> {
  const collection = namedCollection(call);
  const partitionNames = call.body.texts('partitionNames');
  const { state } = await call.call('GetLoadState', { ...collection, partitionNames });
  if (state === LoadState.LoadStateNotExist) {
    const fields = { collection: collection.collectionName };
    throw milvusError('CollectionNotFound', { fields });
  }
  const name = nameOf(LoadState, state);
  if (state === LoadState.LoadStateNotLoad) return { data: { loadState: name } };
  const { progress } = await call.call('GetLoadingProgress', { ...collection, partitionNames });
  return { data: { loadState: name, loadProgress: progress }, message: '' };
}

async function drop(call: RestCall): Promise<RestAnswer> {
  await call.call('DropCollection', namedCollection(call));
  return DONE;
}

async function truncate(call: RestCall): Promise<RestAnswer> {
  await call.call('TruncateCollection', namedCollection(call));
  return DONE;
}

async function rename(call: RestCall): Promise<RestAnswer> {
  const { body, databaseName: dbName } = call;
  await call.call('RenameCollection', {
    dbName,
    oldName: body.requiredText('collectionName'),
    newName: body.requiredText('newCollectionName'),
    newDBName: body.filledText('newDbName', dbName),
  });
  return DONE;
}

async function load(call: RestCall, refresh: boolean): Promise<RestAnswer> {
  await call.call('LoadCollection', { ...namedCollection(call), refresh });
  return DONE;
}

async function release(call: RestCall): Promise<RestAnswer> {
  await call.call('ReleaseCollection', namedCollection(call));
  return DONE;
}

async function alterProperties(call: RestCall): Promise<RestAnswer> {
  const properties = pairsFrom(call.body.object('properties'));
  await call.call('AlterCollection', { ...namedCollection(call), properties });
  return DONE;
}

async function dropProperties(call: RestCall): Promise<RestAnswer> {
  const deleteKeys = call.body.texts('propertyKeys');
  await call.call('AlterCollection', { ...namedCollection(call), deleteKeys });
  return DONE;
}

async function compact(call: RestCall): Promise<RestAnswer> {
  const majorCompaction = call.body.boolean('isClustering');
  const request = { ...namedCollection(call), majorCompaction };
  const { compactionID } = await call.call('ManualCompaction', request);
  return { data: { compactionID } };
}

async function compactionState(call: RestCall): Promise<RestAnswer> {
  const compactionID = call.body.long('jobID');
  const answer = await call.call('GetCompactionState', { compactionID });
  return {
    data: {
      compactionID,
      state: nameOf(CompactionState, answer.state),
      executingPlanNumber: answer.executingPlanNo,
      timeoutPlanNumber: answer.timeoutPlanNo,
      completedPlanNumber: answer.completedPlanNo,
    },
  };
}

/** What a flush seals is flushed when it answers. */
async function flush(call: RestCall): Promise<RestAnswer> {
  const { dbName, collectionName } = namedCollection(call);
  await call.call('Flush', { dbName, collectionNames: [collectionName] });
  return DONE;
}

async function addFunction(call: RestCall): Promise<RestAnswer> {
  const request = { ...namedCollection(call), functionSchema: givenFunction(call.body) };
  await call.call('AddCollectionFunction', request);
  return DONE;
}

async function alterFunction(call: RestCall): Promise<RestAnswer> {
  await call.call('AlterCollectionFunction', {
    ...namedCollection(call),
    functionName: call.body.requiredText('functionName'),
    functionSchema: givenFunction(call.body),
  });
  return DONE;
}

async function dropFunction(call: RestCall): Promise<RestAnswer> {
  // Milvus writes it with a capital, and Go reads both.
  const given = call.body.filledText('FunctionName', call.body.text('functionName'));
  if (given === '') throw missingParameter('FunctionName');
  await call.call('DropCollectionFunction', { ...namedCollection(call), functionName: given });
  return DONE;
}

function givenFunction(body: RequestBody): ReturnType<typeof functionSchema> {
  if (!body.has('function')) throw missingParameter('function');
  return functionSchema(body.body('function'));
}

async function addField(call: RestCall): Promise<RestAnswer> {
  const collection = namedCollection(call);
  const given = givenSchema(call.body);
  if (isStructField(given)) {
    throw invalidParameter(
      'StructArray field must be added through /v2/vectordb/collections/struct_fields/add',
    );
  }
  const schema = encodeMessage(FieldSchema, fieldSchema(given));
  await call.call('AddCollectionField', { ...collection, schema });
  return DONE;
}

async function addStruct(call: RestCall): Promise<RestAnswer> {
  const collection = namedCollection(call);
  const given = givenSchema(call.body);
  if (!isStructField(given)) {
    const types = `${given.text('dataType')} and elementDataType ${given.text('elementDataType')}`;
    throw invalidParameter(
      `StructArray field must use ArrayOfStruct or Array with Struct element, got dataType ${types}`,
    );
  }
  const structArrayFieldSchema = structSchema(given);
  await call.call('AddCollectionStructField', { ...collection, structArrayFieldSchema });
  return DONE;
}

function givenSchema(body: RequestBody): RequestBody {
  if (!body.has('schema')) throw missingParameter('schema');
  return body.body('schema');
}

async function alterField(call: RestCall): Promise<RestAnswer> {
  await call.call('AlterCollectionField', {
    ...namedCollection(call),
    fieldName: call.body.requiredText('fieldName'),
    properties: pairsFrom(call.body.object('fieldParams')),
  });
  return DONE;
}
