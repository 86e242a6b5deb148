/**
 * Indexes of inverted lists on one thread: time to build, and queries a second beside their recall.
 *
 *   node bench/micro/list-search.ts --vectors rows.f32 --queries questions.f32 --dim 384
 *     [--structure IVF_FLAT] [--nlist 128] [--build '{"sq_type":"SQ8"}'] [--search '{"refine_k":2}']
 *     [--nprobe 1,4,8,16,32] [--metric IP] [--threads 2] [--engine native|js]
 *
 * Speeds are the best of several runs in time of this thread, one query a call and all in one; recall is by
 * score, against all rows, so that ties count.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { nativeAddon } from '../../src/base/native.ts';
import { scanTopK } from '../../src/index/kernels.ts';
import { ivf } from '../../src/index/ivf.ts';
import type { ListStructure } from '../../src/index/ivf-codes.ts';
import type { Parameters } from '../../src/index/parameters.ts';
import { newBuildControl, type VectorIndex } from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';

const { values: options } = parseArgs({
  options: {
    vectors: { type: 'string' },
    queries: { type: 'string' },
    dim: { type: 'string', default: '384' },
    structure: { type: 'string', default: 'IVF_FLAT' },
    nlist: { type: 'string', default: '128' },
    build: { type: 'string', default: '{}' },
    search: { type: 'string', default: '{}' },
    nprobe: { type: 'string', default: '1,2,4,8,16,32,64' },
    metric: { type: 'string', default: 'IP' },
    threads: { type: 'string', default: String(availableParallelism()) },
    engine: { type: 'string', default: 'native' },
    runs: { type: 'string', default: '7' },
  },
});
const dim = Number(options.dim);
const type = DataType.FloatVector;
const metric = options.metric as 'L2' | 'IP' | 'COSINE';
const TOP_K = 10;

function readVectors(path: string): Float32Array {
  const bytes = readFileSync(path);
  const values = new Float32Array(new SharedArrayBuffer(bytes.byteLength));
  new Uint8Array(values.buffer).set(bytes);
  return values;
}

const rows = readVectors(options.vectors ?? '');
const queries = readVectors(options.queries ?? '');
const rowCount = rows.length / dim;
const queryCount = queries.length / dim;
const vectors = { type, dim, values: rows };
const structure = options.structure as ListStructure;
const builder = ivf(structure, options.engine === 'js' ? null : nativeAddon());

function build(): VectorIndex {
  const given = JSON.parse(options.build) as Parameters;
  const parameters = { nlist: Number(options.nlist), ...given };
  const start = performance.now();
  const cpu = process.cpuUsage();
  const image = builder.build({
    kind: 'build-index',
    structure,
    metric,
    parameters,
    vectors,
    rowCount,
    threadCount: Number(options.threads),
    control: newBuildControl(),
  });
  const { user, system } = process.cpuUsage(cpu);
  if (image === null) throw new Error('nobody cancels this build');
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${structure} ${rowCount} x ${dim}, ${JSON.stringify(parameters)}: built in ` +
      `${seconds.toFixed(2)} s, ${((user + system) / 1e6).toFixed(2)} s of processor time, ` +
      `${(image.byteLength / rowCount).toFixed(0)} bytes a row`,
  );
  return builder.open({ image, vectors, isChecked: false });
}

/** By query, the score of the last hit that is right. */
function bounds(): Float64Array {
  const task = { vectors, rowStart: 0, rowEnd: rowCount, allowed: null, queries, queryCount };
  const exact = scanTopK({ kind: 'scan', metric, ...task, topK: TOP_K, tieRowsMax: 0 });
  const slack = metric === 'L2' ? 2e-6 : -2e-6;
  return Float64Array.from(exact.counts, (_, q) => exact.scores[(q + 1) * TOP_K - 1]! + slack);
}

function timeOf(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < Number(options.runs); i++) {
    const start = process.threadCpuUsage();
    run();
    const { user, system } = process.threadCpuUsage(start);
    best = Math.min(best, user + system);
  }
  return best / queryCount;
}

const index = build();
const right = bounds();
for (const nprobe of options.nprobe.split(',').map(Number)) {
  const parameters = { nprobe, ...(JSON.parse(options.search) as Parameters) };
  const one = { topK: TOP_K, parameters, allowed: null };
  let hits = 0;
  const single = timeOf(() => {
    hits = 0;
    for (let query = 0; query < queryCount; query++) {
      const vector = queries.subarray(query * dim, (query + 1) * dim);
      const { scores } = index.search({ queries: vector, queryCount: 1, ...one });
      for (const score of scores) {
        if (metric === 'L2' ? score <= right[query]! : score >= right[query]!) hits++;
      }
    }
  });
  const batch = timeOf(() => void index.search({ queries, queryCount, ...one }));
  console.log(
    `nprobe ${String(nprobe).padStart(4)}  recall ${(hits / queryCount / TOP_K).toFixed(4)}  ` +
      `${single.toFixed(1).padStart(7)} us alone  ${batch.toFixed(1).padStart(7)} us in a batch`,
  );
}
