import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BoxTree, writeBoxTree } from '../../src/scalar/box-tree.ts';
import type { Bounds } from '../../src/query/geometry-bounds.ts';
import { ScalarImage, writeImage } from '../../src/scalar/scalar-image.ts';

function treeOf(boxes: readonly Bounds[]): BoxTree {
  const numbers = boxes.flatMap(({ minX, minY, maxX, maxY }) => [minX, minY, maxX, maxY]);
  const rows = Uint32Array.from(boxes, (_, i) => i * 2);
  const sections = writeBoxTree(Float64Array.from(numbers), rows);
  const shape = { structure: 'RTREE', terms: 'boxes', rowCount: boxes.length * 2 } as const;
  const counts = { termCount: boxes.length, minGram: 0, maxGram: 0 };
  return new BoxTree(new ScalarImage(writeImage({ ...shape, ...counts }, sections)));
}

const box = fc
  .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: -50, max: 50 }), fc.nat(9), fc.nat(9))
  .map(
    ([minX, minY, width, height]): Bounds => ({
      minX,
      minY,
      maxX: minX + width,
      maxY: minY + height,
    }),
  );

it('finds every box that touches another', () => {
  fc.assert(
    fc.property(fc.array(box, { maxLength: 600, size: 'max' }), box, (boxes, one) => {
      const out = new Uint32Array((boxes.length * 2 + 31) >>> 5);
      const count = treeOf(boxes).mark(one, out);
      const expected = boxes.flatMap(({ minX, minY, maxX, maxY }, i) =>
        minX <= one.maxX && maxX >= one.minX && minY <= one.maxY && maxY >= one.minY ? [i * 2] : [],
      );
      const found = Array.from({ length: boxes.length * 2 }, (_, row) => row).filter(
        (row) => (out[row >>> 5]! & (1 << (row & 31))) !== 0,
      );
      expect(found).toEqual(expected);
      expect(count).toBe(expected.length);
    }),
    { numRuns: 60 },
  );
});
