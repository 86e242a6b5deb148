/** hnswlib-node: its graph takes and gives arrays of numbers, and a filter is a callback for each candidate. */
import hnswlib from 'hnswlib-node';
import { drive, readRows, told } from '../compare/driver.ts';
import { BUCKETS, BUILD_WIDTH, bucketOf, DEGREE, TOP_K } from '../compare/task.ts';

const rows = readRows(told.vectors).map((row) => Array.from(row));
const index = new hnswlib.HierarchicalNSW('ip', told.dim);

await drive(
  () => {
    index.initIndex(rows.length, DEGREE, BUILD_WIDTH);
    for (const [id, row] of rows.entries()) index.addPoint(row, id);
  },
  ({ width, share }, queries) => {
    const asked = queries.map((query) => Array.from(query));
    index.setEf(width);
    const filter = share === null ? undefined : (id) => bucketOf(id) < share * BUCKETS;
    return (first) => [index.searchKnn(asked[first], TOP_K, filter).neighbors];
  },
);
