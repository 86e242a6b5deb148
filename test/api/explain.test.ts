import { expect, it, onTestFinished } from 'vitest';
import { expr } from '../../src/api/expression.ts';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';

it('a collection explains what a filter does, in all of its shards', async () => {
  const db = await MilvusLite.open(':memory:');
  onTestFinished(() => db.close());
  const schema = { id: f.int64({ primary: true }), year: f.int16(), vector: f.floatVector(2) };
  const books = await db.collection('books', { schema, shards: 2 });
  const rows = Array.from({ length: 200 }, (_, id) => ({ id, year: 1900 + id, vector: [id, 0] }));
  await books.insert(rows.slice(0, 100));
  await books.flush();
  await books.insert(rows.slice(100));
  await books.delete({ ids: [150] });
  const explanation = await books.explain(expr`year >= ${2000} and year % 2 == 0`);
  expect(explanation).toMatchObject({ segments: 4, prunedSegments: 2, matched: 49 });
  expect(explanation.steps.map(({ condition, depth }) => [condition, depth])).toEqual([
    ['year >= 2000 and (year % 2) == 0', 0],
    ['year >= 2000', 1],
    ['(year % 2) == 0', 1],
  ]);
  expect(explanation.steps[1]).toMatchObject({ prunedSegments: 2, rowsAsked: 99, rowsTrue: 99 });
  expect((await books.explain('random_sample(0.25)')).sample).toBe(0.25);
  await expect(books.explain('yeer > 1')).rejects.toThrow(
    'field yeer not exist, did you mean year?',
  );
  await expect(books.explain('year > 1', { limit: 5 } as never)).rejects.toThrow(
    'has no member limit',
  );
});
