/**
 * Every structure against the float64 reference, on small odd worlds of every type and metric: duplicates, rows and
 * queries of zeros, masks of any kind (filters, deletes and nulls come as one), more hits wanted than there are
 * rows. Searches are so wide that nothing may be missed.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bitmap } from '../../src/base/bitmap.ts';
import { nativeAddon } from '../../src/base/native.ts';
import { SCAN_ROWS_PARAMETER, hnsw } from '../../src/index/hnsw.ts';
import { ivf } from '../../src/index/ivf.ts';
import type { ListStructure } from '../../src/index/ivf-codes.ts';
import { scanTopK } from '../../src/index/kernels.ts';
import { largerIsBetter } from '../../src/index/metric-type.ts';
import type { Parameters } from '../../src/index/parameters.ts';
import { type IndexStructure, vectorIndexKind } from '../../src/index/registry.ts';
import { DataType, dataTypeName } from '../../src/schema/data-type.ts';
import { hitLists, indexTask, searchAll } from '../suites/vector-index-suite.ts';
import {
  arbitraryWorld,
  isNear,
  referenceScores,
  type SumWidth,
  TYPES_AND_METRICS,
  type World,
} from './reference.ts';

const ROWS_MAX = 40;
const LISTS = { nlist: 4, refine: true };
const GRAPH = { M: 3, efConstruction: 20, refine: true };
/** Of every dimension one is a divisor. */
const PRODUCT = { m: 1, nbits: 4 };
const STRUCTURES: readonly (readonly [IndexStructure, Parameters])[] = [
  ['HNSW', GRAPH],
  ['HNSW_SQ', { ...GRAPH, sq_type: 'SQ8' }],
  ['HNSW_SQ', { ...GRAPH, sq_type: 'SQ6' }],
  ['HNSW_SQ', { ...GRAPH, sq_type: 'SQ4U' }],
  ['HNSW_SQ', { ...GRAPH, sq_type: 'FP16' }],
  ['HNSW_SQ', { ...GRAPH, sq_type: 'BF16' }],
  ['HNSW_PQ', { ...GRAPH, ...PRODUCT }],
  ['HNSW_PRQ', { ...GRAPH, ...PRODUCT, nrq: 2 }],
  ['IVF_FLAT', LISTS],
  ['BIN_IVF_FLAT', LISTS],
  ['IVF_SQ8', { ...LISTS, sq_type: 'SQ8' }],
  ['IVF_SQ8', { ...LISTS, sq_type: 'SQ6' }],
  ['IVF_SQ8', { ...LISTS, sq_type: 'SQ4' }],
  ['IVF_PQ', { ...LISTS, ...PRODUCT }],
  ['IVF_RABITQ', { ...LISTS, rbq_bits: 1 }],
  ['IVF_RABITQ', { ...LISTS, rbq_bits: 5 }],
  ['SCANN', { ...LISTS, sub_dim: 1, with_raw_data: true }],
];
const WIDEST = { ef: 1000, nprobe: 1000, refine_k: 1000, reorder_k: 1000, rbq_bits_query: 0 };

const addon = nativeAddon();
const ENGINES = [
  ['twin', null, 'float64'],
  ...(addon === null ? [] : [['native', addon, 'float32'] as const]),
] as const;

type Engine = (typeof ENGINES)[number];

interface Asked {
  readonly topK: number;
  readonly allowed: Bitmap | null;
  readonly width: SumWidth;
  /** Nothing may be missed; a walk among rows that count need not pass by all of them. */
  readonly isWhole: boolean;
}

function expectRight(
  world: World,
  hits: ReturnType<typeof hitLists>,
  { topK, allowed, width, isWhole }: Asked,
): void {
  const sign = largerIsBetter(world.metric) ? -1 : 1;
  const matching = allowed?.count() ?? world.rowCount;
  for (const [query, { rows, scores }] of hits.entries()) {
    const references = referenceScores(world, query, width);
    expect(rows.length).toBe(Math.min(topK, matching));
    expect(new Set(rows).size).toBe(rows.length);
    for (const [i, row] of rows.entries()) {
      expect(allowed?.get(row) ?? true).toBe(true);
      expect(isNear(scores[i]!, references[row]!)).toBe(true);
      if (i === 0) continue;
      const difference = sign * (scores[i]! - scores[i - 1]!);
      expect(difference > 0 || (difference === 0 && row > rows[i - 1]!)).toBe(true);
    }
    const last = scores.at(-1);
    for (const [row, { score, tolerance }] of isWhole ? references.entries() : []) {
      if (last === undefined || rows.includes(row) || allowed?.get(row) === false) continue;
      expect(Math.fround(sign * score + tolerance)).toBeGreaterThanOrEqual(sign * last);
    }
  }
}

function expectAllRight(
  world: World,
  [structure, build]: (typeof STRUCTURES)[number],
  { asked, engine }: { readonly asked: Pick<Asked, 'topK' | 'allowed'>; readonly engine: Engine },
): void {
  const [, kernels, width] = engine;
  const isGraph = structure.startsWith('HNSW');
  const builder = isGraph ? hnsw(kernels) : ivf(structure as ListStructure, kernels);
  const task = indexTask({ structure, build }, world);
  const image = builder.build(task);
  if (image === null) throw new Error('nobody cancels this build');
  const index = builder.open({ image, vectors: task.vectors, isChecked: false });
  // Of HNSW exact scores decide among twice as many as are wanted.
  const topK = structure === 'HNSW' ? Math.max(asked.topK, ROWS_MAX / 2) : asked.topK;
  for (const scanRows of isGraph ? [0, ROWS_MAX] : [0]) {
    const parameters = { ...WIDEST, [SCAN_ROWS_PARAMETER]: scanRows };
    const allowed = asked.allowed?.words ?? null;
    const hits = hitLists(searchAll(index, world, { topK, parameters, allowed }));
    const isWhole = !isGraph || scanRows > 0 || allowed === null;
    expectRight(world, hits, { topK, allowed: asked.allowed, width, isWhole });
  }
  index.close?.();
}

for (const engine of ENGINES) {
  describe.each(
    STRUCTURES.map((one) => [[one[0], ...Object.values(one[1])].join(' '), one] as const),
  )(`%s, ${engine[0]}`, (_, named) => {
    const types = vectorIndexKind(named[0])?.types ?? [];
    const kinds = TYPES_AND_METRICS.filter(([type]) => types.includes(type));

    it.each(kinds.map(([type, metric]) => [dataTypeName(type), metric, type] as const))(
      'is right about %s by %s',
      (_name, metric, type) => {
        const world = arbitraryWorld([type, metric], { rowCountMax: ROWS_MAX, queryCountMax: 3 });
        const bits = fc.array(fc.boolean(), { minLength: ROWS_MAX, maxLength: ROWS_MAX });
        const topKs = fc.integer({ min: 1, max: ROWS_MAX + 10 });
        const property = fc.property(world, topKs, fc.option(bits), (made, topK, chosen) => {
          const allowed = chosen === null ? null : new Bitmap(made.rowCount);
          for (let row = 0; row < made.rowCount; row++)
            if (chosen?.[row] === true) allowed?.set(row);
          expectAllRight(made, named, { asked: { topK, allowed }, engine });
        });
        fc.assert(property, { numRuns: 10 });
      },
    );
  });
}

describe.each(ENGINES)('what is too large for float32, %s', (_engine, kernels) => {
  it.each([
    ['L2', Number.POSITIVE_INFINITY],
    ['IP', Number.NEGATIVE_INFINITY],
    ['COSINE', -1],
  ] as const)('has a score by %s: %d', (metric, score) => {
    const values = new Float32Array(80).fill(3e38);
    const queries = new Float32Array(4).fill(-3e38);
    const type = DataType.FloatVector;
    const world = { type, metric, dim: 4, rowCount: 20, values, queryCount: 1, queries };
    const vectors = { type, dim: 4, values };
    const task = { vectors, metric, rowStart: 0, rowEnd: 20, allowed: null };
    const wanted = { kind: 'scan', queries, queryCount: 1, topK: 20, tieRowsMax: 0 } as const;
    expect(new Set(scanTopK({ ...task, ...wanted }, kernels).scores)).toEqual(new Set([score]));
    for (const [structure, builder] of [
      ['HNSW', hnsw(kernels)],
      ['IVF_FLAT', ivf('IVF_FLAT', kernels)],
    ] as const) {
      const build = structure === 'HNSW' ? GRAPH : LISTS;
      const image = builder.build(indexTask({ structure, build }, world));
      if (image === null) throw new Error('nobody cancels this build');
      const index = builder.open({ image, vectors, isChecked: false });
      const hits = searchAll(index, world, { topK: 20, parameters: WIDEST });
      expect(Array.from(hits.scores)).toEqual(Array.from({ length: 20 }, () => score));
    }
  });
});
