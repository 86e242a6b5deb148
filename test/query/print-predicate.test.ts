import { describe, expect, it } from 'vitest';
import { MilvusError } from '../../src/base/errors.ts';
import { compileFilter } from '../../src/query/bind.ts';
import { evaluateFilter } from '../../src/query/evaluate.ts';
import { printPredicate } from '../../src/query/print-predicate.ts';
import { DYNAMIC_SCHEMA, sourceOf } from './columns.ts';
import { FilterGenerator, generateRow, picker } from './filter-generator.ts';
import { STRUCT_SCHEMA } from './struct-rows.ts';

type Rows = ReturnType<typeof sourceOf>;

/** Why a printed condition is not the one that finds these rows; null: it is. */
function problemOf(printed: string, expected: ArrayLike<number>, source: Rows): string | null {
  try {
    const found = evaluateFilter(compileFilter(printed, DYNAMIC_SCHEMA), source).toOffsets();
    return [...found].join() === Array.from(expected).join() ? null : 'other rows';
  } catch (failure) {
    if (failure instanceof MilvusError) return failure.message;
    throw failure;
  }
}

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

  it.each<[string, string]>([
    ['i > 5 and i < 5', 'false'],
    ['i >= 5 and i < 5', 'false'],
    ['i > 7 and i < 5', 'false'],
    ['i * 0 == 5', 'false'],
    ['not (i > 5 and i < 5)', 'not (i > 5 and i < 5)'],
    ['i >= 5 and i <= 5', 'i == 5'],
    ['f in [1e308]', 'f in [1e308]'],
    ['f > -1e308', 'f > -1e308'],
  ])('%s is %s', (text, expected) => {
    const { predicate } = compileFilter(text, DYNAMIC_SCHEMA);
    expect(printPredicate(predicate, DYNAMIC_SCHEMA)).toBe(expected);
  });

  it('names elements of structs as the language does', () => {
    const { predicate } = compileFilter('people[0][age] > 2', STRUCT_SCHEMA);
    expect(printPredicate(predicate, STRUCT_SCHEMA)).toBe('people[0][age] > 2');
  });

  it('means the same when it is read again, for generated filters', () => {
    const problems: string[] = [];
    let read = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const pick = picker(seed);
      const rows = Array.from({ length: 1 + pick(40) }, () => generateRow(pick));
      const names = Object.keys(rows[0] ?? {});
      const source = sourceOf(
        Object.fromEntries(names.map((name) => [name, rows.map((row) => row[name] ?? null)])),
      );
      for (let i = 0; i < 50; i++) {
        const generator = new FilterGenerator(pick);
        const text = generator.filter(pick(4));
        const filter = compileFilter(text, DYNAMIC_SCHEMA, generator.parameters);
        const printed = printPredicate(filter.predicate, DYNAMIC_SCHEMA);
        // What was cut short is for the eye alone.
        if (printed.includes('…')) continue;
        read++;
        const problem = problemOf(printed, evaluateFilter(filter, source).toOffsets(), source);
        if (problem !== null)
          problems.push(`seed ${seed}: ${text} is printed as ${printed}: ${problem}`);
      }
    }
    expect(problems.slice(0, 12)).toEqual([]);
    expect(read).toBeGreaterThan(2000);
  });

  it('cuts long texts short', () => {
    const { predicate } = compileFilter('s == {t}', DYNAMIC_SCHEMA, { t: 'x'.repeat(500) });
    expect(printPredicate(predicate, DYNAMIC_SCHEMA)).toBe(`s == "${'x'.repeat(80)}…"`);
  });
});
