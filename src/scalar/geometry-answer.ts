/**
 * Conditions on geometries by the tree of their boxes: only rows whose boxes touch are worth a look. Relations
 * hold between geometries whose boxes meet. Within a distance of a point is what lies in a box around it, which
 * is wide enough for both of Milvus's ways to measure; east and west it ends only where longitudes do not wrap.
 */
import type { Answer } from '../query/answer.ts';
import { type Bounds, boundsOf, isEmptyBounds } from '../query/geometry-bounds.ts';
import type { GeometryPredicate } from '../query/predicate.ts';
import type { BoxTree } from './box-tree.ts';
import { candidates, newRows } from './indexed-column.ts';
import type { ScalarIndex } from './scalar-index.ts';

/** Less than any degree has, in either way. */
const METERS_PER_DEGREE_MIN = 77_000;
/** Less than the radius of the earth. */
const RADIUS_METERS_MIN = 6_350_000;
const DEGREES: number = 180 / Math.PI;

/** @returns null when the scan is to answer */
export function geometryAnswer({ test }: GeometryPredicate, index: ScalarIndex): Answer | null {
  const { boxes } = index;
  if (boxes === null || test.kind === 'isvalid') return null;
  const around = boundsOf(test.wkb);
  const box = test.kind === 'dwithin' ? within(around, test.meters, boxes) : around;
  if (box === null) return null;
  const rows = newRows(index);
  // The boxes of an empty geometry and of whatever there is have nothing in common.
  const count = isEmptyBounds(around) ? 0 : boxes.mark(box, rows);
  return count > index.shape.rowCount / 2 ? null : candidates(rows, index.known, index);
}

/** The box of all that may be so near to a point; null: it cannot be told. */
function within({ minX: x, minY: y }: Bounds, meters: number, boxes: BoxTree): Bounds | null {
  const all = boxes.bounds;
  const reach = meters / METERS_PER_DEGREE_MIN;
  const latitude = Math.abs(y) + reach;
  if (all === null || latitude > 89 || all.minY < -90 || all.maxY > 90) return null;
  const chord = Math.sin(Math.min(meters / (2 * RADIUS_METERS_MIN), Math.PI / 2));
  const sine = Math.min(1, chord / Math.cos(latitude / DEGREES));
  const width = Math.max(reach, 2 * Math.asin(sine) * DEGREES);
  const wraps = x - width < -180 || x + width > 180 || all.minX < -180 || all.maxX > 180;
  return {
    minX: wraps ? -Infinity : x - width,
    minY: y - reach,
    maxX: wraps ? Infinity : x + width,
    maxY: y + reach,
  };
}
