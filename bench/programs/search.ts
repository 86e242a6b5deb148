/** Exact search over the vectors of a file, sealed and in memory; also how much of the answers is right. */
import { loadPackage } from '../package.ts';
import { report, settings } from '../processes.ts';
import { nearestRows, readVectors, vectorAt } from '../vectors.ts';

const CHECKED = 5;

const { path, vectorPath, dim, threads, batchSizes, runs, limit } = settings() as {
  path: string;
  vectorPath: string;
  dim: number;
  threads: number;
  /** Vectors a call. */
  batchSizes: number[];
  runs: number;
  limit: number;
};
const { MilvusLite } = await loadPackage();
const set = readVectors(vectorPath, dim);
const db = await MilvusLite.open(path, { threads });
const collection = await db.collection('vectors');
const queries = (count: number, seed: number): Float32Array[] =>
  Array.from({ length: count }, (_, i) => vectorAt(set, ((seed + i) * 7919) % set.count));

const found: Array<{ batch: number; callMs: number[] }> = [];
for (const batch of batchSizes) {
  for (let i = 0; i < 3; i++) await collection.search({ data: queries(batch, i), limit });
  const callMs: number[] = [];
  for (let i = 0; i < runs; i++) {
    const data = queries(batch, i * batch);
    const started = performance.now();
    await collection.search({ data, limit });
    callMs.push(performance.now() - started);
  }
  found.push({ batch, callMs });
}

let right = 0;
for (const query of queries(CHECKED, 17)) {
  const expected = new Set(nearestRows(set, query, limit));
  const hits = await collection.search({ data: query, limit });
  right += hits.filter(({ id }) => expected.has(Number(id))).length;
}
const rssMB = process.memoryUsage.rss() / 1e6;
await db.close();
report({ found, recall: right / (CHECKED * limit), rssMB });
