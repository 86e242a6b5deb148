/**
 * `/l/<lane>`: who may append to a physical log, and where it begins.
 *
 * A term is given once: whoever opens the log takes the next by compare-and-set, and fences all lower
 * ones. The beginning only moves forward, by the owner of the highest term, before any byte is removed.
 */
import { milvusError } from '../base/errors.ts';
import { compareAndSet } from './compare-and-set.ts';
import { laneKey } from './keys.ts';
import { compareLogPoints, LOG_BEGINNING, type LogPoint, readLogPoint } from './log-point.ts';
import type { MetaStore } from './meta-store.ts';
import { must } from '../base/assert.ts';
import { decodeFields, type RecordFields } from './record-fields.ts';

export interface LaneRecord {
  /** Highest term ever taken; 0 before the first. */
  readonly term: number;
  /** The log is needed from here on; everything before is in manifests. */
  readonly truncatedBefore: LogPoint;
  /** Everything before it was durable when the log was last closed cleanly: it must be there for ever. */
  readonly durableEnd: LogPoint;
}

const NEW_LANE: LaneRecord = Object.freeze({
  term: 0,
  truncatedBefore: LOG_BEGINNING,
  durableEnd: LOG_BEGINNING,
});

export async function readLane(store: MetaStore, lane: string): Promise<LaneRecord> {
  const key = laneKey(lane);
  const entry = await store.get(key);
  return laneOf(entry === null ? null : decodeFields(key, entry.value));
}

/**
 * Takes the next term.
 * @throws MilvusError IoFailed, DiskLimitExceeded: no term was taken that anybody uses
 */
export async function bumpTerm(store: MetaStore, lane: string): Promise<LaneRecord> {
  const written = await compareAndSet(store, laneKey(lane), (current) => {
    const found = laneOf(current);
    return { ...found, term: found.term + 1 };
  });
  return Object.freeze(must(written, 'a term is always taken'));
}

/**
 * Makes durable that the log begins at `before`; a no-op when it already begins there or later. A lost
 * answer does no harm: saying it again is the same.
 * @param term of the caller
 * @throws MilvusError ChannelMisrouted when a higher term was taken
 */
export async function advanceTruncation(
  store: MetaStore,
  lane: string,
  move: { readonly term: number; readonly before: LogPoint },
): Promise<LaneRecord> {
  let found = NEW_LANE;
  const written = await compareAndSet(store, laneKey(lane), (current) => {
    found = laneOf(current);
    if (found.term > move.term) {
      throw milvusError('ChannelMisrouted', {
        message: 'the log was opened by another',
        fields: { lane, term: found.term, own: move.term },
      });
    }
    if (compareLogPoints(move.before, found.truncatedBefore) <= 0) return null;
    return { ...found, truncatedBefore: move.before };
  });
  return Object.freeze(written ?? found);
}

/**
 * Records where a clean close leaves the log, so that a log that lost its end later is noticed; a no-op when it
 * is known to reach as far already.
 */
export async function recordDurableEnd(
  store: MetaStore,
  lane: string,
  end: LogPoint,
): Promise<void> {
  await compareAndSet(store, laneKey(lane), (current) => {
    const found = laneOf(current);
    return compareLogPoints(end, found.durableEnd) <= 0 ? null : { ...found, durableEnd: end };
  });
}

function laneOf(fields: RecordFields | null): LaneRecord {
  if (fields === null) return NEW_LANE;
  return Object.freeze({
    term: fields.integer('term'),
    truncatedBefore: readLogPoint(fields.object('truncatedBefore')),
    durableEnd: readLogPoint(fields.object('durableEnd')),
  });
}
