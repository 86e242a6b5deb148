import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import {
  compareKeys,
  orderedKeys,
  smallestRows,
  sortedPositions,
} from '../../src/search/key-order.ts';
import { Turn } from '../../src/search/read-context.ts';
import { keysOfColumn } from '../../src/segments/key-list.ts';
import type { KeyList } from '../../src/segments/segment.ts';
import { hurriedClock, int64Column, textColumn } from './world.ts';

type Key = bigint | string;

function listOf(keys: readonly Key[]): KeyList {
  const isText = keys.some((key) => typeof key === 'string');
  return keysOfColumn(isText ? textColumn(keys.map(String)) : int64Column(keys.map(BigInt)));
}

function compare(left: Key, right: Key): number {
  if (typeof left === 'bigint' && typeof right === 'bigint')
    return left < right ? -1 : left > right ? 1 : 0;
  return Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right)));
}

const someKeys: fc.Arbitrary<Key[]> = fc.oneof(
  fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 60 }),
  fc.array(fc.bigInt({ min: -3n, max: 3n }), { maxLength: 60 }),
  fc.array(fc.string({ unit: 'grapheme', maxLength: 6 }), { maxLength: 60 }),
);

describe('the order of keys', () => {
  it('is by value for int64 and by UTF-8 bytes for text', () => {
    fc.assert(
      fc.property(someKeys, (keys) => {
        const ordered = orderedKeys(listOf(keys));
        for (let i = 0; i < keys.length; i++) {
          const other = keys.length - 1 - i;
          const sign = Math.sign(compareKeys(ordered, i, ordered, other));
          expect(sign).toBe(Math.sign(compare(keys[i]!, keys[other]!)));
        }
      }),
    );
  });

  it('sorts every list stably', async () => {
    await fc.assert(
      fc.asyncProperty(someKeys, async (keys) => {
        const positions = await sortedPositions(listOf(keys), new Turn({ clock: systemClock }));
        const expected = keys.map((_, i) => i).sort((a, b) => compare(keys[a]!, keys[b]!) || a - b);
        expect(Array.from(positions)).toEqual(expected);
      }),
    );
  });

  it('finds the smallest of some rows', async () => {
    await fc.assert(
      fc.asyncProperty(someKeys, fc.nat({ max: 20 }), async (keys, limit) => {
        const rows = Uint32Array.from(keys.map((_, i) => i).filter((i) => i % 3 !== 0));
        const turn = new Turn({ clock: systemClock });
        const found = await smallestRows(orderedKeys(listOf(keys)), rows, limit, turn);
        const sorted = (some: Iterable<number>): Key[] =>
          Array.from(some, (row) => keys[row]!).sort(compare);
        expect(new Set(found).size).toBe(Math.min(limit, rows.length));
        expect(sorted(found)).toEqual(sorted(rows).slice(0, limit));
      }),
    );
  });

  it('gives others a turn while it sorts a long list', async () => {
    const clock = hurriedClock();
    const keys = Array.from({ length: 20_000 }, (_, i) => BigInt((i * 7919) % 20_011));
    const positions = await sortedPositions(listOf(keys), new Turn({ clock }));
    expect(clock.yields.count).toBeGreaterThan(10);
    const sorted = Array.from(positions, (at) => keys[at]!);
    expect(sorted.every((key, i) => i === 0 || key >= sorted[i - 1]!)).toBe(true);
  });

  it('gives others a turn while it looks for the smallest', async () => {
    const clock = hurriedClock();
    const keys = Array.from({ length: 20_000 }, (_, i) => BigInt(20_000 - i));
    const rows = Uint32Array.from({ length: 20_000 }, (_, i) => i);
    const found = await smallestRows(orderedKeys(listOf(keys)), rows, 2, new Turn({ clock }));
    expect(clock.yields.count).toBeGreaterThan(2);
    expect(Array.from(found.toSorted())).toEqual([19_998, 19_999]);
  });
});
