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

  it('have a bound, as have their parts with _', () => {
    const like = (p: string): unknown => compileFilter('s like {p}', SCHEMA, { p }).predicate;
    const longest = 'a'.repeat(65_534);
    expect(like(`${longest}%`)).toMatchObject({ kind: 'like' });
    const words = 'the length of the pattern should be at most 65535 characters, got 65536';
    expect(() => like(`${longest}b%`)).toThrow(words);
    expect(() => compileFilter('s =~ {p}', SCHEMA, { p: `${longest}bc` })).toThrow(words);
    expect(() => compileFilter('starts_with(s, {p})', SCHEMA, { p: `${longest}bc` })).toThrow(
      words,
    );
    const part = 'a_'.repeat(512);
    expect(like(`${part}b%${part}%b${part}`)).toMatchObject({ kind: 'like' });
    expect(() => like(`%${part}b%`)).toThrow('between two % where _ is among them, got 1025');
    expect(like(`%${'b'.repeat(2000)}%`)).toMatchObject({ kind: 'like' });
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
