import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativeAddon } from '../../src/base/native.ts';
import type { NativeAddon } from '../../src/base/native.ts';
import { WordTable } from '../../src/query/word-table.ts';

describe('WordTable', () => {
  it('has the integers it was made of, and no other', () => {
    const int64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
    fc.assert(
      fc.property(fc.uniqueArray(int64), fc.array(int64), (members, others) => {
        const table = WordTable.of(BigInt64Array.from(members));
        for (const value of [...members, ...others]) {
          const words = new Int32Array(BigInt64Array.of(value).buffer);
          expect(table.has(words[0]!, words[1]!)).toBe(members.includes(value));
        }
      }),
    );
  });

  it.skipIf(nativeAddon() === null)('is the same however it was filled', () => {
    const values = BigInt64Array.from({ length: 5000 }, (_, i) => BigInt(i) * 7919n);
    const filled = (addon: NativeAddon | null): WordTable => {
      const table = new WordTable(values);
      table.add(0, 1234, addon);
      table.add(1234, values.length, addon);
      return table;
    };
    expect(filled(nativeAddon())).toEqual(filled(null));
  });

  it('tells doubles apart by their bits', () => {
    const table = WordTable.of(Float64Array.of(0.1, -2));
    const has = (value: number): boolean => {
      const words = new Int32Array(Float64Array.of(value).buffer);
      return table.has(words[0]!, words[1]!);
    };
    expect([has(0.1), has(-2), has(0.2), has(0)]).toEqual([true, true, false, false]);
  });
});
