import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';
import { parameterValue, type ParameterValues } from '../../src/query/template.ts';
import { DYNAMIC_SCHEMA } from './columns.ts';

const value = (x: unknown): unknown => parameterValue({ x } as never, 'x', 0);

/** What a filter binds to; null: it is refused. */
function meaningOf(text: string, parameters: ParameterValues): unknown {
  try {
    return compileFilter(text, DYNAMIC_SCHEMA, parameters);
  } catch (failure) {
    expect(failure).toMatchObject({ reason: 'ParameterInvalid' });
    return null;
  }
}

describe('parameterValue', () => {
  it('takes integral numbers for integers and others for doubles', () => {
    expect(value(2)).toBe(2n);
    expect(value(2.5)).toBe(2.5);
    expect(value(-0)).toBe(0n);
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

  it('takes integral doubles for doubles when they say so', () => {
    expect(value({ floating: 2 })).toBe(2);
    expect(value({ floating: -0 })).toBe(-0);
    expect(value([{ floating: 2 }, 2, [{ floating: 1 }]])).toEqual([2, 2n, [1]]);
  });

  const double = (floating: number): { floating: number } => ({ floating });
  it.each<[string, ParameterValues, string]>([
    ['j["a"] / {x} == {y}', { x: double(2), y: double(1.5) }, 'j["a"] / 2.0 == 1.5'],
    [
      'j["b"] + {x} == {y}',
      { x: double(0), y: double(2 ** 53) },
      'j["b"] + 0.0 == 9007199254740992.0',
    ],
    ['i == {x}', { x: double(1) }, 'i == 1.0'],
    ['array_contains(ai, {x})', { x: double(2) }, 'array_contains(ai, 2.0)'],
    ['j["a"] % {x} == 1', { x: double(2) }, 'j["a"] % 2.0 == 1'],
    ['(j["a"] & {x}) == 1', { x: double(1) }, '(j["a"] & 1.0) == 1'],
    ['fl == {x}', { x: double(1) }, 'fl == 1.0'],
    ['i == {x}', { x: -0 }, 'i == 0'],
    ['i in {x}', { x: [-0, 1] }, 'i in [0, 1]'],
  ])('%s with %o means what %s does', (template, parameters, literal) => {
    expect(meaningOf(template, parameters)).toEqual(meaningOf(literal, {}));
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
    [{ floating: Number.NaN }, 'is NaN'],
    [[{ floating: '1' }], 'is object'],
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
