/**
 * Single searches through the public API and by the bare index in one process, in turns: what the way
 * from `search` to the index and back costs.
 */
import { hnsw } from '../../src/index/hnsw.ts';
import { newBuildControl } from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { bucketOf, BUCKETS, maskOf } from '../compare/task.ts';
import { loadPackage } from '../package.ts';
import { peakRssMB, report, settings } from '../processes.ts';
import { readVectors, vectorAt } from '../vectors.ts';

const BATCH_ROWS = 1000;

const { path, vectorPath, queryPath, dim, limit, index, asked, rounds } = settings() as {
  path: string;
  vectorPath: string;
  queryPath: string;
  dim: number;
  limit: number;
  index: { M: number; efConstruction: number };
  /** Widths, and portions of the rows that match. */
  asked: ReadonlyArray<{ width: number; share: number | null }>;
  rounds: number;
};
const rows = readVectors(vectorPath, dim);
const queries = readVectors(queryPath, dim);
const { MilvusLite, f } = await loadPackage();
const db = await MilvusLite.open(path);
const collection = await db.collection('vectors', {
  schema: {
    id: f.int64({ primary: true }),
    bucket: f.int64(),
    vector: f.floatVector(dim, { index: { type: 'HNSW', metric: 'IP', ...index } }),
  },
});
for (let start = 0; start < rows.count; start += BATCH_ROWS) {
  const count = Math.min(BATCH_ROWS, rows.count - start);
  await collection.insert(
    Array.from({ length: count }, (_, i) => ({
      id: start + i,
      bucket: bucketOf(start + i),
      vector: vectorAt(rows, start + i),
    })),
  );
}
await collection.flush();
await collection.compact();
await collection.waitForIndex();

const values = new Float32Array(new SharedArrayBuffer(rows.values.byteLength));
values.set(rows.values);
const vectors = { type: DataType.FloatVector, dim, values } as const;
const builder = hnsw();
const image = builder.build({
  kind: 'build-index',
  structure: 'HNSW',
  metric: 'IP',
  parameters: index,
  vectors,
  rowCount: rows.count,
  threadCount: 2,
  control: newBuildControl(),
});
if (image === null) throw new Error('nobody cancels this build');
const bare = builder.open({ image, vectors, isChecked: false });

/** Milliseconds of each query. */
async function timed(search: (query: Float32Array) => unknown): Promise<number[]> {
  const callMs: number[] = [];
  for (let i = 0; i < queries.count; i++) {
    const query = vectorAt(queries, i);
    const started = performance.now();
    const found = search(query);
    if (found instanceof Promise) await found;
    callMs.push(performance.now() - started);
  }
  return callMs;
}

const found: Array<{ apiMs: number[]; bareMs: number[] }> = [];
for (const { width, share } of asked) {
  const allowed = share === null ? null : maskOf(rows.count, share);
  const filter = share === null ? {} : { filter: `bucket < ${share * BUCKETS}` };
  const options = { limit, searchParams: { ef: width }, ...filter };
  const common = { queryCount: 1, topK: limit, allowed, parameters: { ef: width } };
  const apiMs: number[] = [];
  const bareMs: number[] = [];
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    const api = await timed((data) => collection.search({ data, ...options }));
    const alone = await timed((query) => bare.search({ queries: query, ...common }));
    if (round === 0) continue;
    apiMs.push(...api);
    bareMs.push(...alone);
  }
  found.push({ apiMs, bareMs });
}
await db.close();
report({ found, rssMB: peakRssMB() });
