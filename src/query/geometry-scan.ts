/** Conditions on Geometry columns: the box of a geometry first, the geometry itself only where that leaves it open. */
import type { BytesColumn } from '../schema/column.ts';
import { emptyBounds, readBounds } from './geometry-bounds.ts';
import { type GeometryTest, prepareTest } from './geometry-relations.ts';
import type { GeometryPredicate } from './predicate.ts';
import { finish, type Steps } from './steps.ts';
import { type Truth, withValidity, wordCount } from './truth.ts';

const tests = new WeakMap<GeometryPredicate['test'], GeometryTest>();

/** Bytes of a point, and of a constant that it is soon compared with. */
const POINT_BYTES = 37;
const SMALL_BYTES = 1024;
/** Such rows between two steps. */
const ROWS_A_STEP = 256;

/** Rows outside `active` are passed over and answered FALSE. */
export function scanGeometry(
  column: BytesColumn,
  predicate: GeometryPredicate,
  rowCount: number,
  active: Uint32Array | null,
): Truth {
  return finish(geometrySteps(column, predicate, rowCount, active));
}

/** As scanGeometry; behind each geometry that may have taken long there is a step. */
export function* geometrySteps(
  column: BytesColumn,
  { test }: GeometryPredicate,
  rowCount: number,
  active: Uint32Array | null,
): Steps<Truth> {
  const { bytes, offsets, validity } = column;
  const matches = preparedTest(test);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const bounds = emptyBounds();
  const truth = new Uint32Array(wordCount(rowCount));
  const isSmall = test.kind === 'isvalid' || test.wkb.length <= SMALL_BYTES;
  let asked = 0;
  for (let row = 0; row < rowCount; row++) {
    const bit = 1 << (row & 31);
    if (active !== null && (active[row >>> 5]! & bit) === 0) continue;
    if (validity !== null && (validity[row >>> 5]! & bit) === 0) continue;
    const start = offsets[row]!;
    const end = offsets[row + 1]!;
    readBounds(view, start, end, bounds);
    if (matches(bytes.subarray(start, end), bounds)) truth[row >>> 5]! |= bit;
    if (!isSmall || end - start > POINT_BYTES || ++asked >= ROWS_A_STEP) {
      asked = 0;
      yield;
    }
  }
  return withValidity(truth, validity);
}

/** Prepared once, as long as the filter lives. */
function preparedTest(test: GeometryPredicate['test']): GeometryTest {
  const known = tests.get(test);
  if (known !== undefined) return known;
  const prepared = prepareTest(test);
  tests.set(test, prepared);
  return prepared;
}
