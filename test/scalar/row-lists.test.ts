import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  openRowLists,
  writeBitmaps,
  writeDeltas,
  writeSortedRows,
} from '../../src/scalar/row-lists.ts';
import {
  type ImageStructure,
  ScalarImage,
  type Sections,
  writeImage,
} from '../../src/scalar/scalar-image.ts';
import type { TermRows } from '../../src/scalar/term-rows.ts';

const ROWS = 300;

function termRows(lists: readonly number[][]): TermRows {
  const starts = new Uint32Array(lists.length + 1);
  lists.forEach((list, i) => (starts[i + 1] = starts[i]! + list.length));
  const values = Float64Array.from(lists, (_, i) => i);
  return { terms: { kind: 'numbers', values }, starts, rows: Uint32Array.from(lists.flat()) };
}

const FORMS: ReadonlyArray<readonly [ImageStructure, (terms: TermRows) => Sections]> = [
  ['STL_SORT', writeSortedRows],
  ['INVERTED', writeDeltas],
  ['BITMAP', (terms) => writeBitmaps(terms, ROWS)],
];

function open(structure: ImageStructure, sections: Sections, termCount: number) {
  const shape = { structure, terms: 'float64', rowCount: ROWS, termCount } as const;
  return openRowLists(new ScalarImage(writeImage({ ...shape, minGram: 0, maxGram: 0 }, sections)));
}

it.each(FORMS)('%s marks the rows of its terms', (structure, write) => {
  const list = fc.uniqueArray(fc.nat(ROWS - 1)).map((rows) => rows.toSorted((a, b) => a - b));
  fc.assert(
    fc.property(
      fc.array(list, { minLength: 1, maxLength: 12 }),
      fc.nat(12),
      fc.nat(12),
      (all, a, b) => {
        const lists = open(structure, write(termRows(all)), all.length);
        const first = Math.min(a, b, all.length);
        const end = Math.min(Math.max(a, b), all.length);
        const out = new Uint32Array((ROWS + 31) >>> 5);
        lists.mark(first, end, out);
        const found = Array.from({ length: ROWS }, (_, row) => row).filter(
          (row) => (out[row >>> 5]! & (1 << (row & 31))) !== 0,
        );
        const expected = [...new Set(all.slice(first, end).flat())].toSorted((x, y) => x - y);
        expect(found).toEqual(expected);
        if (structure !== 'BITMAP') {
          expect(lists.count(first, end)).toBeGreaterThanOrEqual(expected.length);
        }
      },
    ),
  );
});

it('rows far apart take the bytes of their distance', () => {
  const rows = termRows([[0, 127, 255, 20_000, 3_000_000, 4_294_967_000]]);
  expect((writeDeltas(rows).rows as Uint8Array).length).toBe(1 + 1 + 2 + 3 + 4 + 5);
});

it.each(FORMS)(
  '%s of a damaged file marks some rows, and no others than there are',
  (structure, write) => {
    const sections = write(termRows([[1, 2, 3], [4, 200], [5]]));
    const starts = (sections.starts as Uint32Array).slice();
    for (const wrong of [0xffffffff, 7, 0]) {
      starts[2] = wrong;
      const lists = open(structure, { ...sections, starts }, 3);
      const out = new Uint32Array((ROWS + 31) >>> 5);
      lists.mark(0, 3, out);
      expect(out).toHaveLength(10);
    }
  },
);
