import { describe, expect, it } from 'vitest';
import { ContainsTest } from '../../src/query/json-contains.ts';
import { JsonCursor } from '../../src/query/json-cursor.ts';
import { tableOf } from '../../src/query/number-scan.ts';
import { valueSet } from '../../src/query/value-set.ts';
import type { ContainsPredicate } from '../../src/query/predicate.ts';

const column = { access: 'json', fieldId: 1, type: 23, path: [] } as const;

function ask(json: string, test: ContainsTest): number {
  const cursor = new JsonCursor();
  const bytes = Buffer.from(json);
  cursor.find(bytes, 0, bytes.length, []);
  return test.ask(cursor);
}

const test = (mode: 'any' | 'all', values: unknown[], lists: unknown[] = []): ContainsTest =>
  new ContainsTest({
    kind: 'contains',
    mode,
    column,
    values: valueSet(values as never),
    lists,
  } as unknown as ContainsPredicate);

describe('ContainsTest', () => {
  it('finds any of several values, numbers by value', () => {
    const any = test('any', [1n, 2.5, 'a', true]);
    for (const json of ['[1]', '[1.0]', '[0, 2.5]', '["a"]', '[true]', '[[], {}, null, 1]']) {
      expect(ask(json, any), json).toBe(1);
    }
    for (const json of ['[]', '["1"]', '[2]', '[false]', '[[1]]', '[{"k": 1}]']) {
      expect(ask(json, any), json).toBe(0);
    }
  });

  it('finds all of them, each once, in any order', () => {
    const all = test('all', [1n, 1.0, 'a', true], [[1n], [1n]]);
    expect(ask('[true, "a", 1, [1]]', all)).toBe(1);
    expect(ask('[true, "a", 1, 1, 1]', all)).toBe(0);
    expect(ask('[true, "a", [1]]', all)).toBe(0);
    expect(ask('[true, "a", 1, [1]]', all)).toBe(1);
  });

  it('knows nothing of what is no array', () => {
    for (const json of ['1', '"a"', 'null', '{}']) expect(ask(json, test('any', [1n]))).toBe(-1);
  });

  it('keeps integers apart that one double stands for', () => {
    const any = test('any', [9007199254740993n]);
    expect(ask('[9007199254740992]', any)).toBe(0);
    expect(ask('[9007199254740993]', any)).toBe(1);
  });

  it('finds numbers by value, whatever they were written as', () => {
    const integers = [0n, -1n, -(2n ** 32n), 2n ** 31n, 2n ** 60n, -(2n ** 63n)];
    for (const integer of integers) {
      for (const wanted of [integer, Number(integer)]) {
        for (const text of [`${integer}`, `${integer}.0`, Number(integer).toExponential()]) {
          expect(ask(`[${text}]`, test('all', [wanted])), `${text} ${wanted}`).toBe(1);
          expect(ask(`[${text}, 7]`, test('all', [wanted, 7n])), text).toBe(1);
        }
        expect(ask('[1, 0.5, 1e300, 9223372036854775808]', test('any', [wanted]))).toBe(0);
      }
    }
    expect(ask('[-0.0]', test('any', [0n]))).toBe(1);
    expect(ask('[-0.0]', test('any', [-0]))).toBe(1);
    expect(ask('[9223372036854775808]', test('any', [2 ** 63]))).toBe(1);
    expect(ask('[1e999]', test('any', [1n, 2.5]))).toBe(0);
  });

  it('goes through no numbers whose table was made beforehand', () => {
    const values = valueSet([1n, 2n, 2.5]);
    for (const numbers of [values.integers, values.doubles]) {
      tableOf(numbers);
      Object.assign(numbers, { [Symbol.iterator]: () => expect.unreachable('they are looked up') });
    }
    const any = new ContainsTest({ kind: 'contains', mode: 'any', column, values, lists: [] });
    expect([ask('[2]', any), ask('[2.5]', any), ask('[3]', any)]).toEqual([1, 1, 0]);
  });
});
