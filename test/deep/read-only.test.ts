/** A process that reads sees one moment of a database that another process writes, flushes and truncates. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { type Database, openDatabase } from '../../src/core/open.ts';
import { temporaryDirectory } from '../storage/temporary-directory.ts';

const WRITER = path.join(import.meta.dirname, 'busy-writer.ts');
const DOCS = { databaseName: '', collectionName: 'docs' };
const BATCH_ROWS = 10;
const OPENINGS = 150;
const LOOKS = 4;

/** Resolves once the writer is ready; `generation` grows with what it says. */
async function startWriter(
  root: string,
): Promise<{ child: ChildProcess; generation: () => number }> {
  const child = spawn(process.execPath, [WRITER, root], { stdio: ['ignore', 'pipe', 'inherit'] });
  let generation = 0;
  const ready = Promise.withResolvers<void>();
  child.on('exit', () => ready.reject(new Error('the writer ended by itself')));
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line === 'ready') ready.resolve();
    else generation = Number(line.split(' ')[1]);
  });
  await ready.promise;
  return { child, generation: () => generation };
}

interface Moment {
  readonly generation: number;
  readonly rowCount: number;
}

/** What the reader sees, which must be whole batches of one generation. */
async function look(reader: Database): Promise<Moment> {
  const { service } = reader;
  const { rows } = await service.query({ ...DOCS, filter: 'id >= 0', outputFields: ['*'] });
  const generations = new Set(rows.map((row) => Number(row['generation'])));
  expect(generations.size, 'rows of one generation').toBeLessThanOrEqual(1);
  expect(rows.length % BATCH_ROWS, 'whole batches').toBe(0);
  const [generation = 0] = generations;
  for (const [i, row] of rows.entries()) {
    expect(row['id'], 'batches in their order').toBe(BigInt(i));
    expect(row['vector']).toEqual(new Float32Array(4).fill(i + generation / 8));
  }
  expect(await service.count(DOCS)).toBe(rows.length);
  const data = new Float32Array(4);
  const { results } = await service.search({ ...DOCS, data, limit: 1000 });
  expect(results[0]?.length).toBe(rows.length);
  return { generation, rowCount: rows.length };
}

it('sees whole batches of one moment, and later moments when it opens again', async () => {
  await using directory = await temporaryDirectory();
  const root = path.join(directory.path, 'db');
  const { child, generation } = await startWriter(root);
  try {
    let newest = 0;
    let withRows = 0;
    for (let opening = 0; opening < OPENINGS; opening++) {
      const reader = await openDatabase(root, { readOnly: true, threads: 1 });
      const first = await look(reader);
      for (let again = 1; again < LOOKS; again++) expect(await look(reader)).toEqual(first);
      await expect(reader.service.delete({ ...DOCS, ids: [1n] })).rejects.toMatchObject({
        reason: 'ReadOnly',
      });
      await reader.close();
      if (first.rowCount === 0) continue;
      withRows++;
      expect(first.generation).toBeGreaterThanOrEqual(newest);
      newest = first.generation;
    }
    expect(withRows, 'some moments had rows').toBeGreaterThan(0);
    expect(generation()).toBeGreaterThanOrEqual(newest);
    expect(newest, 'the writer got on').toBeGreaterThan(1);
  } finally {
    child.removeAllListeners('exit');
    const ended = new Promise((resolve) => {
      child.on('exit', resolve);
    });
    child.kill('SIGKILL');
    await ended;
  }
});
