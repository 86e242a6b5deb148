/**
 * Rows inserted one at a time, each followed by a bare append of as many bytes to a file beside the
 * database: the two alternate, so both meet the same device in the same state.
 */
import { open } from 'node:fs/promises';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { loadPackage } from '../package.ts';
import { peakRssMB, report, settings } from '../processes.ts';
import { syntheticVectors, vectorAt } from '../vectors.ts';

const { directory, dim, rowCount, warmUp } = settings() as {
  directory: string;
  dim: number;
  rowCount: number;
  warmUp: number;
};
const { MilvusLite, f } = await loadPackage();
const path = join(directory, 'single.db');
const set = syntheticVectors(rowCount + warmUp + 10, dim);
const db = await MilvusLite.open(path);
const schema = { id: f.int64({ primary: true }), vector: f.floatVector(dim, { metric: 'IP' }) };
const collection = await db.collection('vectors', { schema });

let next = 0;
async function insertOne(): Promise<void> {
  await collection.insert([{ id: next, vector: vectorAt(set, next) }]);
  next++;
}

// What one row adds to the log.
await insertOne();
const before = logByteLength();
for (let i = 0; i < 8; i++) await insertOne();
const bytesARow = Math.round((logByteLength() - before) / 8);

const bytes = new Uint8Array(bytesARow).map((_, i) => (i * 167) & 255);
const file = await open(join(directory, 'bare'), 'a');
async function appendOne(): Promise<void> {
  await file.write(bytes);
  await file.datasync();
}

const insertMs: number[] = [];
const appendMs: number[] = [];
for (let i = -warmUp; i < rowCount; i++) {
  const started = performance.now();
  await insertOne();
  const between = performance.now();
  await appendOne();
  const ended = performance.now();
  if (i < 0) continue;
  insertMs.push(between - started);
  appendMs.push(ended - between);
}
await file.close();
await db.close();
report({ insertMs, appendMs, bytesARow, rssMB: peakRssMB() });

function logByteLength(): number {
  const folder = join(path, 'wal');
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}
