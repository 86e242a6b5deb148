import { describe, expect, it } from 'vitest';
import { encodeRows, Probe } from '../../src/index/hnsw-codes.ts';
import { type GraphImage, imageByteLength, layOut } from '../../src/index/hnsw-image.ts';
import { scoreOf } from '../../src/index/metrics.ts';
import { vectorStride } from '../../src/schema/column-layout.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { indexWorld, type IndexWorld } from '../suites/vector-index-suite.ts';
import { isNear, referenceScores, TYPES_AND_METRICS } from './reference.ts';

function encoded(world: IndexWorld): { image: GraphImage; probe: Probe } {
  const { type, metric, dim, rowCount, values } = world;
  const shape = {
    type,
    metric,
    dim,
    rowCount,
    degree: 2,
    buildWidth: 1,
    code: null,
    isRefined: false,
    isDisk: false,
    isOverVectors: false,
  };
  const counts = { upperCount: 0, upperListCount: 0, topLevel: 0, twinCount: 0 };
  const image = layOut(shape, counts, new Uint8Array(imageByteLength(shape, counts)));
  const vectors = { type, dim, values };
  encodeRows(image, vectors);
  return { image, probe: new Probe(image, vectors) };
}

const rows = Uint32Array.from({ length: 30 }, (_, row) => row);

describe('hnsw codes', () => {
  it.each(TYPES_AND_METRICS)(
    'cost about what vectors do, and exactly in the end: %s %s',
    (type, metric) => {
      const world = indexWorld({ type, metric, rowCount: 30, dim: 72 });
      const { probe } = encoded(world);
      const [codes, exact] = [new Float32Array(30), new Float32Array(30)];
      for (let query = 0; query < 3; query++) {
        probe.setQuery(world.queries, query);
        probe.costs(rows, 30, codes);
        probe.exactCosts(rows, 30, exact);
        for (const [row, reference] of referenceScores(world, query).entries()) {
          expect(isNear(scoreOf(metric, exact[row]!), reference)).toBe(true);
          const slack = Math.max(1, Math.abs(reference.score)) * 0.1;
          expect(Math.abs(scoreOf(metric, codes[row]!) - reference.score)).toBeLessThan(slack);
        }
      }
    },
  );

  it.each(TYPES_AND_METRICS)(
    'give a row the costs that it has as a query: %s %s',
    (type, metric) => {
      const world = indexWorld({ type, metric, rowCount: 30, dim: 40 });
      const { probe } = encoded(world);
      const [asRow, asQuery] = [new Float32Array(30), new Float32Array(30)];
      for (const row of [0, 7, 29]) {
        probe.setRow(row);
        probe.costs(rows, 30, asRow);
        probe.setQuery(world.values, row);
        probe.costs(rows, 30, asQuery);
        expect(asRow).toEqual(asQuery);
      }
    },
  );

  it('hold a vector within a 254th of its largest element', () => {
    const world = indexWorld({ type: DataType.FloatVector, metric: 'IP', rowCount: 30, dim: 10 });
    const { image } = encoded(world);
    for (let row = 0; row < 30; row++) {
      const vector = world.values.subarray(row * 10, row * 10 + 10);
      const largest = Math.max(...Array.from(vector, Math.abs));
      for (const [i, value] of vector.entries()) {
        const code = image.codes[row * image.codeStride + i]! - 128;
        expect(Math.abs(code * image.scales[row]! - value)).toBeLessThanOrEqual(largest / 253);
      }
      expect(image.codes.subarray(row * 64 + 10, row * 64 + 64).every((code) => code === 128)).toBe(
        true,
      );
    }
  });

  it('give a zero vector the cost of nothing in common', () => {
    const world = indexWorld({
      type: DataType.Float16Vector,
      metric: 'COSINE',
      rowCount: 30,
      dim: 8,
    });
    world.values.fill(0, 0, vectorStride(world.type, 8));
    const { probe } = encoded(world);
    const costs = new Float32Array(30);
    probe.setQuery(world.queries, 0);
    probe.costs(rows, 1, costs);
    expect(Math.abs(costs[0]!)).toBe(0);
  });
});
