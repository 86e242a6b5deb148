/**
 * Fills a small file system to every degree and writes on: the program of test/deep/disk-full.test.ts.
 *
 *   node disk-full-program.ts <mount point of a tmpfs> <its bytes>
 *
 * Prints one JSON object a line: what happened with so many bytes left.
 */
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import path from 'node:path';
import { MilvusError } from '../../src/base/errors.ts';
import { type Database, openDatabase } from '../../src/core/open.ts';

const [mount = '', sizeText = ''] = process.argv.slice(2);
const ballast = path.join(mount, 'ballast');
const root = path.join(mount, 'db');
const docs = { databaseName: '', collectionName: 'docs' };
const PAGE = 4096;
const ROWS = 50;
const DIM = 128;
const BATCHES_MAX = Number(sizeText) / (ROWS * DIM * 4);

/** Takes all space but `left` bytes. */
function fillBut(left: number): void {
  const file = openSync(ballast, 'w');
  const { bavail, bsize } = statfsSync(mount);
  const pages = Math.max(0, Math.floor((bavail * bsize - left) / PAGE));
  const page = new Uint8Array(PAGE).fill(1);
  for (let i = 0; i < pages; i++) writeSync(file, page);
  closeSync(file);
}

function reasonOf(failure: unknown): string {
  if (failure instanceof MilvusError) return failure.reason;
  throw failure;
}

/** Null when it succeeded. */
async function attempt(work: () => Promise<unknown>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (failure) {
    return reasonOf(failure);
  }
}

let nextBatch = 0;
/** Batches that were acknowledged, and those that were refused. */
const acknowledged = new Set<number>();
const refused = new Set<number>();

async function insertBatch(db: Database): Promise<string | null> {
  const batch = nextBatch++;
  const rows = Array.from({ length: ROWS }, (_, i) => ({
    id: batch * ROWS + i,
    batch,
    vector: new Float32Array(DIM).fill(batch + i / 64),
  }));
  const reason = await attempt(() => db.service.insert({ ...docs, rows }));
  (reason === null ? acknowledged : refused).add(batch);
  return reason;
}

/** Batches of which something is there; throws when one is not there in whole. */
async function wholeBatches(db: Database): Promise<Set<number>> {
  const found = new Map<number, number>();
  const { rows } = await db.service.query({ ...docs, filter: 'id >= 0', outputFields: ['*'] });
  for (const row of rows) {
    const batch = Number(row['batch']);
    const i = Number(row['id']) - batch * ROWS;
    const vector = row['vector'] as Float32Array;
    if (!vector.every((value) => value === batch + i / 64))
      throw new Error(`row ${String(row['id'])} is damaged`);
    found.set(batch, (found.get(batch) ?? 0) + 1);
  }
  for (const [batch, count] of found) {
    if (count !== ROWS) throw new Error(`batch ${batch} has ${count} rows`);
  }
  return new Set(found.keys());
}

async function check(
  db: Database,
  isReopened: boolean,
): Promise<{ lost: number[]; revived: number }> {
  const found = await wholeBatches(db);
  const lost = [...acknowledged].filter((batch) => !found.has(batch));
  const revived = [...found].filter((batch) => refused.has(batch)).length;
  if (isReopened) {
    for (const batch of found) if (refused.delete(batch)) acknowledged.add(batch);
  }
  return { lost, revived };
}

async function startOver(): Promise<Database> {
  rmSync(root, { recursive: true, force: true });
  nextBatch = 0;
  acknowledged.clear();
  refused.clear();
  const db = await openDatabase(root, { threads: 1 });
  await db.service.createCollection('', {
    name: 'docs',
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'batch', type: 'Int64' },
      { name: 'vector', type: 'FloatVector', dim: DIM, params: { metric_type: 'L2' } },
    ],
  });
  await db.service.loadCollection(docs);
  return db;
}

async function round(leftBytes: number, kind: 'append' | 'flush' | 'compact'): Promise<void> {
  let db = await startOver();
  for (let i = 0; i < 8; i++) {
    await insertBatch(db);
    if (kind === 'compact' && i % 2 === 1) await db.service.flush(docs);
  }
  fillBut(leftBytes);
  const outcomes: (string | null)[] = [];
  if (kind === 'append') {
    while (outcomes.length < BATCHES_MAX && (outcomes.at(-1) ?? null) === null) {
      outcomes.push(await insertBatch(db));
    }
    // What failed to be appended leaves the log's end in doubt: no write is taken any more.
    outcomes.push(await insertBatch(db));
  } else {
    outcomes.push(await attempt(() => db.service[kind](docs)));
  }
  const whileFull = await check(db, false);
  rmSync(ballast);
  // With space again: what was not poisoned goes on, and the same work succeeds.
  const again = kind === 'append' ? null : await attempt(() => db.service[kind](docs));
  const closed = await attempt(() => db.close());
  db = await openDatabase(root, { threads: 1 });
  const reopened = await check(db, true);
  const afterwards = [await insertBatch(db), await attempt(() => db.service.flush(docs))];
  const after = await check(db, false);
  await db.close();
  console.log(
    JSON.stringify({
      kind,
      leftBytes,
      outcomes,
      whileFull,
      again,
      closed,
      reopened,
      afterwards,
      after,
    }),
  );
}

for (let left = 0; left <= 256 * 1024; left = left === 0 ? PAGE : left * 2)
  await round(left, 'append');
// In small steps: each file of a segment, the manifest and the metadata once are the one that is too much.
for (const kind of ['flush', 'compact'] as const) {
  for (let left = 0; left <= 320 * 1024; left += 2 * PAGE) await round(left, kind);
}
