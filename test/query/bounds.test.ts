import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doubleBounds, integerBounds } from '../../src/query/bounds.ts';
import type { RangePredicate } from '../../src/query/predicate.ts';

function range(
  lower: bigint | number | boolean | null,
  lowerInclusive: boolean,
  upper: bigint | number | boolean | null,
  upperInclusive: boolean,
): RangePredicate {
  const column = { access: 'value', fieldId: 1, type: 11 } as const;
  return { kind: 'range', column, lower, lowerInclusive, upper, upperInclusive };
}

describe('doubleBounds', () => {
  it('lets in exactly the doubles that the range does', () => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.bigInt({ min: -(1n << 70n), max: 1n << 70n }),
      fc.constantFrom(0, -0, 9007199254740993n, -9007199254740993n, 10n ** 400n, Number.MAX_VALUE),
    );
    const value = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, -0, 9007199254740992),
    );
    fc.assert(
      fc.property(number, fc.boolean(), number, fc.boolean(), value, (a, aIn, b, bIn, x) => {
        const { low, high } = doubleBounds(range(a, aIn, b, bIn));
        const isIn = (aIn ? x >= a : x > a) && (bIn ? x <= b : x < b);
        expect(x >= low && x <= high).toBe(isIn);
      }),
      { numRuns: 2000 },
    );
  });

  it('is open where there is no bound, and empty of NaN', () => {
    expect(doubleBounds(range(null, true, null, true))).toEqual({ low: -Infinity, high: Infinity });
    const { low } = doubleBounds(range(Number.NaN, true, null, true));
    expect(low <= 0).toBe(false);
    expect(doubleBounds(range(false, false, true, true)).low).toBeGreaterThan(0);
  });
});

describe('integerBounds', () => {
  it('keeps within int64 and shows an empty range as one', () => {
    const max = (1n << 63n) - 1n;
    expect(integerBounds(range(1n, false, 5n, false))).toEqual({ low: 2n, high: 4n });
    expect(integerBounds(range(null, true, 1n << 80n, true))).toEqual({
      low: -max - 1n,
      high: max,
    });
    const { low, high } = integerBounds(range(max, false, null, true));
    expect(low > high).toBe(true);
  });
});
