import { describe, expect, it } from 'vitest';
import { compileFilter } from '../../src/query/bind.ts';
import { explainFilter, mergeExplanations } from '../../src/search/explain.ts';
import type { Explanation } from '../../src/search/plan.ts';
import { Turn } from '../../src/search/read-context.ts';
import type { Column } from '../../src/schema/column.ts';
import type { Zone } from '../../src/segments/segment.ts';
import {
  FakeSegment,
  hurriedClock,
  int32Column,
  int64Column,
  KEY,
  NAME,
  queryPlan,
  schemaOf,
  SIZE,
  textColumn,
} from './world.ts';

const SCHEMA = schemaOf();

function segment(
  from: number,
  options: ConstructorParameters<typeof FakeSegment>[1] = {},
): FakeSegment {
  const keys = Array.from({ length: 100 }, (_, i) => from + i);
  const zone: Zone = { min: BigInt(from), max: BigInt(from + 99), nullCount: 0, rowCount: 100 };
  return new FakeSegment(
    new Map<number, Column>([
      [KEY, int64Column(keys)],
      [SIZE, int32Column(keys.map((key) => key % 10))],
      [NAME, textColumn(keys.map((key) => (key % 4 === 0 ? null : `name ${key}`)))],
    ]),
    { zones: new Map([[KEY, zone]]), ...options },
  );
}

async function explained(text: string, segments: readonly FakeSegment[]): Promise<Explanation> {
  const plan = queryPlan({ filter: compileFilter(text, SCHEMA) });
  return await explainFilter(plan, segments, new Turn({ clock: hurriedClock() }));
}

describe('what a filter does', () => {
  it('is told condition by condition, in the order of asking', async () => {
    const { steps, ...whole } = await explained('name like "%5" and size == 5', [
      segment(0),
      segment(100),
    ]);
    expect(whole).toMatchObject({ segments: 2, prunedSegments: 0, rows: 200, matched: 15 + 5 });
    expect(steps).toMatchObject([
      {
        condition: 'size == 5 and name like "%5"',
        depth: 0,
        prunedSegments: 0,
        rowsAsked: 200,
        rowsTrue: 20,
        rowsUnknown: 0,
      },
      {
        condition: 'size == 5',
        depth: 1,
        prunedSegments: 0,
        rowsAsked: 200,
        rowsTrue: 20,
        rowsUnknown: 0,
      },
      {
        condition: 'name like "%5"',
        depth: 1,
        prunedSegments: 0,
        rowsAsked: 20,
        rowsTrue: 20,
        rowsUnknown: 0,
      },
    ]);
    expect(steps.every(({ tookMs }) => tookMs >= 0)).toBe(true);
  });

  it('says which segments a condition excludes, and asks nothing there', async () => {
    const segments = [segment(0), segment(100), segment(200)];
    const { steps, ...whole } = await explained('id >= 150 and size < 2', segments);
    expect(whole).toMatchObject({ segments: 3, prunedSegments: 1, rows: 200, matched: 30 });
    expect(steps.map(({ condition, prunedSegments }) => [condition, prunedSegments])).toEqual([
      ['id >= 150 and size < 2', 1],
      ['id >= 150', 1],
      ['size < 2', 0],
    ]);
    expect(segments[0]!.loaded).toEqual([]);
  });

  it('counts what is unknown, under not as well', async () => {
    const { steps, matched } = await explained('not (name == "name 1") or size == 0', [segment(0)]);
    expect(matched).toBe(79);
    expect(
      steps.map(({ condition, depth, rowsAsked, rowsTrue, rowsUnknown }) => [
        condition,
        depth,
        rowsAsked,
        rowsTrue,
        rowsUnknown,
      ]),
    ).toEqual([
      ['size == 0 or not (name == "name 1")', 0, 100, 79, 20],
      ['size == 0', 1, 100, 10, 0],
      ['not (name == "name 1")', 1, 90, 69, 20],
      ['name == "name 1"', 2, 90, 1, 20],
    ]);
  });

  it('leaves out rows that a read does not see', async () => {
    const { rows, matched, steps } = await explained('size == 5', [segment(0, { hidden: [5, 6] })]);
    expect([rows, matched, steps[0]?.rowsAsked]).toEqual([98, 9, 98]);
  });

  it('tells a sample, and of no filter that every row matches', async () => {
    expect((await explained('size == 5 and random_sample(0.5)', [segment(0)])).sample).toBe(0.5);
    const plan = queryPlan();
    const all = await explainFilter(plan, [segment(0)], new Turn({ clock: hurriedClock() }));
    expect([all.matched, all.steps[0]?.condition]).toEqual([100, 'true']);
  });

  it('adds up over parts', async () => {
    const one = await explained('size == 5', [segment(0)]);
    const other = await explained('size == 5', [segment(100), segment(200)]);
    const whole = mergeExplanations([one, other]);
    expect(whole).toMatchObject({ segments: 3, rows: 300, matched: 30 });
    expect(whole?.steps[0]).toMatchObject({ rowsAsked: 300, rowsTrue: 30 });
    expect(mergeExplanations([])).toBeUndefined();
  });
});
