/** Inserts the vectors of a file in batches, each durable when it is acknowledged; times the inserts. */
import { loadPackage } from '../package.ts';
import { peakRssMB, report, settings } from '../processes.ts';
import { readVectors, vectorAt } from '../vectors.ts';

const { path, vectorPath, dim, batchRows } = settings() as {
  path: string;
  vectorPath: string;
  dim: number;
  batchRows: number;
};
const { MilvusLite, f } = await loadPackage();
const set = readVectors(vectorPath, dim);
const batches: Array<Array<{ id: number; vector: Float32Array }>> = [];
for (let start = 0; start < set.count; start += batchRows) {
  const length = Math.min(batchRows, set.count - start);
  batches.push(
    Array.from({ length }, (_, i) => ({ id: start + i, vector: vectorAt(set, start + i) })),
  );
}
const db = await MilvusLite.open(path);
const schema = { id: f.int64({ primary: true }), vector: f.floatVector(dim, { metric: 'IP' }) };
const collection = await db.collection('vectors', { schema });
const started = performance.now();
for (const batch of batches) await collection.insert(batch);
const elapsedMs = performance.now() - started;
await db.close();
report({ elapsedMs, rssMB: peakRssMB() });
