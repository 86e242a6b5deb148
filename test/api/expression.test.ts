import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expr, type Expression, filterParts } from '../../src/api/expression.ts';

describe('expr', () => {
  it('turns values into parameters', () => {
    const expression = expr`tag == ${'x'} and year > ${1999}`;
    expect(expression.filter).toBe('tag == {value_0} and year > {value_1}');
    expect(expression.params).toEqual({ value_0: 'x', value_1: 1999 });
  });

  it('lets no text of a value into the filter', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 3 }), (text) => {
        const { filter, params } = expr`tag == ${text}`;
        expect(filter).toBe('tag == {value_0}');
        expect(params).toEqual({ value_0: text });
      }),
    );
  });

  it('gives parentheses and new parameter numbers to an expression inside another', () => {
    const either: Expression = expr`a == ${1} or b == ${2}`;
    const whole = expr`c == ${3} and ${either} and ${expr`d is null`} and e in ${[4n]}`;
    expect(whole.filter).toBe(
      'c == {value_0} and (a == {value_1} or b == {value_2}) and (d is null) and e in {value_3}',
    );
    expect(whole.params).toEqual({ value_0: 3, value_1: 1, value_2: 2, value_3: [4n] });
  });

  it('keeps backslashes and braces as they were typed', () => {
    expect(expr`name == "a\"b" and x == ${1}`.filter).toBe('name == "a\\"b" and x == {value_0}');
  });

  it('refuses null and undefined', () => {
    const missing = undefined as unknown as string;
    expect(() => expr`year == ${missing}`).toThrow(
      'value 0 of the expression is undefined: use "is null" to look for null: invalid parameter',
    );
  });
});

describe('filterParts', () => {
  it('passes a filter with its parameters', () => {
    expect(filterParts('a == {x}', { x: 1 })).toEqual({ filter: 'a == {x}', parameters: { x: 1 } });
    expect(filterParts(undefined, undefined)).toEqual({});
  });

  it('joins the parameters of an expression and further ones', () => {
    const parts = filterParts(expr`a == ${1} and b == {x}`, { x: 2 });
    expect(parts.parameters).toEqual({ value_0: 1, x: 2 });
  });

  it('refuses a parameter that the expression has itself', () => {
    expect(() => filterParts(expr`a == ${1}`, { value_0: 2 })).toThrow(/value_0/);
  });

  it('refuses parameters without a filter, which are meant for the index', () => {
    expect(() => filterParts(undefined, { ef: 64 })).toThrow(/searchParams/);
    expect(() => filterParts('', { ef: 64 })).toThrow(/searchParams/);
    expect(filterParts('', {})).toEqual({ filter: '', parameters: {} });
  });
});
