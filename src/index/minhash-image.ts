/**
 * The image of a MINHASH_LSH index: a table of hashes for each band of the signatures, and filters before
 * the tables. The signatures are not in it. Little-endian; every section begins at a multiple of 64 bytes,
 * with zeros between, in this order. n rows, b bands, 2^p buckets, f filters of w blocks.
 *
 *     0  u8[8]    "MLBANDS\n"
 *     8  u32      version, 1
 *    12  u32      bytes of the header, 128
 *    16  u32      dim: bits of a signature
 *    20  u32      bytes of an element, 1 ... 32
 *    24  u32      b, 1 ... elements of a signature
 *    28  u32      n, 1 ... 2^31 - 1
 *    32  u32      p, 0 ... 28
 *    36  u32      f: b, or 1 that all bands share, or 0
 *    40  u32      w, 1 ... 2^25 - 1; 0 when f is 0
 *    44  u32      bits that a hash sets in its block, 1 ... 16; 0 when f is 0
 *    48  u64      bytes of the image
 *    56  u8[72]   0
 *   128  sections
 *        filters  f x w x 64    u8   Bloom filters in blocks of 512 bits, see minhash-filter.ts
 *        starts   b x (2^p + 1) u32  of band i and bucket j, from [i x (2^p + 1) + j] on: its entries
 *        entries  b x n x 2     u32  hash and row; of a band in the order of buckets, then of rows
 *
 * The hash of a band is MurmurHash3 of its bytes, the number of the band being its seed; its bucket is the
 * first p bits of it. Equal hashes are compared byte by byte, so a damaged table loses hits and finds none.
 * No search leaves the image, whatever its bytes are, and whatever those of a mapped file become: rows and
 * buckets are bounded where they are followed. `checkImage` finds a damaged one before.
 * native/src/minhash_image.h is the twin of this file.
 */
import { assert } from '../base/assert.ts';
import type { SignatureShape } from './minhash-signature.ts';

const HEADER_BYTES = 128;
const VERSION = 1;
const ALIGNMENT = 64;
const AT_LENGTH = 48;
const MAGIC: Uint8Array = new TextEncoder().encode('MLBANDS\n');
const ROWS_MAX = 0x7fffffff;
const DIM_MAX = 262_144;
const ELEMENT_BYTES_MAX = 32;
const BUCKET_BITS_MAX = 28;
const FILTER_BLOCK_BYTES = 64;
const FILTER_BLOCKS_MAX = 2 ** 25 - 1;
const FILTER_BITS_MAX = 16;
/** Bits of a filter for each hash, however rare its misses shall be. */
const BITS_OF_HASH_MAX = 32;

export interface TableShape extends SignatureShape {
  readonly dim: number;
  readonly rowCount: number;
  readonly bucketBits: number;
  readonly filterCount: number;
  readonly filterBlocks: number;
  readonly filterBits: number;
}

/** An image in place. */
export interface TableImage {
  readonly shape: TableShape;
  readonly bytes: Uint8Array;
  /** Empty without filters. */
  readonly filters: Uint32Array;
  readonly starts: Uint32Array;
  readonly entries: Uint32Array;
}

export interface TableOptions extends SignatureShape {
  readonly dim: number;
  readonly rowCount: number;
  /** Share of hashes that pass a filter and are in no table; at 1 there are no filters. */
  readonly falsePositives: number;
  readonly isFilterShared: boolean;
}

/** A few rows a bucket; a filter has room for the hashes of one band, also when all bands share it. */
export function planTables(options: TableOptions): TableShape {
  const { dim, rowCount, elementBytes, bandCount, falsePositives, isFilterShared } = options;
  const bucketBits = Math.min(BUCKET_BITS_MAX, Math.max(0, 30 - Math.clz32(rowCount)));
  const tables = { dim, elementBytes, bandCount, rowCount, bucketBits };
  if (falsePositives >= 1) return { ...tables, filterCount: 0, filterBlocks: 0, filterBits: 0 };
  const bitsOfHash = Math.min(BITS_OF_HASH_MAX, -Math.log(falsePositives) / Math.LN2 ** 2);
  const blocks = Math.ceil((rowCount * bitsOfHash) / (FILTER_BLOCK_BYTES * 8));
  return {
    ...tables,
    filterCount: isFilterShared ? 1 : bandCount,
    filterBlocks: Math.min(FILTER_BLOCKS_MAX, Math.max(1, blocks)),
    filterBits: Math.min(FILTER_BITS_MAX, Math.max(1, Math.round(bitsOfHash * Math.LN2))),
  };
}

/** The shape as native code is told it. */
export function shapeNumbers(shape: TableShape): TableNumbers {
  return [
    shape.dim,
    shape.elementBytes,
    shape.bandCount,
    shape.rowCount,
    shape.bucketBits,
    shape.filterCount,
    shape.filterBlocks,
    shape.filterBits,
  ];
}

interface Sections {
  readonly offsets: readonly [number, number, number];
  readonly lengths: readonly [number, number, number];
  readonly byteLength: number;
}

function sectionsOf(shape: TableShape): Sections {
  const { bandCount, rowCount, bucketBits, filterCount, filterBlocks } = shape;
  const lengths: [number, number, number] = [
    filterCount * filterBlocks * FILTER_BLOCK_BYTES,
    bandCount * (2 ** bucketBits + 1) * 4,
    bandCount * rowCount * 8,
  ];
  const padded = lengths.map((length) => Math.ceil(length / ALIGNMENT) * ALIGNMENT);
  const [filters = 0, starts = 0, entries = 0] = padded;
  const offsets: [number, number, number] = [
    HEADER_BYTES,
    HEADER_BYTES + filters,
    HEADER_BYTES + filters + starts,
  ];
  return { offsets, lengths, byteLength: offsets[2] + entries };
}

export function imageByteLength(shape: TableShape): number {
  return sectionsOf(shape).byteLength;
}

/** @param bytes as many as `imageByteLength`, at a multiple of 4 bytes */
export function layOut(shape: TableShape, bytes: Uint8Array): TableImage {
  const { offsets, lengths, byteLength } = sectionsOf(shape);
  assert(bytes.byteLength === byteLength, 'an image has the length of its sections');
  assert(bytes.byteOffset % 4 === 0, 'an image begins at a multiple of 4 bytes');
  const words = (section: 0 | 1 | 2): Uint32Array =>
    new Uint32Array(bytes.buffer, bytes.byteOffset + offsets[section], lengths[section] / 4);
  return { shape, bytes, filters: words(0), starts: words(1), entries: words(2) };
}

export function writeHeader({ shape, bytes }: TableImage): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  bytes.fill(0, 0, HEADER_BYTES);
  bytes.set(MAGIC);
  for (const [i, word] of [VERSION, HEADER_BYTES, ...shapeNumbers(shape)].entries()) {
    view.setUint32(8 + i * 4, word, true);
  }
  view.setBigUint64(AT_LENGTH, BigInt(bytes.byteLength), true);
}

/** Whether it is an image of a newer version than this code knows; null when it is none at all. */
export function newerVersion(bytes: Uint8Array): number | null {
  if (bytes.byteLength < HEADER_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte)) return null;
  const version = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES).getUint32(8, true);
  return version > VERSION ? version : null;
}

/** The image at `bytes`, its header checked; or in words why there is none. */
export function openImage(bytes: Uint8Array): TableImage | string {
  if (bytes.byteLength < HEADER_BYTES) return 'it is shorter than its header';
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) return 'it does not begin as tables do';
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const word = (at: number): number => view.getUint32(at, true);
  if (word(8) !== VERSION || word(12) !== HEADER_BYTES) return 'its version is another one';
  const shape: TableShape = {
    dim: word(16),
    elementBytes: word(20),
    bandCount: word(24),
    rowCount: word(28),
    bucketBits: word(32),
    filterCount: word(36),
    filterBlocks: word(40),
    filterBits: word(44),
  };
  if (!isTableShape(shape)) return 'its header says what no tables can be';
  const byteLength = imageByteLength(shape);
  if (Number(view.getBigUint64(AT_LENGTH, true)) !== byteLength) {
    return 'its sections are not where they belong';
  }
  return bytes.byteLength === byteLength ? layOut(shape, bytes) : 'its length is another one';
}

function isTableShape(shape: TableShape): boolean {
  const { dim, elementBytes, bandCount, rowCount, bucketBits } = shape;
  if (dim < 8 || dim > DIM_MAX || elementBytes < 1 || elementBytes > ELEMENT_BYTES_MAX)
    return false;
  const elements = dim / 8 / elementBytes;
  if (!Number.isInteger(elements) || bandCount < 1 || bandCount > elements) return false;
  if (rowCount < 1 || rowCount > ROWS_MAX || bucketBits > BUCKET_BITS_MAX) return false;
  const { filterCount, filterBlocks, filterBits } = shape;
  if (filterCount === 0) return filterBlocks === 0 && filterBits === 0;
  const areBlocks = filterBlocks >= 1 && filterBlocks <= FILTER_BLOCKS_MAX;
  const areBits = filterBits >= 1 && filterBits <= FILTER_BITS_MAX;
  return (filterCount === 1 || filterCount === bandCount) && areBlocks && areBits;
}

/** Checks every number that leads somewhere, in one pass; null, or in words what is wrong. */
export function checkImage({ shape, starts, entries }: TableImage): string | null {
  const { bandCount, rowCount, bucketBits } = shape;
  const bucketCount = 2 ** bucketBits;
  for (let band = 0; band < bandCount; band++) {
    const first = band * (bucketCount + 1);
    if (starts[first] !== 0 || starts[first + bucketCount] !== rowCount) {
      return 'a table does not hold every row';
    }
    for (let bucket = first; bucket < first + bucketCount; bucket++) {
      if (starts[bucket]! > starts[bucket + 1]!) return 'a bucket ends before it begins';
    }
  }
  for (let i = 1; i < entries.length; i += 2) {
    if (entries[i]! >= rowCount) return 'an entry leads nowhere';
  }
  return null;
}

/** In the order in which native code takes them. */
export type TableNumbers = readonly [
  dim: number,
  elementBytes: number,
  bandCount: number,
  rowCount: number,
  bucketBits: number,
  filterCount: number,
  filterBlocks: number,
  filterBits: number,
];
