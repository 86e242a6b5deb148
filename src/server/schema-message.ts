/**
 * Schemas on the wire: what a client describes becomes a definition, which the schema layer checks; a
 * collection's schema becomes what clients are told. `$meta` is not told; sub-fields of a struct go by their
 * own names. Source: Milvus `internal/proxy/task.go`, `internal/proxy/util.go`.
 */
import { invalidParameter } from '../base/errors.ts';
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import { DataType, dataTypeName } from '../schema/data-type.ts';
import type { GivenDefault } from '../schema/default-value.ts';
import type {
  CollectionDefinition,
  FieldDefinition,
  StructDefinition,
} from '../schema/definition.ts';
import { isHidden, structSubFields, subFieldName } from '../schema/fields.ts';
import { namespaceMode } from '../schema/namespaces.ts';
import { formatTimestamptz } from '../schema/timestamptz.ts';
import type * as messages from '../wire/generated/milvus.ts';
import type { Init } from '../wire/message-type.ts';
import { pairsOf, propertiesOf } from './key-values.ts';

type SchemaParts = Pick<
  CollectionDefinition,
  'name' | 'description' | 'fields' | 'structs' | 'enableDynamicField'
>;

export function definitionOf(schema: messages.CollectionSchema): SchemaParts {
  if (schema.functions.length > 0) {
    throw invalidParameter('functions of a schema are not supported', {
      function: schema.functions[0]?.name ?? '',
    });
  }
  // The dynamic field comes with the schema's own flag; some clients list it as well.
  const fields = schema.fields.filter(({ isDynamic }) => !isDynamic);
  return {
    name: schema.name,
    description: schema.description,
    fields: fields.map((field) => fieldDefinition(field, schema.autoID)),
    structs: schema.structArrayFields.map(structDefinition),
    enableDynamicField: schema.enableDynamicField,
  };
}

export function fieldDefinition(field: messages.FieldSchema, isAutoId = false): FieldDefinition {
  const defaultValue = field.defaultValue === null ? undefined : valueOf(field, field.defaultValue);
  return {
    name: field.name,
    description: field.description,
    type: field.dataType as DataType,
    ...(field.elementType === 0 ? {} : { elementType: field.elementType as DataType }),
    isPrimaryKey: field.isPrimaryKey,
    autoId: field.autoID || (isAutoId && field.isPrimaryKey),
    isPartitionKey: field.isPartitionKey,
    isClusteringKey: field.isClusteringKey,
    nullable: field.nullable,
    params: propertiesOf(field.typeParams),
    ...(defaultValue === undefined ? {} : { defaultValue }),
  };
}

export function structDefinition(struct: messages.StructArrayFieldSchema): StructDefinition {
  return {
    name: struct.name,
    description: struct.description,
    nullable: struct.nullable,
    fields: struct.fields.map((field) => fieldDefinition(field)),
  };
}

export function schemaMessage(
  schema: CollectionSchema,
  properties: Readonly<Record<string, string>>,
): Init<messages.CollectionSchema> {
  const fields = schema.fields.filter(
    (field) => field.structName === undefined && !isHidden(field),
  );
  return {
    name: schema.name,
    description: schema.description,
    fields: fields.map(fieldMessage),
    structArrayFields: schema.structs.map((struct) => ({
      fieldID: BigInt(struct.id),
      name: struct.name,
      description: struct.description,
      nullable: struct.nullable,
      fields: structSubFields(schema, struct).map((field) => ({
        ...fieldMessage(field),
        name: subFieldName(field),
      })),
    })),
    enableDynamicField: schema.enableDynamicField,
    properties: pairsOf(properties),
    version: schema.version,
    enableNamespace: namespaceMode(schema, properties) !== null,
  };
}

function fieldMessage(field: FieldSchema): Init<messages.FieldSchema> {
  const params: Record<string, string> = { ...field.params };
  if (field.dim !== undefined) params['dim'] = String(field.dim);
  if (field.maxLength !== undefined) params['max_length'] = String(field.maxLength);
  if (field.maxCapacity !== undefined) params['max_capacity'] = String(field.maxCapacity);
  return {
    fieldID: BigInt(field.id),
    name: field.name,
    description: field.description,
    dataType: field.type,
    elementType: field.elementType ?? 0,
    isPrimaryKey: field.isPrimaryKey,
    autoID: field.autoId,
    isPartitionKey: field.isPartitionKey,
    isClusteringKey: field.isClusteringKey,
    nullable: field.nullable,
    typeParams: pairsOf(params),
    ...(field.defaultValue === undefined ? {} : { defaultValue: defaultMessage(field) }),
  };
}

function valueOf(
  { name, dataType }: messages.FieldSchema,
  value: messages.ValueField,
): GivenDefault | undefined {
  const { bytesData, timestamptzData, ...others } = value;
  if (bytesData !== undefined) return Buffer.from(bytesData).toString('utf8');
  if (timestamptzData === undefined) return Object.values(others).find((one) => one !== undefined);
  // A moment has its own member of the union: as a plain integer it would also suit an Int64.
  if (dataType === DataType.Timestamptz) return formatTimestamptz(timestamptzData, 'UTC');
  const type = dataTypeName(dataType);
  throw invalidParameter(
    `type (${type}) of field (${name}) is not equal to the type(DataType_Timestamptz) of default_value`,
  );
}

function defaultMessage({ type, defaultValue }: FieldSchema): Init<messages.ValueField> {
  switch (type) {
    case DataType.Bool:
      return { boolData: defaultValue === true };
    case DataType.Int8:
    case DataType.Int16:
    case DataType.Int32:
      return { intData: Number(defaultValue) };
    case DataType.Int64:
      return { longData: BigInt(defaultValue ?? 0) };
    case DataType.Timestamptz:
      return { timestamptzData: BigInt(defaultValue ?? 0) };
    case DataType.Float:
      return { floatData: Number(defaultValue) };
    case DataType.Double:
      return { doubleData: Number(defaultValue) };
    default:
      return { stringData: String(defaultValue) };
  }
}
