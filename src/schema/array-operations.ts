/**
 * What a partial upsert does to Array fields beside replacing them: it appends elements to those that a row has,
 * or removes every element equal to one of those given. Order and duplicates of what stays are kept; a null
 * operand changes nothing; a row that is new, or null there, counts as an empty array.
 * Source: Milvus `internal/proxy/task_upsert_partial_op.go`, `pkg/util/typeutil/schema.go`.
 */
import { assert, must } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import { invalidParameter } from '../base/errors.ts';
import { ARRAY_CAPACITY_MAX, CHANGED_ELEMENT_COUNT_MAX } from '../base/limits.ts';
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
 * @throws MilvusError ParameterInvalid when one gets longer than the field's `max_capacity`, or all too much
 */
export function changedArrays(field: FieldSchema, change: ArrayChange): ListColumn {
  const { op, operands, stored, sources, storedCount } = change;
  assert(operands.kind === 'list' && stored.kind === 'list', 'operations are on arrays');
  const taken = new Uint32Array(checkedElementCount(field, change));
  // Elements of rows that were there come first, then the operands: what stays is taken from both.
  const elements = concatColumns([stored.elements, operands.elements]);
  const base = columnRowCount(stored.elements);
  const offsets = new Uint32Array(sources.length + 1);
  const valid = new Bitmap(sources.length);
  let count = 0;
  for (let row = 0; row < sources.length; row++) {
    const source = sources[row]!;
    const isStored = source < storedCount && isValid(stored.validity, source);
    const hasOperand = isValid(operands.validity, row);
    if (isStored || hasOperand) valid.set(row);
    const removed =
      op === 'ARRAY_REMOVE' && hasOperand ? valuesOf(elements, operands, { row, base }) : NO_VALUES;
    if (isStored) {
      const end = stored.offsets[source + 1]!;
      for (let at = stored.offsets[source]!; at < end; at++) {
        if (removed.size === 0 || !removed.has(elementAt(elements, at))) taken[count++] = at;
      }
    }
    if (op === 'ARRAY_APPEND' && hasOperand) {
      const end = operands.offsets[row + 1]!;
      for (let at = operands.offsets[row]!; at < end; at++) taken[count++] = base + at;
      checkCapacity(field, row, count - offsets[row]!);
    }
    offsets[row + 1] = count;
  }
  const kept = takeRows(elements, taken.subarray(0, count)) as ListColumn['elements'];
  const validity = valid.count() === sources.length ? null : valid.words;
  return { kind: 'list', type: stored.type, offsets, elements: kept, validity };
}

const NO_VALUES: ReadonlySet<number | bigint | string> = new Set();

/** Elements that there are at most afterwards, told before any is copied. @throws MilvusError ParameterInvalid */
function checkedElementCount(field: FieldSchema, change: ArrayChange): number {
  const { op, operands, stored, sources, storedCount } = change;
  assert(operands.kind === 'list' && stored.kind === 'list', 'operations are on arrays');
  let count = op === 'ARRAY_APPEND' ? columnRowCount(operands.elements) : 0;
  for (let row = 0; row < sources.length; row++) {
    const source = sources[row]!;
    if (source < storedCount) count += stored.offsets[source + 1]! - stored.offsets[source]!;
  }
  if (count <= CHANGED_ELEMENT_COUNT_MAX) return count;
  throw invalidParameter(
    `${op} changes arrays of at most ${CHANGED_ELEMENT_COUNT_MAX} elements in one request: upsert fewer rows`,
    { field: field.name, expected: CHANGED_ELEMENT_COUNT_MAX, actual: count },
  );
}

function checkCapacity({ name, maxCapacity }: FieldSchema, row: number, length: number): void {
  const max = maxCapacity ?? ARRAY_CAPACITY_MAX;
  if (length <= max) return;
  throw refusedValue(`array length ${length} exceeds max_capacity ${max}`, { field: name, row });
}

/** @param of.base where the elements of the operands begin */
function valuesOf(
  elements: Column,
  { offsets }: ListColumn,
  { row, base }: { readonly row: number; readonly base: number },
): ReadonlySet<number | bigint | string> {
  const values = new Set<number | bigint | string>();
  const end = offsets[row + 1]!;
  for (let at = offsets[row]!; at < end; at++) values.add(elementAt(elements, base + at));
  return values;
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
