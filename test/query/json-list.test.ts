import { describe, expect, it } from 'vitest';
import { JsonCursor } from '../../src/query/json-cursor.ts';
import { equalsList, jsonItems, plainNumber } from '../../src/query/json-list.ts';
import type { ListValue } from '../../src/query/predicate.ts';

function equals(json: string, values: ListValue): boolean {
  const cursor = new JsonCursor();
  const bytes = Buffer.from(json);
  cursor.find(bytes, 0, bytes.length, []);
  const place = cursor.place;
  const answer = equalsList(cursor, jsonItems(values));
  expect(cursor.place).toBe(place);
  expect(cursor.kind).toBe('array');
  return answer;
}

describe('equalsList', () => {
  it('compares element by element, numbers by value, to any depth', () => {
    expect(equals('[]', [])).toBe(true);
    expect(equals('[1, "a", true]', [1n, 'a', true])).toBe(true);
    expect(equals('[1.0, 9007199254740993]', [1n, 9007199254740993n])).toBe(true);
    expect(equals('[9007199254740992]', [9007199254740993n])).toBe(false);
    expect(equals('[[1, [2]], [], 3]', [[1n, [2n]], [], 3n])).toBe(true);
    expect(equals('[[1, [2]], 3]', [[1n, [4n]], 3n])).toBe(false);
  });

  it('tells length, class and order apart', () => {
    expect(equals('[1]', [])).toBe(false);
    expect(equals('[]', [1n])).toBe(false);
    expect(equals('[1, 2]', [2n, 1n])).toBe(false);
    expect(equals('[1]', ['1'])).toBe(false);
    expect(equals('["1"]', [1n])).toBe(false);
    expect(equals('[true]', [1n])).toBe(false);
    expect(equals('[null]', [false])).toBe(false);
    expect(equals('[[1]]', [1n])).toBe(false);
    expect(equals('[1]', [[1n]])).toBe(false);
    expect(equals('[{"a": 1}]', [[]])).toBe(false);
  });
});

it('keeps integers that no double holds', () => {
  expect(plainNumber(2n)).toBe(2);
  expect(plainNumber(9007199254740993n)).toBe(9007199254740993n);
  expect(plainNumber(0.5)).toBe(0.5);
});
