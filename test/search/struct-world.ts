/** A collection with a struct array, as segments of the tests of searches have it. */
import { compileFilter } from '../../src/query/bind.ts';
import type { MatchPredicate } from '../../src/query/predicate.ts';
import type { Source } from '../../src/search/source.ts';
import type { CollectionSchema } from '../../src/schema/collection-schema.ts';
import type { Column, VectorColumn } from '../../src/schema/column.ts';
import { buildSchema } from '../../src/schema/definition.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { FakeSegment, int32Column, int64Column, KEY } from './world.ts';

export const STRUCT_SCHEMA: CollectionSchema = buildSchema({
  name: 'things',
  fields: [
    { name: 'id', type: 'Int64', isPrimaryKey: true },
    { name: 'vector', type: 'FloatVector', dim: 2 },
  ],
  structs: [
    {
      name: 'parts',
      maxCapacity: 4096,
      fields: [
        { name: 'size', type: 'Int32' },
        { name: 'face', type: 'FloatVector', dim: 2 },
      ],
    },
  ],
});

export function idOf(name: string): number {
  const field = STRUCT_SCHEMA.fields.find((each) => each.name === name);
  if (field === undefined) throw new Error(`no field ${name}`);
  return field.id;
}

export const SIZE = idOf('parts[size]');
export const FACE = idOf('parts[face]');

/** Size and face of each element of each row. */
export type Rows = readonly (readonly (readonly [number, readonly [number, number]])[])[];

/** Vectors of two dimensions. */
export function pairs(vectors: readonly (readonly number[])[]): VectorColumn {
  const values = Float32Array.from(vectors.flat());
  return { kind: 'vector', type: DataType.FloatVector, dim: 2, values, validity: null };
}

/** @param keys default: 0, 1, 2 … */
export function segmentOf(
  rows: Rows,
  keys: readonly number[] = rows.map((_, i) => i),
): FakeSegment {
  const offsets = Uint32Array.from([0, ...rows.map((_, i) => rows.slice(0, i + 1).flat().length)]);
  const elements = rows.flat();
  const sizes = int32Column(elements.map(([size]) => size));
  const faces = pairs(elements.map(([, face]) => face));
  const list = (type: DataType, inner: Column): Column =>
    ({ kind: 'list', type, offsets, elements: inner, validity: null }) as Column;
  return new FakeSegment(
    new Map<number, Column>([
      [KEY, int64Column(keys)],
      [SIZE, list(DataType.Array, sizes)],
      [FACE, list(DataType.ArrayOfVector, faces)],
    ]),
  );
}

export function sourceOf(rows: Rows, keys?: readonly number[]): Source {
  const [chunk] = segmentOf(rows, keys).chunks;
  if (chunk === undefined) throw new Error('a segment of the tests has a chunk');
  return { chunk, allowed: null, rowCount: rows.length };
}

export function matchOf(condition: string): MatchPredicate {
  const { elements } = compileFilter(`element_filter(parts, ${condition})`, STRUCT_SCHEMA);
  if (elements === undefined) throw new Error('the filter asks for elements');
  return elements;
}
