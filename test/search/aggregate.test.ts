import { describe, expect, it } from 'vitest';
import { AGGREGATE_GROUPS_MAX } from '../../src/base/limits.ts';
import { DataType } from '../../src/schema/data-type.ts';
import type { Column } from '../../src/schema/column.ts';
import { emptyTable, mergeTables } from '../../src/search/aggregate.ts';
import type { AggregatePlan } from '../../src/search/plan.ts';
import { executeQuery } from '../../src/search/query.ts';
import { Turn } from '../../src/search/read-context.ts';
import { fieldReference } from '../../src/search/row-values.ts';
import {
  FakeSegment,
  hurriedClock,
  inlineContext,
  int32Column,
  int64Column,
  KEY,
  NAME,
  queryPlan,
  SIZE,
  textColumn,
  VECTOR,
  vectorColumn,
} from './world.ts';

const key = fieldReference({ id: KEY, type: DataType.Int64 });
const size = fieldReference({ id: SIZE, type: DataType.Int32 });
const name = fieldReference({ id: NAME, type: DataType.VarChar });

function segmentOf(rowCount: number, options: ConstructorParameters<typeof FakeSegment>[1] = {}) {
  const rows = Array.from({ length: rowCount }, (_, i) => i);
  const columns = new Map<number, Column>([
    [KEY, int64Column(rows)],
    [VECTOR, vectorColumn(DataType.FloatVector, 4, new Float32Array(rowCount * 4))],
    [SIZE, int32Column(rows.map(() => 2 ** 31 - 1))],
    [NAME, textColumn(rows.map((row) => (row % 3 === 0 ? null : `n${row % 3}`)))],
  ]);
  return new FakeSegment(columns, options);
}

describe('what rows add up to', () => {
  it('is read from the columns that are summed up, and no others', async () => {
    const segment = segmentOf(10, { chunkRows: 4 });
    const aggregate: AggregatePlan = {
      by: [name],
      measures: [
        { operator: 'count', reference: null },
        { operator: 'max', reference: size },
      ],
    };
    const { table } = await executeQuery(queryPlan({ aggregate }), [segment], inlineContext());
    expect(table?.keys).toEqual([[null], ['n1'], ['n2']]);
    expect(table?.states[0]).toEqual([4, 3, 3]);
    expect(new Set(segment.loaded)).toEqual(new Set([NAME, SIZE]));
  });

  it('is counted without touching a row', async () => {
    const segment = segmentOf(10, { hidden: [3, 4] });
    const plan = queryPlan({ countOnly: true });
    expect(await executeQuery(plan, [segment], inlineContext())).toMatchObject({ count: 8 });
    expect(segment.loaded).toEqual([]);
  });

  it('is exact where numbers are not', async () => {
    const aggregate: AggregatePlan = { by: [], measures: [{ operator: 'sum', reference: size }] };
    const { table } = await executeQuery(
      queryPlan({ aggregate }),
      [segmentOf(50)],
      inlineContext(),
    );
    const turn = new Turn({ clock: hurriedClock() });
    let whole = table!;
    let factor = 1n;
    // As many rows as no test could make: every table is added to itself.
    for (let i = 0; i < 40; i++, factor *= 2n) {
      whole = await mergeTables(aggregate, [whole, whole], turn);
    }
    expect(whole.states).toEqual([[50n * (2n ** 31n - 1n) * factor]]);
  });

  it('is of no more groups than may be kept', async () => {
    const aggregate: AggregatePlan = { by: [key], measures: [] };
    const many = [segmentOf(AGGREGATE_GROUPS_MAX), segmentOf(AGGREGATE_GROUPS_MAX + 1)];
    const plan = queryPlan({ aggregate });
    const { table } = await executeQuery(plan, many.slice(0, 1), inlineContext());
    expect(table?.keys).toHaveLength(AGGREGATE_GROUPS_MAX);
    await expect(executeQuery(plan, many, inlineContext())).rejects.toThrow(
      'GROUP BY produced too many groups (100001)',
    );
  });

  it('gives turns', async () => {
    const aggregate: AggregatePlan = {
      by: [name],
      measures: [{ operator: 'count', reference: name }],
    };
    const clock = hurriedClock();
    await executeQuery(queryPlan({ aggregate }), [segmentOf(1000)], inlineContext(clock));
    expect(clock.yields.count).toBeGreaterThan(5);
  });

  it('is nothing of no rows', async () => {
    const aggregate: AggregatePlan = {
      by: [name],
      measures: [{ operator: 'min', reference: size }],
    };
    const { table } = await executeQuery(queryPlan({ aggregate }), [], inlineContext());
    expect(table).toEqual(emptyTable(aggregate));
  });
});
