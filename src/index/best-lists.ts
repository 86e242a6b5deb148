/**
 * The k best candidates of several queries, in flat memory.
 *
 * A list is a buffer of packed candidates that is sorted and cut to the best k each time it is full:
 * cheaper than a heap for any k, as most candidates are refused by one comparison with `worst`.
 * Invariants, of each list:
 *   - every candidate offered so far that is better than `worst` is in it;
 *   - candidates as good as the k-th are all in it, or `cutAt` names their cost (more than `tieRowsMax`);
 *   - after `sort`, order is by cost, then by row.
 *
 * A candidate is one exact float64: order-preserving bits of its float32 cost x 2^21 + its row.
 */
import { assert } from '../base/assert.ts';

/** Rows that one scan may cover, so that cost and row fit the 53 bits of a number. */
export const SCAN_ROWS_MAX: number = 2 ** 21;

const bitsOfFloat = new Float32Array(1);
const floatOfBits = new Uint32Array(bitsOfFloat.buffer);

function pack(cost: number, row: number): number {
  // A cost that was rounded to minus zero is zero.
  bitsOfFloat[0] = cost + 0;
  const bits = floatOfBits[0]!;
  const ordered = bits >= 0x80000000 ? 0xffffffff - bits : bits + 0x80000000;
  return ordered * SCAN_ROWS_MAX + row;
}

function orderedBits(candidate: number): number {
  return Math.floor(candidate / SCAN_ROWS_MAX);
}

function costOfOrdered(ordered: number): number {
  floatOfBits[0] = ordered >= 0x80000000 ? ordered - 0x80000000 : 0xffffffff - ordered;
  return bitsOfFloat[0]!;
}

export function candidateCost(candidate: number): number {
  return costOfOrdered(orderedBits(candidate));
}

export function candidateRow(candidate: number): number {
  return candidate - orderedBits(candidate) * SCAN_ROWS_MAX;
}

/** Candidates that a list of `topK` needs room for. */
export function listCapacity(topK: number, tieRowsMax: number): number {
  return topK + tieRowsMax + Math.max(topK, 64);
}

export class BestLists {
  /** By list: candidates that cost more are of no use. Infinity until there are k. */
  readonly worst: Float32Array;
  readonly #topK: number;
  readonly #tieRowsMax: number;
  readonly #capacity: number;
  readonly #candidates: Float64Array;
  readonly #counts: Uint32Array;
  /** By list: the cost at which candidates were thrown away for want of room; NaN if none was. */
  readonly #cutAt: Float64Array;

  constructor(listCount: number, topK: number, tieRowsMax: number) {
    assert(topK >= 1, 'a best list keeps at least one candidate');
    this.#topK = topK;
    this.#tieRowsMax = tieRowsMax;
    this.#capacity = listCapacity(topK, tieRowsMax);
    this.#candidates = new Float64Array(listCount * this.#capacity);
    this.#counts = new Uint32Array(listCount);
    this.#cutAt = new Float64Array(listCount);
    this.worst = new Float32Array(listCount);
    this.clear();
  }

  clear(): void {
    this.#counts.fill(0);
    this.#cutAt.fill(Number.NaN);
    this.worst.fill(Number.POSITIVE_INFINITY);
  }

  /**
   * @param cost a float32 value, not above `worst[list]`
   * @param row 0..SCAN_ROWS_MAX - 1, offered once
   */
  offer(list: number, cost: number, row: number): void {
    if (cost === this.#cutAt[list] && cost === this.worst[list]) return;
    const count = this.#counts[list]!;
    this.#candidates[list * this.#capacity + count] = pack(cost, row);
    this.#counts[list] = count + 1;
    if (count + 1 === this.#capacity) this.#shrink(list);
  }

  /** Brings a list in order and cuts it to its k best and all as good as the k-th; a view of it. */
  sort(list: number): Float64Array {
    this.#shrink(list);
    const start = list * this.#capacity;
    return this.#candidates.subarray(start, start + this.#counts[list]!);
  }

  /** True when candidates as good as the k-th are missing. */
  isCut(list: number): boolean {
    const cutAt = this.#cutAt[list];
    return cutAt === this.worst[list];
  }

  #shrink(list: number): void {
    const start = list * this.#capacity;
    const count = this.#counts[list]!;
    const candidates = this.#candidates.subarray(start, start + count);
    candidates.sort();
    if (count < this.#topK) return;
    const boundary = orderedBits(candidates[this.#topK - 1]!);
    let kept = this.#topK;
    while (kept < count && orderedBits(candidates[kept]!) === boundary) kept++;
    this.worst[list] = costOfOrdered(boundary);
    if (kept > this.#topK + this.#tieRowsMax) {
      kept = this.#topK;
      this.#cutAt[list] = this.worst[list]!;
    }
    this.#counts[list] = kept;
  }
}
