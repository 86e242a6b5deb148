/** Snapshots as users ask for them, and what became of the collections that were made of them. */
import type { Clock } from '../base/clock.ts';
import { milvusError } from '../base/errors.ts';
import { RESTORE_JOB_COUNT_MAX } from '../base/limits.ts';
import { withinCall } from './call.ts';
import type { Intent, Lifecycle } from './lifecycle.ts';
import type { Call, CollectionInfo, Coordinator } from './ports.ts';
import type { CollectionRef } from './references.ts';
import type {
  NewSnapshot,
  RestoreSnapshotRequest,
  SnapshotInfo,
  SnapshotRef,
} from './snapshot-ports.ts';
import type { CallOptions } from './requests.ts';

/** A restore that is done, of this process. */
export interface RestoreJob {
  readonly id: bigint;
  readonly snapshotName: string;
  /** Of the new collection. */
  readonly databaseName: string;
  readonly collectionName: string;
  readonly collectionId: number;
  /** Of the collection that the snapshot is of. */
  readonly sourceCollectionId: number;
  /** Wall-clock milliseconds. */
  readonly startedMs: number;
  readonly tookMs: number;
}

export interface Snapshots {
  /** @throws MilvusError ParameterInvalid for a name that is taken */
  create(request: NewSnapshot, options?: CallOptions): Promise<SnapshotInfo>;
  /** One that is not there is no error. @throws MilvusError SnapshotPinned */
  drop(snapshot: SnapshotRef, options?: CallOptions): Promise<void>;
  list(collection: CollectionRef, options?: CallOptions): Promise<SnapshotInfo[]>;
  /** @throws MilvusError SnapshotNotFound */
  describe(snapshot: SnapshotRef, options?: CallOptions): Promise<SnapshotInfo>;
  /** Makes a collection of what the snapshot holds; it is not loaded. */
  restore(request: RestoreSnapshotRequest, options?: CallOptions): Promise<RestoreJob>;
  /** @throws MilvusError SnapshotNotFound when it is not known, or not any more */
  job(jobId: bigint): RestoreJob;
  /** Newest last. */
  jobs(): readonly RestoreJob[];
  /** Keeps it from being dropped for `ttlSeconds`, 0: until it is unpinned. @returns the id of the pin */
  pin(request: SnapshotRef & { ttlSeconds: number }, options?: CallOptions): Promise<number>;
  /** A pin that is not there is no error. */
  unpin(request: { pinId: number }, options?: CallOptions): Promise<void>;
}

export interface SnapshotFrontendDeps {
  readonly coordinator: Coordinator;
  readonly clock: Clock;
  readonly lifecycle: Lifecycle;
}

export class SnapshotFrontend implements Snapshots {
  readonly #deps: SnapshotFrontendDeps;
  readonly #jobs = new Map<bigint, RestoreJob>();

  constructor(deps: SnapshotFrontendDeps) {
    this.#deps = deps;
  }

  async create(request: NewSnapshot, options?: CallOptions): Promise<SnapshotInfo> {
    return await this.#run('write', options, (call) =>
      this.#deps.coordinator.createSnapshot(request, call),
    );
  }

  async drop(snapshot: SnapshotRef, options?: CallOptions): Promise<void> {
    await this.#run('write', options, (call) =>
      this.#deps.coordinator.dropSnapshot(snapshot, call),
    );
  }

  async list(collection: CollectionRef, options?: CallOptions): Promise<SnapshotInfo[]> {
    return await this.#run('read', options, (call) =>
      this.#deps.coordinator.listSnapshots(collection, call),
    );
  }

  async describe(snapshot: SnapshotRef, options?: CallOptions): Promise<SnapshotInfo> {
    return await this.#run('read', options, (call) =>
      this.#deps.coordinator.describeSnapshot(snapshot, call),
    );
  }

  async restore(request: RestoreSnapshotRequest, options?: CallOptions): Promise<RestoreJob> {
    const { coordinator, clock } = this.#deps;
    return await this.#run('write', options, async (call) => {
      const startedMs = clock.nowMs();
      const beganMs = clock.monotonicMs();
      const source = await coordinator.describeCollection(request, call);
      const made = await coordinator.restoreSnapshot(request, call);
      const id = await coordinator.allocateIds({ count: 1 }, call);
      // Some time it took, however quick it was.
      const tookMs = Math.max(1, Math.round(clock.monotonicMs() - beganMs));
      return this.#note({
        ...jobOf(made, request),
        id,
        sourceCollectionId: source.id,
        startedMs,
        tookMs,
      });
    });
  }

  job(jobId: bigint): RestoreJob {
    const job = this.#jobs.get(jobId);
    if (job !== undefined) return job;
    throw milvusError('SnapshotNotFound', { message: `restore job not found: jobID=${jobId}` });
  }

  jobs(): readonly RestoreJob[] {
    return [...this.#jobs.values()];
  }

  async pin(request: SnapshotRef & { ttlSeconds: number }, options?: CallOptions): Promise<number> {
    return await this.#run('write', options, (call) =>
      this.#deps.coordinator.pinSnapshot(request, call),
    );
  }

  async unpin(request: { pinId: number }, options?: CallOptions): Promise<void> {
    await this.#run('write', options, (call) =>
      this.#deps.coordinator.unpinSnapshot(request, call),
    );
  }

  #note(job: RestoreJob): RestoreJob {
    this.#jobs.set(job.id, job);
    const [oldest] = this.#jobs.keys();
    if (this.#jobs.size > RESTORE_JOB_COUNT_MAX && oldest !== undefined) this.#jobs.delete(oldest);
    return job;
  }

  async #run<T>(
    intent: Intent,
    options: CallOptions | undefined,
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    const { clock, lifecycle } = this.#deps;
    return await withinCall(options, clock, (call) => lifecycle.run(intent, () => work(call)));
  }
}

function jobOf(
  { id, name, databaseName }: CollectionInfo,
  { snapshotName }: RestoreSnapshotRequest,
): Pick<RestoreJob, 'snapshotName' | 'databaseName' | 'collectionName' | 'collectionId'> {
  return { snapshotName, databaseName, collectionName: name, collectionId: id };
}
