import { describe, expect, it } from 'vitest';
import { TILE_QUERIES, tileRows } from '../../src/index/distances.ts';
import { Int8Distances } from '../../src/index/int8-distances.ts';
import { metricsOf } from '../../src/index/metrics.ts';
import { DataType, dataTypeName } from '../../src/schema/data-type.ts';
import { expectNearReference } from './kernels.ts';

const types = [DataType.Int8Vector] as const;
const cases = types.flatMap((type) =>
  metricsOf(type).map((metric) => [metric, dataTypeName(type), type] as const),
);

describe('int8 kernels', () => {
  it.each(cases)('by %s of %s agree with a float64 reference', (metric, _name, type) => {
    expectNearReference(Int8Distances, type, metric);
  });

  it('adds the largest differences of the largest dimension without overflow', () => {
    const dim = 32_768;
    const values = new Int8Array(dim).fill(-128);
    const queries = new Int8Array(dim).fill(127);
    const kernel = new Int8Distances({ type: DataType.Int8Vector, dim, values }, queries, 'L2');
    kernel.setQueries(0, 1);
    const costs = new Float32Array(TILE_QUERIES * tileRows(dim));
    kernel.measure(Uint32Array.of(0), 1, costs);
    expect(costs[0]).toBe(Math.fround(dim * 255 * 255));
  });
});
