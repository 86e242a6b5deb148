import { describe, expect, it } from 'vitest';
import { orderedKeys } from '../../src/search/key-order.ts';
import { ListHits } from '../../src/search/list-hits.ts';
import { Turn } from '../../src/search/read-context.ts';
import { pairs } from './struct-world.ts';
import { hurriedClock, searchPlan } from './world.ts';

describe('the best rows of a list', () => {
  it('are kept, however many are offered', async () => {
    const count = 5000;
    const plan = searchPlan({ queries: pairs([[1, 0]]), topK: 4, metric: 'IP' });
    const values = BigInt64Array.from({ length: count }, (_, row) => BigInt(-row));
    const hits = new ListHits(plan, [orderedKeys({ kind: 'int64', values })]);
    for (let row = 0; row < count; row++) {
      hits.offer(0, { cost: -((row * 7919) % 1000), source: 0, row });
    }
    const { counts, scores, rows } = await hits.build(new Turn({ clock: hurriedClock() }));
    expect([...counts]).toEqual([4]);
    expect([...scores]).toEqual([999, 999, 999, 999]);
    // Of rows of equal score those with the least keys, which are the last ones here.
    const best = Array.from({ length: count }, (_, row) => row).filter(
      (row) => (row * 7919) % 1000 === 999,
    );
    expect([...rows]).toEqual(best.toReversed().slice(0, 4));
  });

  it('are fewer where there are fewer', async () => {
    const plan = searchPlan({
      queries: pairs([
        [1, 0],
        [0, 1],
      ]),
      topK: 4,
    });
    const hits = new ListHits(plan, [orderedKeys({ kind: 'int64', values: BigInt64Array.of(1n) })]);
    hits.offer(1, { cost: 2.5, source: 0, row: 0 });
    const { counts, scores } = await hits.build(new Turn({ clock: hurriedClock() }));
    expect([[...counts], [...scores]]).toEqual([[0, 1], [2.5]]);
  });
});
