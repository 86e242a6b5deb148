import { describe, expect, it } from 'vitest';
import { Bitmap } from '../../src/base/bitmap.ts';
import {
  elementsOfRows,
  elementsOfSources,
  gatherElements,
  sliceElements,
} from '../../src/search/element-query.ts';
import type { QueryAnswer } from '../../src/search/plan.ts';
import { Turn } from '../../src/search/read-context.ts';
import { matchOf, sourceOf, STRUCT_SCHEMA } from './struct-world.ts';
import { hurriedClock, int64Column, KEY, queryPlan } from './world.ts';

function answer(lists: readonly (readonly number[])[]): QueryAnswer {
  const offsets = Uint32Array.from([
    0,
    ...lists.map((_, i) => lists.slice(0, i + 1).flat().length),
  ]);
  const places = Uint32Array.from(lists.flat());
  const columns = new Map([[KEY, int64Column(lists.map((_, i) => i))]]);
  const batch = { rowCount: lists.length, columns };
  return { count: places.length, batch, elements: { offsets, places } };
}

function shown({ batch, elements }: QueryAnswer): string[] {
  const keys = batch.columns.get(KEY);
  if (keys?.kind !== 'fixed' || elements === undefined) throw new Error('rows have keys');
  return Array.from(keys.values as BigInt64Array, (key, i) => {
    const [start, end] = [elements.offsets[i], elements.offsets[i + 1]];
    return `${key}: ${elements.places.subarray(start, end).join(' ')}`;
  });
}

describe('the elements that a query answers', () => {
  const whole = answer([[0, 2], [1], [0, 1, 5]]);

  it.each<[number, number, string[]]>([
    [0, 6, ['0: 0 2', '1: 1', '2: 0 1 5']],
    [0, 1, ['0: 0']],
    [1, 3, ['0: 2', '1: 1']],
    [2, 3, ['1: 1']],
    [3, 99, ['2: 0 1 5']],
    [4, 5, ['2: 1']],
    [6, 9, []],
    [99, 100, []],
  ])('from %d to %d', (start, end, expected) => {
    const part = sliceElements(whole, start, end);
    expect(shown(part)).toEqual(expected);
    expect(part.count).toBe(part.elements?.places.length);
  });

  it('are found by row, of all sources', async () => {
    const sources = [
      sourceOf([
        [
          [1, [1, 0]],
          [9, [0, 1]],
        ],
        [[5, [2, 0]]],
      ]),
      {
        ...sourceOf([
          [
            [7, [3, 0]],
            [2, [4, 0]],
            [8, [5, 0]],
          ],
        ]),
        allowed: Bitmap.full(1),
      },
    ];
    const plan = queryPlan({ schema: STRUCT_SCHEMA });
    const turn = new Turn({ clock: hurriedClock() });
    const found = await elementsOfSources(plan, matchOf('$[size] > 4'), sources, turn);
    expect(found.map(({ count }) => count)).toEqual([2, 2]);
    const references = { sources: Uint32Array.of(1, 0, 0), rows: Uint32Array.of(0, 1, 0) };
    const { offsets, places } = elementsOfRows(found, references);
    expect([[...offsets], [...places]]).toEqual([
      [0, 2, 3, 4],
      [0, 2, 0, 1],
    ]);
  });

  it('go with their rows when answers are merged', () => {
    const parts = [whole, answer([[7], [8, 9]])];
    const { offsets, places } = gatherElements(parts, {
      sources: Uint32Array.of(1, 0, 1),
      rows: Uint32Array.of(1, 2, 0),
    });
    expect([[...offsets], [...places]]).toEqual([
      [0, 2, 5, 6],
      [8, 9, 0, 1, 5, 7],
    ]);
  });
});
