/**
 * The sealed half of a shard: its manifest, the pointer that names it, and the Views that pin it.
 *
 * A View is what one read runs on: sealed segments and growing rows that together hold every row once.
 * Commits replace the lists in one step between awaits; segments that left the manifest are served until
 * the last View that has them is gone.
 */
import { must } from '../base/assert.ts';
import { milvusError, toMilvusError } from '../base/errors.ts';
import { Mutex } from '../base/mutex.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import type { ManifestPointer } from '../meta/manifest-pointer.ts';
import {
  applyEdit,
  emptyManifest,
  type Manifest,
  type ManifestEdit,
  objectKeys,
  readManifest,
  writeManifest,
} from '../segments/manifest.ts';
import type { SegmentReader } from '../segments/segment.ts';
import type { ObjectReference, SegmentInfo } from '../segments/segment-info.ts';
import { BACKGROUND } from './call.ts';
import type { GrowingRows } from './growing-rows.ts';
import type { SegmentState } from './ports.ts';
import type { ShardDeps } from './shard-deps.ts';
import type { SnapshotLeases } from './snapshot-leases.ts';

/** Sealed segments by id and growing ones as readers: together every row once. */
export interface View {
  readonly segmentIds: readonly number[];
  readonly growing: readonly SegmentReader[];
}

interface ViewScope {
  readonly partitionIds: readonly number[] | null;
  readonly timestamp: bigint;
  readonly ignoreGrowing: boolean;
}

export class ShardManifest {
  readonly #collectionId: number;
  readonly #shardId: number;
  readonly #deps: ShardDeps;
  /** Changes of the manifest, one at a time. */
  readonly turn: Mutex = new Mutex();
  #pointer: ManifestPointer | null;
  #manifest: Manifest | null = null;
  #opening: Promise<void> | null = null;
  /** What records of the log took away and no manifest says yet. */
  readonly #hiddenPartitions = new Set<number>();
  /** Partitions that the catalog has; null until it is said. */
  #livingPartitions: ReadonlySet<number> | null = null;
  #hiddenUntil = 0n;
  /** Views by segment. */
  readonly #pins = new Map<number, number>();
  /** Segments that left the manifest while a View had them. */
  readonly #leaving = new Map<number, SegmentInfo>();
  /** Manifests whose publishing failed without it being known that they are not the truth. */
  #doubtful: ReadonlyArray<{ readonly key: string; readonly manifest: Manifest }> = [];
  /** Manifests that somebody is about to refer to. */
  readonly #held: Array<{ readonly key: string; readonly manifest: Manifest }> = [];
  /** Objects that are removed for good; the next manifest need not mention them. */
  #forgettable: readonly string[] = [];

  readonly #leases: SnapshotLeases;
  /** Rows of its segments were taken away that no manifest speaks of yet. */
  #isCurtailed = false;

  /** @param leases know of which moments rows are gone */
  constructor(collectionId: number, shardId: number, deps: ShardDeps, leases: SnapshotLeases) {
    this.#leases = leases;
    this.#collectionId = collectionId;
    this.#shardId = shardId;
    this.#deps = deps;
    this.#pointer = deps.pointers.current(collectionId, shardId);
  }

  get pointer(): ManifestPointer | null {
    return this.#pointer;
  }

  get version(): number {
    return this.#manifest?.version ?? this.#pointer?.version ?? 0;
  }

  get isOpen(): boolean {
    return this.#manifest !== null;
  }

  /** The manifest, which `open` has read. */
  get current(): Manifest {
    return must(this.#manifest, 'a manifest is opened before it is used');
  }

  /** As the manifest has it; null: it is not known which rows of the past are gone. */
  get historyFrom(): bigint | null {
    return this.#isCurtailed ? null : this.current.historyFrom;
  }

  /** An edit that changes nothing, to say the rest of one. */
  get unchanged(): ManifestEdit {
    const { checkpoint, timestamp, schemaVersion } = this.current;
    return { add: [], remove: [], deletes: new Map(), checkpoint, timestamp, schemaVersion };
  }

  /** Segments that reads see. */
  get segments(): readonly SegmentInfo[] {
    return this.current.segments.filter((info) => !this.#isHidden(info));
  }

  /** @param deletedCounts rows deleted so far by segment, as far as known */
  states(
    deletedCounts: ReadonlyMap<number, number>,
    coveredIndexIds: (info: SegmentInfo) => readonly number[],
  ): SegmentState[] {
    return this.segments.map((info) => ({
      id: info.id,
      partitionId: info.partitionId,
      state: 'sealed',
      level: info.level,
      rowCount: info.rowCount,
      deletedCount: deletedCounts.get(info.id) ?? info.deletes?.rowCount ?? 0,
      byteLength: info.byteLength,
      coveredIndexIds: coveredIndexIds(info),
      indexes: info.indexes.map(({ indexId, fieldId, fingerprint, image, descriptor }) => {
        const byteLength = image.byteLength + descriptor.byteLength;
        return { indexId, fieldId, fingerprint, byteLength };
      }),
    }));
  }

  /**
   * Keys of every object that the manifest, a View of an older one, a manifest that is held, or one that may have
   * become the truth refers to; their own included.
   */
  reachableKeys(): string[] {
    const infos = [...this.current.segments, ...this.#leaving.values()];
    const doubtful = [...this.#doubtful, ...this.#held].flatMap(({ key, manifest }) => [
      key,
      ...manifest.segments.flatMap((info) => objectKeys(info)),
    ]);
    const keys = [...infos.flatMap((info) => objectKeys(info)), ...doubtful];
    return this.#pointer === null ? keys : [this.#pointer.manifest.key, ...keys];
  }

  /** The manifest of now, which with all it refers to stays until it is let go; null: there is none yet. */
  hold(): ObjectReference | null {
    if (this.#pointer === null) return null;
    const { manifest } = this.#pointer;
    this.#held.push({ key: manifest.key, manifest: this.current });
    return manifest;
  }

  letGo(key: string): void {
    const at = this.#held.findIndex((one) => one.key === key);
    if (at >= 0) this.#held.splice(at, 1);
  }

  /** These objects of `current.dropped` are not there any more. */
  forgetObjects(keys: readonly string[]): void {
    const gone = new Set(keys);
    const dropped = this.current.dropped.filter(({ key }) => gone.has(key));
    this.#forgettable = dropped.map(({ key }) => key);
  }

  /** Reads the manifest when nobody has; no segment is touched. */
  async open(schema: CollectionSchema): Promise<void> {
    if (this.#manifest !== null) return;
    this.#opening ??= this.#read(schema).finally(() => {
      this.#opening = null;
    });
    await this.#opening;
  }

  hidePartition(partitionId: number): void {
    this.#hiddenPartitions.add(partitionId);
  }

  /** Segments of other partitions are gone, whether or not the log ever says so. */
  keepPartitions(partitionIds: readonly number[]): void {
    this.#livingPartitions = new Set(partitionIds);
  }

  /** Rows written at or before `timestamp` are gone. */
  hideUntil(timestamp: bigint): void {
    if (timestamp > this.#hiddenUntil) this.#hiddenUntil = timestamp;
  }

  /** Runs `work` on the View of now, whose segments stay until it is done. */
  async read<T>(
    growing: GrowingRows,
    scope: ViewScope,
    work: (view: View) => Promise<T>,
  ): Promise<T> {
    const { partitionIds, timestamp, ignoreGrowing } = scope;
    const segmentIds: number[] = [];
    for (const info of this.current.segments) {
      if (this.#isHidden(info) || info.minTimestamp > timestamp) continue;
      if (partitionIds?.includes(info.partitionId) === false) continue;
      segmentIds.push(info.id);
      this.#pins.set(info.id, (this.#pins.get(info.id) ?? 0) + 1);
    }
    try {
      const readers = ignoreGrowing ? [] : growing.readers(timestamp, partitionIds);
      return await work({ segmentIds, growing: readers });
    } finally {
      this.#unpin(segmentIds);
      if (this.#leaving.size > 0) await this.#forgetSegments(segmentIds);
    }
  }

  /**
   * Publishes the next manifest. The caller holds `turn`, and every object that the edit adds is durable.
   * @param onPublished runs in the same step in which reads move over
   */
  async commit(edit: ManifestEdit, onPublished: () => void): Promise<void> {
    const { store, clock } = this.#deps;
    const base = this.current;
    const hidden = base.segments.filter((info) => this.#isHidden(info)).map(({ id }) => id);
    const remove = [...new Set([...edit.remove, ...hidden])];
    const add = edit.add.filter((info) => !this.#isHidden(info));
    const forget = this.#forgettable;
    this.#leases.takeOver(this.historyFrom);
    const historyFrom = this.#leases.floor;
    const next = applyEdit(base, { ...edit, historyFrom, add, remove, forget }, clock.nowMs());
    const reference = await writeManifest(store, next); // 1. complete and durable, nobody refers to it
    const pointer = await this.#publish(next, reference); // 2. it is the truth
    this.#doubtful = [];
    this.#pointer = pointer; // 3. reads move over, in one step
    this.#manifest = next;
    this.#isCurtailed = false;
    this.#forgettable = [];
    onPublished();
    const gone = base.segments.filter(({ id }) => remove.includes(id));
    // What was dropped while it was being made never was in a manifest, but the host has it.
    const stillborn = edit.add.filter((info) => !add.includes(info));
    await this.#retire([...gone, ...stillborn]); // 4. what left is let go when its last View ends
  }

  /** The collection is dropped: the host lets its segments go. @returns keys of what is of no use any more */
  async forget(): Promise<string[]> {
    return await this.turn.run(async () => {
      if (this.#manifest === null) return [];
      // What left the manifest a while ago waits for its end too, and nobody else will speak of it.
      const keys = [...this.reachableKeys(), ...this.#manifest.dropped.map(({ key }) => key)];
      await this.#retire(this.#manifest.segments);
      return keys;
    });
  }

  async #publish(manifest: Manifest, reference: ObjectReference): Promise<ManifestPointer> {
    try {
      return await this.#deps.pointers.move(this.#pointer, { manifest, reference });
    } catch (failure) {
      // It may have happened all the same. The next move proves that it did not, or is refused.
      this.#doubtful = [...this.#doubtful, { key: reference.key, manifest }];
      throw failure;
    }
  }

  async #read(schema: CollectionSchema): Promise<void> {
    const pointer = this.#pointer;
    const { store, host } = this.#deps;
    const collectionId = this.#collectionId;
    const shardId = this.#shardId;
    if (pointer === null) {
      this.#manifest ??= emptyManifest(collectionId, shardId);
      return;
    }
    const manifest = await readManifest(store, pointer.manifest);
    if (manifest.shardId !== shardId || manifest.version !== pointer.version) {
      throw milvusError('DataIntegrity', {
        message: 'the manifest is not the one its pointer means',
        fields: { key: pointer.manifest.key, version: manifest.version, expected: pointer.version },
      });
    }
    const { segments, timestamp } = manifest;
    await host.assign({ shardId, schema, segments, appliedTimestamp: timestamp }, BACKGROUND);
    this.#manifest = manifest;
    this.#isCurtailed = segments.some((info) => this.#isHidden(info));
  }

  #isHidden(info: SegmentInfo): boolean {
    return (
      info.maxTimestamp <= this.#hiddenUntil ||
      this.#hiddenPartitions.has(info.partitionId) ||
      this.#livingPartitions?.has(info.partitionId) === false
    );
  }

  async #retire(segments: readonly SegmentInfo[]): Promise<void> {
    for (const info of segments) this.#leaving.set(info.id, info);
    await this.#forgetSegments(segments.map(({ id }) => id));
  }

  #unpin(segmentIds: readonly number[]): void {
    for (const id of segmentIds) {
      const pins = (this.#pins.get(id) ?? 0) - 1;
      if (pins > 0) this.#pins.set(id, pins);
      else this.#pins.delete(id);
    }
  }

  async #forgetSegments(segmentIds: readonly number[]): Promise<void> {
    const free = segmentIds.filter((id) => this.#leaving.has(id) && !this.#pins.has(id));
    if (free.length === 0) return;
    for (const id of free) this.#leaving.delete(id);
    const { host, logger } = this.#deps;
    try {
      await host.unassign({ shardId: this.#shardId, segmentIds: free }, BACKGROUND);
    } catch (thrown) {
      // The commit stands; a host that did not hear of it holds memory too long, and nothing else.
      logger.warn(
        { shardId: this.#shardId, message: toMilvusError(thrown).message },
        'not unassigned',
      );
    }
  }
}
