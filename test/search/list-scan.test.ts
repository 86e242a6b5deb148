import { describe, expect, it } from 'vitest';
import { Bitmap } from '../../src/base/bitmap.ts';
import { scanLists } from '../../src/search/list-scan.ts';
import type { Source } from '../../src/search/source.ts';
import { Turn } from '../../src/search/read-context.ts';
import { FACE, type Rows, sourceOf, STRUCT_SCHEMA, pairs } from './struct-world.ts';
import { hurriedClock, searchPlan } from './world.ts';

async function scanned(
  lists: readonly (readonly (readonly [number, number])[])[],
  sources: readonly Source[],
): Promise<string[]> {
  const offsets = Uint32Array.from([
    0,
    ...lists.map((_, i) => lists.slice(0, i + 1).flat().length),
  ]);
  const plan = searchPlan({
    schema: STRUCT_SCHEMA,
    fieldId: FACE,
    queries: pairs(lists.flat().map((vector) => [...vector])),
    queryCount: lists.length,
    topK: 3,
  });
  const turn = new Turn({ clock: hurriedClock() });
  const {
    sources: found,
    rows,
    scores,
    counts,
  } = await scanLists(plan, { kind: 'lists', offsets }, sources, turn);
  return [
    `${counts.join(' ')}:`,
    ...Array.from(rows, (row, i) => `${found[i]}/${row}=${scores[i]}`),
  ];
}

describe('lists against lists', () => {
  it('add up the best match of each vector', async () => {
    const source = sourceOf([
      [
        [0, [1, 0]],
        [0, [0, 2]],
      ],
      [],
      [[0, [1, 1]]],
    ]);
    expect(
      await scanned(
        [
          [
            [1, 0],
            [0, 1],
          ],
          [[0, 2]],
        ],
        [source],
      ),
    ).toEqual(['2 2:', '0/0=1', '0/2=2', '0/0=0', '0/2=2']);
  });

  it('pass over rows that do not count', async () => {
    const source = { ...sourceOf([[[0, [0, 0]]], [[0, [1, 1]]]]), allowed: new Bitmap(2) };
    source.allowed.set(1);
    expect(await scanned([[[0, 0]]], [source])).toEqual(['1:', '0/1=2']);
    expect(await scanned([[[0, 0]]], [{ ...source, allowed: new Bitmap(2) }])).toEqual(['0:']);
  });

  it('are the same however long the lists are, tile by tile', async () => {
    // 3,000 vectors take several tiles, and so do 70 vectors of a query.
    const long = Array.from(
      { length: 3000 },
      (_, i) => [0, [i, 0]] as const,
    ) as unknown as Rows[number];
    const near = Array.from({ length: 70 }, (_, i): [number, number] => [i * 40 + 0.5, 0]);
    const sources = [
      sourceOf([[[0, [0, 0]]], long, [[0, [2999, 0]]]]),
      sourceOf([long.slice(0, 1000)]),
    ];
    const [counts, best] = await scanned([near], sources);
    expect([counts, best]).toEqual(['3:', `0/1=${70 * 0.25}`]);
  });

  it('order rows of equal score by key', async () => {
    const sources = [
      sourceOf([[[0, [1, 0]]], [[0, [1, 0]]]], [7, 3]),
      sourceOf([[[0, [1, 0]]]], [5]),
    ];
    expect(await scanned([[[1, 0]]], sources)).toEqual(['3:', '0/1=0', '1/0=0', '0/0=0']);
  });
});
