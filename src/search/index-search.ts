/**
 * The best rows of a chunk by its index: here when that is less work than the hop, else on the workers.
 *
 * What comes back are exact scores of rows, as far as the index finds them; tied-index-search.ts and
 * window-index-search.ts make hits of them. Whatever the index cannot do is left to the scan: it is damaged,
 * few rows are allowed, nearly all of them are wanted, or it found fewer than there are.
 */
import { assert, must } from '../base/assert.ts';
import { MilvusError } from '../base/errors.ts';
import { INDEX_ROWS_MIN } from '../base/limits.ts';
import { isMapped } from '../base/mapped-memory.ts';
import type { Vectors } from '../index/distances.ts';
import { onlyMatches } from '../index/metric-type.ts';
import { searchWork, widened } from '../index/search-cost.ts';
import { indexBuilder, isScan, reachesInOrder } from '../index/structures.ts';
import type { IndexHits, IndexQueries, VectorIndex } from '../index/vector-index.ts';
import { isDenseVector } from '../schema/data-type.ts';
import { fieldWithId } from '../schema/fields.ts';
import type { ChunkIndex, IndexImage } from '../segments/segment.ts';
import type { Source } from './source.ts';
import type { OrderedKeys } from './key-order.ts';
import type { IndexPlan, SearchPlan } from './plan.ts';
import type { IndexSearchTask, ReadContext, Turn } from './read-context.ts';
import type { Found } from './tie-order.ts';
import { queryValues, vectorsOf } from './vectors.ts';

/** Hits asked for beyond topK: they tell whether there are more of the last one's score, and often are all. */
export const TIE_HITS = 8;

/** The rest of a search that the index needs. */
export interface IndexRead {
  readonly plan: SearchPlan;
  readonly source: Source;
  /** Position of the source in the list of sources. */
  readonly index: number;
  readonly keys: Promise<OrderedKeys>;
  readonly turn: Turn;
  /** The whole search is less work than the hop. */
  readonly isInline: boolean;
  /** Hits of a query that are of use, where they may be fewer than topK. */
  readonly hitsMin?: number;
}

/** Multiply-adds, about, to search the index of a source for all queries. */
export function indexWork(
  { index, queries, queryCount, topK }: SearchPlan,
  source: Source,
): number {
  const { structure, build, parameters } = must(index, 'an index is planned');
  const { type, dim } = queries;
  assert(isDenseVector(type), 'an index is of dense vectors');
  const { rowCount } = source.chunk;
  const size = { structure, type, dim, rowCount, topK, build, search: parameters };
  return queryCount * searchWork(size);
}

/**
 * The index that answers for a source; null where the scan is as good. The one place of that rule: among
 * the allowed rows an index chooses by itself, see hnsw-search.ts.
 */
export function indexOf(
  { index, topK, window }: SearchPlan,
  { chunk, rowCount }: Source,
  { indexRowsMin = INDEX_ROWS_MIN }: ReadContext,
): ChunkIndex | null {
  // The codes of an exact scan are the scan's: see coded-scan.ts.
  if (index === null || isScan(index.structure)) return null;
  if (window !== null && !reachesInOrder(index.structure)) return null;
  if (rowCount < indexRowsMin || topK * 2 > rowCount) return null;
  return chunk.index?.(index) ?? null;
}

/**
 * The rows that the index finds for each query, topK and a few more, equal scores in no order of keys.
 * @returns null when the index is of no use after all
 */
export async function findByIndex(
  chunkIndex: ChunkIndex,
  read: IndexRead,
  context: ReadContext,
): Promise<Found[] | null> {
  const { plan } = read;
  const files = await chunkIndex.open(fieldWithId(plan.schema, plan.fieldId));
  if (files === null) return null;
  const opened = { image: files.image, vectors: vectorsOf(files.vectors) };
  try {
    const search = new IndexSearch(must(plan.index, 'an index is planned'), opened, context);
    return await search.run(read);
  } catch (failure) {
    if (!(failure instanceof MilvusError) || failure.reason !== 'DataIntegrity') throw failure;
    chunkIndex.reportDamage(failure);
    return null;
  }
}

interface Opened {
  readonly image: IndexImage;
  readonly vectors: Vectors;
}

/** Indexes that are open on this thread; of images that were checked. */
const openOnThread = new WeakMap<IndexImage, { vectors: Vectors; index: VectorIndex }>();

/** The index of an image that is open on this thread; null when none is, or of a column that was read since. */
export function indexOnThread({ image, vectors }: Opened): VectorIndex | null {
  const known = openOnThread.get(image);
  // The cache may have read the column anew: the index must not keep the old one in memory.
  return known?.vectors.values.buffer === vectors.values.buffer ? known.index : null;
}

/** What an index is asked for the only query of a plan. */
export function indexTask(
  { index, queries, queryCount }: SearchPlan,
  { source, topK }: { readonly source: Source; readonly topK: number },
): IndexQueries {
  const { structure, parameters } = must(index, 'an index is planned');
  const allowed = source.allowed?.words ?? null;
  const wide = widened(structure, parameters, topK);
  return { queries: queries.values, queryCount, topK, allowed, parameters: wide };
}

/** Images of which a thread of this process has looked at every link. */
const checked = new WeakSet<IndexImage>();

function isKnownSound(image: IndexImage): boolean {
  return checked.has(image) || openOnThread.has(image);
}

class IndexSearch {
  readonly #plan: IndexPlan;
  readonly #opened: Opened;
  readonly #context: ReadContext;

  constructor(plan: IndexPlan, opened: Opened, context: ReadContext) {
    this.#plan = plan;
    this.#opened = opened;
    this.#context = context;
  }

  /** One list of hits a query, topK and a few more; null when some were not found. */
  async run(read: IndexRead): Promise<Found[] | null> {
    const { plan, source, turn } = read;
    const allowed = source.allowed?.words ?? null;
    const { queries, queryCount, topK } = plan;
    const wanted = Math.min(source.rowCount, topK + TIE_HITS);
    const { parallelism } = this.#context.workers;
    const isChecked = isKnownSound(this.#opened.image);
    // Bytes of a mapped file may have to come from the disk, for which this thread does not wait.
    const isInMemory =
      !isMapped(this.#opened.image.bytes) && !isMapped(this.#opened.vectors.values);
    const isInline = parallelism === 1 || (isChecked && isInMemory && read.isInline);
    const found: Found[] = [];
    const each = isInline ? 1 : Math.ceil(queryCount / parallelism);
    const starts = Array.from({ length: Math.ceil(queryCount / each) }, (_, i) => i * each);
    const search = async (first: number): Promise<Found[]> => {
      const count = Math.min(each, queryCount - first);
      const values = queryValues(queries, first, count);
      const task = this.#task({ queries: values, queryCount: count, topK: wanted, allowed });
      if (isInline) return byQuery(this.#here(task), count);
      const { workers, signal } = this.#context;
      return byQuery(await workers.searchIndex({ ...task, isChecked }, signal), count);
    };
    if (isInline) {
      for (const start of starts) {
        found.push(...(await search(start)));
        if (turn.isOver) await turn.yield();
      }
    } else {
      for (const part of await Promise.all(starts.map(search))) found.push(...part);
    }
    if (!isInline) checked.add(this.#opened.image);
    // One that is mapped is never searched here, and would hold memory for nothing.
    if (!isInline && !isChecked && isInMemory) this.#openHere(true);
    // By such a metric there may be fewer rows that match than are wanted.
    if (onlyMatches(plan.metric)) return found;
    const least = Math.min(read.hitsMin ?? topK, wanted);
    return found.every(({ rows }) => rows.length >= least) ? found : null;
  }

  #task(queries: Omit<IndexSearchTask, keyof Opened | 'structure' | 'isChecked' | 'parameters'>) {
    const { structure, parameters } = this.#plan;
    const isChecked = true;
    const { image, vectors } = this.#opened;
    const index = { image: image.bytes, vectors, structure, isChecked };
    return { ...index, ...queries, parameters: widened(structure, parameters, queries.topK) };
  }

  #here(task: IndexSearchTask): IndexHits {
    return this.#openHere(isKnownSound(this.#opened.image)).search(task);
  }

  /** @param isChecked a thread of this process has looked at every link of the image */
  #openHere(isChecked: boolean): VectorIndex {
    const { image, vectors } = this.#opened;
    const known = indexOnThread(this.#opened);
    if (known !== null) return known;
    const builder = must(indexBuilder(this.#plan.structure), 'only what was built is searched');
    const index = builder.open({ image: image.bytes, vectors, isChecked });
    openOnThread.set(image, { vectors, index });
    return index;
  }
}

function byQuery(hits: IndexHits, queryCount: number): Found[] {
  const found: Found[] = [];
  let next = 0;
  for (let query = 0; query < queryCount; query++) {
    const end = next + (hits.counts[query] ?? 0);
    found.push({ rows: hits.rows.subarray(next, end), scores: hits.scores.subarray(next, end) });
    next = end;
  }
  return found;
}
