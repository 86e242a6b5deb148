import { describe, expect, it } from 'vitest';
import { f } from '../../src/api/fields.ts';
import { defineSchema, Schema } from '../../src/api/schema.ts';

describe('defineSchema', () => {
  const fields = { id: f.int64({ primary: true }), vector: f.floatVector(2) };

  it('keeps the fields in their order, without dynamic fields unless asked for', () => {
    const schema = defineSchema(fields);
    expect(schema).toBeInstanceOf(Schema);
    expect(Object.keys(schema.fields)).toEqual(['id', 'vector']);
    expect(schema.dynamic).toBe(false);
    expect(defineSchema(fields, { dynamic: true }).dynamic).toBe(true);
  });
});
