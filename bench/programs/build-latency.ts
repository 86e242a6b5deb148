/** Single searches one after the other: with nothing else to do, and while a graph is built in the background. */
import { setTimeout } from 'node:timers/promises';
import { loadPackage } from '../package.ts';
import { peakRssMB, report, settings } from '../processes.ts';
import { readVectors, vectorAt } from '../vectors.ts';

const BATCH_ROWS = 1000;
const WARM_UP_RUNS = 50;
/** Between two searches: others have their turn, as behind a server. */
const PAUSE_MS = 1;
const NAMES = ['first', 'second'] as const;

const { path, vectorPath, dim, index, limit, runs } = settings() as {
  path: string;
  vectorPath: string;
  dim: number;
  index: { M: number; efConstruction: number };
  limit: number;
  runs: number;
};
const { MilvusLite, f } = await loadPackage();
const set = readVectors(vectorPath, dim);
const db = await MilvusLite.open(path);
const schema = { id: f.int64({ primary: true }), vector: f.floatVector(dim, { metric: 'IP' }) };
const [first, second] = await Promise.all(NAMES.map((name) => db.collection(name, { schema })));
if (first === undefined || second === undefined) throw new Error('two collections');
for (const collection of [first, second]) {
  for (let start = 0; start < set.count; start += BATCH_ROWS) {
    const length = Math.min(BATCH_ROWS, set.count - start);
    const row = (i: number) => ({ id: start + i, vector: vectorAt(set, start + i) });
    await collection.insert(Array.from({ length }, (_, i) => row(i)));
  }
  await collection.flush();
}
let asked = 0;

/** Milliseconds of a search of the first collection. */
async function searchOnce(): Promise<number> {
  const data = vectorAt(set, (asked++ * 7919) % set.count);
  const started = performance.now();
  await first!.search({ data, limit });
  return performance.now() - started;
}

async function idle(): Promise<number[]> {
  for (let i = 0; i < WARM_UP_RUNS; i++) await searchOnce();
  const callMs: number[] = [];
  while (callMs.length < runs) {
    callMs.push(await searchOnce());
    await setTimeout(PAUSE_MS);
  }
  return callMs;
}

/** Searches until the index of a collection is built. */
async function whileBuilding(
  collection: typeof first,
): Promise<{ callMs: number[]; buildMs: number }> {
  let isBuilt = false;
  const started = performance.now();
  await collection!.indexes.create('vector', { type: 'HNSW', metric: 'IP', ...index });
  const built = collection!.waitForIndex('vector').then(() => {
    isBuilt = true;
  });
  const callMs: number[] = [];
  while (!isBuilt) {
    callMs.push(await searchOnce());
    await setTimeout(PAUSE_MS);
  }
  await built;
  return { callMs, buildMs: performance.now() - started };
}

const scanIdle = await idle();
const scan = await whileBuilding(first);
const graphIdle = await idle();
const graph = await whileBuilding(second);
const rssMB = peakRssMB();
await db.close();
report({ scanIdle, scan, graphIdle, graph, rssMB });
