import { describe, expect, it } from 'vitest';
import { FILTER_LIST_MAX } from '../../src/base/limits.ts';
import { ListReader } from '../../src/query/list-reader.ts';
import type { ReadList } from '../../src/query/list-reader.ts';
import { readFilter } from '../../src/query/parser.ts';
import { printExpression } from '../../src/query/print.ts';
import { shape } from './columns.ts';

const many = (item: (i: number) => string, count = 2000): string =>
  Array.from({ length: count }, (_, i) => item(i)).join(', ');

function read(text: string, piece = 500): ReadList[] {
  const reader = new ListReader(text);
  for (let end = 0; end < text.length; end += piece)
    reader.readTo(Math.min(text.length, end + piece));
  const plain = readFilter(text, new Map());
  const known = readFilter(text, reader.lists);
  expect(printExpression(known)).toBe(printExpression(plain));
  return [...reader.lists.values()];
}

describe('ListReader', () => {
  it('reads long lists of integers into typed arrays', () => {
    const [list] = read(
      `a > 1 and i in [${many((i) => String(i % 2 === 0 ? i : -i))},-9223372036854775808,]`,
    );
    expect(list?.items).toBeInstanceOf(BigInt64Array);
    expect(list?.items).toHaveLength(2001);
    expect(list?.items[3]).toBe(-3n);
    expect(list?.items.at(-1)).toBe(-(1n << 63n));
  });

  it('reads lists of other constants, and of several classes', () => {
    const [texts, mixed] = read(
      `s in [${many((i) => `"t\\n${i}"`)}] or j["k"][0] in [${many((i) => ['1', '-2.5', 'true', "r'\\x'"][i % 4]!)}]`,
    );
    expect(texts?.items[1]).toBe('t\n1');
    expect(mixed?.items.slice(0, 5)).toEqual([1n, -2.5, true, '\\x', 1n]);
  });

  it('leaves to the reader of the whole what is short or no constant', () => {
    expect(read(`i in [1, 2] and f["a"][3] == 1`)).toEqual([]);
    expect(read(`j in [${many(String)}, [1]]`)).toEqual([]);
    expect(read(`j in [${many(String)}, 1 + 1]`)).toEqual([]);
    expect(read(`j in [${many(String)}, 9223372036854775807 - 1]`)).toEqual([]);
    expect(read(`json_contains(j, [[${many(String)}], [2]])`)).toHaveLength(1);
  });

  it('leaves errors to it too', () => {
    for (const text of [
      `i in [${many(String)}`,
      `i in [${many(String)}, 9223372036854775808]`,
      `i in [${many(String)} 1]`,
      `i in [${many(String)}, ,]`,
      `i in [${many(String)}, -"a"]`,
      `s in [${many(() => '"a"')}, "\\q"]`,
      `i in [${many(String)}, --1] and [`,
      `i in [${many(String)}] ~~ "`,
    ]) {
      const reader = new ListReader(text);
      reader.readTo(text.length);
      let expected = '';
      try {
        readFilter(text, new Map());
      } catch (error) {
        expected = String(error);
      }
      const actual = (): unknown => readFilter(text, reader.lists);
      if (expected === '') expect(shape(actual())).toBe(shape(readFilter(text, new Map())));
      else expect(actual).toThrow(expected.replace('FilterProblem: ', ''));
    }
  });

  it('keeps no list that is too long', () => {
    const text = `i in [${'1,'.repeat(FILTER_LIST_MAX)}1]`;
    const reader = new ListReader(text);
    reader.readTo(text.length);
    expect(reader.lists.size).toBe(0);
    expect(() => readFilter(text)).toThrow(`at most ${FILTER_LIST_MAX}`);
  });
});
