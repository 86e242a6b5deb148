import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BestLists, candidateCost, candidateRow } from '../../src/index/best-lists.ts';

function kept(lists: BestLists, list: number): { cost: number; row: number }[] {
  return Array.from(lists.sort(list), (candidate) => ({
    cost: candidateCost(candidate),
    row: candidateRow(candidate),
  }));
}

describe('best lists', () => {
  it('keep what sorting everything would keep, with all ties of the k-th', () => {
    const costs = fc.array(
      fc.oneof(
        fc.integer({ min: -5, max: 5 }),
        fc.float({ noNaN: true }).map((cost) => cost + 0),
        fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
      ),
      { maxLength: 400 },
    );
    fc.assert(
      fc.property(costs, fc.integer({ min: 1, max: 30 }), (offered, topK) => {
        const lists = new BestLists(2, topK, 400);
        for (const [row, cost] of offered.entries()) {
          if (cost <= lists.worst[1]!) lists.offer(1, cost, row);
        }
        const sorted = offered.map((cost, row) => ({ cost, row }));
        sorted.sort((a, b) => (a.cost === b.cost ? a.row - b.row : a.cost < b.cost ? -1 : 1));
        const boundary = sorted[topK - 1]?.cost ?? Number.POSITIVE_INFINITY;
        expect(kept(lists, 1)).toEqual(sorted.filter(({ cost }) => cost <= boundary));
        expect(lists.isCut(1)).toBe(false);
        expect(kept(lists, 0)).toEqual([]);
      }),
    );
  });

  it('take minus zero for zero', () => {
    const lists = new BestLists(1, 3, 0);
    lists.offer(0, 0, 1);
    lists.offer(0, -0, 0);
    expect(kept(lists, 0)).toEqual([
      { cost: 0, row: 0 },
      { cost: 0, row: 1 },
    ]);
  });

  it('refuse nothing until they have k candidates', () => {
    const lists = new BestLists(1, 4, 0);
    for (let row = 0; row < 3; row++) lists.offer(0, 1e30, row);
    expect(lists.sort(0).length).toBe(3);
    expect(lists.worst[0]).toBe(Number.POSITIVE_INFINITY);
  });

  it('are empty again after clear', () => {
    const lists = new BestLists(1, 1, 0);
    for (let row = 0; row < 500; row++) lists.offer(0, 1, row);
    lists.sort(0);
    expect(lists.isCut(0)).toBe(true);
    lists.clear();
    expect(lists.sort(0).length).toBe(0);
    expect(lists.isCut(0)).toBe(false);
  });
});
