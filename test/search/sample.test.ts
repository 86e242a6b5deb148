import { describe, expect, it } from 'vitest';
import { Bitmap } from '../../src/base/bitmap.ts';
import type { Random } from '../../src/base/random.ts';
import type { Source } from '../../src/search/source.ts';
import { Turn } from '../../src/search/read-context.ts';
import { sampleSources, withSeed } from '../../src/search/sample.ts';
import { hurriedClock, queryPlan } from './world.ts';

function source(rowCount: number, allowed: Bitmap | null = null): Source {
  const chunk = { rowStart: 0, rowCount, load: async () => new Map() };
  return { chunk, allowed, rowCount: allowed?.count() ?? rowCount };
}

function planOf(sample: number, sampleSeed = 1) {
  return queryPlan({
    filter: { predicate: { kind: 'constant', value: true }, sample },
    sampleSeed,
  });
}

async function sampled(share: number, sources: readonly Source[], seed = 1): Promise<number[][]> {
  const turn = new Turn({ clock: hurriedClock() });
  const taken = await sampleSources(planOf(share, seed), sources, turn);
  return taken.map(({ allowed }) => [...(allowed?.toOffsets() ?? [])]);
}

describe('a sample', () => {
  it.each([
    [100, 0.1, 10],
    [99, 0.1, 9],
    [5, 0.1, 1],
    [1, 0.001, 1],
    [200_000, 0.5, 100_000],
    [10, 0.99, 9],
  ])('of %d rows by %d has %d', async (rowCount, share, count) => {
    const [rows] = await sampled(share, [source(rowCount)]);
    expect(new Set(rows).size).toBe(count);
    expect(rows?.every((row) => row < rowCount)).toBe(true);
  });

  it('takes its share of all sources together, and rows that are allowed only', async () => {
    const even = new Bitmap(40);
    for (let row = 0; row < 40; row += 2) even.set(row);
    const parts = await sampled(0.5, [source(40, even), source(60)]);
    expect(parts.flat()).toHaveLength(40);
    expect(parts[0]?.every((row) => row % 2 === 0)).toBe(true);
    expect(even.count()).toBe(20);
  });

  it('is the same for the same seed, and as good as every time another one for others', async () => {
    const once = await sampled(0.1, [source(1000)], 7);
    expect(await sampled(0.1, [source(1000)], 7)).toEqual(once);
    expect(await sampled(0.1, [source(1000)], 8)).not.toEqual(once);
  });

  it('prefers no row', async () => {
    const counts = new Uint32Array(20);
    for (let seed = 0; seed < 4000; seed++) {
      const [rows = []] = await sampled(0.25, [source(20)], seed * 2_654_435_761);
      for (const row of rows) counts[row]!++;
    }
    // 1,000 each are expected, with a standard deviation of 27.
    expect(Math.min(...counts)).toBeGreaterThan(850);
    expect(Math.max(...counts)).toBeLessThan(1150);
  });

  it('of no rows is none', async () => {
    expect(await sampled(0.5, [])).toEqual([]);
  });
});

describe('the seed of a read', () => {
  const random: Random = { bytes: () => Uint8Array.of(1, 2, 3, 255) };

  it('comes from the random port where the filter takes a sample', () => {
    expect(withSeed(planOf(0.5), random).sampleSeed).toBe(0xff030201);
    const plain = queryPlan();
    expect(withSeed(plain, random)).toBe(plain);
  });

  it('is the moment of the read where there is none', async () => {
    const at = async (timestamp: bigint): Promise<unknown> => {
      const { sampleSeed: _, ...plan } = planOf(0.1);
      const turn = new Turn({ clock: hurriedClock() });
      const [taken] = await sampleSources({ ...plan, timestamp }, [source(1000)], turn);
      return [...(taken?.allowed?.toOffsets() ?? [])];
    };
    expect(await at(1n << 40n)).toEqual(await at(1n << 40n));
    expect(await at(1n << 40n)).not.toEqual(await at(2n << 40n));
  });
});
