import { describe, expect, it } from 'vitest';
import { FILTER_DEPTH_MAX, FILTER_LIST_MAX, FILTER_PARTS_MAX } from '../../src/base/limits.ts';
import { readFilter } from '../../src/query/parser.ts';
import { shape } from './columns.ts';

/** Same tree with and without the brackets. */
function groups(text: string, bracketed: string): void {
  expect(shape(readFilter(text))).toBe(shape(readFilter(bracketed)));
}

describe('readFilter', () => {
  it('groups by the binding strength of Milvus', () => {
    groups('a == 1 or b == 2 and c == 3', 'a == 1 or (b == 2 and c == 3)');
    groups('1 + 2 * 3 ** 2', '1 + (2 * (3 ** 2))');
    groups('-2 ** 2', '-(2 ** 2)');
    groups('a & 4 == 4', 'a & (4 == 4)');
    groups('a | b ^ c & d', 'a | (b ^ (c & d))');
    groups('a == b < c', 'a == (b < c)');
    groups('a + 1 in [1]', '(a + 1) in [1]');
    groups('1 << 2 + 3', '1 << (2 + 3)');
    groups('not a like "x"', 'not (a like "x")');
    groups('a like "x" == true', '(a like "x") == true');
    groups('exists a["b"] and c', '(exists a["b"]) and c');
  });

  it('groups equals to the left', () => {
    groups('2 ** 3 ** 2', '(2 ** 3) ** 2');
    groups('1 - 2 - 3', '(1 - 2) - 3');
    groups('8 / 4 / 2', '(8 / 4) / 2');
  });

  it('takes a comparison into not, as SQL does', () => {
    groups('not a == 1 and b == 2', '(not (a == 1)) and b == 2');
    groups('not a in [1]', 'not (a in [1])');
  });

  it('reads a field between two relations as a range, and nothing else', () => {
    expect(readFilter('1 < a <= 9')).toMatchObject({ kind: 'range', descending: false });
    expect(readFilter('9 >= a["k"] > 1')).toMatchObject({ kind: 'range', descending: true });
    expect(readFilter('1 < a > 9')).toMatchObject({ kind: 'comparison' });
    expect(readFilter('1 < (a) < 9')).toMatchObject({ kind: 'comparison' });
    expect(readFilter('1 < a + 1 < 9')).toMatchObject({ kind: 'comparison' });
  });

  it('keeps a chain flat and bracketed chains apart', () => {
    expect(readFilter('a and b and c')).toMatchObject({ operands: { length: 3 } });
    expect(readFilter('(a and b) and c')).toMatchObject({ operands: { length: 2 } });
    const terms = Array.from({ length: 10_000 }, (_, i) => `a == ${i}`);
    expect(readFilter(terms.join(' or '))).toMatchObject({ operands: { length: 10_000 } });
  });

  it('reads lists with their constants as values', () => {
    expect(readFilter('[1, -2, 2.5, "x", true, a, 1 + 1,]')).toMatchObject({
      items: [1n, -2n, 2.5, 'x', true, { kind: 'field' }, { kind: 'arithmetic' }],
    });
    expect(readFilter('[ ]')).toMatchObject({ items: [] });
  });

  it('reads subscripts of every kind', () => {
    expect(readFilter(`f["k"]['k2'][0]`)).toMatchObject({ path: ['k', 'k2', 0], subField: null });
    expect(readFilter('s[sub]')).toMatchObject({ name: 's', path: [], subField: 'sub' });
    expect(readFilter('s[3][sub]')).toMatchObject({ path: [3], subField: 'sub' });
    expect(readFilter('$[sub]')).toMatchObject({ name: '$', subField: 'sub' });
    expect(readFilter(String.raw`f[r"\d"]["\u4e2d"]`)).toMatchObject({ path: ['\\d', '中'] });
    expect(() => readFilter('s[sub][0]')).toThrow("mismatched input '['");
    expect(() => readFilter('f[""]')).toThrow('invalid identifier');
    expect(() => readFilter('f[3000000000]')).toThrow('index out of range');
  });

  it('reads calls with options, times and parameters', () => {
    expect(readFilter('TEXT_MATCH(a, "q", minimum_should_match=2)')).toMatchObject({
      kind: 'call',
      name: 'text_match',
      args: { length: 2 },
      options: [{ name: 'minimum_should_match', value: 2n }],
    });
    expect(readFilter('f()')).toMatchObject({ kind: 'call', args: [] });
    expect(readFilter("t - INTERVAL 'P1D' > ISO '2025'")).toMatchObject({
      left: { kind: 'arithmetic', right: { kind: 'interval', text: 'P1D' } },
      right: { kind: 'iso', text: '2025' },
    });
    expect(readFilter('a == {x}')).toMatchObject({ right: { kind: 'parameter', name: 'x' } });
  });

  it('reads an empty text as true', () => {
    expect(readFilter(' \n')).toMatchObject({ kind: 'literal', value: true });
  });

  it('freezes what it gives', () => {
    const tree = readFilter('a in [1] and not b["x"] == 1');
    expect(Object.isFrozen(tree)).toBe(true);
    expect('operands' in tree && tree.operands.every((each) => Object.isFrozen(each))).toBe(true);
  });

  it.each([
    ['a ==', "line 1:4 mismatched input '<EOF>' expecting a value"],
    ['a == 1 b', "line 1:7 mismatched input 'b' expecting an operator or the end"],
    ['(a == 1', "line 1:7 mismatched input '<EOF>' expecting ')'"],
    ['a not 1', "mismatched input '1' expecting 'in'"],
    ['a in [1, 2', "expecting ']'"],
    ['a is  null', '"is null" and "is not null" are written with single spaces'],
    ['1 is null', "'is null' can only follow a field"],
    ['a == 9223372036854775809', 'int64 overflow: 9223372036854775809'],
    ['a == 1e400', 'value out of range: 1e400'],
    [String.raw`a == "\d"`, String.raw`line 1:6 invalid escape sequence: \d`],
    ['{1}', 'expecting a name'],
    ['f(a=1, b=x)', 'expecting an integer'],
  ])('refuses %s', (text, message) => {
    expect(() => readFilter(text)).toThrow(message);
  });

  it('bounds nesting of every sort without running out of stack', () => {
    const deep = 100_000;
    for (const text of [
      `${'('.repeat(deep)}a${')'.repeat(deep)}`,
      `${'not '.repeat(deep)}a`,
      `${'-'.repeat(deep)}1`,
      `${'['.repeat(deep)}`,
      `${'f('.repeat(deep)}`,
      `1${' + 1'.repeat(deep)}`,
      `${'exists '.repeat(deep)}a`,
      `a${' ** (1'.repeat(deep)}`,
      `${'a and ('.repeat(deep)}`,
    ]) {
      expect(() => readFilter(text)).toThrow(`deeper than ${FILTER_DEPTH_MAX} levels`);
    }
    const levels = FILTER_DEPTH_MAX - 2;
    expect(readFilter(`${'('.repeat(levels)}a${')'.repeat(levels)}`)).toMatchObject({ name: 'a' });
  });

  it('bounds the length of a list', () => {
    const list = '1,'.repeat(FILTER_LIST_MAX);
    expect(readFilter(`a in [${list}]`)).toMatchObject({ kind: 'in' });
    expect(() => readFilter(`a in [${list}1]`)).toThrow(`at most ${FILTER_LIST_MAX} values`);
  });

  it('bounds the length of the text', () => {
    expect(() => readFilter(`a == "${'é'.repeat(40 * 1024 * 1024)}"`)).toThrow(
      'at most 67108864 are allowed',
    );
  });
});

it('has at most so many parts', () => {
  const chain = (count: number): string =>
    Array.from({ length: count }, () => 'a == 1').join(' or ');
  expect(() => readFilter(chain(FILTER_PARTS_MAX - 1))).not.toThrow();
  expect(() => readFilter(chain(FILTER_PARTS_MAX))).toThrow('more than 32768 parts');
  const lists = Array.from({ length: 1000 }, () => 'a in [1, 2, 3, 4, 5, 6, 7, 8, 9]');
  expect(() => readFilter(lists.join(' or '))).not.toThrow();
  expect(() => readFilter([...lists, ...lists, ...lists].join(' or '))).toThrow(
    'more than 32768 parts',
  );
});
