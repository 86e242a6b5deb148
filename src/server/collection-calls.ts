/** Calls about collections as a whole. */
import { ERRORS, invalidParameter, MilvusError } from '../base/errors.ts';
import type { CollectionInfo, ConsistencyLevel } from '../core/ports.ts';
import type { Service } from '../core/service.ts';
import { partitionKeyField } from '../schema/fields.ts';
import {
  CollectionSchema,
  ConsistencyLevel as LevelCode,
  type DescribeCollectionResponse,
  ShowType,
} from '../wire/generated/milvus.ts';
import { decodeMessage } from '../wire/message-decoder.ts';
import type { Init } from '../wire/message-type.ts';
import { requireLevel } from './consistency.ts';
import { channelsOf, findCollection } from './find-collection.ts';
import { isUnindexed } from './first-load.ts';
import type { Handlers } from './handlers.ts';
import { pairsOf, propertiesOf } from './key-values.ts';
import { definitionOf, schemaMessage } from './schema-message.ts';
import { collectionOf, databaseOf } from './server-call.ts';
import { SUCCESS } from './status.ts';
import { utcMs } from './timestamps.ts';

export function collectionHandlers(service: Service): Handlers {
  return { ...definitionHandlers(service), ...changeHandlers(service), ...showHandlers(service) };
}

function definitionHandlers(service: Service): Handlers {
  return {
    async CreateCollection(request, call) {
      const { consistencyLevel, numPartitions, shardsNum } = request;
      const schema = decodeMessage(CollectionSchema, request.schema);
      const parts = definitionOf(schema);
      await service.createCollection(
        databaseOf(request, call),
        {
          ...parts,
          name: request.collectionName,
          properties: propertiesOf([...schema.properties, ...request.properties]),
          ...(shardsNum === 0 ? {} : { shardCount: shardsNum }),
          ...(numPartitions === 0n ? {} : { partitionCount: Number(numPartitions) }),
          consistencyLevel: requireLevel(consistencyLevel),
          enableNamespace: schema.enableNamespace,
        },
        call.options,
      );
      return SUCCESS;
    },
    async DropCollection(request, call) {
      await service.dropCollection(collectionOf(request, call), call.options);
      return SUCCESS;
    },
    async HasCollection(request, call) {
      return { value: await service.hasCollection(collectionOf(request, call), call.options) };
    },
    async DescribeCollection(request, call) {
      return describeMessage(await findCollection(service, request, call).catch(cannotFind));
    },
    async BatchDescribeCollection(request, call) {
      const { dbName } = request;
      if (request.collectionName.length === 0) {
        throw invalidParameter('collection names cannot be empty');
      }
      const responses = await Promise.all(
        request.collectionName.map((collectionName) =>
          findCollection(service, { dbName, collectionName, collectionID: 0n }, call),
        ),
      );
      return { responses: responses.map(describeMessage) };
    },
  };
}

function showHandlers(service: Service): Handlers {
  return {
    async ShowCollections(request, call) {
      const all = await service.listCollections(databaseOf(request, call), call.options);
      const wanted = new Set(request.collectionNames);
      const shown = all
        .filter((one) =>
          wanted.size === 0
            ? request.type !== ShowType.InMemory || isReady(one)
            : wanted.has(one.name),
        )
        .sort((a, b) => (a.name < b.name ? -1 : 1));
      return {
        collectionNames: shown.map(({ name }) => name),
        collectionIds: BigInt64Array.from(shown, ({ id }) => BigInt(id)),
        createdTimestamps: BigUint64Array.from(shown, (one) => one.createdTimestamp),
        createdUtcTimestamps: BigUint64Array.from(shown, (one) => utcMs(one.createdTimestamp)),
        inMemoryPercentages: BigInt64Array.from(shown, (one) => (isReady(one) ? 100n : 0n)),
        queryServiceAvailable: Uint8Array.from(shown, (one) => (isReady(one) ? 1 : 0)),
        shardsNum: Int32Array.from(shown, ({ shardIds }) => shardIds.length),
      };
    },
    async GetCollectionStatistics(request, call) {
      const { rowCount } = await service.statistics(collectionOf(request, call), call.options);
      return { stats: [{ key: 'row_count', value: String(rowCount) }] };
    },
  };
}

/** It is loaded, or will be before it has a row. */
function isReady(collection: CollectionInfo): boolean {
  return collection.loaded || isUnindexed(collection);
}

function changeHandlers(service: Service): Handlers {
  return {
    async AlterCollection(request, call) {
      const change = { set: propertiesOf(request.properties), remove: request.deleteKeys };
      await service.alterCollection({ ...collectionOf(request, call), ...change }, call.options);
      return SUCCESS;
    },
    async RenameCollection(request, call) {
      const newDatabaseName = request.newDBName === '' ? null : request.newDBName;
      const collection = {
        databaseName: databaseOf(request, call),
        collectionName: request.oldName,
      };
      const rename = { ...collection, newName: request.newName, newDatabaseName };
      await service.renameCollection(rename, call.options);
      return SUCCESS;
    },
    async TruncateCollection(request, call) {
      await service.truncateCollection(collectionOf(request, call), call.options);
      return {};
    },
  };
}

/** In the words that clients look for. */
function cannotFind(failure: unknown): never {
  if (!(failure instanceof MilvusError) || failure.reason !== 'CollectionNotFound') throw failure;
  const text = failure.message.replace(ERRORS.CollectionNotFound[3], "can't find collection");
  throw new MilvusError('CollectionNotFound', text, failure.fields, failure);
}

const LEVEL_CODES: Readonly<Record<ConsistencyLevel, number>> = LevelCode;

function describeMessage(collection: CollectionInfo): Init<DescribeCollectionResponse> {
  const { schema, properties, createdTimestamp } = collection;
  const channels = channelsOf(collection);
  const hasPartitionKey = partitionKeyField(schema) !== undefined;
  return {
    schema: { ...schemaMessage(schema, properties), name: collection.name },
    collectionID: BigInt(collection.id),
    collectionName: collection.name,
    dbName: collection.databaseName,
    dbId: BigInt(collection.databaseId),
    aliases: [...collection.aliases],
    virtualChannelNames: channels.map(({ virtual }) => virtual),
    physicalChannelNames: channels.map(({ physical }) => physical),
    createdTimestamp,
    createdUtcTimestamp: utcMs(createdTimestamp),
    updateTimestamp: collection.updatedTimestamp,
    updateTimestampStr: String(collection.updatedTimestamp),
    shardsNum: collection.shardIds.length,
    numPartitions: BigInt(hasPartitionKey ? collection.partitions.length : 1),
    consistencyLevel: LEVEL_CODES[collection.consistencyLevel],
    properties: pairsOf(properties),
  };
}
