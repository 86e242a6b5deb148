import { describe, expect, it } from 'vitest';
import { checkMetric, costOf, matchMetric, metricsOf, scoreOf } from '../../src/index/metrics.ts';
import { DataType } from '../../src/schema/data-type.ts';

describe('metrics of a vector type', () => {
  it('are L2, IP and COSINE for numbers, HAMMING and JACCARD for bits, none for the rest', () => {
    const numbers = [
      DataType.FloatVector,
      DataType.Float16Vector,
      DataType.BFloat16Vector,
      DataType.Int8Vector,
    ];
    for (const type of numbers) expect(metricsOf(type)).toEqual(['COSINE', 'L2', 'IP']);
    expect(metricsOf(DataType.BinaryVector)).toEqual(['HAMMING', 'JACCARD']);
    expect(metricsOf(DataType.VarChar)).toEqual([]);
    expect(metricsOf(DataType.SparseFloatVector)).toEqual([]);
  });

  it('are refused in Milvus words when the type has not got them', () => {
    expect(() => checkMetric(DataType.FloatVector, 'HAMMING')).toThrow(
      'float vector index does not support metric type: HAMMING',
    );
    expect(() => checkMetric(DataType.BFloat16Vector, 'l2')).toThrow(
      'float vector index does not support metric type: l2: invalid parameter[expected=L2 IP COSINE][actual=l2]',
    );
    expect(() => checkMetric(DataType.Int8Vector, 'JACCARD')).toThrow(
      'int vector index does not support metric type: JACCARD',
    );
    expect(() => checkMetric(DataType.BinaryVector, 'COSINE')).toThrow(
      'binary vector index does not support metric type: COSINE',
    );
    expect(() => checkMetric(DataType.VarChar, 'L2')).toThrow(
      'VarChar index does not support metric type: L2',
    );
    expect(checkMetric(DataType.BinaryVector, 'JACCARD')).toBe('JACCARD');
  });

  it('may be repeated by a search but not changed', () => {
    expect(matchMetric('COSINE', undefined)).toBe('COSINE');
    expect(matchMetric('COSINE', '')).toBe('COSINE');
    expect(matchMetric('COSINE', 'COSINE')).toBe('COSINE');
    expect(() => matchMetric('COSINE', 'IP')).toThrow(
      'metric type not match: invalid parameter[expected=COSINE][actual=IP]',
    );
  });
});

describe('a score', () => {
  it('is the cost of a distance and minus the cost of a similarity, never minus zero', () => {
    expect(scoreOf('L2', 4)).toBe(4);
    expect(scoreOf('HAMMING', 3)).toBe(3);
    expect(scoreOf('IP', -4)).toBe(4);
    expect(Object.is(scoreOf('COSINE', 0), 0)).toBe(true);
    expect(costOf('IP', 4)).toBe(-4);
    expect(costOf('JACCARD', 0.5)).toBe(0.5);
  });
});
