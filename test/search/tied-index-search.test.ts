import { describe, expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { Bitmap } from '../../src/base/bitmap.ts';
import type { Parameters } from '../../src/index/parameters.ts';
import { indexBuilder } from '../../src/index/structures.ts';
import { type IndexHits, newBuildControl } from '../../src/index/vector-index.ts';
import type { Column } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { type HitList, HitMerger } from '../../src/search/hit-merger.ts';
import type { SearchPlan } from '../../src/search/plan.ts';
import type { IndexSearchTask, ReadContext } from '../../src/search/read-context.ts';
import { scanSources } from '../../src/search/scan.ts';
import type { Source } from '../../src/search/source.ts';
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

const DIM = 4;
const ROWS = 3000;

interface World {
  readonly source: Source;
  readonly plan: SearchPlan;
  /** What searches on other threads asked the index for: the first one is always there. */
  readonly asked: [topK: number, queryCount: number][];
  readonly context: ReadContext;
}

type Structure = 'HNSW' | 'IVF_FLAT';
const BUILDS = {
  HNSW: { build: { M: 8, efConstruction: 64 }, parameters: { ef: 16 } },
  IVF_FLAT: { build: { nlist: 8 }, parameters: { nprobe: 8 } },
} as const satisfies Record<Structure, { build: Parameters; parameters: Parameters }>;

/** Rows 0 to `alike` - 1 are all the same, the others on a line away from them; keys fall as rows rise. */
function world(structure: Structure, alike: number, allowed: Bitmap | null = null): World {
  const { build, parameters } = BUILDS[structure];
  const values = new Float32Array(new SharedArrayBuffer(ROWS * DIM * 4));
  for (let row = alike; row < ROWS; row++) values[row * DIM] = row - alike + 1;
  const vectors = { type: DataType.FloatVector, dim: DIM, values };
  const builder = must(indexBuilder(structure), 'it is one that is built');
  const task = { kind: 'build-index', structure, metric: 'L2', vectors, rowCount: ROWS } as const;
  const control = newBuildControl();
  const image = builder.build({ ...task, parameters: build, threadCount: 1, control });
  const files = { bytes: must(image, 'it is built') };
  const columns = new Map<number, Column>([
    [KEY, int64Column(Array.from({ length: ROWS }, (_, row) => ROWS - row))],
    [VECTOR, vectorColumn(DataType.FloatVector, DIM, values)],
  ]);
  const plain = must(new FakeSegment(columns).chunks[0], 'there is a chunk');
  const chunk: Chunk = {
    ...plain,
    index: () => ({
      open: async (field) => {
        const loaded = await plain.load([field]);
        return { image: files, vectors: must(loaded.get(field.id), 'it is loaded') };
      },
      reportDamage: () => expect.unreachable(),
    }),
  };
  const asked: [number, number][] = [];
  const context = inlineContext();
  const workers = {
    ...context.workers,
    parallelism: 2,
    searchIndex: async (given: IndexSearchTask): Promise<IndexHits> => {
      asked.push([given.topK, given.queryCount]);
      return builder.open({ ...given, isChecked: true }).search(given);
    },
  };
  const queries = vectorColumn(DataType.FloatVector, DIM, new Float32Array(DIM));
  const index = { indexId: 7, fingerprint: '', structure, build, parameters };
  const plan = searchPlan({ schema: schemaOf({ dim: DIM }), queries, topK: 5, index });
  const rowCount = allowed?.count() ?? ROWS;
  return { source: { chunk, allowed, rowCount }, plan, asked, context: { ...context, workers } };
}

async function hits({ source, context }: World, plan: SearchPlan): Promise<HitList> {
  const { lists, keys } = await scanSources(plan, [source], { ...context, indexRowsMin: 10 });
  const { metric, queryCount, topK } = plan;
  const merger = new HitMerger(lists, { metric, queryCount, topK, keys });
  while (!merger.isDone) merger.mergeNext();
  return merger.build();
}

/** Query i is `places[i]` on the line. */
function queriesAt({ plan }: World, ...places: number[]): SearchPlan {
  const values = new Float32Array(places.length * DIM);
  for (const [i, place] of places.entries()) values[i * DIM] = place;
  const queries = vectorColumn(DataType.FloatVector, DIM, values);
  return { ...plan, queries, queryCount: places.length };
}

describe('rows that are alike', () => {
  it('are asked for once where there are few', async () => {
    for (const structure of ['HNSW', 'IVF_FLAT'] as const) {
      const given = world(structure, 12);
      const plan = { ...given.plan, topK: 5 };
      expect(await hits(given, plan)).toEqual(await hits(given, { ...plan, index: null }));
      expect(given.asked).toEqual([[13, 1]]);
    }
  });

  it('are asked for until all are known, of the queries that have them', async () => {
    for (const structure of ['HNSW', 'IVF_FLAT'] as const) {
      const given = world(structure, 40);
      const plan = queriesAt(given, 300.25, 0, 900.25, 0);
      const found = await hits(given, plan);
      expect(found).toEqual(await hits(given, { ...plan, index: null }));
      // The same key order as the scan's: the greatest rows first.
      expect([...found.rows.slice(5, 10)]).toEqual([39, 38, 37, 36, 35]);
    }
  });

  it('are scanned for where that is less work than to ask a graph', async () => {
    const given = world('HNSW', 900);
    const plan = queriesAt(given, 0, 2000.25);
    expect(await hits(given, plan)).toEqual(await hits(given, { ...plan, index: null }));
  });

  it('are all that lists hold, where they are most of the rows', async () => {
    const given = world('IVF_FLAT', 2500);
    const plan = { ...given.plan, topK: 700 };
    expect(await hits(given, plan)).toEqual(await hits(given, { ...plan, index: null }));
  });

  it('are told apart among the rows of a filter', async () => {
    const allowed = new Bitmap(ROWS);
    for (let row = 0; row < ROWS; row += 2) allowed.set(row);
    for (const structure of ['HNSW', 'IVF_FLAT'] as const) {
      const given = world(structure, 150, allowed);
      expect(await hits(given, given.plan)).toEqual(
        await hits(given, { ...given.plan, index: null }),
      );
    }
  });
});
