import { describe, expect, it } from 'vitest';
import { buildSchema } from '../../src/schema/definition.ts';
import {
  dynamicField,
  elementField,
  fieldNamed,
  fieldWithId,
  findField,
  isHidden,
  partitionKeyField,
  primaryField,
  structFieldName,
  structSubFields,
  subFieldName,
  vectorFields,
} from '../../src/schema/fields.ts';
import { DataType } from '../../src/schema/data-type.ts';

const schema = buildSchema({
  name: 'c',
  enableDynamicField: true,
  fields: [
    { name: 'id', type: 'Int64', isPrimaryKey: true },
    { name: 'v', type: 'FloatVector', dim: 2 },
    { name: 'k', type: 'VarChar', maxLength: 5, isPartitionKey: true },
  ],
  structs: [{ name: 's', maxCapacity: 2, fields: [{ name: 'e', type: 'Int8Vector', dim: 4 }] }],
});

describe('look-ups in a schema', () => {
  it('find fields by what they are', () => {
    expect(primaryField(schema).name).toBe('id');
    expect(partitionKeyField(schema)?.name).toBe('k');
    expect(dynamicField(schema)?.name).toBe('$meta');
    expect(vectorFields(schema).map((field) => field.name)).toEqual(['v', 's[e]']);
    expect(schema.fields.filter(isHidden).map((field) => field.name)).toEqual(['$meta']);
  });

  it('find fields by name and id', () => {
    expect(findField(schema, 'k')?.id).toBe(102);
    expect(findField(schema, 'nowhere')).toBeUndefined();
    expect(fieldWithId(schema, 101).name).toBe('v');
    expect(() => fieldNamed(schema, 'nowhere')).toThrow('field not found[field=nowhere]');
    expect(() => fieldWithId(schema, 999)).toThrow('999');
  });

  it('find the sub-fields of a struct and their own names', () => {
    const [field] = structSubFields(schema, schema.structs[0]!);
    expect(field!.name).toBe(structFieldName('s', 'e'));
    expect(subFieldName(field!)).toBe('e');
    expect(subFieldName(primaryField(schema))).toBe('id');
    expect(elementField(field!)).toMatchObject({ type: DataType.Int8Vector, dim: 4 });
  });
});
