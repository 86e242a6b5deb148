import { describe, expect, it } from 'vitest';
import { SEARCH_ITERATORS_MAX } from '../../src/base/limits.ts';
import { SearchIterators } from '../../src/server/search-iterators.ts';

const end = (id: bigint, score: number): Parameters<SearchIterators['note']>[2] => ({
  id,
  score,
  tieCount: 1,
  hitCount: Number(id),
});

describe('search iterators', () => {
  it('have tokens that are UUIDs of version 4', () => {
    const random = { bytes: (count: number) => new Uint8Array(count).fill(0xff) };
    expect(new SearchIterators(random).newToken()).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff');
    const iterators = new SearchIterators();
    expect(iterators.newToken()).not.toBe(iterators.newToken());
  });

  it('go on behind the hit at which the page ended that has the score', () => {
    const iterators = new SearchIterators();
    const asked = { token: 't', batchSize: 1 };
    expect(iterators.endBefore({ ...asked, lastBound: null })).toBeNull();
    iterators.note('t', null, end(1n, 0.5));
    iterators.note('t', end(1n, 0.5), end(2n, 0.75));
    expect(iterators.endBefore({ ...asked, lastBound: 0.75 })).toMatchObject({ id: 2n });
    expect(iterators.endBefore({ ...asked, lastBound: 0.5 })).toMatchObject({ id: 1n });
    const unknown = { id: null, score: 0.25, tieCount: 0, hitCount: 0 };
    expect(iterators.endBefore({ ...asked, lastBound: 0.25 })).toEqual(unknown);
    expect(iterators.endBefore({ ...asked, token: 'u', lastBound: 0.75 })?.id).toBeNull();
  });

  it('are forgotten when many came after them', () => {
    const iterators = new SearchIterators();
    for (let i = 0; i <= SEARCH_ITERATORS_MAX; i++) iterators.note(`${i}`, null, end(1n, 0.5));
    const place = (token: string): bigint | string | number | null | undefined =>
      iterators.endBefore({ token, batchSize: 1, lastBound: 0.5 })?.id;
    expect(place('0')).toBeNull();
    expect(place('1')).toBe(1n);
  });
});
