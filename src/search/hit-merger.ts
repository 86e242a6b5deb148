/**
 * Merges sorted lists of hits query by query: best score first, equal scores by primary key. The one place
 * that decides between hits, whether they come from chunks of a segment, from segments or from shards.
 */
import { must } from '../base/assert.ts';
import { largerIsBetter, type MetricType } from '../index/metric-type.ts';
import { compareKeys, type OrderedKeys } from './key-order.ts';

/**
 * Hits of each query, best first, equal scores by primary key. Query i has `counts[i]` hits behind those of
 * query i - 1; hit h is row `rows[h]` of source `sources[h]`.
 */
export interface HitList {
  readonly counts: Uint32Array;
  readonly scores: Float32Array;
  readonly sources: Uint32Array;
  readonly rows: Uint32Array;
}

export interface MergeOptions {
  readonly metric: MetricType;
  readonly queryCount: number;
  /** Hits wanted of each query. */
  readonly topK: number;
  /** By source: the primary keys of its rows. */
  readonly keys: readonly OrderedKeys[];
}

/** One query after the other: `mergeNext` until `isDone`, then `build`. */
export class HitMerger {
  readonly #lists: readonly HitList[];
  readonly #options: MergeOptions;
  readonly #isLargerBetter: boolean;
  /** By list: its next hit, and where those of the present query end. */
  readonly #next: Uint32Array;
  readonly #ends: Uint32Array;
  /** Lists that have hits left, the one with the best next hit on top. */
  readonly #heap: Uint32Array;
  #heapSize = 0;
  readonly #counts: Uint32Array;
  readonly #scores: Float32Array;
  readonly #sources: Uint32Array;
  readonly #rows: Uint32Array;
  #query = 0;
  #length = 0;

  constructor(lists: readonly HitList[], options: MergeOptions) {
    this.#lists = lists;
    this.#options = options;
    this.#isLargerBetter = largerIsBetter(options.metric);
    this.#next = new Uint32Array(lists.length);
    this.#ends = new Uint32Array(lists.length);
    this.#heap = new Uint32Array(lists.length);
    this.#counts = new Uint32Array(options.queryCount);
    const capacity = hitCapacity(lists, options);
    this.#scores = new Float32Array(capacity);
    this.#sources = new Uint32Array(capacity);
    this.#rows = new Uint32Array(capacity);
  }

  get isDone(): boolean {
    return this.#query >= this.#options.queryCount;
  }

  /** Merges the hits of the next query. */
  mergeNext(): void {
    const start = this.#length;
    const end = start + this.#options.topK;
    this.#fillHeap();
    while (this.#heapSize > 0 && this.#length < end) this.#takeBest();
    this.#counts[this.#query] = this.#length - start;
    this.#next.set(this.#ends);
    this.#query++;
  }

  build(): HitList {
    return {
      counts: this.#counts,
      scores: this.#scores.slice(0, this.#length),
      sources: this.#sources.slice(0, this.#length),
      rows: this.#rows.slice(0, this.#length),
    };
  }

  #fillHeap(): void {
    this.#heapSize = 0;
    for (let list = 0; list < this.#lists.length; list++) {
      const count = this.#list(list).counts[this.#query]!;
      this.#ends[list] = this.#next[list]! + count;
      if (count > 0) this.#heap[this.#heapSize++] = list;
    }
    for (let at = (this.#heapSize >> 1) - 1; at >= 0; at--) this.#siftDown(at);
  }

  #takeBest(): void {
    const list = this.#heap[0]!;
    const { scores, sources, rows } = this.#list(list);
    const hit = this.#next[list]!;
    const at = this.#length++;
    this.#scores[at] = scores[hit]!;
    this.#sources[at] = sources[hit]!;
    this.#rows[at] = rows[hit]!;
    this.#next[list] = hit + 1;
    if (hit + 1 === this.#ends[list]) this.#heap[0] = this.#heap[--this.#heapSize]!;
    this.#siftDown(0);
  }

  #siftDown(at: number): void {
    const heap = this.#heap;
    const size = this.#heapSize;
    const list = heap[at]!;
    let hole = at;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= size) break;
      if (child + 1 < size && this.#isBetter(heap[child + 1]!, heap[child]!)) child++;
      if (!this.#isBetter(heap[child]!, list)) break;
      heap[hole] = heap[child]!;
      hole = child;
    }
    heap[hole] = list;
  }

  /** Whether the next hit of list `left` comes before that of list `right`. */
  #isBetter(left: number, right: number): boolean {
    const a = this.#list(left);
    const b = this.#list(right);
    const i = this.#next[left]!;
    const j = this.#next[right]!;
    const score = a.scores[i]!;
    const other = b.scores[j]!;
    if (score !== other) return this.#isLargerBetter ? score > other : score < other;
    const { keys } = this.#options;
    const own = must(keys[a.sources[i]!], 'every source has keys');
    const others = must(keys[b.sources[j]!], 'every source has keys');
    return compareKeys(own, a.rows[i]!, others, b.rows[j]!) < 0;
  }

  #list(index: number): HitList {
    return must(this.#lists[index], 'lists are numbered');
  }
}

function hitCapacity(lists: readonly HitList[], { queryCount, topK }: MergeOptions): number {
  let capacity = 0;
  for (let query = 0; query < queryCount; query++) {
    let count = 0;
    for (const { counts } of lists) count += counts[query]!;
    capacity += Math.min(topK, count);
  }
  return capacity;
}
