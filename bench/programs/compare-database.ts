/**
 * This package in a comparison, through its public API: rows are inserted, flushed, compacted and
 * indexed.
 */
import { join } from 'node:path';
import { drive, readRows, told } from '../compare/driver.ts';
import { bucketOf, BUCKETS, BUILD_WIDTH, DEGREE, TOP_K } from '../compare/task.ts';
import { loadPackage } from '../package.ts';

const BATCH_ROWS = 1000;
const rows = readRows(told.vectors);
const { MilvusLite, f } = await loadPackage();
const db = await MilvusLite.open(join(told.directory, 'milvus-lite'));
const graph = { type: 'HNSW', metric: 'IP', M: DEGREE, efConstruction: BUILD_WIDTH } as const;
const vector =
  told.kind === 'flat'
    ? f.floatVector(told.dim, { index: { type: 'FLAT', metric: 'IP' } })
    : f.floatVector(told.dim, { index: graph });
const collection = await db.collection('vectors', {
  schema: { id: f.int64({ primary: true }), bucket: f.int64(), vector },
});

await drive(
  async () => {
    for (let start = 0; start < rows.length; start += BATCH_ROWS) {
      await collection.insert(
        rows.slice(start, start + BATCH_ROWS).map((row, i) => ({
          id: start + i,
          bucket: bucketOf(start + i),
          vector: row,
        })),
      );
    }
    await collection.flush();
    await collection.compact();
    await collection.waitForIndex();
  },
  ({ width, share }, queries) => {
    const filter = share === null ? {} : { filter: `bucket < ${share * BUCKETS}` };
    const knob = told.kind === 'flat' ? {} : { searchParams: { ef: width } };
    return async (first, end) => {
      const data = queries.slice(first, end);
      const options = { limit: TOP_K, ...knob, ...filter };
      if (data.length === 1) {
        return [
          (await collection.search({ data: data[0]!, ...options })).map(({ id }) => Number(id)),
        ];
      }
      const found = await collection.search({ data, ...options });
      return found.map((hits) => hits.map(({ id }) => Number(id)));
    };
  },
);
await db.close();
