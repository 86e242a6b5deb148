/**
 * What a partial upsert does to Array fields beside replacing them: it appends elements to those that a row has,
 * or removes every element equal to one of those given. Order and duplicates of what stays are kept; a null
 * operand changes nothing; a row that is new, or null there, counts as an empty array.
 * Source: Milvus `internal/proxy/task_upsert_partial_op.go`, `pkg/util/typeutil/schema.go`.
 */
import { assert, must } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import { invalidParameter } from '../base/errors.ts';
import { ARRAY_CAPACITY_MAX } from '../base/limits.ts';
import type { CollectionSchema, FieldSchema } from './collection-schema.ts';
import { concatColumns, takeRows } from './column-builder.ts';
import { columnRowCount, isValid } from './column-layout.ts';
import type { Column, ColumnBatch, ListColumn } from './column.ts';
import { DataType, dataTypeName } from './data-type.ts';
import { findField, primaryField } from './fields.ts';
import { refusedValue } from './value-error.ts';

/** By Milvus's names. REPLACE is what happens to a field without an operation. */
export type FieldOperation = 'REPLACE' | 'ARRAY_APPEND' | 'ARRAY_REMOVE';

/** As a request names it. */
export interface GivenFieldOperation {
  readonly fieldName: string;
  readonly op: FieldOperation;
}

/** Operations on arrays by field id. */
export type ArrayOperations = ReadonlyMap<number, 'ARRAY_APPEND' | 'ARRAY_REMOVE'>;

export const NO_ARRAY_OPERATIONS: ArrayOperations = new Map();

/** @throws MilvusError ParameterInvalid for an operation that its field cannot carry */
export function arrayOperations(
  schema: CollectionSchema,
  given: readonly GivenFieldOperation[],
): ArrayOperations {
  const operations = new Map<number, 'ARRAY_APPEND' | 'ARRAY_REMOVE'>();
  const names = new Set<string>();
  for (const { fieldName: name, op } of given) {
    if (name === '') throw invalidParameter('FieldPartialUpdateOp.field_name is required');
    if (names.has(name)) {
      throw invalidParameter(`duplicate partial-update op for field "${name}"`);
    }
    names.add(name);
    if (op === 'REPLACE') continue;
    if (op !== 'ARRAY_APPEND' && op !== 'ARRAY_REMOVE') {
      throw invalidParameter(`unsupported partial update op: ${String(op)}`);
    }
    if (name === primaryField(schema).name) {
      throw invalidParameter(
        `field "${name}" is the primary key and cannot carry a partial-update op`,
      );
    }
    const field = findField(schema, name);
    if (field === undefined) {
      throw invalidParameter(`field "${name}" not found in collection schema`);
    }
    if (field.type !== DataType.Array || field.structName !== undefined) {
      throw invalidParameter(
        `op ${op} requires Array field, but field "${name}" is ${dataTypeName(field.type)}`,
      );
    }
    operations.set(field.id, op);
  }
  return operations;
}

/** The schema that operands are checked by: more elements may be removed than an array can hold. */
export function operandSchema(
  schema: CollectionSchema,
  operations: ArrayOperations,
): CollectionSchema {
  if (operations.size === 0) return schema;
  const fields = schema.fields.map((field) =>
    operations.get(field.id) === 'ARRAY_REMOVE'
      ? { ...field, maxCapacity: ARRAY_CAPACITY_MAX }
      : field,
  );
  return { ...schema, fields };
}

/** @throws MilvusError ParameterInvalid when rows lack an operand */
export function requireOperands(
  schema: CollectionSchema,
  operations: ArrayOperations,
  { columns }: ColumnBatch,
): void {
  for (const { id, name } of schema.fields) {
    if (!operations.has(id) || columns.has(id)) continue;
    throw invalidParameter(`partial-update op targets field "${name}" not present in fields_data`);
  }
}

export interface ArrayChange {
  readonly op: 'ARRAY_APPEND' | 'ARRAY_REMOVE';
  /** One a row. */
  readonly operands: Column;
  readonly stored: Column;
  /** Row of `stored` that each row changes; `storedCount`: it is new. */
  readonly sources: Uint32Array;
  readonly storedCount: number;
}

/**
 * The arrays after the operation.
 * @throws MilvusError ParameterInvalid when one gets longer than the field's `max_capacity`
 */
export function changedArrays(field: FieldSchema, change: ArrayChange): ListColumn {
  const { op, operands, stored, sources, storedCount } = change;
  assert(operands.kind === 'list' && stored.kind === 'list', 'operations are on arrays');
  // Elements of rows that were there come first, then the operands: what stays is taken from both.
  const elements = concatColumns([stored.elements, operands.elements]);
  const base = columnRowCount(stored.elements);
  const taken: number[] = [];
  const offsets = new Uint32Array(sources.length + 1);
  const valid = new Bitmap(sources.length);
  for (let row = 0; row < sources.length; row++) {
    const source = sources[row]!;
    const isStored = source < storedCount && isValid(stored.validity, source);
    const hasOperand = isValid(operands.validity, row);
    if (isStored || hasOperand) valid.set(row);
    const old = isStored ? rangeOf(stored, source, 0) : [];
    const operand = hasOperand ? rangeOf(operands, row, base) : [];
    if (op === 'ARRAY_APPEND') taken.push(...old, ...operand);
    else taken.push(...without(elements, old, operand));
    offsets[row + 1] = taken.length;
    const { maxCapacity = ARRAY_CAPACITY_MAX, name } = field;
    const length = taken.length - offsets[row]!;
    if (op === 'ARRAY_APPEND' && hasOperand && length > maxCapacity) {
      throw refusedValue(`array length ${length} exceeds max_capacity ${maxCapacity}`, {
        field: name,
        row,
      });
    }
  }
  const kept = takeRows(elements, Uint32Array.from(taken)) as ListColumn['elements'];
  const validity = valid.count() === sources.length ? null : valid.words;
  return { kind: 'list', type: stored.type, offsets, elements: kept, validity };
}

function rangeOf({ offsets }: ListColumn, row: number, base: number): number[] {
  const start = offsets[row]!;
  return Array.from({ length: offsets[row + 1]! - start }, (_, i) => base + start + i);
}

function without(elements: Column, old: readonly number[], operand: readonly number[]): number[] {
  if (operand.length === 0) return [...old];
  const removed = new Set(operand.map((at) => elementAt(elements, at)));
  return old.filter((at) => !removed.has(elementAt(elements, at)));
}

/** A value that equals that of another element just when the elements do. */
function elementAt(elements: Column, at: number): number | bigint | string {
  if (elements.kind === 'fixed') return must(elements.values[at], 'an element is in its column');
  assert(elements.kind === 'bytes', 'elements of an array are numbers or texts');
  const { bytes, offsets } = elements;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'latin1',
    offsets[at],
    offsets[at + 1],
  );
}
