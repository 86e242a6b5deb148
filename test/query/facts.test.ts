import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';
import {
  asksMuch,
  filterFieldIds,
  isAlwaysFalse,
  isAlwaysTrue,
  primaryKeysOf,
  valueSetsOf,
} from '../../src/query/facts.ts';
import type { Predicate } from '../../src/query/predicate.ts';
import { DYNAMIC_SCHEMA, FIELDS } from './columns.ts';

const bound = (text: string) => compileFilter(text, DYNAMIC_SCHEMA);

describe('filterFieldIds', () => {
  it('names every field once', () => {
    const text =
      '(i == 1 or not (s like "a%")) and i + 1 > 2 and d < f and j["a"] % 2 == 1 and exists dyn and ai[0] in [1] and tz is null and as == ["a"]';
    expect(filterFieldIds(bound(text))).toEqual([105, 106, 107, 108, 109, 110, 111, 113, 130]);
    expect(filterFieldIds(bound('true'))).toEqual([]);
  });
});

describe('asksMuch', () => {
  it('is of filters of which nobody can tell what a row costs', () => {
    const much = ['s =~ "a+b"', 'i == 1 or not (s !~ "a+b")'];
    for (const text of much) expect(asksMuch(bound(text)), text).toBe(true);
    const little = [
      's =~ "ab"',
      's like "%a_b%"',
      'i == 1 and s == "a_b"',
      'MATCH_ANY(people, $[age] > 1)',
    ];
    const operand = bound('s =~ "a+b"').predicate;
    expect(
      asksMuch({
        predicate: { ...bound('MATCH_ANY(people, $[age] > 1)').predicate, operand } as Predicate,
      }),
    ).toBe(true);
    for (const text of little) expect(asksMuch(bound(text)), text).toBe(false);
  });
});

describe('constant filters', () => {
  it('are told from the rest', () => {
    expect([
      isAlwaysTrue(bound('')),
      isAlwaysTrue(bound('1 == 1')),
      isAlwaysTrue(bound('i == 1')),
    ]).toEqual([true, true, false]);
    expect([isAlwaysFalse(bound('false')), isAlwaysFalse(bound('true'))]).toEqual([true, false]);
  });
});

describe('primaryKeysOf', () => {
  const keys = (text: string) => primaryKeysOf(bound(text), FIELDS.id.id);

  it('gives the keys of equalities and lists', () => {
    expect(keys('id == 7')).toEqual({ keys: [7n], exact: true });
    expect(keys('7 == id')).toEqual({ keys: [7n], exact: true });
    expect(keys('id in [3, 1, 3]')).toEqual({ keys: [1n, 3n], exact: true });
    expect(keys('id == 1 or id == 5 or id in [9]')).toEqual({ keys: [1n, 5n, 9n], exact: true });
    expect(keys('id in []')).toEqual({ keys: [], exact: true });
    expect(primaryKeysOf(bound('s in ["b", "a", "b"]'), FIELDS.s.id)).toEqual({
      keys: ['b', 'a'],
      exact: true,
    });
  });

  it('gives the fewest as a superset when more is asked', () => {
    expect(keys('i > 1 and id in [1, 2]')).toEqual({ keys: [1n, 2n], exact: false });
    expect(keys('id in [1, 2] and id == 2')).toEqual({ keys: [2n], exact: false });
  });

  it('gives none for anything else', () => {
    for (const text of [
      'id != 1',
      'id > 1',
      'id == 1 or i == 1',
      'not (id == 1)',
      'i == 1',
      'true',
    ]) {
      expect(keys(text), text).toBeNull();
    }
  });
});

describe('the lists of a filter', () => {
  it('are found wherever they stand', () => {
    const lists = (text: string): unknown =>
      valueSetsOf(bound(text)).map(({ integers }) => [...integers]);
    expect(lists('not (id in [1, 2]) or (i > 1 and i in [5])')).toEqual([[1n, 2n], [5n]]);
    expect(lists('id > 1')).toEqual([]);
  });
});
