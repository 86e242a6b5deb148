/**
 * Time comes in through this port; no other file of the engine reads a clock or sets a timer.
 */

/** A timer that was set; `cancel` may be called at any time and more than once. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Whole milliseconds since 1970, may jump in both directions. */
  nowMs(): number;
  /** Milliseconds that never run backwards; the origin is arbitrary. */
  monotonicMs(): number;
  /** Calls `task` once after `delayMs`; never keeps the process alive. */
  after(delayMs: number, task: () => void): Timer;
  /**
   * Gives other tasks and I/O so many turns of the event loop, 1 when not said. Of all that wait for the end of theirs
   * one goes on in a turn.
   */
  yieldTurn(turnCount?: number): Promise<void>;
  /**
   * For whoever may go on and on without waiting for anything but promises, while timers and I/O wait for the end
   * of that.
   * @returns a turn of the event loop to wait for when it has had none for `mostMs`, or for up to twice as long;
   *   null when it has had one
   */
  turnIfDue(mostMs: number): Promise<void> | null;
}

/** Longer timers of Node fire at once. */
const DELAY_MS_MAX = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after(delayMs, task) {
    let handle: NodeJS.Timeout;
    const wait = (leftMs: number): void => {
      const nextMs = Math.min(leftMs, DELAY_MS_MAX);
      handle = setTimeout(() => (nextMs < leftMs ? wait(leftMs - nextMs) : task()), nextMs);
      handle.unref();
    };
    wait(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
  yieldTurn: (turnCount = 1) =>
    new Promise((resolve) => {
      const wait = (turnsLeft: number): void => {
        if (turnsLeft > 1) setImmediate(wait, turnsLeft - 1);
        else comeBackInOrder(resolve);
      };
      wait(turnCount);
    }),
  turnIfDue(mostMs) {
    if (dueTurn !== null) return dueTurn;
    const nowMs = performance.now();
    if (nowMs - seenTurns.atMs < mostMs) return null;
    const { loopCount } = performance.nodeTiming.uvMetricsInfo;
    if (loopCount === seenTurns.count) {
      const { promise, resolve } = Promise.withResolvers<void>();
      setImmediate(resolve);
      dueTurn = promise.then(endDueTurn);
    } else {
      seenTurns.atMs = nowMs;
      seenTurns.count = loopCount;
    }
    return dueTurn;
  },
};

/** Turns of the event loop of this thread, and when it was seen that they are so many. */
const seenTurns = { count: -1, atMs: Number.NEGATIVE_INFINITY };
/** All that are due one wait for the same. */
let dueTurn: Promise<void> | null = null;

function endDueTurn(): void {
  dueTurn = null;
  seenTurns.atMs = performance.now();
  seenTurns.count = performance.nodeTiming.uvMetricsInfo.loopCount;
}

/** Who goes on next, first come first served. */
const goingOn: (() => void)[] = [];

function comeBackInOrder(resume: () => void): void {
  goingOn.push(resume);
  if (goingOn.length === 1) setImmediate(resumeNext);
}

function resumeNext(): void {
  const resume = goingOn.shift();
  if (goingOn.length > 0) setImmediate(resumeNext);
  resume?.();
}
