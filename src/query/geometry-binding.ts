/**
 * Conditions on Geometry fields, by the names of OGC Simple Features:
 *
 *   st_equals|touches|overlaps|crosses|contains|intersects|within(field, "WKT")
 *   st_dwithin(field, "POINT (x y)", meters)
 *   st_isvalid(field)
 *
 * The text may be a template value. Source: Milvus `parser_visitor.go`, VisitSpatialBinary, VisitSTDWithin,
 * VisitSTIsValid.
 */
import { toMilvusError } from '../base/errors.ts';
import { DataType } from '../schema/data-type.ts';
import { wktToWkb } from '../schema/geometry.ts';
import type { CallNode, Expression } from './ast.ts';
import { type Binding, checkArguments } from './binding.ts';
import type { Operand } from './operand.ts';
import type { GeometryPredicate, GeometryRelation, ValueColumn } from './predicate.ts';
import { printExpression } from './print.ts';
import { excerpt, FilterProblem } from './problem.ts';
import { isPoint } from './geometry-bounds.ts';

const RELATIONS: ReadonlyMap<string, GeometryRelation> = new Map(
  (['equals', 'touches', 'overlaps', 'crosses', 'contains', 'intersects', 'within'] as const).map(
    (relation) => [`st_${relation}`, relation],
  ),
);

/** Names of the calls that `bindGeometryCall` binds. */
export const GEOMETRY_CALLS: readonly string[] = [...RELATIONS.keys(), 'st_dwithin', 'st_isvalid'];

/** @throws FilterProblem in Milvus's words */
export function bindGeometryCall(node: CallNode, binding: Binding): Operand {
  const relation = RELATIONS.get(node.name);
  if (relation !== undefined) {
    checkArguments(node, 2);
    const column = geometryColumn(node, binding, 'spatial operation');
    return predicateOf(column, { kind: relation, wkb: constantGeometry(node, binding) }, node.at);
  }
  if (node.name === 'st_isvalid') {
    checkArguments(node, 1);
    return predicateOf(
      geometryColumn(node, binding, 'STIsValid operation'),
      { kind: 'isvalid' },
      node.at,
    );
  }
  checkArguments(node, 3);
  const column = geometryColumn(node, binding, 'ST_DWITHIN operation');
  const wkb = constantGeometry(node, binding);
  if (!isPoint(wkb)) {
    const point = node.args[1] as Expression;
    throw new FilterProblem(`only supports POINT geometry: ${printExpression(point)}`, point.at);
  }
  const meters = distanceOf(node.args[2] as Expression, binding);
  return predicateOf(column, { kind: 'dwithin', wkb, meters }, node.at);
}

function predicateOf(column: ValueColumn, test: GeometryPredicate['test'], at: number): Operand {
  return { kind: 'predicate', predicate: { kind: 'geometry', column, test }, at };
}

function geometryColumn(node: CallNode, binding: Binding, what: string): ValueColumn {
  const first = node.args[0] as Expression;
  const operand = binding.bind(first);
  const isGeometry = operand.kind === 'column' && operand.field.type === DataType.Geometry;
  if (isGeometry && operand.ref.access === 'value') return operand.ref;
  const text = excerpt(printExpression(node));
  throw new FilterProblem(
    `${what} are only supported on geometry fields now, got: ${text}`,
    first.at,
  );
}

function constantGeometry(node: CallNode, binding: Binding): Uint8Array {
  const text = node.args[1] as Expression;
  const operand = binding.bind(text);
  if (operand.kind !== 'constant' || typeof operand.value !== 'string') {
    throw new FilterProblem(
      `WKT string should be a string literal or template variable, got: ${excerpt(printExpression(text))}`,
      text.at,
    );
  }
  try {
    return wktToWkb(operand.value);
  } catch (cause) {
    const message = toMilvusError(cause).message.replace(/: invalid parameter.*$/s, '');
    throw new FilterProblem(message, text.at);
  }
}

function distanceOf(node: Expression, binding: Binding): number {
  const operand = binding.bind(node);
  const text = excerpt(printExpression(node));
  if (operand.kind !== 'constant') {
    throw new FilterProblem(
      `distance parameter must be a constant numeric value, got: ${text}`,
      node.at,
    );
  }
  const { value } = operand;
  if (typeof value !== 'bigint' && typeof value !== 'number') {
    throw new FilterProblem(
      `distance parameter must be a numeric value (int or float), got: ${text}`,
      node.at,
    );
  }
  const meters = Number(value);
  if (meters >= 0) return meters;
  throw new FilterProblem(
    `distance parameter must be non-negative, got: ${meters.toFixed(6)}`,
    node.at,
  );
}
