import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isWellFormed,
  jsonDepth,
  NotJson,
  parseJsonText,
  toJsonText,
} from '../../src/schema/json-text.ts';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const large = int64.filter((value) => value > 2n ** 53n || value < -(2n ** 53n));

describe('JSON text', () => {
  it('keeps every JSON value, integers of 64 bits exactly', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: 'grapheme' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0),
        fc.boolean(),
        fc.constant(null),
        large,
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: 'grapheme' }), tie('any'), {
          maxKeys: 4,
          noNullPrototype: true,
        }),
      ),
    })).any;
    fc.assert(
      fc.property(value, (each) => {
        expect(normal(parseJsonText(toJsonText(each)))).toEqual(normal(each));
      }),
    );
  });

  it('reads integers that a number holds as numbers, the rest of int64 as bigint', () => {
    expect(
      parseJsonText('[9007199254740991, 9007199254740993, -9223372036854775808, 1e20]'),
    ).toEqual([9007199254740991, 9007199254740993n, -(2n ** 63n), 1e20]);
    expect(parseJsonText('99999999999999999999')).toBe(1e20);
    expect(parseJsonText('"1234567890123456789"')).toBe('1234567890123456789');
  });

  it('finds integers of 64 bits beside numbers with many digits behind the point', () => {
    const text = '[0.1234567890123456789,-9007199254740993,1.0000000000000000001]';
    expect(parseJsonText(text)).toEqual([0.123_456_789_012_345_68, -9_007_199_254_740_993n, 1]);
    expect(parseJsonText('9223372036854775807')).toBe(9_223_372_036_854_775_807n);
    expect(parseJsonText('{"1.9":9223372036854775807}')).toEqual({ '1.9': 2n ** 63n - 1n });
  });

  it('refuses what JSON cannot say', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    for (const [value, reason] of [
      [Number.NaN, 'not a number'],
      [{ a: [Infinity] }, 'not a number'],
      [() => 1, 'function'],
      [Symbol('x'), 'symbol'],
      [undefined, 'undefined'],
      [[undefined], 'undefined'],
      [2n ** 63n, 'int64'],
      [new Map(), 'Map'],
      [new Float32Array(2), 'Float32Array'],
      [new Date(Number.NaN), 'Invalid Date'],
      ['\ud800', 'surrogate'],
      [{ '\udc00': 1 }, 'surrogate'],
      [cycle, 'deeper than 64'],
    ] as const) {
      expect(() => toJsonText(value)).toThrow(NotJson);
      expect(() => toJsonText(value)).toThrow(reason);
    }
  });

  it('leaves out keys that are undefined and writes dates as text', () => {
    expect(toJsonText({ a: undefined, b: new Date(0) })).toBe('{"b":"1970-01-01T00:00:00.000Z"}');
  });

  it('allows exactly 64 levels', () => {
    const nested = (depth: number): unknown => (depth === 0 ? 1 : [nested(depth - 1)]);
    expect(jsonDepth(nested(64), 100)).toBe(64);
    expect(parseJsonText(toJsonText(nested(64)))).toEqual(nested(64));
    expect(() => toJsonText(nested(65))).toThrow('deeper than 64');
    expect(jsonDepth(nested(90), 65)).toBe(65);
  });

  it('knows lone surrogates from pairs', () => {
    expect(isWellFormed('a😀é')).toBe(true);
    expect(isWellFormed('\ude00\ud83d')).toBe(false);
  });

  it('keeps a key called __proto__', () => {
    const value = JSON.parse('{"__proto__": {"a": 1}}') as unknown;
    expect(toJsonText(value)).toBe('{"__proto__":{"a":1}}');
  });
});

/** Prototypes aside, and integers as the bigint that their text says: text does not tell the two apart. */
function normal(value: unknown): unknown {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 63)
    return BigInt(String(value));
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value).map(([key, member]) => [key, normal(member)]);
}
