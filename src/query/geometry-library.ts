/** The library of geometry as far as it is used here, in a file of its own because it is some hundred modules. */
import Coordinate from 'jsts/org/locationtech/jts/geom/Coordinate.js';
import GeometryFactory from 'jsts/org/locationtech/jts/geom/GeometryFactory.js';
import IndexedPointInAreaLocator from 'jsts/org/locationtech/jts/algorithm/locate/IndexedPointInAreaLocator.js';
import DistanceOp from 'jsts/org/locationtech/jts/operation/distance/DistanceOp.js';
import RectangleContains from 'jsts/org/locationtech/jts/operation/predicate/RectangleContains.js';
import RectangleIntersects from 'jsts/org/locationtech/jts/operation/predicate/RectangleIntersects.js';
import RelateOp from 'jsts/org/locationtech/jts/operation/relate/RelateOp.js';
import IsValidOp from 'jsts/org/locationtech/jts/operation/valid/IsValidOp.js';

/** A geometry of the library, as far as it is used here. */
export interface Shape {
  getDimension(): number;
  isRectangle(): boolean;
}

export interface Position {
  readonly x: number;
  readonly y: number;
}

export interface Matrix {
  isEquals(dimension: number, otherDimension: number): boolean;
  isTouches(dimension: number, otherDimension: number): boolean;
  isOverlaps(dimension: number, otherDimension: number): boolean;
  isCrosses(dimension: number, otherDimension: number): boolean;
  isContains(): boolean;
  isIntersects(): boolean;
  isWithin(): boolean;
}

interface Factory {
  createPoint(point: Position): Shape;
  createLineString(points: readonly Position[]): Shape;
  createLinearRing(points: readonly Position[]): Shape;
  createPolygon(shell: Shape, holes: readonly Shape[]): Shape;
  createMultiPoint(points: readonly Shape[]): Shape;
  createMultiLineString(lines: readonly Shape[]): Shape;
  createMultiPolygon(polygons: readonly Shape[]): Shape;
  createGeometryCollection(members: readonly Shape[]): Shape;
}

/** What of the library is used; its own types say little. */
export interface GeometryLibrary {
  readonly factory: Factory;
  readonly Coordinate: new (x: number, y: number) => Position;
  readonly RelateOp: { relate(left: Shape, right: Shape): Matrix };
  readonly IsValidOp: new (shape: Shape) => { isValid(): boolean };
  readonly DistanceOp: { distance(left: Shape, right: Shape): number };
  readonly RectangleContains: { contains(rectangle: Shape, other: Shape): boolean };
  readonly RectangleIntersects: { intersects(rectangle: Shape, other: Shape): boolean };
  readonly AreaLocator: new (area: Shape) => { locate(point: Position): number };
}

export const geometryLibrary: GeometryLibrary = {
  factory: new GeometryFactory(),
  Coordinate,
  RelateOp,
  IsValidOp,
  DistanceOp,
  RectangleContains,
  RectangleIntersects,
  AreaLocator: IndexedPointInAreaLocator,
};
