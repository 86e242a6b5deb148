/** Indexes of codes that are put beside faiss's of the same code size, as data. */
import type { Parameters } from '../../src/index/parameters.ts';
import type { IndexStructure } from '../../src/index/registry.ts';
import { BUILD_WIDTH, DEGREE } from './task.ts';

const LISTS = 256;
/** Dimensions of a part of a product code of a byte. */
const PART_DIM = 8;
/** Candidates that exact scores decide among, by hit. */
const REFINED = 10;
const LAYERS = 2;
const PROBES = [1, 4, 8, 16, 32, 64, 128, 256];
const WIDTHS = [16, 32, 64, 128, 256];
const DISK_WIDTHS = [32, 64, 128, 256];
const DISK_DEGREE = 56;

export interface CodeFamily {
  readonly name: string;
  readonly structure: IndexStructure;
  readonly build: Parameters;
  readonly search: Parameters;
  /** What is asked for more of from point to point. */
  readonly effort: 'nprobe' | 'ef' | 'search_list_size';
  readonly points: readonly number[];
  /** What bench/peers/faiss_quantised.py makes of it. */
  readonly theirs: Theirs;
}

interface Theirs {
  readonly coarse: 'lists' | 'graph';
  readonly code: 'scalar' | 'product' | 'fast product' | 'residual product' | 'bits';
  /** Of scalars, as faiss calls them. */
  readonly type?: string;
  readonly parts?: number;
  readonly layers?: number;
  readonly lists?: number;
  readonly degree?: number;
  readonly width?: number;
  /** Bits of each element of a query. */
  readonly queryBits?: number;
  /** How many times as many candidates as hits exact scores decide among; `width`: all of a walk. */
  readonly refined?: number | 'width';
}

const graph = { M: DEGREE, efConstruction: BUILD_WIDTH, refine: false };
const plain = { refine_k: 1, reorder_k: REFINED * 10, rbq_bits_query: 0 };
const inLists = { effort: 'nprobe', points: PROBES, search: plain } as const;
const inGraph = { effort: 'ef', points: WIDTHS, search: plain } as const;
const theirLists = { coarse: 'lists', lists: LISTS } as const;
const theirGraph = { coarse: 'graph', degree: DEGREE, width: BUILD_WIDTH } as const;
const refined = { ...plain, refine_k: REFINED };
const lists = { nlist: LISTS, refine: false };

function scalarGraph(name: string, type: string): CodeFamily {
  return {
    name: `HNSW_SQ ${name}`,
    structure: 'HNSW_SQ',
    build: { ...graph, sq_type: name },
    ...inGraph,
    theirs: { ...theirGraph, code: 'scalar', type },
  };
}

/** @param dim a multiple of 8 */
function codeFamilies(dim: number): readonly CodeFamily[] {
  const parts = dim / PART_DIM;
  const bits = { ...theirLists, code: 'bits' } as const;
  const product = { ...theirLists, code: 'product', parts } as const;
  return [
    {
      name: 'IVF_SQ8',
      structure: 'IVF_SQ8',
      build: { ...lists, sq_type: 'SQ8' },
      ...inLists,
      theirs: { ...theirLists, code: 'scalar', type: 'QT_8bit' },
    },
    {
      name: 'IVF_PQ',
      structure: 'IVF_PQ',
      build: { ...lists, m: parts, nbits: 8 },
      ...inLists,
      theirs: product,
    },
    {
      name: 'IVF_PQ refined',
      structure: 'IVF_PQ',
      build: { ...lists, m: parts, nbits: 8, refine: true },
      ...inLists,
      search: refined,
      theirs: { ...product, refined: REFINED },
    },
    {
      name: 'IVF_RABITQ',
      structure: 'IVF_RABITQ',
      build: { ...lists, rbq_bits: 1 },
      ...inLists,
      theirs: bits,
    },
    {
      name: 'IVF_RABITQ, 4 bits of queries',
      structure: 'IVF_RABITQ',
      build: { ...lists, rbq_bits: 1 },
      ...inLists,
      search: { ...plain, rbq_bits_query: 4 },
      theirs: { ...bits, queryBits: 4 },
    },
    {
      name: 'IVF_RABITQ refined',
      structure: 'IVF_RABITQ',
      build: { ...lists, rbq_bits: 1, refine: true },
      ...inLists,
      search: refined,
      theirs: { ...bits, refined: REFINED },
    },
    {
      name: 'SCANN',
      structure: 'SCANN',
      build: { ...lists, sub_dim: 2, with_raw_data: true },
      ...inLists,
      theirs: { ...theirLists, code: 'fast product', parts: dim / 2, refined: REFINED },
    },
    scalarGraph('SQ8', 'QT_8bit'),
    scalarGraph('SQ6', 'QT_6bit'),
    scalarGraph('SQ4U', 'QT_4bit_uniform'),
    scalarGraph('FP16', 'QT_fp16'),
    scalarGraph('BF16', 'QT_bf16'),
    {
      name: 'HNSW_PQ',
      structure: 'HNSW_PQ',
      build: { ...graph, m: parts, nbits: 8 },
      ...inGraph,
      theirs: { ...theirGraph, code: 'product', parts },
    },
    {
      name: 'HNSW_PQ refined',
      structure: 'HNSW_PQ',
      build: { ...graph, m: parts, nbits: 8, refine: true },
      ...inGraph,
      search: refined,
      theirs: { ...theirGraph, code: 'product', parts, refined: REFINED },
    },
    {
      name: 'HNSW_PRQ',
      structure: 'HNSW_PRQ',
      build: { ...graph, m: parts / LAYERS, nrq: LAYERS, nbits: 8 },
      ...inGraph,
      theirs: { ...theirGraph, code: 'residual product', parts: parts / LAYERS, layers: LAYERS },
    },
    {
      name: 'DISKANN',
      structure: 'DISKANN',
      build: {
        max_degree: DISK_DEGREE,
        search_list_size: 100,
        pq_code_budget_gb_ratio: 0.125,
      },
      effort: 'search_list_size',
      points: DISK_WIDTHS,
      search: {},
      theirs: {
        coarse: 'graph',
        degree: DISK_DEGREE / 2,
        width: 100,
        code: 'scalar',
        type: 'QT_4bit',
        refined: 'width',
      },
    },
  ];
}

const USUAL_LISTS = ['IVF_SQ8', 'IVF_PQ', 'IVF_RABITQ', 'SCANN'];
const USUAL_GRAPHS = ['HNSW_SQ SQ8', 'HNSW_PQ'];
/** Several by one name; `usual` unless others are named. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  lists: USUAL_LISTS,
  graphs: USUAL_GRAPHS,
  usual: [...USUAL_LISTS, ...USUAL_GRAPHS],
};

/**
 * Families by names, or by that of a group: lists, graphs, usual or all.
 * @throws Error when one of them is not there
 */
export function familiesNamed(dim: number, names: readonly string[]): readonly CodeFamily[] {
  const all = codeFamilies(dim);
  return names.flatMap((name) => {
    if (name === 'all') return all;
    const wanted = GROUPS[name] ?? [name];
    const found = all.filter((family) => wanted.includes(family.name));
    if (found.length > 0) return found;
    throw new Error(`no family ${name}: ${all.map((family) => family.name).join(', ')}`);
  });
}
