import { describe, expect, it } from 'vitest';
import type { CollectionSchema } from '../../src/schema/collection-schema.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { selectOutputFields } from '../../src/schema/output-fields.ts';
import { KEY, NAME, schemaOf, SIZE, VECTOR } from '../search/world.ts';

/** With a struct of two sub-fields, `$meta` and a hidden partition key. */
function richSchema(): CollectionSchema {
  const schema = schemaOf();
  const [key, , size] = schema.fields;
  const sub = { ...size!, type: DataType.Array, elementType: DataType.Int32, structName: 'parts' };
  return {
    ...schema,
    enableDynamicField: true,
    fields: [
      ...schema.fields,
      { ...sub, id: 111, name: 'parts[a]' },
      { ...sub, id: 112, name: 'parts[b]' },
      { ...key!, id: 113, name: '$namespace_id', isPrimaryKey: false, isPartitionKey: true },
      { ...size!, id: 120, name: '$meta', type: DataType.JSON, isDynamic: true },
    ],
    structs: [
      {
        id: 110,
        name: 'parts',
        description: '',
        nullable: false,
        maxCapacity: 10,
        fieldIds: [111, 112],
      },
    ],
  };
}

/** What is read, and the keys of `$meta` that are shown. */
function select(...names: string[]): unknown {
  const { fieldIds, dynamicKeys, wholeMeta } = selectOutputFields(richSchema(), names);
  const keys = dynamicKeys === null ? [] : dynamicKeys === 'all' ? null : [...dynamicKeys];
  return { fieldIds, dynamicKeys: keys, wholeMeta };
}

describe('output fields', () => {
  it('always hold the primary key, in the order of the schema', () => {
    expect(select()).toEqual({ fieldIds: [KEY], dynamicKeys: [], wholeMeta: false });
    expect(select('name', ' size ', 'name')).toEqual({
      fieldIds: [KEY, SIZE, NAME],
      dynamicKeys: [],
      wholeMeta: false,
    });
  });

  it('are all of them for *, vectors and dynamic keys included, hidden ones not', () => {
    const all = {
      fieldIds: [KEY, VECTOR, SIZE, NAME, 111, 112, 120],
      dynamicKeys: null,
      wholeMeta: false,
    };
    expect(select('*')).toEqual(all);
    expect(select('colour', '*', 'name')).toEqual(all);
  });

  it('are the sub-fields of a struct by its name or by theirs', () => {
    expect(select('parts')).toEqual({
      fieldIds: [KEY, 111, 112],
      dynamicKeys: [],
      wholeMeta: false,
    });
    expect(select('parts[b]')).toEqual({ fieldIds: [KEY, 112], dynamicKeys: [], wholeMeta: false });
  });

  it('are dynamic keys when no field is called so', () => {
    const keys = { fieldIds: [KEY, 120], dynamicKeys: ['colour', 'a b'], wholeMeta: false };
    expect(select('colour', '$meta["a b"]', "$meta['colour']")).toEqual(keys);
    expect(select('colour', '$meta')).toEqual({
      fieldIds: [KEY, 120],
      dynamicKeys: ['colour'],
      wholeMeta: true,
    });
  });

  it('are refused when they cannot be', () => {
    expect(() => selectOutputFields(schemaOf(), ['colour'])).toThrow('field colour not exist');
    for (const name of ['a-b', '$meta["a"]["b"]', '$meta[a]', 'name["x"]', '']) {
      expect(() => select(name)).toThrow(`parse output field name failed: ${name}`);
    }
  });
});
