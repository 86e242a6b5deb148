import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { integerRange } from '../../src/query/integer-range.ts';
import type { RangePredicate } from '../../src/query/predicate.ts';

const column = { access: 'value', fieldId: 1, type: 5 } as const;

function isIn(range: RangePredicate, value: bigint): boolean {
  const lower = range.lower as bigint | null;
  const upper = range.upper as bigint | null;
  if (lower !== null && !(range.lowerInclusive ? value >= lower : value > lower)) return false;
  return upper === null || (range.upperInclusive ? value <= upper : value < upper);
}

describe('integerRange', () => {
  it('holds for the integers whose result lies in the range, and for no other', () => {
    const small = fc.bigInt({ min: -12n, max: 12n });
    fc.assert(
      fc.property(
        fc.constantFrom('+', '-', '*', '/'),
        small,
        fc.option(small),
        fc.option(small),
        fc.tuple(fc.boolean(), fc.boolean()),
        (operator, operand, lower, upper, [lowerInclusive, upperInclusive]) => {
          fc.pre(operator !== '/' || operand !== 0n);
          const asked = {
            kind: 'range',
            column,
            lower,
            lowerInclusive,
            upper,
            upperInclusive,
          } as const;
          const solved = integerRange(operator, operand, asked);
          for (let f = -200n; f <= 200n; f++) {
            const result =
              operator === '+'
                ? f + operand
                : operator === '-'
                  ? f - operand
                  : operator === '*'
                    ? f * operand
                    : f / operand;
            expect(isIn(solved, f), `${f} ${operator} ${operand}`).toBe(isIn(asked, result));
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
