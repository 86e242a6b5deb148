/** The library of geometry as far as it is used here, in a file of its own because it is some hundred modules. */
import Coordinate from 'jsts/org/locationtech/jts/geom/Coordinate.js';
import GeometryFactory from 'jsts/org/locationtech/jts/geom/GeometryFactory.js';
import IndexedPointInAreaLocator from 'jsts/org/locationtech/jts/algorithm/locate/IndexedPointInAreaLocator.js';
import DistanceOp from 'jsts/org/locationtech/jts/operation/distance/DistanceOp.js';
import RelateOp from 'jsts/org/locationtech/jts/operation/relate/RelateOp.js';
import IsValidOp from 'jsts/org/locationtech/jts/operation/valid/IsValidOp.js';

/** A geometry of the library, as far as it is used here. */
export interface Shape {
  getDimension(): number;
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
  readonly AreaLocator: new (area: Shape) => { locate(point: Position): number };
}

export const geometryLibrary: GeometryLibrary = {
  factory: new GeometryFactory(),
  Coordinate,
  RelateOp,
  IsValidOp,
  DistanceOp,
  AreaLocator: IndexedPointInAreaLocator,
};
