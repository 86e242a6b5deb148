/**
 * MINHASH_LSH: near duplicates by their signatures, found through tables of the hashes of bands.
 *
 * Build parameters `mh_element_bit_width`, `mh_lsh_band`, `mh_lsh_bloom_false_positive_prob` and
 * `mh_lsh_shared_bloom_filter`; search parameters `mh_search_with_jaccard`, and `refine_k`, the candidates
 * whose share of equal elements is taken, topK at least. Without effect: `with_raw_data`, as the segment
 * has the signatures anyway; `mh_lsh_code_in_mem`, as tables are in memory while they are searched; and
 * `mh_lsh_batch_search`, as it changes no answer.
 *
 * A row is found when one of its bands is the query's: then it surely is, if candidates are not enough
 * before. Bytes a row: 8 a band, 1 to 2 for its buckets, and 1.2 for its filter at the default.
 */
import { assert } from '../base/assert.ts';
import { milvusError } from '../base/errors.ts';
import { type NativeAddon, nativeAddon, type TablesHandle } from '../base/native.ts';
import { DataType } from '../schema/data-type.ts';
import { allocateImage } from './hnsw.ts';
import { TableBuild } from './minhash-build.ts';
import {
  checkImage,
  imageByteLength,
  layOut,
  newerVersion,
  openImage,
  planTables,
  shapeNumbers,
  type TableImage,
  type TableShape,
  writeHeader,
} from './minhash-image.ts';
import { TableSearcher } from './minhash-search.ts';
import { signatureShape } from './minhash-signature.ts';
import { NativeHits } from './native-hits.ts';
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

/** @param addon null: the twin */
export function minhash(addon: NativeAddon | null = nativeAddon()): IndexBuilder {
  return {
    build: (task) => (addon === null ? buildTwin(task) : buildNative(task, addon)),
    open: (options) =>
      addon === null ? new TwinTables(options) : new NativeTables(options, addon),
  };
}

function shapeOf({ metric, vectors, parameters, rowCount }: IndexTask): TableShape {
  assert(metric === 'MHJACCARD', 'tables are of signatures');
  assert(vectors.type === DataType.BinaryVector, 'signatures are binary vectors');
  const { dim } = vectors;
  return planTables({
    ...signatureShape(parameters, dim),
    dim,
    rowCount,
    falsePositives: integerOf(parameters, 'mh_lsh_bloom_false_positive_prob'),
    isFilterShared: parameters['mh_lsh_shared_bloom_filter'] === true,
  });
}

function buildTwin(task: IndexTask): Uint8Array | null {
  const shape = shapeOf(task);
  const bytes = allocateImage(imageByteLength(shape), null);
  const build = new TableBuild(shape, task.vectors.values as Uint8Array, bytes);
  while (!build.isDone) {
    if (isBuildCancelled(task.control)) return null;
    build.step();
    setRowsBuilt(task.control, build.rowsDone);
  }
  return build.finish();
}

function buildNative(task: IndexTask, addon: NativeAddon): Uint8Array | null {
  const shape = shapeOf(task);
  const bytes = allocateImage(imageByteLength(shape), addon);
  const { vectors, threadCount, control } = task;
  const numbers = shapeNumbers(shape);
  if (!addon.tablesBuild(...numbers, vectors.values, bytes, threadCount, control)) return null;
  writeHeader(layOut(shape, bytes));
  return bytes;
}

function damagedImage(reason: string): Error {
  return milvusError('DataIntegrity', {
    message: `the image of a MINHASH_LSH index is damaged: ${reason}`,
  });
}

/** Of an image whose header says what the vectors are. */
function openTables({ image, vectors }: OpenOptions): TableImage {
  const version = newerVersion(image);
  if (version !== null) {
    throw milvusError('FormatNotSupported', { fields: { index: 'MINHASH_LSH', version } });
  }
  const opened = openImage(image);
  if (typeof opened === 'string') throw damagedImage(opened);
  const { dim, rowCount } = opened.shape;
  const isOfThese = vectors.type === DataType.BinaryVector && vectors.dim === dim;
  if (!isOfThese || vectors.values.length < (rowCount * dim) / 8) {
    throw damagedImage('it is of other vectors');
  }
  return opened;
}

/** What a search asks of the tables. */
function askedOf(given: IndexQueries, rowCount: number) {
  const topK = Math.min(given.topK, rowCount);
  const isByShare = given.parameters['mh_search_with_jaccard'] === true;
  const refineK = Math.min(integerOf(given.parameters, 'refine_k'), rowCount);
  return { topK, isByShare, candidates: isByShare ? Math.max(topK, refineK) : topK };
}

abstract class Tables implements VectorIndex {
  readonly metric = 'MHJACCARD';
  readonly rowCount: number;
  readonly byteLength: number;

  constructor({ shape, bytes }: TableImage) {
    this.rowCount = shape.rowCount;
    this.byteLength = bytes.byteLength;
  }

  abstract search(queries: IndexQueries): IndexHits;
}

class NativeTables extends Tables {
  readonly #addon: NativeAddon;
  readonly #handle: TablesHandle;
  readonly #hits = new NativeHits();

  constructor(options: OpenOptions, addon: NativeAddon) {
    const tables = openTables(options);
    super(tables);
    const { image, vectors, isChecked } = options;
    const numbers = shapeNumbers(tables.shape);
    const opened = addon.tablesOpen(...numbers, vectors.values, image, isChecked);
    if (typeof opened === 'string') throw damagedImage(opened);
    this.#addon = addon;
    this.#handle = opened;
  }

  close(): void {
    this.#addon.tablesClose(this.#handle);
  }

  override search(given: IndexQueries): IndexHits {
    const { queries, queryCount, allowed } = given;
    const { topK, candidates, isByShare } = askedOf(given, this.rowCount);
    return this.#hits.collect({ queryCount, topK }, (out) =>
      this.#addon.tablesSearch(
        this.#handle,
        queries,
        queryCount,
        topK,
        candidates,
        isByShare,
        allowed,
        out,
      ),
    );
  }
}

class TwinTables extends Tables {
  readonly #searcher: TableSearcher;

  constructor(options: OpenOptions) {
    const tables = openTables(options);
    super(tables);
    const reason = options.isChecked ? null : checkImage(tables);
    if (reason !== null) throw damagedImage(reason);
    this.#searcher = new TableSearcher(tables, options.vectors.values as Uint8Array);
  }

  override search(given: IndexQueries): IndexHits {
    const { queryCount, allowed } = given;
    const queries = given.queries as Uint8Array;
    const asked = { ...askedOf(given, this.rowCount), queries, allowed };
    const counts = new Uint32Array(queryCount);
    const rows: Uint32Array[] = [];
    const scores: Float32Array[] = [];
    for (let query = 0; query < queryCount; query++) {
      const hits = this.#searcher.search({ ...asked, query });
      counts[query] = hits.rows.length;
      rows.push(hits.rows);
      scores.push(hits.scores);
    }
    return {
      counts,
      rows: Uint32Array.from(rows.flatMap((list) => [...list])),
      scores: Float32Array.from(scores.flatMap((list) => [...list])),
    };
  }
}
