import { describe, expect, it } from 'vitest';
import {
  isSearchIterator,
  iteratorMoment,
  queryIteratorParams,
  searchIteratorParams,
} from '../../src/server/iterator-params.ts';

const TOKEN = '0e3f0f0e-1111-4222-8333-444455556666';

describe('parameters of a search iterator', () => {
  const v2 = { iterator: 'True', search_iter_v2: 'true', search_iter_batch_size: '5' };

  it('are none where a search does not ask for one', () => {
    expect(searchIteratorParams({})).toBeNull();
    expect(searchIteratorParams({ iterator: 'True' })).toBeNull();
    expect(searchIteratorParams({ ...v2, search_iter_v2: 'False' })).toBeNull();
    expect(isSearchIterator({ iterator: 'true' })).toBe(true);
    expect(isSearchIterator({ iterator: 'false' })).toBe(false);
  });

  it('are read from text', () => {
    const given = { ...v2, search_iter_id: TOKEN, search_iter_last_bound: '0.1' };
    expect(searchIteratorParams(v2)).toEqual({ token: null, batchSize: 5, lastBound: null });
    expect(searchIteratorParams(given)).toEqual({
      token: TOKEN,
      batchSize: 5,
      lastBound: Math.fround(0.1),
    });
  });
});

describe('parameters of a query iterator', () => {
  it('are read from text', () => {
    expect(queryIteratorParams({})).toBeNull();
    expect(queryIteratorParams({ iterator: 'False' })).toBeNull();
    expect(queryIteratorParams({ iterator: 'True' })).toEqual({ lastKey: null });
    const cursor = { query_iter_last_pk: 'k', query_iter_last_element_offset: '3' };
    expect(queryIteratorParams({ iterator: 'true', ...cursor })).toEqual({ lastKey: 'k' });
  });
});

describe('the moment of an iterator', () => {
  it('is that of its first page, which has none', () => {
    expect(iteratorMoment({}, 0n)).toBeNull();
    expect(iteratorMoment({}, 2n)).toBeNull();
    expect(iteratorMoment({}, 77n)).toBe(77n);
    expect(iteratorMoment({ guarantee_timestamp: '0' }, 77n)).toBeNull();
    expect(iteratorMoment({ guarantee_timestamp: '88' }, 0n)).toBe(88n);
  });
});
