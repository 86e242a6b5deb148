/**
 * Removes objects that nothing reaches any more: neither a manifest that is the truth, nor one that a reader
 * in another process has pinned. Nothing is removed while a reader does not say what it reads, nor while a
 * manifest is being changed: what a commit has written is then either referred to or not.
 */
import type { Clock } from '../base/clock.ts';
import { toMilvusError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { GARBAGE_GRACE_MS } from '../base/limits.ts';
import { planGarbage } from '../segments/garbage-policy.ts';
import { objectKeys, readNamedManifest } from '../segments/manifest.ts';
import type { DiskStore } from '../storage/disk-store.ts';
import type { ObjectInfo } from '../storage/object-store.ts';
import { OBJECT_PREFIXES } from '../storage/paths.ts';
import type { SegmentIds } from './segment-ids.ts';
import type { ShardLeader } from './shard-leader.ts';

export interface GarbageDeps {
  readonly store: DiskStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly segmentIds: SegmentIds;
  /**
   * Manifests that other processes read, that snapshots are made of, and that are the truth of any shard as
   * of this answer; null when a process does not say which it reads.
   */
  readonly pinnedManifests: () => Promise<readonly string[] | null>;
}

/** Whose objects they are. */
export interface GarbageSource {
  /** Those of this moment, each time that it is asked. */
  readonly leaders: readonly ShardLeader[];
  /** Objects of dropped collections, since when; those that are gone are taken out. */
  readonly orphanedSinceMs: Map<string, number>;
  /** Shards that are being made of snapshots and have no leader yet. */
  readonly restoringShards: ReadonlySet<number>;
}

export class GarbageCollector {
  readonly #deps: GarbageDeps;

  constructor(deps: GarbageDeps) {
    this.#deps = deps;
  }

  async collect(source: GarbageSource): Promise<void> {
    const { leaders } = source;
    for (const leader of leaders) await leader.manifest.open(leader.collection.schema);
    // One turn inside the other: no manifest changes while this looks and removes.
    let work = async (): Promise<void> => await this.#collect(source, leaders);
    for (const { manifest } of leaders) {
      const inner = work;
      work = async () => await manifest.turn.run(inner);
    }
    await work();
  }

  async #collect(source: GarbageSource, leaders: readonly ShardLeader[]): Promise<void> {
    const { orphanedSinceMs } = source;
    const { store, clock, logger, segmentIds } = this.#deps;
    const reachable = new Set(leaders.flatMap(({ manifest }) => manifest.reachableKeys()));
    if (!(await this.#addPinned(reachable))) return;
    const nowMs = clock.nowMs();
    const isPast = (sinceMs: number): boolean => nowMs - sinceMs >= GARBAGE_GRACE_MS;
    const dropped = [...orphanedSinceMs];
    for (const { manifest } of leaders) {
      for (const { key, sinceMs } of manifest.current.dropped) dropped.push([key, sinceMs]);
    }
    const droppedSinceMs = new Map(dropped.filter(([, sinceMs]) => isPast(sinceMs)));
    // What is in use, or was dropped a moment ago, stays. When it was stored does not matter then, and
    // to ask that of every object would be most of the work.
    const stays = new Set(dropped.filter(([, sinceMs]) => !isPast(sinceMs)).map(([key]) => key));
    for (const key of reachable) if (!droppedSinceMs.has(key)) stays.add(key);
    const objects: ObjectInfo[] = [];
    for (const prefix of OBJECT_PREFIXES) {
      objects.push(...(await store.list(prefix, (key) => !stays.has(key))));
    }
    const { floor: segmentIdFloor } = segmentIds;
    const plan = planGarbage({
      objects,
      reachable,
      droppedSinceMs,
      segmentIdFloor,
      shardsInTheMaking: shardsInTheMaking(source, leaders),
      nowMs,
    });
    const leftovers = (await store.leftovers())
      .filter(({ modifiedMs }) => isPast(modifiedMs))
      .map(({ key }) => key);
    await store.remove([...plan.remove, ...leftovers]);
    for (const key of plan.quarantine) await store.quarantine(key);
    const gone = [...plan.forget, ...plan.remove];
    for (const { manifest } of leaders) manifest.forgetObjects(gone);
    for (const key of gone) orphanedSinceMs.delete(key);
    const removed = plan.remove.length + leftovers.length;
    if (removed > 0)
      logger.info({ removed, quarantined: plan.quarantine.length }, 'garbage collected');
  }

  /** Adds what is read or restored beside the leaders. @returns whether that is all of it */
  async #addPinned(reachable: Set<string>): Promise<boolean> {
    const { store, logger, pinnedManifests } = this.#deps;
    const pinned = await pinnedManifests();
    for (const key of pinned ?? []) {
      if (reachable.has(key)) continue;
      try {
        const { segments } = await readNamedManifest(store, key);
        reachable.add(key);
        for (const info of segments) for (const object of objectKeys(info)) reachable.add(object);
      } catch (thrown) {
        // What it refers to is not known: a reader must not lose it.
        logger.warn({ key, message: toMilvusError(thrown).message }, 'pinned manifest not read');
        return false;
      }
    }
    return pinned !== null;
  }
}

/** Those that came up since this began, whose manifests nothing holds back. */
function shardsInTheMaking(
  { leaders, restoringShards }: GarbageSource,
  held: readonly ShardLeader[],
): ReadonlySet<number> {
  const known = new Set(held);
  const news = leaders.filter((leader) => !known.has(leader)).map(({ shardId }) => shardId);
  return new Set([...restoringShards, ...news]);
}
