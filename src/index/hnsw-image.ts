/**
 * The image of an HNSW graph: one run of bytes that is written to a file as it is, and searched wherever
 * it lies. The vectors are not in it. Little-endian; every section begins at a multiple of 64 bytes,
 * with zeros between, in this order. n rows, u upper nodes (on a level above 0) with l lists together.
 *
 *     0  u8[8]    "MLGRAPH\n"
 *     8  u32      version, 3
 *    12  u32      bytes of the header, 256
 *    16  u32      vector type: 0 float32, 1 float16, 2 bfloat16, 3 int8, 4 binary
 *    20  u32      metric: 0 L2, 1 IP, 2 COSINE, 3 HAMMING, 4 JACCARD
 *    24  u32      dim
 *    28  u32      n, 1 ... 2^31 - 1
 *    32  u32      degree M, 2 ... 2048: neighbours on upper levels, twice as many on level 0
 *    36  u32      build width, the candidates an insertion looked at
 *    40  u32      u
 *    44  u32      l
 *    48  u32      top level, at most 24
 *    52  u32      rows that equal an earlier row byte for byte
 *    56  u32      entry: row of a node on the top level
 *    60  u32      entry as an upper node; 2^32 - 1 when the top level is 0
 *    64  u32      code stride: dim rounded up to a multiple of 64; 0 when binary or without codes; that of
 *                 codes.ts when trained
 *    68  u32      0: codes of hnsw-codes.ts; 1: codes that were trained, see codes.ts; 2: the same, and more
 *                 rows than are wanted may be ranked by exact costs; 3: the same of a graph of diskann.ts;
 *                 4: without codes, of float vectors, by whose exact costs it is walked
 *    72  u64      bytes of the image
 *    80  u64[9]   where the sections begin
 *   152  u32[8]   what was trained: a CodeShape of native/src/codes.h; else 0
 *   184  u8[72]   0
 *   256  sections
 *        codes         n x code stride  u8   element + 128, padded with 128; none when binary or without
 *                                            codes; a run of codes.ts when trained
 *        scales        n                f32  what one step of a code is worth; none when binary, without
 *                                            codes or trained
 *        squares       n                f32  L2: squared length of the decoded code; JACCARD: set bits; none
 *                                            of other metrics, or when trained. Without codes, COSINE: squared
 *                                            length of the vector, or 0 where float32 is no measure of it
 *        links         n x 2M           u32  neighbours on level 0 as rows; behind the last 2^32 - 1
 *        twins         n                u32  the next row equal to this one, always a later one, or
 *                                            2^32 - 1; none when no two rows are equal
 *        upper rows    u                u32  rows of upper nodes
 *        upper starts  u + 1            u32  node i has lists [start i, start i + 1): levels 1, 2 ...
 *        upper links   l x M            u32  neighbours as upper nodes; behind the last 2^32 - 1
 *        codebook                       u8   of the codes that were trained; else none
 *
 * Of rows that are equal only the first is a node; others have no links and are found through `twins`.
 * No walk leaves the image or fails to end, whatever its bytes are, and whatever those of a mapped file become:
 * numbers that lead somewhere are bounded where they are followed. `checkImage` finds a damaged one before.
 * native/src/graph_image.h is the twin of this file.
 */
import { assert, must } from '../base/assert.ts';
import { DataType, type DenseVectorType } from '../schema/data-type.ts';
import {
  checkCodebook,
  checkRun,
  codebookByteLength,
  codeByteLength,
  type CodeShape,
  codeShapeOf,
  codeShapeWords,
  hasStride,
  isCodeShape,
} from './codes.ts';
import { metricsOf } from './metrics.ts';
import type { MetricType } from './metric-type.ts';
import { GRAPH_M_MAX } from './parameter-rules.ts';

export const NO_NODE = 0xffffffff;
export const GRAPH_LEVELS_MAX = 24;
const ROWS_MAX = 0x7fffffff;
const DIM_MAX = 32_768;
const BINARY_DIM_MAX = 262_144;
const HEADER_BYTES = 256;
const VERSION = 3;
const ALIGNMENT = 64;
const MAGIC: Uint8Array = new TextEncoder().encode('MLGRAPH\n');
const TRAINED_DISK = 3;
const OVER_VECTORS = 4;
const AT_LENGTH = 72;
const AT_OFFSETS = 80;
const AT_CODE = 152;
const CODE_WORDS = 8;

const TYPES: readonly DenseVectorType[] = [
  DataType.FloatVector,
  DataType.Float16Vector,
  DataType.BFloat16Vector,
  DataType.Int8Vector,
  DataType.BinaryVector,
];
const METRICS: readonly MetricType[] = ['L2', 'IP', 'COSINE', 'HAMMING', 'JACCARD'];

export interface GraphShape {
  readonly type: DenseVectorType;
  readonly metric: MetricType;
  readonly dim: number;
  readonly rowCount: number;
  readonly degree: number;
  readonly buildWidth: number;
  /** Codes that were trained; null: those of hnsw-codes.ts. */
  readonly code: CodeShape | null;
  /** Searches may have more rows ranked by exact costs than they want; of codes that were trained. */
  readonly isRefined: boolean;
  /** Made to stay in its file: see diskann.ts; of codes that were trained. */
  readonly isDisk: boolean;
  /**
   * Built over float vectors by exact costs, and without codes unless they are trained; of a trained one that
   * was opened, false: its image does not say.
   */
  readonly isOverVectors: boolean;
}

/** How many there are of what, from which the place of every section follows. */
export interface GraphCounts {
  readonly upperCount: number;
  readonly upperListCount: number;
  readonly topLevel: number;
  readonly twinCount: number;
}

/** An image in place; sections that it lacks are empty. */
export interface GraphImage {
  readonly shape: GraphShape;
  readonly counts: GraphCounts;
  readonly bytes: Uint8Array;
  readonly codeStride: number;
  readonly codes: Uint8Array;
  readonly scales: Float32Array;
  readonly squares: Float32Array;
  readonly codebook: Uint8Array;
  readonly links: Uint32Array;
  readonly twins: Uint32Array;
  readonly upperRows: Uint32Array;
  readonly upperStarts: Uint32Array;
  readonly upperLinks: Uint32Array;
  entryRow: number;
  entryUpper: number;
}

/** The next row equal to this one, a later one, so that chains end; else NO_NODE. */
export function nextTwin({ twins, shape }: GraphImage, row: number): number {
  const next = twins[row]!;
  return next > row && next < shape.rowCount ? next : NO_NODE;
}

/** As the header and the native kernels number it. */
export function typeNumber(type: DenseVectorType): number {
  return TYPES.indexOf(type);
}

export function metricNumber(metric: MetricType): number {
  return METRICS.indexOf(metric);
}

/** Whether an image can be of this shape: none that cannot is built. */
export function isGraphShape(shape: GraphShape): boolean {
  const { type, metric, dim, rowCount, degree, buildWidth } = shape;
  const isBinary = type === DataType.BinaryVector;
  if (!metricsOf(type).includes(metric)) return false;
  if (dim < 1 || dim > (isBinary ? BINARY_DIM_MAX : DIM_MAX)) return false;
  if (isBinary && dim % 8 !== 0) return false;
  if (rowCount < 1 || rowCount > ROWS_MAX) return false;
  if (shape.code !== null && !isCodeOf(shape, shape.code)) return false;
  if (shape.isOverVectors && (isBinary || type === DataType.Int8Vector)) return false;
  return degree >= 2 && degree <= GRAPH_M_MAX && buildWidth >= 1;
}

function isCodeOf({ type, metric, dim }: GraphShape, code: CodeShape): boolean {
  if (type === DataType.BinaryVector || !isCodeShape(code) || !hasStride(code)) return false;
  return code.dim === dim && code.metric === metric;
}

/** Bytes of a code in the image. */
export function codeStrideOf(shape: GraphShape): number {
  if (shape.code !== null) return codeByteLength(shape.code);
  return hasOwnCodes(shape) ? Math.ceil(shape.dim / ALIGNMENT) * ALIGNMENT : 0;
}

/** Whether it has the codes of hnsw-codes.ts, and scales of them. */
export function hasOwnCodes({ type, code, isOverVectors }: GraphShape): boolean {
  return code === null && type !== DataType.BinaryVector && !isOverVectors;
}

export function hasSquares({ metric, code, isOverVectors }: GraphShape): boolean {
  if (code !== null) return false;
  return isOverVectors ? metric === 'COSINE' : metric === 'L2' || metric === 'JACCARD';
}

interface Sections {
  readonly offsets: readonly number[];
  readonly lengths: readonly number[];
  readonly byteLength: number;
}

function sectionsOf(shape: GraphShape, counts: GraphCounts): Sections {
  const { rowCount, degree, code } = shape;
  const rowWords = rowCount * 4;
  const lengths = [
    rowCount * codeStrideOf(shape),
    hasOwnCodes(shape) ? rowWords : 0,
    hasSquares(shape) ? rowWords : 0,
    rowWords * 2 * degree,
    counts.twinCount === 0 ? 0 : rowWords,
    counts.upperCount * 4,
    (counts.upperCount + 1) * 4,
    counts.upperListCount * degree * 4,
    code === null ? 0 : codebookByteLength(code),
  ];
  const offsets: number[] = [];
  let at = HEADER_BYTES;
  for (const length of lengths) {
    offsets.push(at);
    at += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  }
  return { offsets, lengths, byteLength: at };
}

export function imageByteLength(shape: GraphShape, counts: GraphCounts): number {
  return sectionsOf(shape, counts).byteLength;
}

/** @param bytes as many as `imageByteLength`, at a multiple of 4 bytes */
export function layOut(shape: GraphShape, counts: GraphCounts, bytes: Uint8Array): GraphImage {
  const sections = sectionsOf(shape, counts);
  assert(bytes.byteLength === sections.byteLength, 'an image has the length of its sections');
  assert(bytes.byteOffset % 4 === 0, 'an image begins at a multiple of 4 bytes');
  const place = (section: number): readonly [ArrayBufferLike, number, number] => [
    bytes.buffer,
    bytes.byteOffset + must(sections.offsets[section], 'a section has an offset'),
    must(sections.lengths[section], 'a section has a length') /
      (section === 0 || section === 8 ? 1 : 4),
  ];
  return {
    shape,
    counts,
    bytes,
    codeStride: codeStrideOf(shape),
    codes: new Uint8Array(...place(0)),
    scales: new Float32Array(...place(1)),
    squares: new Float32Array(...place(2)),
    links: new Uint32Array(...place(3)),
    twins: new Uint32Array(...place(4)),
    upperRows: new Uint32Array(...place(5)),
    upperStarts: new Uint32Array(...place(6)),
    upperLinks: new Uint32Array(...place(7)),
    codebook: new Uint8Array(...place(8)),
    entryRow: NO_NODE,
    entryUpper: NO_NODE,
  };
}

export function writeHeader(image: GraphImage): void {
  const { shape, counts, bytes } = image;
  const { offsets, byteLength } = sectionsOf(shape, counts);
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const words = [
    VERSION,
    HEADER_BYTES,
    typeNumber(shape.type),
    metricNumber(shape.metric),
    shape.dim,
    shape.rowCount,
    shape.degree,
    shape.buildWidth,
    counts.upperCount,
    counts.upperListCount,
    counts.topLevel,
    counts.twinCount,
    image.entryRow,
    image.entryUpper,
    image.codeStride,
    codesWord(shape),
  ];
  bytes.fill(0, 0, HEADER_BYTES);
  bytes.set(MAGIC);
  for (const [i, word] of words.entries()) view.setUint32(8 + i * 4, word, true);
  view.setBigUint64(AT_LENGTH, BigInt(byteLength), true);
  for (const [i, at] of offsets.entries()) {
    view.setBigUint64(AT_OFFSETS + i * 8, BigInt(at), true);
  }
  if (shape.code === null) return;
  for (const [i, word] of codeShapeWords(shape.code).entries()) {
    view.setUint32(AT_CODE + i * 4, word, true);
  }
}

function codesWord({ code, isRefined, isDisk, isOverVectors }: GraphShape): number {
  if (code === null) return isOverVectors ? OVER_VECTORS : 0;
  if (isDisk) return TRAINED_DISK;
  return isRefined ? 2 : 1;
}

/** Whether it is an image of a newer version than this code knows; null when it is none at all. */
export function newerVersion(bytes: Uint8Array): number | null {
  if (bytes.byteLength < HEADER_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte)) return null;
  const version = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES).getUint32(8, true);
  return version > VERSION ? version : null;
}

/** The image at `bytes`, its header checked; or in words why there is none. */
export function openImage(bytes: Uint8Array): GraphImage | string {
  if (bytes.byteLength < HEADER_BYTES) return 'it is shorter than its header';
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) return 'it does not begin as a graph does';
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const word = (at: number): number => view.getUint32(at, true);
  if (word(8) !== VERSION || word(12) !== HEADER_BYTES) return 'its version is another one';
  const type = TYPES[word(16)];
  const metric = METRICS[word(20)];
  if (type === undefined || metric === undefined) return 'its header says what no graph can be';
  const codeWords = Array.from({ length: CODE_WORDS }, (_, i) => word(AT_CODE + i * 4));
  const isTrained = word(68) > 0 && word(68) <= TRAINED_DISK;
  const code = isTrained ? codeShapeOf(codeWords) : null;
  if (word(68) > OVER_VECTORS || (isTrained && code === null)) {
    return 'its header says what no graph can be';
  }
  const shape: GraphShape = {
    type,
    metric,
    dim: word(24),
    rowCount: word(28),
    degree: word(32),
    buildWidth: word(36),
    code,
    isRefined: word(68) === 2,
    isDisk: word(68) === TRAINED_DISK,
    isOverVectors: word(68) === OVER_VECTORS,
  };
  const counts: GraphCounts = {
    upperCount: word(40),
    upperListCount: word(44),
    topLevel: word(48),
    twinCount: word(52),
  };
  if (
    !isGraphShape(shape) ||
    !areCountsPossible(shape, counts) ||
    word(64) !== codeStrideOf(shape)
  ) {
    return 'its header says what no graph can be';
  }
  const { offsets, byteLength } = sectionsOf(shape, counts);
  const long = (at: number): number => Number(view.getBigUint64(at, true));
  if (long(AT_LENGTH) !== byteLength || offsets.some((at, i) => long(AT_OFFSETS + i * 8) !== at)) {
    return 'its sections are not where they belong';
  }
  if (bytes.byteLength !== byteLength) return 'its length is another one';
  const [entryRow, entryUpper] = [word(56), word(60)];
  const isUpper = counts.upperCount > 0;
  if (entryRow >= shape.rowCount) return 'its entry is no node';
  if (isUpper ? entryUpper >= counts.upperCount : entryUpper !== NO_NODE) {
    return 'its entry is no node';
  }
  const image = layOut(shape, counts, bytes);
  image.entryRow = entryRow;
  image.entryUpper = entryUpper;
  return image;
}

function areCountsPossible({ rowCount }: GraphShape, counts: GraphCounts): boolean {
  const { upperCount, upperListCount, topLevel, twinCount } = counts;
  if (upperCount > rowCount || twinCount >= rowCount || topLevel > GRAPH_LEVELS_MAX) return false;
  if (upperListCount < upperCount || upperListCount > upperCount * GRAPH_LEVELS_MAX) return false;
  return (topLevel === 0) === (upperCount === 0);
}

/** Checks every number that leads somewhere, in one pass; null, or in words what is wrong. */
export function checkImage(image: GraphImage): string | null {
  const { shape, counts } = image;
  if (!areSizes(image.scales) || !areSizes(image.squares)) return 'a scale is no number';
  if (!areCodesSound(image)) return 'a code is none';
  if (!areLinksBelow(image.links, shape.rowCount)) return 'a link leads nowhere';
  if (!areStartsSound(image)) return 'an upper node is none';
  if (counts.upperCount > 0) {
    const isOnTop = levelOf(image, image.entryUpper) === counts.topLevel;
    if (image.upperRows[image.entryUpper] !== image.entryRow || !isOnTop) {
      return 'the entry is not on the top level';
    }
    if (!areUpperLinksSound(image)) return 'an upper link leads nowhere';
  }
  return areTwinsSound(image) ? null : 'equal rows are not in order';
}

function areCodesSound({ shape, codebook, codes }: GraphImage): boolean {
  if (shape.code === null) return true;
  return checkCodebook(codebook) && checkRun(shape.code, codes, shape.rowCount);
}

function areSizes(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) {
    const isSize = values[i]! >= 0 && values[i]! < Number.POSITIVE_INFINITY;
    // NaN is neither.
    if (!isSize) return false;
  }
  return true;
}

function areLinksBelow(links: Uint32Array, end: number): boolean {
  for (let i = 0; i < links.length; i++) {
    if (links[i]! >= end && links[i]! !== NO_NODE) return false;
  }
  return true;
}

/** The highest level of an upper node. */
function levelOf(image: GraphImage, node: number): number {
  return image.upperStarts[node + 1]! - image.upperStarts[node]!;
}

function areStartsSound(image: GraphImage): boolean {
  const { upperCount, upperListCount, topLevel } = image.counts;
  const { upperStarts, upperRows } = image;
  if (upperStarts[0] !== 0 || upperStarts[upperCount] !== upperListCount) return false;
  for (let node = 0; node < upperCount; node++) {
    const level = levelOf(image, node);
    if (level < 1 || level > topLevel || upperRows[node]! >= image.shape.rowCount) return false;
  }
  return true;
}

/** A link on a level leads to a node that is there on that level. */
function areUpperLinksSound(image: GraphImage): boolean {
  const { upperStarts, upperLinks, counts } = image;
  const { degree } = image.shape;
  if (!areLinksBelow(upperLinks, counts.upperCount)) return false;
  for (let node = 0; node < counts.upperCount; node++) {
    const start = upperStarts[node]!;
    for (let list = start; list < upperStarts[node + 1]!; list++) {
      for (let i = list * degree; i < (list + 1) * degree; i++) {
        const link = upperLinks[i]!;
        if (link !== NO_NODE && levelOf(image, link) <= list - start) return false;
      }
    }
  }
  return true;
}

/** Chains of equal rows ascend, so they end, and no row is in two of them. */
function areTwinsSound(image: GraphImage): boolean {
  const { twins, shape, counts } = image;
  const seen = new Uint8Array(twins.length);
  let found = 0;
  for (let row = 0; row < twins.length; row++) {
    const next = twins[row]!;
    if (next === NO_NODE) continue;
    if (next >= shape.rowCount || next <= row || seen[next] === 1) return false;
    seen[next] = 1;
    found++;
  }
  return found === counts.twinCount;
}
