import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RegexMatcher, checkRegex, regexLiteral } from '../../src/query/regex.ts';

const found = (pattern: string, text: string): boolean =>
  new RegexMatcher(pattern).matchesText(text);

describe('what matches somewhere in a text', () => {
  it.each([
    ['', '', true],
    ['', 'abc', true],
    ['b', 'abc', true],
    ['^b', 'abc', false],
    ['c$', 'abc', true],
    ['^$', '', true],
    ['^$', '\n', false],
    ['a.c', 'a\nc', true],
    ['(?-s)a.c', 'a\nc', false],
    ['(?-s:a.)c', 'a\nc', false],
    ['^b', 'a\nb', false],
    ['(?m)^b$', 'a\nb\nc', true],
    ['(?m:^b)', 'a\nb', true],
    ['(?i)ABC', 'xaBcx', true],
    ['a(?i)b', 'aB', true],
    ['a(?i)b', 'AB', false],
    ['(?:(?i)a)b', 'Ab', true],
    ['(?:(?i)a)b', 'AB', false],
    ['(?i)k', '\u212a', true],
    ['(?i)[^k]', '\u212a', false],
    ['(?i)straße', 'STRAßE', true],
    ['(?U)a+', 'aa', true],
    ['(?P<year>\\d{4})-(?<month>\\d\\d)', 'in 2025-01', true],
    ['\\bcat\\b', 'a cat.', true],
    ['\\bcat\\b', 'concat', false],
    ['\\Bcat', 'concat', true],
    ['\\Acat\\z', 'cat', true],
    ['\\Acat\\z', 'cats', false],
    ['a{2,3}', 'aa', true],
    ['^a{2,3}$', 'aaaa', false],
    ['^a{2,}$', 'aaaaa', true],
    ['^a{0}$', '', true],
    ['a{,2}', 'a{,2}', true],
    ['a{x', 'a{x', true],
    ['x*', 'abc', true],
    ['^(a|b)*$', 'abba', true],
    ['^(|a)+$', 'aaa', true],
    ['(a*)*b', 'aaab', true],
    ['\\Qa.b*\\E+', 'a.b***', true],
    ['\\Qa.b', 'axb', false],
    ['[a-c]', 'xbx', true],
    ['[^a-c]', 'abc', false],
    ['[]a]', ']', true],
    ['[^]a]', ']', false],
    ['[a-]', '-', true],
    ['[-a]', '-', true],
    ['[a-b-c]', '-', true],
    ['[\\d\\-x]', '-', true],
    ['[\\D]', '1', false],
    ['[^\\W\\d]', '_', true],
    ['[[:alpha:]]', '1z', true],
    ['[[:^alpha:]]', 'abc', false],
    ['[[:word:].]', '.', true],
    ['[[:alpha', ':', null],
    ['\\s', '\v', false],
    ['[[:space:]]', '\v', true],
    ['\\w', 'é', false],
    ['\\pL', 'é', true],
    ['\\p{Greek}', 'αβ', true],
    ['\\P{Greek}', 'αβ', false],
    ['\\p{^Greek}', 'a', true],
    ['[\\p{Lu}\\d]', 'aÉ', true],
    ['\\x41\\x{1F600}\\101\\0', 'A😀A\0', true],
    ['\\.\\*\\_', '.*_', true],
    ['^.$', '😀', true],
    ['中.国', '中x国', true],
    ['a\\tb', 'a\tb', true],
    ['a|b|', '', true],
  ])('%s of %o', (pattern, text, expected) => {
    if (expected === null) expect(() => found(pattern, text)).toThrow('missing closing ]');
    else expect(found(pattern, text)).toBe(expected);
  });

  it('is what JavaScript finds, of patterns that mean the same in both', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      'é',
      '.',
      '[ab]',
      '[^a]',
      '\\n',
      '\\w',
      '\\b',
      '\\B',
      '^',
      '$',
      '😀',
    );
    const count = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{0,1}', '{2,}', '*?');
    const { regex } = fc.letrec<{ regex: string }>((tie) => ({
      regex: fc.oneof(
        { maxDepth: 3 },
        fc.tuple(atom, count).map(([a, c]) => (/^(\\b|\\B|\^|\$)$/.test(a) ? a : a + c)),
        fc.tuple(tie('regex'), tie('regex')).map((both) => both.join('')),
        fc.tuple(tie('regex'), tie('regex')).map(([a, b]) => `(?:${a}|${b})`),
        fc.tuple(tie('regex'), count).map(([a, c]) => `(${a})${c}`),
      ),
    }));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀', '\n', ' '), maxLength: 8 });
    fc.assert(
      fc.property(
        regex,
        fc.array(text, { maxLength: 6 }),
        fc.boolean(),
        (pattern, texts, multi) => {
          const matcher = new RegexMatcher(multi ? `(?m)${pattern}` : pattern);
          const oracle = new RegExp(pattern, multi ? 'sum' : 'su');
          for (const each of texts) expect(matcher.matchesText(each), each).toBe(oracle.test(each));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('what is no regular expression', () => {
  it.each([
    ['(', 'missing closing )'],
    [')', 'unexpected )'],
    ['a)', 'unexpected )'],
    ['[a', 'missing closing ]'],
    ['[z-a]', 'invalid character class range'],
    ['[[:nothing:]]', 'invalid character class range'],
    ['*a', 'missing argument to repetition operator: `*`'],
    ['a**', 'invalid nested repetition operator'],
    ['a*+', 'invalid nested repetition operator'],
    ['a{1001}', 'invalid repeat count'],
    ['a{3,2}', 'invalid repeat count'],
    ['(a{1000}){1000}', 'expression is too large'],
    ['(?=a)', 'invalid or unsupported Perl syntax'],
    ['(?!a)', 'invalid or unsupported Perl syntax'],
    ['(?<=a)', 'invalid named capture'],
    ['(?z)', 'invalid or unsupported Perl syntax'],
    ['(?i', 'invalid or unsupported Perl syntax'],
    ['(?i-)a', 'invalid or unsupported Perl syntax'],
    ['(?P<a>x)(?P<a>y)', 'duplicate capture group name'],
    ['(a)\\1', 'invalid escape sequence'],
    ['\\8', 'invalid escape sequence'],
    ['\\C', 'invalid escape sequence'],
    ['\\xZ', 'invalid escape sequence'],
    ['\\x{110000}', 'invalid escape sequence'],
    ['\\', 'trailing backslash'],
    ['[\\', 'trailing backslash'],
    ['\\p{Nothing}', 'invalid character class range'],
    ['\\p{Greek', 'invalid character class range'],
    ['('.repeat(300), 'expression nests too deeply'],
    ['a'.repeat(70_000), 'expression is too large'],
  ])('%s', (pattern, words) => {
    expect(() => checkRegex(pattern)).toThrow(words);
  });
});

describe('the work that a text takes', () => {
  it('grows with its length, where trying one way after another would never end', () => {
    const text = 'a'.repeat(50_000);
    expect(found('^(a+)+b', text)).toBe(false);
    expect(found('(a|aa)+$', text)).toBe(true);
    expect(found('(x+x+)+y', 'x'.repeat(50_000))).toBe(false);
  });

  it('forgets states that are too many, and still answers', () => {
    const matcher = new RegexMatcher('(?:a|b)*a(?:a|b){11}$');
    for (let seed = 1; seed < 400; seed++) {
      const text = Array.from({ length: 64 }, (_, i) =>
        (seed * (i + 7) * 31) % 5 < 2 ? 'a' : 'b',
      ).join('');
      expect(matcher.matchesText(text)).toBe(text.at(-12) === 'a');
    }
  });

  it('remembers characters beyond ASCII', () => {
    const matcher = new RegexMatcher('[α-ω]+😀');
    for (let i = 0; i < 3; i++) {
      expect(matcher.matchesText('xyzαβγ😀')).toBe(true);
      expect(matcher.matchesText('xyzαβγ😁')).toBe(false);
    }
  });
});

describe('regexLiteral', () => {
  it.each([
    ['abc', { text: 'abc', fromStart: false, toEnd: false }],
    ['^a\\.c', { text: 'a.c', fromStart: true, toEnd: false }],
    ['a$', { text: 'a', fromStart: false, toEnd: true }],
    ['^a$', { text: 'a', fromStart: true, toEnd: true }],
    ['^$', { text: '', fromStart: true, toEnd: true }],
    ['', null],
    ['^', null],
    ['a.c', null],
    ['(?i)a', null],
    ['a|b', null],
    ['(?m)^a', null],
  ])('of %s', (pattern, literal) => {
    expect(regexLiteral(pattern)).toEqual(literal);
  });
});
