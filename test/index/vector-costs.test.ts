import { describe, expect, it } from 'vitest';
import { scoreOf } from '../../src/index/metrics.ts';
import { finiteCost, squareRows, VectorCosts } from '../../src/index/vector-costs.ts';
import { DataType, type DenseVectorType } from '../../src/schema/data-type.ts';
import { indexWorld } from '../suites/vector-index-suite.ts';
import { isNear, referenceScores } from './reference.ts';

const FLOATS = [DataType.FloatVector, DataType.Float16Vector, DataType.BFloat16Vector] as const;
const KINDS = FLOATS.flatMap((type: DenseVectorType) =>
  (['L2', 'IP', 'COSINE'] as const).map((metric) => [type, metric] as const),
);
const rows = Uint32Array.from({ length: 30 }, (_, row) => 29 - row);

describe('costs of vectors', () => {
  it.each(KINDS)('are those of exact search, of queries and of rows: %s %s', (type, metric) => {
    const world = indexWorld({ type, metric, rowCount: 30, dim: 37 });
    world.values.fill(0, 5 * 37, 6 * 37);
    const { dim, values, queries } = world;
    const squares = new Float32Array(metric === 'COSINE' ? 30 : 0);
    squareRows({ type, dim, values }, squares);
    const costs = new VectorCosts({ type, dim, values }, metric, squares);
    const out = new Float32Array(30);
    for (const [asked, which] of [
      [queries, 3],
      [values, 7],
      [values, 5],
    ] as const) {
      costs.setQuery(asked, which);
      costs.measure(rows, 30, out);
      const references = referenceScores({ ...world, queries: asked }, which);
      for (const [i, row] of rows.entries()) {
        // Squares are kept as float32.
        const { score, tolerance } = references[row]!;
        const reference = { score, tolerance: tolerance + (metric === 'COSINE' ? 1e-7 : 0) };
        expect(isNear(scoreOf(metric, out[i]!), reference)).toBe(true);
      }
    }
  });

  it('of vectors at the ends of float32 are numbers, and cosines right', () => {
    const type = DataType.FloatVector;
    const values = Float32Array.of(3e38, 3e38, -3e38, -3e38, 1e-40, 1e-40, 1, -1);
    const squares = new Float32Array(4);
    squareRows({ type, dim: 2, values }, squares);
    expect(Array.from(squares)).toEqual([0, 0, 0, 2]);
    const some = Uint32Array.of(0, 1, 2, 3);
    const measured = (['L2', 'IP', 'COSINE'] as const).map((metric) => {
      const out = new Float32Array(4);
      const costs = new VectorCosts({ type, dim: 2, values }, metric, squares);
      costs.setQuery(values, 0);
      costs.measure(some, 4, out);
      return Array.from(out);
    });
    const most = Math.fround(3.402_823_466_385_288_6e38);
    expect(measured[0]).toEqual([0, most, most, most]);
    expect(measured[1]!.slice(0, 2)).toEqual([-most, most]);
    expect(measured[2]!.map((cost) => Math.round(cost * 1e6) / 1e6 + 0)).toEqual([-1, 1, -1, 0]);
  });

  it('are finite whatever sums come to', () => {
    const most = Math.fround(3.402_823_466_385_288_6e38);
    expect([Number.NaN, Number.POSITIVE_INFINITY, 1e39].map(finiteCost)).toEqual([
      most,
      most,
      most,
    ]);
    expect([Number.NEGATIVE_INFINITY, -1e39, 0.1].map(finiteCost)).toEqual([
      -most,
      -most,
      Math.fround(0.1),
    ]);
  });
});
