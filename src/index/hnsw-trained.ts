/**
 * Graphs over codes that are trained: which codes a structure has, and how an image gets them. A graph is
 * built over codes that need no training, or over the vectors themselves where those do not tell near rows
 * apart (code-fidelity.ts); the codes that its image keeps are written when its links are there.
 * native/src/graph_trained.h is the twin of this file.
 *
 *   structure   codes                                                             bytes a row
 *   HNSW_SQ     SQ8, SQ6 or SQ4U: so many bits an element; FP16, BF16             see codes.ts
 *   HNSW_PQ     m parts, of each the nearest of 2^nbits entries                   m, or 2 m above 8 bits
 *   HNSW_PRQ    the same nrq times, of each what the one before left over         nrq times as much
 *
 * With L2 and COSINE 4 bytes more, and with IP those of product codes.
 */
import { assert } from '../base/assert.ts';
import { Encoder } from './code-encoder.ts';
import { trainCodes } from './code-training.ts';
import {
  type CodeKind,
  codeMetric,
  type CodeShape,
  prepareVector,
  sampleRows,
  sizedFor,
} from './codes.ts';
import { widenVector } from './hnsw-codes.ts';
import type { GraphImage } from './hnsw-image.ts';
import { integerOf, type Parameters } from './parameters.ts';
import type { Vectors } from './distances.ts';
import type { IndexStructure } from './registry.ts';
import { type BuildControl, isBuildCancelled, type IndexTask } from './vector-index.ts';

/** Rows between two looks at whether the build is cancelled. */
const ROWS_AT_ONCE = 64;
const SCALAR_KINDS: readonly CodeKind[] = ['SQ8', 'SQ6', 'SQ4U', 'FP16', 'BF16'];

/** Structures that are graphs. */
export const GRAPHS: readonly IndexStructure[] = [
  'HNSW',
  'HNSW_SQ',
  'HNSW_PQ',
  'HNSW_PRQ',
  'DISKANN',
];

/** The codes that a graph's image keeps; null: those of hnsw-codes.ts. */
export function trainedCodeOf(task: IndexTask): CodeShape | null {
  const { structure, parameters, metric, vectors, rowCount } = task;
  const plain = { metric: codeMetric(metric), dim: vectors.dim, parts: 1, layers: 1 };
  if (structure === 'HNSW_SQ') {
    const kind = SCALAR_KINDS.find((name) => name === parameters['sq_type']);
    assert(kind !== undefined, 'a scalar code has a type');
    return sizedFor({ ...plain, kind, bits: 0, entries: 0 }, rowCount);
  }
  if (structure !== 'HNSW_PQ' && structure !== 'HNSW_PRQ') return null;
  const product = {
    ...plain,
    parts: integerOf(parameters, 'm'),
    bits: integerOf(parameters, 'nbits'),
    entries: 0,
  };
  if (structure === 'HNSW_PQ') return sizedFor({ ...product, kind: 'PRODUCT' }, rowCount);
  const layers = integerOf(parameters, 'nrq');
  return sizedFor({ ...product, layers, kind: 'RESIDUAL_PRODUCT' }, rowCount);
}

/** So many of the best rows by codes are ranked by exact costs, of an index that is refined. */
export function refinedCount(parameters: Parameters, topK: number): number {
  const factor = parameters['refine_k'];
  return typeof factor === 'number' ? Math.ceil(topK * factor) : topK;
}

/** Trains the codebook of an image and writes the codes of its rows; false when it was cancelled. */
export function writeTrainedCodes(
  image: GraphImage,
  vectors: Vectors,
  control: BuildControl,
): boolean {
  const { shape, codebook, codes } = image;
  if (shape.code === null) return true;
  const { rowCount, dim } = shape;
  const count = Math.min(rowCount, sampleRows(shape.code));
  const vectorsOfSample = new Float32Array(count * dim);
  for (let i = 0; i < count; i++) {
    const row = Math.floor((i * rowCount) / count);
    readRow(image, vectors, row, vectorsOfSample.subarray(i * dim, (i + 1) * dim));
  }
  const isCancelled = (): boolean => isBuildCancelled(control);
  const sample = { vectors: vectorsOfSample, count };
  if (!trainCodes(shape.code, sample, codebook, isCancelled)) return false;
  const encoder = new Encoder(shape.code, codebook);
  const vector = new Float32Array(dim);
  for (let row = 0; row < rowCount; row++) {
    if (row % ROWS_AT_ONCE === 0 && isCancelled()) return false;
    readRow(image, vectors, row, vector);
    encoder.encode(vector, null, codes, row);
  }
  return true;
}

/** A row as codes.ts wants it. */
function readRow({ shape }: GraphImage, { values }: Vectors, row: number, out: Float32Array): void {
  const { dim, code, metric } = shape;
  assert(code !== null, 'codes are trained');
  widenVector(shape, values.subarray(row * dim, (row + 1) * dim), out);
  prepareVector(code, metric === 'COSINE', out);
}
