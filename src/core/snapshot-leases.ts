/**
 * Moments that somebody is paging through. Compaction keeps what a read at such a moment would see;
 * a lease that is not used again ends by itself. A moment whose rows compaction may have taken, or a
 * truncation or the drop of a partition took, is refused: a read there would miss rows.
 */
import type { Clock } from '../base/clock.ts';
import { milvusError } from '../base/errors.ts';
import { ttlSeconds } from '../schema/properties.ts';
import type { CollectionInfo } from './ports.ts';

/** Monotonic milliseconds a snapshot stays readable after its last use. */
export const SNAPSHOT_LEASE_MS = 60_000;
const LEASE_COUNT_MAX = 1024;

export class SnapshotLeases {
  readonly #clock: Clock;
  /** Expiry by snapshot timestamp; insertion order is order of use. */
  readonly #expiries = new Map<bigint, number>();
  /** Reads below it may miss rows. */
  #floor = 0n;
  /** Of the newest write that an earlier process may have made. */
  #opened = 0n;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param timestamp null: the newest, which is never too old. @throws MilvusError SnapshotExpired */
  check(timestamp: bigint | null): void {
    if (timestamp === null || timestamp >= this.#floor) return;
    throw milvusError('SnapshotExpired', { fields: { timestamp } });
  }

  /** Reads below it may miss rows. */
  get floor(): bigint {
    return this.#floor;
  }

  /** What an earlier process wrote is known, up to here. */
  opened(timestamp: bigint): void {
    this.#opened = timestamp;
  }

  /** @param historyFrom as a manifest has it; null: an earlier process may have taken rows of any moment */
  takeOver(historyFrom: bigint | null): void {
    this.raiseFloor(historyFrom ?? this.#opened);
  }

  /** Rows that reads below `timestamp` see go, or went in an earlier process. */
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

/** Whether rows of one state of a collection are gone in the next: truncated, or in a dropped partition. */
export function losesRows(before: CollectionInfo, after: CollectionInfo): boolean {
  if (after.truncatedTimestamp > before.truncatedTimestamp) return true;
  const living = new Set(after.partitions.map(({ id }) => id));
  return before.partitions.some(({ id }) => !living.has(id));
}

/** Rows written before it are gone: they have outlived the TTL, or a truncation took them. 0: none. */
export function lostBefore(
  { properties, truncatedTimestamp }: CollectionInfo,
  nowMs: number,
): bigint {
  const truncated = truncatedTimestamp === 0n ? 0n : truncatedTimestamp + 1n;
  const seconds = ttlSeconds(properties);
  if (seconds === null) return truncated;
  const bound = BigInt(Math.floor(nowMs - seconds * 1000)) << 18n;
  return bound > truncated ? bound : truncated;
}
