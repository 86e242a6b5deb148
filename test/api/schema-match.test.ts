import { describe, expect, it } from 'vitest';
import { collectionDefinition } from '../../src/api/collection-definition.ts';
import type { FieldShapes } from '../../src/api/field.ts';
import { f } from '../../src/api/fields.ts';
import { Schema } from '../../src/api/schema.ts';
import { requireSameSchema } from '../../src/api/schema-match.ts';
import type { CollectionInfo } from '../../src/core/ports.ts';
import type { CollectionDefinition } from '../../src/schema/definition.ts';
import { buildSchema } from '../../src/schema/definition.ts';

const key = f.int64({ primary: true });
const vector = f.floatVector(4);
const stored = definition({ id: key, title: f.varChar({ maxLength: 10 }), vector });

function definition(fields: FieldShapes, dynamic = false): CollectionDefinition {
  return collectionDefinition('books', new Schema(fields, dynamic), {});
}

function info(of: CollectionDefinition): CollectionInfo {
  return {
    id: 1,
    databaseId: 1,
    databaseName: 'default',
    name: 'books',
    aliases: [],
    schema: buildSchema(of),
    shardIds: [1],
    partitions: [],
    indexes: [],
    properties: {},
    consistencyLevel: 'Bounded',
    loaded: true,
    createdTimestamp: 1n,
    updatedTimestamp: 1n,
    truncatedTimestamp: 0n,
  };
}

function difference(given: CollectionDefinition): string {
  try {
    requireSameSchema(info(stored), given);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
}

describe('requireSameSchema', () => {
  it('accepts the same fields in any order, with other descriptions and properties', () => {
    const title = f.varChar({ maxLength: 10, description: 'on the cover' });
    const given = definition({ vector, title, id: key });
    expect(difference({ ...given, properties: { timezone: 'UTC' } })).toBe('');
  });

  it('names every difference', () => {
    const given = definition(
      { id: key, title: f.varChar({ maxLength: 20, nullable: true }), other: f.int8(), vector },
      true,
    );
    const text = difference(given);
    expect(text).toContain(
      'create duplicate collection with different parameters, collection: books',
    );
    expect(text).toContain('field title: max length is 10, not 20');
    expect(text).toContain('field title: nullable is false, not true');
    expect(text).toContain('field other is not in the collection');
    expect(text).toContain('dynamic fields are not enabled');
  });

  it('names a field that is not given, another dimension, metric and type', () => {
    expect(difference(definition({ id: key, vector }))).toContain(
      'field title is not in the given schema',
    );
    const title = f.varChar({ maxLength: 10 });
    expect(difference(definition({ id: key, title, vector: f.floatVector(8) }))).toContain(
      'field vector: dim is 4, not 8',
    );
    const byDistance = f.floatVector(4, { metric: 'L2' });
    expect(difference(definition({ id: key, title, vector: byDistance }))).toContain(
      'field vector: metric is COSINE, not L2',
    );
    expect(difference(definition({ id: key, title: f.json(), vector }))).toContain(
      'field title: type is VarChar, not JSON',
    );
  });

  it('names another number of shards', () => {
    expect(difference({ ...stored, shardCount: 2 })).toContain('it has 1 shards, not 2');
  });
});
