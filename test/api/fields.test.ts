import { describe, expect, it } from 'vitest';
import { collectionDefinition } from '../../src/api/collection-definition.ts';
import { f } from '../../src/api/fields.ts';
import { defineSchema } from '../../src/api/schema.ts';
import { dataTypeName } from '../../src/schema/data-type.ts';
import { buildSchema } from '../../src/schema/definition.ts';

const schema = defineSchema(
  {
    id: f.varChar({ primary: true, maxLength: 36 }),
    flag: f.bool({ default: true }),
    tiny: f.int8({ default: 1 }),
    small: f.int16({ nullable: true }),
    middle: f.int32({ clusteringKey: true }),
    big: f.int64({ partitionKey: true }),
    real: f.float(),
    precise: f.double({ default: 0.5 }),
    document: f.json({ nullable: true }),
    place: f.geometry({ nullable: true }),
    body: f.text(),
    at: f.timestamptz({ nullable: true }),
    tags: f.array(f.varChar({ maxLength: 20 }), { maxCapacity: 8 }),
    dense: f.floatVector(4, { metric: 'L2' }),
    half: f.float16Vector(4),
    brain: f.bfloat16Vector(4),
    bytes: f.int8Vector(4, { nullable: true }),
    bits: f.binaryVector(16),
    sparse: f.sparseVector(),
    chapters: f.struct(
      { heading: f.varChar({ maxLength: 9 }), v: f.floatVector(4) },
      { maxCapacity: 5 },
    ),
  },
  { dynamic: true },
);

describe('f', () => {
  const built = buildSchema(
    collectionDefinition('all', schema, { description: 'every type', shards: 2, partitions: 4 }),
  );
  const field = (name: string): (typeof built.fields)[number] | undefined =>
    built.fields.find((each) => each.name === name);

  it('describes every type to the engine', () => {
    expect(built.fields.map((each) => `${each.name} ${dataTypeName(each.type)}`)).toEqual([
      'id VarChar',
      'flag Bool',
      'tiny Int8',
      'small Int16',
      'middle Int32',
      'big Int64',
      'real Float',
      'precise Double',
      'document JSON',
      'place Geometry',
      'body Text',
      'at Timestamptz',
      'tags Array',
      'dense FloatVector',
      'half Float16Vector',
      'brain BFloat16Vector',
      'bytes Int8Vector',
      'bits BinaryVector',
      'sparse SparseFloatVector',
      'chapters[heading] Array',
      'chapters[v] ArrayOfVector',
      '$meta JSON',
    ]);
  });

  it('carries the options', () => {
    expect(field('id')).toMatchObject({ isPrimaryKey: true, autoId: false, maxLength: 36 });
    expect(field('flag')?.defaultValue).toBe(true);
    expect(field('small')?.nullable).toBe(true);
    expect(field('middle')?.isClusteringKey).toBe(true);
    expect(field('big')?.isPartitionKey).toBe(true);
    expect(field('tags')).toMatchObject({ maxCapacity: 8, maxLength: 20 });
    expect(field('bits')?.dim).toBe(16);
  });

  it('gives vectors Milvus’s usual metric, or the one asked for', () => {
    const metric = (name: string): string | undefined => field(name)?.params['metric_type'];
    expect([metric('dense'), metric('half'), metric('bits'), metric('sparse')]).toEqual([
      'L2',
      'COSINE',
      'HAMMING',
      'IP',
    ]);
  });

  it('leaves Milvus’s rules to the engine', () => {
    const wrong = defineSchema({
      id: f.int64({ primary: true, nullable: true }),
      v: f.floatVector(1),
    });
    expect(() => buildSchema(collectionDefinition('wrong', wrong, {}))).toThrow(
      /invalid dimension: 1. should be in range 2 ~ 32768|primary field not support null/,
    );
  });
});
