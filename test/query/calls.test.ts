import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';
import { DYNAMIC_SCHEMA, SCHEMA, matches } from './columns.ts';

const refusal = (text: string): string => {
  try {
    compileFilter(text, SCHEMA);
  } catch (error) {
    return String(error);
  }
  throw new Error(`${text} was not refused`);
};

describe('array_length', () => {
  const rows = {
    ai: [[1n, 2n], [], null, [7n]],
    j: [{ a: [1, 2, 3] }, { a: [] }, { a: 1 }, null],
    'people[age]': [[1], [], null, [2, 3]],
    $meta: [{ tags: ['x'] }, {}, { tags: 'x' }, { tags: [] }],
    i: [2n, 0n, 1n, 1n],
  };

  it('is the number of elements of an Array, UNKNOWN of null', () => {
    expect(matches('array_length(ai) == 2', rows)).toEqual([0]);
    expect(matches('array_length(ai) < 2', rows)).toEqual([1, 3]);
    expect(matches('not (array_length(ai) < 2)', rows)).toEqual([0]);
    expect(matches('1 <= ARRAY_LENGTH(ai)', rows)).toEqual([0, 3]);
    expect(matches('array_length(ai) == {n}', rows, { n: 1 })).toEqual([3]);
    expect(matches('array_length(ai) > -1 and ai[0] == 7', rows)).toEqual([3]);
  });

  it('is that of JSON arrays, of keys of $meta and of structs', () => {
    expect(matches('array_length(j["a"]) == 3', rows)).toEqual([0]);
    expect(matches('not (array_length(j["a"]) == 3)', rows)).toEqual([1]);
    expect(matches('array_length(tags) >= 0', rows)).toEqual([0, 3]);
    expect(matches('array_length(people) == 2', rows)).toEqual([3]);
    expect(matches('array_length(people[age]) <= 1', rows)).toEqual([0, 1]);
  });

  it.each([
    [
      'array_length(i) == 1',
      'array_length operation are only supported on json, array or array-of-vector fields now, got: array_length(i)',
    ],
    ['array_length(ai[0]) == 1', 'array_length operation are only supported'],
    ['array_length(1) == 1', 'array_length operation are only supported'],
    ['array_length(ai, ai) == 1', 'array_length takes 1 argument, but got 2'],
    ['array_length(nosuch) == 1', 'field nosuch not exist'],
    ['array_length(ai) == 1.5', 'cannot cast value to Int64, value: float_val:1.5'],
    ['array_length(ai) == "a"', 'comparisons between Int64 and VarChar are not supported'],
    ['array_length(ai) == i', 'only comparison between two fields is supported'],
    ['array_length(ai) + 1 == 2', 'complicated arithmetic operations are not supported'],
    [
      'array_length(ai) in [1]',
      "'term' can only be used on single field, but got: array_length(ai)",
    ],
    [
      'array_length(ai)',
      'predicate is not a boolean expression: array_length(ai), data type: Int64',
    ],
    ['not array_length(ai)', 'not op can only be applied on boolean expression'],
  ])('refuses %s', (text, words) => {
    expect(refusal(text)).toContain(words);
  });
});

describe('empty and starts_with', () => {
  const rows = {
    s: ['', 'ab', 'a%b', null, '中文'],
    s2: ['', 'a', 'a%', 'x', '中'],
    as: [['', 'b'], [], ['b'], null, ['']],
  };

  it('ask texts, UNKNOWN of null', () => {
    expect(matches('empty(s)', rows)).toEqual([0]);
    expect(matches('not empty(s)', rows)).toEqual([1, 2, 4]);
    expect(matches('EMPTY(as[0])', rows)).toEqual([0, 4]);
    expect(matches('starts_with(s, "a")', rows)).toEqual([1, 2]);
    expect(matches('starts_with(s, "a%")', rows)).toEqual([2]);
    expect(matches('starts_with(s, "")', rows)).toEqual([0, 1, 2, 4]);
    expect(matches('not starts_with(s, "中")', rows)).toEqual([0, 1, 2]);
    expect(matches('starts_with(s, {p})', rows, { p: 'ab' })).toEqual([1]);
    expect(matches('starts_with(s, s2)', rows)).toEqual([0, 1, 2, 4]);
    expect(matches('starts_with(s2, s)', rows)).toEqual([0]);
    expect(matches('not starts_with(s2, s)', rows)).toEqual([1, 2, 4]);
    expect(matches('starts_with("ab", s)', rows)).toEqual([0, 1]);
  });

  it('fold constants', () => {
    expect(compileFilter('empty("")', SCHEMA).predicate).toEqual({ kind: 'constant', value: true });
    expect(compileFilter('starts_with("ab", "b")', SCHEMA).predicate).toEqual({
      kind: 'constant',
      value: false,
    });
  });

  it.each([
    ['empty(i)', 'function empty(INT64) not found'],
    ['empty(j["a"])', 'function empty(JSON) not found'],
    ['empty(as)', 'function empty(ARRAY[VARCHAR]) not found'],
    ['empty(ai[0])', 'function empty(INT64) not found'],
    ['empty()', 'empty takes 1 argument, but got 0'],
    ['starts_with(s)', 'starts_with takes 2 arguments, but got 1'],
    ['starts_with(s, 1)', 'function starts_with(VARCHAR, INT64) not found'],
    ['starts_with(s, i == 1)', 'function starts_with(VARCHAR, BOOL) not found'],
    ['starts_with(s, "a", x=1)', 'starts_with has no option x'],
    [`starts_with("${'a'.repeat(1002)}", s)`, 'a text of at most 1000 characters'],
    ['start_with(s, "a")', 'function start_with not found, did you mean starts_with?'],
  ])('refuse %s', (text, words) => {
    expect(refusal(text)).toContain(words);
  });

  it('are calls where no key of $meta is meant', () => {
    expect(() => compileFilter('empty(nosuch)', DYNAMIC_SCHEMA)).toThrow(
      'function empty(JSON) not found',
    );
  });
});
