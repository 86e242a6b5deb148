/**
 * Changes to the schema of a live collection. Each gives a new schema with the version one higher; ids grow and
 * are not given again. What rows lack reads as the default or null, so that no row is rewritten.
 */
import { invalidParameter } from '../base/errors.ts';
import {
  ADDED_DEFAULT_BYTES_MAX,
  FIELD_COUNT_MAX,
  VECTOR_FIELD_COUNT_MAX,
} from '../base/limits.ts';
import {
  type CollectionSchema,
  DYNAMIC_FIELD_NAME,
  type FieldSchema,
} from './collection-schema.ts';
import { DataType, isVector } from './data-type.ts';
import {
  buildField,
  buildStruct,
  dynamicFieldSchema,
  type FieldDefinition,
  parseMaxCapacity,
  parseMaxLength,
  type StructDefinition,
} from './definition.ts';
import {
  dynamicField,
  fieldNamed,
  isHidden,
  NAMESPACE_FIELD_NAME,
  vectorFields,
} from './fields.ts';
import { fieldParams, type GivenProperties } from './properties.ts';
import { DEFAULT_TIME_ZONE } from './timestamptz.ts';
import {
  validateClusteringKeyType,
  validateDescription,
  validateField,
  validateStruct,
  validateUniqueNames,
} from './validate-schema.ts';

/**
 * @param timeZone IANA zone of a Timestamptz default without an offset
 * @throws MilvusError ParameterInvalid, ParameterMissing, FieldNameInvalid
 */
export function addField(
  schema: CollectionSchema,
  definition: FieldDefinition,
  timeZone: string = DEFAULT_TIME_ZONE,
): CollectionSchema {
  refuseFull(schema, 1);
  refuseTaken(schema, definition.name);
  if (SYSTEM_NAMES.has(definition.name)) {
    throw invalidParameter(`not support to add system field, field name = ${definition.name}`);
  }
  if (definition.isPrimaryKey === true) {
    throw invalidParameter(`not support to add pk field, field name = ${definition.name}`);
  }
  const context = { collectionName: schema.name, timeZone };
  const field = buildField(definition, schema.lastFieldId + 1, context);
  refuseKeys(schema, field);
  if (isVector(field.type)) refuseVectors(schema, 1);
  if (!field.nullable) {
    throw invalidParameter(
      `added field must be nullable, please check it, field name = ${field.name}`,
    );
  }
  validateField(schema, field);
  validateDescription(field.description, 'field');
  refuseLongDefault(field);
  return withFields(schema, [field]);
}

function refuseLongDefault({ name, defaultValue }: FieldSchema): void {
  const byteLength = typeof defaultValue === 'string' ? Buffer.byteLength(defaultValue) : 0;
  if (byteLength <= ADDED_DEFAULT_BYTES_MAX) return;
  throw invalidParameter(
    `the default value of an added field should be at most ${ADDED_DEFAULT_BYTES_MAX} bytes, got ${byteLength}, field name = ${name}`,
  );
}

/** @throws MilvusError ParameterInvalid, ParameterMissing, FieldNameInvalid */
export function addStruct(
  schema: CollectionSchema,
  definition: StructDefinition,
): CollectionSchema {
  refuseFull(schema, definition.fields.length);
  refuseTaken(schema, definition.name);
  if (definition.nullable !== true) {
    throw invalidParameter(
      `added field must be nullable, please check it, field name = ${definition.name}`,
    );
  }
  const context = { collectionName: schema.name, timeZone: DEFAULT_TIME_ZONE };
  const { struct, subFields } = buildStruct(definition, schema.lastFieldId + 1, context);
  for (const field of subFields) refuseKeys(schema, field);
  refuseVectors(schema, subFields.filter((field) => isVector(field.type)).length);
  const altered = { ...withFields(schema, subFields), structs: [...schema.structs, struct] };
  validateUniqueNames(altered);
  validateStruct(altered, struct);
  validateDescription(struct.description, 'field');
  return altered;
}

/**
 * Changes what may change of a field: `max_length`, `max_capacity`, `mmap.enabled`, `warmup`, `description`.
 * A struct's name stands for all its sub-fields.
 * @throws MilvusError FieldNotFound, ParameterInvalid
 */
export function alterField(
  schema: CollectionSchema,
  fieldName: string,
  params: GivenProperties,
): CollectionSchema {
  const changes = new Map(
    Object.entries(params).map(([key, value]) => [keyOf(key), String(value)]),
  );
  for (const key of changes.keys()) {
    if (!ALTERABLE.has(key)) {
      throw invalidParameter(`${key} does not allow update in collection field param`);
    }
  }
  if (changes.size === 0) throw invalidParameter('no properties or delete keys provided');
  const struct = schema.structs.find((each) => each.name === fieldName);
  const targets = struct?.fieldIds ?? [fieldNamed(schema, fieldName).id];
  const fields = schema.fields.map((field) =>
    targets.includes(field.id) ? alteredField(field, changes, struct !== undefined) : field,
  );
  const structs = schema.structs.map((each) => {
    if (each !== struct) return each;
    const description = changes.get(DESCRIPTION) ?? each.description;
    validateDescription(description, 'field');
    const maxCapacity = Number(changes.get(MAX_CAPACITY) ?? each.maxCapacity);
    return { ...each, description, maxCapacity };
  });
  const altered = { ...schema, fields, structs, version: schema.version + 1 };
  for (const each of structs) validateStruct(altered, each);
  return altered;
}

/** Takes `mmap.enabled` or `warmup` away from a field. @throws MilvusError FieldNotFound, ParameterInvalid */
export function removeFieldParams(
  schema: CollectionSchema,
  fieldName: string,
  keys: readonly string[],
): CollectionSchema {
  const removed = keys.map(keyOf);
  const refused = removed.find((key) => !REMOVABLE.has(key));
  if (refused !== undefined) {
    throw invalidParameter(`${refused} is not allowed to drop in collection field param`);
  }
  const target = fieldNamed(schema, fieldName);
  const entries = Object.entries(target.params).filter(([key]) => !removed.includes(key));
  const altered = { ...target, params: Object.fromEntries(entries) };
  const fields = schema.fields.map((field) => (field === target ? altered : field));
  return { ...schema, fields, version: schema.version + 1 };
}

/** The schema with `$meta`; itself when it has it. */
export function enableDynamicField(schema: CollectionSchema): CollectionSchema {
  if (dynamicField(schema) !== undefined) return schema;
  const field = dynamicFieldSchema(schema.lastFieldId + 1);
  return { ...withFields(schema, [field]), enableDynamicField: true };
}

const MAX_LENGTH = 'max_length';
const MAX_CAPACITY = 'max_capacity';
const DESCRIPTION = 'field.description';
const ALTERABLE: ReadonlySet<string> = new Set([
  MAX_LENGTH,
  MAX_CAPACITY,
  DESCRIPTION,
  'mmap.enabled',
  'warmup',
]);
const REMOVABLE: ReadonlySet<string> = new Set(['mmap.enabled', 'warmup']);
const SYSTEM_NAMES: ReadonlySet<string> = new Set([
  'RowID',
  'Timestamp',
  '__virtual_pk__',
  DYNAMIC_FIELD_NAME,
  NAMESPACE_FIELD_NAME,
]);

/** Clients also write `mmap_enabled` and `description`. */
function keyOf(key: string): string {
  if (key === 'mmap_enabled') return 'mmap.enabled';
  return key === 'description' ? DESCRIPTION : key;
}

/** `$meta` stays last. */
function withFields(schema: CollectionSchema, added: readonly FieldSchema[]): CollectionSchema {
  const meta = schema.fields.filter((field) => field.isDynamic);
  const others = schema.fields.filter((field) => !field.isDynamic);
  const lastFieldId = Math.max(schema.lastFieldId, ...added.map(({ id }) => id));
  const fields = [...others, ...added, ...meta];
  return { ...schema, fields, lastFieldId, version: schema.version + 1 };
}

function refuseFull(schema: CollectionSchema, count: number): void {
  const held = schema.fields.filter((field) => !isHidden(field)).length;
  if (held + count > FIELD_COUNT_MAX) {
    throw invalidParameter(`The number of fields has reached the maximum value ${FIELD_COUNT_MAX}`);
  }
}

function refuseVectors(schema: CollectionSchema, count: number): void {
  if (vectorFields(schema).length + count > VECTOR_FIELD_COUNT_MAX) {
    throw invalidParameter(
      `maximum vector field's number should be limited to ${VECTOR_FIELD_COUNT_MAX}`,
    );
  }
}

function refuseTaken(schema: CollectionSchema, name: string): void {
  const isTaken = [...schema.fields, ...schema.structs].some(
    (each) => each.name === name && name !== DYNAMIC_FIELD_NAME && name !== NAMESPACE_FIELD_NAME,
  );
  if (isTaken) throw invalidParameter(`duplicated field name ${name}`);
}

function refuseKeys(schema: CollectionSchema, field: FieldSchema): void {
  if (field.autoId) {
    throw invalidParameter(
      `only primary field can speficy AutoID with true, field name = ${field.name}`,
    );
  }
  if (field.isPartitionKey) {
    // The two spaces are Milvus's.
    throw invalidParameter(`not support to add partition key field, field name  = ${field.name}`);
  }
  if (!field.isClusteringKey) return;
  const problem = validateClusteringKeyType(field);
  if (problem !== null) throw invalidParameter(problem);
  if (schema.fields.some((each) => each.isClusteringKey)) {
    throw invalidParameter(`already has another clustering key field, field name: ${field.name}`);
  }
}

function alteredField(
  field: FieldSchema,
  changes: ReadonlyMap<string, string>,
  inStruct: boolean,
): FieldSchema {
  const others: Record<string, string> = { ...field.params };
  let altered = field;
  for (const [key, value] of changes) {
    if (key === MAX_LENGTH) {
      if (!inStruct || field.elementType === DataType.VarChar) altered = withLength(altered, value);
    } else if (key === MAX_CAPACITY) altered = withCapacity(altered, value);
    else if (key === DESCRIPTION) {
      validateDescription(value, 'field');
      if (!inStruct) altered = { ...altered, description: value };
    } else others[key] = value;
  }
  return { ...altered, params: fieldParams(field.name, others) };
}

function withLength(field: FieldSchema, value: string): FieldSchema {
  const isText = field.type === DataType.VarChar || field.type === DataType.Text;
  if (!isText && field.elementType !== DataType.VarChar) {
    throw invalidParameter(`${field.name} can not modify the maxlength for non-string types`);
  }
  if (!/^[+-]?\d+$/.test(value)) {
    throw invalidParameter(`${MAX_LENGTH} should be an integer, but got string`, { value });
  }
  return { ...field, maxLength: parseMaxLength(field.name, field.type, value) };
}

function withCapacity(field: FieldSchema, value: string): FieldSchema {
  if (field.type !== DataType.Array && field.type !== DataType.ArrayOfVector) {
    throw invalidParameter(`${field.name} can not modify the maxcapacity for non-array types`);
  }
  return { ...field, maxCapacity: parseMaxCapacity(field.name, value) };
}
