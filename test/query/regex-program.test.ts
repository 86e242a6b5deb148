import { describe, expect, it } from 'vitest';
import { REGEX_STEPS_MAX } from '../../src/base/limits.ts';
import { CharacterSet, MATCH_STEP, compileRegex } from '../../src/query/regex-program.ts';
import { readRegex } from '../../src/query/regex-syntax.ts';

describe('compileRegex', () => {
  it('writes one step a character and a fork a choice', () => {
    const { steps, start, hasAssertions } = compileRegex(readRegex('ab|c'));
    expect(steps.map(({ kind }) => kind)).toEqual([
      'match',
      'character',
      'character',
      'character',
      'fork',
    ]);
    expect(steps[start]?.kind).toBe('fork');
    expect(steps[MATCH_STEP]?.kind).toBe('match');
    expect(hasAssertions).toBe(false);
    expect(compileRegex(readRegex('\\ba')).hasAssertions).toBe(true);
  });

  it('has at most so many steps', () => {
    const most = `${'a{1000}'.repeat(4)}${'a'.repeat(REGEX_STEPS_MAX - 4001)}`;
    expect(compileRegex(readRegex(most)).steps).toHaveLength(REGEX_STEPS_MAX);
    expect(() => compileRegex(readRegex(`${most}a`))).toThrow('expression is too large');
  });

  it('adds nothing for nothing, however often it is repeated', () => {
    for (const nothing of ['(){3}', '(){0,3}', '((){2}){2,3}', '(a{0}){3}']) {
      expect(compileRegex(readRegex(nothing)).steps, nothing).toHaveLength(1);
    }
    const deep = `${'('.repeat(100)}${'){1000}'.repeat(100)}`;
    expect(compileRegex(readRegex(deep)).steps).toHaveLength(1);
  });
});

describe('CharacterSet', () => {
  it('knows characters of all planes, in either case when it is to', () => {
    const set = new CharacterSet('a-c\\u{1f600}', false);
    expect([97, 99, 0x1f600].every((point) => set.has(point))).toBe(true);
    expect([100, 65, 0x1f601].some((point) => set.has(point))).toBe(false);
    expect(new CharacterSet('a-c', true).has(66)).toBe(true);
  });
});
