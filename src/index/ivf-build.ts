/**
 * Building inverted lists: centroids of a sample, each row in the list of the nearest, then codes.
 *
 * Up to 256 rows a centroid are the sample. The same rows make the same image every time, whatever the
 * number of threads; the twin's centroids are other ones than the native kernels'. Panels are written here
 * for both. native/src/ivf_build.h is the twin of the rest.
 */
import type { NativeAddon } from '../base/native.ts';
import { Encoder } from './code-encoder.ts';
import { trainCodes } from './code-training.ts';
import { runByteLength, sampleRows } from './codes.ts';
import {
  clusterWords,
  hasDirections,
  imageWords,
  type ListImage,
  type ListShape,
  newListImage,
  spaceOf,
  trainedCodes,
} from './ivf-image.ts';
import { prepareRow, widenVector } from './ivf-vectors.ts';
import {
  CentroidCosts,
  kMeans,
  type MeansSpace,
  meansStride,
  type MeansVectors,
  newMeansVectors,
  orderByList,
} from './k-means.ts';
import { type PanelMetric, PanelWriter } from './panel-codes.ts';
import { type IndexTask, isBuildCancelled, setRowsBuilt } from './vector-index.ts';

const SAMPLE_ROWS_PER_LIST = 256;
const SAMPLE_ROWS_PER_LIST_MIN = 40;
const SAMPLE_BYTES: number = 256 * 1024 * 1024;
/** Shares of the rows that are told as built when centroids stand, and when all rows are in lists. */
const MEANS_SHARE = 0.5;
const CLUSTER_SHARE = 0.8;
/** Its square is a number. */
const CENTROID_LENGTH_MAX = 1e18;
/** Elements between two looks at whether the build is cancelled: some milliseconds. */
const ELEMENTS_AT_ONCE = 1 << 20;

/** @returns null when it was cancelled */
export function buildLists(
  shape: ListShape,
  task: IndexTask,
  allocate: (byteLength: number) => Uint8Array,
  addon: NativeAddon | null,
): Uint8Array | null {
  const centroids = newMeansVectors(spaceOf(shape), shape.listCount);
  const lists = new Uint32Array(shape.rowCount);
  const build = new ListBuild(shape, task, addon);
  if (!build.cluster(centroids, lists)) return null;
  const starts = new Uint32Array(shape.listCount + 1);
  const rows = new Uint32Array(shape.rowCount);
  orderByList(lists, starts, rows);
  const counts = Uint32Array.from(
    { length: shape.listCount },
    (_, i) => starts[i + 1]! - starts[i]!,
  );
  const image = newListImage(shape, { counts, rows }, allocate);
  image.centroids.set(centroids);
  if (!build.encode(image)) return null;
  setRowsBuilt(task.control, task.rowCount);
  return image.bytes;
}

/** 32 bits of which each depends on all of `value`. */
function mix(value: number): number {
  let bits = Math.imul(value ^ (value >>> 16), 0x7feb352d);
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** `count` different rows of all, in an order that says nothing. */
function pickRows(rowCount: number, count: number): Uint32Array {
  const rows = Uint32Array.from({ length: rowCount }, (_, row) => row);
  for (let i = 0; i < count; i++) {
    const other = i + (mix(i) % (rowCount - i));
    const row = rows[i]!;
    rows[i] = rows[other]!;
    rows[other] = row;
  }
  return rows.slice(0, count);
}

/**
 * Centroids of length 1 say where rows are, not how far: as long as the mean projection of their rows they
 * leave the least to code.
 */
class Lengths {
  readonly #centroids: MeansVectors;
  readonly #stride: number;
  readonly #sums: Float64Array;
  readonly #counts: Uint32Array;

  constructor(space: MeansSpace, centroids: MeansVectors) {
    this.#centroids = centroids;
    this.#stride = meansStride(space);
    this.#sums = new Float64Array(centroids.length / this.#stride);
    this.#counts = new Uint32Array(this.#sums.length);
  }

  add(vector: MeansVectors, list: number): void {
    const start = list * this.#stride;
    let product = 0;
    for (let i = 0; i < this.#stride; i++) product += vector[i]! * this.#centroids[start + i]!;
    this.#sums[list]! += product;
    this.#counts[list]!++;
  }

  apply(): void {
    for (const [list, sum] of this.#sums.entries()) {
      const length = sum / this.#counts[list]!;
      // Of a list without rows, or with rows behind it, and of what is too large, the direction stays.
      if (!(length > 0 && length <= CENTROID_LENGTH_MAX)) continue;
      for (let i = 0; i < this.#stride; i++) this.#centroids[list * this.#stride + i]! *= length;
    }
  }
}

class ListBuild {
  readonly #shape: ListShape;
  readonly #task: IndexTask;
  readonly #addon: NativeAddon | null;

  constructor(shape: ListShape, task: IndexTask, addon: NativeAddon | null) {
    this.#shape = shape;
    this.#task = task;
    this.#addon = addon;
  }

  get #isCancelled(): boolean {
    return isBuildCancelled(this.#task.control);
  }

  #tell(share: number): void {
    setRowsBuilt(this.#task.control, Math.floor(this.#task.rowCount * share));
  }

  /** @returns false when it was cancelled */
  cluster(centroids: MeansVectors, lists: Uint32Array): boolean {
    const { vectors, threadCount, control } = this.#task;
    if (this.#addon === null)
      return this.#findCentroids(centroids) && this.#assign(centroids, lists);
    const bytes = new Uint8Array(centroids.buffer);
    const words = clusterWords(this.#shape);
    return this.#addon.ivfCluster(words, vectors.values, bytes, lists, threadCount, control);
  }

  /** @returns false when it was cancelled */
  encode(image: ListImage): boolean {
    const { vectors, threadCount, control } = this.#task;
    if (this.#shape.codes === 'panels') return this.#encodePanels(image);
    if (this.#shape.codes === 'none') return true;
    if (this.#addon === null) return this.#train(image) && this.#encodeRuns(image);
    const words = imageWords(image);
    return this.#addon.ivfEncode(image.bytes, words, vectors.values, threadCount, control);
  }

  #findCentroids(centroids: MeansVectors): boolean {
    const { rowCount, listCount } = this.#shape;
    const space = spaceOf(this.#shape);
    const bytes = meansStride(space) * centroids.BYTES_PER_ELEMENT;
    const affordable = Math.max(SAMPLE_BYTES / bytes, listCount * SAMPLE_ROWS_PER_LIST_MIN);
    const count = Math.min(rowCount, Math.floor(affordable), listCount * SAMPLE_ROWS_PER_LIST);
    return kMeans({
      space,
      vectors: this.#prepared(pickRows(rowCount, count)),
      centroids,
      isCancelled: () => this.#isCancelled,
      tell: (share) => this.#tell(share * MEANS_SHARE),
    });
  }

  #prepared(rows: Uint32Array): MeansVectors {
    const vectors = this.#task.vectors.values;
    const prepared = newMeansVectors(spaceOf(this.#shape), rows.length);
    for (const [i, index] of rows.entries()) {
      prepareRow(this.#shape, { vectors, index }, prepared, i);
    }
    return prepared;
  }

  #assign(centroids: MeansVectors, lists: Uint32Array): boolean {
    const lengths = new Lengths(spaceOf(this.#shape), centroids);
    const vectors = this.#task.vectors.values;
    const costs = new CentroidCosts(spaceOf(this.#shape), centroids);
    const prepared = newMeansVectors(spaceOf(this.#shape), 1);
    const rowsAtOnce = Math.ceil(ELEMENTS_AT_ONCE / centroids.length);
    for (let row = 0; row < lists.length; row++) {
      if (row % rowsAtOnce === 0) {
        if (this.#isCancelled) return false;
        this.#tell(MEANS_SHARE + (CLUSTER_SHARE - MEANS_SHARE) * (row / lists.length));
      }
      prepareRow(this.#shape, { vectors, index: row }, prepared, 0);
      const list = costs.nearest(prepared, 0);
      lists[row] = list;
      if (hasDirections(this.#shape)) lengths.add(prepared, list);
    }
    if (hasDirections(this.#shape)) lengths.apply();
    return true;
  }

  /** Calls `encode` for every row, by list; false when it was cancelled. */
  #forEachRow(
    image: ListImage,
    encode: (row: number, list: number, place: number) => void,
  ): boolean {
    const rowsAtOnce = Math.ceil(ELEMENTS_AT_ONCE / this.#shape.dim);
    let done = 0;
    for (let list = 0; list < image.counts.length; list++) {
      for (let place = 0; place < image.counts[list]!; place++) {
        if (done % rowsAtOnce === 0) {
          if (this.#isCancelled) return false;
          this.#tell(CLUSTER_SHARE + (1 - CLUSTER_SHARE) * (done / this.#shape.rowCount));
        }
        encode(image.rows[done++]!, list, place);
      }
    }
    return true;
  }

  #encodePanels(image: ListImage): boolean {
    const { metric, dim } = this.#shape;
    const writer = new PanelWriter(metric as PanelMetric, dim, image.panels);
    const values = new Float32Array(dim);
    return this.#forEachRow(image, (row, list, place) => {
      widenVector(this.#shape, this.#task.vectors.values, row, values);
      writer.encode(values, image.slotStarts[list]! + place);
    });
  }

  /** Codebooks are made of some rows, each without its centroid. */
  #train({ rows, rowStarts, centroids, codebook }: ListImage): boolean {
    const codes = trainedCodes(this.#shape);
    if (codes === null || codebook.length === 0) return true;
    const { dim, rowCount } = this.#shape;
    const places = pickRows(rowCount, Math.min(rowCount, sampleRows(codes))).sort();
    const sample = this.#prepared(places.map((place) => rows[place]!)) as Float32Array;
    let list = 0;
    for (const [i, place] of places.entries()) {
      while (rowStarts[list + 1]! <= place) list++;
      for (let k = 0; k < dim; k++) sample[i * dim + k]! -= centroids[list * dim + k]!;
    }
    const { length: count } = places;
    return trainCodes(codes, { vectors: sample, count }, codebook, () => this.#isCancelled);
  }

  #encodeRuns(image: ListImage): boolean {
    const codes = trainedCodes(this.#shape);
    if (codes === null) return true;
    const { dim } = this.#shape;
    const vectors = this.#task.vectors.values;
    const encoder = new Encoder(codes, image.codebook);
    const vector = new Float32Array(dim);
    let current = -1;
    let run = image.codes;
    let centroid: Float32Array = vector;
    return this.#forEachRow(image, (index, list, place) => {
      if (list !== current) {
        current = list;
        run = image.codes.subarray(runByteLength(codes, image.slotStarts[list]!));
        centroid = (image.centroids as Float32Array).subarray(list * dim, (list + 1) * dim);
      }
      prepareRow(this.#shape, { vectors, index }, vector, 0);
      encoder.encode(vector, centroid, run, place);
    });
  }
}
