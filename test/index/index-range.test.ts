import { describe, expect, it } from 'vitest';
import { NextBatches, searchRange } from '../../src/index/index-range.ts';
import type { MetricType } from '../../src/index/metric-type.ts';
import type { VectorIndex } from '../../src/index/vector-index.ts';

/** Row i has score i, or minus i where larger is better; counts what is asked for. */
function lineIndex(metric: MetricType, rowCount: number): VectorIndex & { asked: number[] } {
  const asked: number[] = [];
  const sign = metric === 'IP' ? -1 : 1;
  return {
    metric,
    rowCount,
    byteLength: 0,
    asked,
    search: ({ topK, allowed }) => {
      asked.push(topK);
      const all = Array.from({ length: rowCount }, (_, row) => row).filter(
        (row) => allowed === null || ((allowed[row >>> 5]! >>> (row & 31)) & 1) === 1,
      );
      const rows = Uint32Array.from(all.slice(0, topK));
      const scores = Float32Array.from(rows, (row) => sign * row);
      return { counts: Uint32Array.of(rows.length), rows, scores };
    },
  };
}

const query = { queries: new Float32Array(1), queryCount: 1, parameters: {}, allowed: null };

describe('index range', () => {
  it('ends before the radius and begins at the filter, where smaller is better', () => {
    const hits = searchRange(
      lineIndex('L2', 1000),
      { ...query, topK: 100 },
      { radius: 14, rangeFilter: 10 },
    );
    expect(Array.from(hits.rows)).toEqual([10, 11, 12, 13]);
  });

  it('ends before the radius and begins at the filter, where larger is better', () => {
    const hits = searchRange(
      lineIndex('IP', 1000),
      { ...query, topK: 100 },
      { radius: -14, rangeFilter: -10 },
    );
    expect(Array.from(hits.rows)).toEqual([10, 11, 12, 13]);
    expect(Array.from(hits.scores)).toEqual([-10, -11, -12, -13]);
  });

  it('searches further until it has enough, and no further', () => {
    const index = lineIndex('L2', 10_000);
    const hits = searchRange(index, { ...query, topK: 10 }, { radius: 9e9, rangeFilter: 300 });
    expect(Array.from(hits.rows)).toEqual([300, 301, 302, 303, 304, 305, 306, 307, 308, 309]);
    expect(index.asked).toEqual([64, 256, 1024]);
  });

  it('has no hits where nothing is in range or nothing is allowed', () => {
    const index = lineIndex('L2', 100);
    expect(
      searchRange(index, { ...query, topK: 5 }, { radius: 0, rangeFilter: null }).rows.length,
    ).toBe(0);
    const none = { ...query, topK: 5, allowed: new Uint32Array(4) };
    expect(searchRange(index, none, { radius: 50, rangeFilter: null }).rows.length).toBe(0);
  });
});

describe('next batches', () => {
  it('go on where the last one ended, until there are no more', () => {
    const index = lineIndex('L2', 100);
    const batches = new NextBatches(index, { ...query, topK: 30 });
    const given = Array.from({ length: 5 }, () => Array.from(batches.next().rows));
    expect(given.map((rows) => rows.length)).toEqual([30, 30, 30, 10, 0]);
    expect(given.flat()).toEqual(Array.from({ length: 100 }, (_, row) => row));
    expect(index.asked).toEqual([100]);
  });

  it('ask for more each time they run dry, so that the whole costs little more than the last search', () => {
    const index = lineIndex('L2', 1000);
    const batches = new NextBatches(index, { ...query, topK: 10 });
    let count = 0;
    for (let rows = batches.next().rows; rows.length > 0; rows = batches.next().rows)
      count += rows.length;
    expect(count).toBe(1000);
    expect(index.asked).toEqual([40, 200, 840, 1000]);
  });
});
