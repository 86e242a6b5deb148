/**
 * What an index is asked for by: its type, and the parameters of that type under Milvus's names, so that
 * Milvus's documentation and error texts hold here as they are.
 */
import type { IndexRequest } from '../core/ports.ts';
import { propertyTexts, requireObject, requireText } from './checks.ts';
import type { ScalarIndexOptions } from './scalar-index-options.ts';
import type { IndexMetric, Metric } from './values.ts';

interface Kept {
  /** Default: the name of the field. */
  readonly name?: string;
  /** Default: the field's. */
  readonly metric?: Metric;
  /** Maps its file instead of reading it into memory. */
  readonly mmap?: boolean;
}

interface Inverted extends Kept {
  /** Lists that vectors are spread over, 1 to 65,536. Default: 128. */
  readonly nlist?: number;
}

interface Graph extends Kept {
  /** Neighbours of a vector, 2 to 2,048. Default: 30. */
  readonly M?: number;
  /** Candidates that are weighed for each vector that is added. Default: 360. */
  readonly efConstruction?: number;
}

type Precision = 'SQ6' | 'SQ8' | 'FP16' | 'BF16' | 'FP32';

interface Refined<Precisions> {
  /** Keeps vectors more precisely beside their codes, to sort the best again. Default: false. */
  readonly refine?: boolean;
  /** How precisely. Default: as they are. */
  readonly refine_type?: Precisions;
}

interface ProductCode {
  /** Parts that a vector is cut into; it must divide the dimension. */
  readonly m?: number;
  /** Bits of the code of a part, 1 to 24. Default: 8. */
  readonly nbits?: number;
}

/** Chosen by the engine: a graph for dense vectors. */
export interface AutoIndexOptions {
  readonly type?: 'AUTOINDEX';
  readonly name?: string;
  readonly metric?: IndexMetric;
}

/** Exact: every vector is compared. */
export interface FlatOptions extends Kept {
  readonly type: 'FLAT';
}

export interface IvfFlatOptions extends Inverted {
  readonly type: 'IVF_FLAT';
}

export interface IvfSq8Options extends Inverted, Refined<Precision> {
  readonly type: 'IVF_SQ8';
}

export interface IvfPqOptions extends Inverted, ProductCode, Refined<Precision> {
  readonly type: 'IVF_PQ';
  readonly m: number;
}

export interface IvfRabitqOptions extends Inverted, Refined<Precision> {
  readonly type: 'IVF_RABITQ';
}

export interface ScannOptions extends Inverted {
  readonly type: 'SCANN';
  /** Keeps the vectors, to sort the best again. Default: true. */
  readonly with_raw_data?: boolean;
}

export interface HnswOptions extends Graph {
  readonly type: 'HNSW';
}

export interface HnswSqOptions extends Graph, Refined<Precision | 'SQ4U'> {
  readonly type: 'HNSW_SQ';
  /** Default: SQ8. */
  readonly sq_type?: 'SQ4U' | 'SQ6' | 'SQ8' | 'BF16' | 'FP16';
}

export interface HnswPqOptions extends Graph, ProductCode, Refined<Precision | 'SQ4U'> {
  readonly type: 'HNSW_PQ';
}

export interface HnswPrqOptions extends Graph, ProductCode, Refined<Precision> {
  readonly type: 'HNSW_PRQ';
  /** Codes of a part, each of what the one before left over, 1 to 16. Default: 2. */
  readonly nrq?: number;
}

/** A graph that stays in its file, as do the vectors. */
export interface DiskannOptions extends Omit<Kept, 'mmap'> {
  readonly type: 'DISKANN' | 'AISAQ';
  /** Neighbours of a vector, 1 to 512. Default: 56. */
  readonly max_degree?: number;
  /** Candidates that are weighed for each vector that is added. Default: 100. */
  readonly search_list_size?: number;
  /** Bytes of the codes, of those of the vectors. Default: 0.125. */
  readonly pq_code_budget_gb_ratio?: number;
}

/** Exact, of binary vectors. */
export interface BinFlatOptions extends Omit<Kept, 'metric'> {
  readonly type: 'BIN_FLAT';
  /** By SUBSTRUCTURE rows that have every bit of the vector are hits, by SUPERSTRUCTURE those it has. */
  readonly metric?: 'HAMMING' | 'JACCARD' | 'SUBSTRUCTURE' | 'SUPERSTRUCTURE';
}

export interface BinIvfFlatOptions extends Inverted {
  readonly type: 'BIN_IVF_FLAT';
}

/** Near duplicates by MinHash signatures, in binary vectors. */
export interface MinhashLshOptions {
  readonly type: 'MINHASH_LSH';
  readonly name?: string;
  readonly metric: 'MHJACCARD';
  /** Bits of one value of a signature. Default: 8. */
  readonly mh_element_bit_width?: 8 | 16 | 32 | 64;
  /** Parts of a signature, of which one has to agree. Default: 1. */
  readonly mh_lsh_band?: number;
  /** Share of misses that go by the filters of the parts to their tables, 0 to 1. Default: 0.01. */
  readonly mh_lsh_bloom_false_positive_prob?: number;
  /** One filter for all parts: less memory, and more that goes by it. Default: false. */
  readonly mh_lsh_shared_bloom_filter?: boolean;
  /** Without effect: signatures are never kept twice, and are there to be compared either way. */
  readonly with_raw_data?: boolean;
  /** Without effect: tables are in memory while they are searched. */
  readonly mh_lsh_code_in_mem?: boolean;
}

/**
 * An index of a vector field.
 * @example { type: 'HNSW', metric: 'COSINE', M: 16, efConstruction: 200 }
 */
export type IndexOptions =
  | AutoIndexOptions
  | FlatOptions
  | IvfFlatOptions
  | IvfSq8Options
  | IvfPqOptions
  | IvfRabitqOptions
  | ScannOptions
  | HnswOptions
  | HnswSqOptions
  | HnswPqOptions
  | HnswPrqOptions
  | DiskannOptions
  | BinFlatOptions
  | BinIvfFlatOptions
  | MinhashLshOptions;

/** How wide a search looks, and which scores count: by Milvus's names. */
export interface SearchParams {
  /**
   * The worst score that counts, itself not included: hits are nearer than it by L2, HAMMING and JACCARD, and
   * score above it by IP and COSINE.
   */
  readonly radius?: number;
  /** With `radius`: the best score that counts, itself included; hits that are better are left out. */
  readonly range_filter?: number;
  /** HNSW and its kin: candidates kept, at least `limit` + `offset`. Default: that, and at least 16. */
  readonly ef?: number;
  /** IVF and its kin: lists visited, 1 to 65,536. Default: 8. */
  readonly nprobe?: number;
  /** DISKANN: candidates kept, at least `limit` + `offset`. */
  readonly search_list?: number;
  /** SCANN: candidates that are sorted again, at least `limit` + `offset`. */
  readonly reorder_k?: number;
  /**
   * With `refine`: candidates that are sorted again, of what is wanted. MINHASH_LSH: candidates that are
   * compared exactly, and as many as are wanted at least. Default: 1.
   */
  readonly refine_k?: number;
  /** IVF_RABITQ: bits of a query's code, 0 (exact) to 8. Default: 0. */
  readonly rbq_bits_query?: number;
  /** MINHASH_LSH: hits by the share of equal values, not by whether a part agrees. Default: false. */
  readonly mh_search_with_jaccard?: boolean;
  /** MINHASH_LSH: without effect on what is found. */
  readonly mh_lsh_batch_search?: boolean;
}

/** The engine's description of an index. @throws MilvusError ParameterInvalid for what is none */
export function indexRequest(
  fieldName: string,
  options: IndexOptions | ScalarIndexOptions,
): IndexRequest {
  requireText('field', fieldName);
  requireObject('index', options);
  const { type = 'AUTOINDEX', name = '', ...rest } = options;
  requireText('type of index', type);
  requireText('name of index', name);
  const { metric, mmap, ...parameters } = rest as Readonly<Record<string, unknown>>;
  const given = Object.entries({ metric_type: metric, 'mmap.enabled': mmap, ...parameters }).filter(
    ([, value]) => value !== undefined,
  );
  const texts = propertyTexts(Object.fromEntries(given), 'index');
  return { fieldName, indexName: name, params: { index_type: type, ...texts } };
}
