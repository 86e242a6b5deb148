import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';
import { printPredicate } from '../../src/query/print-predicate.ts';
import { DYNAMIC_SCHEMA } from './columns.ts';
import { STRUCT_SCHEMA } from './struct-rows.ts';

describe('a condition in the words of the language', () => {
  it.each<[string, string?]>([
    ['i == 5'],
    ['i > 5'],
    ['i >= 5'],
    ['i < 5'],
    ['1 < i <= 5'],
    ['i != 5', 'not (i == 5)'],
    ['i in [3, 1, 2]', 'i in [1, 2, 3]'],
    ['i in [1, 2, 3, 4, 5, 6, 7]', 'i in [1, 2, 3, 4, 5, … 7 values]'],
    ['s like "a%"'],
    ['s == "é\\n"', 's == "é\\u000a"'],
    ['s =~ "a.c"'],
    ['j["a"]["b"] == 2.5'],
    ['nosuch is not null', 'exists $meta["nosuch"]'],
    ['ai[2] == 1'],
    ['ai == [1, 2]'],
    ['ai is null'],
    ['array_length(ai) > 2'],
    ['array_contains_any(ai, [1, 2])'],
    ['json_contains(j["a"], [1, "x"])', 'array_contains_any(j["a"], [[1, "x"]])'],
    ['i % 3 == 1', '(i % 3) == 1'],
    ['i == i2'],
    ['starts_with(s, s2)'],
    ["tz > ISO '2025-01-01T00:00:00Z'"],
    [
      "tz + INTERVAL 'P1M' > ISO '2025-01-01T00:00:00Z'",
      "(tz + INTERVAL 'P1M') > ISO '2025-01-01T00:00:00Z'",
    ],
    [
      "tz - INTERVAL 'P1Y1D' > ISO '2025-01-01T00:00:00Z'",
      "(tz - INTERVAL 'P12MT86400S') > ISO '2025-01-01T00:00:00Z'",
    ],
    ['st_within(geo, "POINT (1 2)")'],
    ['st_dwithin(geo, "POINT (1 2)", 5.5)'],
    ['st_isvalid(geo)'],
    ['i == 1 and (s == "a" or b == true)', '(b == true or s == "a") and i == 1'],
    ['true'],
  ])('%s', (text, expected = text) => {
    const { predicate } = compileFilter(text, DYNAMIC_SCHEMA);
    const printed = printPredicate(predicate, DYNAMIC_SCHEMA);
    const conjunctions = (one: string): string[] => one.split(' and ').toSorted();
    expect(conjunctions(printed)).toEqual(conjunctions(expected));
  });

  it.each([
    'match_any(people, $[age] > 5 and $[name] == "a")',
    'match_exact(people, $[name] like "a%", threshold=2)',
  ])('%s', (text) => {
    const { predicate } = compileFilter(text, STRUCT_SCHEMA);
    expect(printPredicate(predicate, STRUCT_SCHEMA)).toBe(text);
  });

  it('cuts long texts short', () => {
    const { predicate } = compileFilter('s == {t}', DYNAMIC_SCHEMA, { t: 'x'.repeat(500) });
    expect(printPredicate(predicate, DYNAMIC_SCHEMA)).toBe(`s == "${'x'.repeat(80)}…"`);
  });
});
