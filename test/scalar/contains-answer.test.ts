import { expect, it } from 'vitest';
import { ask, indexOf } from './world.ts';

const ROWS = 200;
const rows = { ai: Array.from({ length: ROWS }, (_, i) => [BigInt(i % 20), BigInt(i % 7)]) };
const column = indexOf({ field: 'ai', params: { index_type: 'BITMAP' } }, rows);

it.each([
  ['array_contains(ai, 3)', true],
  ['array_contains_any(ai, [3, 5])', true],
  ['array_contains_all(ai, [3, 5])', true],
  ['not array_contains(ai, 3)', true],
  ['array_contains_any(ai, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])', false],
  ['array_contains(ai, 1000)', true],
])('%s: by the index %s', (text, isAnswered) => {
  const asked = ask(text, rows, column);
  expect(asked.indexed).toEqual(asked.scanned);
  expect(asked.answers.length > 0).toBe(isAnswered);
  expect(asked.readsColumn).toBe(!isAnswered);
});

it('lists inside lists are left to the scan', () => {
  const json = { j: Array.from({ length: ROWS }, (_, i) => [i, [i]]) };
  const whole = indexOf({ field: 'j', params: { json_cast_type: 'JSON' } }, json);
  expect(ask('json_contains(j, [3])', json, whole)).toMatchObject({ indexed: [3], answers: [] });
  expect(ask('json_contains(j, 3)', json, whole)).toMatchObject({
    indexed: [3],
    readsColumn: false,
  });
});
