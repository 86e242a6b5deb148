import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateFilter } from '../../src/query/evaluate.ts';
import { elementSteps } from '../../src/query/evaluate-steps.ts';
import { finish } from '../../src/query/steps.ts';
import { sliceColumn } from '../../src/schema/column-builder.ts';
import { bound, matching, type Person, type StructRow, structSource } from './struct-rows.ts';

function person(age: number, name = 'x', height = 1): Person {
  return { age: BigInt(age), name, height };
}

/** Ages of the people of each row; null: there is no struct. */
const ROWS: readonly StructRow[] = [
  { people: [person(10, 'a'), person(20, 'b'), person(30, 'a')] },
  { people: [person(3, 'a'), person(4, 'b')] },
  { people: [] },
  { people: null },
  { people: [person(1, 'b'), person(100, 'a')] },
  { people: [person(6, 'a')] },
];

describe('how many elements match', () => {
  it.each<[string, number[]]>([
    ['match_any(people, $[age] > 5)', [0, 4, 5]],
    ['match_all(people, $[age] > 5)', [0, 2, 5]],
    ['match_least(people, $[age] > 5, threshold=2)', [0]],
    ['match_least(people, $[age] > 5, threshold=1)', [0, 4, 5]],
    ['match_most(people, $[age] > 5, threshold=1)', [1, 2, 4, 5]],
    ['match_most(people, $[age] > 5, threshold=0)', [1, 2]],
    ['match_exact(people, $[age] > 5, threshold=1)', [4, 5]],
    ['match_exact(people, $[age] > 5, threshold=0)', [1, 2]],
    ['match_exact(people, $[age] > 5, threshold=99)', []],
    // Both conditions are about the same element.
    ['match_any(people, $[age] < 5 and $[name] == "a")', [1]],
    ['match_any(people, $[age] > 50 or $[name] == "b")', [0, 1, 4]],
    ['match_all(people, not ($[name] == "a"))', [2]],
    // A row without a struct is neither: it is unknown.
    ['not match_any(people, $[age] > 5)', [1, 2]],
    ['not match_all(people, $[age] > 5)', [1, 4]],
    ['match_any(people, $[age] > 5) or n is null', [0, 1, 2, 3, 4, 5]],
    ['element_filter(people, $[age] > 5)', [0, 4, 5]],
  ])('%s', (text, rows) => {
    expect(matching(text, ROWS)).toEqual(rows);
  });

  it('counts from where a slice of the rows begins', () => {
    const whole = structSource(ROWS);
    const slice = {
      rowCount: 4,
      column: (fieldId: number) => sliceColumn(whole.column(fieldId), 2, 6),
    };
    const filter = bound('match_any(people, $[age] > 5 and $[name] == "a")');
    expect([...evaluateFilter(filter, slice).toOffsets()]).toEqual([2, 3]);
  });
});

describe('which elements match', () => {
  it('numbers the elements of all rows one after the other', () => {
    const filter = bound('n is null and element_filter(people, $[name] == "a")');
    const { elements } = filter;
    if (elements === undefined) throw new Error('the filter asks for elements');
    const mask = finish(elementSteps(elements, structSource(ROWS)));
    expect(mask.length).toBe(8);
    expect([...mask.toOffsets()]).toEqual([0, 2, 3, 6, 7]);
  });
});

type Count = (matched: number, total: number) => boolean;

const QUANTIFIERS: Readonly<Record<string, (n: number) => Count>> = {
  match_any: () => (matched) => matched > 0,
  match_all: () => (matched, total) => matched === total,
  match_least: (n) => (matched) => matched >= n,
  match_most: (n) => (matched) => matched <= n,
  match_exact: (n) => (matched) => matched === n,
};

type Condition = readonly [string, (person: Person) => boolean];

const leaf = fc.oneof(
  fc.integer({ min: 0, max: 5 }).map((n): Condition => [`$[age] > ${n}`, (p) => p.age > n]),
  fc
    .integer({ min: 0, max: 5 })
    .map((n): Condition => [`$[age] == ${n}`, (p) => p.age === BigInt(n)]),
  fc.constantFrom('a', 'b', 'é').map((s): Condition => [`$[name] == "${s}"`, (p) => p.name === s]),
  fc
    .constantFrom('a', 'b')
    .map((s): Condition => [`$[name] like "${s}%"`, (p) => p.name.startsWith(s)]),
  fc
    .integer({ min: 0, max: 4 })
    .map((n): Condition => [`$[height] <= ${n}.5`, (p) => p.height <= n + 0.5]),
);

const condition = fc.oneof(
  leaf,
  fc
    .tuple(leaf, leaf)
    .map(([[a, f], [b, g]]): Condition => [`(${a}) and (${b})`, (p) => f(p) && g(p)]),
  fc
    .tuple(leaf, leaf)
    .map(([[a, f], [b, g]]): Condition => [`(${a}) or (${b})`, (p) => f(p) || g(p)]),
  leaf.map(([a, f]): Condition => [`not (${a})`, (p) => !f(p)]),
);

const people = fc.array(
  fc.record({
    age: fc.integer({ min: 0, max: 6 }).map(BigInt),
    name: fc.constantFrom('a', 'ab', 'b', 'é', ''),
    height: fc.integer({ min: 0, max: 5 }),
  }),
  { maxLength: 6 },
);

describe('generated conditions', () => {
  it('count as a plain count does', () => {
    const rows = fc.array(fc.record({ people: fc.option(people) }), { maxLength: 70 });
    const quantifier = fc.constantFrom(...Object.keys(QUANTIFIERS));
    fc.assert(
      fc.property(
        rows,
        condition,
        quantifier,
        fc.integer({ min: 1, max: 4 }),
        (data, [text, test], name, n) => {
          const isCounted = name !== 'match_any' && name !== 'match_all';
          const filter = `${name}(people, ${text}${isCounted ? `, threshold=${n}` : ''})`;
          const holds = QUANTIFIERS[name]!(n);
          const expected = (wanted: boolean): number[] =>
            data.flatMap((row, i) => {
              if (row.people === null) return [];
              return holds(row.people.filter(test).length, row.people.length) === wanted ? [i] : [];
            });
          expect(matching(filter, data)).toEqual(expected(true));
          expect(matching(`not ${filter}`, data)).toEqual(expected(false));
        },
      ),
      { numRuns: 300 },
    );
  });
});
