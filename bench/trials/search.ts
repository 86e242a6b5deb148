/** Exact search: vectors a call and threads. The answers are compared with a plain scan. */
import { join } from 'node:path';
import { inDirectory, program, run } from '../processes.ts';
import { type Figure, type Findings, figure } from '../result.ts';
import { float16Vectors, syntheticVectors, type VectorSet, writeVectors } from '../vectors.ts';

const LIMIT = 10;
const THREADS = [1, 2];
const BATCH_SIZES = [1, 100];
const RUNS = 15;
const REAL_DIM = 384;
const REAL_ROWS = 63_666;

interface Found {
  readonly found: ReadonlyArray<{ batch: number; callMs: number[] }>;
  readonly recall: number;
  readonly rssMB: number;
}

/** @param vectors file of float16 vectors of 384 dimensions; synthetic ones without it */
export async function search(options: { readonly vectors?: string }): Promise<Findings> {
  const sets: ReadonlyArray<() => VectorSet> = [
    () => syntheticVectors(100_000, 128),
    () =>
      options.vectors === undefined
        ? syntheticVectors(REAL_ROWS, REAL_DIM)
        : float16Vectors(options.vectors, REAL_DIM),
  ];
  const figures: Figure[] = [];
  let recall = 1;
  for (const make of sets) {
    const set = make();
    await inDirectory(async (directory) => {
      const path = join(directory, 'vectors.db');
      const vectorPath = join(directory, 'vectors.f32');
      writeVectors(vectorPath, set);
      await run(program('fill.ts', { path, vectorPath, dim: set.dim, logBytes: 0 }));
      const common = { path, vectorPath, dim: set.dim, limit: LIMIT };
      for (const threads of THREADS) {
        const settings = { ...common, threads, batchSizes: BATCH_SIZES, runs: RUNS };
        const found = await run<Found>(program('search.ts', settings));
        recall = Math.min(recall, found.recall);
        for (const { batch, callMs } of found.found) {
          const what = `${set.name}, ${batch} a call, ${threads} threads`;
          const speeds = callMs.map((ms) => (batch / ms) * 1000);
          figures.push(figure(what, 'vectors/s', speeds, found.rssMB));
        }
      }
    });
  }
  return {
    parameters: { limit: LIMIT, runs: RUNS, metric: 'IP' },
    figures,
    targets: [
      { what: 'recall, the least of all', value: recall, bound: 1, rule: 'at least', unit: '' },
    ],
  };
}
