import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';
import { SCHEMA, matches } from './columns.ts';

describe('patterns', () => {
  const rows = {
    s: ['a.c', 'abc', 'xabc\ny', null, ''],
    as: [['a.c'], [], ['abc'], null, ['b']],
    j: [{ a: 'abc' }, { a: 1 }, { a: 'x' }, null, {}],
  };

  it('match somewhere in the text, UNKNOWN where there is none', () => {
    expect(matches('s =~ "b"', rows)).toEqual([1, 2]);
    expect(matches('s !~ "b"', rows)).toEqual([0, 4]);
    expect(matches('s =~ "^a.c$"', rows)).toEqual([0, 1]);
    expect(matches(String.raw`s =~ "^a\.c$"`, rows)).toEqual([0]);
    expect(matches(String.raw`s =~ r"a\.c"`, rows)).toEqual([0]);
    expect(matches('s =~ "c.y"', rows)).toEqual([2]);
    expect(matches('as[0] =~ "[ab]c?$"', rows)).toEqual([2, 4]);
    expect(matches('j["a"] !~ "b"', rows)).toEqual([2]);
    expect(matches('s =~ {p}', rows, { p: '^$' })).toEqual([4]);
  });

  it('that look for a plain text become what an index may answer', () => {
    const kinds = (text: string): unknown => compileFilter(text, SCHEMA).predicate;
    expect(kinds('s =~ "^abc$"')).toMatchObject({ kind: 'range', lower: 'abc', upper: 'abc' });
    expect(kinds('s =~ "^a%"')).toMatchObject({ kind: 'like', pattern: 'a\\%%' });
    expect(kinds('s =~ "b$"')).toMatchObject({ kind: 'like', pattern: '%b' });
    expect(kinds('s =~ "b"')).toMatchObject({ kind: 'like', pattern: '%b%' });
    expect(kinds('s =~ "b+"')).toMatchObject({ kind: 'regex', pattern: 'b+' });
  });

  it.each([
    ['s =~ "("', 'invalid regex pattern: missing closing ): `(`'],
    ['s !~ "(?=a)"', 'invalid regex pattern'],
    ['s =~ {p}', 'invalid regex pattern'],
    ['s =~ "(a{1000}){1000}"', 'invalid regex pattern: expression is too large'],
    ['s =~ {n}', 'the value of regex expression template variable {n} is not string'],
    ['i =~ "a"', 'regex match on non-string or non-json field is unsupported'],
    ['ai[0] =~ "a"', 'regex match on non-string or non-json field is unsupported'],
    ['as =~ "a"', 'can not comparisons array fields directly'],
    ['(i + 1) =~ "a"', 'regex match on complicated expr is unsupported'],
    ['s =~ (s2)', 'regex pattern should be a string literal or template variable, got: s2'],
  ])('%s is refused', (text, words) => {
    expect(() => compileFilter(text, SCHEMA, { p: '[', n: 1 })).toThrow(words);
  });
});
