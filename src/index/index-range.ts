/**
 * Range search and next batches over any index, made of searches that grow.
 *
 * A search that did not reach far enough is repeated for RANGE_GROWTH times as many rows, so all of them
 * together cost a fixed multiple of the last; an index that is asked for most of its rows looks at all of
 * them, so both end, and miss nothing then.
 *
 *   metric        in range
 *   IP, COSINE,   radius < score <= rangeFilter
 *   MHJACCARD
 *   others        rangeFilter <= score < radius
 * Source: knowhere `src/common/range_util.cc`.
 */
import { largerIsBetter, type MetricType } from './metric-type.ts';
import type { IndexHits, IndexQueries, VectorIndex } from './vector-index.ts';

const RANGE_GROWTH = 4;
const RANGE_ROWS_MIN = 64;

export interface ScoreRange {
  readonly radius: number;
  /** null: no bound. */
  readonly rangeFilter: number | null;
}

/** The best `topK` rows in range, of one query. */
export function searchRange(index: VectorIndex, query: IndexQueries, range: ScoreRange): IndexHits {
  const sign = largerIsBetter(index.metric as MetricType) ? -1 : 1;
  const end = sign * range.radius;
  const start = range.rangeFilter === null ? Number.NEGATIVE_INFINITY : sign * range.rangeFilter;
  let wanted = Math.min(index.rowCount, Math.max(RANGE_ROWS_MIN, query.topK));
  while (true) {
    const { rows, scores } = index.search({ ...query, queryCount: 1, topK: wanted });
    const inRange: number[] = [];
    for (let i = 0; i < rows.length && inRange.length < query.topK; i++) {
      const cost = sign * scores[i]!;
      if (cost >= start && cost < end) inRange.push(i);
    }
    const worst = rows.length === 0 ? end : sign * scores[rows.length - 1]!;
    const isEnough = inRange.length === query.topK || worst >= end;
    if (isEnough || rows.length < wanted || wanted === index.rowCount) {
      return {
        counts: Uint32Array.of(inRange.length),
        rows: Uint32Array.from(inRange, (i) => rows[i]!),
        scores: Float32Array.from(inRange, (i) => scores[i]!),
      };
    }
    wanted = Math.min(index.rowCount, wanted * RANGE_GROWTH);
  }
}

/** Hands out the rows of one query batch by batch, best first, none twice. */
export class NextBatches {
  readonly #index: VectorIndex;
  readonly #query: IndexQueries;
  readonly #given = new Set<number>();
  #rows: number[] = [];
  #scores: number[] = [];
  #isAll = false;

  /** @param query `topK` is the size of a batch */
  constructor(index: VectorIndex, query: IndexQueries) {
    this.#index = index;
    this.#query = query;
  }

  /** The next best rows; fewer than a batch at the end, then none. */
  next(): IndexHits {
    const { topK } = this.#query;
    if (this.#rows.length < topK && !this.#isAll) this.#search();
    const rows = this.#rows.splice(0, topK);
    const scores = this.#scores.splice(0, topK);
    for (const row of rows) this.#given.add(row);
    return {
      counts: Uint32Array.of(rows.length),
      rows: Uint32Array.from(rows),
      scores: Float32Array.from(scores),
    };
  }

  #search(): void {
    const { topK } = this.#query;
    const { rowCount } = this.#index;
    const wanted = Math.min(rowCount, (this.#given.size + topK) * RANGE_GROWTH);
    const hits = this.#index.search({ ...this.#query, queryCount: 1, topK: wanted });
    this.#isAll = wanted === rowCount;
    this.#rows = [];
    this.#scores = [];
    for (let i = 0; i < hits.rows.length; i++) {
      if (this.#given.has(hits.rows[i]!)) continue;
      this.#rows.push(hits.rows[i]!);
      this.#scores.push(hits.scores[i]!);
    }
  }
}
