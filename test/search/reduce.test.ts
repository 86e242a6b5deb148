import { describe, expect, it } from 'vitest';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { keysOf } from '../../src/schema/primary-key.ts';
import type { QueryAnswer, QueryPlan, SearchAnswer, SearchPlan } from '../../src/search/plan.ts';
import { Turn } from '../../src/search/read-context.ts';
import {
  emptyQueryAnswer,
  emptySearchAnswer,
  mergeQueryAnswers,
  mergeSearchAnswers,
  skipHits,
  skipRows,
} from '../../src/search/reduce.ts';
import { hitsOf } from './reference.ts';
import {
  hurriedClock,
  int64Column,
  KEY,
  NAME,
  queryPlan,
  searchPlan,
  textColumn,
  vectorColumn,
} from './world.ts';

const plan = searchPlan({
  queries: vectorColumn(DataType.FloatVector, 4, new Float32Array(8)),
  outputFieldIds: [KEY, NAME],
  topK: 3,
});

function columnsOf(keys: readonly number[]): Map<number, Column> {
  return new Map<number, Column>([
    [KEY, int64Column(keys)],
    [NAME, textColumn(keys.map((key) => `name ${key}`))],
  ]);
}

/** Hits as [key, score] by query. */
function searchAnswer(
  ...queries: readonly (readonly (readonly [number, number])[])[]
): SearchAnswer {
  const keys = [...new Set(queries.flat().map(([key]) => key))];
  return {
    counts: Uint32Array.from(queries, (hits) => hits.length),
    rows: Uint32Array.from(queries.flat(), ([key]) => keys.indexOf(key)),
    scores: Float32Array.from(queries.flat(), ([, score]) => score),
    batch: { rowCount: keys.length, columns: columnsOf(keys) },
  };
}

function queryAnswer(...keys: number[]): QueryAnswer {
  return { count: keys.length, batch: { rowCount: keys.length, columns: columnsOf(keys) } };
}

const turn = (): Turn => new Turn({ clock: hurriedClock() });
const mergeSearch = (of: SearchPlan, answers: readonly SearchAnswer[]): Promise<SearchAnswer> =>
  mergeSearchAnswers(of, answers, turn());
const mergeQuery = (of: QueryPlan, answers: readonly QueryAnswer[]): Promise<QueryAnswer> =>
  mergeQueryAnswers(of, answers, turn());

const hit = (id: bigint, score: number): unknown => ({ id, score });

describe('answers of a search', () => {
  it('are merged by score, then by key, each row once', async () => {
    const merged = await mergeSearch(plan, [
      searchAnswer(
        [
          [1, 0],
          [5, 2],
        ],
        [[5, 1]],
      ),
      emptySearchAnswer(plan),
      searchAnswer(
        [
          [4, 2],
          [2, 3],
        ],
        [],
      ),
    ]);
    expect(hitsOf(merged)).toEqual([[hit(1n, 0), hit(4n, 2), hit(5n, 2)], [hit(5n, 1)]]);
    expect(merged.batch.rowCount).toBe(3);
    const names = new Set(keysOf(merged.batch.columns.get(NAME)!));
    expect(names).toEqual(new Set(['name 1', 'name 4', 'name 5']));
  });

  it('are as they are when only one has hits', async () => {
    const only = searchAnswer([[1, 0]], []);
    expect(await mergeSearch(plan, [emptySearchAnswer(plan), only])).toBe(only);
    const none = await mergeSearch(plan, []);
    expect(Array.from(none.counts)).toEqual([0, 0]);
    expect([...none.batch.columns.keys()]).toEqual([KEY, NAME]);
  });

  it('lose the first hits of each query to an offset', () => {
    const answer = searchAnswer(
      [
        [1, 0],
        [2, 1],
        [3, 2],
      ],
      [[2, 5]],
    );
    expect(hitsOf(skipHits(answer, 2))).toEqual([[hit(3n, 2)], []]);
    expect(hitsOf(skipHits(answer, 9))).toEqual([[], []]);
    expect(skipHits(answer, 0)).toBe(answer);
  });
});

describe('answers of a query', () => {
  it('are merged by key up to the limit', async () => {
    const parts = [queryAnswer(1, 5, 9), queryAnswer(2, 3), emptyQueryAnswer(queryPlan())];
    const outputFieldIds = [KEY, NAME];
    const all = await mergeQuery(queryPlan({ outputFieldIds }), parts);
    expect(keysOf(all.batch.columns.get(KEY)!)).toEqual([1n, 2n, 3n, 5n, 9n]);
    expect(all.count).toBe(5);
    const some = await mergeQuery(queryPlan({ outputFieldIds, rowLimit: 3 }), parts);
    expect(keysOf(some.batch.columns.get(NAME)!)).toEqual(['name 1', 'name 2', 'name 3']);
    expect(some.count).toBe(3);
  });

  it('are as they are when only one has rows', async () => {
    const only = queryAnswer(1);
    expect(await mergeQuery(queryPlan(), [only, emptyQueryAnswer(queryPlan())])).toBe(only);
    expect((await mergeQuery(queryPlan(), [])).count).toBe(0);
  });

  it('are the sum of the counts when only those are wanted', async () => {
    const count = (number: number): QueryAnswer => ({
      ...emptyQueryAnswer(queryPlan()),
      count: number,
    });
    const sum = await mergeQuery(queryPlan({ countOnly: true }), [count(3), count(4)]);
    expect(sum.count).toBe(7);
  });

  it('lose the first rows to an offset', () => {
    const answer = queryAnswer(1, 2, 3);
    expect(keysOf(skipRows(answer, 2).batch.columns.get(KEY)!)).toEqual([3n]);
    expect(skipRows(answer, 2).count).toBe(1);
    expect(skipRows(answer, 9).count).toBe(0);
    expect(skipRows(answer, 0)).toBe(answer);
  });

  it('are refused when together they are too large', async () => {
    const heavy = (key: number): QueryAnswer => {
      const columns = new Map<number, Column>([
        [KEY, int64Column([key])],
        [NAME, textColumn(['x'.repeat(60_000_000)])],
      ]);
      return { count: 1, batch: { rowCount: 1, columns } };
    };
    const outputFieldIds = [KEY, NAME];
    const merging = mergeQuery(queryPlan({ outputFieldIds }), [heavy(1), heavy(2)]);
    await expect(merging).rejects.toThrow('query results exceed the maxOutputSize Limit 104857600');
  });
});
