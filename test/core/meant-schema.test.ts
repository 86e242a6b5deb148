import { describe, expect, it } from 'vitest';
import { collectionAsMeant } from '../../src/core/meant-schema.ts';
import type { CollectionInfo } from '../../src/core/ports.ts';
import type { CollectionSchema, FieldSchema } from '../../src/schema/collection-schema.ts';
import { buildSchema } from '../../src/schema/definition.ts';

const first: CollectionSchema = buildSchema({
  name: 'c',
  fields: [
    { name: 'id', type: 'Int64', isPrimaryKey: true },
    { name: 'size', type: 'Int32', nullable: true },
    { name: 'v', type: 'FloatVector', dim: 2 },
  ],
});
const request = { databaseName: 'default', collectionName: 'c', collectionId: 7, schema: first };

function collection(schema: CollectionSchema): CollectionInfo {
  const index = { id: 1, fieldId: 104, fieldName: 'later', name: 'later', params: {} };
  const info = { id: 7, name: 'c', schema, indexes: [index], partitions: [], properties: {} };
  return info as unknown as CollectionInfo;
}

/** One version further, with fields changed. */
function changed(change: (fields: readonly FieldSchema[]) => FieldSchema[]): CollectionSchema {
  return { ...first, fields: change(first.fields), version: first.version + 1 };
}

describe('the collection as a request means it', () => {
  it('is the collection, where the schema is the same or none is named', () => {
    const info = collection(first);
    expect(collectionAsMeant(request, info)).toBe(info);
    const wider = collection(changed((fields) => [...fields]));
    const { schema: _, ...open } = request;
    expect(collectionAsMeant(open, wider)).toBe(wider);
  });

  it('has no field and no index that came later, and is made once', () => {
    const later = { ...first.fields[1]!, id: 104, name: 'later' };
    const wider = collection(changed((fields) => [...fields, later]));
    const meant = collectionAsMeant(request, wider);
    expect(meant.schema).toBe(first);
    expect(meant.indexes).toEqual([]);
    expect(collectionAsMeant(request, wider)).toBe(meant);
    expect(collectionAsMeant(request, { ...wider })).not.toBe(meant);
  });

  it('is refused when a field is gone, or another one of its name', () => {
    const narrower = collection(changed((fields) => fields.filter(({ name }) => name !== 'size')));
    expect(() => collectionAsMeant(request, narrower)).toThrow(
      'the schema of the collection has changed between two pages of an iteration',
    );
    const other = changed((fields) =>
      fields.map((field) => (field.name === 'size' ? { ...field, id: 110 } : field)),
    );
    expect(() => collectionAsMeant(request, collection(other))).toThrow('[field=size]');
  });

  it('is refused when the name means another one', () => {
    expect(() => collectionAsMeant({ ...request, collectionId: 8 }, collection(first))).toThrow(
      'collection not found[database=default][collection=c]',
    );
  });
});
