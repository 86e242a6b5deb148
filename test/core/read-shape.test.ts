import { describe, expect, it } from 'vitest';
import { BOUND_FILTERS_MAX } from '../../src/base/limits.ts';
import { ReadShape, readShapeOf } from '../../src/core/read-shape.ts';
import type { CollectionInfo } from '../../src/core/ports.ts';
import { compileFilter } from '../../src/query/bind.ts';
import { buildSchema } from '../../src/schema/definition.ts';

function collectionInfo(): CollectionInfo {
  const schema = buildSchema({
    name: 'docs',
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'vector', type: 'FloatVector', dim: 4 },
    ],
  });
  const params = { index_type: 'HNSW', metric_type: 'L2' };
  const index = { id: 7, name: 'graph', fieldId: 101, fieldName: 'vector', params };
  return {
    id: 1,
    databaseId: 1,
    databaseName: 'default',
    name: 'docs',
    aliases: [],
    schema,
    shardIds: [1],
    partitions: [],
    indexes: [{ ...index, createdTimestamp: 1n }],
    properties: {},
    consistencyLevel: 'Bounded',
    loaded: true,
    createdTimestamp: 1n,
    updatedTimestamp: 1n,
    truncatedTimestamp: 0n,
  };
}

describe('what reads of a collection have in common', () => {
  it('is made once for an info, and anew for the next', () => {
    const info = collectionInfo();
    expect(readShapeOf(info)).toBe(readShapeOf(info));
    expect(readShapeOf({ ...info })).not.toBe(readShapeOf(info));
  });

  it('knows the index of a field, by the name of the field or without one', () => {
    const shape = new ReadShape(collectionInfo());
    const searched = shape.searched();
    expect(searched.build?.structure).toBe('HNSW');
    expect(searched.index).toMatchObject({ indexId: 7, structure: 'HNSW', isMapped: false });
    expect(shape.searched('vector').index).toEqual(searched.index);
    expect(shape.searched()).toBe(searched);
    expect(() => shape.searched('other')).toThrow('not found');
    expect(() => shape.searched('other')).toThrow('not found');
  });

  it('has no index where the collection has none', () => {
    const info: CollectionInfo = { ...collectionInfo(), indexes: [] };
    expect(new ReadShape(info).searched()).toMatchObject({ build: null, index: null });
  });

  it('binds a filter once, and forgets those that were not asked for longest', () => {
    const { schema } = collectionInfo();
    const shape = new ReadShape(collectionInfo());
    const bound: string[] = [];
    const ask = (name: string) =>
      shape.filter(name, () => {
        bound.push(name);
        return compileFilter('id > 1', schema);
      });
    expect(ask('a')).toBe(ask('a'));
    for (let i = 1; i < BOUND_FILTERS_MAX; i++) ask(`${i}`);
    ask('a');
    ask('more');
    ask('a');
    ask('1');
    expect(bound.filter((name) => name === 'a')).toHaveLength(1);
    expect(bound.filter((name) => name === '1')).toHaveLength(2);
  });

  it('keeps nothing of a filter that is refused', () => {
    const shape = new ReadShape(collectionInfo());
    const refuse = () => {
      throw new Error('refused');
    };
    expect(() => shape.filter('a', refuse)).toThrow('refused');
    expect(() => shape.filter('a', refuse)).toThrow('refused');
  });
});
