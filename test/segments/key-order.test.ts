import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareHalves, compareText, halvesOf } from '../../src/segments/key-list.ts';
import { orderKeys } from '../../src/segments/key-order.ts';
import type { KeyList } from '../../src/segments/segment.ts';
import { SimClock } from '../sim/sim-clock.ts';
import { SeededRandom } from '../sim/seeded-random.ts';
import { textKeys } from './world.ts';

function expected(keys: KeyList): number[] {
  if (keys.kind === 'int64') {
    const halves = halvesOf(keys.values);
    const rows = Array.from(keys.values, (_, row) => row);
    return rows.sort((a, b) => compareHalves(halves, a, halves, b) || a - b);
  }
  const rows = Array.from({ length: keys.offsets.length - 1 }, (_, row) => row);
  return rows.sort((a, b) => compareText(keys, a, keys, b) || a - b);
}

describe('orderKeys', () => {
  it('sorts int64 keys, ties by row', async () => {
    const value = fc.oneof(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.bigInt({ min: -3n, max: 3n }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 200 }), async (values) => {
        const keys: KeyList = { kind: 'int64', values: BigInt64Array.from(values) };
        expect([...(await orderKeys(keys, new SimClock()))]).toEqual(expected(keys));
      }),
    );
  });

  it('sorts text keys with zeros, shared beginnings and duplicates', async () => {
    const piece = fc.constantFrom('', 'a', 'b', '\0', 'abcd', 'user-', 'ü', '\u{10ffff}');
    const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
    await fc.assert(
      fc.asyncProperty(fc.array(text, { maxLength: 300 }), async (texts) => {
        const keys = textKeys(...texts);
        expect([...(await orderKeys(keys, new SimClock()))]).toEqual(expected(keys));
      }),
    );
  });

  it('sorts many text keys with one long beginning', async () => {
    const random = new SeededRandom(3);
    const texts = Array.from({ length: 5000 }, () => `a/very/long/prefix/${random.integer(3000)}`);
    const keys = textKeys(...texts);
    expect([...(await orderKeys(keys, new SimClock()))]).toEqual(expected(keys));
  });

  it('gives others turns while it sorts very many', async () => {
    const values = new BigInt64Array(100_000);
    for (let i = 0; i < values.length; i++) values[i] = BigInt((i * 7919) % 100_003);
    let turns = 0;
    const clock = new SimClock();
    clock.yieldTurn = () => {
      turns++;
      return Promise.resolve();
    };
    const rows = await orderKeys({ kind: 'int64', values }, clock);
    expect(rows.every((row, i) => i === 0 || values[rows[i - 1]!]! <= values[row]!)).toBe(true);
    expect(turns).toBeGreaterThan(1);
  });
});
