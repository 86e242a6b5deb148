/**
 * Searching inverted lists in TypeScript: the lists whose centroids are nearest, then the rows in them.
 *
 *   codes    candidates                                hits
 *   none     every row of the lists                    the best by exact costs
 *   panels   the same: codes change no hit             the best by exact costs
 *   trained  the best by codes, as many as asked for   the best of them by exact costs
 *
 * While fewer hits are found than are asked for, lists further away are searched as well.
 * native/src/ivf_search.h is the twin of this file.
 */
import { DataType } from '../schema/data-type.ts';
import { BestRows } from './best-rows.ts';
import { BinaryDistances } from './binary-distances.ts';
import { CodeQuery } from './code-query.ts';
import { hasStride, runByteLength } from './codes.ts';
import {
  type Distances,
  TILE_QUERIES,
  tileRows,
  type Vectors,
  type VectorValues,
} from './distances.ts';
import { FloatDistances } from './float-distances.ts';
import { Int8Distances } from './int8-distances.ts';
import { hasDirections, type ListImage, spaceOf, trainedCodes } from './ivf-image.ts';
import { prepareRow } from './ivf-vectors.ts';
import { CentroidCosts, type MeansVectors, newMeansVectors } from './k-means.ts';
import { scoreOf } from './metrics.ts';

const ROWS_AT_ONCE = 1024;

export interface ListQuery {
  readonly topK: number;
  /** Lists, at least 1. */
  readonly probeCount: number;
  /** With trained codes: at least topK. */
  readonly candidateCount: number;
  /** See CodeQuery. */
  readonly queryBits: number;
  /** Bit i: row i counts; null: all rows do. `allowedCount` of them are set. */
  readonly allowed: Uint32Array | null;
  readonly allowedCount: number;
}

export interface ListHits {
  readonly rows: Uint32Array;
  readonly scores: Float32Array;
}

export class ListSearcher {
  readonly #image: ListImage;
  readonly #vectors: Vectors;
  readonly #centroidCosts: CentroidCosts;
  /** By which costs of lists are multiplied to rank them. */
  readonly #scales: Float32Array;
  readonly #prepared: MeansVectors;
  readonly #codes: CodeQuery | null;
  readonly #rows = new Uint32Array(ROWS_AT_ONCE);
  readonly #places = new Uint32Array(ROWS_AT_ONCE);
  readonly #costs = new Float32Array(ROWS_AT_ONCE);
  readonly #tile: Float32Array;
  #exact: Distances | null = null;

  constructor(image: ListImage, vectors: Vectors) {
    const { shape, centroids, codebook } = image;
    const codes = trainedCodes(shape);
    this.#image = image;
    this.#vectors = vectors;
    this.#centroidCosts = new CentroidCosts(spaceOf(shape), centroids);
    this.#scales = scalesOf(image);
    this.#prepared = newMeansVectors(spaceOf(shape), 1);
    this.#codes = codes === null ? null : new CodeQuery(codes, codebook);
    this.#tile = new Float32Array(TILE_QUERIES * tileRows(shape.dim));
  }

  /** Best rows first, equal ones by row, with their scores; at most topK. */
  search(queries: VectorValues, which: number, query: ListQuery): ListHits {
    const { shape } = this.#image;
    const enough = Math.min(query.topK, query.allowedCount);
    if (enough === 0) return { rows: new Uint32Array(0), scores: new Float32Array(0) };
    this.#setQuery(queries, which, query);
    const costs = this.#centroidCosts.measure(this.#prepared, 0).slice();
    const ranks = costs.map((cost, list) => cost * this.#scales[list]!);
    const lists = Uint32Array.from(costs, (_, list) => list);
    lists.sort((left, right) => ranks[left]! - ranks[right]! || left - right);
    const best = new BestRows(this.#codes === null ? query.topK : query.candidateCount);
    for (const [i, list] of lists.entries()) {
      if (i >= query.probeCount && best.count >= enough) break;
      if (this.#codes === null) this.#measureList(list, query, best);
      else this.#measureCodes(list, costs[list]!, query, best);
    }
    const hits = (this.#codes === null ? best : this.#refine(best, query.topK)).sort();
    const scores = hits.costs.map((cost) => scoreOf(shape.metric, cost));
    return { rows: hits.rows.slice(), scores };
  }

  #setQuery(queries: VectorValues, which: number, { queryBits }: ListQuery): void {
    const { shape } = this.#image;
    const stride = queriesStride(shape);
    const vector = queries.subarray(which * stride, (which + 1) * stride);
    this.#exact = distancesOf(this.#vectors, vector, shape.metric);
    this.#exact.setQueries(0, 1);
    prepareRow(shape, { vectors: queries, index: which }, this.#prepared, 0);
    this.#codes?.setQuery(this.#prepared as Float32Array, queryBits);
  }

  /** False of what is no row, too. */
  #isAllowed({ allowed }: ListQuery, row: number): boolean {
    if (row >= this.#image.shape.rowCount) return false;
    return allowed === null || ((allowed[row >>> 5]! >>> (row & 31)) & 1) === 1;
  }

  #measureList(list: number, query: ListQuery, best: BestRows): void {
    const { rows, rowStarts } = this.#image;
    let count = 0;
    for (let at = rowStarts[list]!; at < rowStarts[list + 1]!; at++) {
      const row = rows[at]!;
      if (this.#isAllowed(query, row)) this.#rows[count++] = row;
      if (count < ROWS_AT_ONCE) continue;
      this.#offerExact(count, best);
      count = 0;
    }
    this.#offerExact(count, best);
  }

  #measureCodes(list: number, base: number, query: ListQuery, best: BestRows): void {
    const { shape, rows, rowStarts, slotStarts, centroids } = this.#image;
    const codes = trainedCodes(shape);
    if (codes === null || this.#codes === null) return;
    const { dim } = shape;
    const first = rowStarts[list]!;
    const end = rowStarts[list + 1]! - first;
    const run = this.#image.codes.subarray(runByteLength(codes, slotStarts[list]!));
    this.#codes.setList((centroids as Float32Array).subarray(list * dim, (list + 1) * dim), base);
    for (let start = 0; start < end; start += ROWS_AT_ONCE) {
      const some = Math.min(ROWS_AT_ONCE, end - start);
      let count = 0;
      for (let i = start; i < start + some; i++) {
        if (this.#isAllowed(query, rows[first + i]!)) this.#places[count++] = i;
      }
      if (count === 0) continue;
      const isPicked = count < some && hasStride(codes);
      if (isPicked) this.#codes.costsOf(run, this.#places, count, this.#costs);
      else this.#codes.costs(run, start, some, this.#costs);
      for (let i = 0; i < count; i++) {
        const place = this.#places[i]!;
        const cost = this.#costs[isPicked ? i : place - start]!;
        if (cost <= best.worst) best.offer(cost, rows[first + place]!);
      }
    }
  }

  /** The exact costs of the best by codes decide. */
  #refine(candidates: BestRows, topK: number): BestRows {
    const best = new BestRows(topK);
    const { rows } = candidates.sort();
    for (let start = 0; start < rows.length; start += ROWS_AT_ONCE) {
      const some = rows.subarray(start, start + ROWS_AT_ONCE);
      this.#rows.set(some);
      this.#offerExact(some.length, best);
    }
    return best;
  }

  #offerExact(count: number, best: BestRows): void {
    const exact = this.#exact;
    const atOnce = tileRows(this.#image.shape.dim);
    for (let start = 0; start < count && exact !== null; start += atOnce) {
      const rows = this.#rows.subarray(start, Math.min(count, start + atOnce));
      exact.measure(rows, rows.length, this.#tile);
      for (let i = 0; i < rows.length; i++) {
        if (this.#tile[i]! <= best.worst) best.offer(this.#tile[i]!, rows[i]!);
      }
    }
  }
}

/** Of lists whose centroids are directions, one by the length of each; else 1. */
function scalesOf({ shape, centroids }: ListImage): Float32Array {
  const scales = new Float32Array(shape.listCount).fill(1);
  for (let list = 0; list < scales.length && hasDirections(shape); list++) {
    let square = 0;
    for (let i = list * shape.dim; i < (list + 1) * shape.dim; i++) square += centroids[i]! ** 2;
    if (square > 0 && square < Number.POSITIVE_INFINITY) scales[list] = 1 / Math.sqrt(square);
  }
  return scales;
}

function queriesStride({ type, dim }: ListImage['shape']): number {
  return type === DataType.BinaryVector ? dim / 8 : dim;
}

function distancesOf(
  vectors: Vectors,
  query: VectorValues,
  metric: ListImage['shape']['metric'],
): Distances {
  if (vectors.type === DataType.BinaryVector) return new BinaryDistances(vectors, query, metric);
  if (vectors.type === DataType.Int8Vector) return new Int8Distances(vectors, query, metric);
  return new FloatDistances(vectors, query, metric);
}
