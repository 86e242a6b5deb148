/**
 * Milvus's rules for schemas, one function a rule, in the order in which Milvus finds them broken.
 * Source: Milvus `internal/proxy/task.go` (createCollectionTask) and `internal/proxy/util.go`.
 */
import { invalidParameter, milvusError } from '../base/errors.ts';
import {
  BINARY_DIMENSION_MAX,
  DESCRIPTION_BYTES_MAX,
  DIMENSION_MAX,
  DIMENSION_MIN,
  FIELD_COUNT_MAX,
  PARTITION_COUNT_MAX,
  SHARD_COUNT_MAX,
  VECTOR_FIELD_COUNT_MAX,
} from '../base/limits.ts';
import type { CollectionSchema, FieldSchema, StructFieldSchema } from './collection-schema.ts';
import { DataType, dataTypeName, isDenseVector, isVector } from './data-type.ts';
import {
  isHidden,
  NAMESPACE_FIELD_NAME,
  partitionKeyField,
  structSubFields,
  subFieldName,
  vectorFields,
} from './fields.ts';
import { validateCollectionName, validateFieldName } from './names.ts';

/** @throws MilvusError for the first rule that is broken */
export function validateSchema(schema: CollectionSchema): void {
  validateFieldCount(schema);
  validateVectorFieldCount(schema);
  validateCollectionName(schema.name);
  validateDescriptions(schema);
  validateUniqueNames(schema);
  validatePrimaryKey(schema);
  validateAutoId(schema);
  validateFieldTypes(schema);
  validatePartitionKey(schema);
  validateClusteringKey(schema);
  for (const field of visibleFields(schema)) validateField(schema, field);
  for (const struct of schema.structs) validateStruct(schema, struct);
  validateLoadedFields(schema);
  for (const field of visibleFields(schema)) validateNullable(field);
}

/** @param count undefined and 0 mean one */
export function validateShardCount(count: number | undefined): void {
  if (count === undefined) return;
  if (count > SHARD_COUNT_MAX) {
    throw invalidParameter(`maximum shards's number should be limited to ${SHARD_COUNT_MAX}`);
  }
  if (!Number.isInteger(count) || count < 0) {
    throw invalidParameter(`the number of shards should be a positive integer, but got ${count}`);
  }
}

/** @param count undefined and 0 mean the default */
export function validatePartitionCount(schema: CollectionSchema, count: number | undefined): void {
  if (count === undefined || count === 0) return;
  if (partitionKeyField(schema) === undefined) {
    throw invalidParameter(
      'num_partitions should only be specified with partition key field enabled',
    );
  }
  if (!Number.isInteger(count) || count < 0) {
    throw invalidParameter(
      'the specified partitions should be greater than 0 if partition key is used',
    );
  }
  if (count > PARTITION_COUNT_MAX) {
    throw invalidParameter(
      `partition number (${count}) exceeds max configuration (${PARTITION_COUNT_MAX})`,
    );
  }
}

/** Everything that concerns one field outside structs alone. */
export function validateField(schema: CollectionSchema, field: FieldSchema): void {
  validateFieldName(field.name);
  validateFieldType(field);
  if (field.type === DataType.ArrayOfVector) {
    throw invalidParameter(
      `array of vector can only be in the struct array field, field name: ${field.name}`,
    );
  }
  if (isVector(field.type)) validateDimension(field, field.type);
  const textType = field.type === DataType.Array ? field.elementType : field.type;
  if (textType === DataType.VarChar) validateMaxLength(schema, field);
  if (field.type === DataType.Array) validateMaxCapacity(schema, field);
}

/** A struct and its sub-fields. */
export function validateStruct(schema: CollectionSchema, struct: StructFieldSchema): void {
  validateFieldName(struct.name);
  for (const field of structSubFields(schema, struct)) validateSubField(schema, struct, field);
}

export function validateClusteringKeyType(field: FieldSchema): string | null {
  const isKeyType =
    (field.type >= DataType.Int8 && field.type <= DataType.Double) ||
    field.type === DataType.VarChar;
  if (isKeyType) return null;
  return `clustering key field ${field.name} has unsupported data type ${dataTypeName(field.type)}`;
}

export function validateNullable(field: FieldSchema): void {
  if (field.nullable && field.isPrimaryKey) {
    throw invalidParameter(
      `primary field not support null, type:${dataTypeName(field.type)}, name:${field.name}`,
    );
  }
}

export function validateUniqueNames(schema: CollectionSchema): void {
  const names = new Set<string>();
  const all = [
    ...visibleFields(schema).map((field) => field.name),
    ...schema.structs.map((struct) => struct.name),
    ...schema.fields.filter((field) => field.structName !== undefined).map((field) => field.name),
  ];
  for (const name of all) {
    if (names.has(name)) throw invalidParameter(`duplicated field name ${name} found`);
    names.add(name);
  }
}

export function validateFieldCount(schema: CollectionSchema): void {
  const count = schema.fields.filter((field) => !isHidden(field)).length;
  if (count > FIELD_COUNT_MAX) {
    throw invalidParameter(`maximum field's number should be limited to ${FIELD_COUNT_MAX}`);
  }
}

export function validateVectorFieldCount(schema: CollectionSchema): void {
  const count = vectorFields(schema).length;
  if (count > VECTOR_FIELD_COUNT_MAX) {
    throw invalidParameter(
      `maximum vector field's number should be limited to ${VECTOR_FIELD_COUNT_MAX}`,
    );
  }
  if (count === 0) throw invalidParameter('schema does not contain vector field');
}

export function validateDescription(description: string, what: 'collection' | 'field'): void {
  if (Buffer.byteLength(description) > DESCRIPTION_BYTES_MAX) {
    throw invalidParameter(
      `the length of a ${what} description must not exceed ${DESCRIPTION_BYTES_MAX} bytes`,
    );
  }
}

/** Fields of the user outside structs. */
function visibleFields(schema: CollectionSchema): FieldSchema[] {
  return schema.fields.filter((field) => !isHidden(field) && field.structName === undefined);
}

function subFieldsOf(schema: CollectionSchema): FieldSchema[] {
  return schema.fields.filter((field) => field.structName !== undefined);
}

function validateDescriptions(schema: CollectionSchema): void {
  validateDescription(schema.description, 'collection');
  for (const field of schema.fields) validateDescription(field.description, 'field');
  for (const struct of schema.structs) validateDescription(struct.description, 'field');
}

function validatePrimaryKey(schema: CollectionSchema): void {
  const [first, second] = schema.fields.filter((field) => field.isPrimaryKey);
  for (const field of subFieldsOf(schema)) {
    if (field.isPrimaryKey) {
      throw invalidParameter(
        `primary key is not supported for struct field, field name = ${subFieldName(field)}`,
      );
    }
  }
  if (first === undefined) {
    throw milvusError('ParameterMissing', { message: 'primary key is not specified' });
  }
  if (second !== undefined) {
    throw invalidParameter(
      `there are more than one primary key, field name = ${first.name}, ${second.name}`,
    );
  }
  if (first.type !== DataType.Int64 && first.type !== DataType.VarChar) {
    throw invalidParameter('the data type of primary key should be Int64 or VarChar');
  }
}

/** The misspelling is Milvus's. */
function validateAutoId(schema: CollectionSchema): void {
  for (const field of schema.fields) {
    if (!field.autoId || field.isPrimaryKey) continue;
    if (field.structName !== undefined) {
      throw invalidParameter(
        `autoID is not supported for struct field, field name = ${subFieldName(field)}`,
      );
    }
    throw invalidParameter(
      `only primary field can speficy AutoID with true, field name = ${field.name}`,
    );
  }
}

function validateFieldTypes(schema: CollectionSchema): void {
  for (const field of visibleFields(schema)) validateFieldType(field);
}

function validateFieldType(field: FieldSchema): void {
  if (field.type === DataType.String) throw stringType();
  if (field.type === DataType.ArrayOfStruct) {
    throw invalidParameter(
      `ArrayOfStruct is described by a struct, not by a field, field name = ${field.name}`,
    );
  }
  if (field.type === DataType.Array) validateElementType(field);
}

function stringType(): Error {
  return invalidParameter('string data type not supported yet, please use VarChar type instead');
}

function validateElementType(field: FieldSchema): void {
  switch (field.elementType) {
    case DataType.Bool:
    case DataType.Int8:
    case DataType.Int16:
    case DataType.Int32:
    case DataType.Int64:
    case DataType.Float:
    case DataType.Double:
    case DataType.VarChar:
      return;
    case DataType.String:
      throw stringType();
    case undefined:
      throw invalidParameter('element data type None is not valid');
    default:
      throw invalidParameter(`element type ${dataTypeName(field.elementType)} is not supported`);
  }
}

function validatePartitionKey(schema: CollectionSchema): void {
  const keys = schema.fields.filter((field) => field.isPartitionKey);
  if (keys.length > 1 && keys.some((field) => field.name === NAMESPACE_FIELD_NAME)) {
    throw invalidParameter('namespace is not supported with partition key mode');
  }
  for (const [i, field] of keys.entries()) {
    if (i > 0) {
      throw invalidParameter(
        `there are more than one partition key, field name = ${keys[0]!.name}, ${field.name}`,
      );
    }
    if (field.structName !== undefined) {
      throw invalidParameter(
        `partition key is not supported for struct field, field name = ${subFieldName(field)}`,
      );
    }
    if (field.isPrimaryKey) {
      throw invalidParameter('the partition key field must not be primary field');
    }
    if (field.nullable) throw invalidParameter('partition key field not support nullable');
    if (field.type !== DataType.Int64 && field.type !== DataType.VarChar) {
      throw invalidParameter('the data type of partition key should be Int64 or VarChar');
    }
  }
}

function validateClusteringKey(schema: CollectionSchema): void {
  const keys = schema.fields.filter((field) => field.isClusteringKey);
  const illegal = (message: string): Error =>
    milvusError('IllegalCollectionSchema', { message, fields: { collection: schema.name } });
  for (const [i, field] of keys.entries()) {
    if (field.structName !== undefined) {
      throw illegal(
        `clustering key is not supported for struct field, field name = ${subFieldName(field)}`,
      );
    }
    const problem = validateClusteringKeyType(field);
    if (problem !== null) throw illegal(problem);
    if (i > 0) {
      throw illegal(
        `there are more than one clustering key, field name = ${keys[0]!.name}, ${field.name}`,
      );
    }
  }
}

/** @param type of the vectors */
function validateDimension(field: FieldSchema, type: DataType): void {
  const { dim, name } = field;
  if (type === DataType.SparseFloatVector) {
    if (dim === undefined) return;
    throw invalidParameter(
      `dim should not be specified for sparse vector field ${name}(${field.id})`,
    );
  }
  if (dim === undefined) {
    throw invalidParameter(
      `dimension is not defined in field type params of field ${name}, check type param \`dim\` for vector field`,
    );
  }
  if (dim < DIMENSION_MIN) {
    throw invalidParameter(`invalid dimension: ${dim}. should be in range 2 ~ ${DIMENSION_MAX}`);
  }
  const isBinary = type === DataType.BinaryVector;
  if (isBinary && dim % 8 !== 0) {
    throw invalidParameter(
      `invalid dimension: ${dim} of field ${name}. binary vector dimension should be multiple of 8. `,
    );
  }
  const maximum = isBinary ? BINARY_DIMENSION_MAX : DIMENSION_MAX;
  if (dim > maximum) {
    const word = isBinary ? 'binary' : 'float';
    throw invalidParameter(
      `invalid dimension: ${dim} of field ${name}. ${word} vector dimension should be in range 2 ~ ${maximum}`,
    );
  }
}

/** Its range is checked where it is read. */
function validateMaxLength(schema: CollectionSchema, field: FieldSchema): void {
  if (field.maxLength !== undefined) return;
  const name = subFieldName(field);
  throw milvusError('ParameterMissing', {
    message: `type param(max_length) should be specified for the field(${name}) of collection ${schema.name}`,
  });
}

/** Its range is checked where it is read. */
function validateMaxCapacity(schema: CollectionSchema, field: FieldSchema): void {
  if (field.maxCapacity !== undefined) return;
  const name = subFieldName(field);
  throw milvusError('ParameterMissing', {
    message: `type param(max_capacity) should be specified for array field ${name} of collection ${schema.name}`,
  });
}

function validateSubField(
  schema: CollectionSchema,
  struct: StructFieldSchema,
  field: FieldSchema,
): void {
  const name = subFieldName(field);
  const { elementType } = field;
  validateFieldName(name);
  if (field.type === DataType.Array) {
    if (elementType === DataType.Array || elementType === DataType.ArrayOfStruct) {
      throw invalidParameter(`nested array is not supported ${name}`);
    }
    validateElementType(field);
  } else {
    if (elementType === undefined || !isDenseVector(elementType)) {
      const word = elementType === undefined ? 'None' : dataTypeName(elementType);
      throw invalidParameter(
        `Unsupported element type ${word} of ArrayOfVector field ${name}, only fixed dimension vector types are supported`,
      );
    }
    validateDimension(field, elementType);
  }
  if (elementType === DataType.VarChar) validateMaxLength(schema, field);
  validateMaxCapacity(schema, field);
  if (field.maxCapacity !== struct.maxCapacity) {
    throw invalidParameter(
      `all sub-fields in struct array field must have the same max_capacity: structName=${struct.name}, subFieldName=${name}, max_capacity=${field.maxCapacity ?? 0}, expected=${struct.maxCapacity}`,
    );
  }
}

function validateLoadedFields(schema: CollectionSchema): void {
  const skipped = schema.fields.filter((field) =>
    /^(?:1|t|true)$/i.test(field.params['field.skipLoad'] ?? ''),
  );
  for (const field of skipped) {
    const word = field.isPrimaryKey
      ? 'Primary'
      : field.isPartitionKey
        ? 'Partition'
        : field.isClusteringKey
          ? 'Clustering'
          : null;
    if (word !== null) {
      const key = word === 'Primary' ? 'key' : 'Key';
      throw invalidParameter(`${word} ${key} field ${field.name} cannot skip loading`);
    }
  }
  if (vectorFields(schema).every((field) => skipped.includes(field))) {
    throw invalidParameter('cannot config all vector field(s) skip loading');
  }
}
