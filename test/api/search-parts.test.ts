import { describe, expect, it } from 'vitest';
import { expr } from '../../src/api/expression.ts';
import { isOneVector, readParts, searchParts } from '../../src/api/search-parts.ts';

describe('the parts of a read', () => {
  it('are those that were given, under the names of the engine', () => {
    expect(readParts({})).toEqual({ refuseReleased: true });
    expect(
      readParts({
        filter: expr`year > ${1990}`,
        partition: 'old',
        consistencyLevel: 'Strong',
        timestamp: 5n,
        timezone: 'UTC',
      }),
    ).toMatchObject({
      filter: expect.stringContaining('year > ') as unknown,
      partitionNames: ['old'],
      consistencyLevel: 'Strong',
      snapshotTimestamp: 5n,
      timezone: 'UTC',
    });
    expect(readParts({ partition: ['a', 'b'] })).toMatchObject({ partitionNames: ['a', 'b'] });
    expect(() => readParts({ timestamp: 5 as never })).toThrow('timestamp must be a bigint');
  });

  it('of a search are its vectors, its field, its bounds and a copy of its parameters', () => {
    const searchParams = { ef: 5, radius: 0.5 };
    const request = { data: [1, 2], field: 'v', metric: 'L2', offset: 3, roundDecimal: 2 } as const;
    const parts = searchParts({ ...request, searchParams, outputFields: ['a'] });
    expect(parts).toEqual({
      refuseReleased: true,
      data: [[1, 2]],
      fieldName: 'v',
      metric: 'L2',
      offset: 3,
      roundDecimal: 2,
      outputFields: ['a'],
      params: searchParams,
    });
    expect(parts.params).not.toBe(searchParams);
    expect(searchParts({ data: [[1, 2]] })).toMatchObject({ data: [[1, 2]], outputFields: [] });
  });

  it('tell one vector from many', () => {
    const missing = [null, undefined].map((gap) => [gap, 1, 3]);
    const one = [[1, 2], new Float32Array(2), new Uint8Array(2), { 5: 0.5 }, ...missing];
    for (const data of one) expect(isOneVector(data)).toBe(true);
    const many = [[[1, 2]], [new Float32Array(2)], [{ 5: 0.5 }], [], [null], [null, [1, 2]]];
    for (const data of many) expect(isOneVector(data)).toBe(false);
  });
});
