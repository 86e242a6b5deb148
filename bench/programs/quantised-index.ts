/** Bare indexes of codes, as bench/trials/quantised-recall.ts names them: prints the ids that they find. */
import { indexBuilder } from '../../src/index/structures.ts';
import type { MetricType } from '../../src/index/metric-type.ts';
import type { Parameters } from '../../src/index/parameters.ts';
import type { IndexStructure } from '../../src/index/registry.ts';
import { newBuildControl, type VectorIndex } from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { TOP_K } from '../compare/task.ts';
import { report, settings } from '../processes.ts';
import { readVectors } from '../vectors.ts';

interface Told {
  readonly dim: number;
  readonly vectors: string;
  readonly queries: string;
  readonly metric: MetricType;
  readonly lists: number;
  readonly parts: number;
  readonly reorder: number;
  readonly threads: number;
  readonly degree: number;
  readonly buildWidth: number;
  readonly families: Readonly<Record<string, readonly number[]>>;
}

const told = settings() as Told;
const rows = readVectors(told.vectors, told.dim);
const queries = readVectors(told.queries, told.dim);
const values = new Float32Array(new SharedArrayBuffer(rows.values.byteLength));
values.set(rows.values);
const vectors = { type: DataType.FloatVector, dim: told.dim, values } as const;

const lists = { nlist: told.lists, refine: false };
const graph = { M: told.degree, efConstruction: told.buildWidth, refine: false };
const BUILDS: Readonly<Record<string, Parameters>> = {
  IVF_SQ8: { ...lists, sq_type: 'SQ8' },
  IVF_PQ: { ...lists, m: told.parts, nbits: 8 },
  IVF_RABITQ: { ...lists, rbq_bits: 1 },
  SCANN: { ...lists, sub_dim: 2, with_raw_data: true },
  HNSW_SQ: { ...graph, sq_type: 'SQ8' },
  HNSW_PQ: { ...graph, m: told.parts, nbits: 8 },
};

function build(structure: IndexStructure): VectorIndex {
  const builder = indexBuilder(structure);
  const parameters = BUILDS[structure];
  if (builder === null || parameters === undefined) throw new Error(`there is no ${structure}`);
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
for (const [family, points] of Object.entries(told.families)) {
  const index = build(family as IndexStructure);
  for (const point of points) {
    const effort = family.startsWith('HNSW') ? { ef: point } : { nprobe: point };
    const codes = { refine_k: 1, reorder_k: told.reorder, rbq_bits_query: 0 };
    found.push(search(index, { ...codes, ...effort }));
  }
  index.close?.();
}
report(found);
