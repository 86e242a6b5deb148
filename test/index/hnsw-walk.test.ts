import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { hnsw } from '../../src/index/hnsw.ts';
import { Probe } from '../../src/index/hnsw-codes.ts';
import { type GraphImage, NO_NODE, openImage } from '../../src/index/hnsw-image.ts';
import { Layer, Marks, Pool, walk, WalkSpace } from '../../src/index/hnsw-walk.ts';
import { newBuildControl } from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { numbersFrom } from '../suites/vector-index-suite.ts';

const rowCount = 400;
const degree = 8;
const dim = 8;

function builtGraph(): { image: GraphImage; probe: Probe } {
  const values = Float32Array.from({ length: rowCount * dim }, numbersFrom(5));
  const vectors = { type: DataType.FloatVector, dim, values } as const;
  const image = hnsw(null).build({
    kind: 'build-index',
    structure: 'HNSW',
    metric: 'L2',
    parameters: { M: degree, efConstruction: 40 },
    vectors,
    rowCount,
    threadCount: 1,
    control: newBuildControl(),
  });
  const opened = openImage(image!) as GraphImage;
  const probe = new Probe(opened, vectors);
  probe.setQuery(values, 17);
  return { image: opened, probe };
}

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
    for (let more = 0; more < 65_536; more++) marks.clear();
    expect([marks.has(0), marks.has(1), marks.mark(1)]).toEqual([false, false, true]);
  });

  it('counts the candidates that are better than the next', () => {
    const pool = new Pool(4);
    pool.clear(4);
    for (let node = 0; node < 3; node++) pool.add(node, node);
    expect(pool.position).toBe(0);
    pool.take();
    pool.take();
    expect(pool.position).toBe(2);
    pool.add(0.5, 9);
    expect(pool.position).toBe(1);
  });

  it('looks at one list until nothing nearer is found, then at no more than four together', () => {
    const { image, probe } = builtGraph();
    const costs = vi.spyOn(probe, 'costs');
    const space = new WalkSpace(image, rowCount, 1);
    walk(new Layer(image, 0), probe, space, { node: image.entryRow, width: rowCount });
    const counts = costs.mock.calls.map(([, count]) => count);
    // The entry, then its list: there is nothing better yet.
    expect(counts[0]).toBe(1);
    expect(counts[1]).toBeLessThanOrEqual(2 * degree);
    expect(Math.max(...counts)).toBeGreaterThan(2 * degree);
    expect(Math.max(...counts)).toBeLessThanOrEqual(8 * degree);
    expect(space.pool.size).toBe(rowCount);
    const found = Array.from(space.pool.costs.subarray(0, rowCount));
    expect(found).toEqual(found.toSorted((a, b) => a - b));
    expect(space.pool.nodes[0]).toBe(17);
  });
});
