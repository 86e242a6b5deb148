/** Look-ups in a collection's schema. */
import { must } from '../base/assert.ts';
import { milvusError } from '../base/errors.ts';
import type { CollectionSchema, FieldSchema, StructFieldSchema } from './collection-schema.ts';
import { DataType, isVector } from './data-type.ts';

/** Hidden partition key of a collection with namespaces. */
export const NAMESPACE_FIELD_NAME = '$namespace_id';

export function primaryField(schema: CollectionSchema): FieldSchema {
  const field = schema.fields.find((each) => each.isPrimaryKey);
  return must(field, 'every schema has a primary key');
}

export function partitionKeyField(schema: CollectionSchema): FieldSchema | undefined {
  return schema.fields.find((field) => field.isPartitionKey);
}

/** The `$meta` field. */
export function dynamicField(schema: CollectionSchema): FieldSchema | undefined {
  return schema.fields.find((field) => field.isDynamic);
}

export function findField(schema: CollectionSchema, name: string): FieldSchema | undefined {
  return schema.fields.find((field) => field.name === name);
}

/** @throws MilvusError FieldNotFound */
export function fieldNamed(schema: CollectionSchema, name: string): FieldSchema {
  const field = findField(schema, name);
  if (field === undefined) throw milvusError('FieldNotFound', { fields: { field: name } });
  return field;
}

export function fieldWithId(schema: CollectionSchema, id: number): FieldSchema {
  const field = schema.fields.find((each) => each.id === id);
  return must(field, `the schema has a field ${id}`);
}

/** Vector fields outside and inside structs. */
export function vectorFields(schema: CollectionSchema): FieldSchema[] {
  return schema.fields.filter((field) => isVector(field.type));
}

/** The sub-fields of a struct, in order. */
export function structSubFields(
  schema: CollectionSchema,
  struct: StructFieldSchema,
): FieldSchema[] {
  return struct.fieldIds.map((id) => fieldWithId(schema, id));
}

/** Name of a sub-field inside its struct: `sub` of `struct[sub]`. */
export function subFieldName(field: FieldSchema): string {
  const { structName } = field;
  return structName === undefined ? field.name : field.name.slice(structName.length + 1, -1);
}

/** Global name of a sub-field. */
export function structFieldName(structName: string, subName: string): string {
  return `${structName}[${subName}]`;
}

/** Whether users see the field: `$meta` and `$namespace_id` are hidden. */
export function isHidden(field: FieldSchema): boolean {
  return field.isDynamic || (field.isPartitionKey && field.name === NAMESPACE_FIELD_NAME);
}

/** The field as one of its elements, for an Array or ArrayOfVector. */
export function elementField(field: FieldSchema): FieldSchema {
  const { elementType, ...rest } = field;
  return { ...rest, type: elementType ?? DataType.VarChar };
}
