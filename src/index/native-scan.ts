/**
 * The exact scan by the native kernels, in steps of about a millisecond.
 *
 * Same hits as `Scan` of flat.ts: bit for bit where scores are integers or come from bits. Scores of float
 * vectors are sums in float32 and differ from the real value by at most (min(dim, 1024) / 4 + 6) x 2^-24 of the
 * sum of |terms|, cosines by twice that of 1; with 16 lanes it is a quarter. The order of summation, in
 * native/src/kernels.h, makes a score depend on row and query only. One process never mixes native scores with
 * the twin's: see src/base/native.ts.
 */
import { assert, must } from '../base/assert.ts';
import type { NativeAddon, ScanHandle } from '../base/native.ts';
import { DataType, type DenseVectorType } from '../schema/data-type.ts';
import { costFrom, type RunningScan, type ScanResult, type ScanTask } from './flat.ts';
import type { MetricType } from './metric-type.ts';

/** As native/src/scan.h numbers them. */
const TYPES: ReadonlyMap<DenseVectorType, number> = new Map<DenseVectorType, number>([
  [DataType.FloatVector, 0],
  [DataType.Float16Vector, 1],
  [DataType.BFloat16Vector, 2],
  [DataType.Int8Vector, 3],
  [DataType.BinaryVector, 4],
]);
const METRICS: readonly MetricType[] = [
  'L2',
  'IP',
  'COSINE',
  'HAMMING',
  'JACCARD',
  'SUBSTRUCTURE',
  'SUPERSTRUCTURE',
  'MHJACCARD',
];

export class NativeScan implements RunningScan {
  readonly #addon: NativeAddon;
  readonly #task: ScanTask;
  readonly #handle: ScanHandle;
  #isDone: boolean;
  #result: ScanResult | null = null;

  constructor(task: ScanTask, addon: NativeAddon) {
    const { metric, minhash, vectors, rowStart, rowEnd, queryCount, topK, tieRowsMax } = task;
    assert(rowEnd >= rowStart, 'a scan has a row range');
    this.#addon = addon;
    this.#task = task;
    this.#isDone = queryCount === 0;
    this.#handle = addon.scanOpen(
      must(TYPES.get(vectors.type), 'every dense type has a number'),
      METRICS.indexOf(metric),
      vectors.dim,
      rowStart,
      rowEnd,
      queryCount,
      topK,
      tieRowsMax,
      costFrom(task),
      minhash?.elementBytes ?? 0,
      minhash?.bandCount ?? 0,
      minhash?.isByShare === true ? 1 : 0,
    );
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  step(): void {
    const { vectors, allowed, queries, codes = null } = this.#task;
    this.#isDone = this.#addon.scanStep(this.#handle, vectors.values, allowed, queries, codes);
  }

  result(): ScanResult {
    this.#result ??= this.#addon.scanResult(this.#handle);
    return this.#result;
  }
}
