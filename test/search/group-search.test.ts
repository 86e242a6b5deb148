import { describe, expect, it, vi } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { GroupNumbers } from '../../src/search/group-numbers.ts';
import { executeSearch } from '../../src/search/query.ts';
import { fieldReference } from '../../src/search/row-values.ts';
import {
  FakeSegment,
  hurriedClock,
  inlineContext,
  int32Column,
  int64Column,
  KEY,
  NAME,
  schemaOf,
  searchPlan,
  SIZE,
  textColumn,
  VECTOR,
  vectorColumn,
} from './world.ts';

const ROWS = 5000;

/** Rows on a line; all but the last three are of one group. */
function lineOf(chunkRows = ROWS): FakeSegment {
  const rows = Array.from({ length: ROWS }, (_, i) => i);
  const columns = new Map<number, Column>([
    [KEY, int64Column(rows)],
    [
      VECTOR,
      vectorColumn(DataType.FloatVector, 4, Float32Array.from(rows.flatMap((x) => [x, 0, 0, 0]))),
    ],
    [SIZE, int32Column(rows.map((row) => (row < ROWS - 3 ? 7 : row)))],
    [NAME, textColumn(rows.map(() => 'n'))],
  ]);
  return new FakeSegment(columns, { chunkRows });
}

const queries = vectorColumn(DataType.FloatVector, 4, Float32Array.of(0, 0, 0, 0, 9, 0, 0, 0));
const group = {
  by: [fieldReference({ id: SIZE, type: DataType.Int32 })],
  size: 1,
  isStrict: false,
  chosen: null,
};

describe('a search by groups', () => {
  it('scans few times, however many rows a group has', async () => {
    const segment = lineOf();
    const plan = searchPlan({ queries, topK: 4, group });
    const { counts, rows, batch } = await executeSearch(plan, [segment], inlineContext());
    expect([...counts]).toEqual([4, 4]);
    const keys = batch.columns.get(KEY) as { values: BigInt64Array };
    expect(Array.from(rows, (row) => keys.values[row])).toEqual([
      ...[0n, 4997n, 4998n, 4999n],
      ...[9n, 4997n, 4998n, 4999n],
    ]);
    // Once for both queries, then once for each.
    expect(segment.loaded.filter((id) => id === VECTOR)).toHaveLength(3);
  });

  it('ends when there are no more groups', async () => {
    const segment = lineOf();
    const plan = searchPlan({ queries, topK: 100, group });
    const { counts } = await executeSearch(plan, [segment], inlineContext());
    expect([...counts]).toEqual([4, 4]);
  });

  it('is of the groups that were chosen', async () => {
    const chosen = [[[4998], [7]], []];
    const plan = searchPlan({ queries, topK: 2, group: { ...group, size: 2, chosen } });
    const { counts, batch } = await executeSearch(plan, [lineOf(1000)], inlineContext());
    expect([...counts]).toEqual([3, 0]);
    const keys = batch.columns.get(KEY) as { values: BigInt64Array };
    expect([...keys.values]).toEqual([0n, 1n, 4998n]);
  });

  it('numbers no groups but those that were chosen', async () => {
    const numbered = vi.spyOn(GroupNumbers.prototype, 'numberOf');
    try {
      const chosen = [[[7]], [[4998], [4999]]];
      const plan = searchPlan({ queries, topK: 2, group: { ...group, chosen } });
      const { counts } = await executeSearch(plan, [lineOf(1000)], inlineContext());
      expect([...counts]).toEqual([1, 2]);
      const values = numbered.mock.results.map(({ value }) => Number(value));
      expect(Math.max(...values)).toBe(2);
    } finally {
      numbered.mockRestore();
    }
  });

  it('gives turns', async () => {
    const clock = hurriedClock();
    const plan = searchPlan({ queries, topK: 4, group });
    await executeSearch(plan, [lineOf()], inlineContext(clock));
    expect(clock.yields.count).toBeGreaterThan(20);
  });
});

describe('a filter', () => {
  it('is evaluated once for all queries, and read once for each chunk', async () => {
    const segment = lineOf(1000);
    const filter = compileFilter('size == 7', schemaOf());
    const plan = searchPlan({ queries, topK: 4, filter, outputFieldIds: [KEY] });
    await executeSearch(plan, [segment], inlineContext());
    expect(segment.loaded.filter((id) => id === SIZE)).toHaveLength(5);
  });

  it('leaves fields that are shown to the hits that are found', async () => {
    const segment = lineOf(1000);
    const plan = searchPlan({ queries, topK: 2, outputFieldIds: [KEY, NAME] });
    await executeSearch(plan, [segment], inlineContext());
    // Both queries have their hits in the first chunk.
    expect(segment.loaded.filter((id) => id === NAME)).toHaveLength(1);
  });
});
