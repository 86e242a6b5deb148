/**
 * Fields leave the schema of a live collection: the next schema, one version further, without them. Rows keep
 * the values in their files until compaction rewrites those; nothing reads them any more, for ids are not given
 * again, not even to a field of the same name.
 */
import { invalidParameter } from '../base/errors.ts';
import { type CollectionSchema, DYNAMIC_FIELD_NAME, type Properties } from './collection-schema.ts';
import { isVector } from './data-type.ts';
import { dynamicField, isHidden, structSubFields, subFieldName, vectorFields } from './fields.ts';
import { ttlFieldName } from './properties.ts';

/** A field, or a whole struct array, by one of the two. */
export type DroppedField =
  | { readonly fieldName: string; readonly fieldId?: never }
  | { readonly fieldId: number; readonly fieldName?: never };

/**
 * @param properties of the collection, which may name the field
 * @throws MilvusError ParameterInvalid when it is not there, or the collection cannot be without it
 */
export function dropField(
  schema: CollectionSchema,
  dropped: DroppedField,
  properties: Properties,
): CollectionSchema {
  if (dropped.fieldName === '') throw invalidParameter('field name is empty');
  const isMeant = (each: { readonly id: number; readonly name: string }): boolean =>
    dropped.fieldName === undefined ? each.id === dropped.fieldId : each.name === dropped.fieldName;
  const struct = schema.structs.find(isMeant);
  if (struct !== undefined) return dropStruct(schema, struct);
  const field = schema.fields.find(isMeant);
  if (field === undefined) {
    throw refusedAsMissing(dropped.fieldName ?? String(dropped.fieldId));
  }
  const { name } = field;
  if (field.structName !== undefined) {
    const path = `${field.structName}.${subFieldName(field)}`;
    throw invalidParameter(`cannot drop sub-field of struct array field: ${path}`);
  }
  if (field.isDynamic) {
    throw invalidParameter(
      `cannot drop dynamic field: ${name}, use AlterCollection to disable dynamic schema instead`,
    );
  }
  if (isHidden(field)) throw invalidParameter(`cannot drop system field: ${name}`);
  if (field.isPrimaryKey) throw invalidParameter(`cannot drop primary key field: ${name}`);
  if (field.isPartitionKey) throw invalidParameter(`cannot drop partition key field: ${name}`);
  if (field.isClusteringKey) throw invalidParameter(`cannot drop clustering key field: ${name}`);
  if (ttlFieldName(properties) === name) throw invalidParameter(`cannot drop ttl field: ${name}`);
  if (isVector(field.type) && vectorFields(schema).length === 1) {
    throw invalidParameter(`cannot drop the last vector field: ${name}`);
  }
  return without(schema, [field.id]);
}

/** The schema without `$meta`; itself when it has none. */
export function disableDynamicField(schema: CollectionSchema): CollectionSchema {
  const field = dynamicField(schema);
  return field === undefined
    ? schema
    : { ...without(schema, [field.id]), enableDynamicField: false };
}

function dropStruct(
  schema: CollectionSchema,
  struct: CollectionSchema['structs'][number],
): CollectionSchema {
  const vectors = structSubFields(schema, struct).filter(({ type }) => isVector(type)).length;
  if (vectors > 0 && vectors === vectorFields(schema).length) {
    throw invalidParameter(
      `cannot drop struct array field ${struct.name}: it would leave no vector field in the collection`,
    );
  }
  return without(schema, [struct.id, ...struct.fieldIds]);
}

function without(schema: CollectionSchema, ids: readonly number[]): CollectionSchema {
  const isKept = ({ id }: { readonly id: number }): boolean => !ids.includes(id);
  const version = schema.version + 1;
  return {
    ...schema,
    fields: schema.fields.filter(isKept),
    structs: schema.structs.filter(isKept),
    version,
    fieldsDroppedVersion: version,
  };
}

function refusedAsMissing(name: string): Error {
  return SYSTEM_NAMES.has(name)
    ? invalidParameter(`cannot drop system field: ${name}`)
    : invalidParameter(`field not found: ${name}`);
}

const SYSTEM_NAMES: ReadonlySet<string> = new Set(['RowID', 'Timestamp', DYNAMIC_FIELD_NAME]);
