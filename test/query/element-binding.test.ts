import { describe, expect, it } from 'vitest';
import { filterFieldIds } from '../../src/query/facts.ts';
import { readFilter } from '../../src/query/parser.ts';
import { printExpression } from '../../src/query/print.ts';
import { bound } from './struct-rows.ts';

describe('conditions on elements that are accepted', () => {
  it.each([
    'match_any(people, $[age] > 1)',
    'MATCH_ANY(people, $[name] == "aaa" && $[age] > 100)',
    'match_all(people, ($[age] > 0 && $[age] < 100) || $[name] == "default")',
    'match_all(people, !($[age] < 0))',
    'match_any(people, 2 > $[age] > 1)',
    'match_any(people, $[age] in [1, 2])',
    'match_any(people, $[name] like "a%")',
    'match_any(people, $[age] + 1 == 3)',
    'match_any(people, $[height] >= 1.5)',
    'match_least(people, $[age] > 1, threshold=3)',
    'match_most(people, $[name] == "aaa", threshold=0)',
    'MATCH_EXACT(people, $[age] > 1, THRESHOLD=2)',
    'n > 0 && match_all(people, $[age] > 1)',
    'match_any(people, $[age] > 1) || match_all(people, $[name] == "x")',
    'match_any(people, $[age] > 1) && n > 0',
    'not match_any(people, $[age] > 1)',
  ])('%s', (text) => {
    expect(bound(text).elements).toBeUndefined();
    expect(printExpression(readFilter(printExpression(readFilter(text))))).toBe(
      printExpression(readFilter(text)),
    );
  });

  it.each([
    'element_filter(people, 2 > $[age] > 1)',
    'element_filter(people, $[age] != 0)',
    'element_filter(people, $[name] == "1" || $[age] > 1)',
    'element_filter(people, !($[age] < 0))',
    'n > 0 && element_filter(people, $[age] > 1)',
    'n > 0 && (n < 9 && element_filter(people, $[age] > 1))',
    'true and element_filter(people, $[age] > 1)',
  ])('%s asks for elements', (text) => {
    expect(bound(text).elements).toMatchObject({ kind: 'match', quantifier: 'any', fieldId: 111 });
  });

  it('reads the sub-fields and one that says how many elements there are', () => {
    expect(filterFieldIds(bound('match_any(people, $[name] == "a") and n > 1'))).toEqual([
      101, 111, 112,
    ]);
  });
});

describe('conditions on elements that are refused', () => {
  it.each<[string, string]>([
    ['$[age] > 1', '$[age] syntax can only be used inside ElementFilter or MATCH_*'],
    ['n > 0 && $[age] > 1', '$[age] syntax can only be used inside ElementFilter or MATCH_*'],
    [
      'element_filter(people, element_filter(people, $[age] > 1))',
      'nested ElementFilter is not supported, already inside ElementFilter for field: people',
    ],
    [
      'match_all(people, match_any(people, $[age] > 1))',
      'nested MATCH_ANY is not supported, already inside match expression for field: people',
    ],
    [
      'match_any(people, $[age] > 1 && match_all(people, $[age] > 1))',
      'nested MATCH_ALL is not supported',
    ],
    [
      'match_any(people, $[ag] > 1)',
      'cannot parse predicate expression: $[ag] > 1, error: array field not found: people[ag], ' +
        'error: fieldName(people[ag]) not found, did you mean age?',
    ],
    [
      'element_filter(people, $[nothing] > 1)',
      'cannot parse element expression: $[nothing] > 1, error: array field not found: people[nothing]',
    ],
    ['match_any(peopl, $[age] > 1)', 'struct array field not found: peopl, did you mean people?'],
    ['match_any(n, $[age] > 1)', 'struct array field not found: n'],
    ['match_any("people", $[age] > 1)', 'must be a struct array field'],
    ['match_any(people[age], $[age] > 1)', 'must be a struct array field'],
    ['match_any(people, n > 1)', 'row-level field references are not supported'],
    ['match_any(people, $[age] > 1 and people[0][age] > 1)', 'row-level field references'],
    ['match_any(people, true)', 'predicate must not be constant'],
    ['match_any(people, 1 == 1)', 'predicate must not be constant'],
    ['match_any(people, $[age])', 'predicate is not a boolean expression: $[age]'],
    ['match_any(people, $[age] > "x")', 'comparisons between Int64 and VarChar are not supported'],
    ['match_any(people, $[face] == [1, 2])', 'are not supported'],
    ['match_any(people, $[age] > 1 and random_sample(0.5))', 'predicate is not a boolean'],
    ['match_any(people)', 'match_any takes 2 arguments, but got 1'],
    ['match_any()', 'match_any takes 2 arguments, but got 0'],
    ['match_any(people, $[age] > 1, 3)', 'match_any takes 2 arguments, but got 3'],
    ['match_all(people, $[age] > 1, threshold=2)', 'match_all has no option threshold'],
    ['match_least(people, $[age] > 1)', 'match_least needs threshold = N'],
    ['match_exact(people, $[age] > 1, count=1)', 'match_exact has no option count'],
    [
      'match_least(people, $[age] > 1, threshold=0)',
      'count in MATCH_LEAST must be positive, got: 0',
    ],
    ['match_most(people, $[age] > 1, threshold=-1)', 'expecting an integer'],
  ])('%s', (text, message) => {
    expect(() => bound(text)).toThrow(message);
  });
});
