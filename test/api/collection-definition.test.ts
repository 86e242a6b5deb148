import { describe, expect, it } from 'vitest';
import { additionDefinition, collectionDefinition } from '../../src/api/collection-definition.ts';
import { f } from '../../src/api/fields.ts';
import { defineSchema } from '../../src/api/schema.ts';

describe('collectionDefinition', () => {
  const part = { name: f.varChar({ maxLength: 9 }), v: f.floatVector(4) };

  it('keeps struct arrays apart from fields', () => {
    const schema = defineSchema({
      id: f.int64({ primary: true }),
      parts: f.struct(part, { maxCapacity: 5, nullable: true, description: 'd' }),
      v: f.floatVector(2),
    });
    const { fields, structs } = collectionDefinition('c', schema, {});
    expect(fields.map(({ name }) => name)).toEqual(['id', 'v']);
    expect(structs).toMatchObject([
      { name: 'parts', maxCapacity: 5, nullable: true, description: 'd' },
    ]);
    expect(structs?.[0]?.fields.map(({ name }) => name)).toEqual(['name', 'v']);
  });

  it('refuses a struct array inside another', () => {
    const inner = f.struct(part, { maxCapacity: 1 });
    const schema = defineSchema({ outer: f.struct({ inner }, { maxCapacity: 1 }) });
    expect(() => collectionDefinition('c', schema, {})).toThrow(
      'field inner: a struct array holds fields, not further struct arrays',
    );
  });

  it('passes what was said of the collection, and no more', () => {
    const schema = defineSchema({ id: f.int64({ primary: true }) }, { dynamic: true });
    expect(collectionDefinition('c', schema, {})).toEqual({
      name: 'c',
      fields: [{ name: 'id', type: 5, isPrimaryKey: true }],
      enableDynamicField: true,
    });
    const traits = {
      description: 'd',
      properties: { a: 1, b: true },
      shards: 2,
      partitions: 3,
      consistencyLevel: 'Strong',
    } as const;
    expect(collectionDefinition('c', schema, traits)).toMatchObject({
      description: 'd',
      properties: { a: '1', b: 'true' },
      shardCount: 2,
      partitionCount: 3,
      consistencyLevel: 'Strong',
    });
  });
});

describe('additionDefinition', () => {
  it('tells a struct array from a field', () => {
    const struct = f.struct({ a: f.int8() }, { maxCapacity: 2, nullable: true });
    expect(additionDefinition('s', struct)).toMatchObject({
      struct: { name: 's', maxCapacity: 2 },
    });
    const field = f.int8({ nullable: true });
    expect(additionDefinition('n', field)).toMatchObject({ field: { name: 'n' } });
  });
});
