/**
 * Which segments are rewritten next: a pure function of the manifest. In this order:
 *  - expire: a segment a good part of whose rows has outlived the TTL, or the ends they name;
 *  - purge: a segment of which more than DELETED_RATIO_MAX is deleted;
 *  - merge: MERGE_MIN to MERGE_MAX segments of one partition and about one size. Sizes go in steps of
 *    TIER_FACTOR, so that a row is rewritten once a step, and no more often than that.
 * Who asks for a compaction wants few segments, for which an index pays most: then any two that fit into
 * one are merged. And wants room: then segments that may hold values of dropped fields are rewritten, which
 * otherwise waits for another reason, for it also costs their indexes.
 */
import { must } from '../base/assert.ts';
import { DELETED_RATIO_MAX, SEGMENT_BYTES_MAX } from '../base/limits.ts';
import { goneRatio, type RowExpiry } from './row-expiry.ts';
import type { SegmentInfo } from './segment-info.ts';

/** Segments merged at once. */
const MERGE_MIN = 4;
const MERGE_MAX = 8;
const TIER_FACTOR = 4;
/** Bytes up to which segments count as of one size. */
const TIER_BYTES_MIN = 1024 * 1024;
/** Segments from here on are not merged any more. */
const FULL_BYTES = SEGMENT_BYTES_MAX / 2;

export interface CompactionGroup {
  readonly partitionId: number;
  readonly segmentIds: readonly number[];
  readonly reason: 'expire' | 'purge' | 'merge' | 'shed';
}

export interface CompactionSituation {
  /** Deleted rows by segment id that a rewrite would leave out. Default: those of the delete file. */
  readonly deletedCounts: ReadonlyMap<number, number>;
  /** Rows written before it have outlived the TTL. */
  readonly expiredBefore?: bigint;
  /** Rows that name an end not later than that have outlived themselves. */
  readonly expiry?: RowExpiry;
  /** Somebody asked for it, and waits. */
  readonly isAskedFor?: boolean;
  /** Segments of an earlier version of the schema may hold values of fields that were dropped since. */
  readonly fieldsDroppedVersion?: number;
}

/** @returns null when nothing is worth the work */
export function planCompaction(
  segments: readonly SegmentInfo[],
  situation: CompactionSituation,
): CompactionGroup | null {
  const expired = segments.find((info) => outlivedRatio(info, situation) > DELETED_RATIO_MAX);
  if (expired !== undefined) return alone(expired, 'expire');
  let worst: SegmentInfo | null = null;
  let worstRatio = DELETED_RATIO_MAX;
  for (const info of segments) {
    const ratio = deletedRatio(info, situation);
    if (ratio <= worstRatio) continue;
    worst = info;
    worstRatio = ratio;
  }
  if (worst !== null) return alone(worst, 'purge');
  return planMerge(segments, situation) ?? planShed(segments, situation);
}

function planShed(
  segments: readonly SegmentInfo[],
  { isAskedFor = false, fieldsDroppedVersion = 0 }: CompactionSituation,
): CompactionGroup | null {
  if (!isAskedFor) return null;
  const full = segments.find(({ schemaVersion }) => schemaVersion < fieldsDroppedVersion);
  return full === undefined ? null : alone(full, 'shed');
}

function alone(info: SegmentInfo, reason: CompactionGroup['reason']): CompactionGroup {
  return { partitionId: info.partitionId, segmentIds: [info.id], reason };
}

function deletedRatio(info: SegmentInfo, { deletedCounts }: CompactionSituation): number {
  const count = deletedCounts.get(info.id) ?? info.deletes?.rowCount ?? 0;
  return count / info.rowCount;
}

function outlivedRatio(info: SegmentInfo, situation: CompactionSituation): number {
  const { expiredBefore, expiry } = situation;
  const byAge = expiredBefore === undefined ? 0 : expiredRatio(info, expiredBefore);
  return Math.max(byAge, expiry === undefined ? 0 : goneRatio(info, expiry));
}

/** Taken as if rows had come evenly; a rewrite moves `minTimestamp` up in any case. */
function expiredRatio(info: SegmentInfo, expiredBefore: bigint): number {
  if (expiredBefore <= info.minTimestamp) return 0;
  if (expiredBefore > info.maxTimestamp) return 1;
  return Number(expiredBefore - info.minTimestamp) / Number(info.maxTimestamp - info.minTimestamp);
}

/** The smallest tier that is due; of several partitions the one with most segments in it. */
function planMerge(
  segments: readonly SegmentInfo[],
  situation: CompactionSituation,
): CompactionGroup | null {
  const { isAskedFor = false } = situation;
  const mergeMin = isAskedFor ? 2 : MERGE_MIN;
  const groups = new Map<string, { readonly tier: number; readonly members: SegmentInfo[] }>();
  for (const info of segments) {
    const bytes = liveBytes(info, situation);
    if (bytes >= FULL_BYTES) continue;
    const tier = isAskedFor ? 0 : tierOf(bytes);
    const name = `${info.partitionId}/${tier}`;
    const group = groups.get(name);
    if (group === undefined) groups.set(name, { tier, members: [info] });
    else group.members.push(info);
  }
  const due = [...groups.values()]
    .filter(({ members }) => members.length >= mergeMin)
    .sort((a, b) => a.tier - b.tier || b.members.length - a.members.length);
  for (const { members } of due) {
    const chosen = oldestThatFit(members, situation);
    // Two big ones that fill a segment are worth it; two that leave it half empty are not.
    if (chosen.length >= mergeMin || sumOf(chosen, situation) >= FULL_BYTES) {
      const { partitionId } = must(chosen[0], 'at least one fits');
      return { partitionId, segmentIds: chosen.map(({ id }) => id), reason: 'merge' };
    }
  }
  return null;
}

/** By age, so that segments keep rows that were written together. */
function oldestThatFit(
  members: readonly SegmentInfo[],
  situation: CompactionSituation,
): SegmentInfo[] {
  const byAge = [...members].sort((a, b) =>
    a.minTimestamp === b.minTimestamp ? a.id - b.id : a.minTimestamp < b.minTimestamp ? -1 : 1,
  );
  const chosen: SegmentInfo[] = [];
  let bytes = 0;
  for (const info of byAge) {
    const more = liveBytes(info, situation);
    if (chosen.length === MERGE_MAX || bytes + more > SEGMENT_BYTES_MAX) break;
    chosen.push(info);
    bytes += more;
  }
  return chosen;
}

function sumOf(members: readonly SegmentInfo[], situation: CompactionSituation): number {
  return members.reduce((sum, info) => sum + liveBytes(info, situation), 0);
}

/** What a rewrite would leave, about. */
function liveBytes(info: SegmentInfo, situation: CompactionSituation): number {
  return info.byteLength * (1 - deletedRatio(info, situation));
}

function tierOf(bytes: number): number {
  let tier = 0;
  for (let limit = TIER_BYTES_MIN; bytes > limit; limit *= TIER_FACTOR) tier++;
  return tier;
}
