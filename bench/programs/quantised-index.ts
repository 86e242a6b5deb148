/** Bare indexes of codes, as bench/compare/code-families.ts names them: prints the ids that they find. */
import { indexBuilder } from '../../src/index/structures.ts';
import type { MetricType } from '../../src/index/metric-type.ts';
import type { Parameters } from '../../src/index/parameters.ts';
import { newBuildControl, type VectorIndex } from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';
import type { CodeFamily } from '../compare/code-families.ts';
import { TOP_K } from '../compare/task.ts';
import { report, settings } from '../processes.ts';
import { readVectors } from '../vectors.ts';

interface Told {
  readonly dim: number;
  readonly vectors: string;
  readonly queries: string;
  readonly metric: MetricType;
  readonly threads: number;
  readonly families: readonly CodeFamily[];
}

const told = settings() as Told;
const rows = readVectors(told.vectors, told.dim);
const queries = readVectors(told.queries, told.dim);
const values = new Float32Array(new SharedArrayBuffer(rows.values.byteLength));
values.set(rows.values);
const vectors = { type: DataType.FloatVector, dim: told.dim, values } as const;

function build({ structure, build: parameters }: CodeFamily): VectorIndex {
  const builder = indexBuilder(structure);
  if (builder === null) throw new Error(`there is no ${structure}`);
  const image = builder.build({
    kind: 'build-index',
    structure,
    metric: told.metric,
    parameters,
    vectors,
    rowCount: rows.count,
    threadCount: told.threads,
    control: newBuildControl(),
  });
  if (image === null) throw new Error('nobody cancels this build');
  return builder.open({ image, vectors, isChecked: false });
}

function search(index: VectorIndex, parameters: Parameters): number[][] {
  const asked = { queries: queries.values, queryCount: queries.count, topK: TOP_K, allowed: null };
  const hits = index.search({ ...asked, parameters });
  let next = 0;
  return Array.from(hits.counts, (count) => [...hits.rows.subarray(next, (next += count))]);
}

const found: number[][][] = [];
for (const family of told.families) {
  const index = build(family);
  for (const point of family.points) {
    found.push(search(index, { ...family.search, [family.effort]: point }));
  }
  index.close?.();
}
report(found);
