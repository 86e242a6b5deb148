/**
 * Inverted lists: every row is in the list of its nearest centroid, and a search looks into the lists whose
 * centroids are nearest to the query. One image for all of them; they differ by what is kept of a row.
 *
 *   structure     of a row                                  bytes a row
 *   IVF_FLAT      its place; panels of codes that prove     4; float: dim rounded up to 4, and 16,
 *                 which rows need no look                   with L2 20, as far as panels are full
 *   BIN_IVF_FLAT  its place                                 4
 *   IVF_SQ8       its place and its code                    4 and what codes.ts says
 *   IVF_PQ        the same
 *   IVF_RABITQ    the same
 *   SCANN         the same, 32 rows in a block
 *
 * and 4 dim, or dim / 8 of bits, for each of `nlist` centroids. A list has 39 rows or more: where there are
 * too few, there are fewer lists. Source: knowhere `src/index/ivf/ivf.cc`, MatchNlist.
 * With trained codes of IP and COSINE a centroid is a direction, by which lists are ranked, as long as the
 * mean projection of its rows: so the least is left to code.
 *
 * The vectors are the segment's own, and scores are exact. Hits of IVF_FLAT and BIN_IVF_FLAT are those of an
 * exact search of the lists. Codes choose candidates: as many as hits, or `refine_k` times as many where the
 * index is built with `refine`, or `reorder_k` of SCANN's where it is built `with_raw_data`; exact costs
 * decide among them. No `refine_type` could know a vector better than it does itself, and none is kept.
 */
import { assert } from '../base/assert.ts';
import { milvusError } from '../base/errors.ts';
import { type ListHandle, type NativeAddon, nativeAddon } from '../base/native.ts';
import { sizedFor } from './codes.ts';
import { allocateImage } from './hnsw.ts';
import { buildLists } from './ivf-build.ts';
import { codesOf, isRefined, listCountOf, type ListStructure } from './ivf-codes.ts';
import {
  checkLists,
  imageWords,
  type ListImage,
  type ListShape,
  newerListVersion,
  openListImage,
} from './ivf-image.ts';
import { type ListQuery, ListSearcher } from './ivf-search.ts';
import { MetricType } from './metric-type.ts';
import { countAllowed, NativeHits } from './native-hits.ts';
import { integerOf } from './parameters.ts';
import type {
  IndexBuilder,
  IndexHits,
  IndexQueries,
  IndexTask,
  OpenOptions,
  VectorIndex,
} from './vector-index.ts';

/** @param addon null: the twin */
export function ivf(
  structure: ListStructure,
  addon: NativeAddon | null = nativeAddon(),
): IndexBuilder {
  return {
    build(task) {
      return buildLists(
        shapeOf(structure, task),
        task,
        (length) => allocateImage(length, addon),
        addon,
      );
    },
    open(options) {
      const image = openLists(structure, options);
      return addon === null
        ? new TwinLists(structure, image, options)
        : new NativeLists(structure, image, options, addon);
    },
  };
}

function shapeOf(structure: ListStructure, task: IndexTask): ListShape {
  const { metric, vectors, parameters, rowCount } = task;
  assert(metric in MetricType, 'lists have a metric of single vectors');
  const { type, dim } = vectors;
  const codes = codesOf(structure, task);
  return {
    type,
    metric: metric as MetricType,
    dim,
    rowCount,
    listCount: listCountOf(integerOf(parameters, 'nlist'), rowCount),
    codes: typeof codes === 'string' ? codes : sizedFor(codes, rowCount),
    isRefined: isRefined(structure, parameters),
  };
}

function damagedImage(structure: ListStructure, reason: string): Error {
  return milvusError('DataIntegrity', {
    message: `the image of an ${structure} index is damaged: ${reason}`,
  });
}

/** Of an image whose header says what the vectors are. */
function openLists(structure: ListStructure, { image, vectors }: OpenOptions): ListImage {
  const version = newerListVersion(image);
  if (version !== null) {
    throw milvusError('FormatNotSupported', { fields: { index: structure, version } });
  }
  const opened = openListImage(image);
  if (typeof opened === 'string') throw damagedImage(structure, opened);
  const { type, dim } = opened.shape;
  if (type !== vectors.type || dim !== vectors.dim) {
    throw damagedImage(structure, 'it is of other vectors');
  }
  return opened;
}

abstract class Lists implements VectorIndex {
  readonly metric: MetricType;
  readonly rowCount: number;
  readonly byteLength: number;
  readonly #isRefined: boolean;

  constructor({ shape, bytes }: ListImage) {
    this.metric = shape.metric;
    this.rowCount = shape.rowCount;
    this.byteLength = bytes.byteLength;
    this.#isRefined = shape.isRefined;
  }

  abstract search(queries: IndexQueries): IndexHits;

  protected queryOf({ topK, parameters, allowed }: IndexQueries): ListQuery {
    const hits = Math.min(topK, this.rowCount);
    const wanted = Number(parameters['reorder_k'] ?? Number(parameters['refine_k'] ?? 1) * topK);
    const candidates = this.#isRefined ? Math.max(hits, Math.ceil(wanted)) : hits;
    return {
      topK: hits,
      probeCount: integerOf(parameters, 'nprobe'),
      candidateCount: Math.min(candidates, this.rowCount),
      queryBits: Number(parameters['rbq_bits_query'] ?? 0),
      allowed,
      allowedCount: countAllowed(allowed, this.rowCount),
    };
  }
}

class NativeLists extends Lists {
  readonly #addon: NativeAddon;
  readonly #handle: ListHandle;
  readonly #hits = new NativeHits();

  constructor(
    structure: ListStructure,
    image: ListImage,
    { vectors, isChecked }: OpenOptions,
    addon: NativeAddon,
  ) {
    super(image);
    const opened = addon.ivfOpen(image.bytes, imageWords(image), vectors.values, isChecked);
    if (typeof opened === 'string') throw damagedImage(structure, opened);
    this.#addon = addon;
    this.#handle = opened;
  }

  override search(given: IndexQueries): IndexHits {
    const { queries, queryCount } = given;
    const { topK, probeCount, candidateCount, queryBits, allowed } = this.queryOf(given);
    return this.#hits.collect({ queryCount, topK }, (out) =>
      this.#addon.ivfSearch(
        this.#handle,
        queries,
        queryCount,
        topK,
        probeCount,
        candidateCount,
        queryBits,
        allowed,
        out,
      ),
    );
  }

  close(): void {
    this.#addon.ivfClose(this.#handle);
  }
}

class TwinLists extends Lists {
  readonly #searcher: ListSearcher;

  constructor(structure: ListStructure, image: ListImage, options: OpenOptions) {
    super(image);
    const reason = options.isChecked ? null : checkLists(image);
    if (reason !== null) throw damagedImage(structure, reason);
    this.#searcher = new ListSearcher(image, options.vectors);
  }

  override search(given: IndexQueries): IndexHits {
    const { queries, queryCount } = given;
    const query = this.queryOf(given);
    const counts = new Uint32Array(queryCount);
    const rows = new Uint32Array(queryCount * query.topK);
    const scores = new Float32Array(queryCount * query.topK);
    let length = 0;
    for (let q = 0; q < queryCount; q++) {
      const hits = this.#searcher.search(queries, q, query);
      counts[q] = hits.rows.length;
      rows.set(hits.rows, length);
      scores.set(hits.scores, length);
      length += hits.rows.length;
    }
    return { counts, rows: rows.slice(0, length), scores: scores.slice(0, length) };
  }
}
