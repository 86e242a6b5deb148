import { describe, expect, it } from 'vitest';
import { GroupTally } from '../../src/search/group-tally.ts';

describe('a tally of groups', () => {
  it('keeps so many hits of so many groups, in the order of their first hits', () => {
    const tally = new GroupTally({ limit: 2, size: 2, chosen: null });
    const kept = [5, 5, 5, 6, 7, 6, 6].map((one) => tally.offer(one));
    expect(kept).toEqual([true, true, false, true, false, true, false]);
    expect([tally.hasGroups, tally.isMet, tally.isFull]).toEqual([true, true, true]);
  });

  it('keeps hits of chosen groups only', () => {
    const tally = new GroupTally({ limit: 9, size: 2, chosen: new Set([1, 2]) });
    expect([tally.isMet, tally.misses(1), tally.misses(3)]).toEqual([false, true, false]);
    expect([3, 1, 2, 1].map((one) => tally.offer(one))).toEqual([false, true, true, true]);
    expect([tally.isMet, tally.isFull, tally.wants(1), tally.wants(2)]).toEqual([
      ...[true, false],
      ...[false, true],
    ]);
  });
});
