/**
 * How two geometries stand to each other, by the rules of OGC Simple Features: the DE-9IM of a port of the library
 * whose other port, GEOS, Milvus asks. Only x and y count. It is loaded when a filter first asks for it.
 *
 * Members of a collection that are empty are left out, as they add nothing to its points; of a collection with
 * overlapping members the union counts. Where the library gives up on a geometry that is not valid, the answer is no:
 * but not beside a rectangle, of which GEOS asks by other ways that need nothing of the other side.
 */
import { must } from '../base/assert.ts';
import { ByteReader } from '../base/bytes.ts';
import { type Bounds, boundsOf, doMeet, holds, isEmptyBounds } from './geometry-bounds.ts';
import type { GeometryLibrary, Matrix, Position, Shape } from './geometry-library.ts';
import type { GeometryPredicate, GeometryRelation } from './predicate.ts';

type Test = GeometryPredicate['test'];

const POINT = 1;
const LINE_STRING = 2;
const POLYGON = 3;
const MULTI_POINT = 4;
const MULTI_LINE_STRING = 5;
const MULTI_POLYGON = 6;
const STRIDES: readonly number[] = [2, 3, 3, 4];

/** Where a point is, seen from an area. */
const INTERIOR = 0;
const EXTERIOR = 2;

const EARTH_RADIUS_METERS = 6_371_000;
const METERS_PER_DEGREE = 111_320;

let library: GeometryLibrary | null = null;

/** Before the first test is prepared. */
export async function loadGeometry(): Promise<void> {
  library ??= (await import('./geometry-library.ts')).geometryLibrary;
}

/** What a row's geometry is asked; `bounds` is its box. */
export type GeometryTest = (wkb: Uint8Array, bounds: Bounds) => boolean;

/** A test with all that can be worked out of its constant side. */
export function prepareTest(test: Test): GeometryTest {
  const parts = must(library, 'the geometry library is loaded');
  if (test.kind === 'isvalid') {
    return (wkb) => tried(() => new parts.IsValidOp(shapeOf(wkb, parts)).isValid());
  }
  if (test.kind === 'dwithin') return prepareDistance(test.wkb, test.meters, parts);
  return prepareRelation(test.kind, test.wkb, parts);
}

/** The library throws where the lines of an invalid geometry make no sense to it. */
function tried(ask: () => boolean): boolean {
  try {
    return ask();
  } catch (cause) {
    if (cause instanceof Error && cause.name !== 'MalformedBytes') return false;
    throw cause;
  }
}

function prepareRelation(
  relation: GeometryRelation,
  wkb: Uint8Array,
  parts: GeometryLibrary,
): GeometryTest {
  const bounds = boundsOf(wkb);
  const shape = shapeOf(wkb, parts);
  const dimension = shape.getDimension();
  const type = typeOf(wkb);
  const isArea = type === POLYGON || type === MULTI_POLYGON;
  const locator = isArea && !isEmptyBounds(bounds) ? new parts.AreaLocator(shape) : null;
  return (row, box) => {
    if (isEmptyBounds(box) || isEmptyBounds(bounds)) {
      return relation === 'equals' && isEmptyBounds(box) && isEmptyBounds(bounds);
    }
    if (!mayHold(relation, box, bounds)) return false;
    if (locator !== null && typeOf(row) === POINT) {
      const point = new parts.Coordinate(box.minX, box.minY);
      return ofPointInArea(relation, locator.locate(point));
    }
    return tried(() => {
      const own = shapeOf(row, parts);
      const known = ofRectangle(relation, { own, other: shape }, parts);
      if (known !== null) return known;
      const matrix = parts.RelateOp.relate(own, shape);
      return fits(relation, matrix, { own: own.getDimension(), other: dimension });
    });
  };
}

/** Null: neither side that matters is a rectangle. */
function ofRectangle(
  relation: GeometryRelation,
  { own, other }: { readonly own: Shape; readonly other: Shape },
  { RectangleContains, RectangleIntersects }: GeometryLibrary,
): boolean | null {
  switch (relation) {
    case 'within':
      return other.isRectangle() ? RectangleContains.contains(other, own) : null;
    case 'contains':
      return own.isRectangle() ? RectangleContains.contains(own, other) : null;
    case 'intersects':
      if (other.isRectangle()) return RectangleIntersects.intersects(other, own);
      return own.isRectangle() ? RectangleIntersects.intersects(own, other) : null;
    default:
      return null;
  }
}

/** Told from the boxes alone: false is certain. */
function mayHold(relation: GeometryRelation, own: Bounds, other: Bounds): boolean {
  switch (relation) {
    case 'equals':
      return holds(own, other) && holds(other, own);
    case 'contains':
      return holds(own, other);
    case 'within':
      return holds(other, own);
    default:
      return doMeet(own, other);
  }
}

function ofPointInArea(relation: GeometryRelation, location: number): boolean {
  if (relation === 'intersects') return location !== EXTERIOR;
  if (relation === 'within') return location === INTERIOR;
  return relation === 'touches' && location !== INTERIOR && location !== EXTERIOR;
}

function fits(
  relation: GeometryRelation,
  matrix: Matrix,
  { own, other }: { readonly own: number; readonly other: number },
): boolean {
  switch (relation) {
    case 'equals':
      return matrix.isEquals(own, other);
    case 'touches':
      return matrix.isTouches(own, other);
    case 'overlaps':
      return matrix.isOverlaps(own, other);
    case 'crosses':
      return matrix.isCrosses(own, other);
    case 'contains':
      return matrix.isContains();
    case 'within':
      return matrix.isWithin();
    default:
      return matrix.isIntersects();
  }
}

/**
 * Milvus's meters: between points along a great circle; from any other geometry the distance in degrees, taken
 * times what a degree is on average at the point's latitude. Nothing is within reach of an empty geometry.
 * Source: Milvus `internal/core/src/common/Geometry.h`, dwithin.
 */
function prepareDistance(wkb: Uint8Array, meters: number, parts: GeometryLibrary): GeometryTest {
  const { minX: x, minY: y } = boundsOf(wkb);
  if (isEmptyBounds(boundsOf(wkb))) return () => false;
  const point = shapeOf(wkb, parts);
  const cosine = Math.cos((y * Math.PI) / 180);
  const metersPerDegree = METERS_PER_DEGREE * Math.sqrt((1 + cosine * cosine) / 2);
  return (row, box) => {
    if (isEmptyBounds(box)) return false;
    if (typeOf(row) === POINT) return greatCircleMeters(box.minX, box.minY, { x, y }) <= meters;
    return tried(() => {
      const degrees = parts.DistanceOp.distance(shapeOf(row, parts), point);
      return degrees * metersPerDegree <= meters;
    });
  };
}

/** By the haversine formula, on a sphere. Degrees; x is the longitude. */
function greatCircleMeters(x: number, y: number, other: Position): number {
  const radians = (degrees: number): number => (degrees * Math.PI) / 180;
  const latitude = radians(y);
  const otherLatitude = radians(other.y);
  const sineY = Math.sin((otherLatitude - latitude) / 2);
  const sineX = Math.sin((radians(other.x) - radians(x)) / 2);
  const chord = sineY * sineY + Math.cos(latitude) * Math.cos(otherLatitude) * sineX * sineX;
  return EARTH_RADIUS_METERS * 2 * Math.atan2(Math.sqrt(chord), Math.sqrt(1 - chord));
}

function typeOf(wkb: Uint8Array): number {
  return (wkb[1]! | (wkb[2]! << 8)) % 1000;
}

function shapeOf(wkb: Uint8Array, parts: GeometryLibrary): Shape {
  return readShape(new ByteReader(wkb), parts) ?? parts.factory.createGeometryCollection([]);
}

/** Null: it is empty. Nests as deep as storage lets it. */
function readShape(reader: ByteReader, parts: GeometryLibrary): Shape | null {
  reader.u8();
  const code = reader.u32();
  const type = code % 1000;
  const stride = STRIDES[Math.floor(code / 1000)]!;
  const { factory } = parts;
  if (type === POINT) {
    const [point] = readPoints(reader, { count: 1, stride }, parts);
    return point === undefined || Number.isNaN(point.x) ? null : factory.createPoint(point);
  }
  const count = reader.u32();
  if (type === LINE_STRING) {
    if (count === 0) return null;
    return factory.createLineString(readPoints(reader, { count, stride }, parts));
  }
  if (type === POLYGON) {
    const rings: Shape[] = [];
    for (let i = 0; i < count; i++) {
      const points = readPoints(reader, { count: reader.u32(), stride }, parts);
      rings.push(factory.createLinearRing(points));
    }
    const [shell, ...holes] = rings;
    return shell === undefined ? null : factory.createPolygon(shell, holes);
  }
  const members: Shape[] = [];
  for (let i = 0; i < count; i++) {
    const member = readShape(reader, parts);
    if (member !== null) members.push(member);
  }
  return members.length === 0 ? null : collectionOf(type, members, parts);
}

function collectionOf(
  type: number,
  members: readonly Shape[],
  { factory }: GeometryLibrary,
): Shape {
  switch (type) {
    case MULTI_POINT:
      return factory.createMultiPoint(members);
    case MULTI_LINE_STRING:
      return factory.createMultiLineString(members);
    case MULTI_POLYGON:
      return factory.createMultiPolygon(members);
    default:
      return factory.createGeometryCollection(members);
  }
}

function readPoints(
  reader: ByteReader,
  { count, stride }: { readonly count: number; readonly stride: number },
  { Coordinate: Point }: GeometryLibrary,
): Position[] {
  const points: Position[] = [];
  for (let i = 0; i < count; i++) {
    points.push(new Point(reader.f64(), reader.f64()));
    for (let more = 2; more < stride; more++) reader.f64();
  }
  return points;
}
