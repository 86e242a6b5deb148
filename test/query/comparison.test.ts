import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';
import { operandTypeName, rangeFrom } from '../../src/query/comparison.ts';
import { FIELDS, SCHEMA } from './columns.ts';

const predicate = (text: string, parameters = {}) =>
  compileFilter(text, SCHEMA, parameters).predicate;
const column = { access: 'value', fieldId: FIELDS.i.id, type: 5 } as const;

describe('comparisons as predicates', () => {
  it('make one range, and its opposite for !=', () => {
    expect(predicate('i == 5')).toEqual(rangeFrom('==', column, 5n));
    expect(predicate('5 > i')).toEqual(predicate('i < 5'));
    expect(predicate('5 <= i')).toEqual(predicate('i >= 5'));
    expect(predicate('i != 5')).toEqual({ kind: 'not', operand: predicate('i == 5') });
    expect(predicate('9 >= i > 1')).toEqual(predicate('1 < i <= 9'));
  });

  it('move integer arithmetic to the other side', () => {
    expect(predicate('i + 2 == 5')).toEqual(predicate('i == 3'));
    expect(predicate('2 * i == 10')).toEqual(predicate('i == 5'));
    expect(predicate('i - 2 <= 5')).toMatchObject({ lower: null, upper: 7n, upperInclusive: true });
    expect(predicate('ai[0] * -3 >= 10')).toMatchObject({ kind: 'range', lower: null, upper: -4n });
    expect(predicate('i % 2 == 1')).toMatchObject({
      kind: 'arithmetic',
      operator: '%',
      operand: 2n,
    });
    expect(predicate('d + 1 == 2')).toMatchObject({ kind: 'arithmetic', operand: 1 });
  });

  it('let a parameter choose the class of JSON arithmetic', () => {
    expect(predicate('j["a"] + 1 == {x}', { x: 2.5 })).toMatchObject({
      kind: 'arithmetic',
      range: { lower: 2.5 },
    });
    expect(() => predicate('j["a"] + {x} == 1', { x: 'a' })).toThrow('cannot cast value to JSON');
  });

  it('name the type of every operand', () => {
    const constant = {
      kind: 'constant',
      value: 1n,
      isParameter: false,
      timeZone: 'UTC',
      at: 0,
    } as const;
    expect(operandTypeName(constant)).toBe('Int64');
    expect(operandTypeName({ kind: 'moment', micros: 0n, at: 0 })).toBe('Timestamptz');
    const always = { kind: 'constant', value: true } as const;
    expect(operandTypeName({ kind: 'predicate', predicate: always, at: 0 })).toBe('Bool');
  });
});
