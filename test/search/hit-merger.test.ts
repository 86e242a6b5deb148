import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HitList, HitMerger } from '../../src/search/hit-merger.ts';
import { orderedKeys } from '../../src/search/key-order.ts';
import { keysOfColumn } from '../../src/segments/key-list.ts';
import { int64Column } from './world.ts';

interface Hit {
  readonly score: number;
  readonly source: number;
  readonly row: number;
}

/** Key of row r of source s: rows of one source ascend, keys of all are distinct. */
const keyOf = ({ source, row }: Hit): number => ((row * 7) % 10) * 8 + source;
const better = (isLarger: boolean) => (a: Hit, b: Hit) =>
  (isLarger ? b.score - a.score : a.score - b.score) || keyOf(a) - keyOf(b);

function listOf(queries: readonly (readonly Hit[])[]): HitList {
  const hits = queries.flat();
  return {
    counts: Uint32Array.from(queries, (each) => each.length),
    scores: Float32Array.from(hits, ({ score }) => score),
    sources: Uint32Array.from(hits, ({ source }) => source),
    rows: Uint32Array.from(hits, ({ row }) => row),
  };
}

describe('merging hits', () => {
  it('gives the best k of all lists, equal scores by primary key', () => {
    const queryCount = 3;
    const hits = fc.uniqueArray(
      fc.record({ score: fc.integer({ min: 0, max: 3 }), row: fc.nat({ max: 9 }) }),
      { maxLength: 8, selector: ({ row }) => row },
    );
    const lists = fc.array(fc.array(hits, { minLength: queryCount, maxLength: queryCount }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(lists, fc.integer({ min: 1, max: 12 }), fc.boolean(), (given, topK, isLarger) => {
        const order = better(isLarger);
        const parts = given.map((queries, source) =>
          queries.map((each) => each.map((hit) => ({ ...hit, source })).sort(order)),
        );
        const keys = given.map((_, source) =>
          orderedKeys(
            keysOfColumn(
              int64Column(
                Array.from({ length: 10 }, (_each, row) => keyOf({ source, row, score: 0 })),
              ),
            ),
          ),
        );
        const metric = isLarger ? 'IP' : 'L2';
        const merger = new HitMerger(parts.map(listOf), { metric, queryCount, topK, keys });
        while (!merger.isDone) merger.mergeNext();
        const expected = Array.from({ length: queryCount }, (_, query) =>
          parts
            .flatMap((queries) => queries[query]!)
            .sort(order)
            .slice(0, topK),
        );
        expect(merger.build()).toEqual(listOf(expected));
      }),
    );
  });
});
