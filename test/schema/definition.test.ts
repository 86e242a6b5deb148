import { describe, expect, it } from 'vitest';
import type { FieldSchema } from '../../src/schema/collection-schema.ts';
import {
  buildSchema,
  type CollectionDefinition,
  type FieldDefinition,
  firstPartitionNames,
} from '../../src/schema/definition.ts';
import { DataType } from '../../src/schema/data-type.ts';

const id: FieldDefinition = { name: 'id', type: 'Int64', isPrimaryKey: true };
const vector: FieldDefinition = { name: 'v', type: 'FloatVector', dim: 4 };

function build(
  more: Partial<CollectionDefinition>,
  ...fields: FieldDefinition[]
): ReturnType<typeof buildSchema> {
  return buildSchema({ name: 'books', fields: [id, vector, ...fields], ...more });
}

function only(field: FieldDefinition): FieldSchema {
  return build({}, field).fields[2]!;
}

describe('buildSchema', () => {
  it('gives ids from 100 in Milvus’s order and keeps $meta last', () => {
    const schema = build(
      {
        description: 'all of them',
        enableDynamicField: true,
        structs: [
          {
            name: 'chapters',
            maxCapacity: 8,
            nullable: true,
            fields: [
              { name: 'title', type: 'VarChar', maxLength: 100 },
              { name: 'embedding', type: 'Float16Vector', dim: 8 },
            ],
          },
        ],
      },
      { name: 'price', type: DataType.Double, nullable: true, defaultValue: 1.5 },
    );
    expect(schema).toMatchObject({
      name: 'books',
      description: 'all of them',
      version: 0,
      enableDynamicField: true,
    });
    expect(schema.fields.map((field) => [field.id, field.name])).toEqual([
      [100, 'id'],
      [101, 'v'],
      [102, 'price'],
      [105, 'chapters[title]'],
      [106, 'chapters[embedding]'],
      [103, '$meta'],
    ]);
    expect(schema.structs).toEqual([
      {
        id: 104,
        name: 'chapters',
        description: '',
        nullable: true,
        maxCapacity: 8,
        fieldIds: [105, 106],
      },
    ]);
    expect(schema.fields[3]).toMatchObject({
      type: DataType.Array,
      elementType: DataType.VarChar,
      maxLength: 100,
      maxCapacity: 8,
      nullable: true,
      structName: 'chapters',
    });
    expect(schema.fields[4]).toMatchObject({
      type: DataType.ArrayOfVector,
      elementType: DataType.Float16Vector,
      dim: 8,
    });
    expect(schema.fields[5]).toMatchObject({
      type: DataType.JSON,
      isDynamic: true,
      defaultValue: '{}',
    });
  });

  it('takes type parameters as text, the way they come over the wire', () => {
    expect(
      build(
        {},
        {
          name: 'a',
          type: 22,
          elementType: 21,
          params: { max_length: '9', max_capacity: '3', 'mmap.enabled': 'true' },
        },
      ).fields[2],
    ).toMatchObject({ maxLength: 9, maxCapacity: 3, params: { 'mmap.enabled': 'true' } });
    expect(only({ name: 'w', type: 'BinaryVector', params: { dim: '64' } }).dim).toBe(64);
  });

  it('takes sub-fields as lists too', () => {
    const { fields, structs } = build({
      structs: [
        { name: 's', fields: [{ name: 'n', type: 'Array', elementType: 'Int64', maxCapacity: 5 }] },
      ],
    });
    expect(fields.at(-1)).toMatchObject({
      name: 's[n]',
      type: DataType.Array,
      elementType: DataType.Int64,
    });
    expect(structs[0]!.maxCapacity).toBe(5);
  });

  it('adds a hidden partition key for namespaces', () => {
    const schema = build({ enableNamespace: true, enableDynamicField: true });
    expect(schema.fields.map((field) => field.name)).toEqual(['id', 'v', '$namespace_id', '$meta']);
    expect(schema.fields[2]).toMatchObject({
      type: DataType.VarChar,
      isPartitionKey: true,
      maxLength: 65535,
    });
    expect(() =>
      build({ enableNamespace: true }, { name: 'k', type: 'Int64', isPartitionKey: true }),
    ).toThrow('namespace is not supported with partition key mode');
  });

  it('reads Timestamptz defaults in the zone of the properties, else of the caller', () => {
    const field = { name: 't', type: 'Timestamptz', defaultValue: '1970-01-01T09:00:00' } as const;
    expect(build({ properties: { timezone: 'Asia/Tokyo' } }, field).fields[2]!.defaultValue).toBe(
      0n,
    );
    const schema = buildSchema({ name: 'c', fields: [id, vector, field] }, 'Asia/Tokyo');
    expect(schema.fields[2]!.defaultValue).toBe(0n);
  });

  it('refuses types that there are not', () => {
    const typed =
      (type: unknown, elementType?: unknown): (() => unknown) =>
      () =>
        only({ name: 'f', type, elementType } as FieldDefinition);
    expect(typed('None')).toThrow('data type None is not valid');
    expect(typed(undefined)).toThrow('data type None is not valid');
    expect(typed('Money')).toThrow('field data type: "Money" is not supported');
    expect(typed('toString')).toThrow('is not supported');
    expect(typed(27)).toThrow('field data type: 27 is not supported');
    expect(typed('Array')).toThrow('element data type None is not valid');
    expect(typed('Array', 'JSON')).toThrow('element type JSON is not supported');
  });

  it('names the partitions that a collection begins with', () => {
    const keyed = build({}, { name: 'k', type: 'Int64', isPartitionKey: true });
    expect(firstPartitionNames(build({}), {})).toEqual(['_default']);
    expect(firstPartitionNames(keyed, { partitionCount: 2 })).toEqual(['_default_0', '_default_1']);
    expect(firstPartitionNames(keyed, {})).toHaveLength(16);
  });
});
