/**
 * Removes objects that nothing reaches any more. Nothing is removed while a reader of another process is
 * there, nor while a manifest is being changed: what a commit has written is then either referred to or not.
 */
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { GARBAGE_GRACE_MS } from '../base/limits.ts';
import { planGarbage } from '../segments/garbage-policy.ts';
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
  readonly hasReaders: () => Promise<boolean>;
}

export class GarbageCollector {
  readonly #deps: GarbageDeps;

  constructor(deps: GarbageDeps) {
    this.#deps = deps;
  }

  /** @param orphanedSinceMs objects of dropped collections; those that are gone are taken out */
  async collect(
    leaders: readonly ShardLeader[],
    orphanedSinceMs: Map<string, number>,
  ): Promise<void> {
    if (await this.#deps.hasReaders()) return;
    for (const leader of leaders) await leader.manifest.open(leader.collection.schema);
    // One turn inside the other: no manifest changes while this looks and removes.
    let work = async (): Promise<void> => await this.#collect(leaders, orphanedSinceMs);
    for (const { manifest } of leaders) {
      const inner = work;
      work = async () => await manifest.turn.run(inner);
    }
    await work();
  }

  async #collect(
    leaders: readonly ShardLeader[],
    orphanedSinceMs: Map<string, number>,
  ): Promise<void> {
    const { store, clock, logger, segmentIds } = this.#deps;
    const objects: ObjectInfo[] = [];
    for (const prefix of OBJECT_PREFIXES) objects.push(...(await store.list(prefix)));
    const nowMs = clock.nowMs();
    const plan = planGarbage({
      objects,
      reachable: new Set(leaders.flatMap(({ manifest }) => manifest.reachableKeys())),
      droppedSinceMs: new Map([
        ...orphanedSinceMs,
        ...leaders.flatMap(({ manifest }) =>
          manifest.current.dropped.map(({ key, sinceMs }): [string, number] => [key, sinceMs]),
        ),
      ]),
      segmentIdFloor: segmentIds.floor,
      nowMs,
    });
    const leftovers = (await store.leftovers())
      .filter(({ modifiedMs }) => nowMs - modifiedMs >= GARBAGE_GRACE_MS)
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
}
