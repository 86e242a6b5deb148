import { describe, expect, it } from 'vitest';
import { DataType } from '../../src/schema/data-type.ts';
import { groupsOf, pickHits, withinGroups } from '../../src/search/group-merge.ts';
import { Turn } from '../../src/search/read-context.ts';
import { fieldReference } from '../../src/search/row-values.ts';
import { hurriedClock, int32Column, searchPlan, SIZE, vectorColumn } from './world.ts';

/** Hits of one query, two of each group. */
const HITS = 10_000;
const batch = {
  rowCount: HITS,
  columns: new Map([[SIZE, int32Column(Array.from({ length: HITS }, (_, i) => i >> 1))]]),
};
const list = {
  counts: Uint32Array.of(HITS),
  rows: Uint32Array.from({ length: HITS }, (_, i) => i),
  scores: new Float32Array(HITS),
};
const group = {
  by: [fieldReference({ id: SIZE, type: DataType.Int32 })],
  size: 1,
  isStrict: false,
  chosen: null,
};
const queries = vectorColumn(DataType.FloatVector, 4, new Float32Array(4));

describe('many hits of one query give turns', () => {
  it('while those of wanted groups are kept', async () => {
    const clock = hurriedClock();
    const plan = searchPlan({ queries, topK: HITS });
    const hits = { ...list, sources: new Uint32Array(HITS) };
    const kept = await withinGroups({ plan, group, parts: [{ batch }] }, hits, new Turn({ clock }));
    expect([...kept.counts]).toEqual([HITS / 2]);
    expect([...kept.rows.subarray(0, 3)]).toEqual([0, 2, 4]);
    expect(clock.yields.count).toBeGreaterThan(9);
  });

  it('while they are told by groups, and picked', async () => {
    const clock = hurriedClock();
    const turn = new Turn({ clock });
    const [groups = []] = await groupsOf(group, { ...list, batch }, turn);
    expect(groups).toHaveLength(HITS / 2);
    expect(groups[1]).toEqual({ values: [1], hits: [2, 3] });
    expect(clock.yields.count).toBeGreaterThan(9);
    const before = clock.yields.count;
    const elements = Uint32Array.from(list.rows).reverse();
    const places = [groups.flatMap(({ hits }) => hits.slice(1))];
    const picked = await pickHits({ ...list, batch, elements }, places, turn);
    expect([[...picked.counts], [...picked.rows.subarray(0, 2)]]).toEqual([[HITS / 2], [1, 3]]);
    expect(picked.elements?.[0]).toBe(HITS - 2);
    expect(clock.yields.count).toBeGreaterThan(before + 9);
  });
});
