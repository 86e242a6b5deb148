import { describe, expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { milvusError } from '../../src/base/errors.ts';
import { BACKGROUND } from '../../src/core/call.ts';
import type { BuildIndexTask } from '../../src/core/ports.ts';
import { LocalTaskRunner } from '../../src/core/task-runner.ts';
import { indexBuilder } from '../../src/index/structures.ts';
import { type IndexTask, setRowsBuilt } from '../../src/index/vector-index.ts';
import { inlineWorkers } from '../../src/search/inline-workers.ts';
import { GrowingSegment } from '../../src/segments/growing-segment.ts';
import { SimClock } from '../sim/sim-clock.ts';
import { batchOf, intKeys, KEY, memoryStore, PLAIN, seal, VECTOR } from '../segments/world.ts';

const ROWS = 300;
const FILE = { fileId: 40 };

/** A runner, and a task of `ROWS` rows whose build does as `build` says. */
async function runner(
  build: (task: IndexTask) => Promise<Uint8Array>,
): Promise<{ readonly tasks: LocalTaskRunner; readonly task: BuildIndexTask }> {
  const clock = new SimClock();
  const store = memoryStore();
  const growing = new GrowingSegment({ id: 1, partitionId: 5, primaryFieldId: KEY });
  growing.append(batchOf(PLAIN, intKeys(...Array.from({ length: ROWS }, (_, i) => i))), 10n);
  const segment = await seal({ schema: PLAIN, store, rows: growing.rows() });
  const workers = { ...inlineWorkers(clock), parallelism: 4, buildIndex: build };
  const parameters = { M: 8, efConstruction: 64 };
  const graph = { name: 'HNSW', structure: 'HNSW', metric: 'L2', parameters } as const;
  const task = { segment, indexId: 7, fieldId: VECTOR, ...FILE };
  return {
    tasks: new LocalTaskRunner({ store, clock, workers }),
    task: { ...task, build: { ...graph, isMapped: false } },
  };
}

describe('the task runner', () => {
  it('says how many rows of a build under way are done, and leaves threads to searches', async () => {
    const seen: [number, number][] = [];
    const { tasks, task } = await runner(async (work) => {
      setRowsBuilt(work.control, 120);
      seen.push([await tasks.rowsBuilt(FILE), work.threadCount]);
      seen.push([await tasks.rowsBuilt({ fileId: 41 }), work.threadCount]);
      return must(indexBuilder('HNSW')?.build(work), 'nobody cancels it');
    });
    expect(await tasks.rowsBuilt(FILE)).toBe(0);
    const index = await tasks.buildIndex(task, BACKGROUND);
    expect(index).toMatchObject({ indexId: 7, rowCount: ROWS });
    expect(seen).toEqual([
      [120, 2],
      [0, 2],
    ]);
    expect(await tasks.rowsBuilt(FILE)).toBe(0);
  });

  it('forgets a build that failed', async () => {
    const { tasks, task } = await runner(async (work) => {
      setRowsBuilt(work.control, 120);
      throw milvusError('Cancelled');
    });
    await expect(tasks.buildIndex(task, BACKGROUND)).rejects.toMatchObject({ reason: 'Cancelled' });
    expect(await tasks.rowsBuilt(FILE)).toBe(0);
  });
});
