/**
 * HNSW, and HNSW_SQ, HNSW_PQ and HNSW_PRQ: layers of graphs over codes of the vectors, and the vectors for
 * the last word. Where codes do not tell near rows apart (code-fidelity.ts), graphs are built over the vectors
 * themselves, and HNSW has no codes. So is DISKANN, with what diskann.ts says for what is said here of
 * parameters and candidates.
 *
 * Build parameters `M` and `efConstruction`, search parameter `ef`. Exact costs of some of the best candidates
 * decide: of HNSW as many as may be among the best topK by the errors of codes that are met, at most
 * max(2 x topK, ef / 2); of the others, whose codes users chose, the best topK, or topK x `refine_k` of an
 * index that was built with `refine`. Whatever `refine_type` says, what is refined by
 * are the vectors: nothing is more exact, and they are there. An image is built and searched by the native
 * kernels where they are loaded, else by their twins, and each takes what the other built.
 *
 * Bytes a row: dim rounded up to 64 (none when binary or without codes), or the codes of hnsw-trained.ts,
 * + 8 M + 4 to 8, and M / (M - 1) x 4 for upper levels; the vectors are the segment's own.
 */
import { assert } from '../base/assert.ts';
import { milvusError } from '../base/errors.ts';
import { type GraphHandle, type NativeAddon, nativeAddon } from '../base/native.ts';
import { areCodesFaithful } from './code-fidelity.ts';
import { codeShapeWords } from './codes.ts';
import { diskCodeOf, diskLinksOf } from './diskann.ts';
import { GraphBuild } from './hnsw-build.ts';
import {
  checkImage,
  type GraphImage,
  type GraphShape,
  metricNumber,
  newerVersion,
  openImage,
  typeNumber,
} from './hnsw-image.ts';
import { type GraphQuery, GraphSearcher } from './hnsw-search.ts';
import { refinedCount, trainedCodeOf, writeTrainedCodes } from './hnsw-trained.ts';
import { MetricType } from './metric-type.ts';
import { countAllowed, NativeHits } from './native-hits.ts';
import { widthName } from './search-cost.ts';
import { integerOf } from './parameters.ts';
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

/** Rows that are compared one by one rather than found by a walk, when a search says so; else by cost. */
export const SCAN_ROWS_PARAMETER = 'scan_rows_max';

/** @param addon null: the twin */
export function hnsw(addon: NativeAddon | null = nativeAddon()): IndexBuilder {
  return {
    build: (task) => (addon === null ? buildTwin(task) : buildNative(task, addon)),
    open: (options) => (addon === null ? new TwinGraph(options) : new NativeGraph(options, addon)),
  };
}

/** Zeroed shared memory for an image; large pages where the system has them. */
export function allocateImage(
  byteLength: number,
  addon: NativeAddon | null = nativeAddon(),
): Uint8Array {
  const bytes = new Uint8Array(new SharedArrayBuffer(byteLength));
  addon?.useLargePages(bytes);
  return bytes;
}

function shapeOf(task: IndexTask): GraphShape {
  const { metric, vectors, parameters, rowCount } = task;
  assert(metric in MetricType, 'a graph has a metric of single vectors');
  const { type, dim } = vectors;
  const common = { type, metric: metric as MetricType, dim, rowCount };
  if (task.structure === 'DISKANN') {
    const links = diskLinksOf(parameters);
    return { ...common, ...links, code: diskCodeOf(task), isRefined: false, isOverVectors: false };
  }
  return {
    ...common,
    degree: integerOf(parameters, 'M'),
    buildWidth: integerOf(parameters, 'efConstruction'),
    code: trainedCodeOf(task),
    isRefined: parameters['refine'] === true,
    isDisk: false,
    isOverVectors: false,
  };
}

/** Null when the build was cancelled. */
function faithfulShape(task: IndexTask, addon: NativeAddon | null): GraphShape | null {
  const { vectors, control } = task;
  const shape = shapeOf(task);
  const isFaithful = areCodesFaithful({ shape, vectors, control }, addon);
  return isFaithful === null ? null : { ...shape, isOverVectors: !isFaithful };
}

function buildTwin(task: IndexTask): Uint8Array | null {
  const shape = faithfulShape(task, null);
  if (shape === null) return null;
  const build = new GraphBuild(shape, task.vectors, (length) => allocateImage(length, null));
  while (!build.isDone) {
    if (isBuildCancelled(task.control)) return null;
    build.step();
    setRowsBuilt(task.control, build.rowsDone);
  }
  const image = build.finish();
  if (!writeTrainedCodes(image, task.vectors, task.control)) return null;
  setRowsBuilt(task.control, task.rowCount);
  return image.bytes;
}

function buildNative(task: IndexTask, addon: NativeAddon): Uint8Array | null {
  const faithful = faithfulShape(task, addon);
  if (faithful === null) return null;
  const { type, metric, dim, rowCount, degree, buildWidth, code, ...use } = faithful;
  const shape = [
    typeNumber(type),
    metricNumber(metric),
    dim,
    rowCount,
    degree,
    buildWidth,
    (use.isDisk ? 2 : use.isRefined ? 1 : 0) + (use.isOverVectors ? 4 : 0),
    code === null ? null : Uint32Array.from(codeShapeWords(code)),
    task.vectors.values,
  ] as const;
  const image = allocateImage(addon.graphPlan(...shape), addon);
  return addon.graphBuild(...shape, image, task.threadCount, task.control) ? image : null;
}

function damagedImage(reason: string): Error {
  return milvusError('DataIntegrity', {
    message: `the image of an HNSW index is damaged: ${reason}`,
  });
}

/** Of an image whose header says what the vectors are. */
function openGraph({ image, vectors }: OpenOptions): GraphImage {
  const version = newerVersion(image);
  if (version !== null) {
    throw milvusError('FormatNotSupported', { fields: { index: 'HNSW', version } });
  }
  const opened = openImage(image);
  if (typeof opened === 'string') throw damagedImage(opened);
  if (opened.shape.type !== vectors.type || opened.shape.dim !== vectors.dim) {
    throw damagedImage('it is of other vectors');
  }
  return opened;
}

abstract class Graph implements VectorIndex {
  readonly metric: MetricType;
  readonly rowCount: number;
  readonly byteLength: number;
  readonly #shape: GraphShape;

  constructor({ shape, bytes }: GraphImage) {
    this.metric = shape.metric;
    this.rowCount = shape.rowCount;
    this.byteLength = bytes.byteLength;
    this.#shape = shape;
  }

  abstract search(queries: IndexQueries): IndexHits;

  /** Candidates that a walk keeps. */
  protected width({ parameters }: IndexQueries): number {
    const name = widthName(this.#shape.isDisk ? 'DISKANN' : 'HNSW');
    return Math.min(integerOf(parameters, name), this.rowCount);
  }

  protected scanRowsMax({ parameters }: IndexQueries): number | null {
    const rows = parameters[SCAN_ROWS_PARAMETER];
    return typeof rows === 'number' ? rows : null;
  }

  protected rankCount(given: IndexQueries, topK: number): number | null {
    const { code, isRefined, isDisk } = this.#shape;
    if (code === null) return null;
    // All that a walk has kept.
    if (isDisk) return Math.max(topK, this.width(given));
    return isRefined ? Math.min(refinedCount(given.parameters, topK), this.rowCount) : topK;
  }
}

class NativeGraph extends Graph {
  readonly #addon: NativeAddon;
  readonly #handle: GraphHandle;
  readonly #hits = new NativeHits();

  constructor(options: OpenOptions, addon: NativeAddon) {
    super(openGraph(options));
    const { image, vectors, isChecked } = options;
    const opened = addon.graphOpen(image, vectors.values, isChecked);
    if (typeof opened === 'string') throw damagedImage(opened);
    this.#addon = addon;
    this.#handle = opened;
  }

  override search(given: IndexQueries): IndexHits {
    const { queries, queryCount, allowed } = given;
    const topK = Math.min(given.topK, this.rowCount);
    return this.#hits.collect({ queryCount, topK }, (out) =>
      this.#addon.graphSearch(
        this.#handle,
        queries,
        queryCount,
        topK,
        this.width(given),
        allowed,
        this.scanRowsMax(given),
        this.rankCount(given, topK),
        out,
      ),
    );
  }

  close(): void {
    this.#addon.graphClose(this.#handle);
  }
}

class TwinGraph extends Graph {
  readonly #searcher: GraphSearcher;

  constructor(options: OpenOptions) {
    const image = openGraph(options);
    super(image);
    const reason = options.isChecked ? null : checkImage(image);
    if (reason !== null) throw damagedImage(reason);
    this.#searcher = new GraphSearcher(image, options.vectors);
  }

  override search(given: IndexQueries): IndexHits {
    const { queries, queryCount, allowed } = given;
    const topK = Math.min(given.topK, this.rowCount);
    const query: GraphQuery = {
      topK,
      rankCount: this.rankCount(given, topK),
      width: this.width(given),
      allowed,
      allowedCount: countAllowed(allowed, this.rowCount),
      scanRowsMax: this.scanRowsMax(given),
    };
    const counts = new Uint32Array(queryCount);
    const rows = new Uint32Array(queryCount * query.topK);
    const scores = new Float32Array(queryCount * query.topK);
    let length = 0;
    for (let q = 0; q < queryCount; q++) {
      const hits = this.#searcher.search(queries, q, query);
      counts[q] = hits.count;
      rows.set(hits.rows, length);
      scores.set(hits.scores, length);
      length += hits.count;
    }
    return { counts, rows: rows.slice(0, length), scores: scores.slice(0, length) };
  }
}
