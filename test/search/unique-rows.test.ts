import fc from 'fast-check';
import { expect, it } from 'vitest';
import { uniqueRows } from '../../src/search/unique-rows.ts';

it('names each row once, source by source, and says where each hit is', () => {
  const hits = fc.array(fc.record({ source: fc.nat({ max: 4 }), row: fc.nat({ max: 6 }) }));
  fc.assert(
    fc.property(hits, (given) => {
      const { references, rows } = uniqueRows(
        {
          counts: Uint32Array.of(given.length),
          scores: new Float32Array(given.length),
          sources: Uint32Array.from(given, ({ source }) => source),
          rows: Uint32Array.from(given, ({ row }) => row),
        },
        5,
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
