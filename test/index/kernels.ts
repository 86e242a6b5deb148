/** One suite for every family of kernels: all pairs of a tile against the naive float64 reference. */
import fc from 'fast-check';
import { expect } from 'vitest';
import {
  type Distances,
  TILE_QUERIES,
  tileRows,
  type Vectors,
  type VectorValues,
} from '../../src/index/distances.ts';
import type { MetricType } from '../../src/index/metric-type.ts';
import { scoreOf } from '../../src/index/metrics.ts';
import type { DenseVectorType } from '../../src/schema/data-type.ts';
import { arbitraryWorld, isNear, referenceScores } from './reference.ts';

type Kernels = new (vectors: Vectors, queries: VectorValues, metric: MetricType) => Distances;

/** Queries are set in two parts and rows are taken in any order, some of them twice. */
export function expectNearReference(
  Kernel: Kernels,
  type: DenseVectorType,
  metric: MetricType,
): void {
  const world = arbitraryWorld([type, metric], { rowCountMax: 12, queryCountMax: 9 });
  const rows = fc.array(fc.nat(11), { maxLength: 12 });
  fc.assert(
    fc.property(world, rows, fc.nat(8), (made, picks, split) => {
      const { dim, values, queries, queryCount, rowCount } = made;
      const kernel = new Kernel({ type, dim, values }, queries, metric);
      const wanted = Uint32Array.from(picks, (pick) => pick % rowCount);
      const taken = wanted.subarray(0, tileRows(dim));
      const stride = tileRows(dim);
      const middle = Math.min(split, queryCount);
      for (const [first, end] of [
        [0, middle],
        [middle, queryCount],
      ] as const) {
        const costs = new Float32Array(TILE_QUERIES * stride);
        kernel.setQueries(first, end - first);
        kernel.measure(taken, taken.length, costs);
        for (let query = first; query < end; query++) {
          const references = referenceScores(made, query);
          for (const [r, row] of taken.entries()) {
            const score = scoreOf(metric, costs[(query - first) * stride + r]!);
            expect(isNear(score, references[row]!)).toBe(true);
          }
        }
      }
    }),
    { numRuns: 60 },
  );
}
