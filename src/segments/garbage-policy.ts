/**
 * Which objects may go: a pure function of what is there and what is reachable. An object goes when nothing
 * refers to it, it is not in the making, and both have been so for GARBAGE_GRACE_MS. What has no name of
 * ours is not removed but put aside for a person to look at.
 */
import { GARBAGE_GRACE_MS } from '../base/limits.ts';
import type { ObjectInfo } from '../storage/object-store.ts';
import { segmentIdOfKey, shardIdOfKey } from '../storage/paths.ts';

export interface GarbageSituation {
  /** Every object under the prefixes for objects, but for those that stay in any case. */
  readonly objects: readonly ObjectInfo[];
  /** What current and pinned manifests, running reads and tasks refer to; keys of those manifests too. */
  readonly reachable: ReadonlySet<string>;
  /** When objects became unreachable, in wall-clock milliseconds, as manifests say; none that is left out. */
  readonly droppedSinceMs: ReadonlyMap<string, number>;
  /** Segments with this id or a higher one may be in the making, unless a manifest dropped them. */
  readonly segmentIdFloor: number;
  /** Manifests of them may have been written, while nothing refers to them yet. */
  readonly shardsInTheMaking: ReadonlySet<number>;
  readonly nowMs: number;
}

export interface GarbagePlan {
  readonly remove: readonly string[];
  readonly quarantine: readonly string[];
  /** Dropped objects that are not there any more: manifests need not mention them further. */
  readonly forget: readonly string[];
}

export function planGarbage(situation: GarbageSituation): GarbagePlan {
  const { objects, reachable, droppedSinceMs } = situation;
  const remove: string[] = [];
  const quarantine: string[] = [];
  for (const info of objects) {
    if (reachable.has(info.key) || !isPastGrace(info, situation)) continue;
    if (segmentIdOfKey(info.key) === null && shardIdOfKey(info.key) === null) {
      quarantine.push(info.key);
    } else if (droppedSinceMs.has(info.key) || !isInTheMaking(info.key, situation)) {
      remove.push(info.key);
    }
  }
  const present = new Set(objects.map(({ key }) => key));
  const forget = [...droppedSinceMs.keys()].filter((key) => !present.has(key));
  return { remove, quarantine, forget };
}

/** Counted from the later of the two: when it was stored and when it was dropped. */
function isPastGrace(info: ObjectInfo, { droppedSinceMs, nowMs }: GarbageSituation): boolean {
  const sinceMs = Math.max(info.modifiedMs, droppedSinceMs.get(info.key) ?? 0);
  return nowMs - sinceMs >= GARBAGE_GRACE_MS;
}

function isInTheMaking(key: string, situation: GarbageSituation): boolean {
  const segmentId = segmentIdOfKey(key);
  if (segmentId !== null) return segmentId >= situation.segmentIdFloor;
  const shardId = shardIdOfKey(key);
  return shardId !== null && situation.shardsInTheMaking.has(shardId);
}
