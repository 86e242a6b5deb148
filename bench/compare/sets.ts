/** The data of the comparison: rows, queries that are no rows, and what is right. */
import { scanTopK } from '../../src/index/kernels.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { float16Vectors, syntheticVectors, type VectorSet } from '../vectors.ts';
import { bucketOf, BUCKETS, maskOf, TOP_K } from './task.ts';

const QUERIES = 1000;
/** Sums in another order differ by this much. */
const SCORE_SLACK = 2e-6;

export interface CompareSet {
  readonly name: string;
  readonly dim: number;
  readonly rows: VectorSet;
  readonly queries: VectorSet;
}

/** Rows of a float16 file; every 63rd or so is taken out as a query. */
export function setOfFile(path: string, dim: number): CompareSet {
  const all = float16Vectors(path, dim);
  const every = Math.floor(all.count / QUERIES);
  const isQuery = (row: number): boolean => row % every === 0 && row / every < QUERIES;
  const rows = taken(all, (row) => !isQuery(row));
  return { name: `real ${rows.count} x ${dim}`, dim, rows, queries: taken(all, isQuery) };
}

export function syntheticSet(count: number, dim: number): CompareSet {
  const all = syntheticVectors(count + QUERIES, dim);
  const rows = taken(all, (row) => row < count);
  const queries = taken(all, (row) => row >= count);
  return { name: `synthetic ${count} x ${dim}`, dim, rows, queries };
}

function taken(set: VectorSet, isTaken: (row: number) => boolean): VectorSet {
  const { dim } = set;
  const chosen: number[] = [];
  for (let row = 0; row < set.count; row++) if (isTaken(row)) chosen.push(row);
  const values = new Float32Array(chosen.length * dim);
  for (const [i, row] of chosen.entries()) {
    values.set(set.values.subarray(row * dim, (row + 1) * dim), i * dim);
  }
  return { name: set.name, dim, count: chosen.length, values };
}

/** Recall of lists of ids by score: a row as good as the last that is right counts. */
export class Judge {
  readonly #set: CompareSet;
  /** By query, the least score that is right, and how many rows have it. */
  readonly #least: Float64Array;
  readonly #wanted: Uint32Array;

  constructor(set: CompareSet, share: number | null) {
    this.#set = set;
    const { rows, queries, dim } = set;
    const exact = scanTopK({
      kind: 'scan',
      metric: 'IP',
      vectors: { type: DataType.FloatVector, dim, values: rows.values },
      rowStart: 0,
      rowEnd: rows.count,
      allowed: share === null ? null : maskOf(rows.count, share),
      queries: queries.values,
      queryCount: queries.count,
      topK: TOP_K,
      tieRowsMax: 0,
    });
    let end = 0;
    this.#wanted = exact.counts;
    this.#least = Float64Array.from(exact.counts, (count) => {
      end += count;
      return (exact.scores[end - 1] ?? 0) - SCORE_SLACK;
    });
  }

  /** @throws Error when an answer names a row twice */
  recall(answers: ReadonlyArray<readonly number[]>, share: number | null): number {
    let right = 0;
    let wanted = 0;
    for (const [query, ids] of answers.entries()) {
      if (new Set(ids).size !== ids.length) throw new Error(`query ${query} got a row twice`);
      wanted += this.#wanted[query]!;
      for (const id of ids) {
        const isAllowed = share === null || bucketOf(id) < share * BUCKETS;
        if (isAllowed && this.#score(query, id) >= this.#least[query]!) right++;
      }
    }
    return right / wanted;
  }

  #score(query: number, id: number): number {
    const { rows, queries, dim } = this.#set;
    let score = 0;
    for (let i = 0; i < dim; i++) {
      score += rows.values[id * dim + i]! * queries.values[query * dim + i]!;
    }
    return score;
  }
}
