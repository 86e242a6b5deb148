/**
 * The exact index: no structure at all, every allowed row is compared with every query.
 *
 * A scan works in tiles of up to TILE_QUERIES queries and as many rows as fit a near cache, so that a
 * batch of queries reads the column once a tile and not once a query; between tiles whoever runs it may
 * stop, or give the thread to others. A task and its result are plain data: they cross to a worker as
 * they are, the column in shared memory.
 */
import { assert, unreachable } from '../base/assert.ts';
import { DataType } from '../schema/data-type.ts';
import {
  BestLists,
  candidateCost,
  candidateRow,
  listCapacity,
  SCAN_ROWS_MAX,
} from './best-lists.ts';
import { BinaryDistances } from './binary-distances.ts';
import { BinaryMatches } from './binary-matches.ts';
import {
  type Distances,
  TILE_QUERIES,
  tileRows,
  type Vectors,
  type VectorValues,
} from './distances.ts';
import { FloatDistances } from './float-distances.ts';
import { Int8Distances } from './int8-distances.ts';
import { type MetricType, onlyMatches } from './metric-type.ts';
import { scoreOf } from './metrics.ts';
import type { MinhashMeasure } from './minhash-signature.ts';

/** Rows as good as the k-th that a scan hands over besides the k, so that keys can decide between them. */
export const TIE_ROWS_MAX = 256;
/** Bytes of candidates that a scan holds; fewer queries share a tile when topK is large. */
const CANDIDATE_BYTES_MAX: number = 32 * 1024 * 1024;

/** Finds the best `topK` of the rows [rowStart, rowEnd) for each query. */
export interface ScanTask {
  readonly kind: 'scan';
  readonly metric: MetricType;
  /** Of MHJACCARD: how it compares. */
  readonly minhash?: MinhashMeasure;
  readonly vectors: Vectors;
  /** At most SCAN_ROWS_MAX rows. */
  readonly rowStart: number;
  readonly rowEnd: number;
  /** Bit i says that row rowStart + i counts; null: all rows count. */
  readonly allowed: Uint32Array | null;
  /** Rows of the same type and dimension as `vectors`. */
  readonly queries: VectorValues;
  readonly queryCount: number;
  readonly topK: number;
  /** TIE_ROWS_MAX, or as many as there are rows to get every tie. */
  readonly tieRowsMax: number;
  /** Rows that cost less do not count. Default: all rows do. */
  readonly costFrom?: number;
  /**
   * An image of flat-image.ts of these vectors; null: none. Where it is of use, rowStart is a multiple of 32.
   * The hits are the same.
   */
  readonly codes?: Uint8Array | null;
}

export function costFrom({ costFrom: given = Number.NEGATIVE_INFINITY }: ScanTask): number {
  return given;
}

/**
 * Query i has `counts[i]` hits behind those of query i - 1, best first, equal scores by row: its k best
 * and every row as good as the k-th, unless `cut[i]` is 1, when there were more than `tieRowsMax`.
 */
export interface ScanResult {
  readonly counts: Uint32Array;
  readonly rows: Uint32Array;
  /** As reported: see metrics.ts. */
  readonly scores: Float32Array;
  readonly cut: Uint8Array;
}

/** A scan under way: between its steps whoever runs it may stop, or give the thread to others. */
export interface RunningScan {
  readonly isDone: boolean;
  /** Works for a few milliseconds at most. */
  step(): void;
  /** Of a scan that is done. */
  result(): ScanResult;
}

/** The scan in TypeScript, one tile a step: the native one's twin. */
export class Scan implements RunningScan {
  readonly #task: ScanTask;
  readonly #distances: Distances;
  readonly #lists: BestLists;
  readonly #queriesPerTile: number;
  readonly #stride: number;
  readonly #costFrom: number;
  readonly #rows: Uint32Array;
  readonly #costs: Float32Array;
  readonly #result: ResultBuilder;
  #firstQuery = 0;
  #nextRow = 0;

  constructor(task: ScanTask) {
    const rowCount = task.rowEnd - task.rowStart;
    assert(rowCount >= 0, 'a scan has a row range');
    assert(rowCount <= SCAN_ROWS_MAX, 'a scan fits its row numbers');
    // No list can hold more than all rows.
    const topK = Math.max(1, Math.min(task.topK, rowCount));
    const tieRowsMax = Math.min(task.tieRowsMax, rowCount);
    const listBytes = listCapacity(topK, tieRowsMax) * 8;
    this.#task = task;
    this.#queriesPerTile = Math.min(
      TILE_QUERIES,
      Math.max(1, Math.floor(CANDIDATE_BYTES_MAX / listBytes)),
      Math.max(1, task.queryCount),
    );
    this.#distances = distancesOf(task);
    this.#lists = new BestLists(this.#queriesPerTile, topK, tieRowsMax);
    this.#stride = tileRows(task.vectors.dim);
    this.#costFrom = Math.fround(costFrom(task));
    this.#rows = new Uint32Array(this.#stride);
    this.#costs = new Float32Array(TILE_QUERIES * this.#stride);
    this.#result = new ResultBuilder(task);
    this.#beginQueries();
  }

  get isDone(): boolean {
    return this.#firstQuery >= this.#task.queryCount;
  }

  /** Works on one tile. */
  step(): void {
    const { rowStart, rowEnd } = this.#task;
    const rowCount = this.#collectRows();
    if (rowCount > 0) {
      this.#distances.measure(this.#rows, rowCount, this.#costs);
      for (let q = 0; q < this.#queryCount; q++) this.#offerRows(q, rowCount);
    }
    if (this.#nextRow < rowEnd - rowStart) return;
    for (let q = 0; q < this.#queryCount; q++) {
      const list = this.#lists.sort(q);
      this.#result.append(this.#firstQuery + q, list, this.#lists.isCut(q));
    }
    this.#firstQuery += this.#queryCount;
    this.#beginQueries();
  }

  result(): ScanResult {
    assert(this.isDone, 'a scan has a result when it is done');
    return this.#result.build();
  }

  get #queryCount(): number {
    return Math.min(this.#queriesPerTile, this.#task.queryCount - this.#firstQuery);
  }

  #beginQueries(): void {
    this.#nextRow = 0;
    if (this.isDone) return;
    this.#lists.clear();
    this.#distances.setQueries(this.#firstQuery, this.#queryCount);
  }

  /** Fills `rows` with the next allowed ones. */
  #collectRows(): number {
    const { allowed, rowStart, rowEnd } = this.#task;
    const end = rowEnd - rowStart;
    const rows = this.#rows;
    let count = 0;
    let row = this.#nextRow;
    if (allowed === null) {
      while (count < rows.length && row < end) rows[count++] = rowStart + row++;
    } else {
      while (count < rows.length && row < end) {
        const rest = allowed[row >>> 5]! >>> (row & 31);
        if (rest === 0) row = (row | 31) + 1;
        else {
          row += 31 - Math.clz32(rest & -rest);
          if (row < end) rows[count++] = rowStart + row;
          row++;
        }
      }
    }
    this.#nextRow = row;
    return count;
  }

  #offerRows(query: number, rowCount: number): void {
    const lists = this.#lists;
    const costs = this.#costs;
    const rows = this.#rows;
    const { rowStart } = this.#task;
    const from = this.#costFrom;
    const start = query * this.#stride;
    let worst = lists.worst[query]!;
    for (let r = 0; r < rowCount; r++) {
      const cost = costs[start + r]!;
      if (cost <= worst && cost >= from) {
        lists.offer(query, cost, rows[r]! - rowStart);
        worst = lists.worst[query]!;
      }
    }
  }
}

/** What compares queries with vectors, by their type and the metric. */
export function distancesOf(
  task: Pick<ScanTask, 'vectors' | 'queries' | 'metric' | 'minhash'>,
): Distances {
  const { vectors, queries, metric } = task;
  switch (vectors.type) {
    case DataType.FloatVector:
    case DataType.Float16Vector:
    case DataType.BFloat16Vector:
      return new FloatDistances(vectors, queries, metric);
    case DataType.Int8Vector:
      return new Int8Distances(vectors, queries, metric);
    case DataType.BinaryVector:
      return onlyMatches(metric)
        ? new BinaryMatches(vectors, queries, task)
        : new BinaryDistances(vectors, queries, metric);
    default:
      return unreachable(vectors.type);
  }
}

/** Puts the lists of all queries one behind the other. */
class ResultBuilder {
  readonly #task: ScanTask;
  readonly #counts: Uint32Array;
  readonly #cut: Uint8Array;
  #rows = new Uint32Array(256);
  #scores = new Float32Array(256);
  #length = 0;

  constructor(task: ScanTask) {
    this.#task = task;
    this.#counts = new Uint32Array(task.queryCount);
    this.#cut = new Uint8Array(task.queryCount);
  }

  append(query: number, candidates: Float64Array, isCut: boolean): void {
    const { metric, rowStart } = this.#task;
    this.#reserve(candidates.length);
    this.#counts[query] = candidates.length;
    this.#cut[query] = isCut ? 1 : 0;
    for (let i = 0; i < candidates.length; i++) {
      const at = this.#length + i;
      this.#rows[at] = rowStart + candidateRow(candidates[i]!);
      this.#scores[at] = scoreOf(metric, candidateCost(candidates[i]!));
    }
    this.#length += candidates.length;
  }

  build(): ScanResult {
    return {
      counts: this.#counts,
      rows: this.#rows.slice(0, this.#length),
      scores: this.#scores.slice(0, this.#length),
      cut: this.#cut,
    };
  }

  #reserve(extra: number): void {
    const need = this.#length + extra;
    if (need <= this.#rows.length) return;
    const capacity = Math.max(need, this.#rows.length * 2);
    const rows = new Uint32Array(capacity);
    const scores = new Float32Array(capacity);
    rows.set(this.#rows.subarray(0, this.#length));
    scores.set(this.#scores.subarray(0, this.#length));
    this.#rows = rows;
    this.#scores = scores;
  }
}
