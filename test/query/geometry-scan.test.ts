import { beforeAll, describe, expect, it } from 'vitest';
import { loadGeometry } from '../../src/query/geometry-relations.ts';
import { scanGeometry } from '../../src/query/geometry-scan.ts';
import type { GeometryPredicate } from '../../src/query/predicate.ts';
import { sliceColumn } from '../../src/schema/column-builder.ts';
import type { BytesColumn } from '../../src/schema/column.ts';
import { bound, geometryColumn, matching } from './struct-rows.ts';

beforeAll(loadGeometry);

const TEXTS = [
  'POINT (5 5)',
  null,
  'POINT (50 50)',
  'LINESTRING (-1 5, 11 5)',
  'POLYGON ((1 1, 2 1, 2 2, 1 1))',
  'GEOMETRYCOLLECTION (POINT (5 5))',
  'POLYGON ((20 20, 30 30, 30 20, 20 30, 20 20))',
];
const ROWS = TEXTS.map((geo) => ({ geo }));
const SQUARE = '"POLYGON ((0 0, 10 0, 10 10, 0 10, 0 0))"';

describe('conditions on a column of geometries', () => {
  it.each<[string, number[]]>([
    [`st_intersects(geo, ${SQUARE})`, [0, 3, 4, 5]],
    [`st_within(geo, ${SQUARE})`, [0, 4, 5]],
    [`not st_within(geo, ${SQUARE})`, [2, 3, 6]],
    [`st_crosses(geo, ${SQUARE})`, [3]],
    ['st_isvalid(geo)', [0, 2, 3, 4, 5]],
    ['not st_isvalid(geo)', [6]],
    ['st_equals(geo, "POINT (5 5)")', [0, 5]],
    ['st_dwithin(geo, "POINT (5 5)", 1000)', [0, 3, 5]],
    ['geo is null', [1]],
    [`st_within(geo, ${SQUARE}) and not st_equals(geo, "POINT (5 5)")`, [4]],
    [`st_crosses(geo, ${SQUARE}) or geo is null`, [1, 3]],
  ])('%s', (text, rows) => {
    expect(matching(text, ROWS)).toEqual(rows);
  });

  it('are asked of the rows that are left, wherever the column begins', () => {
    const predicate = bound(`st_intersects(geo, ${SQUARE})`).predicate as GeometryPredicate;
    const column = sliceColumn(geometryColumn(TEXTS), 2, 7) as BytesColumn;
    const { truth, known } = scanGeometry(column, predicate, 5, null);
    expect([truth[0], known]).toEqual([0b01110, null]);
    const active = Uint32Array.of(0b00110);
    expect(scanGeometry(column, predicate, 5, active).truth[0]).toBe(0b00110);
  });
});
