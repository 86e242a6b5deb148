/**
 * CollectionSchema <-> JSON text at rest: an object with exactly the keys of the type, absent ones left out.
 * Defaults of Int64 and Timestamptz are decimal text, because JSON numbers are not exact.
 */
import { MalformedBytes } from '../base/bytes.ts';
import type {
  CollectionSchema,
  DefaultValue,
  FieldSchema,
  StructFieldSchema,
} from './collection-schema.ts';
import { DataType } from './data-type.ts';

export function encodeSchema(schema: CollectionSchema): string {
  return JSON.stringify(schema, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}

/** @throws MalformedBytes for anything that encodeSchema does not write */
export function decodeSchema(text: string): CollectionSchema {
  const reader = new ObjectReader(parse(text), 'schema');
  const schema: CollectionSchema = {
    name: reader.text('name'),
    description: reader.text('description'),
    fields: reader.list('fields').map((field) => readField(field)),
    structs: reader.list('structs').map((struct) => readStruct(struct)),
    enableDynamicField: reader.boolean('enableDynamicField'),
    lastFieldId: reader.count('lastFieldId'),
    version: reader.count('version'),
    ...(reader.has('fieldsDroppedVersion')
      ? { fieldsDroppedVersion: reader.count('fieldsDroppedVersion') }
      : {}),
  };
  reader.end();
  checkReferences(schema);
  return schema;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MalformedBytes('a schema is JSON', { cause });
  }
}

function readField(source: ObjectReader): FieldSchema {
  const type = source.dataType('type');
  const elementType = source.has('elementType')
    ? { elementType: source.dataType('elementType') }
    : {};
  const field: FieldSchema = {
    id: source.count('id'),
    name: source.text('name'),
    description: source.text('description'),
    type,
    ...elementType,
    isPrimaryKey: source.boolean('isPrimaryKey'),
    autoId: source.boolean('autoId'),
    isPartitionKey: source.boolean('isPartitionKey'),
    isClusteringKey: source.boolean('isClusteringKey'),
    isDynamic: source.boolean('isDynamic'),
    nullable: source.boolean('nullable'),
    ...(source.has('defaultValue') ? { defaultValue: source.defaultValue(type) } : {}),
    ...(source.has('dim') ? { dim: source.count('dim') } : {}),
    ...(source.has('maxLength') ? { maxLength: source.count('maxLength') } : {}),
    ...(source.has('maxCapacity') ? { maxCapacity: source.count('maxCapacity') } : {}),
    params: source.texts('params'),
    ...(source.has('structName') ? { structName: source.text('structName') } : {}),
  };
  source.end();
  return field;
}

function readStruct(source: ObjectReader): StructFieldSchema {
  const struct: StructFieldSchema = {
    id: source.count('id'),
    name: source.text('name'),
    description: source.text('description'),
    nullable: source.boolean('nullable'),
    maxCapacity: source.count('maxCapacity'),
    fieldIds: source.counts('fieldIds'),
  };
  source.end();
  return struct;
}

/** What code that looks fields up relies on. */
function checkReferences(schema: CollectionSchema): void {
  const ids = [...schema.fields, ...schema.structs].map((each) => each.id);
  if (new Set(ids).size !== ids.length) throw new MalformedBytes('schema: an id stands twice');
  if (ids.some((id) => id > schema.lastFieldId)) {
    throw new MalformedBytes('schema: an id is above the last one');
  }
  if (schema.fields.filter((field) => field.isPrimaryKey).length !== 1) {
    throw new MalformedBytes('schema: one field is the primary key');
  }
  const structOf = new Map<number, string>();
  for (const struct of schema.structs) {
    for (const id of struct.fieldIds) structOf.set(id, struct.name);
  }
  for (const { id, structName } of schema.fields) {
    if (structOf.get(id) !== structName) throw new MalformedBytes(`schema: struct of field ${id}`);
    structOf.delete(id);
  }
  if (structOf.size > 0) throw new MalformedBytes('schema: a struct has a field that is not there');
  if (schema.enableDynamicField !== schema.fields.some((field) => field.isDynamic)) {
    throw new MalformedBytes('schema: dynamic field');
  }
}

const TYPE_CODES: ReadonlySet<unknown> = new Set(Object.values(DataType));

/** Reads every key of an object exactly once. */
class ObjectReader {
  readonly #object: ReadonlyMap<string, unknown>;
  readonly #what: string;
  readonly #read = new Set<string>();

  constructor(value: unknown, what: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new MalformedBytes(`${what} is an object`);
    }
    this.#object = new Map(Object.entries(value));
    this.#what = what;
  }

  has(key: string): boolean {
    return this.#object.has(key);
  }

  text(key: string): string {
    const value = this.#take(key);
    return typeof value === 'string' ? value : this.#refuse(key);
  }

  boolean(key: string): boolean {
    const value = this.#take(key);
    return typeof value === 'boolean' ? value : this.#refuse(key);
  }

  /** A non-negative integer. */
  count(key: string): number {
    const value = this.#take(key);
    return isCount(value) ? value : this.#refuse(key);
  }

  counts(key: string): number[] {
    const value = this.#take(key);
    return Array.isArray(value) && value.every(isCount) ? value : this.#refuse(key);
  }

  list(key: string): ObjectReader[] {
    const value = this.#take(key);
    if (!Array.isArray(value)) return this.#refuse(key);
    return value.map((item: unknown, i) => new ObjectReader(item, `${this.#what}.${key}[${i}]`));
  }

  texts(key: string): Record<string, string> {
    const value = this.#take(key);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return this.#refuse(key);
    const entries = Object.entries(value).map(([name, text]: [string, unknown]) =>
      typeof text === 'string' ? ([name, text] as const) : this.#refuse(key),
    );
    return Object.fromEntries(entries);
  }

  dataType(key: string): DataType {
    const value = this.#take(key);
    return TYPE_CODES.has(value) ? (value as DataType) : this.#refuse(key);
  }

  defaultValue(type: DataType): DefaultValue {
    const key = 'defaultValue';
    const value = this.#take(key);
    switch (type) {
      case DataType.Bool:
        return typeof value === 'boolean' ? value : this.#refuse(key);
      case DataType.Int64:
      case DataType.Timestamptz:
        return typeof value === 'string' ? this.#int64(key, value) : this.#refuse(key);
      case DataType.VarChar:
      case DataType.Geometry:
      case DataType.JSON:
        return typeof value === 'string' ? value : this.#refuse(key);
      default:
        return typeof value === 'number' ? value : this.#refuse(key);
    }
  }

  /** @throws MalformedBytes when the object has a key that was not read */
  end(): void {
    for (const key of this.#object.keys()) {
      if (!this.#read.has(key)) throw new MalformedBytes(`${this.#what} has an unknown key ${key}`);
    }
  }

  #int64(key: string, text: string): bigint {
    const value = /^-?\d{1,19}$/.test(text) ? BigInt(text) : null;
    if (value === null || BigInt.asIntN(64, value) !== value) return this.#refuse(key);
    return value;
  }

  #take(key: string): unknown {
    this.#read.add(key);
    return this.#object.get(key);
  }

  #refuse(key: string): never {
    throw new MalformedBytes(`${this.#what}.${key} is not what it should be`);
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
