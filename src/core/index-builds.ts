/**
 * Sealed segments get the indexes that the catalog has, one after the other, while reads and writes go on.
 *
 *   1. indexes whose definition is gone leave the manifest; their objects go to garbage
 *   2. the most useful build of a shard runs elsewhere: a pure function of immutable objects
 *   3. it is published when the segment and the definition are still there: one commit, then the host hears
 *
 * A crash before the commit leaves objects that nobody refers to; the next process builds them again.
 */
import { type MilvusError, toMilvusError } from '../base/errors.ts';
import { buildName, type NextIndex, planDrops, planIndex } from '../segments/index-policy.ts';
import type { SegmentIndex } from '../segments/segment-info.ts';
import { BACKGROUND } from './call.ts';
import { damagedIndexes } from './index-coverage.ts';
import { wantedIndexes } from './index-states.ts';
import type { BuildsState, Call, CollectionInfo } from './ports.ts';
import type { ShardDeps } from './shard-deps.ts';
import type { ShardLeader } from './shard-leader.ts';

const NO_FAILURE = { failureCount: 0, failure: null } as const;

interface Running {
  readonly collectionId: number;
  readonly shardId: number;
  readonly indexId: number;
  readonly fileId: number;
  readonly controller: AbortController;
}

export class IndexBuilds {
  readonly #deps: ShardDeps;
  /** At most one at a time in a process. */
  #running: Running | null = null;
  /** By shard. */
  readonly #failures = new Map<number, Pick<BuildsState, 'failureCount' | 'failure'>>();
  /** Builds that failed, by shard; tried again once nothing else is due. */
  readonly #failedBuilds = new Map<number, Set<string>>();
  #version = 0;
  /** Called once, when the version is another one. */
  readonly #watchers = new Set<() => void>();
  #isStopped = false;

  constructor(deps: ShardDeps) {
    this.#deps = deps;
  }

  /**
   * Does one piece of what is due. A shard that cannot get on holds up no other.
   * @returns whether there was anything
   */
  async next(leaders: readonly ShardLeader[]): Promise<boolean> {
    let failure: MilvusError | null = null;
    try {
      for (const leader of leaders) {
        if (leader.manifest.pointer === null || this.#isStopped) continue;
        try {
          if (await this.#nextOf(leader)) return true;
        } catch (thrown) {
          failure = toMilvusError(thrown);
          this.#noteFailure(leader.shardId, failure);
        }
      }
    } finally {
      this.#tellWatchers();
    }
    if (failure !== null) throw failure;
    return false;
  }

  async state(shardId: number): Promise<BuildsState> {
    const { failureCount, failure } = this.#failures.get(shardId) ?? NO_FAILURE;
    const version = this.#version;
    const running = this.#running?.shardId === shardId ? this.#running : null;
    if (running === null) return { shardId, version, running, failureCount, failure };
    const { indexId, fileId } = running;
    const rowsBuilt = await this.#deps.tasks.rowsBuilt({ fileId }, BACKGROUND);
    return { shardId, version, running: { indexId, rowsBuilt }, failureCount, failure };
  }

  /** Resolves when the version is not this one any more, and when nobody waits for it or builds any more. */
  async versionAfter(version: number, { signal }: Call): Promise<void> {
    if (this.#version !== version || this.#isStopped || signal?.aborted === true) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = (): void => resolve();
    this.#watchers.add(stop);
    signal?.addEventListener('abort', stop);
    await promise;
    signal?.removeEventListener('abort', stop);
    this.#watchers.delete(stop);
  }

  /** What is built for a definition that is gone is given up. */
  changed(collection: CollectionInfo): void {
    this.#tellWatchers();
    const running = this.#running;
    if (running?.collectionId !== collection.id) return;
    if (collection.indexes.every(({ id }) => id !== running.indexId)) running.controller.abort();
  }

  dropped(collectionId: number, shardIds: readonly number[]): void {
    for (const shardId of shardIds) {
      this.#failures.delete(shardId);
      this.#failedBuilds.delete(shardId);
    }
    this.#tellWatchers();
    if (this.#running?.collectionId === collectionId) this.#running.controller.abort();
  }

  /** Gives up what runs and begins nothing more. */
  stop(): void {
    this.#isStopped = true;
    this.#running?.controller.abort();
    this.#tellWatchers();
  }

  #noteFailure(shardId: number, { reason, message: text, fields }: MilvusError): void {
    const { failureCount } = this.#failures.get(shardId) ?? NO_FAILURE;
    const failure = { reason, text, fields };
    this.#failures.set(shardId, { failureCount: failureCount + 1, failure });
  }

  #tellWatchers(): void {
    this.#version++;
    for (const resolve of this.#watchers) resolve();
    this.#watchers.clear();
  }

  async #nextOf(leader: ShardLeader): Promise<boolean> {
    const { manifest, collection } = leader;
    const wanted = wantedIndexes(collection);
    if (wanted.length === 0 && !manifest.isOpen) return false;
    await manifest.open(collection.schema);
    if (await this.#dropUnwanted(leader)) return true;
    if (wanted.length === 0) return false;
    const damaged = await damagedIndexes(leader.shardId, this.#deps);
    const rowsMin = this.#deps.indexRowsMin;
    const failed = this.#failedBuilds.get(leader.shardId) ?? new Set();
    const situation = { wanted, damaged, rowsMin, failed };
    let next = planIndex(manifest.segments, situation);
    if (next === null && failed.size > 0) {
      failed.clear();
      next = planIndex(manifest.segments, situation);
    }
    if (next === null) return false;
    const built = await this.#build(leader, next);
    if (built !== null) await this.#publish(leader, next, built);
    return !this.#isStopped;
  }

  /** @returns null when it was given up */
  async #build(leader: ShardLeader, next: NextIndex): Promise<SegmentIndex | null> {
    const { segmentIds, tasks } = this.#deps;
    await segmentIds.ensure();
    const { segment, wanted } = next;
    const { indexId, fieldId, build } = wanted;
    const controller = new AbortController();
    const fileId = segmentIds.next();
    const { shardId, collection } = leader;
    this.#running = { collectionId: collection.id, shardId, indexId, fileId, controller };
    if (this.#isStopped) controller.abort();
    const { signal } = controller;
    try {
      const task = { segment, indexId, fieldId, build, fileId };
      return await tasks.buildIndex(task, { ...BACKGROUND, signal });
    } catch (failure) {
      if (signal.aborted) return null;
      const failed = this.#failedBuilds.get(shardId) ?? new Set();
      this.#failedBuilds.set(shardId, failed.add(buildName(segment.id, indexId)));
      throw failure;
    } finally {
      this.#running = null;
    }
  }

  async #publish(leader: ShardLeader, next: NextIndex, built: SegmentIndex): Promise<void> {
    const { manifest } = leader;
    await manifest.turn.run(async () => {
      const segment = manifest.segments.find(({ id }) => id === next.segment.id);
      const { indexId, fingerprint } = next.wanted;
      const isWanted = wantedIndexes(leader.collection).some(
        (one) => one.indexId === indexId && one.fingerprint === fingerprint,
      );
      // Compacted, truncated or dropped meanwhile: what was built is garbage.
      if (segment === undefined || !isWanted) return;
      const others = segment.indexes.filter((one) => one.indexId !== indexId);
      await this.#commit(leader, new Map([[segment.id, [...others, built]]]));
    });
  }

  async #dropUnwanted(leader: ShardLeader): Promise<boolean> {
    const { manifest } = leader;
    const drops = (): ReturnType<typeof planDrops> =>
      planDrops(manifest.segments, wantedIndexes(leader.collection));
    if (drops().size === 0) return false;
    return await manifest.turn.run(async () => {
      const indexes = drops();
      if (indexes.size > 0) await this.#commit(leader, indexes);
      return true;
    });
  }

  async #commit(
    leader: ShardLeader,
    indexes: ReadonlyMap<number, readonly SegmentIndex[]>,
  ): Promise<void> {
    const { manifest, shardId } = leader;
    await manifest.commit({ ...manifest.unchanged, indexes }, () => undefined);
    const { host, logger } = this.#deps;
    try {
      await host.assignIndexes({ shardId, indexes }, BACKGROUND);
    } catch (thrown) {
      // The commit stands; a host that did not hear of it goes on scanning, and nothing else.
      logger.warn({ shardId, message: toMilvusError(thrown).message }, 'indexes not assigned');
    }
  }
}
