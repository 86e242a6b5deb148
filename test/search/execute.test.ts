import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { compileFilter } from '../../src/query/bind.ts';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { loadColumns, openSources } from '../../src/search/execute.ts';
import type { QueryPlan, SearchPlan } from '../../src/search/plan.ts';
import { Turn } from '../../src/search/read-context.ts';
import { keysOfColumn } from '../../src/segments/key-list.ts';
import {
  FakeSegment,
  hurriedClock,
  int32Column,
  int64Column,
  KEY,
  queryPlan,
  schemaOf,
  searchPlan,
  SIZE,
  VECTOR,
  vectorColumn,
} from './world.ts';

function columns(): Map<number, Column> {
  return new Map<number, Column>([
    [KEY, int64Column([5, 4, 3, 2, 1, 0])],
    [SIZE, int32Column([0, 1, 2, 3, 4, 5])],
    [VECTOR, vectorColumn(DataType.FloatVector, 2, new Float32Array(12), [0, 3])],
  ]);
}

/** Rows of each source as [first row of the chunk, rows in it]. */
async function rowsOf(
  plan: SearchPlan | QueryPlan,
  segment: FakeSegment,
  turn: Turn = new Turn({ clock: systemClock }),
): Promise<[number, number[] | null, number][]> {
  const sources = await openSources(plan, [segment], { turn, masks: null });
  return sources.map(({ chunk, allowed, rowCount }) => [
    chunk.rowStart,
    allowed === null ? null : Array.from(allowed.toOffsets()),
    rowCount,
  ]);
}

const filter = compileFilter('size >= 2', schemaOf());
const queries = vectorColumn(DataType.FloatVector, 2, new Float32Array(2));

describe('the sources of a plan', () => {
  it('are whole chunks when every row is visible and nothing is filtered', async () => {
    const segment = new FakeSegment(columns(), { chunkRows: 4 });
    expect(await rowsOf(queryPlan(), segment)).toEqual([
      [0, null, 4],
      [4, null, 2],
    ]);
  });

  it('are the visible rows that pass the filter, chunks without one left out', async () => {
    const segment = new FakeSegment(columns(), { chunkRows: 2, hidden: [3] });
    const expected = [
      [2, [0], 1],
      [4, [0, 1], 2],
    ];
    expect(await rowsOf(queryPlan({ filter }), segment)).toEqual(expected);
    const clock = hurriedClock();
    expect(await rowsOf(queryPlan({ filter }), segment, new Turn({ clock }))).toEqual(expected);
    expect(clock.yields.count).toBeGreaterThan(0);
  });

  it('leave out rows without a vector when they are searched', async () => {
    const schema = schemaOf({ dim: 2, isVectorNullable: true });
    const segment = new FakeSegment(columns(), { chunkRows: 4, hidden: [1] });
    expect(await rowsOf(searchPlan({ schema, queries }), segment)).toEqual([
      [0, [2], 1],
      [4, [0, 1], 2],
    ]);
    const allVisible = new FakeSegment(columns(), { chunkRows: 4 });
    expect(await rowsOf(searchPlan({ schema, queries }), allVisible)).toEqual([
      [0, [1, 2], 2],
      [4, null, 2],
    ]);
  });

  it('are the visible rows of the keys when keys are given', async () => {
    const keys = keysOfColumn(int64Column([1, 3, 4, 77]));
    const segment = new FakeSegment(columns(), { chunkRows: 3, hidden: [2] });
    expect(await rowsOf(queryPlan({ keys }), segment)).toEqual([
      [0, [1], 1],
      [3, [1], 1],
    ]);
    expect(await rowsOf(queryPlan({ keys, filter }), segment)).toEqual([[3, [1], 1]]);
    const none = keysOfColumn(int64Column([77]));
    expect(await rowsOf(queryPlan({ keys: none }), segment)).toEqual([]);
  });

  it('are of the partitions that are asked for', async () => {
    const segment = new FakeSegment(columns(), { partitionId: 7 });
    expect(await rowsOf(queryPlan({ partitionIds: [6] }), segment)).toEqual([]);
    expect(await rowsOf(queryPlan({ partitionIds: [6, 7] }), segment)).toEqual([[0, null, 6]]);
  });

  it('see the segment at the moment of the plan', async () => {
    const asked: bigint[][] = [];
    const segment = new FakeSegment(columns());
    segment.visible = async (...moment: bigint[]) => {
      asked.push(moment);
      return null;
    };
    await rowsOf(queryPlan({ timestamp: 5n, expiredBefore: 3n }), segment);
    expect(asked).toEqual([[5n, 3n]]);
  });
});

it('loads no column when none is named', async () => {
  const segment = new FakeSegment(columns());
  expect(await loadColumns(segment.chunks[0]!, schemaOf(), [])).toEqual(new Map());
  expect([...(await loadColumns(segment.chunks[0]!, schemaOf(), [SIZE])).keys()]).toEqual([SIZE]);
  expect(segment.loaded).toEqual([SIZE]);
});
