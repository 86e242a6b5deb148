/**
 * Schemas of DescribeCollection as JSON. Source: Milvus `internal/distributed/proxy/httpserver/utils.go`,
 * printFieldDetail.
 */
import { DataType, dataTypeName } from '../schema/data-type.ts';
import type {
  CollectionSchema,
  FieldSchema,
  FunctionSchema,
  IndexDescription,
  StructArrayFieldSchema,
  ValueField,
} from '../wire/generated/milvus.ts';

type JsonObjects = Record<string, unknown>[];

export function fieldObjects(schema: CollectionSchema): JsonObjects {
  return schema.fields.map(fieldObject);
}

export function structObjects(schema: CollectionSchema): JsonObjects {
  return schema.structArrayFields.map(structObject);
}

export function functionObjects(schema: CollectionSchema): JsonObjects {
  return schema.functions.map(functionObject);
}

export function indexObjects(indexes: readonly IndexDescription[]): JsonObjects {
  return indexes.map(({ indexName, fieldName, params }) => ({
    indexName,
    fieldName,
    metricType: params.find(({ key }) => key === 'metric_type')?.value ?? 'COSINE',
  }));
}

function fieldObject(field: FieldSchema): Record<string, unknown> {
  const isList = field.dataType === DataType.Array || field.dataType === DataType.ArrayOfVector;
  return {
    name: field.name,
    id: field.fieldID,
    type: dataTypeName(field.dataType),
    primaryKey: field.isPrimaryKey,
    partitionKey: field.isPartitionKey,
    clusteringKey: field.isClusteringKey,
    autoId: field.autoID,
    description: field.description,
    nullable: field.nullable,
    ...(field.defaultValue === null ? {} : { defaultValue: valueObject(field.defaultValue) }),
    ...(field.isFunctionOutput ? { isFunctionOutput: true } : {}),
    ...(field.typeParams.length === 0 ? {} : { params: field.typeParams }),
    ...(isList ? { elementType: dataTypeName(field.elementType) } : {}),
  };
}

function structObject(struct: StructArrayFieldSchema): Record<string, unknown> {
  return {
    name: struct.name,
    id: struct.fieldID,
    description: struct.description,
    nullable: struct.nullable,
    type: dataTypeName(DataType.ArrayOfStruct),
    fields: struct.fields.map(fieldObject),
    ...(struct.typeParams.length === 0 ? {} : { params: struct.typeParams }),
  };
}

function functionObject(given: FunctionSchema): Record<string, unknown> {
  return {
    name: given.name,
    description: given.description,
    type: given.type,
    id: given.id,
    inputFieldNames: given.inputFieldNames,
    outputFieldNames: given.outputFieldNames,
    params: given.params,
  };
}

/** The member that is set, under its name as Go writes it: `{ "Data": { "LongData": 1 } }`. */
function valueObject(value: ValueField): Record<string, unknown> {
  const members: [string, unknown][] = Object.entries(value);
  const [name, given] = members.find(([, each]) => each !== undefined) ?? ['', null];
  return { Data: { [name.charAt(0).toUpperCase() + name.slice(1)]: given } };
}
