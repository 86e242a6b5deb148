/**
 * Schemas as JSON describes them -> the messages of CreateCollection and of added fields. Names of types are
 * Milvus's, by case. Source: Milvus `internal/distributed/proxy/httpserver/request_v2.go`.
 */
import { invalidParameter } from '../base/errors.ts';
import { DataType } from '../schema/data-type.ts';
import type {
  CollectionSchema,
  FieldSchema,
  KeyValuePair,
  StructArrayFieldSchema,
  ValueField,
} from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import { functionSchema } from './function-input.ts';
import { jsonText } from './json-write.ts';
import { pairsFrom } from './plain-text.ts';
import type { RequestBody } from './request-body.ts';
import { missingParameter } from './rest-errors.ts';

/** The schema of a creation, `description` of the collection beside it. */
export function collectionSchema(
  schema: RequestBody,
  { name, description }: { readonly name: string; readonly description: string },
): Init<CollectionSchema> {
  const autoID = isAutoId(schema);
  const functions = schema.bodies('functions').map(functionSchema);
  const outputs = new Set(functions.flatMap((one) => one.outputFieldNames ?? []));
  const fields = schema.bodies('fields').map((given) => {
    const field = fieldSchema(given);
    return {
      ...field,
      autoID: autoID && field.isPrimaryKey === true,
      isFunctionOutput: outputs.has(field.name ?? ''),
    };
  });
  const structArrayFields = schema.bodies('structFields').map(structSchema);
  for (const [i, { name: structName = '' }] of structArrayFields.entries()) {
    const others = [...fields, ...structArrayFields.slice(0, i)];
    if (others.some((one) => one.name === structName)) {
      throw invalidParameter(`duplicated field name: ${structName}`);
    }
  }
  return {
    name,
    description,
    autoID,
    fields,
    structArrayFields,
    functions,
    enableDynamicField: schema.boolean('enableDynamicField'),
  };
}

/** Go reads names of members whatever their case, and clients write this one in both ways. */
function isAutoId(schema: RequestBody): boolean {
  return schema.boolean('autoID') || schema.boolean('autoId');
}

/** @throws MilvusError ParameterInvalid, RestParameterMissing */
export function fieldSchema(given: RequestBody): Init<FieldSchema> {
  const name = given.requiredText('fieldName');
  const typeName = given.requiredText('dataType');
  const dataType = requireType(typeName, 'data type');
  const isList = dataType === DataType.Array || dataType === DataType.ArrayOfVector;
  const elementName = given.text('elementDataType');
  return {
    name,
    description: given.text('description'),
    dataType,
    elementType: isList ? requireType(elementName, 'element data type') : 0,
    isPrimaryKey: given.boolean('isPrimary'),
    isPartitionKey: given.boolean('isPartitionKey'),
    isClusteringKey: given.boolean('isClusteringKey'),
    nullable: given.boolean('nullable'),
    typeParams: pairsFrom(given.object('elementTypeParams')),
    defaultValue: defaultValue(given.value('defaultValue'), dataType),
  };
}

function requireType(name: string, what: string): number {
  const type = new Map<string, number>(Object.entries(DataType)).get(name);
  if (type !== undefined) return type;
  throw invalidParameter(`${what} ${name} is invalid(case sensitive)`);
}

/** Whether a field that is added is an array of structs. */
export function isStructField(given: RequestBody): boolean {
  const typeName = given.text('dataType');
  if (typeName === 'ArrayOfStruct') return true;
  return typeName === 'Array' && given.text('elementDataType') === 'Struct';
}

/** @throws MilvusError ParameterInvalid, RestParameterMissing */
export function structSchema(given: RequestBody): Init<StructArrayFieldSchema> {
  const name = given.requiredText('fieldName');
  if (!given.has('fields')) throw missingParameter('fields');
  const subFields = given.bodies('fields');
  if (subFields.length === 0) {
    throw invalidParameter(`struct field ${name} must contain at least one sub-field`);
  }
  const typeParams = pairsFrom({
    ...given.object('elementTypeParams'),
    ...given.object('typeParams'),
  });
  const capacity = typeParams.filter(({ key }) => key === 'max_capacity');
  const names = new Set<string>();
  const fields = subFields.map((each) => {
    const field = subFieldSchema(each, { structName: name, capacity });
    if (names.has(field.name ?? '')) {
      throw invalidParameter(`duplicated sub-field name ${field.name ?? ''} in struct ${name}`);
    }
    names.add(field.name ?? '');
    return field;
  });
  return {
    name,
    description: given.text('description'),
    nullable: given.boolean('nullable'),
    typeParams,
    fields,
  };
}

function subFieldSchema(
  given: RequestBody,
  { structName, capacity }: { readonly structName: string; readonly capacity: KeyValuePair[] },
): Init<FieldSchema> {
  const field = fieldSchema(given);
  const what = `sub-field ${field.name ?? ''} of struct ${structName}`;
  if (field.dataType !== DataType.Array && field.dataType !== DataType.ArrayOfVector) {
    throw invalidParameter(`${what} must be Array or ArrayOfVector, got ${given.text('dataType')}`);
  }
  if ([field.isPrimaryKey, field.isPartitionKey, field.isClusteringKey].includes(true)) {
    throw invalidParameter(`${what} cannot be primary / partition / clustering key`);
  }
  if (field.nullable === true) throw invalidParameter(`${what} cannot be nullable`);
  if ((field.defaultValue ?? null) !== null) {
    throw invalidParameter(`${what} cannot set defaultValue`);
  }
  const own = field.typeParams ?? [];
  const hasCapacity = own.some(({ key }) => key === 'max_capacity');
  return hasCapacity ? field : { ...field, typeParams: [...own, ...capacity] };
}

function defaultValue(value: unknown, type: number): Init<ValueField> | null {
  if (value === undefined || value === null) return null;
  switch (type) {
    case DataType.Bool:
      if (typeof value === 'boolean') return { boolData: value };
      break;
    case DataType.Int8:
    case DataType.Int16:
    case DataType.Int32:
      if (Number.isSafeInteger(value)) return { intData: Number(value) };
      break;
    case DataType.Int64:
      if (typeof value === 'bigint' || Number.isSafeInteger(value)) {
        return { longData: BigInt(value as number) };
      }
      break;
    case DataType.Float:
      if (typeof value === 'number') return { floatData: value };
      break;
    case DataType.Double:
      if (typeof value === 'number') return { doubleData: value };
      break;
    case DataType.VarChar:
    case DataType.Timestamptz:
    case DataType.Geometry:
      if (typeof value === 'string') return { stringData: value };
      break;
    default:
      throw invalidParameter(
        `convert defaultValue fail, err:Unexpected default value type: ${type}`,
      );
  }
  const given = `cannot use "${jsonText(value)}"(type: ${typeof value}) as default value`;
  throw invalidParameter(`convert defaultValue fail, err:${given}`);
}
