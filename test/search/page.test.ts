import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';

import { keysOf, type PrimaryKey } from '../../src/schema/primary-key.ts';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import type { QueryAnswer, QueryPlan } from '../../src/search/plan.ts';
import { executeQuery } from '../../src/search/query.ts';
import { Turn } from '../../src/search/read-context.ts';
import { mergeQueryAnswers } from '../../src/search/reduce.ts';
import { keyCount, keysOfColumn, sliceKeys } from '../../src/segments/key-list.ts';
import type { KeyList } from '../../src/segments/segment.ts';
import {
  FakeSegment,
  hurriedClock,
  inlineContext,
  int32Column,
  int64Column,
  KEY,
  NAME,
  queryPlan,
  schemaOf,
  SIZE,
  textColumn,
} from './world.ts';

const ROWS = 300;

interface Lie {
  readonly isText: boolean;
  /** Rows of each segment. */
  readonly cuts: readonly number[];
  readonly chunkRows: number;
  readonly shuffle: readonly number[];
  readonly hidden: readonly number[];
}

const lies: fc.Arbitrary<Lie> = fc.record({
  isText: fc.boolean(),
  cuts: fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 4 }),
  chunkRows: fc.integer({ min: 7, max: 200 }),
  shuffle: fc.array(fc.nat(ROWS - 1), { minLength: 0, maxLength: 60 }),
  hidden: fc.uniqueArray(fc.nat(90), { maxLength: 40 }),
});

/** Keys 0 to ROWS - 1 in an order of their own, spread over segments. */
function segmentsOf(lie: Lie): FakeSegment[] {
  const ids = Array.from({ length: ROWS }, (_, i) => i);
  for (const [i, other] of lie.shuffle.entries()) {
    [ids[i], ids[other]] = [ids[other]!, ids[i]!];
  }
  const segments: FakeSegment[] = [];
  let start = 0;
  for (let i = 0; start < ROWS; i++) {
    const end = Math.min(ROWS, start + (lie.cuts[i] ?? ROWS));
    segments.push(segmentOf(ids.slice(start, end), lie));
    start = end;
  }
  return segments;
}

function segmentOf(ids: readonly number[], lie: Pick<Lie, 'isText' | 'chunkRows' | 'hidden'>) {
  const keys = lie.isText
    ? textColumn(ids.map((id) => `k${String(id).padStart(5, '0')}`))
    : int64Column(ids);
  const columns = new Map<number, Column>([
    [KEY, keys],
    [SIZE, int32Column(ids.map((id) => id % 50))],
    [NAME, textColumn(ids.map((id) => `n${id}`))],
  ]);
  const hidden = lie.hidden.filter((row) => row < ids.length);
  return new FakeSegment(columns, { chunkRows: lie.chunkRows, hidden });
}

function keysIn({ batch }: QueryAnswer): PrimaryKey[] {
  return keysOf(batch.columns.get(KEY)!);
}

function lastKey({ batch }: QueryAnswer): KeyList {
  const keys = keysOfColumn(batch.columns.get(KEY));
  return sliceKeys(keys, keyCount(keys) - 1, keyCount(keys));
}

describe('pages', () => {
  it('are the whole answer cut in pieces, however the rows lie', async () => {
    const asks = fc.record({ limit: fc.integer({ min: 1, max: 130 }), isFiltered: fc.boolean() });
    const property = fc.asyncProperty(lies, asks, async (lie, ask) => {
      const schema = schemaOf({ keyType: lie.isText ? DataType.VarChar : DataType.Int64 });
      const filter = ask.isFiltered ? compileFilter('size < 7', schema) : null;
      const segments = segmentsOf(lie);
      const context = inlineContext(hurriedClock());
      const whole = await executeQuery(queryPlan({ schema, filter }), segments, context);
      const found: PrimaryKey[] = [];
      const names: PrimaryKey[] = [];
      for (let after: KeyList | null = null; ; ) {
        const plan: QueryPlan = queryPlan({
          schema,
          filter,
          rowLimit: ask.limit,
          page: { after },
        });
        const page = await executeQuery(plan, segments, context);
        const parts = segments.map((segment) => executeQuery(plan, [segment], context));
        const merged = mergeQueryAnswers(plan, await Promise.all(parts), new Turn(context));
        expect(await merged).toEqual(page);
        found.push(...keysIn(page));
        names.push(...keysOf(page.batch.columns.get(NAME)!));
        if (page.count < ask.limit) break;
        after = lastKey(page);
      }
      expect(found).toEqual(keysIn(whole));
      expect(names).toEqual(keysOf(whole.batch.columns.get(NAME)!));
    });
    await fc.assert(property, { numRuns: 60 });
  });

  it('look at each row about once, however many they are', async () => {
    const rowCount = 40_000;
    const ids = Array.from({ length: rowCount }, (_, i) => i);
    const segment = segmentOf(ids, { isText: false, chunkRows: rowCount, hidden: [] });
    let pages = 0;
    for (let after: KeyList | null = null; ; pages++) {
      const plan = queryPlan({ rowLimit: 400, page: { after } });
      const page = await executeQuery(plan, [segment], inlineContext());
      if (page.count === 0) break;
      after = lastKey(page);
    }
    expect(pages).toBe(100);
    expect(segment.walkedRows).toBeLessThan(rowCount * 2);
  });
});
