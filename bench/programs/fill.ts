/** Makes a database of vectors from a file: closed, or still open with its rows in the log only. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadPackage } from '../package.ts';
import { peakRssMB, report, settings } from '../processes.ts';
import { readVectors, vectorAt } from '../vectors.ts';

const BATCH_ROWS = 1000;

const { path, vectorPath, dim, logBytes } = settings() as {
  path: string;
  vectorPath: string;
  dim: number;
  /** Stop when the log is about to hold so many bytes, and wait; 0: insert all, flush and close. */
  logBytes: number;
};
const { MilvusLite, f } = await loadPackage();
const set = readVectors(vectorPath, dim);
const db = await MilvusLite.open(path);
const schema = { id: f.int64({ primary: true }), vector: f.floatVector(dim, { metric: 'IP' }) };
const collection = await db.collection('vectors', { schema });
const startedInsert = performance.now();
let rowCount = 0;
for (; rowCount < set.count; rowCount += BATCH_ROWS) {
  if (logBytes > 0 && logByteLength() + BATCH_ROWS * dim * 4 * 1.05 > logBytes) break;
  const length = Math.min(BATCH_ROWS, set.count - rowCount);
  const start = rowCount;
  await collection.insert(
    Array.from({ length }, (_, i) => ({ id: start + i, vector: vectorAt(set, start + i) })),
  );
}
const insertMs = performance.now() - startedInsert;
if (logBytes > 0) {
  process.stdout.write(`rows ${rowCount} log ${logByteLength()}\nfull\n`);
  setInterval(() => undefined, 1000);
} else {
  const startedFlush = performance.now();
  await collection.flush();
  const flushMs = performance.now() - startedFlush;
  await db.close();
  report({ insertMs, flushMs, rssMB: peakRssMB() });
}

function logByteLength(): number {
  const folder = join(path, 'wal');
  // The log begins with the first write.
  if (!existsSync(folder)) return 0;
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
