/**
 * DISKANN: a graph that stays in its file, as the vectors do. What is in memory of both is what the system
 * keeps of files that are mapped; memory of its own is that of a walk, about 2 bytes a row for each thread
 * that searches. It is the graph of hnsw.ts over codes that are trained, with three differences:
 *
 *   - Its image, and the vectors of its field, are mapped whatever else is said of mapping; where nothing can
 *     be mapped they are in memory.
 *   - A node has `max_degree` links, rounded up to an even number and at least 4; places that pruning left go
 *     to neighbours that a slack of 1.2 lets pass, so that a walk finds more by as many lists of the file.
 *   - All candidates that a walk keeps, `search_list` of them, are ranked by their vectors.
 *
 * Codes are what each step of a walk reads many of, and so what the system keeps: they have
 * `pq_code_budget_gb_ratio` of the bytes of a vector, and 4 more that codes.ts names. Where that is 4, 6 or 8 bits
 * an element codes are scalar, which finds as much as product codes of as many bytes in a third of the time;
 * else they are of parts of one byte each, 8 at least, in several layers where `dim` has no divisor near.
 * What `search_cache_budget_gb_ratio` says is left to the system's cache. While a thread waits for the disk the
 * native walk asks for 8 lists ahead and for all vectors at once, whatever `beam_width_ratio` is.
 */
import { DataType } from '../schema/data-type.ts';
import { codeByteLength, type CodeKind, codeMetric, type CodeShape, sizedFor } from './codes.ts';
import type { GraphShape } from './hnsw-image.ts';
import { integerOf, type Parameters } from './parameters.ts';
import type { IndexTask } from './vector-index.ts';

const DEGREE_MIN = 2;
const PART_BYTES_MIN = 8;
const PART_BITS = 8;
const LAYERS_MAX = 16;
const BIAS_BYTES = 4;
/** Codes of a row, padding included, are at most this share of its vector where its budget is less. */
const MEMORY_SHARE = 0.2;
const SCALARS: readonly (readonly [kind: CodeKind, bits: number])[] = [
  ['SQ8', 8],
  ['SQ6', 6],
  ['SQ4', 4],
];

/** How a graph is linked by the parameters of its definition. */
export function diskLinksOf(
  parameters: Parameters,
): Pick<GraphShape, 'degree' | 'buildWidth' | 'isDisk'> {
  // Level 0 has twice as many links as there are above it.
  const degree = Math.max(DEGREE_MIN, Math.ceil(integerOf(parameters, 'max_degree') / 2));
  return { degree, buildWidth: integerOf(parameters, 'search_list_size'), isDisk: true };
}

/** The most precise codes that are within the budget. */
export function diskCodeOf({ parameters, metric, vectors, rowCount }: IndexTask): CodeShape {
  const { type, dim } = vectors;
  const rowBytes = type === DataType.FloatVector ? dim * 4 : dim * 2;
  const budget = rowBytes * Number(parameters['pq_code_budget_gb_ratio']);
  const common = { metric: codeMetric(metric), dim };
  for (const [kind, bits] of SCALARS) {
    const scalar = { ...common, kind, parts: 1, layers: 1, bits: 0, entries: 0 };
    const most = Math.max(budget + BIAS_BYTES, rowBytes * MEMORY_SHARE);
    if ((dim * bits) / 8 <= budget && codeByteLength(scalar) <= most) return scalar;
  }
  const bytes = Math.max(PART_BYTES_MIN, Math.floor(budget));
  const parts = largestDivisor(dim, bytes);
  const layers = parts === dim ? 1 : Math.min(LAYERS_MAX, Math.floor(bytes / parts));
  const kind = layers === 1 ? 'PRODUCT' : 'RESIDUAL_PRODUCT';
  return sizedFor({ ...common, kind, parts, layers, bits: PART_BITS, entries: 0 }, rowCount);
}

function largestDivisor(of: number, most: number): number {
  let divisor = Math.min(of, most);
  while (of % divisor !== 0) divisor--;
  return divisor;
}
