/**
 * HNSW on one thread: time to build, and queries a second beside their recall, plain and filtered.
 *
 *   node bench/micro/graph-search.ts [--rows 100000] [--dim 128] [--threads 2] [--engine native|js]
 *   node bench/micro/graph-search.ts --vectors rows.f32 --queries questions.f32 --dim 384
 *
 * Without files: normalised mixtures of low intrinsic dimension. Speeds are the best of several runs in time
 * of this thread, one query a call; recall is by score, against all rows, so that ties count.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Bitmap } from '../../src/base/bitmap.ts';
import { nativeAddon } from '../../src/base/native.ts';
import { scanTopK } from '../../src/index/kernels.ts';
import { hnsw } from '../../src/index/hnsw.ts';
import { newBuildControl, type VectorIndex } from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: '100000' },
    dim: { type: 'string', default: '128' },
    threads: { type: 'string', default: String(availableParallelism()) },
    engine: { type: 'string', default: 'native' },
    vectors: { type: 'string' },
    queries: { type: 'string' },
    runs: { type: 'string', default: '5' },
    M: { type: 'string', default: '16' },
    ef: { type: 'string', default: '16,32,64,128,256' },
  },
});
const dim = Number(options.dim);
const type = DataType.FloatVector;
const TOP_K = 10;
const QUERY_COUNT_MAX = 1000;
const SHARES = [0.001, 0.01, 0.1, 0.5, 0.9];

function gauss(): number {
  return Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
}

function normalise(values: Float32Array): Float32Array {
  for (let start = 0; start < values.length; start += dim) {
    const row = values.subarray(start, start + dim);
    const length = Math.hypot(...row);
    for (let i = 0; i < dim; i++) row[i]! /= length;
  }
  return values;
}

/** Points around centres in few dimensions, laid into many, with a little noise. */
function mixture(rowCount: number): Float32Array {
  const inner = 24;
  const centres = Float32Array.from({ length: 1000 * inner }, gauss);
  const basis = Float32Array.from({ length: inner * dim }, gauss);
  const values = new Float32Array(new SharedArrayBuffer(rowCount * dim * 4));
  for (let row = 0; row < rowCount; row++) {
    const centre = Math.floor(Math.random() * 1000) * inner;
    const target = values.subarray(row * dim, (row + 1) * dim);
    for (let k = 0; k < inner; k++) {
      const weight = centres[centre + k]! + 0.7 * gauss();
      for (let i = 0; i < dim; i++) target[i]! += weight * basis[k * dim + i]!;
    }
    for (let i = 0; i < dim; i++) target[i]! += 0.15 * gauss();
  }
  return normalise(values);
}

function readVectors(path: string): Float32Array {
  const bytes = readFileSync(path);
  const values = new Float32Array(new SharedArrayBuffer(bytes.byteLength));
  new Uint8Array(values.buffer).set(bytes);
  return values;
}

function data(): { rows: Float32Array; queries: Float32Array } {
  if (options.vectors !== undefined && options.queries !== undefined) {
    return { rows: readVectors(options.vectors), queries: readVectors(options.queries) };
  }
  const all = mixture(Number(options.rows) + QUERY_COUNT_MAX);
  const end = all.length - QUERY_COUNT_MAX * dim;
  return { rows: all.subarray(0, end), queries: all.subarray(end) };
}

const { rows, queries } = data();
const rowCount = rows.length / dim;
const queryCount = Math.min(QUERY_COUNT_MAX, queries.length / dim);
const vectors = { type, dim, values: rows };
const builder = hnsw(options.engine === 'js' ? null : nativeAddon());

function build(): VectorIndex {
  const parameters = { M: Number(options.M), efConstruction: 200 };
  const shape = { structure: 'HNSW', metric: 'IP', parameters, vectors, rowCount } as const;
  const threadCount = Number(options.threads);
  const start = performance.now();
  const cpu = process.cpuUsage();
  const image = builder.build({
    kind: 'build-index',
    ...shape,
    threadCount,
    control: newBuildControl(),
  });
  const { user, system } = process.cpuUsage(cpu);
  if (image === null) throw new Error('nobody cancels this build');
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${rowCount} x ${dim}, M ${parameters.M}, ${threadCount} threads: built in ${seconds.toFixed(1)} s, ` +
      `${((user + system) / 1e6).toFixed(1)} s of processor time, ` +
      `${(image.byteLength / rowCount).toFixed(0)} bytes a row`,
  );
  return builder.open({ image, vectors, isChecked: false });
}

/** By query, the score of the last hit that is right. */
function bounds(allowed: Uint32Array | null): Float64Array {
  const task = { vectors, rowStart: 0, rowEnd: rowCount, allowed, queries, queryCount };
  const exact = scanTopK({ kind: 'scan', metric: 'IP', ...task, topK: TOP_K, tieRowsMax: 0 });
  let at = 0;
  return Float64Array.from(exact.counts, (count) => {
    at += count;
    return (exact.scores[at - 1] ?? 0) - 2e-6;
  });
}

function measure(index: VectorIndex, allowed: Uint32Array | null, label: string): void {
  const right = bounds(allowed);
  for (const ef of options.ef.split(',').map(Number)) {
    let best = Number.POSITIVE_INFINITY;
    let [hits, wanted] = [0, 0];
    for (let run = 0; run < Number(options.runs); run++) {
      [hits, wanted] = [0, 0];
      const start = process.cpuUsage();
      for (let query = 0; query < queryCount; query++) {
        const { scores } = index.search({
          queries: queries.subarray(query * dim, (query + 1) * dim),
          queryCount: 1,
          topK: TOP_K,
          parameters: { ef },
          allowed,
        });
        wanted += TOP_K;
        hits += scores.filter((score) => score >= right[query]!).length;
      }
      const { user, system } = process.cpuUsage(start);
      best = Math.min(best, user + system);
    }
    console.log(
      `${label.padEnd(8)} ef ${String(ef).padStart(4)}  recall ${(hits / wanted).toFixed(4)}  ` +
        `${(best / queryCount).toFixed(1).padStart(7)} us  ${((queryCount * 1e6) / best).toFixed(0).padStart(6)} QPS`,
    );
  }
}

const index = build();
measure(index, null, 'all');
for (const share of SHARES) {
  const allowed = new Bitmap(rowCount);
  for (let row = 0; row < rowCount; row++) if (Math.random() < share) allowed.set(row);
  measure(index, allowed.words, `${share * 100} %`);
}
