import { describe, expect, it } from 'vitest';
import type { MetricType } from '../../src/index/metric-type.ts';
import { costRange, scoreRange } from '../../src/index/score-range.ts';

/** Which of the scores 0, 0.25 … 2 are in the range. */
function inRange(params: Record<string, unknown>, metric: MetricType): number[] {
  const { from, end } = costRange(scoreRange(params, metric), metric);
  const sign = metric === 'IP' || metric === 'COSINE' ? -1 : 1;
  const scores = Array.from({ length: 9 }, (_, i) => i / 4);
  return scores.filter((score) => sign * score >= from && sign * score < end);
}

describe('a range of scores', () => {
  it('ends before the radius and begins at the filter, where smaller is better', () => {
    for (const metric of ['L2', 'HAMMING', 'JACCARD'] as const) {
      expect(inRange({ radius: 1 }, metric)).toEqual([0, 0.25, 0.5, 0.75]);
      expect(inRange({ radius: 1, range_filter: 0.5 }, metric)).toEqual([0.5, 0.75]);
    }
  });

  it('ends before the radius and begins at the filter, where larger is better', () => {
    for (const metric of ['IP', 'COSINE'] as const) {
      expect(inRange({ radius: 1 }, metric)).toEqual([1.25, 1.5, 1.75, 2]);
      expect(inRange({ radius: 1, range_filter: 1.5 }, metric)).toEqual([1.25, 1.5]);
    }
  });

  it('is none where no radius is given', () => {
    expect(scoreRange({ ef: 10 }, 'L2')).toBeNull();
    expect(inRange({}, 'L2')).toHaveLength(9);
  });

  it('has bounds of the width of scores', () => {
    expect(scoreRange({ radius: 0.7, range_filter: 0.1 }, 'L2')).toEqual({
      radius: Math.fround(0.7),
      rangeFilter: Math.fround(0.1),
    });
  });

  it.each([
    [{ range_filter: 1 }, 'range_filter requires radius to be set'],
    [
      { radius: 1, range_filter: 10 },
      'metric type (L2), range_filter(10) must be less than radius(1)',
    ],
    [{ radius: 1, range_filter: 1 }, 'must be less than radius(1)'],
    [{ radius: [0.1] }, 'type must be number, but is array'],
    [{ radius: 'str' }, 'type must be number, but is string'],
    [
      { radius: 1, range_filter: null },
      'range_filter is invalid: type must be number, but is null',
    ],
    [{ radius: Number.NaN }, 'type must be number'],
    [{ radius: 1e300 }, "Out of range in json: param 'radius' (1e+300)"],
    [{ radius: Number.POSITIVE_INFINITY }, "param 'radius' (Infinity)"],
  ])('is refused: %j', (params, message) => {
    expect(() => scoreRange(params, 'L2')).toThrow(message);
  });

  it('is refused where larger is better and the filter is below the radius', () => {
    const message = 'metric type (COSINE), range_filter(0.1) must be greater than radius(0.5)';
    expect(() => scoreRange({ radius: 0.5, range_filter: 0.1 }, 'COSINE')).toThrow(message);
  });
});
