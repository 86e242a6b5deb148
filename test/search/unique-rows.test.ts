import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Turn } from '../../src/search/read-context.ts';
import { uniqueRows } from '../../src/search/unique-rows.ts';
import { hurriedClock } from './world.ts';

it('names each row once, source by source, and says where each hit is', async () => {
  const hits = fc.array(fc.record({ source: fc.nat({ max: 4 }), row: fc.nat({ max: 6 }) }));
  await fc.assert(
    fc.asyncProperty(hits, async (given) => {
      const { references, rows } = await uniqueRows(
        {
          counts: Uint32Array.of(given.length),
          scores: new Float32Array(given.length),
          sources: Uint32Array.from(given, ({ source }) => source),
          rows: Uint32Array.from(given, ({ row }) => row),
        },
        5,
        new Turn({ clock: hurriedClock() }),
      );
      const named = Array.from(references.rows, (row, i) => ({
        source: references.sources[i]!,
        row,
      }));
      expect(Array.from(rows, (place) => named[place])).toEqual(given);
      expect(new Set(named.map(({ source, row }) => `${source}/${row}`)).size).toBe(named.length);
      const order = named.map(({ source }) => source);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }),
  );
});
