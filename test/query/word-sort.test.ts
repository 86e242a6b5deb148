import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nativeAddon } from '../../src/base/native.ts';
import type { NativeAddon } from '../../src/base/native.ts';
import { WordSort } from '../../src/query/word-sort.ts';

function sorted<T extends BigInt64Array | Float64Array>(
  values: T,
  piece: number,
  addon: NativeAddon | null,
): T {
  const sort = new WordSort(values, addon);
  for (let start = 0; start < sort.work; start += piece) {
    sort.run(start, Math.min(sort.work, start + piece));
  }
  return values;
}

describe.each([
  ['of this platform', nativeAddon()],
  ['without native kernels', null],
])('WordSort %s', (_name, addon) => {
  it('sorts integers, in pieces of any size', () => {
    const int64 = fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n });
    const some = fc.array(fc.oneof(int64, fc.bigInt({ min: -3n, max: 3n })), { minLength: 1 });
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 40 }), (values, piece) => {
        const expected = BigInt64Array.from(values).sort();
        expect(sorted(BigInt64Array.from(values), piece, addon)).toEqual(expected);
      }),
    );
  });

  it('sorts doubles, infinities among them', () => {
    const double = fc.double({ noNaN: true }).map((value) => value + 0);
    fc.assert(
      fc.property(
        fc.array(double, { minLength: 1 }),
        fc.integer({ min: 1, max: 40 }),
        (values, piece) => {
          const expected = Float64Array.from(values).sort();
          expect(sorted(Float64Array.from(values), piece, addon)).toEqual(expected);
        },
      ),
    );
  });
});
