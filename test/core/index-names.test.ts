import { expect, it } from 'vitest';
import { indexedField, namedIndex } from '../../src/core/index-names.ts';
import { DYNAMIC_SCHEMA, FIELDS, SCHEMA } from '../query/columns.ts';

const params = (json_path: string) => ({ index_type: 'INVERTED', json_path });

it('a name that is no field is a key of the dynamic field, where there is one', () => {
  expect(indexedField(DYNAMIC_SCHEMA, 's').name).toBe('s');
  expect(indexedField(DYNAMIC_SCHEMA, 'color').name).toBe('$meta');
  expect(() => indexedField(SCHEMA, 'color')).toThrow(
    'cannot create index on non-exist field: color',
  );
});

it('an index of JSON is called by its field and its path', () => {
  const named = (fieldName: string, json_path: string) =>
    namedIndex({ fieldName, indexName: '', params: params(json_path) }, DYNAMIC_SCHEMA, []);
  expect(named('j', 'j["a"]["b/c"]').indexName).toBe('j/a/b~1c');
  expect(named('j', 'j').indexName).toBe('j');
  expect(named('color', 'color')).toMatchObject({ fieldName: '$meta', indexName: '$meta/color' });
  const plain = { fieldName: 's', indexName: '', params: {} };
  expect(namedIndex(plain, DYNAMIC_SCHEMA, [])).toEqual(plain);
});

it('the same path, however it is written, is that of the index that has it', () => {
  const known = [{ name: 'mine', fieldId: FIELDS.j.id, params: params('j["a"]') }];
  const index = { fieldName: 'j', indexName: '', params: params("j['a']") };
  expect(namedIndex(index, DYNAMIC_SCHEMA, known)).toEqual({
    fieldName: 'j',
    indexName: 'mine',
    params: params('j["a"]'),
  });
  const other = { ...index, params: params('j["b"]') };
  expect(namedIndex(other, DYNAMIC_SCHEMA, known).indexName).toBe('j/b');
});
