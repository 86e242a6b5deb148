import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BestRows } from '../../src/index/best-rows.ts';

describe('best rows', () => {
  it('are those that sorting everything would put first, by cost, then by row', () => {
    const costs = fc.array(
      fc.oneof(
        fc.integer({ min: -5, max: 5 }),
        fc.constantFrom(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
      ),
      { maxLength: 400 },
    );
    fc.assert(
      fc.property(costs, fc.integer({ min: 1, max: 30 }), (offered, capacity) => {
        const best = new BestRows(capacity);
        best.offer(1, 7);
        best.clear();
        const order = offered.map((cost, i) => ({ cost, row: (i * 7919) % 401 }));
        for (const { cost, row } of order) if (cost <= best.worst) best.offer(cost, row);
        const { rows, costs: kept } = best.sort();
        const found = Array.from(rows, (row, i) => ({ cost: kept[i]!, row }));
        order.sort((a, b) => (a.cost === b.cost ? a.row - b.row : a.cost < b.cost ? -1 : 1));
        expect(found).toEqual(order.slice(0, capacity));
        expect(best.count).toBe(found.length);
      }),
    );
  });
});
