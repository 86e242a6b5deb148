/** Schemas and columns for the tests of the filter language, made from plain values. */
import type { CollectionSchema, FieldSchema } from '../../src/schema/collection-schema.ts';
import type { Column } from '../../src/schema/column.ts';
import { newFixedValues } from '../../src/schema/column-layout.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { toJsonText } from '../../src/schema/json-text.ts';
import type { BoundFilter } from '../../src/query/bind.ts';
import { compileFilter } from '../../src/query/bind.ts';
import { evaluateFilter } from '../../src/query/evaluate.ts';
import type { ParameterValues } from '../../src/query/template.ts';

export type Value = boolean | number | bigint | string | null | readonly unknown[] | object;

export function field(
  id: number,
  name: string,
  type: DataType,
  more: Partial<FieldSchema> = {},
): FieldSchema {
  return {
    id,
    name,
    description: '',
    type,
    isPrimaryKey: false,
    autoId: false,
    isPartitionKey: false,
    isClusteringKey: false,
    isDynamic: false,
    nullable: true,
    params: {},
    ...more,
  };
}

export function schemaOf(
  fields: readonly FieldSchema[],
  structs: CollectionSchema['structs'] = [],
): CollectionSchema {
  const enableDynamicField = fields.some((each) => each.isDynamic);
  return {
    name: 'c',
    description: '',
    fields,
    structs,
    enableDynamicField,
    lastFieldId: 999,
    version: 1,
  };
}

/** One field of every kind that filters know. */
export const FIELDS = {
  id: field(100, 'id', DataType.Int64, { isPrimaryKey: true, nullable: false }),
  b: field(101, 'b', DataType.Bool),
  i8: field(102, 'i8', DataType.Int8),
  i16: field(103, 'i16', DataType.Int16),
  i32: field(104, 'i32', DataType.Int32),
  i: field(105, 'i', DataType.Int64),
  f: field(106, 'f', DataType.Float),
  d: field(107, 'd', DataType.Double),
  s: field(108, 's', DataType.VarChar, { maxLength: 100 }),
  j: field(109, 'j', DataType.JSON),
  ai: field(110, 'ai', DataType.Array, { elementType: DataType.Int64, maxCapacity: 8 }),
  as: field(111, 'as', DataType.Array, { elementType: DataType.VarChar, maxCapacity: 8 }),
  af: field(112, 'af', DataType.Array, { elementType: DataType.Float, maxCapacity: 8 }),
  tz: field(113, 'tz', DataType.Timestamptz),
  text: field(114, 'text', DataType.Text),
  geo: field(115, 'geo', DataType.Geometry),
  v: field(116, 'v', DataType.FloatVector, { dim: 2 }),
  subInt: field(118, 'people[age]', DataType.Array, {
    elementType: DataType.Int32,
    structName: 'people',
  }),
  subVector: field(119, 'people[face]', DataType.ArrayOfVector, {
    elementType: DataType.FloatVector,
    structName: 'people',
    dim: 2,
  }),
  i2: field(120, 'i2', DataType.Int64),
  s2: field(121, 's2', DataType.VarChar, { maxLength: 100 }),
  tz2: field(122, 'tz2', DataType.Timestamptz),
} as const;

export const META: FieldSchema = field(130, '$meta', DataType.JSON, { isDynamic: true });

const STRUCTS: CollectionSchema['structs'] = [
  {
    id: 117,
    name: 'people',
    description: '',
    nullable: true,
    maxCapacity: 8,
    fieldIds: [118, 119],
  },
];

export const SCHEMA: CollectionSchema = schemaOf(Object.values(FIELDS), STRUCTS);
export const DYNAMIC_SCHEMA: CollectionSchema = schemaOf([...Object.values(FIELDS), META], STRUCTS);

/** A column of these values; null is null. */
export function columnOf(type: DataType, values: readonly Value[], elementType?: DataType): Column {
  const validity = validityOf(values);
  if (type === DataType.Array && elementType !== undefined) {
    const offsets = new Uint32Array(values.length + 1);
    const elements: Value[] = [];
    values.forEach((value, i) => {
      elements.push(...((value ?? []) as Value[]));
      offsets[i + 1] = elements.length;
    });
    const inner = columnOf(elementType, elements) as never;
    return { kind: 'list', type, offsets, elements: inner, validity };
  }
  if (type === DataType.VarChar || type === DataType.JSON || type === DataType.Text) {
    const texts = values.map((value) => {
      if (value === null) return new Uint8Array(0);
      return Buffer.from(type === DataType.JSON ? toJsonText(value) : String(value));
    });
    const offsets = new Uint32Array(values.length + 1);
    texts.forEach((text, i) => (offsets[i + 1] = offsets[i]! + text.length));
    return { kind: 'bytes', type, offsets, bytes: new Uint8Array(Buffer.concat(texts)), validity };
  }
  const fixed = newFixedValues(type, values.length);
  values.forEach((value, i) => {
    const wide = fixed instanceof BigInt64Array;
    fixed[i] = (wide ? BigInt((value ?? 0) as number) : Number(value ?? 0)) as never;
  });
  return { kind: 'fixed', type, values: fixed, validity };
}

function validityOf(values: readonly Value[]): Uint32Array | null {
  if (!values.includes(null)) return null;
  const words = new Uint32Array((values.length + 31) >>> 5);
  values.forEach((value, i) => {
    if (value !== null) words[i >>> 5]! |= 1 << (i & 31);
  });
  return words;
}

/** Columns by field name, each as long as the first. */
export type Rows = Readonly<Record<string, readonly Value[]>>;

export function sourceOf(rows: Rows, schema: CollectionSchema = DYNAMIC_SCHEMA) {
  const columns = new Map<number, Column>();
  for (const [name, values] of Object.entries(rows)) {
    const owner = schema.fields.find((each) => each.name === name);
    if (owner === undefined) throw new Error(`no field ${name}`);
    columns.set(owner.id, columnOf(owner.type, values, owner.elementType));
  }
  const rowCount = Object.values(rows)[0]?.length ?? 0;
  return {
    rowCount,
    column(fieldId: number): Column {
      const column = columns.get(fieldId);
      if (column === undefined) throw new Error(`no column ${fieldId}`);
      return column;
    },
  };
}

/** The rows that match, after the filter has crossed a structured clone. */
export function matches(
  text: string,
  rows: Rows,
  parameters: ParameterValues = {},
  schema: CollectionSchema = DYNAMIC_SCHEMA,
): number[] {
  const filter: BoundFilter = structuredClone(compileFilter(text, schema, parameters));
  return [...evaluateFilter(filter, sourceOf(rows, schema)).toOffsets()];
}

/** The tree without offsets, as comparable text. */
export function shape(value: unknown): string {
  return JSON.stringify(value, (key, each: unknown) => {
    if (key === 'at') return undefined;
    if (typeof each === 'bigint') return `${each}n`;
    return Object.is(each, -0) ? '-0' : each;
  });
}
