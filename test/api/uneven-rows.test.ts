/** Rows that codes with one scale a row do not tell apart, by an index and by the scan of all rows. */
import { expect, it, onTestFinished } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import { numbersFrom } from '../suites/vector-index-suite.ts';

const ROWS = 4000;
const LIMIT = 10;
const RANGE = 120;
const PAGES = 300;

const draw = numbersFrom(21);
const WORLDS: readonly (readonly [name: string, dim: number, row: () => number[]])[] = [
  ['places on a map', 2, () => [48 + draw(), 2 + draw()]],
  ['films', 3, () => [1950 + Math.floor(draw() * 75), draw() * 10, 60 + draw() * 120]],
  ['readings far from zero', 24, () => Array.from({ length: 24 }, () => 1000 + draw())],
];

async function openRows(dim: number, vectors: readonly number[][], type: 'HNSW' | 'AUTOINDEX') {
  const db = await MilvusLite.open(':memory:');
  onTestFinished(() => db.close());
  const index = { type, metric: 'L2' } as const;
  const schema = { id: f.int64({ primary: true }), vector: f.floatVector(dim, { index }) };
  const rows = await db.collection('rows', { schema });
  await rows.insert(vectors.map((vector, id) => ({ id, vector })));
  return rows;
}

/** The share of the right keys that were found. */
function share(found: readonly { id: bigint }[], right: readonly { id: bigint }[]): number {
  const keys = new Set(found.map(({ id }) => id));
  return right.filter(({ id }) => keys.has(id)).length / right.length;
}

it.each(
  WORLDS.flatMap((one) => (['HNSW', 'AUTOINDEX'] as const).map((type) => [...one, type] as const)),
)(
  'finds the best, a range and pages of %s',
  async (_name, dim, row, type) => {
    const vectors = Array.from({ length: ROWS }, row);
    const queries = Array.from({ length: 20 }, row);
    const query = must(queries[0], 'there are queries');
    const rows = await openRows(dim, vectors, type);
    const ask = async () => {
      const all = await rows.search({ data: query, limit: PAGES + 1 });
      const radius = must(all[RANGE], 'there are so many').score;
      const paged: { id: bigint }[] = [];
      for await (const page of rows.searchIterator({ data: query, batchSize: 50, limit: PAGES })) {
        paged.push(...page);
      }
      const best = await rows.search({ data: queries, limit: LIMIT, searchParams: { ef: 64 } });
      const ranged = await rows.search({ data: query, limit: 1000, searchParams: { radius } });
      return { best: best.flat(), ranged, paged };
    };
    const right = await ask();
    await rows.flush();
    await rows.waitForIndex('vector', { timeoutMs: 60_000 });
    const found = await ask();
    expect(share(found.best, right.best)).toBeGreaterThanOrEqual(0.97);
    expect(share(found.ranged, right.ranged)).toBeGreaterThanOrEqual(0.97);
    expect(share(found.paged, right.paged)).toBeGreaterThanOrEqual(0.97);
    expect(new Set(found.paged.map(({ id }) => id)).size).toBe(PAGES);
  },
  60_000,
);
