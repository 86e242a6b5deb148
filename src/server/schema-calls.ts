/** Calls that change the fields of a collection that is there. */
import { invalidParameter, milvusError } from '../base/errors.ts';
import type { IndexRequest } from '../core/ports.ts';
import type { CollectionRef } from '../core/references.ts';
import type { Service } from '../core/service.ts';
import type { DroppedField } from '../schema/drop-field.ts';
import {
  type AlterCollectionSchemaRequestAddRequest,
  type AlterCollectionSchemaRequestDropRequest,
  type AlterCollectionSchemaRequestFieldInfo,
  FieldSchema,
} from '../wire/generated/milvus.ts';
import { decodeMessage } from '../wire/message-decoder.ts';
import type { Handlers } from './handlers.ts';
import { propertiesOf } from './key-values.ts';
import { fieldDefinition, structDefinition } from './schema-message.ts';
import { collectionOf } from './server-call.ts';
import { SUCCESS } from './status.ts';

export function schemaHandlers(service: Service): Handlers {
  return {
    async AlterCollectionField(request, call) {
      const { fieldName, deleteKeys: remove } = request;
      const params = propertiesOf(request.properties);
      const field = { ...collectionOf(request, call), fieldName, params, remove };
      await service.alterField(field, call.options);
      return SUCCESS;
    },
    async AddCollectionField(request, call) {
      const field = fieldDefinition(decodeMessage(FieldSchema, request.schema));
      await service.addField({ ...collectionOf(request, call), field }, call.options);
      return SUCCESS;
    },
    async AddCollectionStructField(request, call) {
      const { structArrayFieldSchema } = request;
      if (structArrayFieldSchema === null) throw missing('struct_array_field_schema');
      const struct = structDefinition(structArrayFieldSchema);
      await service.addStruct({ ...collectionOf(request, call), struct }, call.options);
      return SUCCESS;
    },
    async AlterCollectionSchema(request, call) {
      const { addRequest = null, dropRequest = null } = request.action ?? {};
      const collection = collectionOf(request, call);
      if (addRequest !== null) {
        await service.addField(additionOf(collection, addRequest), call.options);
        return {};
      }
      if (dropRequest === null) throw missing('action');
      await service.dropField({ ...collection, dropped: droppedBy(dropRequest) }, call.options);
      return {};
    },
  };
}

function additionOf(
  collection: CollectionRef,
  { fieldInfos, funcSchema }: AlterCollectionSchemaRequestAddRequest,
): Parameters<Service['addField']>[0] {
  const [info] = fieldInfos;
  if (funcSchema.length > 0) {
    throw milvusError('Unimplemented', { message: 'functions of a schema are not supported' });
  }
  if (fieldInfos.length > 1) throw invalidParameter('only one field is added at a time');
  const fieldSchema = info?.fieldSchema ?? null;
  if (info === undefined || fieldSchema === null) throw missing('field_schema');
  const index = indexOf(info, fieldSchema.name);
  const field = fieldDefinition(fieldSchema);
  return { ...collection, field, ...(index === null ? {} : { index }) };
}

function indexOf(
  { indexName, extraParams }: AlterCollectionSchemaRequestFieldInfo,
  fieldName: string,
): IndexRequest | null {
  if (extraParams.length === 0) return null;
  return { fieldName, indexName, params: propertiesOf(extraParams) };
}

function droppedBy(request: AlterCollectionSchemaRequestDropRequest): DroppedField {
  const { fieldName, fieldId, functionName } = request;
  if (functionName !== undefined) throw invalidParameter(`function not found: ${functionName}`);
  if (fieldName !== undefined) return { fieldName };
  if (fieldId === undefined) throw missing('field_name');
  if (fieldId <= 0n) throw invalidParameter('field id should be greater than 0');
  return { fieldId: Number(fieldId) };
}

function missing(name: string): Error {
  return milvusError('ParameterMissing', { message: `${name} is not set` });
}
