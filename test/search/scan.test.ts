import { describe, expect, it } from 'vitest';
import { Bitmap } from '../../src/base/bitmap.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { ScanTask } from '../../src/index/flat.ts';
import { scanTopK } from '../../src/index/kernels.ts';
import type { FieldSchema } from '../../src/schema/collection-schema.ts';
import type { Column, VectorColumn } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { openSources } from '../../src/search/execute.ts';
import type { Source } from '../../src/search/source.ts';
import { HitMerger } from '../../src/search/hit-merger.ts';
import type { SearchPlan } from '../../src/search/plan.ts';
import { type ReadContext, Turn } from '../../src/search/read-context.ts';
import { scanSources } from '../../src/search/scan.ts';
import type { Chunk } from '../../src/segments/segment.ts';
import {
  FakeSegment,
  inlineContext,
  int64Column,
  KEY,
  schemaOf,
  searchPlan,
  VECTOR,
  vectorColumn,
} from './world.ts';

const DIM = 2048;

/** Rows of few distinct vectors, so that ties are common. */
function sourceOf(rowCount: number, isShared = true): FakeSegment {
  const byteLength = rowCount * DIM * 4;
  const values = new Float32Array(
    isShared ? new SharedArrayBuffer(byteLength) : new ArrayBuffer(byteLength),
  );
  for (let row = 0; row < rowCount; row++) {
    values[row * DIM] = Math.imul(row, 7919) % 512;
    values[row * DIM + 1] = row % 3;
  }
  const keys = Array.from({ length: rowCount }, (_, row) => (row * 7877) % 10_007);
  return new FakeSegment(
    new Map<number, Column>([
      [KEY, int64Column(keys)],
      [VECTOR, vectorColumn(DataType.FloatVector, DIM, values)],
    ]),
  );
}

function planOf(queryCount: number): SearchPlan {
  const queries = new Float32Array(queryCount * DIM);
  for (let query = 0; query < queryCount; query++) queries[query * DIM] = query * 37;
  return searchPlan({
    schema: schemaOf({ dim: DIM }),
    queries: vectorColumn(DataType.FloatVector, DIM, queries),
    topK: 12,
  });
}

/** Four threads that are not there: tasks are noted and run on the spot. */
function recordingContext(): ReadContext & { readonly tasks: ScanTask[] } {
  const tasks: ScanTask[] = [];
  return {
    tasks,
    clock: systemClock,
    workers: {
      parallelism: 4,
      async run(task) {
        tasks.push(task);
        return scanTopK(task);
      },
      searchIndex: () => expect.unreachable(),
      buildIndex: () => expect.unreachable(),
      async [Symbol.asyncDispose]() {},
    },
  };
}

async function rowsFound(
  plan: SearchPlan,
  sources: Source[],
  context: ReadContext,
): Promise<unknown> {
  const { lists, keys } = await scanSources(plan, sources, context);
  const { metric, queryCount, topK } = plan;
  const merger = new HitMerger(lists, { metric, queryCount, topK, keys });
  while (!merger.isDone) merger.mergeNext();
  return merger.build();
}

async function sourcesOf(plan: SearchPlan, segments: FakeSegment[]): Promise<Source[]> {
  return await openSources(plan, segments, { turn: new Turn({ clock: systemClock }), masks: null });
}

/** How often each row meets each query in the tasks. */
function meetings(tasks: readonly ScanTask[]): number {
  return tasks.reduce((sum, task) => sum + (task.rowEnd - task.rowStart) * task.queryCount, 0);
}

/** The same rows, shown part by part: by `pass`, or while `load` reads them. */
function inParts(source: Source, each: number, how: 'pass' | 'load'): Source {
  const { chunk } = source;
  const vectorsOf = async (fields: readonly FieldSchema[]): Promise<VectorColumn | null> => {
    const column = fields[0]?.id === VECTOR ? (await chunk.load(fields)).get(VECTOR) : undefined;
    return column?.kind === 'vector' ? column : null;
  };
  const load: Chunk['load'] = async (fields, onRows) => {
    const column = await vectorsOf(fields);
    if (column !== null) {
      for (let rowCount = each; rowCount < chunk.rowCount; rowCount += each) {
        onRows?.(column, rowCount);
        await Promise.resolve();
      }
    }
    return await chunk.load(fields);
  };
  const pass: Chunk['pass'] = async (field, use) => {
    const column = await vectorsOf([field]);
    if (column === null || how === 'load') return false;
    // One memory for all parts, and the last part first.
    const memory = new Float32Array(each * DIM);
    const starts = Array.from({ length: Math.ceil(chunk.rowCount / each) }, (_, i) => i * each);
    for (const rowStart of starts.reverse()) {
      const rowEnd = Math.min(chunk.rowCount, rowStart + each);
      memory.set((column.values as Float32Array).subarray(rowStart * DIM, rowEnd * DIM));
      const values = memory.subarray(0, (rowEnd - rowStart) * DIM);
      await use({ ...column, values }, rowStart);
    }
    return true;
  };
  return { ...source, chunk: { ...chunk, load, pass } };
}

describe('a scan of rows that are still being read', () => {
  it.each(['pass', 'load'] as const)('finds the same by %s', async (how) => {
    for (const queryCount of [1, 5]) {
      const plan = planOf(queryCount);
      const [whole] = await sourcesOf(plan, [sourceOf(700)]);
      const allowed = Bitmap.full(700);
      for (let row = 0; row < 700; row += 3) allowed.clear(row);
      const source = { chunk: whole!.chunk, allowed, rowCount: allowed.count() };
      const expected = await rowsFound(plan, [source], inlineContext());
      const parts = inParts(source, how === 'pass' ? 64 : 70, how);
      expect(await rowsFound(plan, [parts], inlineContext())).toEqual(expected);
      expect(await rowsFound(plan, [parts], recordingContext())).toEqual(expected);
    }
  });

  it('fails when a later part cannot be read', async () => {
    const plan = planOf(1);
    const [whole] = await sourcesOf(plan, [sourceOf(100)]);
    const { chunk } = whole!;
    const load: Chunk['load'] = async (fields, onRows) => {
      const columns = await chunk.load(fields);
      if (onRows === undefined) return columns;
      onRows(columns.get(VECTOR)!, 64);
      throw new Error('damaged');
    };
    const source = { ...whole!, chunk: { ...chunk, load } };
    await expect(rowsFound(plan, [source], inlineContext())).rejects.toThrow('damaged');
  });
});

describe('a scan on workers', () => {
  it('is cut by rows for one query, and finds the same', async () => {
    const context = recordingContext();
    const plan = planOf(1);
    const sources = await sourcesOf(plan, [sourceOf(10_000)]);
    const hits = await rowsFound(plan, sources, inlineContext());
    context.tasks.length = 0;
    expect(await rowsFound(plan, sources, context)).toEqual(hits);
    expect(context.tasks.map(({ rowStart, rowEnd }) => rowEnd - rowStart)).toEqual([
      3360, 3360, 3280,
    ]);
    const many = planOf(20);
    const expected = await rowsFound(many, sources, inlineContext());
    context.tasks.length = 0;
    expect(await rowsFound(many, sources, context)).toEqual(expected);
    expect(context.tasks.length).toBe(16);
    expect(context.tasks.every(({ rowStart }) => rowStart % 32 === 0)).toBe(true);
    expect(meetings(context.tasks)).toBe(10_000 * 20);
  });

  it('is cut by queries first for a batch, each with its share of the mask', async () => {
    const context = recordingContext();
    const plan = planOf(70);
    const [whole] = await sourcesOf(plan, [sourceOf(700)]);
    const allowed = Bitmap.full(700);
    for (let row = 0; row < 700; row += 3) allowed.clear(row);
    const source = { chunk: whole!.chunk, allowed, rowCount: allowed.count() };
    const expected = await rowsFound(plan, [source], inlineContext());
    expect(await rowsFound(plan, [source], context)).toEqual(expected);
    expect(context.tasks.map(({ queryCount }) => queryCount)).toEqual([
      24, 24, 22, 24, 24, 22, 24, 24, 22,
    ]);
    expect(meetings(context.tasks)).toBe(700 * 70);
  });

  it('stays on the calling thread when it is small or the memory is not shared', async () => {
    const context = recordingContext();
    const plan = planOf(1);
    await rowsFound(plan, await sourcesOf(plan, [sourceOf(100)]), context);
    await rowsFound(planOf(40), await sourcesOf(plan, [sourceOf(400, false)]), context);
    expect(context.tasks).toEqual([]);
  });

  it('fails with the first failure and begins no more', async () => {
    const context = recordingContext();
    let runs = 0;
    const workers = {
      ...context.workers,
      run: async () => {
        runs++;
        throw new Error('thread lost');
      },
    };
    const plan = planOf(20);
    const segments = Array.from({ length: 12 }, () => sourceOf(500));
    const sources = await sourcesOf(plan, segments);
    await expect(scanSources(plan, sources, { ...context, workers })).rejects.toThrow(
      'thread lost',
    );
    // Five sources at a time, three tasks each.
    expect(runs).toBe(15);
  });
});
