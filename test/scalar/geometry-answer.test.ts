/** Rows in the boxes are looked at, and no row is lost. */
import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { newBuildControl } from '../../src/index/vector-index.ts';
import { compileFilter } from '../../src/query/bind.ts';
import { evaluateFilter } from '../../src/query/evaluate.ts';
import { loadGeometry } from '../../src/query/geometry-relations.ts';
import { answerOf } from '../../src/scalar/predicate-answer.ts';
import { buildScalarIndex } from '../../src/scalar/scalar-build.ts';
import { openScalarIndex } from '../../src/scalar/scalar-index.ts';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { wktToWkb } from '../../src/schema/geometry.ts';
import { DYNAMIC_SCHEMA, FIELDS } from '../query/columns.ts';

const ROWS = 96;

function columnOf(texts: readonly (string | null)[]): Column {
  const bytes = texts.map((text) => (text === null ? new Uint8Array(0) : wktToWkb(text)));
  const offsets = new Uint32Array(texts.length + 1);
  bytes.forEach((one, i) => (offsets[i + 1] = offsets[i]! + one.length));
  const validity = new Uint32Array(Math.ceil(texts.length / 32));
  texts.forEach((text, i) => {
    if (text !== null) validity[i >>> 5]! |= 1 << (i & 31);
  });
  const all = new Uint8Array(Buffer.concat(bytes));
  return { kind: 'bytes', type: DataType.Geometry, offsets, bytes: all, validity };
}

/** Rows by the column alone, by the index, and how many were looked at; null: the index was not asked. */
function ask(text: string, column: Column) {
  const control = newBuildControl();
  const task = {
    kind: 'build-scalar-index',
    structure: 'RTREE',
    parameters: {},
    json: null,
  } as const;
  const image = buildScalarIndex({ ...task, column, rowCount: ROWS, control });
  const index = openScalarIndex(must(image, 'nobody cancels'), ROWS);
  const filter = compileFilter(text, DYNAMIC_SCHEMA);
  const indexed = {
    fieldId: FIELDS.geo.id,
    json: null,
    isArray: false,
    isColumnAtHand: true,
    index,
  };
  const answer = answerOf(filter.predicate, indexed);
  const source = { rowCount: ROWS, column: () => column };
  const looked = answer?.open?.reduce(
    (sum, word) => sum + word.toString(2).replaceAll('0', '').length,
    0,
  );
  return {
    scanned: [...evaluateFilter(filter, source).toOffsets()],
    indexed: [...evaluateFilter(filter, { ...source, answer: () => answer }).toOffsets()],
    looked: answer === null ? null : (looked ?? 0),
  };
}

beforeAll(async () => {
  await loadGeometry();
});

const degree = fc.integer({ min: -70, max: 70 });
const geometry = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(degree, degree).map(([x, y]) => `POINT (${x} ${y})`) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(degree, degree, fc.integer({ min: 1, max: 9 }))
      .map(([x, y, w]) => `POLYGON ((${x} ${y}, ${x + w} ${y}, ${x + w} ${y + w}, ${x} ${y}))`),
  },
  { weight: 1, arbitrary: fc.constantFrom('POINT EMPTY', null) },
);
const shapes = fc.array(geometry, { minLength: ROWS, maxLength: ROWS, size: 'max' });

it('relations and distances find the rows that the scan finds', () => {
  const relation = fc.constantFrom(
    'intersects',
    'within',
    'contains',
    'touches',
    'equals',
    'overlaps',
    'crosses',
  );
  const condition = fc.oneof(
    fc
      .tuple(relation, geometry)
      .map(([name, text]) => `st_${name}(geo, "${text ?? 'POLYGON EMPTY'}")`),
    fc
      .tuple(degree, degree, fc.integer({ min: 0, max: 3_000_000 }))
      .map(([x, y, meters]) => `st_dwithin(geo, "POINT (${x} ${y})", ${meters})`),
  );
  let asked = 0;
  let hits = 0;
  fc.assert(
    fc.property(shapes, fc.array(condition, { minLength: 6, maxLength: 6 }), (texts, filters) => {
      const column = columnOf(texts);
      for (const filter of filters) {
        const { scanned, indexed, looked } = ask(filter, column);
        expect(indexed, filter).toEqual(scanned);
        if (looked !== null) asked++;
        hits += scanned.length;
      }
    }),
    { numRuns: 60 },
  );
  expect(asked).toBeGreaterThan(150);
  expect(hits).toBeGreaterThan(100);
});

it('few rows are looked at, across the date line as many as are at that latitude', () => {
  const column = columnOf(
    Array.from({ length: ROWS }, (_, i) => `POINT (${i * 3.7 - 177} ${(i % 9) * 10 - 40})`),
  );
  expect(ask('st_dwithin(geo, "POINT (0 0)", 100000)', column).looked).toBeLessThan(4);
  const wrapped = ask('st_dwithin(geo, "POINT (180 -40)", 400000)', column);
  expect(wrapped.indexed).toEqual(wrapped.scanned);
  expect(wrapped.indexed.length).toBeGreaterThan(0);
  expect(ask('st_isvalid(geo)', column).looked).toBeNull();
  expect(ask('st_dwithin(geo, "POINT (0 85)", 1000000)', column).looked).toBeNull();
});
