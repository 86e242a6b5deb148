import { describe, expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { compileFilter } from '../../src/query/bind.ts';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import type { QueryAnswer, QueryPlan } from '../../src/search/plan.ts';
import { queryAtOnce } from '../../src/search/query-at-once.ts';
import { executeQuery } from '../../src/search/query.ts';
import type { KeyList, SegmentReader } from '../../src/segments/segment.ts';
import {
  FakeSegment,
  inlineContext,
  int32Column,
  int64Column,
  KEY,
  NAME,
  queryPlan,
  schemaOf,
  type SegmentOptions,
  SIZE,
  textColumn,
  VECTOR,
  vectorColumn,
} from './world.ts';

const ROWS = 100;
const DIM = 4;

/** Keys fall as rows rise: in the order of rows they are in the wrong one. */
function segment(id: number, options: SegmentOptions = {}): FakeSegment {
  const rows = Array.from({ length: ROWS }, (_, row) => row);
  const values = new Float32Array(ROWS * DIM).map((_, i) => id + i);
  const columns = new Map<number, Column>([
    [KEY, int64Column(rows.map((row) => id + (ROWS - row) * 2))],
    [VECTOR, vectorColumn(DataType.FloatVector, DIM, values)],
    [SIZE, int32Column(rows.map((row) => row % 10))],
    [NAME, textColumn(rows.map((row) => (row % 4 === 0 ? null : `row ${id} ${row}`)))],
  ]);
  return new FakeSegment(columns, { id, isAtHand: true, ...options });
}

function keys(...values: readonly number[]): KeyList {
  return { kind: 'int64', values: BigInt64Array.from(values, BigInt) };
}

function planOf(wanted: KeyList, more: Partial<QueryPlan> = {}): QueryPlan {
  const outputFieldIds = [KEY, VECTOR, SIZE, NAME];
  return queryPlan({ schema: schemaOf({ dim: DIM }), keys: wanted, outputFieldIds, ...more });
}

function shown(answer: QueryAnswer | null): unknown {
  const { count, batch } = must(answer, 'it is answered');
  expect(count).toBe(batch.rowCount);
  return Array.from(batch.columns, ([id, column]) => [
    id,
    column.kind === 'bytes' ? [column.offsets, Buffer.from(column.bytes).toString()] : column,
  ]);
}

/** Answered at once, it is what the long way answers, which cannot peek. */
async function expectAtOnce(plan: QueryPlan, segments: readonly FakeSegment[]): Promise<void> {
  const blind = segments.map(
    (one): SegmentReader =>
      new Proxy(one, {
        get: (target, name) => {
          if (name === 'peekRowsOfKeys') return undefined;
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      }),
  );
  const expected = await executeQuery(plan, blind, inlineContext());
  const loaded = segments.map((one) => one.loaded.length);
  expect(shown(queryAtOnce(plan, segments))).toEqual(shown(expected));
  expect(segments.map((one) => one.loaded.length)).toEqual(loaded);
}

describe('a query by keys that is answered at once', () => {
  it('finds one row with its fields', async () => {
    await expectAtOnce(planOf(keys(51)), [segment(1)]);
  });

  it('answers rows of several segments in the order of their keys', async () => {
    const segments = [segment(1001), segment(1), segment(2)];
    await expectAtOnce(planOf(keys(1011, 7, 51, 8, 1003, 5)), segments);
  });

  it('answers as many rows as are wanted', async () => {
    const plan = planOf(keys(7, 51, 8, 5), { rowLimit: 3 });
    await expectAtOnce(plan, [segment(1), segment(2)]);
    await expectAtOnce({ ...plan, rowLimit: 4 }, [segment(1), segment(2)]);
  });

  it('leaves out keys that no row has and rows that are not visible', async () => {
    await expectAtOnce(planOf(keys(51, 53, 999)), [segment(1, { hidden: [74] })]);
    await expectAtOnce(planOf(keys(999)), [segment(1)]);
  });

  it('leaves out segments of other partitions', async () => {
    const segments = [segment(1, { partitionId: 5 }), segment(2, { partitionId: 6 })];
    const plan = planOf(keys(7, 8), { partitionIds: [6] });
    expect(must(queryAtOnce(plan, segments), 'it is answered').count).toBe(1);
    await expectAtOnce(plan, segments);
  });

  it('is left to the long way where something is not at hand, or is filtered', () => {
    const plan = planOf(keys(51));
    expect(queryAtOnce(plan, [segment(1, { isAtHand: false })])).toBeNull();
    expect(queryAtOnce(plan, [segment(1, { chunkRows: 32 })])).toBeNull();
    const filter = compileFilter('size < 3', schemaOf({ dim: DIM }));
    expect(queryAtOnce({ ...plan, filter, filterName: 'size < 3' }, [segment(1)])).toBeNull();
    expect(queryAtOnce({ ...plan, countOnly: true }, [segment(1)])).toBeNull();
    expect(queryAtOnce({ ...plan, page: { after: null } }, [segment(1)])).toBeNull();
    expect(queryAtOnce({ ...plan, keys: null }, [segment(1)])).toBeNull();
  });

  it('is left to the long way where there are many keys', () => {
    const many = Array.from({ length: 257 }, (_, i) => i);
    expect(queryAtOnce(planOf(keys(...many)), [segment(1)])).toBeNull();
    expect(queryAtOnce(planOf(keys(...many.slice(1))), [segment(1)])).not.toBeNull();
  });
});
