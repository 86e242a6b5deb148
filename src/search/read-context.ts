/** What a read is given besides its plan, and how it stays polite: it gives turns and hears a cancellation. */
import type { Clock } from '../base/clock.ts';
import { MilvusError, milvusError } from '../base/errors.ts';
import { LONG_TURN_MS_MAX, TURN_MS_MAX } from '../base/limits.ts';
import type { Workers } from '../base/workers.ts';
import type { ScanResult, ScanTask } from '../index/flat.ts';
import type { Vectors } from '../index/distances.ts';
import type { IndexStructure } from '../index/registry.ts';
import type { IndexHits, IndexQueries, IndexTask, OpenOptions } from '../index/vector-index.ts';
import type { ScalarTask } from '../scalar/scalar-build.ts';
import type { RowMasks } from './row-masks.ts';
import { HeldTime, heldTimeOf, turnQueue } from './turn-queue.ts';

/** A search of an index that lies in shared memory, as are the vectors. */
export interface IndexSearchTask extends OpenOptions, IndexQueries {
  readonly structure: IndexStructure;
  readonly vectors: Vectors;
}

export interface SearchWorkers extends Workers<ScanTask, ScanResult> {
  /** @throws MilvusError Cancelled when `signal` aborts first; DataIntegrity for a damaged image */
  searchIndex(task: IndexSearchTask, signal?: AbortSignal): Promise<IndexHits>;
  /**
   * Builds an image on a thread of its own, so that no search waits for it.
   * @throws MilvusError Cancelled when `signal` aborts first
   */
  buildIndex(task: IndexTask | ScalarTask, signal?: AbortSignal): Promise<Uint8Array>;
}

export interface ReadContext {
  readonly workers: SearchWorkers;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Masks of sealed segments that were made before. Default: none is kept. */
  readonly masks?: RowMasks;
  /** Rows below which a scan is as good as an index. Default: what production has. */
  readonly indexRowsMin?: number;
}

/** Items of the first piece of work; doubled as long as that is quick. */
const PIECE_ITEMS_MIN = 64;
/** Milliseconds below which a larger piece is worth trying, and above which a smaller one is. */
const QUICK_MS = 0.75;
const SLOW_MS = 2;

/** Why a signal aborted, as the error the caller gets. */
export function cancellation(signal: AbortSignal): MilvusError {
  const reason: unknown = signal.reason;
  if (reason instanceof MilvusError) return reason;
  const isTimeout = reason instanceof DOMException && reason.name === 'TimeoutError';
  return milvusError(isTimeout ? 'DeadlineExceeded' : 'Cancelled', {}, reason);
}

/** @throws MilvusError Cancelled or DeadlineExceeded when `signal` has aborted */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw cancellation(signal);
}

/** A stretch of work on the serving thread, cut into turns: of TURN_MS_MAX, and LONG_TURN_MS_MAX of a long call. */
export class Turn {
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  /** Null until a turn is given for the first time: most calls never do. */
  #held: HeldTime | null = null;
  #startedMs: number;

  constructor({ clock, signal }: Pick<ReadContext, 'clock' | 'signal'>) {
    this.#clock = clock;
    this.#signal = signal;
    this.#startedMs = clock.monotonicMs();
  }

  get nowMs(): number {
    return this.#clock.monotonicMs();
  }

  /** True when others should have their turn: then `await yield()`. Asked between small pieces of work. */
  get isOver(): boolean {
    const most = this.#held?.isLong === true ? LONG_TURN_MS_MAX : TURN_MS_MAX;
    return this.nowMs - this.#startedMs >= most;
  }

  /** @throws MilvusError Cancelled or DeadlineExceeded when the caller gave up */
  async yield(): Promise<void> {
    const held = this.#held ?? heldTimeOf(this.#signal);
    this.#held = held;
    held.add(this.#clock.monotonicMs() - this.#startedMs);
    await turnQueue(this.#clock).wait(held);
    checkSignal(this.#signal);
    this.#startedMs = this.#clock.monotonicMs();
  }
}

/**
 * Searches that find everything at hand wait for nothing, so that a caller who does one after the other would keep
 * all others from their turn: after TURN_MS_MAX of them everybody gets one.
 */
export class SearchTurns {
  readonly #clock: Clock;
  #searchedMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async run<Answer>(search: () => Promise<Answer>): Promise<Answer> {
    const startedMs = this.#clock.monotonicMs();
    const answer = await search();
    this.#searchedMs += this.#clock.monotonicMs() - startedMs;
    if (this.#searchedMs >= TURN_MS_MAX) {
      this.#searchedMs = 0;
      // The search is done: nothing that is long goes before its answer.
      await turnQueue(this.#clock).wait(new HeldTime());
    }
    return answer;
  }
}

/** Calls `work` on consecutive pieces of [0, count), each a few milliseconds long, and gives turns in between. */
export async function inPieces(
  count: number,
  turn: Turn,
  work: (start: number, end: number) => void,
): Promise<void> {
  let items = PIECE_ITEMS_MIN;
  for (let start = 0; start < count; ) {
    const end = Math.min(count, start + items);
    const startedMs = turn.nowMs;
    work(start, end);
    const tookMs = turn.nowMs - startedMs;
    if (tookMs < QUICK_MS) items *= 2;
    else if (tookMs > SLOW_MS && items > 1) items >>>= 1;
    start = end;
    if (turn.isOver) await turn.yield();
  }
}
