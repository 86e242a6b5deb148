import { describe, expect, it } from 'vitest';
import type { DefaultValue } from '../../src/schema/collection-schema.ts';
import { buildSchema, type FieldDefinition } from '../../src/schema/definition.ts';

function defaultOf(definition: Partial<FieldDefinition>): DefaultValue | undefined {
  const schema = buildSchema({
    name: 'c',
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'v', type: 'FloatVector', dim: 2 },
      { name: 'f', ...definition } as FieldDefinition,
    ],
  });
  return schema.fields[2]!.defaultValue;
}

describe('default values', () => {
  it('take the form of their column', () => {
    expect(defaultOf({ type: 'Bool', defaultValue: false })).toBe(false);
    expect(defaultOf({ type: 'Int8', defaultValue: -128n })).toBe(-128);
    expect(defaultOf({ type: 'Int64', defaultValue: 7 })).toBe(7n);
    expect(defaultOf({ type: 'Float', defaultValue: 0.1 })).toBe(Math.fround(0.1));
    expect(defaultOf({ type: 'Double', defaultValue: -0 })).toBe(0);
    expect(defaultOf({ type: 'VarChar', maxLength: 3, defaultValue: 'abc' })).toBe('abc');
    expect(defaultOf({ type: 'Timestamptz', defaultValue: '1970-01-01T00:00:01Z' })).toBe(
      1_000_000n,
    );
    expect(defaultOf({ type: 'Geometry', defaultValue: 'POINT (1 2)' })).toBe('POINT (1 2)');
    expect(defaultOf({ type: 'Int8' })).toBeUndefined();
  });

  it('have the type of their field', () => {
    const mismatch = (type: string, actual: string): string =>
      `type (${type}) of field (f) is not equal to the type(${actual}) of default_value: invalid parameter`;
    expect(() => defaultOf({ type: 'Int64', defaultValue: '7' })).toThrow(
      mismatch('Int64', 'DataType_VarChar'),
    );
    expect(() => defaultOf({ type: 'VarChar', maxLength: 9, defaultValue: 7 })).toThrow(
      mismatch('VarChar', 'DataType_Int64'),
    );
    expect(() => defaultOf({ type: 'Bool', defaultValue: 1.5 })).toThrow(
      mismatch('Bool', 'DataType_Double'),
    );
    expect(() => defaultOf({ type: 'Int16', defaultValue: 1.5 })).toThrow(
      mismatch('Int16', 'DataType_Double'),
    );
    expect(() => defaultOf({ type: 'Double', defaultValue: true })).toThrow(
      mismatch('Double', 'DataType_Bool'),
    );
    expect(() => defaultOf({ type: 'Text', defaultValue: 'x' })).toThrow(
      mismatch('Text', 'DataType_VarChar'),
    );
    expect(() => defaultOf({ type: 'Timestamptz', defaultValue: 7n })).toThrow(
      mismatch('Timestamptz', 'DataType_Int64'),
    );
    expect(() => defaultOf({ type: 'Geometry', defaultValue: true })).toThrow(
      mismatch('Geometry', 'DataType_Bool'),
    );
  });

  it('lie within the range of their field', () => {
    expect(() => defaultOf({ type: 'Int8', defaultValue: 128 })).toThrow(
      'default value out of range: invalid parameter[128 out of range -128 <= value <= 127]',
    );
    expect(() => defaultOf({ type: 'Int32', defaultValue: 2 ** 31 })).toThrow(
      '<= value <= 2147483647]',
    );
    expect(() => defaultOf({ type: 'Int64', defaultValue: 2n ** 63n })).toThrow(
      'default value out of range',
    );
    expect(() => defaultOf({ type: 'Float', defaultValue: 1e39 })).toThrow(
      'is not a number or infinity',
    );
    expect(() => defaultOf({ type: 'Double', defaultValue: Number.NaN })).toThrow(
      'is not a number or infinity',
    );
    expect(() => defaultOf({ type: 'VarChar', maxLength: 3, defaultValue: 'éé' })).toThrow(
      'the length (4) of string exceeds max length (3): invalid parameter[expected=valid length string][actual=string length exceeds max length]',
    );
    expect(() => defaultOf({ type: 'VarChar', maxLength: 9, defaultValue: '\ud800' })).toThrow(
      'surrogate',
    );
    expect(() => defaultOf({ type: 'Timestamptz', defaultValue: 'soon' })).toThrow(
      "invalid timestamp string: 'soon'",
    );
    expect(() => defaultOf({ type: 'Geometry', defaultValue: 'HERE' })).toThrow(
      'invalid default value for geometry field',
    );
  });

  it('are not for keys, arrays, JSON and vectors', () => {
    const refused =
      (definition: Partial<FieldDefinition>): (() => unknown) =>
      () =>
        defaultOf(definition);
    expect(refused({ type: 'Int64', isPrimaryKey: true, defaultValue: 1 })).toThrow(
      'primary field not support default_value, type:Int64, name:f',
    );
    expect(refused({ type: 'JSON', defaultValue: '{}' })).toThrow(
      'type not support default_value, type:JSON, name:f',
    );
    expect(
      refused({ type: 'Array', elementType: 'Int8', maxCapacity: 2, defaultValue: 1 }),
    ).toThrow('type:Array, name:f');
    expect(refused({ type: 'SparseFloatVector', defaultValue: 1 })).toThrow(
      'type:SparseFloatVector',
    );
  });
});
