/**
 * What compaction may take away for good: rows that no read sees any more, neither one of now nor one of a moment
 * that somebody holds, or that the collection keeps (`collection.retention.seconds`).
 */
import { physicalMs, timestampOf } from '../meta/hybrid-clock.ts';
import { findField } from '../schema/fields.ts';
import { retentionSeconds, ttlFieldName, ttlSeconds } from '../schema/properties.ts';
import type { RowExpiry } from '../segments/row-expiry.ts';
import type { CollectionInfo } from './ports.ts';
import { lostBefore, type SnapshotLeases } from './snapshot-leases.ts';

export interface Horizon {
  /** Rows deleted at or before it go. */
  readonly deletedUntil: bigint;
  /** Rows written before it go. 0: none. */
  readonly expiredBefore: bigint;
  /** Rows that name an end not later than that go. */
  readonly expiry: RowExpiry | null;
  /** Rows go by their age: by either of the two. */
  readonly hasTtl: boolean;
  /** Reads at earlier moments may miss rows that go. */
  readonly moment: bigint;
}

/** @param until deletes up to here are known */
export function horizonOf(
  collection: CollectionInfo,
  leases: SnapshotLeases,
  { until, nowMs }: { readonly until: bigint; readonly nowMs: number },
): Horizon {
  const { properties, schema } = collection;
  const keptMs = retentionSeconds(properties) * 1000;
  const keptSince = timestampOf(nowMs - keptMs);
  // The newest deletes may be ahead of a clock that was set back.
  const deletedUntil = leases.horizon(keptMs > 0 && keptSince < until ? keptSince : until);
  const oldest = leases.horizon(keptSince);
  const atMs = physicalMs(oldest);
  const ttlField = ttlFieldName(properties);
  const field = ttlField === null ? undefined : findField(schema, ttlField);
  const expiry = field === undefined ? null : { fieldId: field.id, atMicros: BigInt(atMs) * 1000n };
  const hasTtl = ttlSeconds(properties) !== null || expiry !== null;
  const moment = hasTtl && oldest > deletedUntil ? oldest : deletedUntil;
  return { deletedUntil, expiredBefore: lostBefore(collection, atMs), expiry, hasTtl, moment };
}
