import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';
import { Work } from '../../src/query/work.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { columnOf, DYNAMIC_SCHEMA, FIELDS } from './columns.ts';
import { bound, structSource } from './struct-rows.ts';

const texts = columnOf(
  DataType.VarChar,
  Array.from({ length: 100 }, (_, i) => 'x'.repeat(i < 50 ? 10 : 1000)),
);
const objects = columnOf(
  DataType.JSON,
  Array.from({ length: 100 }, () => ({ a: 'x'.repeat(1000) })),
);
const lists = columnOf(
  DataType.Array,
  Array.from({ length: 100 }, () => ['x'.repeat(500), 'y']),
  DataType.VarChar,
);
const columns = new Map([
  [FIELDS.s.id, texts],
  [FIELDS.j.id, objects],
  [FIELDS.as.id, lists],
]);

const workOf = (text: string, start = 0, end = 100): number =>
  new Work(compileFilter(text, DYNAMIC_SCHEMA).predicate).of((id) => columns.get(id), start, end);

describe('the work of a filter', () => {
  it('grows with the bytes of the rows', () => {
    expect(workOf('s like "%a%"', 50, 100)).toBeGreaterThan(50 * 500);
    expect(workOf('s like "%a%"', 0, 50)).toBeLessThan(50 * 30);
    expect(workOf('j["a"] == 1')).toBeGreaterThan(100 * 1000 * 2);
    expect(workOf('array_contains(as, "x")')).toBeGreaterThan(100 * 500);
  });

  it('grows with the conditions, whatever joins them', () => {
    const one = workOf('s like "%a%"');
    expect(workOf('s like "%a%" or not (s like "%b%" and s like "%c%")')).toBe(3 * one);
  });

  it('is more of parts with _ the longer they are', () => {
    const few = workOf('s like "%a_b%"');
    expect(few).toBeGreaterThan(workOf('s like "%ab%"'));
    expect(workOf(`s like "%${'a_'.repeat(400)}%"`)).toBeGreaterThan(10 * few);
  });

  it('is more the more lists are looked for', () => {
    const one = workOf('json_contains_any(j["a"], [[1], [2]])');
    const wanted = Array.from({ length: 200 }, (_, i) => `[${i}]`).join(', ');
    expect(workOf(`json_contains_any(j["a"], [${wanted}])`)).toBeGreaterThan(50 * one);
  });

  it('is little where a comparison soon ends, and nothing of columns that are not there', () => {
    expect(workOf('s == "abc"')).toBeLessThan(100 * 100);
    expect(workOf('true')).toBe(0);
    expect(workOf('i == 7')).toBe(0);
  });

  it('counts the elements of struct arrays', () => {
    const person = { age: 1n, name: 'x'.repeat(100), height: 2 };
    const work = (people: number): number => {
      const rows = Array.from({ length: 10 }, () => ({
        people: Array.from({ length: people }, () => person),
      }));
      const { predicate } = bound('MATCH_ANY(people, $[name] like "%a%" and $[age] > 1)');
      const source = structSource(rows);
      return new Work(predicate).of((id) => source.column(id), 0, 10);
    };
    expect(work(8)).toBeGreaterThan(3 * work(2));
    expect(work(8)).toBeGreaterThan(10 * 8 * 50);
  });
});
