/**
 * Exact scans on one thread: time a vector and bytes a second, by type, metric and size of the batch.
 *
 *   node bench/micro/exact-search.ts
 *   MLITE_ENGINE=js node bench/micro/exact-search.ts   the TypeScript twins
 *
 * Float vectors are scanned by the codes of a FLAT index, too.
 *
 * Prints medians of several runs; data is random, as an exact scan does not care.
 */
import { parseArgs } from 'node:util';
import { nativeAddon } from '../../src/base/native.ts';
import type { Vectors } from '../../src/index/distances.ts';
import { type ScanTask, TIE_ROWS_MAX } from '../../src/index/flat.ts';
import { hasFlatCodes } from '../../src/index/flat-image.ts';
import { flat, usesFlatCodes } from '../../src/index/flat-index.ts';
import { scanTopK } from '../../src/index/kernels.ts';
import type { MetricType } from '../../src/index/metric-type.ts';
import { metricsOf } from '../../src/index/metrics.ts';
import { newBuildControl } from '../../src/index/vector-index.ts';
import { newVectorValues, vectorStride } from '../../src/schema/column-layout.ts';
import { DataType, dataTypeName, type DenseVectorType } from '../../src/schema/data-type.ts';
import { float32ToBFloat16, float32ToFloat16 } from '../../src/schema/vectors.ts';

const TYPES: readonly DenseVectorType[] = [
  DataType.FloatVector,
  DataType.Float16Vector,
  DataType.BFloat16Vector,
  DataType.Int8Vector,
  DataType.BinaryVector,
];
const SHAPES = [
  { rowCount: 100_000, dim: 128 },
  { rowCount: 63_000, dim: 384 },
];
const { values: options } = parseArgs({ options: { runs: { type: 'string', default: '5' } } });
const runCount = Number(options.runs);

/** A column in shared memory, as segments keep it. */
function randomVectors(type: DenseVectorType, count: number, dim: number): ScanTask['queries'] {
  const elementCount = count * vectorStride(type, dim);
  const plain = newVectorValues(type, elementCount);
  const shared = new SharedArrayBuffer(plain.byteLength);
  const values = new (plain.constructor as Float32ArrayConstructor)(shared);
  const half = type === DataType.Float16Vector ? float32ToFloat16 : float32ToBFloat16;
  const halves = half(Float32Array.from({ length: 4096 }, () => Math.random() - 0.5));
  for (let i = 0; i < elementCount; i++) {
    if (type === DataType.FloatVector) values[i] = Math.random() - 0.5;
    else if (plain instanceof Uint16Array) values[i] = halves[(i * 7919) & 4095]!;
    else values[i] = Math.random() * 256 - (type === DataType.Int8Vector ? 128 : 0);
  }
  return values;
}

function medianMs(task: ScanTask): number {
  const times = Array.from({ length: runCount }, () => {
    const start = performance.now();
    scanTopK(task);
    return performance.now() - start;
  });
  return times.sort((left, right) => left - right)[times.length >> 1]!;
}

console.log(`kernels: ${nativeAddon()?.kernels ?? 'TypeScript'}`);
console.log(
  'type            rows x dim     metric    nq  codes      ms     ns/vector  GB/s of column',
);
for (const { rowCount, dim } of SHAPES) {
  for (const type of TYPES) {
    const vectors = { type, dim, values: randomVectors(type, rowCount, dim) };
    for (const metric of metricsOf(type)) {
      const found = [null, ...codesOf(vectors, metric, rowCount)];
      for (const queryCount of [1, 32]) measure(vectors, metric, { rowCount, queryCount, found });
    }
  }
}

interface Measured {
  readonly rowCount: number;
  readonly queryCount: number;
  readonly found: readonly (Uint8Array | null)[];
}

function measure(
  vectors: Vectors,
  metric: MetricType,
  { rowCount, queryCount, found }: Measured,
): void {
  const queries = randomVectors(vectors.type, queryCount, vectors.dim);
  const range = { rowStart: 0, rowEnd: rowCount, allowed: null };
  const limits = { queryCount, topK: 10, tieRowsMax: TIE_ROWS_MAX };
  const task = { kind: 'scan', metric, vectors, ...range, queries, ...limits } as const;
  for (const codes of found) print({ ...task, codes });
}

function print(task: ScanTask): void {
  const { metric, vectors, rowEnd, queryCount, codes } = task;
  const ms = medianMs(task);
  console.log(
    [
      dataTypeName(vectors.type).padEnd(15),
      `${rowEnd} x ${vectors.dim}`.padEnd(14),
      metric.padEnd(8),
      String(queryCount).padStart(3),
      (codes === null ? 'no' : 'yes').padStart(6),
      ms.toFixed(2).padStart(8),
      ((ms * 1e6) / rowEnd / queryCount).toFixed(1).padStart(11),
      ((vectors.values.byteLength * queryCount) / ms / 1e6).toFixed(2).padStart(11),
    ].join(' '),
  );
}

/** The codes of a FLAT index, where scans go by them. */
function codesOf(vectors: Vectors, metric: MetricType, rowCount: number): Uint8Array[] {
  if (!hasFlatCodes(vectors.type, metric) || !usesFlatCodes()) return [];
  const control = newBuildControl();
  const task = { kind: 'build-index', structure: 'FLAT', parameters: {}, threadCount: 1 } as const;
  const image = flat().build({ ...task, metric, vectors, rowCount, control });
  return image === null ? [] : [image];
}
