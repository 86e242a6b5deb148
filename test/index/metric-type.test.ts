import { expect, it } from 'vitest';
import {
  isMetricType,
  largerIsBetter,
  MetricType,
  onlyMatches,
} from '../../src/index/metric-type.ts';

it('knows for every metric which way is better', () => {
  const larger = Object.values(MetricType).filter(largerIsBetter);
  expect(larger).toEqual(['IP', 'COSINE', 'MHJACCARD']);
});

it('knows the metrics by which a row is a hit or none', () => {
  const matching = Object.values(MetricType).filter(onlyMatches);
  expect(matching).toEqual(['SUBSTRUCTURE', 'SUPERSTRUCTURE', 'MHJACCARD']);
});

it('tells metrics of vectors from those of lists', () => {
  expect(isMetricType('MHJACCARD')).toBe(true);
  expect(isMetricType('MAX_SIM_HAMMING')).toBe(false);
});
