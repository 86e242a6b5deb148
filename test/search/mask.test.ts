import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bitmap } from '../../src/base/bitmap.ts';
import { systemClock } from '../../src/base/clock.ts';
import { compileFilter } from '../../src/query/bind.ts';
import { filterMask, intersect, sliceBits, sliceWords } from '../../src/search/mask.ts';
import { Turn } from '../../src/search/read-context.ts';
import { hurriedClock, int32Column, schemaOf, SIZE } from './world.ts';

function bitmapOf(bits: readonly boolean[]): Bitmap {
  const bitmap = new Bitmap(bits.length);
  for (const [i, bit] of bits.entries()) if (bit) bitmap.set(i);
  return bitmap;
}

const someBits = fc.array(fc.boolean(), { maxLength: 150 });

describe('bits of a chunk', () => {
  it('are cut out of those of the segment at any place', () => {
    fc.assert(
      fc.property(someBits, fc.nat(150), fc.nat(150), (bits, a, b) => {
        const start = Math.min(a, b, bits.length);
        const end = Math.min(Math.max(a, b), bits.length);
        const slice = sliceBits(bitmapOf(bits), start, end - start);
        expect(slice).toEqual(bitmapOf(bits.slice(start, end)));
      }),
    );
  });

  it('are cut into ranges of whole words for tasks', () => {
    const bits = Array.from({ length: 100 }, (_, i) => i % 3 === 0);
    const words = sliceWords(bitmapOf(bits), 32, 100);
    expect(new Bitmap(68, words)).toEqual(bitmapOf(bits.slice(32)));
  });

  it('are those of both masks, null being all', () => {
    const [left, right] = [bitmapOf([true, true, false]), bitmapOf([true, false, false])];
    expect(intersect(null, null)).toBe(null);
    expect(intersect(left, null)).toBe(left);
    expect(intersect(null, right)).toBe(right);
    expect(intersect(left, right)).toEqual(bitmapOf([true, false, false]));
  });
});

describe('the mask of a filter', () => {
  const filter = compileFilter('size % 7 == 3', schemaOf());
  const rowCount = 100_003;
  const columns = new Map([[SIZE, int32Column(Array.from({ length: rowCount }, (_, i) => i))]]);

  it('is the same whether the rows are tried at once or in slices', async () => {
    const clock = hurriedClock();
    for (const turn of [new Turn({ clock }), new Turn({ clock: systemClock })]) {
      const mask = await filterMask(filter, { rowCount, wanted: null, columns }, turn);
      expect(mask.length).toBe(rowCount);
      const expected = Array.from({ length: rowCount }, (_, i) => i).filter((i) => i % 7 === 3);
      expect(mask.toOffsets()).toEqual(Uint32Array.from(expected));
    }
    expect(clock.yields.count).toBeGreaterThan(4);
  });

  it('is not asked of stretches that nobody wants', async () => {
    const wanted = new Bitmap(rowCount);
    wanted.set(50_004);
    const turn = new Turn({ clock: hurriedClock() });
    const mask = await filterMask(filter, { rowCount, wanted, columns }, turn);
    expect(mask.get(50_004)).toBe(50_004 % 7 === 3);
    expect(mask.get(3)).toBe(false);
  });
});
