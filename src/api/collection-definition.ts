/** From the builders' schema to the engine's description of a collection. */
import { invalidParameter } from '../base/errors.ts';
import type {
  CollectionDefinition,
  FieldDefinition,
  StructDefinition,
} from '../schema/definition.ts';
import type { IndexRequest } from '../core/ports.ts';
import { propertyTexts } from './checks.ts';
import { type Field, type FieldShapes, requireField } from './field.ts';
import { indexRequest } from './index-options.ts';
import type { Schema } from './schema.ts';

/** What beside its fields describes a collection. */
export interface CollectionTraits {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
  /** Parts that take writes side by side, 1 to 16. Default: 1. */
  readonly shards?: number;
  /** Partitions of a collection with a partition key, 1 to 1,024. Default: 16. */
  readonly partitions?: number;
  /**
   * Every write and read names its namespace then. A key is one row of the whole collection: a write in one namespace
   * replaces the row of the same key in another. With the property `namespace.mode` = `partition` namespaces are the
   * partitions, and each has its own keys, unless the engine makes them. Default: false.
   */
  readonly namespaces?: boolean;
  /** What reads must see when they do not say. Default: Bounded. */
  readonly consistencyLevel?: NonNullable<CollectionDefinition['consistencyLevel']>;
}

/** The engine's description of a collection. */
export function collectionDefinition(
  name: string,
  schema: Schema,
  traits: CollectionTraits,
): CollectionDefinition {
  const fields: FieldDefinition[] = [];
  const structs: StructDefinition[] = [];
  for (const [fieldName, field] of Object.entries(schema.fields)) {
    if (field.struct === null) fields.push(fieldDefinition(fieldName, field));
    else structs.push(structDefinition(fieldName, field.struct));
  }
  return {
    name,
    fields,
    ...(structs.length === 0 ? {} : { structs }),
    enableDynamicField: schema.dynamic,
    ...(traits.description === undefined ? {} : { description: traits.description }),
    ...(traits.properties === undefined ? {} : { properties: propertyTexts(traits.properties) }),
    ...(traits.shards === undefined ? {} : { shardCount: traits.shards }),
    ...(traits.partitions === undefined ? {} : { partitionCount: traits.partitions }),
    ...(traits.namespaces === undefined ? {} : { enableNamespace: traits.namespaces }),
    ...(traits.consistencyLevel === undefined ? {} : { consistencyLevel: traits.consistencyLevel }),
  };
}

/** The indexes that a schema's fields ask for, those of sub-fields included. */
export function indexRequests(fields: FieldShapes, structName?: string): IndexRequest[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    if (field.struct !== null) return indexRequests(field.struct.fields, name);
    const fieldName = structName === undefined ? name : `${structName}[${name}]`;
    return field.index === null ? [] : [indexRequest(fieldName, field.index)];
  });
}

/** The engine's description of what is added to a collection: a field, or a struct array. */
export function additionDefinition(
  name: string,
  field: Field,
): { readonly field: FieldDefinition } | { readonly struct: StructDefinition } {
  requireField(name, field);
  return field.struct === null
    ? { field: fieldDefinition(name, field) }
    : { struct: structDefinition(name, field.struct) };
}

function fieldDefinition(name: string, field: Field): FieldDefinition {
  if (field.description !== null) return { name, ...field.description };
  throw invalidParameter(`field ${name}: a struct array holds fields, not further struct arrays`);
}

function structDefinition(name: string, struct: NonNullable<Field['struct']>): StructDefinition {
  const { maxCapacity, nullable, description } = struct;
  const fields = Object.entries(struct.fields).map(([subName, field]) =>
    fieldDefinition(subName, field),
  );
  return { name, fields, maxCapacity, nullable, description };
}
