import { describe, expect, it } from 'vitest';
import type { FieldNode } from '../../src/query/ast.ts';
import { readFilter } from '../../src/query/parser.ts';
import {
  columnTypeName,
  isWholeArray,
  resolveColumn,
  resolveNullable,
} from '../../src/query/resolve.ts';
import { DYNAMIC_SCHEMA, SCHEMA, field, schemaOf } from './columns.ts';

const node = (text: string): FieldNode => readFilter(text) as FieldNode;

describe('resolveColumn', () => {
  it('finds fields, elements, paths, sub-fields and keys of $meta', () => {
    const ref = (text: string) => resolveColumn(node(text), DYNAMIC_SCHEMA).ref;
    expect(ref('i')).toEqual({ access: 'value', fieldId: 105, type: 5 });
    expect(ref('ai[3]')).toEqual({ access: 'element', fieldId: 110, type: 5, index: 3 });
    expect(ref('j')).toEqual({ access: 'json', fieldId: 109, type: 23, path: [] });
    expect(ref('j["a"][0]')).toMatchObject({ path: ['a', '0'] });
    expect(ref('people[age]')).toEqual({ access: 'value', fieldId: 118, type: 22 });
    expect(ref('people[2][age]')).toMatchObject({
      access: 'element',
      fieldId: 118,
      type: 4,
      index: 2,
    });
    expect(ref('$meta["x"]')).toMatchObject({ fieldId: 130, path: ['x'] });
    expect(ref('x["y"]')).toMatchObject({ fieldId: 130, path: ['x', 'y'] });
  });

  it('prefers a field that is really called null', () => {
    const schema = schemaOf([field(100, 'null', 5)]);
    expect(resolveColumn(node('null'), schema).ref.fieldId).toBe(100);
    expect(() => resolveColumn(node('NULL'), schema)).toThrow('NULL literal');
  });

  it('never offers a hidden field as the nearest name', () => {
    expect(() => resolveColumn(node('meta'), SCHEMA)).toThrow(/field meta not exist$/);
  });

  it('names types as Milvus does', () => {
    expect(columnTypeName(resolveColumn(node('ai'), SCHEMA))).toBe('Array[Int64]');
    expect(columnTypeName(resolveColumn(node('s'), SCHEMA))).toBe('VarChar');
    expect(isWholeArray(resolveColumn(node('ai'), SCHEMA))).toBe(true);
    expect(isWholeArray(resolveColumn(node('ai[0]'), SCHEMA))).toBe(false);
  });
});

describe('resolveNullable', () => {
  it('takes a struct by its first sub-field, text, and vectors of structs', () => {
    expect(resolveNullable(node('people'), SCHEMA).ref.fieldId).toBe(118);
    expect(resolveNullable(node('people[face]'), SCHEMA).ref.fieldId).toBe(119);
    expect(resolveNullable(node('text'), SCHEMA).ref.fieldId).toBe(114);
    expect(() => resolveNullable(node('v'), SCHEMA)).toThrow('not supported on vector fields');
  });
});
