/**
 * Sealed segments get the indexes that the catalog has, one after the other, while reads and writes go on.
 *
 *   1. indexes whose definition is gone leave the manifest; their objects go to garbage
 *   2. the most useful build of a shard runs elsewhere: a pure function of immutable objects
 *   3. it is published when the segment and the definition are still there: one commit, then the host hears
 *
 * A crash before the commit leaves objects that nobody refers to; the next process builds them again. A build that
 * failed comes after all others, after a pause that doubles each time, and BUILD_ATTEMPTS_MAX times at most.
 */
import type { Timer } from '../base/clock.ts';
import { type MilvusError, toMilvusError } from '../base/errors.ts';
import { BUILD_ATTEMPTS_MAX, BUILD_PAUSE_MS_MAX, BUILD_PAUSE_MS_MIN } from '../base/limits.ts';
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

interface FailedBuild {
  readonly segmentId: number;
  readonly indexId: number;
  readonly attempts: number;
  /** Of the monotonic clock. */
  readonly dueAtMs: number;
  /** Why the last attempt failed. */
  readonly text: string;
}

export class IndexBuilds {
  readonly #deps: ShardDeps;
  /** At most one at a time in a process. */
  #running: Running | null = null;
  /** By shard. */
  readonly #failures = new Map<number, Pick<BuildsState, 'failureCount' | 'failure'>>();
  /** Builds that failed, by shard and name; tried again once nothing else is due. */
  readonly #failedBuilds = new Map<number, Map<string, FailedBuild>>();
  readonly #onDue: () => void;
  /** Until one of them is due. */
  #pause: Timer | null = null;
  #version = 0;
  /** Called once, when the version is another one. */
  readonly #watchers = new Set<() => void>();
  #isStopped = false;

  /** @param onDue something that failed is to be tried again: `next` should be called */
  constructor(deps: ShardDeps, onDue: () => void) {
    this.#deps = deps;
    this.#onDue = onDue;
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
      this.#pauseUntilDue();
    }
    if (failure !== null) throw failure;
    return false;
  }

  async state(shardId: number): Promise<BuildsState> {
    const { failureCount, failure } = this.#failures.get(shardId) ?? NO_FAILURE;
    const version = this.#version;
    const running = this.#running?.shardId === shardId ? this.#running : null;
    const failedBuilds = Array.from(
      this.#failedOf(shardId).values(),
      ({ indexId, text, attempts }) => {
        return { indexId, text, isGivenUp: attempts >= BUILD_ATTEMPTS_MAX };
      },
    );
    const state = { shardId, version, failureCount, failure, failedBuilds };
    if (running === null) return { ...state, running };
    const { indexId, fileId } = running;
    const rowsBuilt = await this.#deps.tasks.rowsBuilt({ fileId }, BACKGROUND);
    return { ...state, running: { indexId, rowsBuilt } };
  }

  /** Whatever failed is due now, as if it never had. */
  retry(shardId: number): void {
    const failed = this.#failedOf(shardId);
    const dueAtMs = this.#deps.clock.monotonicMs();
    for (const [name, one] of failed) failed.set(name, { ...one, attempts: 0, dueAtMs });
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
    for (const shardId of collection.shardIds) {
      this.#forgetFailed(shardId, ({ indexId }) =>
        collection.indexes.every(({ id }) => id !== indexId),
      );
    }
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
    this.#pause?.cancel();
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
    this.#forgetFailed(leader.shardId, ({ segmentId }) =>
      manifest.segments.every(({ id }) => id !== segmentId),
    );
    const failed = this.#failedOf(leader.shardId);
    const situation = { wanted, damaged, rowsMin };
    const fresh = planIndex(manifest.segments, { ...situation, failed: new Set(failed.keys()) });
    const resting = fresh === null ? this.#resting(failed) : new Set<string>();
    const next = fresh ?? planIndex(manifest.segments, { ...situation, failed: resting });
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
      const built = await tasks.buildIndex(task, { ...BACKGROUND, signal });
      this.#failedOf(shardId).delete(buildName(segment.id, indexId));
      return built;
    } catch (failure) {
      if (signal.aborted) return null;
      this.#noteFailedBuild(shardId, next, toMilvusError(failure));
      throw failure;
    } finally {
      this.#running = null;
    }
  }

  #failedOf(shardId: number): Map<string, FailedBuild> {
    return this.#failedBuilds.get(shardId) ?? new Map<string, FailedBuild>();
  }

  #noteFailedBuild(
    shardId: number,
    { segment, wanted }: NextIndex,
    { message: text }: MilvusError,
  ): void {
    const failed = this.#failedOf(shardId);
    const name = buildName(segment.id, wanted.indexId);
    const before = failed.get(name)?.attempts ?? 0;
    const pauseMs = Math.min(BUILD_PAUSE_MS_MAX, BUILD_PAUSE_MS_MIN * 2 ** before);
    const dueAtMs = this.#deps.clock.monotonicMs() + pauseMs;
    const { id: segmentId } = segment;
    failed.set(name, { segmentId, indexId: wanted.indexId, attempts: before + 1, dueAtMs, text });
    this.#failedBuilds.set(shardId, failed);
  }

  #forgetFailed(shardId: number, isGone: (build: FailedBuild) => boolean): void {
    const failed = this.#failedOf(shardId);
    for (const [name, one] of failed) if (isGone(one)) failed.delete(name);
  }

  /** Names of those that are not to be tried now. */
  #resting(failed: ReadonlyMap<string, FailedBuild>): Set<string> {
    const nowMs = this.#deps.clock.monotonicMs();
    const names = new Set<string>();
    for (const [name, { attempts, dueAtMs }] of failed) {
      if (attempts >= BUILD_ATTEMPTS_MAX || dueAtMs > nowMs) names.add(name);
    }
    return names;
  }

  #pauseUntilDue(): void {
    this.#pause?.cancel();
    this.#pause = null;
    if (this.#isStopped) return;
    let dueAtMs = Number.POSITIVE_INFINITY;
    for (const failed of this.#failedBuilds.values()) {
      for (const one of failed.values()) {
        if (one.attempts < BUILD_ATTEMPTS_MAX) dueAtMs = Math.min(dueAtMs, one.dueAtMs);
      }
    }
    if (dueAtMs === Number.POSITIVE_INFINITY) return;
    const { clock } = this.#deps;
    const pauseMs = Math.max(BUILD_PAUSE_MS_MIN, dueAtMs - clock.monotonicMs());
    this.#pause = clock.after(pauseMs, this.#onDue);
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
