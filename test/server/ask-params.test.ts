import { describe, expect, it } from 'vitest';
import { groupParams, orderParams } from '../../src/server/ask-params.ts';

describe('what a search groups by', () => {
  it('is one field, or several between commas', () => {
    const rest = { size: 1, isStrict: false, strictCast: false };
    expect(groupParams({})).toBeUndefined();
    expect(groupParams({ group_by_field: ' ', group_by_fields: ' , ' })).toBeUndefined();
    expect(groupParams({ group_by_field: 'a' })).toEqual({ fields: ['a'], ...rest });
    expect(groupParams({ group_by_fields: 'a, b' })).toEqual({ fields: ['a', 'b'], ...rest });
  });

  it('has a size, and says how values of JSON are taken', () => {
    const pairs = {
      group_by_field: 'meta',
      group_size: '3',
      strict_group_size: 'True',
      strict_cast: 'true',
      json_path: 'meta["k"]',
      json_type: 'Int64',
    };
    expect(groupParams(pairs)).toEqual({
      fields: ['meta'],
      size: 3,
      isStrict: true,
      strictCast: true,
      jsonPath: 'meta["k"]',
      jsonType: 'Int64',
    });
    const sized = (text: string) => (): unknown =>
      groupParams({ group_by_field: 'a', group_size: text });
    expect(sized('many')).toThrow('failed to parse input group size:many');
    expect(sized('-1')()).toMatchObject({ size: -1 });
  });
});

describe('what rows are ordered by', () => {
  it('is names with a direction and a place for nulls', () => {
    expect(orderParams('a, b:desc ,c:ASC:nulls_first,d:Descending:nulls_last')).toEqual([
      { field: 'a', order: 'asc' },
      { field: 'b', order: 'desc' },
      { field: 'c', order: 'asc', nulls: 'first' },
      { field: 'd', order: 'desc', nulls: 'last' },
    ]);
    expect(orderParams('')).toEqual([]);
  });

  it('may have colons and commas inside brackets', () => {
    expect(orderParams('m["a:b,c"]["d"]:desc,x')).toEqual([
      { field: 'm["a:b,c"]["d"]', order: 'desc' },
      { field: 'x', order: 'asc' },
    ]);
  });

  it('is refused in Milvus’s words', () => {
    expect(() => orderParams('price:up')).toThrow(
      "invalid order direction 'up' for field 'price', expected 'asc' or 'desc'",
    );
    expect(() => orderParams('price:up', 'query')).toThrow("must be 'asc' or 'desc'");
    expect(() => orderParams('price:asc:middle')).toThrow("invalid null ordering 'middle'");
    expect(() => orderParams('a:asc:nulls_last:b')).toThrow('too many order_by field options');
  });
});
