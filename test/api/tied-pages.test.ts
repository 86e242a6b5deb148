/** Pages of one search neither repeat a hit nor lose one where scores are equal, whatever index answers. */
import { expect, it, onTestFinished } from 'vitest';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';

const ROWS = 2000;
const DIM = 8;
const PAGE = 10;
const ALIKE = 200;

const indexes = [
  { type: 'HNSW' },
  { type: 'HNSW_SQ' },
  { type: 'IVF_FLAT', nlist: 16 },
  { type: 'IVF_SQ8', nlist: 16 },
  { type: 'IVF_PQ', nlist: 16, m: 2 },
  { type: 'SCANN', nlist: 16 },
  { type: 'DISKANN' },
  { type: 'FLAT' },
] as const;

/** Keys in an order that is not that of rows. */
const keys = Array.from({ length: ROWS }, (_, row) => (row * 739) % ROWS);
const isAlike = (key: number): boolean => key % (ROWS / ALIKE) === 0;

function vectorOf(key: number): number[] {
  if (isAlike(key)) return Array.from({ length: DIM }, () => 1);
  return Array.from({ length: DIM }, (_, i) => 2 + Math.sin(key * DIM + i));
}

it.each(indexes)('pages through rows that are alike by $type', async (index) => {
  const db = await MilvusLite.open(':memory:');
  onTestFinished(() => db.close());
  const schema = {
    id: f.int64({ primary: true }),
    vector: f.floatVector(DIM, { index: { ...index, metric: 'L2' } }),
  };
  const docs = await db.collection('c', { schema });
  await docs.insert(keys.map((id) => ({ id, vector: vectorOf(id) })));
  await docs.flush();
  await docs.waitForIndex('vector');
  const searchParams = { nprobe: 16, ef: 300, search_list: 300 };
  const expected = keys
    .filter(isAlike)
    .toSorted((left, right) => left - right)
    .map(BigInt);
  const one: bigint[] = [];
  const second: bigint[] = [];
  for (let offset = 0; offset < ALIKE; offset += PAGE) {
    const page = { limit: PAGE, offset, searchParams };
    const hits = await docs.search({ data: vectorOf(0), ...page });
    for (const { id } of hits) one.push(id);
    const [, ofSecond = []] = await docs.search({ data: [vectorOf(1), vectorOf(0)], ...page });
    for (const { id } of ofSecond) second.push(id);
  }
  expect(one).toEqual(expected);
  expect(second).toEqual(expected);
});
