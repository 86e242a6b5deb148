import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberSet } from '../../src/query/number-set.ts';
import { valueSet } from '../../src/query/value-set.ts';

describe('NumberSet', () => {
  it('has what equals one of its numbers, by exact value', () => {
    const number = fc.oneof(
      fc.constantFrom<number | bigint>(
        0,
        -0,
        2,
        2n,
        2.5,
        2 ** 53,
        2n ** 53n,
        2n ** 53n + 1n,
        -1n,
        -1,
      ),
      fc.constantFrom<number | bigint>(
        2 ** 63,
        -(2 ** 63),
        -(2n ** 63n),
        2n ** 63n - 1n,
        -5_000_000_000,
        1e300,
      ),
      fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(fc.array(number), fc.array(number), (members, others) => {
        const set = new NumberSet(valueSet(members));
        expect(set.isEmpty).toBe(members.length === 0);
        for (const value of [...members, ...others]) {
          // The language compares bigint with number by exact value.
          const isMember = members.some((each) => each >= value && each <= value);
          expect(set.has(value), String(value)).toBe(isMember);
        }
      }),
    );
  });
});
