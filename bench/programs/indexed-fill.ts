/** A collection with an index: the rows of a file are inserted, flushed, compacted and indexed. */
import type { IndexOptions } from '../../src/api/index-options.ts';
import { loadPackage } from '../package.ts';
import { peakRssMB, report, settings } from '../processes.ts';
import { readVectors, vectorAt } from '../vectors.ts';

const BATCH_ROWS = 1000;

const { path, vectorPath, dim, index } = settings() as {
  path: string;
  vectorPath: string;
  dim: number;
  index: IndexOptions;
};
const { MilvusLite, f } = await loadPackage();
const set = readVectors(vectorPath, dim);
const db = await MilvusLite.open(path);
const collection = await db.collection('vectors', {
  schema: {
    id: f.int64({ primary: true }),
    vector: f.floatVector(dim, { index }),
  },
});
const started = performance.now();
for (let start = 0; start < set.count; start += BATCH_ROWS) {
  const length = Math.min(BATCH_ROWS, set.count - start);
  await collection.insert(
    Array.from({ length }, (_, i) => ({ id: start + i, vector: vectorAt(set, start + i) })),
  );
}
await collection.flush();
const insertMs = performance.now() - started;
await collection.compact();
await collection.waitForIndex();
const indexedMs = performance.now() - started;
const segments = await collection.segments();
const fileBytes = segments
  .flatMap(({ byteLength, indexes }) => [byteLength, ...indexes.map((one) => one.byteLength)])
  .reduce((sum, bytes) => sum + bytes, 0);
await db.close();
report({ insertMs, indexedMs, segments: segments.length, fileBytes, rssMB: peakRssMB() });
