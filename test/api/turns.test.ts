/** Calls that follow each other without a pause leave timers and I/O their turns. */
import { expect, it, onTestFinished } from 'vitest';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';

const CALLS_MAX = 100_000;

/** @returns whether a timer fired before so many calls had been answered, or refused */
async function leavesTurns(ask: () => Promise<unknown>): Promise<boolean> {
  let hasFired = false;
  setTimeout(() => {
    hasFired = true;
  }, 1);
  for (let i = 0; i < CALLS_MAX && !hasFired; i++) await Promise.allSettled([ask()]);
  return hasFired;
}

/** 2,000 rows that get an index once they are flushed. */
async function indexedDocs() {
  const db = await MilvusLite.open(':memory:');
  onTestFinished(() => db.close());
  const schema = {
    id: f.int64({ primary: true }),
    vector: f.floatVector(2, { index: { type: 'HNSW', metric: 'L2' } }),
  };
  const docs = await db.collection('c', { schema });
  await docs.insert(Array.from({ length: 2000 }, (_, id) => ({ id, vector: [id, 1] })));
  return { db, docs };
}

it('whatever is asked again and again, timers fire', async () => {
  const { db, docs } = await indexedDocs();
  const asks: Record<string, () => Promise<unknown>> = {
    describe: () => docs.indexes.describe('vector'),
    'describe of none': () => docs.indexes.describe('nobody'),
    'with a time-out': () => docs.indexes.describe('vector', { timeoutMs: 10_000 }),
    list: () => docs.indexes.list(),
    count: () => docs.count(),
    load: () => docs.load(),
    'release and load': async () => {
      await docs.release();
      await docs.load();
    },
    get: () => docs.get([7]),
    query: () => docs.query({ filter: 'id == 7' }),
    search: () => docs.search({ data: [7, 1], limit: 3 }),
    collections: () => db.listCollections(),
  };
  for (const [name, ask] of Object.entries(asks)) {
    expect(await leavesTurns(ask), name).toBe(true);
  }
});

it('an index is finished at last for whoever asks for nothing but its state', async () => {
  const { docs } = await indexedDocs();
  await docs.flush();
  let calls = 0;
  while (calls++ < CALLS_MAX * 10 && (await docs.indexes.describe('vector')).state !== 'Finished');
  expect((await docs.indexes.describe('vector')).state).toBe('Finished');
});
