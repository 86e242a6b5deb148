/** Indexes named for graphics cards are built as others, and their parameters say what they say there. */
import { expect, it, onTestFinished } from 'vitest';
import type { SearchParams } from '../../src/api/index-options.ts';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';

const DIM = 32;
const ROWS = 3000;
const QUERIES = 20;

/** Numbers that look random, the same every time. */
function vectors(count: number, seed: number): Float32Array[] {
  let state = seed;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32 - 0.5;
  };
  return Array.from({ length: count }, () => Float32Array.from({ length: DIM }, next));
}

/** How many of the ten nearest of all queries are found. */
async function opened(
  index: Record<string, unknown>,
  rowCount = ROWS,
): Promise<(searchParams: SearchParams) => Promise<number>> {
  const db = await MilvusLite.open(':memory:');
  onTestFinished(() => db.close());
  const vector = f.floatVector(DIM, { index: { ...index, metric: 'L2' } as never });
  const docs = await db.collection('c', { schema: { id: f.int64({ primary: true }), vector } });
  await docs.insert(vectors(rowCount, 1).map((one, id) => ({ id, vector: one })));
  const data = vectors(QUERIES, 2);
  const exact = await docs.search({ data, limit: 10 });
  await docs.flush();
  await docs.waitForIndex('vector');
  return async (searchParams) => {
    const found = await docs.search({ data, limit: 10, searchParams });
    const hits = found.map((some, query) => {
      const wanted = new Set(exact[query]?.map(({ id }) => id));
      return some.filter(({ id }) => wanted.has(id)).length;
    });
    return hits.reduce((sum, count) => sum + count, 0);
  };
}

it('finds more by GPU_CAGRA the more candidates it keeps', async () => {
  const graph = { graph_degree: 8, intermediate_graph_degree: 16 };
  const recall = await opened({ type: 'GPU_CAGRA', ...graph });
  const few = await recall({ itopk_size: 10 } as never);
  expect(await recall({ itopk_size: 640 } as never)).toBeGreaterThan(few);
  expect(await recall({ itopk_size: 10, search_width: 20 } as never)).toBeGreaterThan(few);
  expect(await recall({ itopk_size: 10, refine_ratio: 64 } as never)).toBeGreaterThan(few);
  await expect(recall({ itopk_size: 0 } as never)).rejects.toThrow("param 'itopk_size' (0)");
});

it('finds more by GPU_IVF_PQ the more candidates it refines', async () => {
  const recall = await opened({ type: 'GPU_IVF_PQ', nlist: 8, m: 4 });
  const few = await recall({ nprobe: 8 });
  expect(await recall({ nprobe: 8, refine_ratio: 20 } as never)).toBeGreaterThan(few);
});

it('builds a graph of more neighbours than any has as the widest there is', async () => {
  const graph = { graph_degree: 5000, intermediate_graph_degree: 5000 };
  const recall = await opened({ type: 'GPU_CAGRA', ...graph }, 1100);
  expect(await recall({ itopk_size: 320 } as never)).toBe(QUERIES * 10);
});
