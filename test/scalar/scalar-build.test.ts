import { describe, expect, it } from 'vitest';
import { cancelBuild, newBuildControl, rowsBuilt } from '../../src/index/vector-index.ts';
import { buildScalarIndex, type ScalarTask } from '../../src/scalar/scalar-build.ts';
import { ScalarImage } from '../../src/scalar/scalar-image.ts';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { wktToWkb } from '../../src/schema/geometry.ts';
import { columnOf, type Value } from '../query/columns.ts';

const many = (count: number, of: (i: number) => Value): Value[] =>
  Array.from({ length: count }, (_, i) => of(i));

function task(column: Column, rowCount: number, more: Partial<ScalarTask> = {}): ScalarTask {
  return {
    kind: 'build-scalar-index',
    structure: 'HYBRID',
    parameters: { bitmap_cardinality_limit: 100 },
    json: null,
    column,
    rowCount,
    control: newBuildControl(),
    ...more,
  };
}

function shapeOf(work: ScalarTask) {
  const image = buildScalarIndex(work);
  if (image === null) throw new Error('it was cancelled');
  expect(image.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(rowsBuilt(work.control)).toBe(work.rowCount);
  return new ScalarImage(image).shape;
}

function geometries(texts: readonly (string | null)[]): Column {
  const bytes = texts.map((text) => (text === null ? new Uint8Array(0) : wktToWkb(text)));
  const offsets = new Uint32Array(texts.length + 1);
  bytes.forEach((one, i) => (offsets[i + 1] = offsets[i]! + one.length));
  const validity = Uint32Array.of(
    texts.reduce((word, text, i) => word | (text === null ? 0 : 1 << i), 0),
  );
  return { kind: 'bytes', type: DataType.Geometry, offsets, bytes: Buffer.concat(bytes), validity };
}

describe('HYBRID', () => {
  it('is bitmaps of few distinct values, else sorted', () => {
    const few = columnOf(
      DataType.Int32,
      many(500, (i) => i % 100),
    );
    const more = columnOf(
      DataType.Int32,
      many(500, (i) => i % 101),
    );
    expect(shapeOf(task(few, 500))).toMatchObject({ structure: 'BITMAP', termCount: 100 });
    expect(shapeOf(task(more, 500))).toMatchObject({ structure: 'STL_SORT', termCount: 101 });
    const limit = { parameters: { bitmap_cardinality_limit: 5 } };
    expect(shapeOf(task(few, 500, limit)).structure).toBe('STL_SORT');
  });

  it('is inverted of arrays with many distinct elements', () => {
    const lists = columnOf(
      DataType.Array,
      many(300, (i) => [i, i + 1]),
      DataType.Int64,
    );
    expect(shapeOf(task(lists, 300)).structure).toBe('INVERTED');
  });
});

it('a column in memory that threads share is built as any other', () => {
  const values = many(50, (i) => ({ a: 123_456_789_012_345_678n + BigInt(i) }));
  const column = columnOf(DataType.JSON, values);
  if (column.kind !== 'bytes') throw new Error('JSON is bytes');
  const bytes = new Uint8Array(new SharedArrayBuffer(column.bytes.length));
  bytes.set(column.bytes);
  const json = { path: ['a'], cast: 'DOUBLE', castsTexts: false } as const;
  const shape = shapeOf(task({ ...column, bytes }, 50, { structure: 'INVERTED', json }));
  expect(shape).toMatchObject({ terms: 'float64', termCount: 0 });
});

it('a trie of nothing is a sorted list of nothing', () => {
  const nothing = columnOf(DataType.VarChar, [null, null]);
  expect(shapeOf(task(nothing, 2, { structure: 'TRIE' }))).toMatchObject({
    structure: 'STL_SORT',
    termCount: 0,
  });
});

it('grams have few lengths, however many are asked for', () => {
  const column = columnOf(DataType.VarChar, ['abcdefghij']);
  const parameters = { min_gram: 2, max_gram: 1000 };
  expect(shapeOf(task(column, 1, { structure: 'NGRAM', parameters }))).toMatchObject({
    minGram: 2,
    maxGram: 5,
  });
});

it('boxes are of geometries that are somewhere', () => {
  const column = geometries(['POINT (1 2)', null, 'POINT EMPTY', 'LINESTRING (0 0, 1 1)']);
  const image = buildScalarIndex(task(column, 4, { structure: 'RTREE' }));
  const opened = new ScalarImage(image!);
  expect(opened.shape).toMatchObject({ structure: 'RTREE', terms: 'boxes', termCount: 2 });
  expect([...opened.bitmap('open')!]).toEqual([4]);
  expect([...opened.bitmap('known')!]).toEqual([13]);
});

it('what is cancelled has no image', () => {
  const control = newBuildControl();
  cancelBuild(control);
  const numbers = columnOf(DataType.Int64, [1n]);
  expect(buildScalarIndex(task(numbers, 1, { control }))).toBeNull();
  expect(buildScalarIndex(task(geometries([null]), 1, { control, structure: 'RTREE' }))).toBeNull();
});
