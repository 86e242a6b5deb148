/**
 * The image of inverted lists: one run of bytes that is written to a file as it is, and searched wherever it
 * lies. The vectors are not in it. Little-endian; every section begins at a multiple of 64 bytes, with zeros
 * between, in this order. n rows in c lists.
 *
 *     0  u8[8]    "MLLISTS\n"
 *     8  u32      version, 2
 *    12  u32      bytes of the header, 256
 *    16  u32      vector type: 0 float32, 1 float16, 2 bfloat16, 3 int8, 4 binary
 *    20  u32      metric: 0 L2, 1 IP, 2 COSINE, 3 HAMMING, 4 JACCARD
 *    24  u32      dim
 *    28  u32      n, 1 ... 2^31 - 1
 *    32  u32      c, at most n
 *    36  u32      s, slots: places of codes. A list has as many as rows; with panels rounded up to a
 *                 multiple of 16, with codes in blocks to one of 32
 *    40  u32      codes: 0 none, 1 panels as in panel-codes.ts, 2 trained as in codes.ts
 *    44  u32[8]   the shape of trained codes; 0
 *    76  u32      1 when more candidates than hits may be asked of trained codes, else 0
 *    80  u64      bytes of the image
 *    88  u64[9]   where the sections begin
 *   160  u8[96]   0
 *   256  sections
 *        centroids   c x dim  f32  prepared as codes are, with trained codes of IP and COSINE as long as the
 *                                  mean projection of their rows; binary: c vectors of bits
 *        counts      c        u32  rows of each list
 *        rows        n        u32  list by list, each row once
 *        codes       slots    u8   list by list: panels, or the runs of trained codes; none when none
 *        scales      s        f32  panels only, as the next three
 *        errors      s        f32
 *        lengths     s        f32
 *        halves      s        f32  L2 only
 *        codebook             u8   trained only
 *
 * No search leaves the image, whatever its bytes are, and whatever those of a mapped file become: the starts of
 * lists are read once, rows are bounded where they are followed. `checkLists` finds a damaged one before.
 * native/src/ivf_image.h is the twin of this file.
 */
import { assert } from '../base/assert.ts';
import { DataType, type DenseVectorType } from '../schema/data-type.ts';
import {
  checkCodebook,
  checkRun,
  codebookByteLength,
  type CodeShape,
  codeShapeOf,
  codeShapeWords,
  hasStride,
  isCodeShape,
  runByteLength,
} from './codes.ts';
import { metricNumber, typeNumber } from './hnsw-image.ts';
import { isBitSpace, type MeansSpace, meansStride, type MeansVectors } from './k-means.ts';
import { metricsOf } from './metrics.ts';
import type { MetricType } from './metric-type.ts';
import { PANEL_ROWS, type Panels, panelStride } from './panel-codes.ts';

const ROWS_MAX = 0x7fffffff;
const DIM_MAX = 32_768;
const BINARY_DIM_MAX = 262_144;
const HEADER_BYTES = 256;
const VERSION = 2;
const ALIGNMENT = 64;
const BLOCK_ROWS = 32;
const MAGIC: Uint8Array = new TextEncoder().encode('MLLISTS\n');
const AT_WORDS = 8;
const AT_LENGTH = 80;
const AT_OFFSETS = 88;
const NO_CODES: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0];

const TYPES: readonly DenseVectorType[] = [
  DataType.FloatVector,
  DataType.Float16Vector,
  DataType.BFloat16Vector,
  DataType.Int8Vector,
  DataType.BinaryVector,
];
const METRICS: readonly MetricType[] = ['L2', 'IP', 'COSINE', 'HAMMING', 'JACCARD'];

/** What is kept of the vectors besides their lists. */
export type ListCodes = 'none' | 'panels' | CodeShape;

export interface ListShape {
  readonly type: DenseVectorType;
  readonly metric: MetricType;
  readonly dim: number;
  readonly rowCount: number;
  readonly listCount: number;
  readonly codes: ListCodes;
  readonly isRefined: boolean;
}

/** An image in place; sections that it lacks are empty. */
export interface ListImage {
  readonly shape: ListShape;
  readonly bytes: Uint8Array;
  readonly slotCount: number;
  readonly centroids: MeansVectors;
  readonly counts: Uint32Array;
  readonly rows: Uint32Array;
  readonly panels: Panels;
  /** Runs of trained codes. */
  readonly codes: Uint8Array;
  readonly codebook: Uint8Array;
  /** Where lists begin among the rows and the slots, by list and one more. */
  readonly rowStarts: Uint32Array;
  readonly slotStarts: Uint32Array;
}

export function spaceOf({ metric, dim }: ListShape): MeansSpace {
  return { metric, dim };
}

/** The shape of trained codes; null where there are none. */
export function trainedCodes({ codes }: ListShape): CodeShape | null {
  return typeof codes === 'string' ? null : codes;
}

/**
 * Whether centroids are directions that are as long as their rows are along them. Lists are ranked by the
 * direction, and codes are of what remains.
 */
export function hasDirections({ codes, metric }: ListShape): boolean {
  return typeof codes !== 'string' && metric !== 'L2';
}

function isListShape(shape: ListShape): boolean {
  const { type, metric, dim, rowCount, listCount } = shape;
  const isBinary = type === DataType.BinaryVector;
  if (!metricsOf(type).includes(metric)) return false;
  if (dim < 1 || dim > (isBinary ? BINARY_DIM_MAX : DIM_MAX)) return false;
  if (isBinary && dim % 8 !== 0) return false;
  if (rowCount < 1 || rowCount > ROWS_MAX) return false;
  return listCount >= 1 && listCount <= rowCount && areCodesPossible(shape);
}

function areCodesPossible({ codes, type, dim, metric }: ListShape): boolean {
  if (codes === 'none') return true;
  if (type === DataType.BinaryVector) return false;
  if (codes === 'panels') return type !== DataType.Int8Vector;
  return isCodeShape(codes) && codes.dim === dim && codes.metric === metric;
}

function slotsAtOnce({ codes }: ListShape): number {
  if (codes === 'panels') return PANEL_ROWS;
  return codes === 'none' || hasStride(codes) ? 1 : BLOCK_ROWS;
}

/** By list, and in all, the slots of lists of so many rows. */
function slotStartsOf(shape: ListShape, counts: Uint32Array): Float64Array {
  const granule = slotsAtOnce(shape);
  const starts = new Float64Array(counts.length + 1);
  for (let list = 0; list < counts.length; list++) {
    starts[list + 1] = starts[list]! + Math.ceil(counts[list]! / granule) * granule;
  }
  return starts;
}

interface Sections {
  readonly offsets: readonly number[];
  readonly lengths: readonly number[];
  readonly byteLength: number;
}

function sectionsOf(shape: ListShape, slotCount: number): Sections {
  const { metric, dim, rowCount, listCount, codes } = shape;
  const space = spaceOf(shape);
  const isBits = isBitSpace(space);
  const hasPanels = codes === 'panels';
  const trained = trainedCodes(shape);
  const slotWords = hasPanels ? slotCount * 4 : 0;
  const trainedLength = trained === null ? 0 : runByteLength(trained, slotCount);
  const lengths = [
    listCount * meansStride(space) * (isBits ? 1 : 4),
    listCount * 4,
    rowCount * 4,
    hasPanels ? slotCount * panelStride(dim) : trainedLength,
    slotWords,
    slotWords,
    slotWords,
    metric === 'L2' ? slotWords : 0,
    trained === null ? 0 : codebookByteLength(trained),
  ];
  const offsets: number[] = [];
  let at = HEADER_BYTES;
  for (const length of lengths) {
    offsets.push(at);
    at += Math.ceil(length / ALIGNMENT) * ALIGNMENT;
  }
  return { offsets, lengths, byteLength: at };
}

/** An image with its header and its lists, and with room for the codes. */
export function newListImage(
  shape: ListShape,
  lists: { readonly counts: Uint32Array; readonly rows: Uint32Array },
  allocate: (byteLength: number) => Uint8Array,
): ListImage {
  const slotCount = slotStartsOf(shape, lists.counts)[shape.listCount]!;
  const sections = sectionsOf(shape, slotCount);
  const bytes = allocate(sections.byteLength);
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  bytes.set(MAGIC);
  for (const [i, word] of headerWords(shape, slotCount).entries()) {
    view.setUint32(AT_WORDS + i * 4, word, true);
  }
  view.setBigUint64(AT_LENGTH, BigInt(sections.byteLength), true);
  for (const [i, at] of sections.offsets.entries()) {
    view.setBigUint64(AT_OFFSETS + i * 8, BigInt(at), true);
  }
  placeOf(bytes, sections, 1).set(lists.counts);
  placeOf(bytes, sections, 2).set(lists.rows);
  const image = layOut(shape, slotCount, bytes);
  assert(image !== null, 'lists that were made for an image fit it');
  return image;
}

function headerWords(shape: ListShape, slotCount: number): readonly number[] {
  const { isRefined } = shape;
  return [VERSION, HEADER_BYTES, ...shapeWords(shape, slotCount), isRefined ? 1 : 0];
}

function shapeWords(shape: ListShape, slotCount: number): readonly number[] {
  const { type, metric, dim, rowCount, listCount, codes } = shape;
  const kind = { none: 0, panels: 1 }[typeof codes === 'string' ? codes : 'none'];
  return [
    typeNumber(type),
    metricNumber(metric),
    dim,
    rowCount,
    listCount,
    slotCount,
    ...(typeof codes === 'string' ? [kind, ...NO_CODES] : [2, ...codeShapeWords(codes)]),
  ];
}

/** What the native kernels are told of lists before there is an image. */
export function clusterWords(shape: ListShape): Uint32Array {
  return Uint32Array.from(shapeWords(shape, 0));
}

/** What they are told of an image: its shape, and where sections begin, in units of 64 bytes. */
export function imageWords({ shape, slotCount }: ListImage): Uint32Array {
  const { offsets } = sectionsOf(shape, slotCount);
  const units = offsets.map((at) => at / ALIGNMENT);
  return Uint32Array.from([...shapeWords(shape, slotCount), ...units]);
}

/** One section as words. */
function placeOf(bytes: Uint8Array, { offsets, lengths }: Sections, section: number): Uint32Array {
  const at = bytes.byteOffset + offsets[section]!;
  return new Uint32Array(bytes.buffer, at, lengths[section]! / 4);
}

/** Null when the lists have not the rows and slots that they should. */
function layOut(shape: ListShape, slotCount: number, bytes: Uint8Array): ListImage | null {
  const sections = sectionsOf(shape, slotCount);
  const { offsets, lengths } = sections;
  assert(bytes.byteLength === sections.byteLength, 'an image has the length of its sections');
  assert(bytes.byteOffset % 4 === 0, 'an image begins at a multiple of 4 bytes');
  const counts = placeOf(bytes, sections, 1);
  const slotStarts = slotStartsOf(shape, counts);
  const rowStarts = new Float64Array(counts.length + 1);
  for (let i = 0; i < counts.length; i++) rowStarts[i + 1] = rowStarts[i]! + counts[i]!;
  if (slotStarts[counts.length] !== slotCount || rowStarts[counts.length] !== shape.rowCount) {
    return null;
  }
  const start = (section: number): number => bytes.byteOffset + offsets[section]!;
  const floats = (section: number): Float32Array =>
    new Float32Array(bytes.buffer, start(section), lengths[section]! / 4);
  const plain = (section: number): Uint8Array =>
    new Uint8Array(bytes.buffer, start(section), lengths[section]);
  const hasPanels = shape.codes === 'panels';
  const codes = plain(3);
  return {
    shape,
    bytes,
    slotCount,
    centroids: isBitSpace(spaceOf(shape)) ? plain(0) : floats(0),
    counts,
    rows: placeOf(bytes, sections, 2),
    panels: {
      codes: hasPanels ? codes : new Uint8Array(0),
      scales: floats(4),
      errors: floats(5),
      lengths: floats(6),
      halves: floats(7),
    },
    codes: hasPanels ? new Uint8Array(0) : codes,
    codebook: plain(8),
    rowStarts: Uint32Array.from(rowStarts),
    slotStarts: Uint32Array.from(slotStarts),
  };
}

/** Whether it is an image of a newer version than this code knows; null when it is none at all. */
export function newerListVersion(bytes: Uint8Array): number | null {
  if (bytes.byteLength < HEADER_BYTES || MAGIC.some((byte, i) => bytes[i] !== byte)) return null;
  const version = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES).getUint32(8, true);
  return version > VERSION ? version : null;
}

/** The image at `bytes`, its header and the lengths of its lists checked; or in words why there is none. */
export function openListImage(bytes: Uint8Array): ListImage | string {
  if (bytes.byteLength < HEADER_BYTES) return 'it is shorter than its header';
  if (MAGIC.some((byte, i) => bytes[i] !== byte)) return 'it does not begin as lists do';
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const words = Array.from({ length: 18 }, (_, i) => view.getUint32(AT_WORDS + i * 4, true));
  const shape = shapeOf(words);
  const slotCount = words[7]!;
  if (shape === null || headerWords(shape, slotCount).some((word, i) => word !== words[i])) {
    return 'its header says what no lists can be';
  }
  const { offsets, byteLength } = sectionsOf(shape, slotCount);
  const long = (at: number): number => Number(view.getBigUint64(at, true));
  if (long(AT_LENGTH) !== byteLength || offsets.some((at, i) => long(AT_OFFSETS + i * 8) !== at)) {
    return 'its sections are not where they belong';
  }
  if (bytes.byteLength !== byteLength) return 'its length is another one';
  return layOut(shape, slotCount, bytes) ?? 'its lists have other rows';
}

function shapeOf(words: readonly number[]): ListShape | null {
  const [, , typeWord, metricWord, dim, rowCount, listCount, , kind] = words;
  const type = TYPES[typeWord!];
  const metric = METRICS[metricWord!];
  const codes = kind === 2 ? codeShapeOf(words.slice(9, 17)) : ['none', 'panels'][kind!];
  if (type === undefined || metric === undefined || codes === null || codes === undefined) {
    return null;
  }
  const shape: ListShape = {
    type,
    metric,
    dim: dim!,
    rowCount: rowCount!,
    listCount: listCount!,
    codes: codes as ListCodes,
    isRefined: words[17] === 1,
  };
  return isListShape(shape) ? shape : null;
}

/** Checks every number that leads somewhere, in one pass; null, or in words what is wrong. */
export function checkLists({ shape, rows, codes, codebook, slotCount }: ListImage): string | null {
  const seen = new Uint8Array(shape.rowCount);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    if (row >= shape.rowCount || seen[row] === 1) return 'a row is in no list or in two';
    seen[row] = 1;
  }
  const trained = trainedCodes(shape);
  if (trained === null) return null;
  const isSound = checkCodebook(codebook) && checkRun(trained, codes, slotCount);
  return isSound ? null : 'a code leads nowhere';
}
