import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { boundsOf } from '../../src/query/geometry-bounds.ts';
import { loadGeometry, prepareTest } from '../../src/query/geometry-relations.ts';
import type { GeometryRelation } from '../../src/query/predicate.ts';
import { wktToWkb } from '../../src/schema/geometry.ts';

beforeAll(loadGeometry);

const RELATIONS: readonly GeometryRelation[] = [
  'equals',
  'touches',
  'overlaps',
  'crosses',
  'contains',
  'intersects',
  'within',
];

/** Initials of the relations in which the first geometry stands to the second. */
function relations(row: string, constant: string): string {
  const wkb = wktToWkb(row);
  return RELATIONS.filter((kind) =>
    prepareTest({ kind, wkb: wktToWkb(constant) })(wkb, boundsOf(wkb)),
  )
    .map((kind) => kind)
    .join(' ');
}

const SQUARE = 'POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))';
const WITH_HOLE = 'POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (4 4, 6 4, 6 6, 4 6, 4 4))';

describe('how geometries stand to each other', () => {
  it.each<[string, string, string]>([
    // Points and areas.
    ['POINT (5 5)', SQUARE, 'intersects within'],
    ['POINT (0 5)', SQUARE, 'touches intersects'],
    ['POINT (0 0)', SQUARE, 'touches intersects'],
    ['POINT (11 5)', SQUARE, ''],
    ['POINT (5 5)', WITH_HOLE, ''],
    ['POINT (4 5)', WITH_HOLE, 'touches intersects'],
    [SQUARE, 'POINT (5 5)', 'contains intersects'],
    [SQUARE, 'POINT (10 10)', 'touches intersects'],
    [SQUARE, 'POINT (10.5 10)', ''],
    ['POINT Z (5 5 99)', SQUARE, 'intersects within'],
    [
      'POINT (5 5)',
      'MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((4 4, 9 4, 9 9, 4 4)))',
      'touches intersects',
    ],
    // Points and points.
    ['POINT (1 2)', 'POINT (1 2)', 'equals contains intersects within'],
    ['POINT (1 2)', 'POINT ZM (1 2 3 4)', 'equals contains intersects within'],
    ['POINT (1 2)', 'POINT (2 1)', ''],
    ['MULTIPOINT (0 0, 1 1)', 'MULTIPOINT (1 1, 0 0)', 'equals contains intersects within'],
    ['MULTIPOINT (0 0, 1 1)', 'MULTIPOINT (1 1, 2 2)', 'overlaps intersects'],
    ['MULTIPOINT (0 0, 1 1)', 'POINT (1 1)', 'contains intersects'],
    ['MULTIPOINT (5 5, 20 20)', SQUARE, 'crosses intersects'],
    // Lines.
    ['LINESTRING (0 0, 2 2)', 'LINESTRING (0 2, 2 0)', 'crosses intersects'],
    ['LINESTRING (0 0, 1 3)', 'LINESTRING (0 1, 1 0)', 'crosses intersects'],
    ['LINESTRING (0 0, 2 2)', 'LINESTRING (2 2, 3 0)', 'touches intersects'],
    ['LINESTRING (0 0, 2 0)', 'LINESTRING (1 0, 3 0)', 'overlaps intersects'],
    ['LINESTRING (0 0, 1 1, 2 2)', 'LINESTRING (2 2, 0 0)', 'equals contains intersects within'],
    ['LINESTRING (0 0, 9 0)', 'LINESTRING (1 0, 3 0)', 'contains intersects'],
    ['LINESTRING (1 1, 2 2)', 'LINESTRING (5 5, 6 6)', ''],
    ['LINESTRING (0 0, 2 2)', 'POINT (1 1)', 'contains intersects'],
    ['LINESTRING (0 0, 2 2)', 'POINT (2 2)', 'touches intersects'],
    // Lines and areas.
    ['LINESTRING (-5 5, 15 5)', SQUARE, 'crosses intersects'],
    ['LINESTRING (1 1, 2 2)', SQUARE, 'intersects within'],
    ['LINESTRING (0 0, 10 0)', SQUARE, 'touches intersects'],
    ['LINESTRING (-1 -1, -1 5)', SQUARE, ''],
    [SQUARE, 'LINESTRING (-5 5, 15 5)', 'crosses intersects'],
    [SQUARE, 'LINESTRING (0 0, 5 5)', 'contains intersects'],
    ['MULTILINESTRING ((1 1, 2 2), (20 20, 30 30))', SQUARE, 'crosses intersects'],
    // Areas.
    [SQUARE, 'POLYGON ((0 0, 0 10, 10 10, 10 0, 0 0))', 'equals contains intersects within'],
    [SQUARE, 'POLYGON ((5 5, 15 5, 15 15, 5 15, 5 5))', 'overlaps intersects'],
    [SQUARE, 'POLYGON ((10 0, 20 0, 20 10, 10 10, 10 0))', 'touches intersects'],
    [SQUARE, 'POLYGON ((10 10, 20 10, 20 20, 10 10))', 'touches intersects'],
    [SQUARE, 'POLYGON ((1 1, 2 1, 2 2, 1 1))', 'contains intersects'],
    ['POLYGON ((1 1, 2 1, 2 2, 1 1))', SQUARE, 'intersects within'],
    ['POLYGON ((4.5 4.5, 5 4.5, 5 5, 4.5 4.5))', WITH_HOLE, ''],
    ['POLYGON ((4 4, 6 4, 6 6, 4 6, 4 4))', WITH_HOLE, 'touches intersects'],
    ['MULTIPOLYGON (((0 0, 1 0, 1 1, 0 0)), ((7 7, 8 7, 8 8, 7 7)))', SQUARE, 'intersects within'],
    // Collections: the union of what is in them.
    ['GEOMETRYCOLLECTION (POINT (5 5), LINESTRING (1 1, 2 2))', SQUARE, 'intersects within'],
    ['GEOMETRYCOLLECTION (POINT (50 50), LINESTRING (1 1, 2 2))', SQUARE, 'crosses intersects'],
    [
      'GEOMETRYCOLLECTION (POINT (1 1), GEOMETRYCOLLECTION (POINT (1 1)))',
      'POINT (1 1)',
      'equals contains intersects within',
    ],
    [SQUARE, 'GEOMETRYCOLLECTION (POINT (5 5), POINT (0 0))', 'contains intersects'],
    // What is empty is the same as what else is empty, and meets nothing.
    ['POINT EMPTY', 'POLYGON EMPTY', 'equals'],
    ['POINT EMPTY', SQUARE, ''],
    [SQUARE, 'GEOMETRYCOLLECTION EMPTY', ''],
    ['MULTIPOINT (EMPTY, (5 5))', SQUARE, 'intersects within'],
    ['GEOMETRYCOLLECTION (POLYGON EMPTY, POINT (5 5))', SQUARE, 'intersects within'],
  ])('%s and %s: %s', (row, constant, expected) => {
    expect(relations(row, constant)).toBe(expected);
  });

  it('decides a point beside a long line exactly', () => {
    const triangle = 'POLYGON ((0 0, 3e15 1e15, 3e15 0, 0 0))';
    expect(relations('POINT (1500000000000003 500000000000001)', triangle)).toBe(
      'touches intersects',
    );
    expect(relations('POINT (1500000000000002 500000000000001)', triangle)).toBe('');
    expect(relations('POINT (1500000000000004 500000000000001)', triangle)).toBe(
      'intersects within',
    );
  });
});

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const box = fc.record({
  x: fc.integer({ min: 0, max: 6 }),
  y: fc.integer({ min: 0, max: 6 }),
  width: fc.integer({ min: 1, max: 5 }),
  height: fc.integer({ min: 1, max: 5 }),
});

function polygon({ x, y, width, height }: Box): string {
  const [right, top] = [x + width, y + height];
  return `POLYGON ((${x} ${y}, ${right} ${y}, ${right} ${top}, ${x} ${top}, ${x} ${y}))`;
}

/** The relations of two rectangles, cell by cell of the grid that their corners lie on. */
function naive(a: Box, b: Box): string {
  const cells = (one: Box): Set<string> => {
    const inside = new Set<string>();
    for (let x = one.x; x < one.x + one.width; x++) {
      for (let y = one.y; y < one.y + one.height; y++) inside.add(`${x}/${y}`);
    }
    return inside;
  };
  const [own, other] = [cells(a), cells(b)];
  const common = [...own].filter((cell) => other.has(cell)).length;
  const isBeside =
    a.x <= b.x + b.width && b.x <= a.x + a.width && a.y <= b.y + b.height && b.y <= a.y + a.height;
  const isWithin = common === own.size;
  const doesContain = common === other.size;
  const found: Readonly<Record<GeometryRelation, boolean>> = {
    equals: isWithin && doesContain,
    touches: common === 0 && isBeside,
    overlaps: common > 0 && !isWithin && !doesContain,
    crosses: false,
    contains: doesContain,
    intersects: isBeside,
    within: isWithin,
  };
  return RELATIONS.filter((relation) => found[relation]).join(' ');
}

describe('generated geometries', () => {
  it('rectangles stand to each other as their cells do', () => {
    fc.assert(
      fc.property(box, box, (a, b) => {
        expect(relations(polygon(a), polygon(b))).toBe(naive(a, b));
      }),
      { numRuns: 300 },
    );
  });

  it('points lie in rectangles as comparisons say', () => {
    const half = fc.integer({ min: 0, max: 24 }).map((n) => n / 2);
    fc.assert(
      fc.property(box, half, half, (area, x, y) => {
        const [right, top] = [area.x + area.width, area.y + area.height];
        const isOutside = x < area.x || x > right || y < area.y || y > top;
        const isInside = x > area.x && x < right && y > area.y && y < top;
        const expected = isOutside ? '' : isInside ? 'intersects within' : 'touches intersects';
        expect(relations(`POINT (${x} ${y})`, polygon(area))).toBe(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('what one contains is within the other', () => {
    const shapes = fc.constantFrom(
      'POINT (1 1)',
      'LINESTRING (0 0, 2 2)',
      'LINESTRING (0 2, 2 0, 4 4)',
      'MULTIPOINT (1 1, 3 3)',
      'POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 2 1, 2 2, 1 2, 1 1))',
      'MULTILINESTRING ((0 0, 4 4), (4 0, 0 4))',
      'GEOMETRYCOLLECTION (POINT (1 1), LINESTRING (2 2, 3 3))',
    );
    fc.assert(
      fc.property(shapes, shapes, (a, b) => {
        const [forth, back] = [relations(a, b), relations(b, a)];
        const swapped = forth
          .replace('contains', 'X')
          .replace('within', 'contains')
          .replace('X', 'within');
        expect(back.split(' ').toSorted()).toEqual(swapped.split(' ').toSorted());
      }),
    );
  });
});

describe('distances in meters', () => {
  function isWithin(row: string, point: string, meters: number): boolean {
    const wkb = wktToWkb(row);
    return prepareTest({ kind: 'dwithin', wkb: wktToWkb(point), meters })(wkb, boundsOf(wkb));
  }

  it.each<[string, string, number]>([
    // A degree of latitude, and one of longitude at 60 degrees, on a sphere of 6,371 km.
    ['POINT (0 1)', 'POINT (0 0)', 111_194.926],
    ['POINT (1 60)', 'POINT (0 60)', 55_597.463 - 0.68],
    ['POINT (-122.4194 37.7749)', 'POINT (-118.2437 34.0522)', 559_120.577],
    // Others by degrees: 111,320 m times the average of a degree at the point.
    ['LINESTRING (0 2, 5 2)', 'POINT (0 0)', 222_640],
    ['POLYGON ((3 0, 4 0, 4 1, 3 0))', 'POINT (0 0)', 333_960],
    ['MULTIPOINT (0 61, 9 61)', 'POINT (0 60)', 111_320 * Math.sqrt(0.625)],
  ])('%s is %s + %d away', (row, point, meters) => {
    expect([isWithin(row, point, meters * 0.9999), isWithin(row, point, meters * 1.0001)]).toEqual([
      false,
      true,
    ]);
  });

  it('are nothing where the point lies', () => {
    expect(isWithin('POINT (1 2)', 'POINT (1 2)', 0)).toBe(true);
    expect(isWithin(SQUARE, 'POINT (5 5)', 0)).toBe(true);
    expect(isWithin(SQUARE, 'POINT (10.1 5)', 0)).toBe(false);
  });

  it('do not reach what is empty', () => {
    expect(isWithin('POINT EMPTY', 'POINT (0 0)', 1e12)).toBe(false);
    expect(isWithin('POINT (0 0)', 'POINT EMPTY', 1e12)).toBe(false);
    expect(isWithin('MULTILINESTRING EMPTY', 'POINT (0 0)', 1e12)).toBe(false);
  });
});

it.each<[string, boolean]>([
  [SQUARE, true],
  [WITH_HOLE, true],
  ['POINT EMPTY', true],
  ['POINT (1 2)', true],
  ['LINESTRING (0 0, 0 0)', false],
  ['LINESTRING (0 0, 1 1, 0 1, 1 0)', true],
  ['POLYGON ((0 0, 10 10, 10 0, 0 10, 0 0))', false],
  ['POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0), (20 20, 21 20, 21 21, 20 20))', false],
  ['MULTIPOLYGON (((0 0, 2 0, 2 2, 0 0)), ((0 0, 2 0, 2 2, 0 0)))', false],
  ['MULTIPOLYGON (((0 0, 2 0, 2 2, 0 0)), ((5 5, 6 5, 6 6, 5 5)))', true],
  ['GEOMETRYCOLLECTION (POINT (0 0), POLYGON ((0 0, 10 10, 10 0, 0 10, 0 0)))', false],
])('whether %s is valid: %s', (text, expected) => {
  const wkb = wktToWkb(text);
  expect(prepareTest({ kind: 'isvalid' })(wkb, boundsOf(wkb))).toBe(expected);
});

it('finds areas that are not valid beside a rectangle', () => {
  const overlapping = 'MULTIPOLYGON (((1 1, 5 1, 5 5, 1 5, 1 1)), ((3 3, 8 3, 8 8, 3 8, 3 3)))';
  expect(relations(overlapping, SQUARE)).toBe('intersects within');
  expect(relations(SQUARE, overlapping)).toBe('contains intersects');
  const away = 'POLYGON ((20 20, 30 20, 30 30, 20 30, 20 20))';
  expect(relations(overlapping, away)).toBe('');
  const across = 'POLYGON ((4 4, 20 4, 20 6, 4 6, 4 4))';
  expect(relations(overlapping, across)).toContain('intersects');
  expect(relations(overlapping, across)).not.toContain('within');
});

it('answers something for geometries that are not valid', () => {
  const bowTie = 'POLYGON ((0 0, 10 10, 10 0, 0 10, 0 0))';
  const spike = 'POLYGON ((0 0, 5 0, 5 5, 5 0, 0 0))';
  for (const [a, b] of [
    [bowTie, SQUARE],
    [SQUARE, bowTie],
    [spike, bowTie],
    [bowTie, spike],
  ] as const) {
    expect(typeof relations(a, b)).toBe('string');
  }
});
