import { expect, it } from 'vitest';
import { largerIsBetter, MetricType } from '../../src/index/metric-type.ts';

it('knows for every metric which way is better', () => {
  const larger = Object.values(MetricType).filter(largerIsBetter);
  expect(larger).toEqual(['IP', 'COSINE']);
});
