/**
 * Who has the serving thread next. Work that gives a turn waits here for its own, and one piece of such work runs a
 * turn of the event loop, whoever it is for: what comes in waits for one of them and not for all.
 *  - Whose call has held the thread least goes on first, of equals whoever waits longest: what is small is done
 *    before what is large goes on.
 *  - Nobody waits longer than WAIT_MS_MAX and one piece for others to go first.
 *  - Before a piece of a call that is known to be long the loop turns some times more: a request comes in several
 *    of its turns, and is answered in the next.
 */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { LONG_CALL_MS, TURN_MS_MAX, TURN_WAIT_MS_MAX } from '../base/limits.ts';

/** Turns of the loop that are for nobody but what comes in. */
const FREE_TURNS = 2;
/** Of one turn no more is counted: what took longer waited for a disk or another thread as well. */
const COUNTED_MS_MAX: number = 2 * TURN_MS_MAX;

/** What of the serving thread a call has had. */
export class HeldTime {
  #heldMs = 0;

  get heldMs(): number {
    return this.#heldMs;
  }

  get isLong(): boolean {
    return this.#heldMs >= LONG_CALL_MS;
  }

  add(durationMs: number): void {
    this.#heldMs += Math.min(Math.max(durationMs, 0), COUNTED_MS_MAX);
  }
}

interface Waiting {
  readonly held: HeldTime;
  readonly sinceMs: number;
  readonly resume: () => void;
  readonly fail: (failure: unknown) => void;
}

export class TurnQueue {
  readonly #clock: Pick<Clock, 'monotonicMs' | 'yieldTurn'>;
  /** Who came first is first. */
  readonly #waiting: Waiting[] = [];
  #isServing = false;

  constructor(clock: Pick<Clock, 'monotonicMs' | 'yieldTurn'>) {
    this.#clock = clock;
  }

  /** Resolves when the caller may go on for a turn. */
  async wait(held: HeldTime): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sinceMs = this.#clock.monotonicMs();
    this.#waiting.push({ held, sinceMs, resume: resolve, fail: reject });
    if (!this.#isServing) void this.#serve();
    await promise;
  }

  async #serve(): Promise<void> {
    this.#isServing = true;
    try {
      do {
        await this.#clock.yieldTurn(this.#next().held.isLong ? 1 + FREE_TURNS : 1);
        const next = this.#next();
        this.#waiting.splice(this.#waiting.indexOf(next), 1);
        next.resume();
      } while (this.#waiting.length > 0);
    } catch (failure) {
      for (const { fail } of this.#waiting.splice(0)) fail(failure);
    } finally {
      this.#isServing = false;
    }
  }

  #next(): Waiting {
    const [oldest] = this.#waiting;
    assert(oldest !== undefined, 'somebody waits');
    if (this.#clock.monotonicMs() - oldest.sinceMs >= TURN_WAIT_MS_MAX) return oldest;
    let least = oldest;
    for (const one of this.#waiting) if (one.held.heldMs < least.held.heldMs) least = one;
    return least;
  }
}

const queues = new WeakMap<Clock, TurnQueue>();
const heldBySignal = new WeakMap<AbortSignal, HeldTime>();

/** The queue of all that runs by a clock. */
export function turnQueue(clock: Clock): TurnQueue {
  const known = queues.get(clock);
  if (known !== undefined) return known;
  const queue = new TurnQueue(clock);
  queues.set(clock, queue);
  return queue;
}

/** What a call has had, by the signal that all of its work hears; without one, of a piece of work by itself. */
export function heldTimeOf(signal: AbortSignal | undefined): HeldTime {
  if (signal === undefined) return new HeldTime();
  const known = heldBySignal.get(signal);
  if (known !== undefined) return known;
  const held = new HeldTime();
  heldBySignal.set(signal, held);
  return held;
}
