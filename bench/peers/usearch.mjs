/** usearch with bfloat16 vectors, its fastest that reaches a high recall. Its expansion is that of the open index. */
import { join } from 'node:path';
import usearch from 'usearch';
import { drive, readRows, told } from '../compare/driver.ts';
import { BUILD_WIDTH, DEGREE, TOP_K } from '../compare/task.ts';

const rows = readRows(told.vectors);
const path = join(told.directory, 'usearch.index');
let open = null;
let openWidth = null;

function newIndex(width) {
  return new usearch.Index({
    dimensions: told.dim,
    metric: 'ip',
    quantization: 'bf16',
    connectivity: DEGREE,
    expansion_add: BUILD_WIDTH,
    expansion_search: width,
    multi: false,
  });
}

await drive(
  () => {
    const index = newIndex(64);
    index.add(BigUint64Array.from(rows, (_, id) => BigInt(id)), rows, told.threads);
    index.save(path);
  },
  ({ width }, queries) => {
    if (openWidth !== width) {
      open = newIndex(width);
      open.load(path);
      openWidth = width;
    }
    return (first) => [Array.from(open.search(queries[first], TOP_K, 1).keys, Number)];
  },
);
