import { describe, expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { Bitmap } from '../../src/base/bitmap.ts';
import { milvusError } from '../../src/base/errors.ts';
import { systemClock } from '../../src/base/clock.ts';
import { indexBuilder } from '../../src/index/structures.ts';
import { newBuildControl } from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';
import type { Column } from '../../src/schema/column.ts';
import type { Source } from '../../src/search/source.ts';
import { type HitList, HitMerger } from '../../src/search/hit-merger.ts';
import { indexOf } from '../../src/search/index-search.ts';
import { inlineWorkers } from '../../src/search/inline-workers.ts';
import type { SearchPlan } from '../../src/search/plan.ts';
import type { IndexSearchTask, ReadContext } from '../../src/search/read-context.ts';
import { scanSources } from '../../src/search/scan.ts';
import { send } from '../../src/search/task-transport.ts';
import { searchIndex } from '../../src/search/worker.ts';
import type { Chunk, IndexFiles } from '../../src/segments/segment.ts';
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

const DIM = 4;
const ROWS = 600;
const FINGERPRINT = 'HNSW L2 M=8 efConstruction=64';

/** Keys fall as rows rise, and every vector stands twice: ties are common. */
function rowsInMemory(): { segment: FakeSegment; image: Uint8Array } {
  const values = new Float32Array(new SharedArrayBuffer(ROWS * DIM * 4));
  for (let row = 0; row < ROWS; row++) values[row * DIM] = row >> 1;
  const vectors = { type: DataType.FloatVector, dim: DIM, values };
  const image = indexBuilder('HNSW')?.build({
    kind: 'build-index',
    structure: 'HNSW',
    metric: 'L2',
    parameters: { M: 8, efConstruction: 64 },
    vectors,
    rowCount: ROWS,
    threadCount: 1,
    control: newBuildControl(),
  });
  const keys = Array.from({ length: ROWS }, (_, row) => ROWS - row);
  const columns = new Map<number, Column>([
    [KEY, int64Column(keys)],
    [VECTOR, vectorColumn(DataType.FloatVector, DIM, values)],
  ]);
  return { segment: new FakeSegment(columns), image: must(image, 'it is built') };
}

interface Indexed {
  readonly source: Source;
  readonly opened: string[];
}

/** The rows as a source whose chunk has an index; `files` is what opening it brings. */
function indexed(
  allowed: Bitmap | null = null,
  change: (files: IndexFiles) => IndexFiles | null = (files) => files,
): Indexed {
  const { segment, image } = rowsInMemory();
  const [plain] = segment.chunks;
  const held = { bytes: image };
  const opened: string[] = [];
  const chunk: Chunk = {
    ...plain!,
    index: ({ indexId, fingerprint }) => {
      if (indexId !== 7 || fingerprint !== FINGERPRINT) return null;
      return {
        open: async (field) => {
          opened.push('opened');
          const columns = await plain!.load([field]);
          return change({ image: held, vectors: must(columns.get(field.id), 'it is loaded') });
        },
        reportDamage: () => {
          opened.push('damaged');
        },
      };
    },
  };
  return { source: { chunk, allowed, rowCount: allowed?.count() ?? ROWS }, opened };
}

function planOf(queryCount: number, more: Partial<SearchPlan> = {}): SearchPlan {
  const queries = new Float32Array(queryCount * DIM);
  for (let query = 0; query < queryCount; query++) queries[query * DIM] = query * 10 + 20.25;
  return searchPlan({
    schema: schemaOf({ dim: DIM }),
    queries: vectorColumn(DataType.FloatVector, DIM, queries),
    topK: 5,
    index: {
      indexId: 7,
      fingerprint: FINGERPRINT,
      structure: 'HNSW',
      build: { M: 8, efConstruction: 64 },
      parameters: { ef: ROWS },
    },
    ...more,
  });
}

const SMALL: ReadContext = { ...inlineContext(), indexRowsMin: 10 };

async function hits(plan: SearchPlan, source: Source, context = SMALL): Promise<HitList> {
  const { lists, keys } = await scanSources(plan, [source], context);
  const { metric, queryCount, topK } = plan;
  const merger = new HitMerger(lists, { metric, queryCount, topK, keys });
  while (!merger.isDone) merger.mergeNext();
  return merger.build();
}

async function scanned(plan: SearchPlan, source: Source): Promise<HitList> {
  return await hits({ ...plan, index: null }, source);
}

/** Two threads that are not there; what they get crosses as it would to a thread. */
function threaded(refuse = false): ReadContext & { readonly tasks: IndexSearchTask[] } {
  const tasks: IndexSearchTask[] = [];
  const workers = {
    ...inlineWorkers(systemClock),
    parallelism: 2,
    async searchIndex(task: IndexSearchTask) {
      tasks.push(task);
      if (refuse) throw milvusError('DataIntegrity', { message: 'damaged' });
      const found = searchIndex(structuredClone(send(task)));
      return typeof found === 'string' ? expect.unreachable(found) : found;
    },
  };
  return { tasks, workers, clock: systemClock, indexRowsMin: 10 };
}

describe('the index of a source', () => {
  it('finds ranges and pages only where it names the best first', () => {
    const { source } = indexed();
    const range = { radius: 100, rangeFilter: null };
    for (const structure of ['HNSW', 'HNSW_PQ', 'IVF_FLAT', 'IVF_RABITQ', 'SCANN'] as const) {
      const index = { ...planOf(1).index!, structure };
      expect(indexOf(planOf(1, { index }), source, SMALL)).not.toBeNull();
      const ranged = indexOf(planOf(1, { index, window: { range, after: null } }), source, SMALL);
      expect(ranged !== null, structure).toBe(structure === 'HNSW');
    }
  });
});

describe('a search by an index', () => {
  it('gives what a scan gives, equal scores by key', async () => {
    for (const plan of [planOf(1), planOf(9), planOf(3, { topK: 50 })]) {
      const { source, opened } = indexed();
      expect(await hits(plan, source)).toEqual(await scanned(plan, source));
      expect(opened).toEqual(['opened']);
    }
  });

  it('is no scan in disguise: scores come from what the index was opened with', async () => {
    const shifted = (files: IndexFiles): IndexFiles => {
      const { vectors } = files;
      if (vectors.kind !== 'vector') return expect.unreachable();
      const values = new Float32Array(new SharedArrayBuffer(ROWS * DIM * 4));
      values.set(vectors.values);
      for (let row = 0; row < ROWS; row++) values[row * DIM + 1] = 3;
      return { ...files, vectors: { ...vectors, values } };
    };
    const { source } = indexed(null, shifted);
    const plan = planOf(3);
    const [byIndex, byScan] = [await hits(plan, source), await scanned(plan, source)];
    expect([...byIndex.scores]).toEqual([...byScan.scores].map((score) => score + 9));
  });

  it('sees the allowed rows only', async () => {
    const allowed = new Bitmap(ROWS);
    for (let row = 0; row < ROWS; row += 3) allowed.set(row);
    const { source, opened } = indexed(allowed);
    const plan = planOf(4);
    const found = await hits(plan, source);
    expect(found).toEqual(await scanned(plan, source));
    expect([...found.rows].every((row) => row % 3 === 0)).toBe(true);
    expect(opened).toEqual(['opened']);
  });

  it('is left to the scan where few rows are allowed or nearly all are wanted', async () => {
    const few = new Bitmap(ROWS);
    for (let row = 0; row < 9; row++) few.set(row * 50);
    const scans: [SearchPlan, Indexed, ReadContext?][] = [
      [planOf(2), indexed(few)],
      [planOf(2), indexed(), inlineContext()],
      [planOf(2, { topK: ROWS }), indexed()],
      [planOf(2, { index: { ...planOf(1).index!, indexId: 8 } }), indexed()],
      [planOf(2, { index: { ...planOf(1).index!, fingerprint: '' } }), indexed()],
    ];
    for (const [plan, { source, opened }, context] of scans) {
      expect(await hits(plan, source, context)).toEqual(await scanned(plan, source));
      expect(opened).toEqual([]);
    }
    const all = await hits(planOf(1, { topK: ROWS }), indexed().source);
    expect(all.rows).toHaveLength(ROWS);
  });

  it('is left to the scan when the image cannot be used, which is reported', async () => {
    const plan = planOf(2);
    const absent = indexed(null, () => null);
    expect(await hits(plan, absent.source)).toEqual(await scanned(plan, absent.source));
    expect(absent.opened).toEqual(['opened']);
    const image = { bytes: new Uint8Array(new SharedArrayBuffer(64)) };
    const damaged = indexed(null, (files) => ({ ...files, image }));
    expect(await hits(plan, damaged.source)).toEqual(await scanned(plan, damaged.source));
    expect(damaged.opened).toEqual(['opened', 'damaged']);
    const refused = indexed();
    expect(await hits(plan, refused.source, threaded(true))).toEqual(
      await scanned(plan, refused.source),
    );
    expect(refused.opened).toEqual(['opened', 'damaged']);
  });

  it('is checked on a thread first, and a small one stays on this thread from then on', async () => {
    const context = threaded();
    const { source } = indexed();
    const plan = planOf(5);
    const expected = await scanned(plan, source);
    expect(await hits(plan, source, context)).toEqual(expected);
    expect(context.tasks.map(({ isChecked, queryCount }) => [isChecked, queryCount])).toEqual([
      [false, 3],
      [false, 2],
    ]);
    expect(await hits(plan, source, context)).toEqual(expected);
    expect(context.tasks).toHaveLength(2);
  });

  it('is cut by queries over the threads when it is large', async () => {
    const context = threaded();
    const { source } = indexed();
    await hits(planOf(1), source, context);
    const plan = planOf(1000);
    expect(await hits(plan, source, context)).toEqual(await scanned(plan, source));
    expect(
      context.tasks.slice(1).map(({ isChecked, queryCount }) => [isChecked, queryCount]),
    ).toEqual([
      [true, 500],
      [true, 500],
    ]);
  });
});
