import { describe, expect, it } from 'vitest';
import {
  boundsOf,
  doMeet,
  emptyBounds,
  holds,
  isEmptyBounds,
  isPoint,
  readBounds,
} from '../../src/query/geometry-bounds.ts';
import { wktToWkb } from '../../src/schema/geometry.ts';

function box(text: string): number[] {
  const { minX, minY, maxX, maxY } = boundsOf(wktToWkb(text));
  return [minX, minY, maxX, maxY];
}

describe('the box around a geometry', () => {
  it.each<[string, number[]]>([
    ['POINT (1 2)', [1, 2, 1, 2]],
    ['POINT Z (1 2 9)', [1, 2, 1, 2]],
    ['LINESTRING M (1 2 99, -3 4 99)', [-3, 2, 1, 4]],
    ['POLYGON ((0 0, 10 0, 10 20, 0 0), (1 1, 2 1, 2 2, 1 1))', [0, 0, 10, 20]],
    ['MULTIPOINT ZM (1 2 9 9, -5 6 9 9)', [-5, 2, 1, 6]],
    ['MULTIPOINT (EMPTY, (3 4))', [3, 4, 3, 4]],
    ['MULTILINESTRING ((0 0, 1 1), (5 -5, 6 6))', [0, -5, 6, 6]],
    ['MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((7 7, 8 7, 8 8, 7 7)))', [0, 0, 8, 8]],
    ['GEOMETRYCOLLECTION (POINT (9 9), GEOMETRYCOLLECTION (LINESTRING (0 1, 2 3)))', [0, 1, 9, 9]],
  ])('%s', (text, expected) => {
    expect(box(text)).toEqual(expected);
  });

  it.each(['POINT EMPTY', 'POLYGON EMPTY', 'MULTIPOINT (EMPTY)', 'GEOMETRYCOLLECTION EMPTY'])(
    'of %s is empty, and meets nothing',
    (text) => {
      const bounds = boundsOf(wktToWkb(text));
      expect(isEmptyBounds(bounds)).toBe(true);
      expect(doMeet(bounds, boundsOf(wktToWkb('POINT (0 0)')))).toBe(false);
    },
  );

  it('is read where the geometry lies', () => {
    const wkb = wktToWkb('LINESTRING (1 2, 3 4)');
    const bytes = new Uint8Array(wkb.length + 10);
    bytes.set(wkb, 5);
    const bounds = emptyBounds();
    const view = new DataView(bytes.buffer);
    readBounds(view, 5, 5 + wkb.length, bounds);
    expect(bounds).toEqual({ minX: 1, minY: 2, maxX: 3, maxY: 4 });
    expect(() => readBounds(view, 5, 6 + wkb.length, bounds)).toThrow('bytes behind a geometry');
  });
});

it('boxes that touch meet, and a box holds itself', () => {
  const left = boundsOf(wktToWkb('LINESTRING (0 0, 1 1)'));
  const right = boundsOf(wktToWkb('LINESTRING (1 1, 2 2)'));
  const inner = boundsOf(wktToWkb('POINT (0.5 1)'));
  expect([doMeet(left, right), doMeet(inner, right)]).toEqual([true, false]);
  expect([holds(left, left), holds(left, inner), holds(inner, left)]).toEqual([true, true, false]);
});

it('points are told from other geometries', () => {
  expect(
    ['POINT (1 2)', 'POINT ZM EMPTY', 'MULTIPOINT (1 2)'].map((text) => isPoint(wktToWkb(text))),
  ).toEqual([true, true, false]);
});
