/**
 * Index types by name: what each is built as, of which vectors, by which rules. The only switch on the name.
 *
 *   name                            built as
 *   FLAT ... DISKANN, BIN_*,        itself
 *   MINHASH_LSH
 *   AISAQ                           DISKANN
 *   BRUTE_FORCE                     FLAT, by which Python's milvus-lite knows it
 *   GPU_BRUTE_FORCE, GPU_IVF_FLAT,  FLAT, IVF_FLAT,
 *   GPU_IVF_PQ, GPU_CAGRA           IVF_PQ, HNSW
 *   AUTOINDEX                       what `automaticIndex` chooses for the type and the metric, of scalars
 *                                   what `automaticScalarIndex` does for the type
 *   INVERTED, BITMAP, STL_SORT,     itself, over scalars
 *   TRIE, NGRAM, RTREE
 *   Trie, marisa-trie, Asceneding   TRIE, TRIE, STL_SORT
 *
 * An alias takes the parameters of its own name. Names of sparse indexes are known, so that an answer can tell
 * them from a misspelling.
 * Source: knowhere `include/knowhere/index/index_table.h`; Milvus `internal/util/indexparamcheck`.
 */
import { must } from '../base/assert.ts';
import { DataType } from '../schema/data-type.ts';
import type { IndexMetric } from './metric-type.ts';
import * as rules from './parameter-rules.ts';
import { integerOf, type Parameters } from './parameters.ts';

/** What can be built over the vectors of a segment. */
export type IndexStructure =
  | 'FLAT'
  | 'IVF_FLAT'
  | 'IVF_SQ8'
  | 'IVF_PQ'
  | 'IVF_RABITQ'
  | 'HNSW'
  | 'HNSW_SQ'
  | 'HNSW_PQ'
  | 'HNSW_PRQ'
  | 'SCANN'
  | 'DISKANN'
  | 'BIN_FLAT'
  | 'BIN_IVF_FLAT'
  | 'MINHASH_LSH';

/** What can be built over the scalars of a segment; HYBRID is BITMAP or another, as the values are. */
export type ScalarStructure =
  | 'INVERTED'
  | 'BITMAP'
  | 'STL_SORT'
  | 'TRIE'
  | 'NGRAM'
  | 'RTREE'
  | 'HYBRID';

/** An index over scalars, by the name under which it can be created. */
export interface ScalarKind {
  readonly name: string;
  readonly structure: Exclude<ScalarStructure, 'HYBRID'>;
  readonly isMappable: boolean;
}

export interface IndexKind {
  readonly name: string;
  readonly structure: IndexStructure;
  readonly rules: rules.IndexRules;
  /** Vectors of which it can be built. */
  readonly types: readonly DataType[];
  /** Metrics of binary vectors that it has; null: all. */
  readonly binaryMetrics: readonly IndexMetric[] | null;
  readonly isMappable: boolean;
  /** It can be searched with a list of vectors by MAX_SIM. */
  readonly takesLists: boolean;
  /** Parameters of an alias in the words of its structure. */
  readonly translate?: (parameters: Parameters, dim: number) => Parameters;
}

/** What a name that is no vector index of this registry stands for. */
export type OtherIndex = 'scalar' | 'sparse' | 'unsupported';

const { FloatVector, Float16Vector, BFloat16Vector, Int8Vector, BinaryVector } = DataType;
const FLOATS: readonly DataType[] = [FloatVector, Float16Vector, BFloat16Vector];
const DENSE: readonly DataType[] = [...FLOATS, Int8Vector];
const GPU_FLOATS: readonly DataType[] = [FloatVector, Float16Vector];
const SET_METRICS: readonly IndexMetric[] = ['HAMMING', 'JACCARD'];
const RELATION_METRICS: readonly IndexMetric[] = ['SUBSTRUCTURE', 'SUPERSTRUCTURE'];

function kind(
  structure: IndexStructure,
  types: readonly DataType[],
  traits: Partial<IndexKind> = {},
): IndexKind {
  return {
    name: structure,
    structure,
    rules: rules.FLAT,
    types,
    binaryMetrics: null,
    isMappable: true,
    takesLists: false,
    ...traits,
  };
}

const KINDS: readonly IndexKind[] = [
  kind('FLAT', DENSE),
  kind('IVF_FLAT', DENSE, { rules: rules.IVF_FLAT, takesLists: true }),
  kind('IVF_SQ8', DENSE, { rules: rules.IVF_SQ8 }),
  kind('IVF_PQ', FLOATS, { rules: rules.IVF_PQ }),
  kind('IVF_RABITQ', FLOATS, { rules: rules.IVF_RABITQ }),
  kind('HNSW', [...DENSE, BinaryVector], {
    rules: rules.HNSW,
    binaryMetrics: SET_METRICS,
    takesLists: true,
  }),
  kind('HNSW_SQ', DENSE, { rules: rules.HNSW_SQ, takesLists: true }),
  kind('HNSW_PQ', DENSE, { rules: rules.HNSW_PQ, takesLists: true }),
  kind('HNSW_PRQ', DENSE, { rules: rules.HNSW_PRQ, takesLists: true }),
  kind('SCANN', FLOATS, { rules: rules.SCANN }),
  kind('DISKANN', FLOATS, { rules: rules.DISKANN, isMappable: false, takesLists: true }),
  kind('BIN_FLAT', [BinaryVector], { binaryMetrics: [...SET_METRICS, ...RELATION_METRICS] }),
  kind('BIN_IVF_FLAT', [BinaryVector], { rules: rules.IVF_FLAT, binaryMetrics: SET_METRICS }),
  kind('MINHASH_LSH', [BinaryVector], {
    rules: rules.MINHASH_LSH,
    binaryMetrics: ['MHJACCARD'],
    isMappable: false,
  }),
  kind('DISKANN', FLOATS, { name: 'AISAQ', rules: rules.AISAQ, isMappable: false }),
  kind('FLAT', DENSE, { name: 'BRUTE_FORCE' }),
  kind('FLAT', GPU_FLOATS, { name: 'GPU_BRUTE_FORCE', isMappable: false }),
  kind('IVF_FLAT', GPU_FLOATS, {
    name: 'GPU_IVF_FLAT',
    rules: rules.GPU_IVF_FLAT,
    isMappable: false,
  }),
  kind('IVF_PQ', GPU_FLOATS, {
    name: 'GPU_IVF_PQ',
    rules: rules.GPU_IVF_PQ,
    isMappable: false,
    translate: translateGpuPq,
  }),
  kind('HNSW', GPU_FLOATS, {
    name: 'GPU_CAGRA',
    rules: rules.GPU_CAGRA,
    isMappable: false,
    translate: translateCagra,
  }),
];

const KIND_BY_NAME = new Map(KINDS.map((one) => [one.name, one]));

/** Source of what can be mapped: Milvus `internal/util/indexparamcheck/index_type.go`, IsScalarMmapIndex. */
const SCALAR_KINDS: readonly ScalarKind[] = [
  { name: 'INVERTED', structure: 'INVERTED', isMappable: true },
  { name: 'BITMAP', structure: 'BITMAP', isMappable: true },
  { name: 'STL_SORT', structure: 'STL_SORT', isMappable: false },
  { name: 'TRIE', structure: 'TRIE', isMappable: false },
  { name: 'NGRAM', structure: 'NGRAM', isMappable: true },
  { name: 'RTREE', structure: 'RTREE', isMappable: false },
  { name: 'Trie', structure: 'TRIE', isMappable: true },
  { name: 'marisa-trie', structure: 'TRIE', isMappable: false },
  { name: 'Asceneding', structure: 'STL_SORT', isMappable: false },
];

const SCALAR_BY_NAME = new Map(SCALAR_KINDS.map((one) => [one.name, one]));

const OTHER_BY_NAME = new Map<string, OtherIndex>([
  ...SCALAR_KINDS.map(({ name }): [string, OtherIndex] => [name, 'scalar']),
  ...['SPARSE_INVERTED_INDEX', 'SPARSE_WAND'].map((name): [string, OtherIndex] => [name, 'sparse']),
  ...['FAISS', 'SVS_FLAT', 'SVS_VAMANA', 'SVS_VAMANA_LVQ', 'SVS_VAMANA_LEANVEC'].map(
    (name): [string, OtherIndex] => [name, 'unsupported'],
  ),
]);

export const AUTOINDEX = 'AUTOINDEX';

/** The names under which a vector index can be created, AUTOINDEX beside them. */
export const VECTOR_INDEX_NAMES: readonly string[] = KINDS.map(({ name }) => name);

export function vectorIndexKind(name: string): IndexKind | undefined {
  return KIND_BY_NAME.get(name);
}

/** The names under which an index of scalars can be created, AUTOINDEX beside them. */
export const SCALAR_INDEX_NAMES: readonly string[] = SCALAR_KINDS.map(({ name }) => name);

export function scalarIndexKind(name: string): ScalarKind | undefined {
  return SCALAR_BY_NAME.get(name);
}

export function otherIndex(name: string): OtherIndex | undefined {
  return OTHER_BY_NAME.get(name);
}

/** An index type and its parameters, as a user could have given them. */
export interface AutomaticIndex {
  readonly kind: IndexKind;
  readonly params: Readonly<Record<string, string>>;
}

/**
 * What AUTOINDEX stands for.
 * Source: Milvus `pkg/util/paramtable/autoindex_param.go`. Set relations, which Milvus's choice for
 * binary vectors does not have, get the index that has them; so do lists of vectors.
 */
export function automaticIndex(type: DataType, metric: IndexMetric): AutomaticIndex {
  const graph = automatic('HNSW', { M: '18', efConstruction: '240' });
  if (metric.startsWith('MAX_SIM')) return graph;
  if (type === BinaryVector) {
    if (metric === 'MHJACCARD') return automatic('MINHASH_LSH', {});
    if (RELATION_METRICS.includes(metric)) return automatic('BIN_FLAT', {});
    return automatic('BIN_IVF_FLAT', { nlist: '1024' });
  }
  if (type === Int8Vector) return automatic('IVF_SQ8', { nlist: '128' });
  return graph;
}

/**
 * What AUTOINDEX stands for, of a scalar field or the elements of an array.
 * @returns null for a type of which there is none
 * Source: Milvus `pkg/util/paramtable/autoindex_param.go`, scalarAutoIndex.params.build.
 */
export function automaticScalarIndex(type: DataType): ScalarStructure | null {
  switch (type) {
    case DataType.Bool:
      return 'BITMAP';
    case DataType.Geometry:
      return 'RTREE';
    case DataType.Timestamptz:
      return 'STL_SORT';
    case DataType.Int8:
    case DataType.Int16:
    case DataType.Int32:
    case DataType.Int64:
    case DataType.Float:
    case DataType.Double:
    case DataType.VarChar:
    case DataType.JSON:
      return 'HYBRID';
    default:
      return null;
  }
}

function automatic(name: string, params: Readonly<Record<string, string>>): AutomaticIndex {
  return { kind: must(KIND_BY_NAME.get(name), 'what is chosen is in the registry'), params };
}

/**
 * A node of CAGRA has `graph_degree` neighbours: twice M, which is what layer 0 of HNSW has. As there, it is chosen
 * of no more than the intermediate graph has, and the widest graph of HNSW is the widest of this.
 */
function translateCagra(parameters: Parameters): Parameters {
  const efConstruction = integerOf(parameters, 'intermediate_graph_degree');
  const degree = Math.min(integerOf(parameters, 'graph_degree'), efConstruction);
  return { M: Math.min(rules.GRAPH_M_MAX, Math.max(2, Math.ceil(degree / 2))), efConstruction };
}

/**
 * `m` of 0 leaves the choice to the builder: parts of four dimensions where that divides them. Searches say how many
 * candidates they refine.
 */
function translateGpuPq(parameters: Parameters, dim: number): Parameters {
  const partDim = [4, 2].find((size) => dim % size === 0) ?? 1;
  return { ...parameters, m: integerOf(parameters, 'm') || dim / partDim, refine: true };
}
