/**
 * Users' columns -> ColumnBatch: what rows.ts does for row objects, for rows that come column by column, as
 * they do over the wire. Values that already have the form of a column are checked and taken as they are;
 * the others go the way of row objects, value by value. Messages are Milvus's.
 * Source: Milvus `internal/proxy/validate_util.go`, `pkg/util/funcutil/func.go`.
 */
import { must } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import { invalidParameter, MilvusError, milvusError } from '../base/errors.ts';
import { BATCH_ROWS_MAX, RECORD_BYTES_MAX, VARCHAR_LENGTH_MAX } from '../base/limits.ts';
import type { CollectionSchema, FieldSchema } from './collection-schema.ts';
import { missingColumn } from './column-builder.ts';
import { newFixedValues } from './column-layout.ts';
import type { Column, ColumnBatch } from './column.ts';
import { DataType, dataTypeName } from './data-type.ts';
import { isHidden, NAMESPACE_FIELD_NAME, structSubFields } from './fields.ts';
import { parseJsonText } from './json-text.ts';
import type { RowsOptions } from './rows.ts';
import { DEFAULT_TIME_ZONE } from './timestamptz.ts';
import { encodeColumn, integerRange } from './value-encoders.ts';
import { notFinite, refusedValue } from './value-error.ts';

/** Numbers side by side; bool as 0 and 1. */
export interface GivenNumbers {
  readonly kind: 'numbers';
  readonly values: Int32Array | BigInt64Array | Float32Array | Float64Array | Uint8Array;
}

/** UTF-8 texts side by side: value i is bytes[offsets[i], offsets[i + 1]). */
export interface GivenTexts {
  readonly kind: 'texts';
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Anything that a row object may have as the value of the field. */
export interface GivenValues {
  readonly kind: 'values';
  readonly values: readonly unknown[];
}

export interface GivenColumn {
  /** `struct[sub]` for a sub-field; `$meta` for the dynamic field. */
  readonly name: string;
  readonly type: DataType;
  /** Of vectors; null where the values say it. */
  readonly dim: number | null;
  readonly data: GivenNumbers | GivenTexts | GivenValues;
  /** Row i is not null; null: none is. Values stand for all rows, or only for those. */
  readonly isValid: Uint8Array | null;
}

export interface GivenColumns {
  readonly rowCount: number;
  readonly columns: readonly GivenColumn[];
}

export interface GivenOptions extends RowsOptions {
  /** Fields without a column keep their values; the primary key must be there. */
  readonly partial?: boolean;
}

/** @throws MilvusError ParameterInvalid, ParameterTooLarge */
export function columnsToBatch(
  schema: CollectionSchema,
  given: GivenColumns,
  options: GivenOptions = {},
): ColumnBatch {
  checkCounts(given);
  if (options.namespace !== undefined && !hasNamespaces(schema)) {
    throw invalidParameter('namespace data is set but namespace disabled');
  }
  const source = new ColumnSource(schema, given, options);
  const columns = new Map<number, Column>();
  for (const field of schema.fields) {
    const column = source.column(field);
    if (column !== null) columns.set(field.id, column);
  }
  source.refuseOthers();
  checkStructs(schema, columns);
  return { rowCount: given.rowCount, columns };
}

function hasNamespaces({ fields }: CollectionSchema): boolean {
  return fields.some(({ name }) => name === NAMESPACE_FIELD_NAME);
}

/** @throws MilvusError ParameterTooLarge */
export function checkRowCount(rowCount: number): void {
  if (rowCount <= BATCH_ROWS_MAX) return;
  throw milvusError('ParameterTooLarge', {
    message: `at most ${BATCH_ROWS_MAX} rows a request, but got ${rowCount}`,
    fields: { maximum: BATCH_ROWS_MAX, actual: rowCount },
  });
}

function checkCounts({ rowCount, columns }: GivenColumns): void {
  checkRowCount(rowCount);
  const names = new Set<string>();
  for (const column of columns) {
    if (names.has(column.name)) {
      throw invalidParameter(`duplicated field ${column.name} in the data passed in`);
    }
    names.add(column.name);
    const wrong = wrongCount(column, rowCount);
    if (wrong === null) continue;
    throw invalidParameter(
      `the num_rows (${wrong}) of field (${column.name}) is not equal to passed num_rows (${rowCount})`,
    );
  }
}

/** A count that is not that of the rows, nor that of those that are not null; null: there is none. */
function wrongCount({ data, isValid }: GivenColumn, rowCount: number): number | null {
  const count = data.kind === 'texts' ? data.offsets.length - 1 : data.values.length;
  if (isValid === null) return count === rowCount ? null : count;
  if (isValid.length !== rowCount) return isValid.length;
  const validCount = isValid.reduce((sum, valid) => sum + (valid === 0 ? 0 : 1), 0);
  return count === rowCount || count === validCount ? null : count;
}

/** The columns of one request, each taken by the field of its name. */
class ColumnSource {
  readonly #schema: CollectionSchema;
  readonly #given: GivenColumns;
  readonly #options: GivenOptions;
  readonly #byName: Map<string, GivenColumn>;

  constructor(schema: CollectionSchema, given: GivenColumns, options: GivenOptions) {
    this.#schema = schema;
    this.#given = given;
    this.#options = options;
    this.#byName = new Map(given.columns.map((column) => [column.name, column]));
  }

  /** Null for a field that the batch is to have no column of. */
  column(field: FieldSchema): Column | null {
    if (isHidden(field)) return this.#hidden(field);
    const column = this.#byName.get(field.name);
    this.#byName.delete(field.name);
    if (column === undefined) return this.#absent(field);
    this.#checkKey(field);
    const { timeZone = DEFAULT_TIME_ZONE, partial = false } = this.#options;
    return new FieldColumn(field, column, this.#given.rowCount).encode(timeZone, partial);
  }

  /** @throws MilvusError ParameterInvalid when a column belongs to no field */
  refuseOthers(): void {
    const [other] = this.#byName.keys();
    if (other === undefined) return;
    throw invalidParameter(`Attempt to insert an unexpected field \`${other}\` to collection`, {
      expected: this.#schema.fields.length,
      actual: this.#given.columns.length,
    });
  }

  #checkKey({ name, autoId }: FieldSchema): void {
    const isInsert = this.#options.operation !== 'upsert';
    if (!autoId || !isInsert || this.#options.allowInsertAutoId === true) return;
    throw invalidParameter(
      `Attempt to insert an unexpected field \`${name}\` to collection: it is generated, unless the property allow_insert_auto_id is true`,
    );
  }

  #absent(field: FieldSchema): Column | null {
    const { operation, partial } = this.#options;
    const isUpsert = operation === 'upsert';
    if (field.isPrimaryKey && isUpsert) {
      throw invalidParameter(`must assign pk when upsert, primary field: ${field.name}`);
    }
    if (partial === true || (field.autoId && !isUpsert)) return null;
    if (field.nullable || field.defaultValue !== undefined) return this.#missing(field);
    throw invalidParameter(`fieldSchema(${field.name}) has no corresponding fieldData pass in`);
  }

  #hidden(field: FieldSchema): Column | null {
    if (field.name === NAMESPACE_FIELD_NAME) return this.#namespace(field);
    const column = this.#byName.get(field.name);
    this.#byName.delete(field.name);
    if (column !== undefined) {
      return dynamicColumn(this.#schema, field, { column, rowCount: this.#given.rowCount });
    }
    return this.#options.partial === true ? null : this.#missing(field);
  }

  /** Every row null or the default, which must not make a small request large. */
  #missing(field: FieldSchema): Column {
    const { rowCount } = this.#given;
    const { defaultValue } = field;
    const width = typeof defaultValue === 'string' ? Buffer.byteLength(defaultValue) : 0;
    if (rowCount * width > RECORD_BYTES_MAX) {
      throw milvusError('EntityTooLarge', {
        message: `${rowCount} defaults of ${width} bytes`,
        fields: { field: field.name, maximum: RECORD_BYTES_MAX },
      });
    }
    return missingColumn(field, rowCount);
  }

  #namespace(field: FieldSchema): Column {
    const { namespace } = this.#options;
    if (namespace === undefined) {
      throw invalidParameter('namespace data is not set but namespace enabled');
    }
    const values = Array<string>(this.#given.rowCount).fill(namespace);
    return encodeColumn(field, values, DEFAULT_TIME_ZONE);
  }
}

/** One field's column in the making. */
class FieldColumn {
  readonly #field: FieldSchema;
  readonly #given: GivenColumn;
  readonly #rowCount: number;

  constructor(field: FieldSchema, given: GivenColumn, rowCount: number) {
    this.#field = field;
    this.#given = given;
    this.#rowCount = rowCount;
  }

  /** @param nullIsNull a null is null even where there is a default */
  encode(timeZone: string, nullIsNull: boolean): Column {
    const field = this.#field;
    const { type, dim } = this.#given;
    if (type !== field.type && !isWrittenAs(field.type, type)) {
      throw invalidParameter(
        `the data type of field (${field.name}) is not equal to the schema's`,
        { expected: dataTypeName(field.type), actual: dataTypeName(type) },
      );
    }
    if (dim !== null && field.dim !== undefined && dim !== field.dim) {
      throw invalidParameter(
        `the dim (${dim}) of field data(${field.name}) is not equal to schema dim (${field.dim})`,
        { expected: field.dim, actual: dim },
      );
    }
    return this.#asTheyAre() ?? encodeColumn(field, this.#values(nullIsNull), timeZone);
  }

  /** Without nulls, numbers and texts have the form of a column already. */
  #asTheyAre(): Column | null {
    const { data, isValid } = this.#given;
    if (isValid?.includes(0) === true) return null;
    if (data.kind === 'numbers') return numberColumn(this.#field, data.values);
    if (data.kind !== 'texts' || this.#field.type !== DataType.VarChar) return null;
    const { offsets, bytes } = data;
    checkLengths(this.#field, offsets);
    return { kind: 'bytes', type: DataType.VarChar, offsets, bytes, validity: null };
  }

  /** One value a row, what is null replaced by the default. */
  #values(nullIsNull: boolean): unknown[] {
    const field = this.#field;
    const values = fieldValues(field, this.#given);
    const { isValid } = this.#given;
    if (isValid === null) return values;
    const isFull = values.length === this.#rowCount;
    let next = 0;
    return Array.from(isValid, (valid, row) => {
      const value = isFull ? values[row] : valid === 0 ? null : values[next++];
      if (valid !== 0) return value;
      if (field.nullable && (nullIsNull || field.defaultValue === undefined)) return null;
      if (field.defaultValue !== undefined) return field.defaultValue;
      throw refusedValue(`field ${field.name} is not nullable`, { field: field.name, row });
    });
  }
}

/** Text and JSON stand for types that are written as text. */
function isWrittenAs(wanted: DataType, given: DataType): boolean {
  const isText = given === DataType.VarChar || given === DataType.String;
  return (
    isText &&
    (wanted === DataType.Geometry || wanted === DataType.Timestamptz || wanted === DataType.Text)
  );
}

const JSON_NULL = Buffer.from('null');

/** No bytes are the Node.js SDK's null of a JSON field, beside a mark that the row has a value. */
function fieldValues({ type, nullable }: FieldSchema, column: GivenColumn): unknown[] {
  const values = plainValues(column);
  if (type !== DataType.JSON) return values;
  const absent = nullable ? null : JSON_NULL;
  return values.map((value) =>
    value instanceof Uint8Array && value.length === 0 ? absent : value,
  );
}

function plainValues({ data, type }: GivenColumn): unknown[] {
  if (data.kind === 'values') return [...data.values];
  if (data.kind === 'numbers') {
    const numbers = Array.from(data.values as Float64Array);
    return type === DataType.Bool ? numbers.map((value) => value !== 0) : numbers;
  }
  const { offsets, bytes } = data;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: offsets.length - 1 }, (_, i) =>
    buffer.toString('utf8', offsets[i], offsets[i + 1]),
  );
}

function numberColumn(field: FieldSchema, values: GivenNumbers['values']): Column | null {
  const { type } = field;
  switch (type) {
    case DataType.Bool:
      if (!(values instanceof Uint8Array)) return null;
      return { kind: 'fixed', type, values, validity: null };
    case DataType.Int8:
    case DataType.Int16:
    case DataType.Int32:
      return values instanceof Int32Array ? integerColumn(field, values) : null;
    case DataType.Int64:
      if (!(values instanceof BigInt64Array)) return null;
      return { kind: 'fixed', type, values, validity: null };
    case DataType.Float:
      if (!(values instanceof Float32Array)) return null;
      checkFinite(field, values);
      return { kind: 'fixed', type, values, validity: null };
    case DataType.Double:
      if (!(values instanceof Float64Array)) return null;
      checkFinite(field, values);
      return { kind: 'fixed', type, values, validity: null };
    default:
      return null;
  }
}

function integerColumn({ name, type }: FieldSchema, values: Int32Array): Column {
  const { low, high } = integerRange(type);
  const wrong = values.findIndex((value) => value < low || value > high);
  if (wrong >= 0) {
    const message = `the ${wrong}th element (${values[wrong]!}) out of range: [${low}, ${high}]`;
    const fields = { expected: "integer doesn't overflow", actual: 'out of range' };
    throw refusedValue(message, { field: name, row: wrong }, fields);
  }
  const narrow = newFixedValues(type, values.length);
  (narrow as Int32Array).set(values);
  return { kind: 'fixed', type, values: narrow, validity: null };
}

function checkFinite({ name }: FieldSchema, values: Float32Array | Float64Array): void {
  const wrong = values.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) throw notFinite(values[wrong]!, { field: name, row: wrong });
}

function checkLengths(
  { name, maxLength = VARCHAR_LENGTH_MAX }: FieldSchema,
  offsets: Uint32Array,
): void {
  for (let row = 0; row + 1 < offsets.length; row++) {
    const length = offsets[row + 1]! - offsets[row]!;
    if (length <= maxLength) continue;
    const message = `length of varchar field ${name} exceeds max length, row number: ${row}, length: ${length}, max length: ${maxLength}`;
    throw refusedValue(message, { field: name, row });
  }
}

/** JSON objects whose keys are no fields. */
function dynamicColumn(
  schema: CollectionSchema,
  field: FieldSchema,
  { column, rowCount }: { readonly column: GivenColumn; readonly rowCount: number },
): Column {
  const names = new Set([...schema.fields, ...schema.structs].map(({ name }) => name));
  const values = plainValues(column);
  if (values.length !== rowCount) throw notObject(field, rowCount);
  const objects = values.map((value, row) => {
    const object = parsedObject(field, value, row);
    for (const key of Object.keys(object as object)) {
      if (key !== field.name && !names.has(key)) continue;
      const message =
        key === field.name
          ? 'cannot set key to: $meta'
          : `dynamic field cannot include the static field: ${key}`;
      throw refusedValue(message, { field: key, row });
    }
    return object;
  });
  return encodeColumn(field, objects, DEFAULT_TIME_ZONE);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parsedObject(field: FieldSchema, given: unknown, row: number): unknown {
  let value: unknown;
  try {
    const text = given instanceof Uint8Array ? utf8.decode(given) : given;
    if (text === '') return {};
    if (typeof text !== 'string') throw notObject(field, row);
    value = parseJsonText(text);
  } catch (cause) {
    if (cause instanceof MilvusError || !(cause instanceof Error)) throw cause;
    throw refusedValue(`json field '${field.name}' is illegal, ${cause.message}`, {
      field: field.name,
      row,
    });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw notObject(field, row);
}

function notObject(field: FieldSchema, row: number): MilvusError {
  return refusedValue('the data of the dynamic field is a JSON object a row', {
    field: field.name,
    row,
  });
}

/** The sub-fields of a struct have equally many elements in each row, and are null together. */
function checkStructs(schema: CollectionSchema, columns: ReadonlyMap<number, Column>): void {
  for (const struct of schema.structs) {
    const lists = structSubFields(schema, struct).flatMap(({ id }) => columns.get(id) ?? []);
    const [first] = lists;
    if (first === undefined) continue;
    for (const list of lists) {
      if (list.kind === 'list' && first.kind === 'list' && isSameLayout(first, list)) continue;
      throw invalidParameter(
        `sub-fields of struct ${struct.name} differ in their number of elements`,
      );
    }
    if (lists.length !== struct.fieldIds.length) {
      throw invalidParameter(`data of struct ${struct.name} lacks a sub-field`);
    }
  }
}

function isSameLayout(
  a: Extract<Column, { kind: 'list' }>,
  b: Extract<Column, { kind: 'list' }>,
): boolean {
  const isSame = a.offsets.every((offset, i) => offset === b.offsets[i]);
  const rowCount = a.offsets.length - 1;
  return isSame && bitsOf(a, rowCount).equals(bitsOf(b, rowCount));
}

function bitsOf({ validity }: Column, rowCount: number): Buffer {
  const words = validity ?? must(fullWords(rowCount), 'rows have words');
  return Buffer.from(words.buffer, words.byteOffset, words.byteLength);
}

function fullWords(rowCount: number): Uint32Array {
  const bitmap = new Bitmap(rowCount);
  for (let row = 0; row < rowCount; row++) bitmap.set(row);
  return bitmap.words;
}
