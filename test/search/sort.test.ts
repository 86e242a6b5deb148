import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Turn } from '../../src/search/read-context.ts';
import { sortedInTurns } from '../../src/search/sort.ts';
import { hurriedClock } from './world.ts';

describe('a sort in turns', () => {
  it('is the stable sort of the language, for few and for many', async () => {
    const lists = fc
      .tuple(fc.constantFrom(0, 1, 7, 1024, 1025, 5000), fc.integer({ min: 1, max: 50 }))
      .chain(([count, bound]) =>
        fc.array(fc.nat(bound), { minLength: count, maxLength: count, size: 'max' }),
      );
    const property = fc.asyncProperty(lists, async (values) => {
      const turn = new Turn({ clock: hurriedClock() });
      const compare = (left: number, right: number): number => values[left]! - values[right]!;
      const expected = values.map((_, i) => i).sort(compare);
      expect([...(await sortedInTurns(values.length, compare, turn))]).toEqual(expected);
    });
    await fc.assert(property, { numRuns: 25 });
  });

  it('gives turns', async () => {
    const clock = hurriedClock();
    await sortedInTurns(10_000, (left, right) => right - left, new Turn({ clock }));
    expect(clock.yields.count).toBeGreaterThan(10);
  });
});
