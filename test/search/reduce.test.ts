import { describe, expect, it } from 'vitest';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { keysOf } from '../../src/schema/primary-key.ts';
import type { QueryAnswer, SearchAnswer } from '../../src/search/plan.ts';
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

const hit = (id: bigint, score: number): unknown => ({ id, score });

describe('answers of a search', () => {
  it('are merged by score, then by key, each row once', () => {
    const merged = mergeSearchAnswers(plan, [
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

  it('are as they are when only one has hits', () => {
    const only = searchAnswer([[1, 0]], []);
    expect(mergeSearchAnswers(plan, [emptySearchAnswer(plan), only])).toBe(only);
    const none = mergeSearchAnswers(plan, []);
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
  it('are merged by key up to the limit', () => {
    const parts = [queryAnswer(1, 5, 9), queryAnswer(2, 3), emptyQueryAnswer(queryPlan())];
    const outputFieldIds = [KEY, NAME];
    const all = mergeQueryAnswers(queryPlan({ outputFieldIds }), parts);
    expect(keysOf(all.batch.columns.get(KEY)!)).toEqual([1n, 2n, 3n, 5n, 9n]);
    expect(all.count).toBe(5);
    const some = mergeQueryAnswers(queryPlan({ outputFieldIds, rowLimit: 3 }), parts);
    expect(keysOf(some.batch.columns.get(NAME)!)).toEqual(['name 1', 'name 2', 'name 3']);
    expect(some.count).toBe(3);
  });

  it('are as they are when only one has rows', () => {
    const only = queryAnswer(1);
    expect(mergeQueryAnswers(queryPlan(), [only, emptyQueryAnswer(queryPlan())])).toBe(only);
    expect(mergeQueryAnswers(queryPlan(), []).count).toBe(0);
  });

  it('are the sum of the counts when only those are wanted', () => {
    const count = (number: number): QueryAnswer => ({
      ...emptyQueryAnswer(queryPlan()),
      count: number,
    });
    expect(mergeQueryAnswers(queryPlan({ countOnly: true }), [count(3), count(4)]).count).toBe(7);
  });

  it('lose the first rows to an offset', () => {
    const answer = queryAnswer(1, 2, 3);
    expect(keysOf(skipRows(answer, 2).batch.columns.get(KEY)!)).toEqual([3n]);
    expect(skipRows(answer, 2).count).toBe(1);
    expect(skipRows(answer, 9).count).toBe(0);
    expect(skipRows(answer, 0)).toBe(answer);
  });

  it('are refused when together they are too large', () => {
    const heavy = (key: number): QueryAnswer => {
      const columns = new Map<number, Column>([
        [KEY, int64Column([key])],
        [NAME, textColumn(['x'.repeat(60_000_000)])],
      ]);
      return { count: 1, batch: { rowCount: 1, columns } };
    };
    expect(() => mergeQueryAnswers(queryPlan(), [heavy(1), heavy(2)])).toThrow(
      'query results exceed the maxOutputSize Limit 104857600',
    );
  });
});
