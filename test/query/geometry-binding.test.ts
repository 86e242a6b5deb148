import { describe, expect, it } from 'vitest';
import { asksGeometry, filterFieldIds } from '../../src/query/facts.ts';
import { wktToWkb } from '../../src/schema/geometry.ts';
import { bound } from './struct-rows.ts';

const SQUARE = 'POLYGON ((0 0, 1 0, 1 1, 0 1, 0 0))';

describe('conditions on geometries that are accepted', () => {
  it.each([
    'st_equals(geo, "POINT(0 0)")',
    'ST_EQUALS(geo, "MULTIPOINT((0 0), (1 1))")',
    `st_intersects(geo, "${SQUARE}")`,
    'st_contains(geo, "POINT(0.5 0.5)")',
    `ST_WITHIN(geo, "${SQUARE}")`,
    'st_touches(geo, "LINESTRING(0 0, 1 0)")',
    `st_overlaps(geo, "MULTIPOLYGON(((0 0, 1 0, 1 1, 0 1, 0 0)))")`,
    'sT_cRoSsEs(geo, "MULTILINESTRING((0 0, 1 0), (1 1, 2 1))")',
    'st_intersects(geo, "GEOMETRYCOLLECTION(POINT(0 0), LINESTRING(1 1, 2 2))")',
    'st_dwithin(geo, "POINT(0 0)", 0)',
    'st_dwithin(geo, "POINT(0 0)", 99999999.999)',
    'st_dwithin(geo, "POINT(1 1)", 5 * 2)',
    'st_isvalid(geo)',
    'not st_isvalid(geo)',
    'st_dwithin(geo, "POINT(0 0)", 5.0) or n in [1, 2, 3]',
  ])('%s', (text) => {
    const filter = bound(text);
    expect(filterFieldIds(filter)).toContain(102);
    expect(asksGeometry(filter)).toBe(true);
    expect(structuredClone(filter)).toEqual(filter);
  });

  it('takes the text and the distance from a template', () => {
    expect(bound('st_dwithin(geo, {p}, {m})', { p: 'POINT (1 2)', m: 3n })).toEqual(
      bound('st_dwithin(geo, "POINT (1 2)", 3.0)'),
    );
    expect(bound('st_dwithin(geo, "POINT (1 2)", 3)').predicate).toMatchObject({
      test: { kind: 'dwithin', wkb: wktToWkb('POINT (1 2)'), meters: 3 },
    });
  });
});

describe('conditions on geometries that are refused', () => {
  it.each<[string, string]>([
    [
      'st_equals(n, "POINT(0 0)")',
      'spatial operation are only supported on geometry fields now, got: st_equals(n, "POINT(0 0)")',
    ],
    [`st_intersects(s, "${SQUARE}")`, 'spatial operation are only supported on geometry fields'],
    ['st_dwithin(n, "POINT(0 0)", 1.0)', 'ST_DWITHIN operation are only supported on geometry'],
    ['st_isvalid(n)', 'STIsValid operation are only supported on geometry fields now'],
    ['st_isvalid("POINT(0 0)")', 'STIsValid operation are only supported on geometry fields now'],
    ['st_equals(geo, "INVALID WKT")', 'invalid Geometry data, transform to wkb failed'],
    ['st_intersects(geo, "POINT()")', 'invalid Geometry data, transform to wkb failed'],
    ['st_contains(geo, "POLYGON((0 0, 1 0))")', 'polygon ring with less than 4 points'],
    ['st_within(geo, "LINESTRING(0)")', 'invalid Geometry data, transform to wkb failed'],
    ['st_equals(geo, 5)', 'WKT string should be a string literal or template variable, got: 5'],
    ['st_equals(geo, geo)', 'WKT string should be a string literal or template variable, got: geo'],
    ['st_equals(geo, {p})', 'the value of expression template variable name {p} is not found'],
    ['st_equals(geo)', 'st_equals takes 2 arguments, but got 1'],
    ['st_intersects()', 'st_intersects takes 2 arguments, but got 0'],
    ['st_contains(geo, "POINT(0 0)", 1.0)', 'st_contains takes 2 arguments, but got 3'],
    ['st_dwithin(geo, "POINT(0 0)")', 'st_dwithin takes 3 arguments, but got 2'],
    ['st_isvalid()', 'st_isvalid takes 1 argument, but got 0'],
    ['st_isvalid(geo, 1)', 'st_isvalid takes 1 argument, but got 2'],
    ['st_dwithin(geo, "LINESTRING(0 0, 1 1)", 5)', 'only supports POINT geometry'],
    ['st_dwithin(geo, "POINT(0 0)", "5")', 'distance parameter must be a numeric value'],
    ['st_dwithin(geo, "POINT(0 0)", true)', 'distance parameter must be a numeric value'],
    ['st_dwithin(geo, "POINT(0 0)", [1, 2])', 'distance parameter must be a numeric value'],
    ['st_dwithin(geo, "POINT(0 0)", n)', 'distance parameter must be a constant numeric value'],
    [
      'st_dwithin(geo, "POINT(0 0)", -0.1)',
      'distance parameter must be non-negative, got: -0.100000',
    ],
    ['st_equals(nosuch, "POINT(0 0)")', 'field nosuch not exist'],
    ['geo == "POINT(0 0)"', 'are not supported'],
  ])('%s', (text, message) => {
    expect(() => bound(text)).toThrow(message);
  });
});
