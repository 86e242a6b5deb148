import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';
import { canMatch } from '../../src/query/prune.ts';
import type { Zone } from '../../src/query/prune.ts';
import { FIELDS, SCHEMA, matches } from './columns.ts';

function can(text: string, zones: Record<string, Partial<Zone>>): boolean {
  return canMatch(compileFilter(text, SCHEMA), (id) => {
    const found = Object.entries(FIELDS).find(([, each]) => each.id === id);
    const zone = found === undefined ? undefined : zones[found[0]];
    return zone === undefined ? undefined : ({ nullCount: 0, rowCount: 10, ...zone } as Zone);
  });
}

describe('canMatch', () => {
  const i = { min: 10n, max: 20n };
  const s = { min: 'banana', max: 'cherry' };

  it.each([
    ['i == 10', true],
    ['i == 9', false],
    ['i < 10', false],
    ['i <= 10', true],
    ['i > 20', false],
    ['i >= 20', true],
    ['5 < i < 10', false],
    ['20 <= i < 30', true],
    ['i != 15', true],
    ['not (i >= 10)', false],
    ['not (i > 10)', true],
    ['i in [1, 9, 21]', false],
    ['i in [1, 15]', true],
    ['i in []', false],
    ['i not in [15]', true],
    ['i + 1 == 10', false],
    ['i is null', false],
    ['i is not null', true],
    ['i == 9 or s == "cat"', true],
    ['i == 10 and s == "apple"', false],
    ['i == 9 and d == 1', false],
    ['d == 1', true],
    ['i % 7 == 100', true],
    ['s == "apple"', false],
    ['s like "ap%"', false],
    ['s like "b%"', true],
    ['s like "ban%"', true],
    ['s like "cz%"', false],
    ['s like "%x"', true],
    ['s in ["a", "z"]', false],
    ['false', false],
    ['true', true],
  ])('%s: %s', (text, expected) => {
    expect(can(text, { i, s })).toBe(expected);
  });

  it('knows that a column of nothing but null matches no condition', () => {
    const empty = { min: 0n, max: 0n, nullCount: 10 };
    expect(can('i == 0', { i: empty })).toBe(false);
    expect(can('i != 0', { i: empty })).toBe(false);
    expect(can('i is null', { i: empty })).toBe(true);
    expect(can('i is not null', { i: empty })).toBe(false);
  });

  it('compares numbers of other kinds exactly', () => {
    expect(can('d > 9007199254740993', { d: { min: 0, max: 9007199254740992 } })).toBe(false);
    expect(can('f == 0.1', { f: { min: Math.fround(0.1), max: Math.fround(0.1) } })).toBe(true);
    expect(can('b == true', { b: { min: 0, max: 0 } })).toBe(false);
    expect(can('j["a"] == 1', { j: { min: 'a', max: 'b' } })).toBe(true);
  });

  it('never rules out rows that match', () => {
    const value = fc.option(fc.bigInt({ min: -5n, max: 5n }));
    const constant = fc.integer({ min: -6, max: 6 });
    const operator = fc.constantFrom('==', '!=', '<', '<=', '>', '>=');
    const condition = fc.oneof(
      fc.tuple(operator, constant).map(([sign, each]) => `i ${sign} ${each}`),
      fc.array(constant, { maxLength: 3 }).map((all) => `i in [${all.join(',')}]`),
      fc.constantFrom('i is null', 'i is not null', 'i % 2 == 1', '-2 <= i < 2'),
    );
    const { filter } = fc.letrec<{ filter: string }>((tie) => ({
      filter: fc.oneof(
        { maxDepth: 3 },
        condition,
        tie('filter').map((each) => `not (${each})`),
        fc
          .tuple(tie('filter'), fc.constantFrom('and', 'or'), tie('filter'))
          .map(([a, w, b]) => `(${a}) ${w} (${b})`),
      ),
    }));
    fc.assert(
      fc.property(filter, fc.array(value, { minLength: 1, maxLength: 6 }), (text, values) => {
        const known = values.filter((each) => each !== null).sort((a, b) => (a < b ? -1 : 1));
        const zone = {
          min: known[0] ?? 0n,
          max: known.at(-1) ?? 0n,
          nullCount: values.length - known.length,
          rowCount: values.length,
        };
        if (matches(text, { i: values }).length > 0)
          expect(can(text, { i: zone }), text).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });
});
