import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { scanTopK } from '../../src/index/kernels.ts';
import {
  type IndexTask,
  isBuildCancelled,
  newBuildControl,
  rowsBuilt,
} from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { workerPool } from '../../src/search/pool.ts';
import { floatTask } from './tasks.ts';

/** Rows on a line. */
function graphTask(rowCount: number): IndexTask {
  const values = new Float32Array(new SharedArrayBuffer(rowCount * 8));
  for (let row = 0; row < rowCount; row++) values[row * 2] = row;
  return {
    kind: 'build-index',
    structure: 'HNSW',
    metric: 'L2',
    parameters: { M: 8, efConstruction: 64 },
    vectors: { type: DataType.FloatVector, dim: 2, values },
    rowCount,
    threadCount: 1,
    control: newBuildControl(),
  };
}

/** Of every thread of this process. */
function nicenesses(): number[] {
  return readdirSync('/proc/self/task').map((thread) => {
    const text = readFileSync(`/proc/self/task/${thread}/stat`, 'utf8');
    // The name, in parentheses, is the second field; niceness is the nineteenth.
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[16]);
  });
}

const runFile = promisify(execFile);
/** Threads cannot run TypeScript as it is on Node below 22.18: there the pool is inline. */
const canStart = process.features.typescript !== false;

describe('a pool of threads', () => {
  it('gives the results of the calling thread', async () => {
    await using pool = workerPool({ clock: systemClock, threadCount: 2 });
    expect(pool.parallelism).toBe(canStart ? 2 : 1);
    const tasks = [1, 2, 3, 4, 5].map((count) => floatTask(700 * count, count));
    const results = await Promise.all(tasks.map((task) => pool.run(task)));
    expect(results).toEqual(tasks.map((task) => scanTopK(task)));
  });

  it.skipIf(process.platform !== 'linux' || !canStart)(
    'lets builds give way to threads that answer, and to nothing else',
    async () => {
      await using pool = workerPool({ clock: systemClock, threadCount: 2 });
      await pool.run(floatTask(700, 1));
      const before = nicenesses();
      const image = await pool.buildIndex(graphTask(2000));
      const after = nicenesses();
      expect(image.byteLength).toBeGreaterThan(0);
      const usual = os.getPriority();
      const count = (all: number[], niceness: number): number =>
        all.filter((one) => one === niceness).length;
      const given = Math.min(19, usual + 5);
      expect(count(after, given)).toBe(count(before, given) + 1);
      expect(count(after, usual)).toBeGreaterThanOrEqual(count(before, usual));
    },
  );

  it('is the calling thread when there is only one', () => {
    expect(workerPool({ clock: systemClock, threadCount: 1 }).parallelism).toBe(1);
  });

  it('gives a cancelled task up at once and works on', async () => {
    await using pool = workerPool({ clock: systemClock, threadCount: 2 });
    const controller = new AbortController();
    const scans = [1, 2, 3].map(() => pool.run(floatTask(20_000, 200), controller.signal));
    controller.abort();
    for (const scan of scans) await expect(scan).rejects.toThrow('context canceled');
    await expect(pool.run(floatTask(1, 1), controller.signal)).rejects.toThrow('context canceled');
    const task = floatTask(100, 1);
    expect(await pool.run(task, new AbortController().signal)).toEqual(scanTopK(task));
  });

  it('builds indexes beside searches, also for one thread, and searches them', async () => {
    for (const threadCount of [1, 2]) {
      await using pool = workerPool({ clock: systemClock, threadCount });
      const task = graphTask(400);
      const image = await pool.buildIndex(task);
      expect(image.buffer).toBeInstanceOf(SharedArrayBuffer);
      expect(rowsBuilt(task.control)).toBe(400);
      const { structure, vectors } = task;
      const search = { structure, vectors, parameters: { ef: 400 }, allowed: null, topK: 3 };
      const queries = { queries: new Float32Array([17.2, 0]), queryCount: 1 };
      const found = await pool.searchIndex({ ...search, ...queries, image, isChecked: false });
      expect([...found.rows]).toEqual([17, 18, 16]);
      const damaged = new Uint8Array(new SharedArrayBuffer(64));
      await expect(
        pool.searchIndex({ ...search, ...queries, image: damaged, isChecked: false }),
      ).rejects.toMatchObject({ reason: 'DataIntegrity' });
    }
  });

  it.skipIf(!canStart)('gives a build up when it is told to', async () => {
    await using pool = workerPool({ clock: systemClock, threadCount: 1 });
    const controller = new AbortController();
    const task = graphTask(200_000);
    const building = pool.buildIndex(task, controller.signal);
    controller.abort();
    await expect(building).rejects.toThrow('context canceled');
    expect(isBuildCancelled(task.control)).toBe(true);
    expect(rowsBuilt(task.control)).toBeLessThan(200_000);
  });

  it.skipIf(!canStart)(
    'gives builds up when the process ends, and listens no longer',
    async () => {
      const index = JSON.stringify(import.meta.resolve('../../src/index/vector-index.ts'));
      for (const end of ['process.exit(3)', "throw new Error('uncaught')"]) {
        const program = `
        import { systemClock } from ${JSON.stringify(import.meta.resolve('../../src/base/clock.ts'))};
        import { workerPool } from ${JSON.stringify(import.meta.resolve('../../src/search/pool.ts'))};
        import { isBuildCancelled, newBuildControl, rowsBuilt } from ${index};
        const pool = workerPool({ clock: systemClock, threadCount: 1 });
        const values = new Float32Array(new SharedArrayBuffer(200_000 * 8));
        for (let i = 0; i < values.length; i++) values[i] = Math.sin(i);
        const task = (rowCount) => ({
          kind: 'build-index', structure: 'HNSW', metric: 'L2',
          parameters: { M: 32, efConstruction: 2000 },
          vectors: { type: 101, dim: 2, values: values.subarray(0, rowCount * 2) },
          rowCount, threadCount: 1, control: newBuildControl(),
        });
        await pool.buildIndex(task(100));
        console.log(process.listenerCount('exit'));
        const long = task(200_000);
        void pool.buildIndex(long);
        while (rowsBuilt(long.control) === 0) await systemClock.yieldTurn();
        process.on('exit', () => console.log(isBuildCancelled(long.control)));
        ${end};
      `;
        const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript'];
        const run = runFile(process.execPath, [...flags, '--eval', program], { timeout: 60_000 });
        await expect(run).rejects.toMatchObject({ killed: false, stdout: '0\ntrue\n' });
      }
    },
    120_000,
  );

  it('passes a failure on', async () => {
    await using pool = workerPool({ clock: systemClock, threadCount: 2 });
    await expect(pool.run({ ...floatTask(10, 1), rowEnd: -1 })).rejects.toThrow(
      'a scan has a row range',
    );
  });

  it('refuses tasks once it is closed, also those under way, and may be closed twice', async () => {
    const pool = workerPool({ clock: systemClock, threadCount: 2 });
    await pool.run(floatTask(10, 1));
    await pool[Symbol.asyncDispose]();
    await pool[Symbol.asyncDispose]();
    await expect(pool.run(floatTask(10, 1))).rejects.toThrow('database is closed');
    const other = workerPool({ clock: systemClock, threadCount: 2 });
    const [underWay] = await Promise.allSettled([
      other.run(floatTask(10, 1)),
      other[Symbol.asyncDispose](),
    ]);
    expect(underWay).toMatchObject({ status: 'rejected', reason: { reason: 'Closed' } });
  });

  it.skipIf(!canStart)('keeps no process alive, closed or idle', async () => {
    for (const end of ['', 'await pool[Symbol.asyncDispose]();']) {
      const program = `
        import { systemClock } from ${JSON.stringify(import.meta.resolve('../../src/base/clock.ts'))};
        import { workerPool } from ${JSON.stringify(import.meta.resolve('../../src/search/pool.ts'))};
        import { floatTask } from ${JSON.stringify(import.meta.resolve('./tasks.ts'))};
        const pool = workerPool({ clock: systemClock, threadCount: 2 });
        const { rows } = await pool.run(floatTask(100, 1));
        ${end}
        console.log(rows.length);
      `;
      const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module-typescript'];
      const { stdout } = await runFile(process.execPath, [...flags, '--eval', program], {
        timeout: 20_000,
      });
      expect(stdout).toBe('5\n');
    }
  });
});
