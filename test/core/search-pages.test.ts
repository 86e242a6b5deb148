import { describe, expect, it } from 'vitest';
import type { SearchPageEnd, SearchRowsRequest } from '../../src/core/requests.ts';
import { pageEndOf, windowOf } from '../../src/core/search-pages.ts';
import type { SearchAnswer } from '../../src/search/plan.ts';
import { int64Column, KEY, schemaOf } from '../search/world.ts';

const schema = schemaOf();
const SEARCHED = { schema, metric: 'L2', queryCount: 1 } as const;
const REQUEST: SearchRowsRequest = {
  databaseName: '',
  collectionName: 'things',
  data: [[1, 2, 3, 4]],
  limit: 10,
};

/** Keys and scores in their order. */
function answerOf(hits: readonly (readonly [number, number])[]): SearchAnswer {
  const keys = int64Column(hits.map(([key]) => key).toReversed());
  return {
    counts: Uint32Array.of(hits.length),
    rows: Uint32Array.from(hits, (_, i) => hits.length - 1 - i),
    scores: Float32Array.from(hits, ([, score]) => score),
    batch: { rowCount: hits.length, columns: new Map([[KEY, keys]]) },
  };
}

describe('the window of a request', () => {
  it('is none without a range and a page', () => {
    expect(windowOf(REQUEST, SEARCHED)).toBeNull();
    expect(windowOf({ ...REQUEST, params: { ef: 5 } }, SEARCHED)).toBeNull();
  });

  it('has the range, and where the page before ended', () => {
    const range = { radius: 5, rangeFilter: 2 };
    const params = { radius: 5, range_filter: 2 };
    expect(windowOf({ ...REQUEST, params }, SEARCHED)).toEqual({ range, after: null });
    expect(windowOf({ ...REQUEST, after: null }, SEARCHED)).toEqual({ range: null, after: null });
    const after = { id: 7n, score: 0.1, tieCount: 3, hitCount: 20 };
    expect(windowOf({ ...REQUEST, params, after }, SEARCHED)).toEqual({
      range,
      after: {
        score: Math.fround(0.1),
        key: { kind: 'int64', values: BigInt64Array.of(7n) },
        tieCount: 3,
        hitCount: 20,
      },
    });
  });

  it('has no offset and one query where it is a page; a range may have both', () => {
    const page = { ...REQUEST, after: null };
    expect(() => windowOf({ ...page, offset: 1 }, SEARCHED)).toThrow('Setting an offset');
    expect(windowOf({ ...page, offset: 0 }, SEARCHED)).not.toBeNull();
    expect(() => windowOf(page, { ...SEARCHED, queryCount: 2 })).toThrow('multiple vectors');
    const range = { ...REQUEST, params: { radius: 5 }, offset: 1 };
    expect(windowOf(range, { ...SEARCHED, queryCount: 2 })).not.toBeNull();
  });
});

describe('the end of a page', () => {
  it('is its last hit, with the hits of that score', () => {
    const answer = answerOf([
      [5, 1],
      [3, 2],
      [4, 2],
      [9, 2],
    ]);
    const end: SearchPageEnd = { id: 9n, score: 2, tieCount: 3, hitCount: 4 };
    expect(pageEndOf(answer, schema, null)).toEqual(end);
    const before = { id: 1n, score: 1, tieCount: 6, hitCount: 10 };
    expect(pageEndOf(answer, schema, before)).toEqual({ ...end, hitCount: 14 });
  });

  it('goes on counting where all of a page has the score of the one before', () => {
    const answer = answerOf([
      [5, 2],
      [6, 2],
    ]);
    const before = { id: 1n, score: 2, tieCount: 6, hitCount: 10 };
    const end = { id: 6n, score: 2, tieCount: 8, hitCount: 12 };
    expect(pageEndOf(answer, schema, before)).toEqual(end);
  });

  it('stays where it was when nothing more is found', () => {
    const before = { id: 1n, score: 2, tieCount: 6, hitCount: 10 };
    expect(pageEndOf(answerOf([]), schema, before)).toEqual(before);
    expect(pageEndOf(answerOf([]), schema, null)).toBeNull();
  });
});
