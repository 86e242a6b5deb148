/**
 * FLAT: the exact scan, with codes that spare it most of the vectors (flat-image.ts). The image changes no
 * hit, so the twins, which would gain nothing, scan without it.
 *
 * Bytes a row: dim rounded up to 4, and 12, with L2 16; the vectors are the segment's own.
 */
import { assert } from '../base/assert.ts';
import { milvusError } from '../base/errors.ts';
import { type NativeAddon, nativeAddon } from '../base/native.ts';
import type { Vectors } from './distances.ts';
import {
  flatByteLength,
  type FlatMetric,
  type FlatShape,
  flatShapeOf,
  FlatWriter,
  hasFlatCodes,
  newerFlatVersion,
} from './flat-image.ts';
import { scanTopK } from './kernels.ts';
import {
  type IndexBuilder,
  type IndexHits,
  type IndexQueries,
  type IndexTask,
  isBuildCancelled,
  type OpenOptions,
  setRowsBuilt,
  type VectorIndex,
} from './vector-index.ts';

/** Elements between two looks at whether the build is cancelled: some milliseconds. */
const ELEMENTS_AT_ONCE = 1 << 20;

/** @param addon null: the twin */
export function flat(addon: NativeAddon | null = nativeAddon()): IndexBuilder {
  return { build, open: (options) => new FlatIndex(options, addon) };
}

/** Whether scans by codes are faster here. */
export function usesFlatCodes(addon: NativeAddon | null = nativeAddon()): boolean {
  return addon !== null;
}

function build({ metric, vectors, rowCount, control }: IndexTask): Uint8Array | null {
  const { type, dim } = vectors;
  assert(hasFlatCodes(type, metric), 'only float vectors have codes');
  const shape: FlatShape = { type, metric, dim, rowCount };
  const image = new Uint8Array(new SharedArrayBuffer(flatByteLength(shape)));
  const writer = new FlatWriter(shape, vectors, image);
  const rowsAtOnce = Math.max(1, Math.floor(ELEMENTS_AT_ONCE / dim));
  for (let row = 0; row < rowCount; row += rowsAtOnce) {
    if (isBuildCancelled(control)) return null;
    const end = Math.min(rowCount, row + rowsAtOnce);
    writer.encode(row, end);
    setRowsBuilt(control, end);
  }
  return image;
}

/**
 * Checks that an image is one of these vectors.
 * @throws MilvusError DataIntegrity; FormatNotSupported when a newer version wrote it
 */
export function checkFlatImage(image: Uint8Array, vectors: Vectors): FlatShape {
  const version = newerFlatVersion(image);
  if (version !== null) {
    throw milvusError('FormatNotSupported', { fields: { index: 'FLAT', version } });
  }
  const shape = flatShapeOf(image);
  if (typeof shape === 'string') throw damagedImage(shape);
  const isOfThese = shape.type === vectors.type && shape.dim === vectors.dim;
  if (!isOfThese || shape.rowCount * shape.dim > vectors.values.length) {
    throw damagedImage('it is of other vectors');
  }
  return shape;
}

function damagedImage(reason: string): Error {
  return milvusError('DataIntegrity', {
    message: `the image of a FLAT index is damaged: ${reason}`,
  });
}

class FlatIndex implements VectorIndex {
  readonly metric: FlatMetric;
  readonly rowCount: number;
  readonly byteLength: number;
  readonly #image: Uint8Array;
  readonly #vectors: Vectors;
  readonly #addon: NativeAddon | null;

  constructor({ image, vectors }: OpenOptions, addon: NativeAddon | null) {
    const { metric, rowCount } = checkFlatImage(image, vectors);
    this.metric = metric;
    this.rowCount = rowCount;
    this.byteLength = image.byteLength;
    this.#image = image;
    this.#vectors = vectors;
    this.#addon = addon;
  }

  search({ queries, queryCount, topK, allowed }: IndexQueries): IndexHits {
    const found = scanTopK(
      {
        kind: 'scan',
        metric: this.metric,
        vectors: this.#vectors,
        rowStart: 0,
        rowEnd: this.rowCount,
        allowed,
        queries,
        queryCount,
        topK,
        tieRowsMax: 0,
        codes: this.#image,
      },
      this.#addon,
    );
    return { counts: found.counts, rows: found.rows, scores: found.scores };
  }
}
