/** @zvec/zvec: HNSW over float32, an inverted index on the field that is filtered by. */
import { join } from 'node:path';
import {
  ZVecCollectionSchema,
  ZVecCreateAndOpen,
  ZVecDataType,
  ZVecIndexType,
  ZVecInitialize,
  ZVecMetricType,
} from '@zvec/zvec';
import { drive, readRows, told } from '../compare/driver.ts';
import { BUCKETS, BUILD_WIDTH, bucketOf, DEGREE, TOP_K } from '../compare/task.ts';

const BATCH_ROWS = 1000;
const rows = readRows(told.vectors);
ZVecInitialize({ queryThreads: 1, optimizeThreads: told.threads });
const schema = new ZVecCollectionSchema({
  name: 'vectors',
  vectors: {
    name: 'vector',
    dataType: ZVecDataType.VECTOR_FP32,
    dimension: told.dim,
    indexParams: {
      indexType: ZVecIndexType.HNSW,
      metricType: ZVecMetricType.IP,
      m: DEGREE,
      efConstruction: BUILD_WIDTH,
    },
  },
  fields: [
    {
      name: 'bucket',
      dataType: ZVecDataType.INT32,
      indexParams: { indexType: ZVecIndexType.INVERT },
    },
  ],
});
const collection = ZVecCreateAndOpen(join(told.directory, 'zvec'), schema);

await drive(
  () => {
    for (let start = 0; start < rows.length; start += BATCH_ROWS) {
      const batch = rows.slice(start, start + BATCH_ROWS).map((vector, i) => ({
        id: String(start + i),
        vectors: { vector },
        fields: { bucket: bucketOf(start + i) },
      }));
      const bad = collection.insertSync(batch).find(({ ok }) => !ok);
      if (bad !== undefined) throw new Error(bad.message);
    }
    collection.optimizeSync();
  },
  ({ width, share }, queries) => {
    const filter = share === null ? {} : { filter: `bucket < ${share * BUCKETS}` };
    const params = { indexType: ZVecIndexType.HNSW, ef: width };
    return (first) => {
      const query = { fieldName: 'vector', vector: queries[first], topk: TOP_K, outputFields: [] };
      return [collection.querySync({ ...query, params, ...filter }).map(({ id }) => Number(id))];
    };
  },
);
