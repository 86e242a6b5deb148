/** Scan tasks over shared memory, the same at every run. */
import { type ScanTask, TIE_ROWS_MAX } from '../../src/index/flat.ts';
import { DataType } from '../../src/schema/data-type.ts';

const DIM = 16;

/** Float vectors by L2: row r of the column is about as far from query q as chance has it. */
export function floatTask(rowCount: number, queryCount: number): ScanTask {
  const values = new Float32Array(new SharedArrayBuffer(rowCount * DIM * 4));
  for (let i = 0; i < values.length; i++) values[i] = Math.sin(i * i);
  const queries = new Float32Array(queryCount * DIM).map((_, i) => Math.cos(i));
  return {
    kind: 'scan',
    metric: 'L2',
    vectors: { type: DataType.FloatVector, dim: DIM, values },
    rowStart: 0,
    rowEnd: rowCount,
    allowed: null,
    queries,
    queryCount,
    topK: 5,
    tieRowsMax: TIE_ROWS_MAX,
  };
}
