import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';
import { conjunction, disjunction } from '../../src/query/logic.ts';
import type { Predicate } from '../../src/query/predicate.ts';
import { DYNAMIC_SCHEMA } from './columns.ts';

const predicate = (text: string): Predicate => compileFilter(text, DYNAMIC_SCHEMA).predicate;
const of = (...texts: string[]): Predicate[] => texts.map(predicate);

describe('conjunction', () => {
  it('puts the cheap before the dear and keeps the order of equals', () => {
    const [json, text, like, first, second] = of(
      'j["a"] == 1',
      's > "a"',
      's like "%a"',
      'i > 1',
      'd > 1',
    );
    expect(conjunction([json!, text!, like!, first!, second!])).toEqual({
      kind: 'and',
      operands: [first, second, text, like, json],
    });
  });

  it('joins a lower and an upper bound of one column into a range', () => {
    expect(conjunction(of('i > 1', 's == "a"', 'i <= 5'))).toEqual({
      kind: 'and',
      operands: of('1 < i <= 5', 's == "a"'),
    });
    expect(conjunction(of('j["a"] < 2', 'j["a"] >= 1'))).toEqual(predicate('1 <= j["a"] < 2'));
    for (const texts of [
      ['i > 1', 'd < 5'],
      ['i > 1', 'i > 2'],
      ['j["a"] > 1', 'j["a"] < "x"'],
      ['j["a"] > 1', 'j["b"] < 2'],
      ['1 < i < 3', 'i < 2'],
    ]) {
      expect(conjunction(of(...texts))).toMatchObject({ kind: 'and', operands: { length: 2 } });
    }
  });

  it('of one operand is that operand', () => {
    const [only] = of('i == 1');
    expect(conjunction([only!])).toBe(only);
  });
});

describe('disjunction', () => {
  it('joins equalities of one column into one membership', () => {
    expect(disjunction(of('i == 3', 'd > 1', 'i == 1', 'i in [2, 3]', 's == "a"'))).toEqual({
      kind: 'or',
      operands: of('d > 1', 'i in [1, 2, 3]', 's == "a"'),
    });
    expect(disjunction(of('ai[0] == 1', 'ai[0] == 2'))).toEqual(predicate('ai[0] in [1, 2]'));
  });

  it('leaves JSON, other elements and other conditions alone', () => {
    for (const texts of [
      ['j["a"] == 1', 'j["a"] == "x"'],
      ['j["a"] in [1]', 'j["a"] in ["x"]'],
      ['ai[0] == 1', 'ai[1] == 1'],
      ['i == 1', 'i != 2'],
      ['i == 1', 'i > 5'],
    ]) {
      expect(disjunction(of(...texts))).toMatchObject({ kind: 'or', operands: { length: 2 } });
    }
  });
});
