import { describe, expect, it } from 'vitest';
import { TILE_QUERIES, tileRows } from '../../src/index/distances.ts';
import { BinaryDistances } from '../../src/index/binary-distances.ts';
import { metricsOf } from '../../src/index/metrics.ts';
import { DataType, dataTypeName } from '../../src/schema/data-type.ts';
import { expectNearReference } from './kernels.ts';

const types = [DataType.BinaryVector] as const;
const cases = types.flatMap((type) =>
  metricsOf(type).map((metric) => [metric, dataTypeName(type), type] as const),
);

describe('binary kernels', () => {
  it.each(cases)('by %s of %s agree with a float64 reference', (metric, _name, type) => {
    expectNearReference(BinaryDistances, type, metric);
  });

  it('counts every bit of long vectors', () => {
    const dim = 262_144;
    const values = new Uint8Array(dim / 8).fill(255);
    const queries = new Uint8Array(dim / 8);
    const vectors = { type: DataType.BinaryVector, dim, values };
    for (const [metric, cost] of [
      ['HAMMING', dim],
      ['JACCARD', 1],
    ] as const) {
      const kernel = new BinaryDistances(vectors, queries, metric);
      kernel.setQueries(0, 1);
      const costs = new Float32Array(TILE_QUERIES * tileRows(dim));
      kernel.measure(Uint32Array.of(0), 1, costs);
      expect(costs[0]).toBe(cost);
    }
  });

  it('gives two vectors without a bit the distance 1 by JACCARD', () => {
    const empty = new Uint8Array(2);
    const kernel = new BinaryDistances(
      { type: DataType.BinaryVector, dim: 16, values: empty },
      empty,
      'JACCARD',
    );
    kernel.setQueries(0, 1);
    const costs = new Float32Array(TILE_QUERIES * tileRows(16));
    kernel.measure(Uint32Array.of(0), 1, costs);
    expect(costs[0]).toBe(1);
  });
});
