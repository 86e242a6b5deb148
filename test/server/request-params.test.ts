import { describe, expect, it } from 'vitest';
import { queryParams, searchParams } from '../../src/server/request-params.ts';

describe('parameters of a search', () => {
  it('are read from text', () => {
    const pairs = {
      anns_field: 'v',
      topk: '10',
      offset: '5',
      metric_type: 'L2',
      round_decimal: '3',
      ignore_growing: 'True',
      params: '{"ef": 64, "radius": 0.5}',
      unknown: 'ignored',
    };
    expect(searchParams(pairs)).toEqual({
      fieldName: 'v',
      limit: 10,
      offset: 5,
      metric: 'L2',
      roundDecimal: 3,
      ignoreGrowing: true,
      timezone: undefined,
      params: { ef: 64, radius: 0.5 },
    });
  });

  it('have defaults, but for the limit', () => {
    expect(searchParams({ limit: '1' })).toMatchObject({ offset: 0, roundDecimal: -1, params: {} });
    expect(() => searchParams({})).toThrow('topk not found');
  });

  it('are refused where they say nothing that can be meant', () => {
    expect(() => searchParams({ topk: 'ten' })).toThrow('topk [ten] is invalid');
    expect(() => searchParams({ topk: '1', params: '{' })).toThrow('failed to parse search params');
    expect(() => searchParams({ topk: '1', params: '[]' })).toThrow('no JSON object');
    expect(() => searchParams({ topk: '1', ignore_growing: 'maybe' })).toThrow('no boolean');
  });

  it('that the engine does not know yet are said to be so', () => {
    const grouped = { topk: '1', group_by_field: 'tag' };
    expect(() => searchParams(grouped)).toThrow('group_by_field: service unimplemented');
    expect(searchParams({ topk: '1', group_by_field: '' }).limit).toBe(1);
    expect(() => queryParams({ order_by_fields: 'a:asc' })).toThrow('service unimplemented');
  });
});

describe('parameters of a query', () => {
  it('may all be left out', () => {
    expect(queryParams({})).toEqual({
      limit: undefined,
      offset: undefined,
      ignoreGrowing: false,
      timezone: undefined,
      collectionId: undefined,
    });
    expect(queryParams({ limit: '3', offset: '1', collection_id: '100' })).toMatchObject({
      limit: 3,
      offset: 1,
      collectionId: 100,
    });
  });
});
