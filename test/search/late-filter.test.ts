import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { executeSearch } from '../../src/search/query.ts';
import {
  FakeSegment,
  inlineContext,
  int32Column,
  int64Column,
  KEY,
  schemaOf,
  searchPlan,
  SIZE,
  VECTOR,
  vectorColumn,
} from './world.ts';

const ROWS = 3000;

/** Rows on a line; every tenth has the size 7. */
function lineOf(): FakeSegment {
  const rows = Array.from({ length: ROWS }, (_, i) => i);
  const vectors = Float32Array.from(rows.flatMap((x) => [x, 0, 0, 0]));
  const columns = new Map<number, Column>([
    [KEY, int64Column(rows)],
    [VECTOR, vectorColumn(DataType.FloatVector, 4, vectors)],
    [SIZE, int32Column(rows.map((row) => (row % 10 === 9 ? 7 : 0)))],
  ]);
  return new FakeSegment(columns, { chunkRows: 1100, hidden: [9, 19, 1109] });
}

const queries = vectorColumn(DataType.FloatVector, 4, Float32Array.of(0, 0, 0, 0, 1500, 0, 0, 0));

describe('a filter that comes late', () => {
  it('leaves the hits that it leaves when it comes first', async () => {
    for (const text of ['size == 7', 'size == 0', 'id == 2222', 'size == 8']) {
      const filter = compileFilter(text, schemaOf());
      const plan = searchPlan({ queries, topK: 50, filter, outputFieldIds: [KEY] });
      const first = await executeSearch(plan, [lineOf()], inlineContext());
      const late = { ...plan, isFilterLate: true };
      const answer = await executeSearch(late, [lineOf()], inlineContext());
      // It looks at every row before the filter says which are none.
      expect(answer, text).toEqual({ ...first, searchedRows: 3000 });
    }
  });
});
