import { describe, expect, it } from 'vitest';
import { KeyFilter } from '../../src/segments/key-filter.ts';
import { hashKeys } from '../../src/segments/key-list.ts';
import { intKeys } from './world.ts';

const range = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => from + i);

describe('KeyFilter', () => {
  const present = hashKeys(intKeys(...range(0, 20_000)));
  const filter = KeyFilter.forKeys(present.length);
  filter.add(present);

  it('never rules out a key that is there', () => {
    expect(present.every((hash) => filter.mayHave(hash))).toBe(true);
  });

  it('rules out all but a few in a thousand of the others', () => {
    const absent = hashKeys(intKeys(...range(1_000_000, 50_000)));
    const wrong = absent.filter((hash) => filter.mayHave(hash)).length;
    expect(wrong / absent.length).toBeLessThan(0.004);
  });

  it('takes about 14 bits a key', () => {
    expect((filter.words.byteLength * 8) / present.length).toBeCloseTo(14, 0);
  });

  it('rules out everything when it is empty', () => {
    const empty = KeyFilter.forKeys(0);
    expect(present.some((hash) => empty.mayHave(hash))).toBe(false);
  });
});
