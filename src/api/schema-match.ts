/**
 * Whether the schema that a program gives is the one that a collection has. Order, descriptions,
 * properties and the history of the schema do not matter; everything that decides what a row may hold does.
 */
import { invalidParameter } from '../base/errors.ts';
import type { CollectionInfo } from '../core/ports.ts';
import type {
  CollectionSchema,
  FieldSchema,
  StructFieldSchema,
} from '../schema/collection-schema.ts';
import { dataTypeName } from '../schema/data-type.ts';
import { buildSchema, type CollectionDefinition } from '../schema/definition.ts';

/**
 * @throws MilvusError ParameterInvalid that lists every difference;
 *         whatever Milvus's rules say of `definition` itself
 */
export function requireSameSchema(info: CollectionInfo, definition: CollectionDefinition): void {
  const differences = schemaDifferences(info.schema, buildSchema(definition));
  const { shardCount } = definition;
  if (shardCount !== undefined && shardCount !== info.shardIds.length) {
    differences.push(`it has ${info.shardIds.length} shards, not ${shardCount}`);
  }
  if (differences.length === 0) return;
  throw invalidParameter(
    `create duplicate collection with different parameters, collection: ${definition.name} ` +
      `(${differences.join('; ')}). Open it by name only, change it with addField, dropField or alterField, or drop it`,
  );
}

function schemaDifferences(stored: CollectionSchema, given: CollectionSchema): string[] {
  const differences: string[] = [];
  if (stored.enableDynamicField !== given.enableDynamicField) {
    const state = stored.enableDynamicField ? 'enabled' : 'not enabled';
    differences.push(`dynamic fields are ${state}`);
  }
  compareByName(stored.fields, given.fields, fieldTraits, differences);
  compareByName(stored.structs, given.structs, structTraits, differences);
  return differences;
}

function compareByName<Item extends { readonly name: string }>(
  stored: readonly Item[],
  given: readonly Item[],
  traitsOf: (item: Item) => Readonly<Record<string, unknown>>,
  differences: string[],
): void {
  const givenByName = new Map(given.map((item) => [item.name, item]));
  for (const item of stored) {
    const twin = givenByName.get(item.name);
    if (twin === undefined) {
      differences.push(`field ${item.name} is not in the given schema`);
      continue;
    }
    givenByName.delete(item.name);
    const givenTraits = traitsOf(twin);
    for (const [trait, value] of Object.entries(traitsOf(item))) {
      if (value === givenTraits[trait]) continue;
      differences.push(
        `field ${item.name}: ${trait} is ${String(value)}, not ${String(givenTraits[trait])}`,
      );
    }
  }
  for (const name of givenByName.keys()) differences.push(`field ${name} is not in the collection`);
}

function fieldTraits(field: FieldSchema): Record<string, unknown> {
  return {
    type: dataTypeName(field.type),
    'element type': field.elementType === undefined ? undefined : dataTypeName(field.elementType),
    'primary key': field.isPrimaryKey,
    'auto id': field.autoId,
    'partition key': field.isPartitionKey,
    'clustering key': field.isClusteringKey,
    nullable: field.nullable,
    default: field.defaultValue,
    dim: field.dim,
    'max length': field.maxLength,
    'max capacity': field.maxCapacity,
    metric: field.params['metric_type'],
  };
}

function structTraits(struct: StructFieldSchema): Record<string, unknown> {
  return { nullable: struct.nullable, 'max capacity': struct.maxCapacity };
}
