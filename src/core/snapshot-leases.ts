/**
 * Moments that somebody is paging through. Compaction keeps what a read at such a moment would see;
 * a lease that is not used again ends by itself. A moment whose rows compaction may have taken is refused:
 * a read there would miss rows.
 */
import type { Clock } from '../base/clock.ts';
import { milvusError } from '../base/errors.ts';

/** Monotonic milliseconds a snapshot stays readable after its last use. */
export const SNAPSHOT_LEASE_MS = 60_000;
const LEASE_COUNT_MAX = 1024;

export class SnapshotLeases {
  readonly #clock: Clock;
  /** Expiry by snapshot timestamp; insertion order is order of use. */
  readonly #expiries = new Map<bigint, number>();
  /** Rows that were deleted at or before it may be gone. */
  #floor = 0n;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws MilvusError SnapshotExpired */
  check(timestamp: bigint): void {
    if (timestamp < this.#floor) throw milvusError('SnapshotExpired', { fields: { timestamp } });
  }

  /** Rows deleted at or before `timestamp` go, or went in an earlier process. */
  raiseFloor(timestamp: bigint): void {
    if (timestamp > this.#floor) this.#floor = timestamp;
  }

  extend(timestamp: bigint): void {
    this.#expiries.delete(timestamp);
    this.#expiries.set(timestamp, this.#clock.monotonicMs() + SNAPSHOT_LEASE_MS);
    if (this.#expiries.size <= LEASE_COUNT_MAX) return;
    const [oldest] = this.#expiries.keys();
    if (oldest !== undefined) this.#expiries.delete(oldest);
  }

  /** Deletes at or before the returned timestamp are seen by every read that may still come. */
  horizon(latest: bigint): bigint {
    const now = this.#clock.monotonicMs();
    let horizon = latest;
    for (const [timestamp, expiry] of this.#expiries) {
      if (expiry < now) this.#expiries.delete(timestamp);
      else if (timestamp < horizon) horizon = timestamp;
    }
    return horizon;
  }
}
