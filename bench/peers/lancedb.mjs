/** LanceDB: IVF_HNSW_SQ, the most exact of its fast indexes; its width is ef, and codes of REFINEMENT x TOP_K rows are refined. */
import { join } from 'node:path';
import { connect, Index } from '@lancedb/lancedb';
import { drive, readRows, told } from '../compare/driver.ts';
import { BUCKETS, BUILD_WIDTH, bucketOf, DEGREE, TOP_K } from '../compare/task.ts';

const REFINEMENT = 4;
const rows = readRows(told.vectors);
const database = await connect(join(told.directory, 'lance'));
let table = null;

await drive(
  async () => {
    const records = rows.map((vector, id) => ({ id, bucket: bucketOf(id), vector: Array.from(vector) }));
    table = await database.createTable('vectors', records);
    const config = Index.hnswSq({ distanceType: 'dot', m: DEGREE, efConstruction: BUILD_WIDTH, numPartitions: 1 });
    await table.createIndex('vector', { config });
    await table.createIndex('bucket', { config: Index.btree() });
  },
  ({ width, share }, queries) => async (first) => {
    const search = table.search(queries[first]).distanceType('dot').select(['id', '_distance']).limit(TOP_K);
    const asked = search.ef(Math.max(width, TOP_K * REFINEMENT)).refineFactor(REFINEMENT);
    const found = await (share === null ? asked : asked.where(`bucket < ${share * BUCKETS}`)).toArray();
    return [found.map(({ id }) => Number(id))];
  },
);
