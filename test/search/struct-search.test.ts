import { describe, expect, it } from 'vitest';
import type { SearchPlan } from '../../src/search/plan.ts';
import { executeSearch } from '../../src/search/query.ts';
import { Turn } from '../../src/search/read-context.ts';
import { mergeSearchAnswers, skipHits } from '../../src/search/reduce.ts';
import { FACE, matchOf, segmentOf, STRUCT_SCHEMA, pairs } from './struct-world.ts';
import { hurriedClock, inlineContext, KEY, searchPlan } from './world.ts';

const FIRST = segmentOf(
  [
    [
      [1, [1, 0]],
      [9, [0, 1]],
    ],
    [],
    [[5, [1, 0]]],
  ],
  [5, 6, 2],
);
const SECOND = segmentOf(
  [
    [
      [7, [1, 0]],
      [2, [1, 0]],
      [8, [0, 0]],
    ],
  ],
  [3],
);

function planOf(part: Partial<SearchPlan> = {}): SearchPlan {
  return searchPlan({
    schema: STRUCT_SCHEMA,
    fieldId: FACE,
    outputFieldIds: [KEY],
    queries: pairs([[1, 0]]),
    struct: { kind: 'elements', match: null },
    topK: 9,
    ...part,
  });
}

async function search(plan: SearchPlan, segments = [FIRST, SECOND]): Promise<string[]> {
  const answer = await executeSearch(plan, segments, inlineContext());
  return shown(answer);
}

function shown({
  rows,
  scores,
  elements,
  batch,
}: Awaited<ReturnType<typeof executeSearch>>): string[] {
  const keys = batch.columns.get(KEY);
  if (keys?.kind !== 'fixed') throw new Error('hits have keys');
  return Array.from(rows, (row, hit) => `${keys.values[row]}.${elements?.[hit]}=${scores[hit]}`);
}

describe('hits that are elements', () => {
  it('are ordered by score, then by the keys of their rows, then by their places', async () => {
    expect(await search(planOf())).toEqual(['2.0=0', '3.0=0', '3.1=0', '5.0=0', '3.2=1', '5.1=2']);
    expect(await search(planOf({ topK: 3 }))).toEqual(['2.0=0', '3.0=0', '3.1=0']);
  });

  it('are those of which the condition is true', async () => {
    const struct = { kind: 'elements', match: matchOf('$[size] > 4') } as const;
    expect(await search(planOf({ struct }))).toEqual(['2.0=0', '3.0=0', '3.2=1', '5.1=2']);
  });

  it('are none where no row has an element', async () => {
    expect(await search(planOf(), [segmentOf([[], []])])).toEqual([]);
    expect(await search(planOf(), [])).toEqual([]);
  });

  it('are merged over shards, and skipped, with their places', async () => {
    const plan = planOf({ topK: 5 });
    const parts = await Promise.all(
      [FIRST, SECOND].map((segment) => executeSearch(plan, [segment], inlineContext())),
    );
    const merged = await mergeSearchAnswers(plan, parts, new Turn({ clock: hurriedClock() }));
    expect(shown(merged)).toEqual(['2.0=0', '3.0=0', '3.1=0', '5.0=0', '3.2=1']);
    expect(shown(skipHits(merged, 3))).toEqual(['5.0=0', '3.2=1']);
  });
});

it('hits of lists are rows', async () => {
  const queries = pairs([
    [1, 0],
    [0, 1],
    [0, 0],
  ]);
  const plan = planOf({
    queries,
    queryCount: 2,
    struct: { kind: 'lists', offsets: Uint32Array.of(0, 2, 3) },
    topK: 2,
  });
  const answer = await executeSearch(plan, [FIRST, SECOND], inlineContext());
  expect([...answer.counts]).toEqual([2, 2]);
  expect(shown(answer)).toEqual([
    '5.undefined=0',
    '3.undefined=1',
    '3.undefined=0',
    '2.undefined=1',
  ]);
});
