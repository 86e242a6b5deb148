/**
 * What snapshots need of the objects on disk: the manifests that they are made of, and those that a restore is just
 * reading, are kept by garbage collection with all they refer to; segments that a snapshot protects are not
 * compacted for a while.
 */
import type { Clock } from '../base/clock.ts';
import type { Catalog } from '../meta/catalog.ts';
import type { SnapshotRecord } from '../meta/catalog-records.ts';
import { readManifest } from '../segments/manifest.ts';
import type { ObjectStore } from '../storage/object-store.ts';

const NONE: ReadonlySet<number> = new Set();

export class SnapshotObjects {
  readonly #catalog: Catalog;
  readonly #clock: Clock;
  readonly #store: ObjectStore;
  /** Snapshots that are being restored, and how often. */
  readonly #restoring = new Map<SnapshotRecord, number>();
  /** Segments of manifests that protect them, by key. */
  readonly #segmentIds = new Map<string, ReadonlySet<number>>();

  constructor(catalog: Catalog, clock: Clock, store: ObjectStore) {
    this.#catalog = catalog;
    this.#clock = clock;
    this.#store = store;
  }

  /** Keys of the manifests whose objects stay. */
  manifestKeys(): string[] {
    const records = [...this.#catalog.snapshot.allSnapshots(), ...this.#restoring.keys()];
    return records.flatMap(({ manifests }) => manifests.flatMap((one) => one?.key ?? []));
  }

  isInUse(snapshotId: number): boolean {
    return [...this.#restoring.keys()].some(({ id }) => id === snapshotId);
  }

  /** Runs `work` while the objects of the snapshot stay, whatever becomes of it. */
  async whileInUse<T>(record: SnapshotRecord, work: () => Promise<T>): Promise<T> {
    this.#restoring.set(record, (this.#restoring.get(record) ?? 0) + 1);
    try {
      return await work();
    } finally {
      const left = (this.#restoring.get(record) ?? 1) - 1;
      if (left === 0) this.#restoring.delete(record);
      else this.#restoring.set(record, left);
    }
  }

  /** Ids of segments that are not compacted. @throws MilvusError DataIntegrity */
  async protectedSegments(collectionId: number, shardId: number): Promise<ReadonlySet<number>> {
    const collection = this.#catalog.snapshot.collectionById(collectionId);
    const nowMs = this.#clock.nowMs();
    const due = collection?.snapshots.filter((one) => one.protectedUntilMs > nowMs) ?? [];
    if (due.length === 0) {
      this.#segmentIds.clear();
      return NONE;
    }
    const shard = collection?.record.shardIds.indexOf(shardId) ?? -1;
    const ids = new Set<number>();
    for (const { manifests } of due) {
      const reference = manifests[shard] ?? null;
      if (reference === null) continue;
      const { key } = reference;
      const known =
        this.#segmentIds.get(key) ??
        new Set((await readManifest(this.#store, reference)).segments.map(({ id }) => id));
      this.#segmentIds.set(key, known);
      for (const id of known) ids.add(id);
    }
    return ids;
  }
}
