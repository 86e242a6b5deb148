/**
 * The housekeeping of a process: asks the policies what is due and does it in the background. Flushes,
 * compactions and index builds run in chains of their own, so that a long build or compaction never holds
 * up the flush that frees memory.
 */
import type { Clock, Timer } from '../base/clock.ts';
import { type MilvusError, toMilvusError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';

export interface MaintenanceDeps {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Each does one piece of what is due and says whether it did anything. */
  readonly flushDue: () => Promise<boolean>;
  readonly compactDue: () => Promise<boolean>;
  readonly indexDue: () => Promise<boolean>;
  readonly truncateLog: () => Promise<void>;
  readonly collectGarbage: () => Promise<void>;
}

/** Milliseconds between looks at what only time makes due. */
const TICK_MS = 10_000;
const GARBAGE_EVERY_MS = 10 * 60 * 1000;
/** The first look comes earlier: an earlier process may have left something. */
const GARBAGE_FIRST_MS = 60 * 1000;
/** Wait after a failure, doubled each time up to the last. */
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 10_000;

/** One background activity: runs while there is something to do, rests after a failure. */
class Chain {
  readonly #step: () => Promise<boolean>;
  readonly #clock: Clock;
  readonly #onFailure: (failure: MilvusError) => void;
  #running: Promise<void> | null = null;
  #again = false;
  #retryMs = RETRY_MS_MIN;
  #retry: Timer | null = null;
  failure: MilvusError | null = null;

  constructor(
    step: () => Promise<boolean>,
    clock: Clock,
    onFailure: (failure: MilvusError) => void,
  ) {
    this.#step = step;
    this.#clock = clock;
    this.#onFailure = onFailure;
  }

  kick(): void {
    if (this.#retry !== null) return;
    if (this.#running !== null) {
      this.#again = true;
      return;
    }
    this.#running = this.#run();
  }

  /** Does not wait for the end of a rest. */
  kickNow(): void {
    this.#retry?.cancel();
    this.#retry = null;
    this.kick();
  }

  /** Resolves when the activity rests. */
  async settled(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  stop(): void {
    this.#retry?.cancel();
    this.#again = false;
  }

  async #run(): Promise<void> {
    try {
      do {
        this.#again = false;
        if (await this.#step()) this.#again = true;
        this.failure = null;
        this.#retryMs = RETRY_MS_MIN;
      } while (this.#again);
    } catch (thrown) {
      this.failure = toMilvusError(thrown);
      this.#onFailure(this.failure);
      this.#rest();
    } finally {
      // In the same turn as the last look at `again`: a kick in between would be lost.
      this.#running = null;
    }
  }

  #rest(): void {
    this.#retry = this.#clock.after(this.#retryMs, () => {
      this.#retry = null;
      this.kick();
    });
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS_MAX);
  }
}

export class Maintenance {
  readonly #deps: MaintenanceDeps;
  readonly #flushes: Chain;
  readonly #compactions: Chain;
  readonly #indexes: Chain;
  #tick: Timer | null = null;
  #watch: Timer | null = null;
  #stopped = false;
  #garbageAtMs: number;

  constructor(deps: MaintenanceDeps) {
    const { clock, logger } = deps;
    const report = (activity: string) => (failure: MilvusError) =>
      logger.error(
        { activity, code: failure.code, message: failure.message },
        'maintenance failed',
      );
    this.#deps = deps;
    this.#flushes = new Chain(() => this.#flush(), clock, report('flush'));
    this.#compactions = new Chain(() => this.#compact(), clock, report('compaction'));
    this.#indexes = new Chain(() => this.#index(), clock, report('index build'));
    this.#garbageAtMs = clock.monotonicMs() + GARBAGE_FIRST_MS;
  }

  /** Something is due: look now. */
  kick(): void {
    if (this.#stopped) return;
    this.#flushes.kick();
    this.#compactions.kick();
    this.#indexes.kick();
  }

  /** Segments or definitions of indexes changed: look at those. */
  kickIndexes(): void {
    if (!this.#stopped) this.#indexes.kick();
  }

  /** Somebody waits for them: looks also where the last build failed just now. */
  retryIndexes(): void {
    if (!this.#stopped) this.#indexes.kickNow();
  }

  /** Something changed that time alone may make due: look later. */
  notice(): void {
    if (this.#stopped) return;
    this.#tick ??= this.#deps.clock.after(TICK_MS, () => {
      this.#tick = null;
      this.kick();
    });
  }

  /** Looks now and then also when nothing happens: rows expire and garbage gets old by time alone. */
  watch(): void {
    this.#watchAfter(GARBAGE_FIRST_MS + TICK_MS);
  }

  /** Runs the flushes that are due; @returns why they do not get on, or null */
  async flushesSettled(): Promise<MilvusError | null> {
    this.#flushes.kick();
    await this.#flushes.settled();
    return this.#flushes.failure;
  }

  /** The same for compactions. */
  async compactionsSettled(): Promise<MilvusError | null> {
    this.#compactions.kick();
    await this.#compactions.settled();
    return this.#compactions.failure;
  }

  /** Starts nothing more and waits for what runs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#tick?.cancel();
    this.#watch?.cancel();
    this.#flushes.stop();
    this.#compactions.stop();
    this.#indexes.stop();
    await this.#flushes.settled();
    await this.#compactions.settled();
    await this.#indexes.settled();
  }

  #watchAfter(delayMs: number): void {
    if (this.#stopped) return;
    this.#watch = this.#deps.clock.after(delayMs, () => {
      this.kick();
      this.#watchAfter(GARBAGE_EVERY_MS + TICK_MS);
    });
  }

  async #flush(): Promise<boolean> {
    if (this.#stopped) return false;
    const flushed = await this.#deps.flushDue();
    if (flushed) {
      await this.#deps.truncateLog();
      this.#compactions.kick();
      this.#indexes.kick();
    }
    return flushed;
  }

  async #compact(): Promise<boolean> {
    if (this.#stopped) return false;
    if (await this.#deps.compactDue()) {
      this.#indexes.kick();
      return true;
    }
    if (this.#deps.clock.monotonicMs() >= this.#garbageAtMs) {
      this.#garbageAtMs = this.#deps.clock.monotonicMs() + GARBAGE_EVERY_MS;
      await this.#deps.collectGarbage();
    }
    return false;
  }

  async #index(): Promise<boolean> {
    return !this.#stopped && (await this.#deps.indexDue());
  }
}
