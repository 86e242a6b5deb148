/** Rows with a struct array, a geometry and a time, for the tests of conditions on them. */
import { type BoundFilter, compileFilter } from '../../src/query/bind.ts';
import { evaluateFilter } from '../../src/query/evaluate.ts';
import type { ParameterValues } from '../../src/query/template.ts';
import type { CollectionSchema } from '../../src/schema/collection-schema.ts';
import type { BytesColumn, Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { wktToWkb } from '../../src/schema/geometry.ts';
import { columnOf, field, schemaOf, type Value } from './columns.ts';

export const STRUCT_SCHEMA: CollectionSchema = schemaOf(
  [
    field(100, 'id', DataType.Int64, { isPrimaryKey: true, nullable: false }),
    field(101, 'n', DataType.Int64),
    field(102, 'geo', DataType.Geometry),
    field(103, 'tsz', DataType.Timestamptz),
    field(104, 's', DataType.VarChar, { maxLength: 100 }),
    field(111, 'people[age]', DataType.Array, {
      elementType: DataType.Int64,
      structName: 'people',
    }),
    field(112, 'people[name]', DataType.Array, {
      elementType: DataType.VarChar,
      structName: 'people',
    }),
    field(113, 'people[height]', DataType.Array, {
      elementType: DataType.Float,
      structName: 'people',
    }),
    field(114, 'people[face]', DataType.ArrayOfVector, {
      elementType: DataType.FloatVector,
      structName: 'people',
      dim: 2,
    }),
    field(120, 'v', DataType.FloatVector, { dim: 2 }),
  ],
  [
    {
      id: 110,
      name: 'people',
      description: '',
      nullable: true,
      maxCapacity: 16,
      fieldIds: [111, 112, 113, 114],
    },
  ],
);

export interface Person {
  readonly age: bigint;
  readonly name: string;
  readonly height: number;
}

export interface StructRow {
  readonly n?: bigint | null;
  readonly geo?: string | null;
  readonly tsz?: bigint | null;
  readonly people?: readonly Person[] | null;
}

/** @param before rows in front of the first, which the columns do not show */
export function structSource(rows: readonly StructRow[]): {
  readonly rowCount: number;
  column(fieldId: number): Column;
} {
  const values = (name: 'n' | 'tsz'): Value[] => rows.map((row) => row[name] ?? null);
  const lists = (name: keyof Person): Value[] =>
    rows.map((row) => row.people?.map((person) => person[name]) ?? null);
  const columns = new Map<number, Column>([
    [101, columnOf(DataType.Int64, values('n'))],
    [102, geometryColumn(rows.map((row) => row.geo ?? null))],
    [103, columnOf(DataType.Timestamptz, values('tsz'))],
    [111, columnOf(DataType.Array, lists('age'), DataType.Int64)],
    [112, columnOf(DataType.Array, lists('name'), DataType.VarChar)],
    [113, columnOf(DataType.Array, lists('height'), DataType.Float)],
  ]);
  return {
    rowCount: rows.length,
    column(fieldId) {
      const column = columns.get(fieldId);
      if (column === undefined) throw new Error(`no column ${fieldId}`);
      return column;
    },
  };
}

export function geometryColumn(texts: readonly (string | null)[]): BytesColumn {
  const parts = texts.map((text) => (text === null ? new Uint8Array(0) : wktToWkb(text)));
  const offsets = new Uint32Array(texts.length + 1);
  const validity = new Uint32Array((texts.length + 31) >>> 5);
  parts.forEach((part, i) => {
    offsets[i + 1] = offsets[i]! + part.length;
    if (texts[i] !== null) validity[i >>> 5]! |= 1 << (i & 31);
  });
  const bytes = new Uint8Array(Buffer.concat(parts));
  return { kind: 'bytes', type: DataType.Geometry, offsets, bytes, validity };
}

export function bound(
  text: string,
  parameters: ParameterValues = {},
  timeZone = 'UTC',
): BoundFilter {
  return compileFilter(text, STRUCT_SCHEMA, parameters, timeZone);
}

/** Rows of which the filter is TRUE. */
export function matching(
  text: string,
  rows: readonly StructRow[],
  parameters: ParameterValues = {},
): number[] {
  return [...evaluateFilter(bound(text, parameters), structSource(rows)).toOffsets()];
}
