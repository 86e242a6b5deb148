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
      timeParts: [],
      params: { ef: 64, radius: 0.5 },
      orderBy: [],
      hints: '',
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

  it('say what to group and to order by', () => {
    const pairs = { topk: '1', group_by_field: 'tag', order_by_fields: 'size:desc' };
    expect(searchParams(pairs)).toMatchObject({
      groupBy: { fields: ['tag'] },
      orderBy: [{ field: 'size', order: 'desc' }],
    });
    expect(searchParams({ topk: '1', group_by_field: '' })).not.toHaveProperty('groupBy');
  });

  it('have hints beside the other parameters or among them', () => {
    expect(searchParams({ topk: '1', hints: 'iterative_filter' }).hints).toBe('iterative_filter');
    const params = '{"hints": "iterative_filter"}';
    expect(searchParams({ topk: '1', params }).hints).toBe('iterative_filter');
  });
});

describe('parameters of a query', () => {
  it('may all be left out', () => {
    expect(queryParams({})).toEqual({
      limit: undefined,
      offset: undefined,
      ignoreGrowing: false,
      timezone: undefined,
      timeParts: [],
      collectionId: undefined,
      groupBy: [],
      orderBy: [],
    });
    expect(queryParams({ offset: '1' }).offset).toBeUndefined();
    expect(queryParams({ limit: '3', offset: '1', collection_id: '100' })).toMatchObject({
      limit: 3,
      offset: 1,
      collectionId: 100,
    });
  });
});
