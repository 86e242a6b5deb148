import { describe, expect, it } from 'vitest';
import { Bitmap } from '../../src/base/bitmap.ts';
import { searchedRows } from '../../src/search/source.ts';
import type { Chunk } from '../../src/segments/segment.ts';

const chunk = (rowCount: number): Chunk => ({ rowStart: 0, rowCount, load: async () => new Map() });

describe('the rows that were searched', () => {
  it('are all of the chunks that have one to look at, accepted or not', () => {
    const some = new Bitmap(10);
    some.set(3);
    expect(searchedRows([])).toBe(0);
    expect(
      searchedRows([
        { chunk: chunk(10), allowed: some, rowCount: 1 },
        { chunk: chunk(5), allowed: null, rowCount: 5 },
      ]),
    ).toBe(15);
  });
});
