import { describe, expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { Bitmap } from '../../src/base/bitmap.ts';
import { nativeAddon } from '../../src/base/native.ts';
import type { ScanTask } from '../../src/index/flat.ts';
import { flat } from '../../src/index/flat-index.ts';
import { newBuildControl } from '../../src/index/vector-index.ts';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { type HitList, HitMerger } from '../../src/search/hit-merger.ts';
import type { SearchPlan } from '../../src/search/plan.ts';
import type { ReadContext } from '../../src/search/read-context.ts';
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

const DIM = 12;
const ROWS = 3000;
const FINGERPRINT = 'FLAT L2';

/** Keys fall as rows rise, and every vector stands three times: ties are common. */
function vectorsInMemory(): Float32Array {
  const values = new Float32Array(new SharedArrayBuffer(ROWS * DIM * 4));
  for (let i = 0; i < values.length; i++) {
    values[i] = Math.sin(Math.floor(i / DIM / 3) * DIM + (i % DIM));
  }
  return values;
}

interface Indexed {
  readonly chunk: Chunk;
  /** What became of the codes. */
  readonly events: string[];
}

function indexed(change: (image: Uint8Array) => Uint8Array | null = (image) => image): Indexed {
  const values = vectorsInMemory();
  const image = flat().build({
    kind: 'build-index',
    structure: 'FLAT',
    metric: 'L2',
    parameters: {},
    vectors: { type: DataType.FloatVector, dim: DIM, values },
    rowCount: ROWS,
    threadCount: 1,
    control: newBuildControl(),
  });
  const columns = new Map<number, Column>([
    [KEY, int64Column(Array.from({ length: ROWS }, (_, row) => ROWS - row))],
    [VECTOR, vectorColumn(DataType.FloatVector, DIM, values)],
  ]);
  const [plain] = new FakeSegment(columns).chunks;
  const events: string[] = [];
  const chunk: Chunk = {
    ...plain!,
    index: ({ indexId, fingerprint }) => {
      if (indexId !== 7 || fingerprint !== FINGERPRINT) return null;
      return {
        open: async (field) => {
          events.push('opened');
          const bytes = change(must(image, 'nobody cancels it'));
          const loaded = await plain!.load([field]);
          const vectors = must(loaded.get(field.id), 'it is loaded');
          return bytes === null ? null : { image: { bytes }, vectors };
        },
        reportDamage: () => {
          events.push('damaged');
        },
      };
    },
  };
  return { chunk, events };
}

const PLAN: SearchPlan = searchPlan({
  schema: schemaOf({ dim: DIM }),
  queries: vectorColumn(
    DataType.FloatVector,
    DIM,
    Float32Array.from({ length: 5 * DIM }, (_, i) => Math.sin(i * 3)),
  ),
  topK: 7,
  index: { indexId: 7, fingerprint: FINGERPRINT, structure: 'FLAT', build: {}, parameters: {} },
});

async function hits(
  plan: SearchPlan,
  chunk: Chunk,
  given: { context?: ReadContext; allowed?: Bitmap | null } = {},
): Promise<HitList> {
  const { context = inlineContext(), allowed = null } = given;
  const source = { chunk, allowed, rowCount: allowed?.count() ?? ROWS };
  const { lists, keys } = await scanSources(plan, [source], context);
  const { metric, queryCount, topK } = plan;
  const merger = new HitMerger(lists, { metric, queryCount, topK, keys });
  while (!merger.isDone) merger.mergeNext();
  return merger.build();
}

const scanned = async (plan: SearchPlan, chunk: Chunk, allowed: Bitmap | null): Promise<HitList> =>
  await hits({ ...plan, index: null }, chunk, { allowed });

describe.skipIf(nativeAddon() === null)('a scan of a segment that has codes', () => {
  it('finds what a scan without them finds, equal rows by key', async () => {
    const odd = new Bitmap(ROWS);
    for (let row = 1; row < ROWS; row += 2) odd.set(row);
    for (const allowed of [null, odd]) {
      for (const topK of [1, 7, ROWS]) {
        const { chunk, events } = indexed();
        const plan = { ...PLAN, topK };
        expect(await hits(plan, chunk, { allowed })).toEqual(await scanned(plan, chunk, allowed));
        expect(events).toEqual(['opened']);
      }
    }
  });

  it('gives its codes to the threads, whose pieces begin where codes do', async () => {
    const { chunk } = indexed();
    const tasks: ScanTask[] = [];
    const inline = inlineContext();
    const workers = {
      ...inline.workers,
      parallelism: 4,
      run: async (task: ScanTask) => {
        tasks.push(task);
        return await inline.workers.run(task);
      },
    };
    // Enough queries that the hop is worth it.
    const queryCount = 2000;
    const values = Float32Array.from({ length: queryCount * DIM }, (_, i) => Math.sin(i * 3));
    const queries = vectorColumn(DataType.FloatVector, DIM, values);
    const plan = { ...PLAN, queries, queryCount, topK: 3 };
    const found = await hits(plan, chunk, { context: { ...inline, workers } });
    expect(found).toEqual(await scanned(plan, chunk, null));
    expect(tasks.length).toBeGreaterThan(1);
    for (const task of tasks) {
      expect(task.codes).not.toBeNull();
      expect(task.rowStart % 32).toBe(0);
    }
  });

  it('goes on without codes that are damaged or not there, and says so', async () => {
    const damage = (image: Uint8Array): Uint8Array => {
      const damaged = image.slice();
      damaged[0]! ^= 1;
      return damaged;
    };
    const broken = indexed(damage);
    expect(await hits(PLAN, broken.chunk)).toEqual(await scanned(PLAN, broken.chunk, null));
    expect(broken.events).toEqual(['opened', 'damaged']);
    const gone = indexed(() => null);
    expect(await hits(PLAN, gone.chunk)).toEqual(await scanned(PLAN, gone.chunk, null));
    expect(gone.events).toEqual(['opened']);
  });

  it('does without where few rows count', async () => {
    const { chunk, events } = indexed();
    const few = new Bitmap(ROWS);
    for (let row = 0; row < 1000; row++) few.set(row);
    expect(await hits(PLAN, chunk, { allowed: few })).toEqual(await scanned(PLAN, chunk, few));
    expect(events).toEqual([]);
  });
});
