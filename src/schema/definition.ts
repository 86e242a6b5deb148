/**
 * What a user says a collection shall be, and the schema that follows from it: types by name or code, type
 * parameters at the top level or in `params` (as text, the way they come over the wire), ids from
 * FIRST_USER_FIELD in Milvus's order: fields, `$meta`, `$namespace_id`, then each struct before its sub-fields.
 */
import { invalidParameter, milvusError } from '../base/errors.ts';
import {
  ARRAY_CAPACITY_MAX,
  DIMENSION_MAX,
  PARTITION_KEY_PARTITIONS_DEFAULT,
  TEXT_LENGTH_MAX,
  VARCHAR_LENGTH_MAX,
} from '../base/limits.ts';
import {
  type CollectionSchema,
  DEFAULT_PARTITION_NAME,
  DYNAMIC_FIELD_NAME,
  type FieldSchema,
  FIRST_USER_FIELD,
  type StructFieldSchema,
} from './collection-schema.ts';
import { DataType, type DataTypeName, isVector } from './data-type.ts';
import { type GivenDefault, normalizeDefault } from './default-value.ts';
import { givenNamespaceMode, NAMESPACE_MODE } from './namespaces.ts';
import { NAMESPACE_FIELD_NAME, partitionKeyField, structFieldName } from './fields.ts';
import { effectiveTimeZone, fieldParams, type GivenProperties } from './properties.ts';
import { validatePartitionCount, validateSchema, validateShardCount } from './validate-schema.ts';

export interface FieldDefinition {
  readonly name: string;
  readonly type: DataType | DataTypeName;
  readonly description?: string;
  /** Array: type of its elements. ArrayOfVector: type of its vectors. */
  readonly elementType?: DataType | DataTypeName;
  readonly isPrimaryKey?: boolean;
  readonly autoId?: boolean;
  readonly isPartitionKey?: boolean;
  readonly isClusteringKey?: boolean;
  readonly nullable?: boolean;
  /** Timestamptz as ISO text, Geometry as WKT. */
  readonly defaultValue?: GivenDefault;
  readonly dim?: number;
  readonly maxLength?: number;
  readonly maxCapacity?: number;
  /** Further parameters; `dim`, `max_length` and `max_capacity` are also taken from here. */
  readonly params?: GivenProperties;
}

/** A struct array. A sub-field has the type of one element: `Int64`, or `Array` of Int64, mean the same. */
export interface StructDefinition {
  readonly name: string;
  readonly description?: string;
  readonly nullable?: boolean;
  /** Elements of a row; may be left out when the sub-fields say it. */
  readonly maxCapacity?: number;
  readonly fields: readonly FieldDefinition[];
}

export interface CollectionDefinition {
  readonly name: string;
  readonly description?: string;
  readonly fields: readonly FieldDefinition[];
  readonly structs?: readonly StructDefinition[];
  readonly enableDynamicField?: boolean;
  readonly properties?: GivenProperties;
  /** 1 when left out. */
  readonly shardCount?: number;
  /** Of a collection with a partition key. */
  readonly partitionCount?: number;
  readonly consistencyLevel?: 'Strong' | 'Session' | 'Bounded' | 'Eventually';
  /** Every request names its namespace then: a value of the hidden `$namespace_id`, or a partition. */
  readonly enableNamespace?: boolean;
}

/**
 * @param timeZone IANA zone of Timestamptz defaults without an offset, unless the definition's properties say
 * @throws MilvusError ParameterInvalid, ParameterMissing, FieldNameInvalid, IllegalCollectionSchema
 */
export function buildSchema(definition: CollectionDefinition, timeZone?: string): CollectionSchema {
  validateShardCount(definition.shardCount);
  const zone = effectiveTimeZone(definition.properties?.['timezone']?.toString() ?? timeZone);
  const { name } = definition;
  const context = { collectionName: name, timeZone: zone };
  let nextId = FIRST_USER_FIELD;
  const fields = definition.fields.map((field) => buildField(field, nextId++, context));
  const hidden: FieldSchema[] = [];
  if (definition.enableDynamicField === true) hidden.push(dynamicFieldSchema(nextId++));
  if (hasNamespaceField(definition)) hidden.unshift(namespaceFieldSchema(nextId++));
  const structs: StructFieldSchema[] = [];
  const subFields: FieldSchema[] = [];
  for (const struct of definition.structs ?? []) {
    const built = buildStruct(struct, nextId, context);
    structs.push(built.struct);
    subFields.push(...built.subFields);
    nextId += 1 + built.subFields.length;
  }
  const schema: CollectionSchema = {
    name,
    description: definition.description ?? '',
    fields: [...fields, ...subFields, ...hidden],
    structs,
    enableDynamicField: definition.enableDynamicField === true,
    lastFieldId: nextId - 1,
    version: 0,
  };
  validateSchema(schema);
  validatePartitionCount(schema, definition.partitionCount);
  return schema;
}

/** Whether namespaces are values of a field. @throws MilvusError ParameterInvalid */
function hasNamespaceField({
  enableNamespace,
  fields,
  properties = {},
}: CollectionDefinition): boolean {
  const given = properties[NAMESPACE_MODE]?.toString();
  const mode = givenNamespaceMode(given);
  if (enableNamespace !== true) {
    if (given === undefined) return false;
    throw invalidParameter(`${NAMESPACE_MODE} is set but namespace disabled`);
  }
  if (fields.some((field) => field.isPartitionKey === true)) {
    throw invalidParameter('namespace is not supported with partition key mode');
  }
  if (String(properties['partitionkey.isolation'] ?? 'true').toLowerCase() === 'false') {
    throw invalidParameter('isolation property is false when namespace enabled');
  }
  return mode === 'partition_key';
}

/** Names of the partitions that a new collection begins with. */
export function firstPartitionNames(
  schema: CollectionSchema,
  definition: Pick<CollectionDefinition, 'partitionCount'>,
): string[] {
  if (partitionKeyField(schema) === undefined) return [DEFAULT_PARTITION_NAME];
  const count = definition.partitionCount ?? 0;
  return Array.from(
    { length: count > 0 ? count : PARTITION_KEY_PARTITIONS_DEFAULT },
    (_, i) => `${DEFAULT_PARTITION_NAME}_${i}`,
  );
}

export interface FieldContext {
  readonly collectionName: string;
  readonly timeZone: string;
}

/** One field as described; its rules are checked by validate-schema. */
export function buildField(
  definition: FieldDefinition,
  id: number,
  context: FieldContext,
): FieldSchema {
  const { name } = definition;
  const type = dataTypeOf(definition.type);
  const { dim, max_length, max_capacity, ...others } = definition.params ?? {};
  const field: FieldSchema = {
    id,
    name,
    description: definition.description ?? '',
    type,
    ...optional('elementType', elementTypeOf(definition, type)),
    isPrimaryKey: definition.isPrimaryKey ?? false,
    autoId: definition.autoId ?? false,
    isPartitionKey: definition.isPartitionKey ?? false,
    isClusteringKey: definition.isClusteringKey ?? false,
    isDynamic: false,
    nullable: definition.nullable ?? false,
    ...parsed('dim', isVector(type) ? (definition.dim ?? dim) : undefined, parseDimension),
    ...parsed('maxLength', definition.maxLength ?? max_length, (length) =>
      parseMaxLength(name, type, length),
    ),
    ...parsed('maxCapacity', definition.maxCapacity ?? max_capacity, (capacity) =>
      parseMaxCapacity(name, capacity),
    ),
    params: fieldParams(name, others),
  };
  const { defaultValue } = definition;
  if (defaultValue === undefined || defaultValue === null) return field;
  return { ...field, defaultValue: normalizeDefault(field, defaultValue, context.timeZone) };
}

export interface BuiltStruct {
  readonly struct: StructFieldSchema;
  readonly subFields: readonly FieldSchema[];
}

/** A struct with id `id` and its sub-fields with the ids behind it. */
export function buildStruct(
  definition: StructDefinition,
  id: number,
  context: FieldContext,
): BuiltStruct {
  const { name } = definition;
  const nullable = definition.nullable ?? false;
  const subFields = definition.fields.map((field, i): FieldSchema => {
    const capacity = definition.maxCapacity ?? field.maxCapacity;
    const built = buildField(
      { ...asList(field), ...optional('maxCapacity', field.maxCapacity ?? capacity) },
      id + 1 + i,
      context,
    );
    if (built.nullable && !nullable) {
      throw invalidParameter(
        `sub-field in non-nullable struct cannot be nullable individually, set nullable on the struct instead: structName=${name}, subFieldName=${field.name}`,
      );
    }
    return { ...built, nullable, structName: name };
  });
  const [first] = subFields;
  if (first === undefined) throw invalidParameter(`struct array field ${name} has no sub-fields`);
  if (first.maxCapacity === undefined) throw missingCapacity(first.name, context.collectionName);
  return {
    struct: {
      id,
      name,
      description: definition.description ?? '',
      nullable,
      maxCapacity: first.maxCapacity,
      fieldIds: subFields.map((field) => field.id),
    },
    subFields: subFields.map((field) => ({ ...field, name: structFieldName(name, field.name) })),
  };
}

export function dynamicFieldSchema(id: number): FieldSchema {
  return {
    ...hiddenField(id, DYNAMIC_FIELD_NAME, DataType.JSON),
    description: 'dynamic schema',
    isDynamic: true,
    defaultValue: '{}',
  };
}

function namespaceFieldSchema(id: number): FieldSchema {
  return {
    ...hiddenField(id, NAMESPACE_FIELD_NAME, DataType.VarChar),
    isPartitionKey: true,
    maxLength: VARCHAR_LENGTH_MAX,
  };
}

function hiddenField(id: number, name: string, type: DataType): FieldSchema {
  return {
    id,
    name,
    description: '',
    type,
    isPrimaryKey: false,
    autoId: false,
    isPartitionKey: false,
    isClusteringKey: false,
    isDynamic: false,
    nullable: false,
    params: {},
  };
}

/** A sub-field's type as a list of it. */
function asList(field: FieldDefinition): FieldDefinition {
  const type = dataTypeOf(field.type);
  if (type === DataType.Array || type === DataType.ArrayOfVector) return field;
  return {
    ...field,
    type: isVector(type) ? DataType.ArrayOfVector : DataType.Array,
    elementType: type,
  };
}

const TYPE_CODES: ReadonlyMap<string, DataType> = new Map(Object.entries(DataType));
const KNOWN_CODES: ReadonlySet<unknown> = new Set(Object.values(DataType));

function dataTypeOf(type: DataType | DataTypeName): DataType {
  const code = typeof type === 'string' ? TYPE_CODES.get(type) : type;
  if (KNOWN_CODES.has(code)) return code as DataType;
  const given: unknown = type;
  if (given === undefined || given === null || given === 'None' || given === 0) {
    throw invalidParameter('data type None is not valid');
  }
  throw invalidParameter(`field data type: ${JSON.stringify(given)} is not supported`);
}

function elementTypeOf(definition: FieldDefinition, type: DataType): DataType | undefined {
  const isList = type === DataType.Array || type === DataType.ArrayOfVector;
  if (!isList) return undefined;
  const { elementType } = definition;
  if (elementType === undefined || elementType === null) {
    throw invalidParameter('element data type None is not valid');
  }
  return dataTypeOf(elementType);
}

/** An integer given as number or text; NaN for anything else. */
function integerOf(value: unknown): number {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : Number.NaN;
  return /^[+-]?\d{1,15}$/.test(String(value)) ? Number(value) : Number.NaN;
}

function parseDimension(value: unknown): number {
  const dim = integerOf(value);
  if (Number.isNaN(dim)) {
    throw invalidParameter(
      `invalid dimension: ${String(value)}. should be in range 2 ~ ${DIMENSION_MAX}`,
    );
  }
  return dim;
}

/** `max_length` of a field. @throws MilvusError ParameterInvalid when it is out of range */
export function parseMaxLength(name: string, type: DataType, value: unknown): number {
  const maximum = type === DataType.Text ? TEXT_LENGTH_MAX : VARCHAR_LENGTH_MAX;
  const length = integerOf(value);
  if (Number.isNaN(length) || length <= 0 || length > maximum) {
    throw invalidParameter(
      `the maximum length specified for the field(${name}) should be in (0, ${maximum}], but got ${String(value)} instead`,
    );
  }
  return length;
}

/** `max_capacity` of a list. @throws MilvusError ParameterInvalid when it is out of range */
export function parseMaxCapacity(name: string, value: unknown): number {
  const capacity = integerOf(value);
  if (Number.isNaN(capacity)) {
    throw invalidParameter(`the value for max_capacity of field ${name} must be an integer`);
  }
  if (capacity <= 0 || capacity > ARRAY_CAPACITY_MAX) {
    throw invalidParameter(
      `the maximum capacity specified for a Array should be in (0, ${ARRAY_CAPACITY_MAX}]`,
    );
  }
  return capacity;
}

function missingCapacity(field: string, collection: string): Error {
  return milvusError('ParameterMissing', {
    message: `type param(max_capacity) should be specified for array field ${field} of collection ${collection}`,
  });
}

/** The key only when there is a value, for properties that may be absent but not undefined. */
function optional<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { readonly [K in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: Value });
}

function parsed<Key extends string>(
  key: Key,
  value: unknown,
  parse: (value: unknown) => number,
): { readonly [K in Key]?: number } {
  return optional(key, value === undefined || value === null ? undefined : parse(value));
}
