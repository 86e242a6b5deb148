import { describe, expect, it } from 'vitest';
import { parameterValue } from '../../src/query/template.ts';

const value = (x: unknown): unknown => parameterValue({ x } as never, 'x', 0);

describe('parameterValue', () => {
  it('takes integral numbers for integers and others for doubles', () => {
    expect(value(2)).toBe(2n);
    expect(value(2.5)).toBe(2.5);
    expect(value(-0)).toBe(-0);
    expect(value(2 ** 60)).toBe(2 ** 60);
    expect(value(5n)).toBe(5n);
    expect(value('a')).toBe('a');
    expect(value(true)).toBe(true);
  });

  it('makes one typed array of integers, and keeps mixed lists as they are', () => {
    expect(value([1, 2n, 3])).toEqual(BigInt64Array.of(1n, 2n, 3n));
    expect(value([1, 2.5])).toEqual([1n, 2.5]);
    expect(value(['a', true])).toEqual(['a', true]);
    expect(value([])).toEqual([]);
  });

  it('takes lists inside lists, and bytes of text', () => {
    expect(value([1, [2, ['a']], []])).toEqual([1n, [2n, ['a']], []]);
    expect(value(Buffer.from('中'))).toBe('中');
    expect(value([Buffer.from('a'), 1])).toEqual(['a', 1n]);
  });

  it('takes typed arrays by their own type', () => {
    expect(value(Int32Array.of(1, -2))).toEqual(BigInt64Array.of(1n, -2n));
    expect(value(Float32Array.of(0.5, 2))).toEqual(Float64Array.of(0.5, 2));
    const given = BigInt64Array.of(7n);
    expect(value(given)).toBe(given);
  });

  it.each([
    [Number.NaN, 'is NaN'],
    [Number.POSITIVE_INFINITY, 'is Infinity'],
    [1n << 63n, 'is 9223372036854775808'],
    [{}, 'is object'],
    [[[1, {}]], 'is object'],
    [Uint8Array.of(0xff), 'is bytes that are no UTF-8'],
    [Array.from({ length: 300 }).reduce((inner) => [inner], 1), 'nested deeper than 256'],
    [Array.from({ length: 3 }, () => Array<number>(400_000).fill(1)), 'more than 1000000 values'],
    [Float64Array.of(Number.NaN), 'is NaN'],
    [null, 'is nil'],
    [undefined, 'is nil'],
  ])('refuses %o', (given, words) => {
    expect(() => value(given)).toThrow(words);
  });

  it('names the parameter that was probably meant', () => {
    expect(() => parameterValue({ limit: 1 }, 'limti', 0)).toThrow(
      'variable name {limti} is not found, did you mean limit?',
    );
    expect(() => parameterValue({}, 'toString', 0)).toThrow('is not found');
  });
});
