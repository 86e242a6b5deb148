import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';
import { SCHEMA, matches } from './columns.ts';

describe('json_contains and array_contains', () => {
  const rows = {
    j: [{ a: [1, 'x', [1, 2], true] }, { a: [2.5, [[1], 'y']] }, { a: [] }, { a: 1 }, null],
    ai: [[1n, 2n], [2n, 3n], [], null, [9007199254740993n]],
    as: [['a', 'b'], ['b'], [], null, ['']],
    af: [[0.1, 2], [0.5], [], null, [-0]],
    'people[age]': [[30], [40, 30], [], null, [1]],
  };

  it('are two names for one thing', () => {
    for (const name of ['json_contains', 'array_contains', 'JSON_CONTAINS', 'ARRAY_CONTAINS']) {
      expect(matches(`${name}(j["a"], 1)`, rows)).toEqual([0]);
      expect(matches(`${name}(ai, 2)`, rows)).toEqual([0, 1]);
      expect(matches(`${name}_all(ai, [2, 3])`, rows)).toEqual([1]);
      expect(matches(`${name}_any(ai, [1, 3])`, rows)).toEqual([0, 1]);
    }
  });

  it('compare elements as the column does', () => {
    expect(matches('array_contains(as, "")', rows)).toEqual([4]);
    expect(matches('array_contains(af, 0.1)', rows)).toEqual([0]);
    expect(matches('array_contains(af, 2)', rows)).toEqual([0]);
    expect(matches('array_contains_any(af, [0, 0.5])', rows)).toEqual([1, 4]);
    expect(matches('array_contains(ai, 9007199254740993)', rows)).toEqual([4]);
    expect(matches('array_contains(ai, 9007199254740992)', rows)).toEqual([]);
    expect(matches('array_contains_any(ai, [2.0, 2.5])', rows)).toEqual([0, 1]);
    expect(matches('array_contains_all(ai, [2, 2.5])', rows)).toEqual([]);
    expect(matches('array_contains(people[age], 30)', rows)).toEqual([0, 1]);
  });

  it('find lists inside JSON lists', () => {
    expect(matches('json_contains(j["a"], [1, 2])', rows)).toEqual([0]);
    expect(matches('json_contains(j["a"], [2, 1])', rows)).toEqual([]);
    expect(matches('json_contains(j["a"], [[1], "y"])', rows)).toEqual([1]);
    expect(matches('json_contains_any(j["a"], [[1, 2], 2.5])', rows)).toEqual([0, 1]);
    expect(matches('json_contains_all(j["a"], [true, [1, 2], "x", 1.0])', rows)).toEqual([0]);
    expect(matches('json_contains(j["a"][1], [1])', rows)).toEqual([1]);
    expect(matches('json_contains(j["a"], {x})', rows, { x: [1, 2] })).toEqual([0]);
    expect(matches('json_contains_any(j["a"], {x})', rows, { x: [[[1], 'y'], 'x'] })).toEqual([
      0, 1,
    ]);
    expect(matches('j["a"][2] == [1, 2]', rows)).toEqual([0]);
    expect(matches('j["a"] == [2.5, [[1], "y"]]', rows)).toEqual([1]);
  });

  it('are UNKNOWN of null and of what is no array', () => {
    expect(matches('not json_contains(j["a"], 1)', rows)).toEqual([1, 2]);
    expect(matches('not array_contains_any(ai, [2])', rows)).toEqual([2, 4]);
  });

  it('have all of nothing and none of it, whatever the row', () => {
    expect(matches('array_contains_all(ai, [])', rows)).toEqual([0, 1, 2, 3, 4]);
    expect(matches('json_contains_any(j["a"], [])', rows)).toEqual([]);
    expect(matches('not json_contains_any(j["a"], [])', rows)).toEqual([0, 1, 2, 3, 4]);
  });

  it('take lists from parameters', () => {
    expect(matches('array_contains_any(ai, {x})', rows, { x: [3, 1] })).toEqual([0, 1]);
    expect(matches('array_contains_any(ai, {x})', rows, { x: BigInt64Array.of(3n) })).toEqual([1]);
    expect(matches('array_contains_any(af, {x})', rows, { x: [0.5, 2] })).toEqual([0, 1]);
    expect(matches('array_contains_all(af, {x})', rows, { x: [2] })).toEqual([0]);
    expect(matches('json_contains_any(j["a"], {x})', rows, { x: [2, 1] })).toEqual([0]);
    expect(matches('json_contains_any(j["a"], {x})', rows, { x: Float64Array.of(2.5) })).toEqual([
      1,
    ]);
  });

  it.each([
    [
      'array_contains(i, 1)',
      'contains operation are only supported on json or array fields now, got: i',
    ],
    [
      'array_contains_all(ai[0], [1])',
      'contains_all operation are only supported on json or array fields now, got: ai[0]',
    ],
    [
      'json_contains_any(1, [1])',
      'contains_any operation are only supported on json or array fields now, got: 1',
    ],
    [
      'array_contains(ai, i)',
      'contains operation are only supported explicitly specified element, got: i',
    ],
    ['array_contains(ai, "a")', 'cannot cast value to Int64, value: string_val:"a"'],
    ['array_contains(ai, 1.5)', 'cannot cast value to Int64, value: float_val:1.5'],
    ['array_contains(ai, [1])', 'cannot cast value to Int64, value: array_val'],
    ['array_contains_any(ai, 1)', 'ContainsAny operation element must be an array'],
    ['json_contains_all(j["a"], 1)', 'ContainsAll operation element must be an array'],
    [
      'array_contains_any(ai, ["a"])',
      "ContainsAny operation can't compare between array element type: Int64 and VarChar",
    ],
    [
      'array_contains_all(as, ["a", 1])',
      "ContainsAll operation can't compare between array element type: VarChar and Int64",
    ],
    [
      'array_contains_all(ai, [[1]])',
      "ContainsAll operation can't compare between array element type: Int64 and Array",
    ],
    ['array_contains_any(ai, {x})', 'cannot cast value to Int64, value: float_val:1.5'],
    ['array_contains(ai)', 'array_contains takes 2 arguments, but got 1'],
  ])('refuse %s', (text, words) => {
    expect(() => compileFilter(text, SCHEMA, { x: [1.5] })).toThrow(words);
  });
});
