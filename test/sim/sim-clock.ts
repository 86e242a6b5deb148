/** A Clock that stands still until it is told to move. Timers fire on `advance`, in order of their time. */
import type { Clock, Timer } from '../../src/base/clock.ts';

interface SimTimer {
  readonly atMs: number;
  readonly task: () => void;
}

export class SimClock implements Clock {
  #monotonicMs = 0;
  #offsetMs: number;
  #timers: SimTimer[] = [];

  constructor(nowMs = 1_700_000_000_000) {
    this.#offsetMs = nowMs;
  }

  nowMs(): number {
    return this.#monotonicMs + this.#offsetMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(delayMs: number, task: () => void): Timer {
    const timer = { atMs: this.#monotonicMs + delayMs, task };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  yieldTurn(): Promise<void> {
    return Promise.resolve();
  }

  /** Nothing runs beside a simulation: it has no turns to wait for. */
  turnIfDue(): Promise<void> | null {
    return null;
  }

  /** Timers set and not yet fired. */
  get pendingTimers(): number {
    return this.#timers.length;
  }

  /** Moves both clocks; fires what is due on the way, also what fired timers set. */
  advance(byMs: number): void {
    const untilMs = this.#monotonicMs + byMs;
    for (;;) {
      let due: SimTimer | null = null;
      for (const timer of this.#timers) {
        if (timer.atMs <= untilMs && (due === null || timer.atMs < due.atMs)) due = timer;
      }
      if (due === null) break;
      const fired = due;
      this.#timers = this.#timers.filter((timer) => timer !== fired);
      this.#monotonicMs = Math.max(this.#monotonicMs, fired.atMs);
      fired.task();
    }
    this.#monotonicMs = untilMs;
  }

  /** The wall clock jumps, in either direction; the monotonic one does not notice. */
  jump(byMs: number): void {
    this.#offsetMs += byMs;
  }
}
