import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionError } from '../../src/base/assert.ts';
import { DataType } from '../../src/schema/data-type.ts';
import {
  compareHalves,
  compareText,
  halvesOf,
  hashKeys,
  joinKeys,
  keyCount,
  keysOfColumn,
  pickKeys,
  sliceKeys,
  textKey,
} from '../../src/segments/key-list.ts';
import { intKeys, keyColumn, textKeys } from './world.ts';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

describe('key lists', () => {
  it('come from the column of the primary key without a copy', () => {
    const keys = intKeys(3, 1);
    const same = keysOfColumn(keyColumn(keys));
    expect(same.kind === 'int64' && keys.kind === 'int64' && same.values === keys.values).toBe(
      true,
    );
    expect(keyCount(keysOfColumn(keyColumn(textKeys('a', 'bc', ''))))).toBe(3);
  });

  it('do not come from other columns', () => {
    expect(() => keysOfColumn(undefined)).toThrow(AssertionError);
    const values = new Int32Array(1);
    const column = { kind: 'fixed', type: DataType.Int32, values, validity: null } as const;
    expect(() => keysOfColumn(column)).toThrow(AssertionError);
  });

  it('are picked, sliced and joined', () => {
    expect(pickKeys(intKeys(5, 6, 7), Uint32Array.of(2, 0))).toEqual(intKeys(7, 5));
    expect(sliceKeys(intKeys(5, 6, 7), 1, 3)).toEqual(intKeys(6, 7));
    expect(joinKeys('int64', [intKeys(5), intKeys(), intKeys(6, 7)])).toEqual(intKeys(5, 6, 7));
    const texts = textKeys('x', '', 'häuser');
    expect(pickKeys(texts, Uint32Array.of(2, 2))).toEqual(textKeys('häuser', 'häuser'));
    const tail = sliceKeys(texts, 1, 3);
    expect(joinKeys('text', [tail, textKeys('a'), tail])).toEqual(
      textKeys('', 'häuser', 'a', '', 'häuser'),
    );
    expect(textKey(texts, 2)).toBe('häuser');
  });

  it('hash the same wherever they lie, and differ where keys do', () => {
    const texts = textKeys('a', 'b', 'ab', '');
    const hashes = hashKeys(texts);
    expect(new Set(hashes).size).toBe(4);
    expect([...hashKeys(sliceKeys(texts, 2, 4))]).toEqual([...hashes.slice(2)]);
    const many = Array.from({ length: 50_000 }, (_, i) => i - 20_000);
    expect(new Set(hashKeys(intKeys(...many))).size).toBeGreaterThan(49_990);
  });

  it('order int64 by halves as numbers are ordered', () => {
    fc.assert(
      fc.property(int64, int64, (a, b) => {
        const halves = halvesOf(BigInt64Array.of(a, b));
        expect(Math.sign(compareHalves(halves, 0, halves, 1))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  it('order text by its UTF-8 bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect(Math.sign(compareText(textKeys(a), 0, textKeys(b), 0))).toBe(expected);
      }),
    );
  });
});
