import { expect, it } from 'vitest';
import {
  castText,
  type JsonPlace,
  type TermSource,
  termsOf,
} from '../../src/scalar/column-terms.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { columnOf, type Value } from '../query/columns.ts';

function sourceOf(
  type: DataType,
  values: readonly Value[],
  { elementType, ...more }: Partial<TermSource> & { elementType?: DataType } = {},
): TermSource {
  const column = columnOf(type, values, elementType);
  return { column, rowCount: values.length, json: null, grams: null, goesOn: () => true, ...more };
}

const rowsOf = (words: Uint32Array | null): number[] | null =>
  words === null
    ? null
    : Array.from({ length: 32 }, (_, i) => i).filter((i) => (words[0]! & (1 << i)) !== 0);

function describeTerms(source: TermSource) {
  const terms = termsOf(source);
  if (terms === null) throw new Error('it was given up');
  const { found, known, present, open, cast, kind } = terms;
  const { terms: values, starts, rows } = found;
  const texts =
    values.kind === 'numbers'
      ? [...values.values].map(String)
      : [...values.offsets.subarray(1)].map((end, i) =>
          Buffer.from(values.bytes.slice(values.offsets[i], end)).toString(),
        );
  const lists = texts.map(
    (text, i) => `${text}: ${[...rows.subarray(starts[i], starts[i + 1])].join(' ')}`,
  );
  return {
    kind,
    lists,
    known: rowsOf(known),
    present: rowsOf(present),
    open: rowsOf(open),
    cast: rowsOf(cast),
  };
}

it('of numbers, texts and booleans are their values', () => {
  expect(describeTerms(sourceOf(DataType.Int16, [3, null, -1, 3]))).toMatchObject({
    kind: 'int64',
    lists: ['-1: 2', '3: 0 3'],
    known: [0, 2, 3],
    present: null,
  });
  expect(describeTerms(sourceOf(DataType.Float, [0.5, -0, 0]))).toMatchObject({
    kind: 'float64',
    lists: ['0: 1 2', '0.5: 0'],
    known: null,
  });
  expect(describeTerms(sourceOf(DataType.Bool, [true, false])).lists).toEqual(['0: 1', '1: 0']);
  expect(describeTerms(sourceOf(DataType.VarChar, ['b', null, 'a', 'b'])).lists).toEqual([
    'a: 2',
    'b: 0 3',
  ]);
});

it('of an array are its elements, and of a text its grams where they are asked for', () => {
  const list = sourceOf(DataType.Array, [[2, 2, 1], null, []], { elementType: DataType.Int32 });
  expect(describeTerms(list)).toMatchObject({ lists: ['1: 0', '2: 0'], known: [0, 2] });
  const texts = sourceOf(DataType.Array, [['b'], ['a', 'b']], { elementType: DataType.VarChar });
  expect(describeTerms(texts).lists).toEqual(['a: 1', 'b: 0 1']);
  const grams = sourceOf(DataType.VarChar, ['aba', 'b'], { grams: { min: 1, max: 2 } });
  expect(describeTerms(grams).lists).toEqual(['a: 0', 'ab: 0', 'b: 0 1', 'ba: 0']);
});

const VALUES: readonly Value[] = [
  { a: 2.5 },
  { a: 'x' },
  { a: true },
  { a: null },
  {},
  null,
  { a: [1, 'x', false] },
  { a: 9007199254740993n },
  { a: ' 7' },
  { a: '2.50' },
];

const place = (cast: JsonPlace['cast'], castsTexts = false) =>
  describeTerms(sourceOf(DataType.JSON, VALUES, { json: { path: ['a'], cast, castsTexts } }));

it('of JSON are the values of one class at a path', () => {
  const present = [0, 1, 2, 6, 7, 8, 9];
  expect(place('DOUBLE')).toMatchObject({ lists: ['2.5: 0'], known: [0], present, open: [7] });
  expect(place('DOUBLE').cast).toBeNull();
  expect(place('VARCHAR')).toMatchObject({ lists: [' 7: 8', '2.50: 9', 'x: 1'], known: [1, 8, 9] });
  expect(place('BOOL')).toMatchObject({ lists: ['1: 2'], known: [2], open: null });
  expect(place('ARRAY_DOUBLE')).toMatchObject({ lists: ['1: 6'], known: [6] });
  expect(place('ARRAY_VARCHAR')).toMatchObject({ lists: ['x: 6'], known: [6] });
  expect(place('ARRAY_BOOL')).toMatchObject({ lists: ['0: 6'], known: [6] });
  expect(place('JSON')).toMatchObject({ kind: 'members', known: null, present, open: [7] });
});

it('of JSON whose texts are cast are also those that are numbers', () => {
  expect(place('DOUBLE', true)).toMatchObject({ lists: ['2.5: 0 9'], known: [0], cast: [1, 8, 9] });
  expect(['7', '-.5', '1e2', '', ' 7', '0x7', '1e999', '7'.repeat(65)].map(castText)).toEqual([
    7,
    -0.5,
    100,
    null,
    null,
    null,
    null,
    null,
  ]);
});

it('are given up when nobody wants them any more', () => {
  const json = { path: [], cast: 'JSON', castsTexts: false } as const;
  const goesOn = (): boolean => false;
  expect(termsOf(sourceOf(DataType.Int64, [1n], { goesOn }))).toBeNull();
  expect(termsOf(sourceOf(DataType.VarChar, ['a'], { goesOn }))).toBeNull();
  expect(termsOf(sourceOf(DataType.JSON, [1], { goesOn, json }))).toBeNull();
  expect(
    termsOf(sourceOf(DataType.JSON, [1], { goesOn, json: { ...json, cast: 'BOOL' } })),
  ).toBeNull();
});
