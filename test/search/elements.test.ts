import { describe, expect, it } from 'vitest';
import { Bitmap } from '../../src/base/bitmap.ts';
import {
  elementChunk,
  type Elements,
  listOf,
  openElements,
  rowsOfElements,
} from '../../src/search/elements.ts';
import type { Source } from '../../src/search/source.ts';
import { Turn } from '../../src/search/read-context.ts';
import { fieldWithId } from '../../src/schema/fields.ts';
import { FACE, matchOf, SIZE, sourceOf, STRUCT_SCHEMA } from './struct-world.ts';
import { hurriedClock, int32Column, KEY } from './world.ts';

const ROWS = [
  [
    [1, [1, 0]],
    [9, [0, 1]],
  ],
  [],
  [[5, [2, 0]]],
  [
    [7, [3, 0]],
    [2, [4, 0]],
    [8, [5, 0]],
  ],
] as const;

async function opened(source: Source, condition: string | null): Promise<Elements> {
  const match = condition === null ? null : matchOf(condition);
  const turn = new Turn({ clock: hurriedClock() });
  return await openElements(source, { schema: STRUCT_SCHEMA, fieldId: FACE, match }, turn);
}

function rowsOf(...rows: number[]): Bitmap {
  const bitmap = new Bitmap(ROWS.length);
  for (const row of rows) bitmap.set(row);
  return bitmap;
}

describe('the elements of a chunk', () => {
  it('are all of them where nothing is asked', async () => {
    const { allowed, count, offsets } = await opened(sourceOf(ROWS), null);
    expect([allowed, count, [...offsets]]).toEqual([null, 6, [0, 2, 2, 3, 6]]);
  });

  it('are those of the rows that count, and of which the condition is true', async () => {
    const source = { ...sourceOf(ROWS), allowed: rowsOf(0, 3) };
    expect([...((await opened(source, null)).allowed?.toOffsets() ?? [])]).toEqual([0, 1, 3, 4, 5]);
    const found = await opened(source, '$[size] > 4');
    expect([[...(found.allowed?.toOffsets() ?? [])], found.count]).toEqual([[1, 3, 5], 3]);
    expect([...((await opened(sourceOf(ROWS), '$[size] > 4')).allowed?.toOffsets() ?? [])]).toEqual(
      [1, 2, 3, 5],
    );
  });

  it('know their rows', () => {
    expect([...rowsOfElements(Uint32Array.of(0, 2, 2, 3, 6))]).toEqual([0, 0, 2, 3, 3, 3]);
  });

  it('are the rows of a chunk of their own', async () => {
    const { chunk } = sourceOf(ROWS, [10, 11, 12, 13]);
    const elements = elementChunk(chunk, STRUCT_SCHEMA, {
      rows: Uint32Array.of(0, 0, 2, 3, 3, 3),
      offsets: Uint32Array.of(0, 2, 2, 3, 6),
    });
    expect([0, 1, 2, 3, 4, 5].map((element) => elements.placeOf?.(element))).toEqual([
      0, 1, 0, 0, 1, 2,
    ]);
    const fields = [KEY, SIZE, FACE].map((id) => fieldWithId(STRUCT_SCHEMA, id));
    const columns = await elements.load(fields);
    expect(elements.rowCount).toBe(6);
    expect(columns.get(KEY)).toMatchObject({
      values: BigInt64Array.of(10n, 10n, 12n, 13n, 13n, 13n),
    });
    expect(columns.get(SIZE)).toMatchObject({ values: Int32Array.of(1, 9, 5, 7, 2, 8) });
    expect(columns.get(FACE)).toMatchObject({ kind: 'vector', dim: 2 });
  });

  it('are those of lists and of nothing else', () => {
    expect(() => listOf(int32Column([1]))).toThrow('a sub-field of a struct holds lists');
  });
});
