import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedBytes } from '../../src/base/bytes.ts';
import { JsonValue } from '../../src/segments/strict-json.ts';

const parse = (value: unknown): JsonValue => JsonValue.parse(JSON.stringify(value));

describe('JsonValue', () => {
  it('reads what is as it should be', () => {
    const json = parse({ a: 1, b: ['x'], c: null }).object('a', 'b', 'c', 'd?');
    expect(json.get('a').count()).toBe(1);
    expect(
      json
        .get('b')
        .list()
        .map((item) => item.text()),
    ).toEqual(['x']);
    expect(json.get('c').isNull()).toBe(true);
    expect(json.get('d')).toBeUndefined();
    expect(parse('x').oneOf(['x', 'y'])).toBe('x');
    expect(parse(-1.5).number()).toBe(-1.5);
  });

  it('reads every int64 from decimal and nothing else', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        expect(parse(String(value)).big()).toBe(value);
      }),
    );
    for (const text of ['', '01', '-0', '1.0', ' 1', '9223372036854775808', '0x1']) {
      expect(() => parse(text).big()).toThrow(MalformedBytes);
    }
  });

  it('says where something is wrong', () => {
    const wrong = (read: () => unknown): string => {
      try {
        read();
      } catch (error) {
        if (error instanceof MalformedBytes) return error.message;
      }
      return 'nothing';
    };
    expect(wrong(() => JsonValue.parse('{'))).toBe('not JSON');
    expect(wrong(() => parse({ a: 1 }).object('b'))).toBe('$.a is not known');
    expect(wrong(() => parse({}).object('b'))).toBe('$.b is missing');
    expect(wrong(() => parse([]).object('b'))).toBe('$ is not an object');
    expect(
      wrong(() =>
        parse({ a: [1, 'x'] })
          .object('a')
          .get('a')
          .list()[1]
          ?.count(),
      ),
    ).toBe('$.a[1] is not a count');
    expect(wrong(() => parse(-1).count())).toBe('$ is not a count');
    expect(wrong(() => parse(1).text())).toBe('$ is not a text');
    expect(wrong(() => parse('1').number())).toBe('$ is not a number');
    expect(wrong(() => parse(3).oneOf([1, 2]))).toBe('$ is not one of 1, 2');
    expect(wrong(() => parse({}).list())).toBe('$ is not a list');
  });
});
