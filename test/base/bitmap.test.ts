import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bitmap } from '../../src/base/bitmap.ts';

/** The naive form: one boolean a bit. */
function bitmapOf(bits: readonly boolean[]): Bitmap {
  const bitmap = new Bitmap(bits.length);
  for (const [index, bit] of bits.entries()) if (bit) bitmap.set(index);
  return bitmap;
}

function bitsOf(bitmap: Bitmap): boolean[] {
  return Array.from({ length: bitmap.length }, (_, index) => bitmap.get(index));
}

const bits = fc.array(fc.boolean(), { maxLength: 130 });
const pairs = bits.chain((left) =>
  fc.tuple(
    fc.constant(left),
    fc.array(fc.boolean(), { minLength: left.length, maxLength: left.length }),
  ),
);

describe('a bitmap', () => {
  it('does bit by bit what its operations say, and keeps the spare bits zero', () => {
    fc.assert(
      fc.property(pairs, ([left, right]) => {
        const of = (): Bitmap => bitmapOf(left);
        const other = bitmapOf(right);
        expect(bitsOf(of().and(other))).toEqual(left.map((bit, i) => bit && right[i]));
        expect(bitsOf(of().or(other))).toEqual(left.map((bit, i) => bit || right[i]));
        expect(bitsOf(of().andNot(other))).toEqual(left.map((bit, i) => bit && right[i] !== true));
        expect(bitsOf(of().not())).toEqual(left.map((bit) => !bit));
        expect(of().not().count()).toBe(left.filter((bit) => !bit).length);
        expect(Bitmap.full(left.length).count()).toBe(left.length);
      }),
    );
  });

  it('counts and lists its set bits in order, up to a limit', () => {
    fc.assert(
      fc.property(bits, fc.nat(140), (values, limit) => {
        const expected = values.flatMap((bit, index) => (bit ? [index] : []));
        const bitmap = bitmapOf(values);
        expect(bitmap.count()).toBe(expected.length);
        expect([...bitmap.toOffsets()]).toEqual(expected);
        expect([...bitmap.toOffsets(limit)]).toEqual(expected.slice(0, limit));
      }),
    );
  });

  it('sets exactly the bits of a range', () => {
    fc.assert(
      fc.property(fc.nat(200), fc.nat(200), (a, b) => {
        const [start, end] = a < b ? [a, b] : [b, a];
        const bitmap = new Bitmap(200);
        bitmap.setRange(start, end);
        expect(bitsOf(bitmap)).toEqual(
          Array.from({ length: 200 }, (_, index) => index >= start && index < end),
        );
      }),
    );
  });

  it('clears a bit, and a clone is its own', () => {
    const bitmap = Bitmap.full(40);
    const clone = bitmap.clone();
    bitmap.clear(33);
    expect(bitmap.get(33)).toBe(false);
    expect(clone.get(33)).toBe(true);
  });
});
