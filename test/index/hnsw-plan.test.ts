import { describe, expect, it } from 'vitest';
import { NO_NODE } from '../../src/index/hnsw-image.ts';
import { planGraph } from '../../src/index/hnsw-plan.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { indexWorld } from '../suites/vector-index-suite.ts';

const type = DataType.FloatVector;

function planOf(
  rowCount: number,
  degree: number,
  change?: (values: Float32Array) => void,
): ReturnType<typeof planGraph> {
  const { values, dim } = indexWorld({ type, metric: 'L2', rowCount, dim: 4 });
  change?.(values as Float32Array);
  const shape = {
    type,
    metric: 'L2',
    dim,
    rowCount,
    degree,
    buildWidth: 8,
    code: null,
    isRefined: false,
    isDisk: false,
    isOverVectors: false,
  } as const;
  return planGraph(shape, { type, dim, values });
}

describe('hnsw plan', () => {
  it('chains rows that are equal byte for byte, in their order', () => {
    const plan = planOf(40, 8, (values) => {
      for (const row of [9, 20, 31]) values.copyWithin(row * 4, 8, 12);
    });
    expect(plan.counts.twinCount).toBe(3);
    expect([2, 9, 20, 31].map((row) => plan.twins[row])).toEqual([9, 20, 31, NO_NODE]);
    expect([2, 9, 20, 31].map((row) => plan.isTwin[row])).toEqual([0, 1, 1, 1]);
    expect([9, 20, 31].some((row) => plan.order.includes(row))).toBe(false);
  });

  it('takes every node once, one of the top level first', () => {
    const { order, levels, counts } = planOf(500, 4);
    expect(order.toSorted()).toEqual(Uint32Array.from({ length: 500 }, (_, row) => row));
    expect(levels[order[0]!]).toBe(counts.topLevel);
    expect(order.filter((row, i) => row === i).length).toBeLessThan(20);
  });

  it('has one node in so many on the next level', () => {
    const { levels, counts } = planOf(20_000, 8);
    expect(counts.upperCount).toBe(levels.filter((level) => level > 0).length);
    expect(counts.upperListCount).toBe(levels.reduce((sum, level) => sum + level, 0));
    expect(counts.upperCount).toBeGreaterThan(20_000 / 8 / 1.2);
    expect(counts.upperCount).toBeLessThan((20_000 / 8) * 1.2);
  });
});
