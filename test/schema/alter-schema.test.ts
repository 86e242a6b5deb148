import { describe, expect, it } from 'vitest';
import {
  addField,
  addStruct,
  alterField,
  enableDynamicField,
  removeFieldParams,
} from '../../src/schema/alter-schema.ts';
import type { CollectionSchema } from '../../src/schema/collection-schema.ts';
import { buildSchema, type FieldDefinition } from '../../src/schema/definition.ts';
import { findField } from '../../src/schema/fields.ts';

const base = buildSchema({
  name: 'c',
  enableDynamicField: true,
  fields: [
    { name: 'id', type: 'Int64', isPrimaryKey: true },
    { name: 'v', type: 'FloatVector', dim: 4 },
    { name: 'name', type: 'VarChar', maxLength: 10 },
    { name: 'tags', type: 'Array', elementType: 'VarChar', maxLength: 5, maxCapacity: 3 },
  ],
  structs: [
    {
      name: 's',
      maxCapacity: 4,
      fields: [
        { name: 'n', type: 'Int64' },
        { name: 't', type: 'VarChar', maxLength: 7 },
      ],
    },
  ],
});
const added: FieldDefinition = { name: 'f', type: 'Int32', nullable: true };

const names = (schema: CollectionSchema): string[] => schema.fields.map((field) => field.name);

describe('addField', () => {
  it('gives the next id, keeps $meta last, and raises the version', () => {
    const schema = addField(addField(base, { ...added, defaultValue: 5 }), { ...added, name: 'g' });
    expect(names(schema).slice(-3)).toEqual(['f', 'g', '$meta']);
    expect(schema.fields.map((field) => field.id)).toEqual([
      100, 101, 102, 103, 106, 107, 108, 109, 104,
    ]);
    expect(schema.version).toBe(base.version + 2);
    expect(findField(schema, 'f')!.defaultValue).toBe(5);
    expect(base.fields).toHaveLength(7);
  });

  it('refuses a default that is long, which every row would have', () => {
    const text = (length: number): FieldDefinition => ({
      ...{ name: 'f', type: 'VarChar', maxLength: 4096, nullable: true },
      defaultValue: 'x'.repeat(length),
    });
    expect(findField(addField(base, text(1024)), 'f')!.defaultValue).toHaveLength(1024);
    expect(() => addField(base, text(1025))).toThrow(
      'the default value of an added field should be at most 1024 bytes, got 1025, field name = f',
    );
  });

  it('adds vectors too', () => {
    expect(
      findField(addField(base, { name: 'w', type: 'Int8Vector', dim: 8, nullable: true }), 'w')!
        .dim,
    ).toBe(8);
  });

  it.each([
    [
      { ...added, nullable: false },
      'added field must be nullable, please check it, field name = f: invalid parameter',
    ],
    [{ ...added, isPrimaryKey: true }, 'not support to add pk field, field name = f'],
    [{ ...added, autoId: true }, 'only primary field can speficy AutoID with true, field name = f'],
    [
      { ...added, isPartitionKey: true, type: 'Int64' },
      'not support to add partition key field, field name  = f',
    ],
    [{ ...added, name: 'name' }, 'duplicated field name name'],
    [{ ...added, name: 's' }, 'duplicated field name s'],
    [{ ...added, name: '$meta' }, 'not support to add system field, field name = $meta'],
    [{ ...added, name: 'RowID' }, 'not support to add system field, field name = RowID'],
    [{ ...added, name: 'in' }, 'in is keyword in milvus.'],
    [{ ...added, type: 'VarChar' }, 'type param(max_length) should be specified for the field(f)'],
    [{ ...added, type: 'FloatVector' }, 'dimension is not defined'],
    [{ ...added, type: 'String' }, 'string data type not supported yet'],
    [{ ...added, type: 'ArrayOfStruct' }, 'ArrayOfStruct is described by a struct'],
    [
      { ...added, type: 'Bool', isClusteringKey: true },
      'clustering key field f has unsupported data type Bool',
    ],
    [{ ...added, description: 'x'.repeat(1025) }, 'description must not exceed'],
  ] as [FieldDefinition, string][])('refuses %j', (field, message) => {
    expect(() => addField(base, field)).toThrow(message);
  });

  it('refuses a second clustering key, a field too many, a vector too many', () => {
    const clustered = addField(base, { ...added, isClusteringKey: true });
    expect(() => addField(clustered, { ...added, name: 'g', isClusteringKey: true })).toThrow(
      'already has another clustering key field, field name: g',
    );
    let schema = base;
    for (let i = schema.fields.length - 1; i < 64; i++)
      schema = addField(schema, { ...added, name: `f${i}` });
    expect(() => addField(schema, added)).toThrow(
      'The number of fields has reached the maximum value 64',
    );
    let vectors = base;
    for (let i = 1; i < 10; i++)
      vectors = addField(vectors, { name: `w${i}`, type: 'FloatVector', dim: 2, nullable: true });
    expect(() =>
      addField(vectors, { name: 'w', type: 'FloatVector', dim: 2, nullable: true }),
    ).toThrow('limited to 10');
  });
});

describe('addStruct', () => {
  const struct = {
    name: 'z',
    nullable: true,
    maxCapacity: 2,
    fields: [{ name: 'n', type: 'Int8' } as const],
  };

  it('adds the struct and its sub-fields', () => {
    const schema = addStruct(base, struct);
    expect(schema.structs[1]).toMatchObject({
      id: 108,
      name: 'z',
      fieldIds: [109],
      nullable: true,
    });
    expect(names(schema).slice(-2)).toEqual(['z[n]', '$meta']);
    expect(schema.version).toBe(base.version + 1);
  });

  it('refuses one that is not nullable, taken, or wrong inside', () => {
    expect(() => addStruct(base, { ...struct, nullable: false })).toThrow(
      'added field must be nullable',
    );
    expect(() => addStruct(base, { ...struct, name: 'v' })).toThrow('duplicated field name v');
    expect(() => addStruct(base, { ...struct, fields: [] })).toThrow('has no sub-fields');
    expect(() => addStruct(base, { ...struct, fields: [{ name: 'n', type: 'JSON' }] })).toThrow(
      'element type JSON',
    );
    const twice = { name: 'n', type: 'Int8' } as const;
    expect(() => addStruct(base, { ...struct, fields: [twice, twice] })).toThrow(
      'duplicated field name z[n]',
    );
  });
});

describe('alterField', () => {
  it('changes what may change', () => {
    const schema = alterField(base, 'tags', {
      max_length: 6,
      max_capacity: '9',
      mmap_enabled: true,
      warmup: 'sync',
      description: 'labels',
    });
    expect(findField(schema, 'tags')).toMatchObject({
      maxLength: 6,
      maxCapacity: 9,
      description: 'labels',
      params: { 'mmap.enabled': 'true', warmup: 'sync' },
    });
    expect(schema.version).toBe(base.version + 1);
    expect(alterField(base, 'name', { max_length: '99' }).fields[2]!.maxLength).toBe(99);
  });

  it('changes all sub-fields by the struct’s name', () => {
    const schema = alterField(base, 's', { max_capacity: 8, max_length: 20, description: 'parts' });
    expect(schema.structs[0]).toMatchObject({ maxCapacity: 8, description: 'parts' });
    expect(findField(schema, 's[n]')).toMatchObject({ maxCapacity: 8, description: '' });
    expect(findField(schema, 's[t]')).toMatchObject({ maxCapacity: 8, maxLength: 20 });
  });

  it.each([
    ['name', { nullable: true }, 'nullable does not allow update in collection field param'],
    ['name', { dim: 8 }, 'dim does not allow update in collection field param'],
    ['name', {}, 'no properties or delete keys provided'],
    ['id', { max_length: 8 }, 'id can not modify the maxlength for non-string types'],
    ['name', { max_capacity: 8 }, 'name can not modify the maxcapacity for non-array types'],
    ['name', { max_length: 'x' }, 'max_length should be an integer, but got string'],
    ['name', { max_length: 65536 }, 'in (0, 65535], but got 65536 instead'],
    ['tags', { max_capacity: 'x' }, 'the value for max_capacity of field tags must be an integer'],
    ['tags', { max_capacity: 0 }, 'in (0, 4096]'],
    ['tags', { warmup: 'x' }, 'invalid warmup policy'],
    ['tags', { 'mmap.enabled': 'x' }, 'invalid mmap.enabled value: x, expected: true, false'],
    ['tags', { description: 'x'.repeat(1025) }, 'must not exceed 1024 bytes'],
    ['s[n]', { max_capacity: 3 }, 'must have the same max_capacity'],
    ['nowhere', { max_length: 8 }, 'field not found[field=nowhere]'],
  ])('refuses %s %j', (name, params, message) => {
    expect(() => alterField(base, name, params)).toThrow(message);
  });

  it('takes parameters away again', () => {
    const mapped = alterField(base, 'tags', { 'mmap.enabled': true });
    const schema = removeFieldParams(mapped, 'tags', ['mmap_enabled']);
    expect(findField(schema, 'tags')!.params).toEqual({});
    expect(schema.version).toBe(mapped.version + 1);
    expect(() => removeFieldParams(base, 'tags', ['max_length'])).toThrow(
      'max_length is not allowed to drop in collection field param',
    );
  });
});

describe('ids of fields', () => {
  it('are never given again, also when the last field is gone', () => {
    const wider = addField(base, { name: 'late', type: 'Int8', nullable: true });
    const { id } = findField(wider, 'late')!;
    expect(wider.lastFieldId).toBe(id);
    const fields = wider.fields.filter(({ name }) => name !== 'late');
    const again = addField({ ...wider, fields }, { name: 'later', type: 'Int8', nullable: true });
    expect(findField(again, 'later')!.id).toBe(id + 1);
    const struct = {
      name: 'two',
      nullable: true,
      maxCapacity: 2,
      fields: [{ name: 'e', type: 'Bool' as const }],
    };
    const withStruct = addStruct(again, struct);
    expect(withStruct.structs.at(-1)!.id).toBe(id + 2);
    expect(withStruct.lastFieldId).toBe(id + 3);
  });
});

describe('enableDynamicField', () => {
  it('adds $meta once', () => {
    const plain = buildSchema({
      name: 'c',
      fields: [
        { name: 'id', type: 'Int64', isPrimaryKey: true },
        { name: 'v', type: 'FloatVector', dim: 4 },
      ],
    });
    const dynamic = enableDynamicField(plain);
    expect(dynamic.fields.at(-1)).toMatchObject({ id: 102, name: '$meta', isDynamic: true });
    expect(dynamic).toMatchObject({ enableDynamicField: true, version: 1 });
    expect(enableDynamicField(dynamic)).toBe(dynamic);
  });
});
