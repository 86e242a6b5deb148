/** The bare index of this package in a comparison: no database around it, masks for filters. */
import { hnsw } from '../../src/index/hnsw.ts';
import { scanTopK } from '../../src/index/kernels.ts';
import { newBuildControl, type VectorIndex } from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { drive, readRows, told } from '../compare/driver.ts';
import { BUILD_WIDTH, DEGREE, maskOf, TOP_K } from '../compare/task.ts';

const rows = readRows(told.vectors);
const rowCount = rows.length;
const values = new Float32Array(new SharedArrayBuffer(rowCount * told.dim * 4));
for (const [i, row] of rows.entries()) values.set(row, i * told.dim);
const vectors = { type: DataType.FloatVector, dim: told.dim, values } as const;
let index: VectorIndex | null = null;

function build(): void {
  if (told.kind === 'flat') return;
  const builder = hnsw();
  const image = builder.build({
    kind: 'build-index',
    structure: 'HNSW',
    metric: 'IP',
    parameters: { M: DEGREE, efConstruction: BUILD_WIDTH },
    vectors,
    rowCount,
    threadCount: told.threads,
    control: newBuildControl(),
  });
  if (image === null) throw new Error('nobody cancels this build');
  index = builder.open({ image, vectors, isChecked: false });
}

await drive(build, ({ width, share }, queries) => {
  const allowed = share === null ? null : maskOf(rowCount, share);
  const joined = new Float32Array(queries.length * told.dim);
  for (const [i, query] of queries.entries()) joined.set(query, i * told.dim);
  return (first, end) => {
    const asked = joined.subarray(first * told.dim, end * told.dim);
    const common = { queries: asked, queryCount: end - first, topK: TOP_K, allowed };
    const hits =
      index === null
        ? scanTopK({
            kind: 'scan',
            metric: 'IP',
            vectors,
            rowStart: 0,
            rowEnd: rowCount,
            tieRowsMax: 0,
            ...common,
          })
        : index.search({ ...common, parameters: { ef: width } });
    let next = 0;
    return Array.from(hits.counts, (count) => [...hits.rows.subarray(next, (next += count))]);
  };
});
