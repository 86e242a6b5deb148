/** What a search of a graph ranks by exact costs: enough of the best by codes, however coarse those are. */
import { describe, expect, it } from 'vitest';
import { Bitmap } from '../../src/base/bitmap.ts';
import { nativeAddon } from '../../src/base/native.ts';
import { hnsw, SCAN_ROWS_PARAMETER } from '../../src/index/hnsw.ts';
import { scanTopK } from '../../src/index/kernels.ts';
import { newBuildControl, type VectorIndex } from '../../src/index/vector-index.ts';
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
  const image = builder.build({
    kind: 'build-index',
    structure: 'HNSW',
    metric: 'L2',
    parameters: { M: 16, efConstruction: 200 },
    vectors,
    rowCount,
    threadCount: 1,
    control: newBuildControl(),
  })!;
  const index = builder.open({ image, vectors, isChecked: false });
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
