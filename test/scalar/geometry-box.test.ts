import { expect, it } from 'vitest';
import { geometryBox } from '../../src/scalar/geometry-box.ts';
import { wktToWkb } from '../../src/schema/geometry.ts';

it.each([
  ['POINT (1 -2)', [1, -2, 1, -2]],
  ['POINT Z (1 2 9)', [1, 2, 1, 2]],
  ['LINESTRING (0 0, 5 -1, 2 7)', [0, -1, 5, 7]],
  ['POLYGON ((0 0, 4 0, 4 4, 0 0), (1 1, 2 1, 2 2, 1 1))', [0, 0, 4, 4]],
  ['MULTIPOINT (1 2, 3 -4)', [1, -4, 3, 2]],
  ['MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((8 8, 9 8, 9 9, 8 8)))', [0, 0, 9, 9]],
  ['GEOMETRYCOLLECTION (POINT (1 1), LINESTRING (2 2, 3 9), POINT EMPTY)', [1, 1, 3, 9]],
])('is around %s', (text, [minX, minY, maxX, maxY]) => {
  expect(geometryBox(wktToWkb(text))).toEqual({ minX, minY, maxX, maxY });
});

it.each(['POINT EMPTY', 'POLYGON EMPTY', 'GEOMETRYCOLLECTION EMPTY'])(
  'is not around %s',
  (text) => {
    expect(geometryBox(wktToWkb(text))).toBeNull();
  },
);

it('of bytes that are no geometry is refused', () => {
  expect(() => geometryBox(Uint8Array.of(1, 1, 0))).toThrow();
  expect(() => geometryBox(Uint8Array.of(1, 255, 255, 255, 255, 0, 0, 0, 0))).toThrow(
    'geometry type',
  );
});
