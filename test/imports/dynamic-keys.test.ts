import { describe, expect, it } from 'vitest';
import { spreadDynamicKeys } from '../../src/imports/dynamic-keys.ts';
import { buildSchema } from '../../src/schema/definition.ts';

const definition = {
  name: 'c',
  fields: [
    { name: 'id', type: 'Int64', isPrimaryKey: true },
    { name: 'v', type: 'FloatVector', dim: 2 },
  ],
} as const;
const dynamic = buildSchema({ ...definition, enableDynamicField: true });

describe('the dynamic field of a row in a file', () => {
  it.each([
    [
      { id: 1, x: 8, $meta: '{"y": 8}' },
      { id: 1, x: 8, y: 8 },
    ],
    [
      { id: 1, x: 8, $meta: { y: 9 } },
      { id: 1, x: 8, y: 9 },
    ],
    [{ id: 1, $meta: {} }, { id: 1 }],
    [{ id: 1, $meta: '' }, { id: 1 }],
    [{ id: 1, $meta: null }, { id: 1 }],
    [
      { id: 1, x: 8 },
      { id: 1, x: 8 },
    ],
    ['no row', 'no row'],
  ])('%j is %j', (row, expected) => {
    expect(spreadDynamicKeys(row, dynamic)).toEqual(expected);
  });

  it.each([
    [{ x: 1, $meta: { x: 2 } }, 'duplicated key is not allowed, key=x'],
    [{ $meta: { id: 2 } }, 'dynamic field cannot include the static field: id'],
    [{ $meta: [1] }, 'a JSON object or its text'],
    [{ $meta: '{' }, 'is no JSON'],
  ])('%j is refused', (row, words) => {
    expect(() => spreadDynamicKeys(row, dynamic)).toThrow(words);
  });

  it('is left where the collection has none', () => {
    const row = { id: 1, $meta: {} };
    expect(spreadDynamicKeys(row, buildSchema(definition))).toBe(row);
  });
});
