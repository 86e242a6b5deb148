/** Every node of a graph is reached from its entry, whatever was built with whatever parameters. */
import { describe, expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { nativeAddon } from '../../src/base/native.ts';
import { hnsw } from '../../src/index/hnsw.ts';
import { type GraphImage, NO_NODE, openImage } from '../../src/index/hnsw-image.ts';
import { type IndexBuilder, newBuildControl } from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';

const ROWS = 2000;
const DIM = 16;
/** M and efConstruction: lists of the first are full nearly everywhere. */
const BUILDS = [
  [2, 1],
  [2, 8],
  [4, 4],
  [8, 60],
] as const;

/** Numbers from 0 to 1 that look random, the same every time. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

const next = numbers(7);
/** By row and element. */
const DATA: Record<string, (row: number, i: number) => number> = {
  'at random': () => next(),
  'on a grid, with many equal distances': () => Math.floor(next() * 3),
  'on the rays of a star': (row, i) => (row % DIM === i ? 1 + Math.floor(row / DIM) : 0),
  'in the corners of a cube': (row, i) => (row >> i) & 1,
  'in clusters far apart': (row) => (row % 50) * 100 + next(),
};

const addon = nativeAddon();
const BUILDERS: readonly (readonly [string, IndexBuilder, number])[] = [
  ['twin', hnsw(null), 1],
  ...(addon === null
    ? []
    : ([
        ['native', hnsw(addon), 1],
        ['native, two threads', hnsw(addon), 2],
      ] as const)),
];

function built(
  [, builder, threadCount]: (typeof BUILDERS)[number],
  values: Float32Array,
  [M, efConstruction]: (typeof BUILDS)[number],
): GraphImage {
  const image = builder.build({
    kind: 'build-index',
    structure: 'HNSW',
    metric: 'L2',
    parameters: { M, efConstruction },
    vectors: { type: DataType.FloatVector, dim: DIM, values },
    rowCount: ROWS,
    threadCount,
    control: newBuildControl(),
  });
  const opened = openImage(must(image, 'it is built'));
  return typeof opened === 'string' ? expect.unreachable(opened) : opened;
}

/** Rows that no way leads to, neither by links nor as an equal of one that is found. */
function lostRows({ links, twins, entryRow, shape }: GraphImage): number {
  const width = shape.degree * 2;
  const isFound = new Uint8Array(ROWS);
  const stack = [entryRow];
  isFound[entryRow] = 1;
  while (stack.length > 0) {
    const node = stack.pop()!;
    const list = links.subarray(node * width, (node + 1) * width);
    for (const link of [...list, twins[node] ?? NO_NODE]) {
      if (link === NO_NODE || isFound[link] === 1) continue;
      isFound[link] = 1;
      stack.push(link);
    }
  }
  return isFound.filter((found) => found === 0).length;
}

describe.each(BUILDERS)('a graph by the %s', (...by) => {
  it.each(Object.keys(DATA))('leads to every row that lies %s', (name) => {
    const values = new Float32Array(new SharedArrayBuffer(ROWS * DIM * 4));
    const value = must(DATA[name], 'it is one of them');
    for (let i = 0; i < values.length; i++) values[i] = value(Math.floor(i / DIM), i % DIM);
    for (const build of BUILDS) {
      expect(lostRows(built(by, values, build)), `M, efConstruction: ${build.join()}`).toBe(0);
    }
  });
});
