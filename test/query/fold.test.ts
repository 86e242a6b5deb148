import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldArithmetic, foldComparison, holds, mirrored, negate } from '../../src/query/fold.ts';

const OPERATORS = ['==', '!=', '<', '<=', '>', '>='] as const;

describe('foldArithmetic', () => {
  it('is exact on integers and keeps within int64', () => {
    expect(foldArithmetic('*', 3037000500n, 3037000499n, 0)).toBe(3037000500n * 3037000499n);
    expect(() => foldArithmetic('*', 3037000500n, 3037000500n, 0)).toThrow('int64 overflow');
    expect(foldArithmetic('/', -7n, 2n, 0)).toBe(-3n);
    expect(foldArithmetic('%', -7n, 2n, 0)).toBe(-1n);
    expect(() => foldArithmetic('/', -(1n << 63n), -1n, 0)).toThrow('int64 overflow');
  });

  it('is floating as soon as one side is', () => {
    expect(foldArithmetic('/', 7n, 2, 0)).toBe(3.5);
    expect(foldArithmetic('+', 0.5, 1n, 0)).toBe(1.5);
  });

  it('raises to powers, integral where the result is', () => {
    expect(foldArithmetic('**', 3n, 39n, 0)).toBe(4052555153018976267n);
    expect(foldArithmetic('**', 2n, 63n, 0)).toBe(2 ** 63);
    expect(foldArithmetic('**', -2n, 63n, 0)).toBe(-(1n << 63n));
    expect(foldArithmetic('**', 2n, -1n, 0)).toBe(0.5);
    expect(foldArithmetic('**', -1n, (1n << 62n) + 1n, 0)).toBe(-1n);
    expect(foldArithmetic('**', 10n, 1n << 62n, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  it('works on bits of integers only', () => {
    expect(foldArithmetic('&', 6n, 3n, 0)).toBe(2n);
    expect(foldArithmetic('|', 5n, 2n, 0)).toBe(7n);
    expect(foldArithmetic('^', 6n, 3n, 0)).toBe(5n);
    expect(() => foldArithmetic('&', 1.5, 1n, 0)).toThrow('bitand can only apply on integer');
  });

  it('refuses lists and zero divisors', () => {
    expect(() => foldArithmetic('+', [1n], 1n, 0)).toThrow('add cannot apply on list');
    expect(() => foldArithmetic('/', 1n, -0, 0)).toThrow('cannot divide by zero');
    expect(() => negate('a', 0)).toThrow("'-' can only apply on numbers");
  });
});

describe('foldComparison', () => {
  it('agrees with its mirror and with the opposite operator', () => {
    const opposite = {
      '==': '!=',
      '!=': '==',
      '<': '>=',
      '<=': '>',
      '>': '<=',
      '>=': '<',
    } as const;
    const number = fc.oneof(
      fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
      fc.double({ noNaN: true }),
      fc.constantFrom(9007199254740992, 9007199254740993n),
    );
    fc.assert(
      fc.property(fc.constantFrom(...OPERATORS), number, number, (operator, a, b) => {
        const answer = foldComparison(operator, a, b);
        expect(foldComparison(mirrored(operator), b, a)).toBe(answer);
        expect(foldComparison(opposite[operator], a, b)).toBe(answer === false);
      }),
    );
  });

  it('has no answer across classes', () => {
    expect(foldComparison('==', 'a', 1n)).toBeNull();
    expect(foldComparison('<', true, false)).toBeNull();
    expect(foldComparison('==', true, false)).toBe(false);
    expect(foldComparison('==', [1n], [1n])).toBeNull();
  });

  it('reads an order', () => {
    expect(OPERATORS.map((operator) => holds(operator, 0))).toEqual([
      true,
      false,
      false,
      true,
      false,
      true,
    ]);
    expect(OPERATORS.map((operator) => holds(operator, -1))).toEqual([
      false,
      true,
      true,
      true,
      false,
      false,
    ]);
  });
});
