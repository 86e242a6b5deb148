/** Rows of zeros among others, by COSINE: their score is 0, and codes must not take them for near ones. */
import { describe, expect, it } from 'vitest';
import { nativeAddon } from '../../src/base/native.ts';
import { hnsw } from '../../src/index/hnsw.ts';
import { ivf } from '../../src/index/ivf.ts';
import type { Parameters } from '../../src/index/parameters.ts';
import type { IndexStructure } from '../../src/index/registry.ts';
import { DataType } from '../../src/schema/data-type.ts';
import {
  buildIndex,
  expectSoundHits,
  indexWorld,
  recallOf,
  searchAll,
} from '../suites/vector-index-suite.ts';

const ROWS = 1200;
const ZERO_EVERY = 20;
const LISTS = { nlist: 4 };
const GRAPH = { M: 16, efConstruction: 100 };
const CODES: readonly (readonly [IndexStructure, Parameters])[] = [
  ['IVF_SQ8', { ...LISTS, sq_type: 'SQ8' }],
  ['IVF_SQ8', { ...LISTS, sq_type: 'SQ6' }],
  ['IVF_PQ', { ...LISTS, m: 16, nbits: 8 }],
  ['IVF_RABITQ', { ...LISTS, rbq_bits: 8 }],
  ['SCANN', { ...LISTS, sub_dim: 1, with_raw_data: true }],
  ['HNSW_SQ', { ...GRAPH, sq_type: 'SQ8' }],
  ['HNSW_SQ', { ...GRAPH, sq_type: 'BF16' }],
];
const UNUSED = { typesAndMetrics: [], filtered: {}, recall: 0, rowCount: ROWS };
const ENGINES = [nativeAddon(), null].filter((one, i) => i === 1 || one !== null);

describe.each(ENGINES.map((addon) => [addon === null ? 'twin' : 'native', addon] as const))(
  'rows of zeros by COSINE, %s',
  (_, addon) => {
    it.each(CODES)('take no place of better rows in %s %o', (structure, build) => {
      const world = indexWorld({ type: DataType.FloatVector, metric: 'COSINE', rowCount: ROWS });
      for (let row = 0; row < ROWS; row += ZERO_EVERY) {
        world.values.fill(0, row * world.dim, (row + 1) * world.dim);
      }
      const search = { nprobe: 4, ef: 200, reorder_k: 40, refine_k: 1, rbq_bits_query: 0 };
      const isGraph = structure.startsWith('HNSW');
      const builder = isGraph ? hnsw(addon) : ivf(structure as 'IVF_SQ8', addon);
      const suite = { structure, builder, build: { refine: false, ...build }, search };
      const index = buildIndex({ ...suite, ...UNUSED }, world);
      const hits = searchAll(index, world, { parameters: search });
      expectSoundHits(world, hits, null);
      expect(recallOf(world, hits, 10)).toBeGreaterThanOrEqual(0.85);
    });
  },
);
