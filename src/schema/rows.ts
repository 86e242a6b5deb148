/**
 * Users' row objects -> ColumnBatch. Either every value of every row is right and the batch has all columns
 * that the schema wants, or an error names field, row, value and bound, and there is no batch.
 *
 *  - a value that is absent, undefined or null becomes the default, else null, else is refused;
 *  - keys that no field has go to `$meta` when the collection has dynamic fields, else are refused;
 *  - a generated key has no column, unless the collection allows it to be given;
 *  - a struct array is an array of objects in the row and one list a sub-field in the batch.
 */
import { invalidParameter, type MilvusError, milvusError } from '../base/errors.ts';
import { BATCH_ROWS_MAX } from '../base/limits.ts';
import type { CollectionSchema, FieldSchema, StructFieldSchema } from './collection-schema.ts';
import type { Column, ColumnBatch } from './column.ts';
import { DataType } from './data-type.ts';
import {
  isHidden,
  NAMESPACE_FIELD_NAME,
  primaryField,
  structSubFields,
  subFieldName,
} from './fields.ts';
import { refuseDuplicateKeys } from './primary-key.ts';
import { DEFAULT_TIME_ZONE } from './timestamptz.ts';
import { encodeColumn, encodeJsonTexts, jsonTextOf } from './value-encoders.ts';
import { describeType, refusedValue, wrongType } from './value-error.ts';

/** A row as users write it: values by field name. */
export type RowObject = Readonly<Record<string, unknown>>;

export interface RowsOptions {
  /** IANA zone of Timestamptz text without an offset; UTC when left out. */
  readonly timeZone?: string;
  /** An upsert needs the key, generated or not, and refuses two rows with the same. Default: insert. */
  readonly operation?: 'insert' | 'upsert';
  /** The collection's property `allow_insert_auto_id`. */
  readonly allowInsertAutoId?: boolean;
  /** Where the rows belong, in a collection with namespaces. */
  readonly namespace?: string;
}

/** @throws MilvusError ParameterInvalid */
export function rowsToBatch(
  schema: CollectionSchema,
  rows: readonly RowObject[],
  options: RowsOptions = {},
): ColumnBatch {
  const source = new RowSource(schema, rows, options);
  const isUpsert = options.operation === 'upsert';
  const columns = new Map<number, Column>();
  for (const field of schema.fields) {
    if (isHidden(field) || field.structName !== undefined) continue;
    if (field.autoId && !source.takesGeneratedKey(field)) continue;
    if (field.isPrimaryKey && isUpsert) source.requireKey(field);
    columns.set(field.id, source.column(field));
  }
  for (const struct of schema.structs) source.addStruct(struct, columns);
  source.addHidden(columns);
  const batch = { rowCount: rows.length, columns: inSchemaOrder(schema, columns) };
  if (isUpsert) refuseDuplicateRows(schema, batch);
  return batch;
}

/**
 * The columns that the rows carry, for an upsert that keeps the values of all others. Every row has the same
 * fields, the key among them; an explicit null sets null. `$meta` is there when a row has dynamic keys.
 * @throws MilvusError ParameterInvalid
 */
export function partialRowsToBatch(
  schema: CollectionSchema,
  rows: readonly RowObject[],
  options: RowsOptions = {},
): ColumnBatch {
  const source = new RowSource(schema, rows, { ...options, operation: 'upsert' });
  const columns = new Map<number, Column>();
  source.requireKey(primaryField(schema));
  for (const field of schema.fields) {
    if (isHidden(field) || field.structName !== undefined) continue;
    if (source.isCarried(field.name)) columns.set(field.id, source.column(field, true));
  }
  for (const struct of schema.structs) {
    if (source.isCarried(struct.name)) source.addStruct(struct, columns);
  }
  source.addHidden(columns, true);
  const batch = { rowCount: rows.length, columns: inSchemaOrder(schema, columns) };
  refuseDuplicateRows(schema, batch);
  return batch;
}

function refuseDuplicateRows(schema: CollectionSchema, batch: ColumnBatch): void {
  const key = primaryField(schema);
  const column = batch.columns.get(key.id);
  if (column !== undefined) refuseDuplicateKeys(column, key.name);
}

function inSchemaOrder(
  schema: CollectionSchema,
  columns: ReadonlyMap<number, Column>,
): Map<number, Column> {
  const ordered = new Map<number, Column>();
  for (const { id } of schema.fields) {
    const column = columns.get(id);
    if (column !== undefined) ordered.set(id, column);
  }
  return ordered;
}

/** The rows of one request; counts which of their keys were read, so that what is left over is found fast. */
class RowSource {
  readonly #schema: CollectionSchema;
  readonly #rows: readonly RowObject[];
  readonly #options: RowsOptions;
  readonly #timeZone: string;
  /** Keys of each row that a field took. */
  readonly #taken: Uint32Array;
  readonly #takenNames = new Set<string>();

  constructor(schema: CollectionSchema, rows: readonly RowObject[], options: RowsOptions) {
    if (rows.length > BATCH_ROWS_MAX) {
      throw milvusError('ParameterTooLarge', {
        message: `at most ${BATCH_ROWS_MAX} rows a request, but got ${rows.length}`,
        fields: { maximum: BATCH_ROWS_MAX, actual: rows.length },
      });
    }
    for (let row = 0; row < rows.length; row++) {
      if (!isRowObject(rows[row])) {
        throw invalidParameter(`a row should be an object, but got ${describeType(rows[row])}`, {
          row,
        });
      }
    }
    this.#schema = schema;
    this.#rows = rows;
    this.#options = options;
    this.#timeZone = options.timeZone ?? DEFAULT_TIME_ZONE;
    this.#taken = new Uint32Array(rows.length);
  }

  /** Whether a generated key is to be read from the rows. @throws MilvusError when it may not be there */
  takesGeneratedKey(field: FieldSchema): boolean {
    const row = this.#rows.findIndex((each) => read(each, field.name) !== undefined);
    if (this.#options.operation === 'upsert') return true;
    if (row < 0) return false;
    if (this.#options.allowInsertAutoId === true) return true;
    const message = `Attempt to insert an unexpected field \`${field.name}\` to collection: it is generated, unless the property allow_insert_auto_id is true`;
    throw refusedValue(message, { field: field.name, row });
  }

  requireKey(field: FieldSchema): void {
    const row = this.#rows.findIndex((each) => (read(each, field.name) ?? null) === null);
    if (row < 0) return;
    const message = `must assign pk when upsert, primary field: ${field.name}`;
    throw refusedValue(message, { field: field.name, row });
  }

  /** Whether all rows have the field. @throws MilvusError when only some have */
  isCarried(name: string): boolean {
    const [first] = this.#rows;
    const carried = first !== undefined && read(first, name) !== undefined;
    const row = this.#rows.findIndex((each) => (read(each, name) !== undefined) !== carried);
    if (row < 0) return carried;
    const words = carried ? ['lacks', 'has'] : ['has', 'lacks'];
    const message = `all rows of a partial upsert carry the same fields, but row ${row} ${words[0]!} field ${name}, which row 0 ${words[1]!}`;
    throw refusedValue(message, { field: name, row });
  }

  /** @param nullIsNull an explicit null is null even when there is a default */
  column(field: FieldSchema, nullIsNull = false): Column {
    const values = this.#read(field.name);
    for (let row = 0; row < values.length; row++) {
      const value = values[row];
      if (value !== undefined && value !== null) continue;
      values[row] = nullIsNull && field.nullable ? null : absent(field, row);
    }
    return encodeColumn(field, values, this.#timeZone);
  }

  /** Adds one list column for each sub-field. */
  addStruct(struct: StructFieldSchema, columns: Map<number, Column>): void {
    const values = this.#read(struct.name);
    const names = structSubFields(this.#schema, struct).map(subFieldName);
    for (let row = 0; row < values.length; row++) {
      values[row] = structElements(struct, values[row], names, row);
    }
    for (const field of structSubFields(this.#schema, struct)) {
      const name = subFieldName(field);
      const lists = values.map((elements) =>
        elements === null ? null : (elements as RowObject[]).map((element) => read(element, name)),
      );
      columns.set(field.id, encodeColumn(field, lists, this.#timeZone));
    }
  }

  /** Adds `$namespace_id` and `$meta`, once every other field has been read. */
  addHidden(columns: Map<number, Column>, onlyCarried = false): void {
    const { namespace } = this.#options;
    const namespaceField = this.#schema.fields.find((field) => field.name === NAMESPACE_FIELD_NAME);
    if (namespace === undefined && namespaceField !== undefined) {
      throw invalidParameter('namespace data is not set but namespace enabled');
    }
    if (namespace !== undefined) {
      if (namespaceField === undefined) {
        throw invalidParameter('namespace data is set but namespace disabled');
      }
      const values = Array<string>(this.#rows.length).fill(namespace);
      columns.set(namespaceField.id, encodeColumn(namespaceField, values, this.#timeZone));
    }
    const meta = this.#schema.fields.find((field) => field.isDynamic);
    const texts: string[] = [];
    let hasDynamicKeys = false;
    for (let row = 0; row < this.#rows.length; row++) {
      const text = this.#dynamicText(row, meta);
      hasDynamicKeys ||= text !== EMPTY_OBJECT;
      texts.push(text);
    }
    if (meta === undefined || (onlyCarried && !hasDynamicKeys)) return;
    const encoded = encodeJsonTexts(meta, texts, (row) => ({ field: meta.name, row }));
    columns.set(meta.id, { kind: 'bytes', type: DataType.JSON, ...encoded, validity: null });
  }

  #read(name: string): unknown[] {
    const rows = this.#rows;
    const values: unknown[] = Array<unknown>(rows.length);
    const isShadowed = name in Object.prototype;
    for (let row = 0; row < rows.length; row++) {
      const value = isShadowed ? read(rows[row]!, name) : rows[row]![name];
      values[row] = value;
      if (value !== undefined) this.#taken[row]!++;
    }
    this.#takenNames.add(name);
    return values;
  }

  /** JSON text of the keys of a row that no field took. */
  #dynamicText(row: number, meta: FieldSchema | undefined): string {
    const source = this.#rows[row]!;
    const keys = Object.keys(source);
    if (keys.length === this.#taken[row]) return EMPTY_OBJECT;
    // Without a prototype, so that `__proto__` is a key like any other.
    const rest = Object.create(null) as Record<string, unknown>;
    let count = 0;
    for (const key of keys) {
      const value = source[key];
      if (value === undefined || this.#takenNames.has(key)) continue;
      if (meta === undefined) throw unexpectedField(key, row);
      this.#checkDynamicKey(key, row);
      rest[key] = value;
      count++;
    }
    return count === 0 ? EMPTY_OBJECT : jsonTextOf(rest, { field: DYNAMIC_WORD, row });
  }

  #checkDynamicKey(key: string, row: number): void {
    if (key === '$meta') throw refusedValue('cannot set key to: $meta', { field: key, row });
    if (this.#schema.fields.some((field) => field.name === key)) {
      const message = `dynamic field cannot include the static field: ${key}`;
      throw refusedValue(message, { field: key, row });
    }
  }
}

const EMPTY_OBJECT = '{}';
const DYNAMIC_WORD = '$meta';

/** An own property only: a field may be called `constructor`. */
function read(row: RowObject, name: string): unknown {
  return Object.hasOwn(row, name) ? row[name] : undefined;
}

function isRowObject(row: unknown): boolean {
  return typeof row === 'object' && row !== null && !Array.isArray(row) && !ArrayBuffer.isView(row);
}

function unexpectedField(name: string, row: number): MilvusError {
  const message = `Attempt to insert an unexpected field \`${name}\` to collection without enabling dynamic field`;
  return refusedValue(message, { field: name, row });
}

function missingField(name: string, row: number): MilvusError {
  const message = `Insert missed an field \`${name}\` to collection without set nullable==true or set default_value`;
  return refusedValue(message, { field: name, row });
}

/** What stands for a value that is not there. */
function absent(field: FieldSchema, row: number): unknown {
  if (field.defaultValue !== undefined) return field.defaultValue;
  if (field.nullable) return null;
  throw missingField(field.name, row);
}

/** The elements of one struct array, each with exactly the sub-fields `names`; null when it is. */
function structElements(
  struct: StructFieldSchema,
  value: unknown,
  names: readonly string[],
  row: number,
): readonly RowObject[] | null {
  if (value === undefined || value === null) {
    if (struct.nullable) return null;
    throw missingField(struct.name, row);
  }
  if (!Array.isArray(value)) {
    throw wrongType(DataType.ArrayOfStruct, value, { field: struct.name, row });
  }
  for (const [element, object] of value.entries()) {
    const place = { field: struct.name, row, element };
    if (!isRowObject(object)) throw wrongType(DataType.ArrayOfStruct, object, place);
    for (const name of names) {
      if ((read(object as RowObject, name) ?? null) !== null) continue;
      throw refusedValue(
        `Insert missed an field \`${name}\` of an element of struct ${struct.name}`,
        place,
      );
    }
    for (const key of Object.keys(object as RowObject)) {
      if (names.includes(key) || (object as RowObject)[key] === undefined) continue;
      throw refusedValue(
        `Attempt to insert an unexpected field \`${key}\` to struct ${struct.name}`,
        place,
      );
    }
  }
  return value as RowObject[];
}
