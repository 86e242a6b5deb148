import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MEAN_SCALE, meanOf } from '../../src/search/mean.ts';

function mean(values: readonly number[]): number {
  let sum = 0;
  let scaled = 0;
  for (const value of values) {
    sum += value;
    scaled += value * MEAN_SCALE;
  }
  return meanOf(sum, scaled, values.length);
}

describe('the mean of doubles', () => {
  it('is that of their sum, where there is one', () => {
    expect(mean([1, 2, 4.5])).toBe(2.5);
    expect(mean([5e-324, 5e-324])).toBe(5e-324);
  });

  it('is finite where the sum is not', () => {
    expect(mean([1.7e308, 1.7e308])).toBe(1.7e308);
    expect(mean([1.7e308, 1.7e308, -1.7e308])).toBeCloseTo(1.7e308 / 3, -295);
    expect(mean(Array<number>(1001).fill(Number.MAX_VALUE))).toBeGreaterThan(1.79e308);
    expect(mean(Array<number>(1001).fill(-Number.MAX_VALUE))).toBeLessThan(-1.79e308);
    // Parts of the rows that are beyond a double on both sides.
    expect(meanOf(Number.NaN, 0, 4)).toBe(0);
  });

  it('lies between the least and the greatest value, but for rounding', () => {
    const double = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(double, { minLength: 1, maxLength: 50 }), (values) => {
        const found = mean(values);
        const slack = 1e-13 * Math.max(...values.map(Math.abs));
        expect(found).toBeGreaterThanOrEqual(Math.min(...values) - slack);
        expect(found).toBeLessThanOrEqual(Math.max(...values) + slack);
      }),
    );
  });
});
