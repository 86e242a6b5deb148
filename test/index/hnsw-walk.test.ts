import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NO_NODE } from '../../src/index/hnsw-image.ts';
import { Marks, Pool } from '../../src/index/hnsw-walk.ts';

describe('hnsw walk', () => {
  it('keeps the best candidates in order, and takes each once, best first', () => {
    const costs = fc.array(fc.integer({ min: -20, max: 20 }), { maxLength: 60 });
    fc.assert(
      fc.property(costs, fc.integer({ min: 1, max: 12 }), (given, capacity) => {
        const pool = new Pool(12);
        pool.clear(capacity);
        for (const [node, cost] of given.entries()) if (cost < pool.worst) pool.add(cost, node);
        const best = given
          .map((cost, node) => ({ cost, node }))
          .toSorted((a, b) => a.cost - b.cost || a.node - b.node)
          .slice(0, capacity);
        expect(Array.from(pool.costs.subarray(0, pool.size))).toEqual(best.map(({ cost }) => cost));
        expect(Array.from(pool.nodes.subarray(0, pool.size))).toEqual(best.map(({ node }) => node));
        const taken = best.map(() => pool.take());
        expect(taken).toEqual(best.map(({ node }) => node));
        expect(pool.take()).toBe(NO_NODE);
      }),
    );
  });

  it('goes back to a better candidate that came later', () => {
    const pool = new Pool(4);
    pool.clear(4);
    pool.add(5, 1);
    pool.add(7, 2);
    expect(pool.take()).toBe(1);
    pool.add(3, 3);
    expect([pool.take(), pool.take(), pool.take()]).toEqual([3, 2, NO_NODE]);
  });

  it('forgets what it saw, also after more walks than an epoch can count', () => {
    const marks = new Marks(3);
    marks.clear();
    expect([marks.mark(1), marks.mark(1), marks.has(1), marks.has(2)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    for (let walk = 0; walk < 65_536; walk++) marks.clear();
    expect([marks.has(0), marks.has(1), marks.mark(1)]).toEqual([false, false, true]);
  });
});
