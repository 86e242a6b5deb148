/**
 * Hybrid timestamps in Milvus's form: milliseconds since 1970 in the upper bits, a counter in the lower
 * 18. One that was given is above every one given or observed before, across restarts and whatever the
 * wall clock does.
 *
 * The store holds a bound that runs about CLOCK_MARGIN_MS ahead of time. Nothing above it is ever given, and a clock
 * begins behind the bound it finds; so a crash can only lose timestamps, never repeat them.
 */
import { assert } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { milvusError } from '../base/errors.ts';
import { CLOCK_LEAD_MAX_MS, CLOCK_MARGIN_MS } from '../base/limits.ts';
import { Mutex } from '../base/mutex.ts';
import { compareAndSet } from './compare-and-set.ts';
import type { MetaStore } from './meta-store.ts';
import { decodeFields } from './record-fields.ts';

const LOGICAL_BITS = 18n;
const LOGICAL_MASK = (1n << LOGICAL_BITS) - 1n;
const MARGIN = BigInt(CLOCK_MARGIN_MS) << LOGICAL_BITS;
/** For a clock that is ahead of time already: many timestamps, and few milliseconds lost by a crash. */
const ROOM = 100n << LOGICAL_BITS;

/** The first timestamp of a millisecond. */
export function timestampOf(ms: number): bigint {
  return BigInt(Math.floor(ms)) << LOGICAL_BITS;
}

/** Milliseconds since 1970. */
export function physicalMs(timestamp: bigint): number {
  return Number(timestamp >> LOGICAL_BITS);
}

export function logicalOf(timestamp: bigint): number {
  return Number(timestamp & LOGICAL_MASK);
}

export class HybridClock {
  readonly #clock: Clock;
  readonly #store: MetaStore;
  readonly #key: string;
  readonly #readOnly: boolean;
  readonly #turn = new Mutex();
  /** The highest timestamp given or observed. */
  #last: bigint;
  /** As it stands in the store. */
  #bound: bigint;
  #isRenewing = false;

  private constructor(options: HybridClockOptions, bound: bigint) {
    this.#clock = options.clock;
    this.#store = options.store;
    this.#key = options.key;
    this.#readOnly = options.readOnly ?? false;
    this.#last = bound;
    this.#bound = bound;
  }

  /** Reads the bound and writes nothing; the first timestamp does. */
  static async load(options: HybridClockOptions): Promise<HybridClock> {
    const { store, key } = options;
    const entry = await store.get(key);
    const bound = entry === null ? 0n : decodeFields(key, entry.value).big('bound');
    return new HybridClock(options, bound);
  }

  /** The highest timestamp given or observed; 0 or the stored bound before the first. */
  get last(): bigint {
    return this.#last;
  }

  /**
   * The first of `count` consecutive timestamps, the caller's own; null when the bound has to be moved
   * first.
   */
  tryNext(count = 1): bigint | null {
    assert(Number.isSafeInteger(count) && count > 0, 'timestamps are given by positive counts');
    const now = timestampOf(this.#clock.nowMs());
    const first = now > this.#last ? now : this.#last + 1n;
    const last = first + BigInt(count - 1);
    if (last > this.#bound) return null;
    this.#last = last;
    const isOld = now + MARGIN - this.#bound > MARGIN / 2n;
    if (isOld || this.#bound - last < ROOM / 2n) this.#renewInBackground();
    return first;
  }

  /** The first of `count` consecutive timestamps, the caller's own. */
  async next(count = 1): Promise<bigint> {
    for (;;) {
      const first = this.tryNext(count);
      if (first !== null) return first;
      await this.ensureBound(count);
    }
  }

  /** After it, `tryNext(count)` succeeds unless time passed or others took timestamps in between. */
  async ensureBound(count = 1): Promise<void> {
    await this.#turn.run(async () => {
      const now = timestampOf(this.#clock.nowMs());
      const least = (now > this.#last ? now : this.#last) + BigInt(count);
      if (least <= this.#bound) return;
      await this.#moveBound(least);
    });
  }

  /**
   * Every later timestamp is above `timestamp`, also after a crash.
   * @throws MilvusError TimeTickLongDelay when it is more than CLOCK_LEAD_MAX_MS ahead of the clock
   */
  async observe(timestamp: bigint): Promise<void> {
    if (timestamp <= this.#last) return;
    this.#checkLead(timestamp);
    await this.#turn.run(async () => {
      // A clock that gives nothing has nothing to keep above it.
      if (timestamp > this.#bound && !this.#readOnly) await this.#moveBound(timestamp);
    });
    if (timestamp > this.#last) this.#last = timestamp;
  }

  /**
   * Every later timestamp of this process is above `timestamp`; nothing is written for it.
   * @throws MilvusError TimeTickLongDelay as `observe`
   */
  pass(timestamp: bigint): void {
    if (timestamp <= this.#last) return;
    this.#checkLead(timestamp);
    this.#last = timestamp;
  }

  #checkLead(timestamp: bigint): void {
    const leadMs = physicalMs(timestamp) - this.#clock.nowMs();
    if (leadMs <= CLOCK_LEAD_MAX_MS) return;
    throw milvusError('TimeTickLongDelay', {
      message: `Timestamp lag too large lag(${leadMs / 1000}s) max(${CLOCK_LEAD_MAX_MS / 1000}s)`,
      fields: { timestamp },
    });
  }

  /**
   * Gives back what is left of the margin, so that a clock that opens at once need not run ahead of
   * time. For a clean close: nothing is given afterwards until the bound was moved again.
   */
  async release(): Promise<void> {
    await this.#turn.run(async () => {
      // Above the bound nothing was given.
      if (this.#readOnly || this.#bound <= this.#last) return;
      const last = this.#last;
      // Whoever moved the bound in the meantime counts on it.
      const expected = this.#bound;
      this.#bound = last;
      await compareAndSet(this.#store, this.#key, (current) =>
        current?.big('bound') === expected ? { bound: last } : null,
      );
    });
  }

  #renewInBackground(): void {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    const renewed = this.#turn.run(() => this.#moveBound(this.#last));
    const settle = (): void => {
      this.#isRenewing = false;
    };
    // A failure is not lost: once the margin is used up, `ensureBound` meets it in front of a caller.
    renewed.then(settle, settle);
  }

  /** Puts the bound a margin ahead of now, and some room ahead of the last timestamp and of `least`. */
  async #moveBound(least: bigint): Promise<void> {
    let theirs = 0n;
    const written = await compareAndSet(this.#store, this.#key, (current) => {
      theirs = current?.big('bound') ?? 0n;
      const now = timestampOf(this.#clock.nowMs());
      const ahead = [least, this.#last, theirs].reduce((a, b) => (a > b ? a : b));
      const bound = now + MARGIN > ahead + ROOM ? now + MARGIN : ahead + ROOM;
      return { bound };
    });
    assert(written !== null, 'a bound was written');
    // Another clock on this key may have given everything up to its bound.
    if (theirs !== this.#bound && theirs > this.#last) this.#last = theirs;
    this.#bound = written.bound;
  }
}

export interface HybridClockOptions {
  readonly clock: Clock;
  readonly store: MetaStore;
  /** Under which the bound is kept: meta/keys.ts, clockKey. */
  readonly key: string;
  /** Observes and gives nothing; the store refuses changes. */
  readonly readOnly?: boolean;
}
