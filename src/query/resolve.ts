/**
 * Names of a filter against a schema: which field, or which key of `$meta`, a reference means,
 * and what may be done with it. Rules and wording are Milvus's (parser_visitor.go).
 */
import { must } from '../base/assert.ts';
import type { CollectionSchema, FieldSchema } from '../schema/collection-schema.ts';
import { DataType, dataTypeName, isVector } from '../schema/data-type.ts';
import { dynamicField, findField, structFieldName } from '../schema/fields.ts';
import type { FieldNode } from './ast.ts';
import type { FieldColumn } from './predicate.ts';
import { FilterProblem, nearestName } from './problem.ts';

/** A field reference with its meaning. */
export interface ColumnOperand {
  readonly kind: 'column';
  readonly ref: FieldColumn;
  readonly field: FieldSchema;
  readonly at: number;
}

/** @throws FilterProblem when the reference means nothing or cannot be compared at all */
export function resolveColumn(node: FieldNode, schema: CollectionSchema): ColumnOperand {
  const operand = resolveReference(node, schema);
  if (operand.field.type === DataType.Text) {
    throw new FilterProblem(
      `filter on text field (${operand.field.name}) is not supported yet`,
      node.at,
    );
  }
  return operand;
}

/** What `is null` asks about: like resolveColumn, and also text fields, structs and struct vectors. */
export function resolveNullable(node: FieldNode, schema: CollectionSchema): ColumnOperand {
  const parent = schema.structs.find((struct) => struct.name === node.name);
  const subFieldId = parent?.fieldIds[0];
  if (subFieldId !== undefined && node.path.length === 0 && node.subField === null) {
    const field = must(
      schema.fields.find((each) => each.id === subFieldId),
      'a struct names sub-fields of its schema',
    );
    return valueOperand(field, node.at);
  }
  const operand = resolveReference(node, schema);
  if (isVector(operand.field.type) && operand.field.type !== DataType.ArrayOfVector) {
    throw new FilterProblem(
      'IsNull/IsNotNull operations are not supported on vector fields',
      node.at,
    );
  }
  return operand;
}

function resolveReference(node: FieldNode, schema: CollectionSchema): ColumnOperand {
  const { name, path, subField, at } = node;
  // The schema of elements (element-binding.ts) has such names; no other one does.
  if (name === '$' && !schema.fields.some((field) => field.structName === '$')) {
    throw new FilterProblem(
      `$[${subField}] syntax can only be used inside ElementFilter or MATCH_*`,
      at,
    );
  }
  if (subField !== null) return resolveSubField(node, schema);
  const field = findField(schema, name);
  if (field === undefined) return resolveDynamic(node, schema);
  if (path.length === 0) return wholeOperand(field, at);
  if (field.type === DataType.JSON) return jsonOperand(field, path.map(String), at);
  if (field.type === DataType.Array) return elementOperand(field, path, at);
  throw new FilterProblem(
    `${dataTypeName(field.type)} data type not supported accessed with []`,
    at,
  );
}

function resolveSubField(node: FieldNode, schema: CollectionSchema): ColumnOperand {
  const { name, path, subField, at } = node;
  const fullName = structFieldName(name, must(subField, 'the reference names a sub-field'));
  const field = findField(schema, fullName);
  if (field === undefined) {
    const names = schema.fields.map((each) => each.name);
    throw new FilterProblem(
      `struct field not found: ${fullName}${nearestName(fullName, names)}`,
      at,
    );
  }
  if (path.length === 0) return valueOperand(field, at);
  if (field.type === DataType.Array) return elementOperand(field, path, at);
  throw new FilterProblem(
    `${dataTypeName(field.type)} data type not supported accessed with []`,
    at,
  );
}

/** A name that is no field is a key of `$meta`, if there is one. */
function resolveDynamic(node: FieldNode, schema: CollectionSchema): ColumnOperand {
  const { name, path, at } = node;
  if (name.toLowerCase() === 'null') {
    throw new FilterProblem(
      "NULL literal is not supported in expressions; use '<field> is null' or '<field> is not null' instead",
      at,
    );
  }
  const meta = dynamicField(schema);
  if (meta !== undefined) return jsonOperand(meta, [name, ...path.map(String)], at);
  const names = [
    ...schema.fields.filter((field) => !field.name.startsWith('$')).map((field) => field.name),
    ...schema.structs.map((struct) => struct.name),
  ];
  throw new FilterProblem(`field ${name} not exist${nearestName(name, names)}`, at);
}

function wholeOperand(field: FieldSchema, at: number): ColumnOperand {
  return field.type === DataType.JSON ? jsonOperand(field, [], at) : valueOperand(field, at);
}

function valueOperand(field: FieldSchema, at: number): ColumnOperand {
  return {
    kind: 'column',
    ref: { access: 'value', fieldId: field.id, type: field.type },
    field,
    at,
  };
}

function jsonOperand(field: FieldSchema, path: readonly string[], at: number): ColumnOperand {
  const ref = { access: 'json', fieldId: field.id, type: field.type, path } as const;
  return { kind: 'column', ref, field, at };
}

function elementOperand(
  field: FieldSchema,
  path: readonly (string | number)[],
  at: number,
): ColumnOperand {
  const index = path[0];
  if (typeof index !== 'number') {
    throw new FilterProblem('can only access array field with integer index', at);
  }
  if (path.length > 1) {
    throw new FilterProblem(`an element of array field ${field.name} has no elements itself`, at);
  }
  const type = must(field.elementType, 'an array has an element type');
  return {
    kind: 'column',
    ref: { access: 'element', fieldId: field.id, type, index },
    field,
    at,
  };
}

/** A whole array; only equality with a list and null tests apply to it. */
export function isWholeArray(operand: ColumnOperand): boolean {
  return operand.field.type === DataType.Array && operand.ref.access === 'value';
}

/** As Milvus names a type in messages: `VarChar`, `Array[Int64]`. */
export function columnTypeName({ field }: ColumnOperand): string {
  const name = dataTypeName(field.type);
  return field.elementType === undefined ? name : `${name}[${dataTypeName(field.elementType)}]`;
}
