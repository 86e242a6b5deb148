/** What a search of a graph ranks by exact costs: enough of the best by codes, however coarse those are. */
import { describe, expect, it } from 'vitest';
import { Bitmap } from '../../src/base/bitmap.ts';
import { nativeAddon } from '../../src/base/native.ts';
import { hnsw, SCAN_ROWS_PARAMETER } from '../../src/index/hnsw.ts';
import { GraphBuild } from '../../src/index/hnsw-build.ts';
import { scanTopK } from '../../src/index/kernels.ts';
import type { VectorIndex } from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { numbersFrom } from '../suites/vector-index-suite.ts';

const addon = nativeAddon();
const BUILDERS = [
  ['twin', hnsw(null)] as const,
  ...(addon === null ? [] : [['native', hnsw(addon)] as const]),
];
const dim = 16;
const rowCount = 600;
const topK = 10;
const QUERY_COUNT = 20;

/** Close together and far from the origin: most of a code says how far, and little is left for the rest. */
function farVectors(count: number, seed: number): Float32Array {
  const next = numbersFrom(seed);
  return Float32Array.from({ length: count * dim }, () => 100 + next());
}

const vectors = { type: DataType.FloatVector, dim, values: farVectors(rowCount, 3) } as const;
const queries = farVectors(QUERY_COUNT, 4);

/** A build of such rows would choose no codes. */
function coarseImage(): Uint8Array {
  const shape = {
    type: vectors.type,
    metric: 'L2',
    dim,
    rowCount,
    degree: 16,
    buildWidth: 200,
    code: null,
    isRefined: false,
    isDisk: false,
    isOverVectors: false,
  } as const;
  const build = new GraphBuild(shape, vectors, (byteLength) => new Uint8Array(byteLength));
  while (!build.isDone) build.step();
  return build.finish().bytes;
}

function rightRows(allowed: Uint32Array | null): Uint32Array {
  const task = { vectors, rowStart: 0, rowEnd: rowCount, allowed, queries, tieRowsMax: 0 };
  return scanTopK({ kind: 'scan', metric: 'L2', queryCount: QUERY_COUNT, topK, ...task }).rows;
}

function recallAt(index: VectorIndex, ef: number, allowed: Uint32Array | null): number {
  const parameters = { ef, [SCAN_ROWS_PARAMETER]: allowed === null ? 0 : rowCount };
  const found = index.search({ queries, queryCount: QUERY_COUNT, topK, parameters, allowed });
  const right = rightRows(allowed);
  expect(found.counts.every((count) => count === topK)).toBe(true);
  let hits = 0;
  for (let q = 0; q < QUERY_COUNT; q++) {
    const wanted = new Set(right.subarray(q * topK, (q + 1) * topK));
    for (const row of found.rows.subarray(q * topK, (q + 1) * topK))
      hits += wanted.has(row) ? 1 : 0;
  }
  return hits / (QUERY_COUNT * topK);
}

describe.each(BUILDERS)('a search over coarse codes, %s', (_name, builder) => {
  const index = builder.open({ image: coarseImage(), vectors, isChecked: false });
  const most = new Bitmap(rowCount);
  for (let row = 0; row < rowCount; row++) if (row % 7 !== 0) most.set(row);

  it.each([
    ['a walk', null],
    ['a scan', most.words],
  ] as const)('ranks on while the errors of codes leave it open: %s', (_way, allowed) => {
    // Half of ef is ranked at most, which is less than all rows here.
    const recalls = [20, 200, rowCount].map((ef) => recallAt(index, ef, allowed));
    expect(recalls[0]).toBeLessThan(0.9);
    expect(recalls[1]).toBeGreaterThan(recalls[0]!);
    expect(recalls[2]).toBeGreaterThan(0.95);
  });
});
