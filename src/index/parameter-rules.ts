/**
 * The parameters of every vector index, as data: ranges, defaults, and the rules that join two of them.
 * Names are Milvus's, in builds and in searches.
 *
 *   index                  build                                  search
 *   FLAT, BIN_FLAT         -                                      -
 *   IVF_FLAT, BIN_IVF_FLAT nlist                                  nprobe
 *   IVF_SQ8                nlist, sq_type, refine, refine_type    nprobe, refine_k
 *   IVF_PQ                 nlist, m | dim, nbits, refine …        nprobe, refine_k
 *   IVF_RABITQ             nlist, rbq_bits, refine, refine_type   nprobe, rbq_bits_query, refine_k
 *   SCANN                  nlist, with_raw_data, sub_dim | dim    nprobe, reorder_k >= k
 *   HNSW                   M, efConstruction                      ef >= k
 *   HNSW_SQ                M, efConstruction, sq_type, refine …   ef >= k, refine_k
 *   HNSW_PQ, HNSW_PRQ      M, efConstruction, m | dim, nbits …    ef, refine_k
 *   DISKANN                any values; wrong ones have defaults   search_list >= k, beam_width_ratio
 *   MINHASH_LSH            bands, width of an element             refine_k, two switches
 *   GPU_CAGRA              graph_degree, intermediate_graph_…     itopk_size, search_width, refine_ratio, ef
 *   GPU_IVF_FLAT           nlist                                  nprobe
 *   GPU_IVF_PQ             nlist, m, nbits                        nprobe, refine_ratio
 *
 * Source: knowhere `src/index` (ivf, hnsw, diskann, minhash, gpu_cuvs), the configurations' ranges,
 * defaults and CheckAndAdjust; Milvus `tests/python_client/testcases/indexes`.
 */
import { invalidParameter } from '../base/errors.ts';
import {
  FLOAT32_MAX,
  INT32_MAX,
  integerOf,
  type ParameterRule,
  type ParameterRules,
  type Parameters,
} from './parameters.ts';

export interface IndexRules {
  readonly build: ParameterRules;
  readonly search: ParameterRules;
  /** Rules that join a build parameter with the dimension of the field. */
  readonly checkBuild?: (parameters: Parameters, dim: number) => void;
  /**
   * Rules that join a search parameter with `topK`, and defaults that follow from it.
   * @returns the parameters with which the index is searched
   */
  readonly checkSearch?: (parameters: Parameters, topK: number) => Parameters;
}

const integer = (least: number, greatest: number, value: number | null): ParameterRule => ({
  kind: 'integer',
  range: [least, greatest],
  default: value,
});
const atLeastOne = (value: number | null): ParameterRule => integer(1, INT32_MAX, value);
const flag = (value: boolean): ParameterRule => ({ kind: 'boolean', default: value });
const lenientInteger = (least: number, greatest: number, value: number): ParameterRule => ({
  kind: 'lenient',
  rule: { kind: 'integer', range: [least, greatest], default: value },
});
const lenientNumber = (least: number, greatest: number, value: number): ParameterRule => ({
  kind: 'lenient',
  rule: { kind: 'number', range: [least, greatest], default: value },
});
const requiredInteger = (least: number, greatest: number): ParameterRule => ({
  kind: 'integer',
  range: [least, greatest],
  default: null,
  isRequired: true,
});

/** Neighbours that a node of a graph has at most in an upper layer; in the lowest twice as many. */
export const GRAPH_M_MAX = 2048;
/** Candidates that a graph search keeps at least, when it is not said how many. */
export const CANDIDATES_MIN = 16;
const REFINE_TYPES: readonly string[] = ['SQ6', 'SQ8', 'FP16', 'BF16', 'FP32', 'FLAT'];
const GRAPH_REFINE_TYPES: readonly string[] = ['SQ4U', ...REFINE_TYPES];

/** Keeping vectors more precisely than their codes, to sort the best `refine_k` x topK again. */
function refinement(types: readonly string[]): ParameterRules {
  const names = types.join(', ').toLowerCase();
  return {
    refine: flag(false),
    refine_type: {
      kind: 'choice',
      options: types,
      default: null,
      refusal: (text) => `invalid refine type : ${text}, optional types are [${names}]`,
    },
  };
}

const REFINE_SEARCH: ParameterRules = {
  refine_k: { kind: 'number', range: [1, FLOAT32_MAX], default: 1 },
};

const NLIST: ParameterRules = { nlist: integer(1, 65_536, 128) };
const NPROBE: ParameterRules = { nprobe: integer(1, 65_536, 8) };
const PQ_CODE: ParameterRules = { nbits: integer(1, 24, 8) };
const GRAPH: ParameterRules = { M: integer(2, GRAPH_M_MAX, 30), efConstruction: atLeastOne(360) };
const EF: ParameterRules = { ef: atLeastOne(null) };

function checkSubquantizers(parameters: Parameters, dim: number, vector: 'a' | 'the'): void {
  const m = integerOf(parameters, 'm');
  if (dim % m === 0) return;
  throw invalidParameter(
    `The dimension of ${vector} vector (dim) should be a multiple of the number of subquantizers ` +
      `(m). Dimension: ${dim}, m: ${m}`,
  );
}

/** The width of a search: `name`, at least topK when it is given, and CANDIDATES_MIN when it is not. */
function checkWidth(name: string, parameters: Parameters, topK: number): Parameters {
  const width = parameters[name];
  if (width === undefined) return { ...parameters, [name]: Math.max(topK, CANDIDATES_MIN) };
  if (Number(width) < topK) {
    throw invalidParameter(`${name}(${width}) should be larger than k(${topK})`);
  }
  return parameters;
}

const checkEf = (parameters: Parameters, topK: number): Parameters =>
  checkWidth('ef', parameters, topK);

/** Graphs over product codes take an `ef` below topK, and are searched as wide as topK all the same. */
const widenEf = (parameters: Parameters, topK: number): Parameters => ({
  ...parameters,
  ef: Math.max(topK, Number(parameters['ef'] ?? CANDIDATES_MIN)),
});

export const FLAT: IndexRules = { build: {}, search: {} };

export const IVF_FLAT: IndexRules = { build: NLIST, search: NPROBE };

export const IVF_SQ8: IndexRules = {
  build: {
    ...NLIST,
    sq_type: {
      kind: 'choice',
      options: ['SQ4', 'SQ6', 'SQ8'],
      default: 'SQ8',
      refusal: (text) => `invalid sq_type : ${text}, optional types are [sq4, sq6, sq8]`,
    },
    ...refinement(REFINE_TYPES),
  },
  search: { ...NPROBE, ...REFINE_SEARCH },
};

export const IVF_PQ: IndexRules = {
  build: { ...NLIST, m: requiredInteger(1, 65_536), ...PQ_CODE, ...refinement(REFINE_TYPES) },
  search: { ...NPROBE, ...REFINE_SEARCH },
  checkBuild: (parameters, dim) => checkSubquantizers(parameters, dim, 'a'),
};

export const IVF_RABITQ: IndexRules = {
  build: { ...NLIST, rbq_bits: integer(1, 9, 1), ...refinement(REFINE_TYPES) },
  search: { ...NPROBE, rbq_bits_query: integer(0, 8, 0), ...REFINE_SEARCH },
};

export const SCANN: IndexRules = {
  build: { ...NLIST, with_raw_data: flag(true), sub_dim: integer(1, 65_536, 2) },
  search: { ...NPROBE, reorder_k: atLeastOne(null) },
  checkBuild: (parameters, dim) => {
    const subDim = integerOf(parameters, 'sub_dim');
    if (dim % subDim === 0) return;
    throw invalidParameter(
      `The dimension of a vector (dim) should be a multiple of sub_dim. Dimension:${dim}, ` +
        `sub_dim:${subDim}`,
    );
  },
  checkSearch: (parameters, topK) => {
    const reorderK = parameters['reorder_k'];
    if (reorderK === undefined) return { ...parameters, reorder_k: topK };
    if (Number(reorderK) >= topK) return parameters;
    throw invalidParameter(`reorder_k(${reorderK}) should be larger than k(${topK})`);
  },
};

export const HNSW: IndexRules = { build: GRAPH, search: EF, checkSearch: checkEf };

export const HNSW_SQ: IndexRules = {
  build: {
    ...GRAPH,
    sq_type: {
      kind: 'choice',
      options: ['SQ4U', 'SQ6', 'SQ8', 'BF16', 'FP16'],
      default: 'SQ8',
      refusal: () => 'invalid scalar quantizer type',
    },
    ...refinement(GRAPH_REFINE_TYPES),
  },
  search: { ...EF, ...REFINE_SEARCH },
  checkSearch: checkEf,
};

export const HNSW_PQ: IndexRules = {
  build: { ...GRAPH, m: integer(1, 65_536, 32), ...PQ_CODE, ...refinement(GRAPH_REFINE_TYPES) },
  search: { ...EF, ...REFINE_SEARCH },
  checkBuild: (parameters, dim) => checkSubquantizers(parameters, dim, 'the'),
  checkSearch: widenEf,
};

export const HNSW_PRQ: IndexRules = {
  build: {
    ...GRAPH,
    m: integer(1, 65_536, 2),
    nrq: integer(1, 16, 2),
    ...PQ_CODE,
    ...refinement(REFINE_TYPES),
  },
  search: { ...EF, ...REFINE_SEARCH },
  checkBuild: (parameters, dim) => checkSubquantizers(parameters, dim, 'a'),
  checkSearch: widenEf,
};

/** Milvus's proxy looks at none of the build parameters. */
const DISK_GRAPH: ParameterRules = {
  max_degree: lenientInteger(1, 512, 56),
  search_list_size: lenientInteger(1, INT32_MAX, 100),
  pq_code_budget_gb_ratio: lenientNumber(0, 1, 0.125),
  search_cache_budget_gb_ratio: lenientNumber(0, 1, 0.1),
};
const DISK_SEARCH: ParameterRules = {
  search_list_size: atLeastOne(null),
  beam_width_ratio: lenientNumber(0, FLOAT32_MAX, 4),
};
const checkSearchList = (parameters: Parameters, topK: number): Parameters =>
  checkWidth('search_list_size', parameters, topK);

export const DISKANN: IndexRules = {
  build: DISK_GRAPH,
  search: DISK_SEARCH,
  checkSearch: checkSearchList,
};

export const AISAQ: IndexRules = {
  build: {
    ...DISK_GRAPH,
    inline_pq: integer(-1, 2048, -1),
    rearrange: flag(true),
    num_entry_points: integer(0, 1000, 100),
    pq_cache_size: integer(0, INT32_MAX, 0),
  },
  search: {
    ...DISK_SEARCH,
    beamwidth: integer(1, 64, 8),
    vectors_beamwidth: integer(1, 4, 1),
    pq_read_page_cache_size: integer(0, INT32_MAX, 0),
  },
  checkSearch: checkSearchList,
};

export const MINHASH_LSH: IndexRules = {
  build: {
    mh_element_bit_width: integer(8, 256, 8),
    mh_lsh_band: integer(1, INT32_MAX, 1),
    mh_lsh_code_in_mem: flag(true),
    mh_lsh_shared_bloom_filter: flag(false),
    mh_lsh_bloom_false_positive_prob: { kind: 'number', range: [0, 1], default: 0.01 },
    with_raw_data: flag(false),
  },
  search: {
    mh_search_with_jaccard: flag(false),
    mh_lsh_batch_search: flag(false),
    refine_k: atLeastOne(1),
  },
  checkBuild: (parameters, dim) => {
    const bits = integerOf(parameters, 'mh_element_bit_width');
    if (bits % 8 === 0 && dim % bits === 0) return;
    throw invalidParameter(
      'Expecting (dim % mh_element_bit_width == 0) and (mh_element_bit_width % 8 == 0). ' +
        `Dimension: ${dim}, mh_element_bit_width: ${bits}`,
    );
  },
};

const GPU_SEARCH: ParameterRules = {
  refine_ratio: { kind: 'number', range: [0, FLOAT32_MAX], default: 1 },
};

const refineRatio = (parameters: Parameters): number => Number(parameters['refine_ratio'] ?? 1);

/** Candidates that CAGRA keeps when it is not said how many, and that it keeps a multiple of. */
const ITOPK_SIZE = 64;
const ITOPK_ALIGNMENT = 32;

/**
 * Candidates that CAGRA keeps are those that a walk over the layers of HNSW keeps; each of `search_width` starting
 * points keeps ITOPK_ALIGNMENT of them.
 * Source: knowhere `src/index/gpu_cuvs/gpu_cuvs_cagra_config.h`, CheckAndAdjust.
 */
function checkCagraWidth(parameters: Parameters, topK: number): Parameters {
  const size = parameters['itopk_size'];
  const kept = ITOPK_ALIGNMENT * Math.ceil(Number(size ?? 0) / ITOPK_ALIGNMENT);
  const width = Math.max(kept, ITOPK_ALIGNMENT * Number(parameters['search_width'] ?? 0));
  if (size !== undefined && width < topK) {
    throw invalidParameter(
      `max((itopk_size + 31)// 32, search_width) * 32< topk: itopk_size(${size}), k(${topK})`,
    );
  }
  const { ef = Math.max(topK, width === 0 ? ITOPK_SIZE : width) } = parameters;
  const given = checkEf({ ...parameters, ef }, topK);
  const refined = Math.ceil(refineRatio(parameters) * topK);
  return { ...given, ef: Math.min(INT32_MAX, Math.max(Number(ef), width, refined)) };
}

/** A graph of fixed degree, built here as the layers of HNSW. */
export const GPU_CAGRA: IndexRules = {
  build: {
    intermediate_graph_degree: atLeastOne(128),
    graph_degree: atLeastOne(64),
    build_algo: {
      kind: 'choice',
      options: ['IVF_PQ', 'NN_DESCENT', 'ITERATIVE'],
      default: 'NN_DESCENT',
      refusal: (text) => `cagra build algo: ${text} not supported`,
    },
    cache_dataset_on_device: flag(false),
    adapt_for_cpu: flag(false),
  },
  search: {
    ...GPU_SEARCH,
    ...EF,
    itopk_size: atLeastOne(null),
    search_width: atLeastOne(null),
    team_size: integer(0, 32, 0),
    min_iterations: integer(0, INT32_MAX, 0),
    max_iterations: integer(0, INT32_MAX, 0),
  },
  checkSearch: checkCagraWidth,
};

export const GPU_IVF_FLAT: IndexRules = {
  build: { ...NLIST, cache_dataset_on_device: flag(false) },
  search: { ...NPROBE, ...GPU_SEARCH },
};

export const GPU_IVF_PQ: IndexRules = {
  build: {
    ...NLIST,
    m: integer(0, 65_536, 0),
    nbits: integer(4, 8, 8),
    cache_dataset_on_device: flag(false),
  },
  search: { ...NPROBE, ...GPU_SEARCH },
  checkSearch: (parameters) => ({ ...parameters, refine_k: Math.max(1, refineRatio(parameters)) }),
  // 0 leaves the choice to the builder.
  checkBuild: (parameters, dim) => {
    if (integerOf(parameters, 'm') !== 0) checkSubquantizers(parameters, dim, 'a');
  },
};
