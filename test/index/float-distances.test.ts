import { describe, expect, it } from 'vitest';
import { TILE_QUERIES, tileRows } from '../../src/index/distances.ts';
import { FloatDistances } from '../../src/index/float-distances.ts';
import { metricsOf } from '../../src/index/metrics.ts';
import { DataType, dataTypeName } from '../../src/schema/data-type.ts';
import { float32ToFloat16 } from '../../src/schema/vectors.ts';
import { expectNearReference } from './kernels.ts';

const types = [DataType.FloatVector, DataType.Float16Vector, DataType.BFloat16Vector] as const;
const cases = types.flatMap((type) =>
  metricsOf(type).map((metric) => [metric, dataTypeName(type), type] as const),
);

describe('float kernels', () => {
  it.each(cases)('by %s of %s agree with a float64 reference', (metric, _name, type) => {
    expectNearReference(FloatDistances, type, metric);
  });

  it('widens rows of a half-width column that follow each other or do not', () => {
    const values = float32ToFloat16([1, 2, 3, 4, 5, 6, 7, 8]);
    const queries = float32ToFloat16([1, 1]);
    const kernel = new FloatDistances(
      { type: DataType.Float16Vector, dim: 2, values },
      queries,
      'IP',
    );
    kernel.setQueries(0, 1);
    const costs = new Float32Array(TILE_QUERIES * tileRows(2));
    kernel.measure(Uint32Array.of(3, 0, 1, 1), 4, costs);
    expect(Array.from(costs.subarray(0, 4))).toEqual([-15, -3, -7, -7]);
  });

  it('sums the largest and the smallest floats without overflow', () => {
    const [huge, tiny] = [3e38, 1e-45];
    const values = Float32Array.of(huge, huge, tiny, tiny, 0, 0);
    const kernel = new FloatDistances(
      { type: DataType.FloatVector, dim: 2, values },
      values,
      'COSINE',
    );
    kernel.setQueries(0, 3);
    const costs = new Float32Array(TILE_QUERIES * tileRows(2));
    kernel.measure(Uint32Array.of(0, 1, 2), 3, costs);
    expect(Array.from(costs.subarray(0, 3))).toEqual([-1, -1, 0]);
  });
});
