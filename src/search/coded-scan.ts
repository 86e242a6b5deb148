/**
 * Scans by codes: where a segment has the codes of a FLAT index, a scan compares these and measures few of
 * its vectors. Hits are the same with and without, so whatever is wrong with codes only costs time.
 */
import { MilvusError } from '../base/errors.ts';
import { INDEX_ROWS_MIN } from '../base/limits.ts';
import type { Vectors } from '../index/distances.ts';
import { checkFlatImage, usesFlatCodes } from '../index/flat-index.ts';
import { fieldWithId } from '../schema/fields.ts';
import type { ChunkIndex } from '../segments/segment.ts';
import type { Source } from './source.ts';
import type { SearchPlan } from './plan.ts';
import type { ReadContext } from './read-context.ts';
import { vectorsOf } from './vectors.ts';

/** Vectors that are measured in the time in which the codes of so many are compared, about. */
export const CODES_PER_VECTOR = 4;

export interface CodedVectors {
  readonly vectors: Vectors;
  readonly codes: Uint8Array;
}

/** The codes of a source; null where there are none, or they are of no use. */
export function codesOf(
  { index }: SearchPlan,
  { chunk, rowCount }: Source,
  { indexRowsMin = INDEX_ROWS_MIN }: ReadContext,
): ChunkIndex | null {
  if (index?.structure !== 'FLAT' || rowCount < indexRowsMin || !usesFlatCodes()) return null;
  return chunk.index?.(index) ?? null;
}

/** @returns null when they are damaged */
export async function openCodes(
  chunkIndex: ChunkIndex,
  { schema, fieldId }: SearchPlan,
): Promise<CodedVectors | null> {
  const files = await chunkIndex.open(fieldWithId(schema, fieldId));
  if (files === null) return null;
  const vectors = vectorsOf(files.vectors);
  const codes = files.image.bytes;
  try {
    checkFlatImage(codes, vectors);
    return { vectors, codes };
  } catch (failure) {
    if (!(failure instanceof MilvusError) || failure.reason !== 'DataIntegrity') throw failure;
    chunkIndex.reportDamage(failure);
    return null;
  }
}
