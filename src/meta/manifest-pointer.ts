/**
 * `/m/<collection>/<shard>`: which manifest is the truth of a shard, and from where the log has to be
 * replayed on top of it. It moves from version v to v + 1 by one compare-and-set, after the manifest is
 * durable; file list and checkpoint change together or not at all.
 */
import { assert } from '../base/assert.ts';
import { milvusError } from '../base/errors.ts';
import { MANIFEST_PREFIX, manifestKey } from './keys.ts';
import { compareLogPoints, type LogPoint, readLogPoint } from './log-point.ts';
import type { MetaEntry, MetaStore } from './meta-store.ts';
import { damaged, encodeRecord, sameRecord } from './record.ts';
import { decodeFields, type RecordFields } from './record-fields.ts';

/** The manifest object, and what must be true of its bytes. */
export interface ManifestReference {
  readonly key: string;
  readonly byteLength: number;
  /** CRC-32 of the whole object. */
  readonly checksum: number;
}

export interface ManifestPointer {
  readonly collectionId: number;
  readonly shardId: number;
  /** From 1 on. */
  readonly version: number;
  readonly manifest: ManifestReference;
  /** Records of the log up to here, and this one, are in the manifest. */
  readonly checkpoint: LogPoint;
  /** Of the leader that moved it; a lower one moves it no more. */
  readonly shardTerm: number;
}

export type MoveOutcome =
  | { readonly moved: true; readonly pointer: ManifestPointer }
  /** `current` is what stands there instead of the base; null: nothing. */
  | { readonly moved: false; readonly current: ManifestPointer | null };

export async function readPointer(
  store: MetaStore,
  collectionId: number,
  shardId: number,
): Promise<ManifestPointer | null> {
  const entry = await store.get(manifestKey(collectionId, shardId));
  return entry === null ? null : pointerOf(entry);
}

/**
 * Moves a pointer one version on, from `next.version - 1`.
 *
 * When the answer of the store is lost, what stands there decides: `next` means moved, the base means
 * that nothing happened (and the error is thrown), anything else is a conflict.
 */
export async function movePointer(store: MetaStore, next: ManifestPointer): Promise<MoveOutcome> {
  const { collectionId, shardId } = next;
  const key = manifestKey(collectionId, shardId);
  const entry = await store.get(key);
  const current = entry === null ? null : pointerOf(entry);
  assertForward(current, next);
  if (!isBaseOf(current, next)) return { moved: false, current };
  const conditions = [{ key, revision: entry?.revision ?? 0 }];
  const puts = [{ key, value: encodeRecord(key, next) }];
  try {
    const outcome = await store.transact({ conditions, puts });
    if (outcome !== null) return { moved: true, pointer: next };
  } catch (error) {
    const found = await readPointer(store, collectionId, shardId);
    if (sameRecord(found, next)) return { moved: true, pointer: next };
    if (sameRecord(found, current)) throw error;
    return { moved: false, current: found };
  }
  return { moved: false, current: await readPointer(store, collectionId, shardId) };
}

/** What a leader knows of the manifest it publishes. */
export interface ManifestHead {
  readonly collectionId: number;
  readonly shardId: number;
  readonly version: number;
  readonly checkpoint: LogPoint;
}

/** The pointers of all shards, as their one mover knows them. */
export class ManifestPointers {
  readonly #store: MetaStore;
  readonly #shardTerm: number;
  readonly #pointers: Map<string, ManifestPointer>;

  private constructor(store: MetaStore, shardTerm: number, pointers: Map<string, ManifestPointer>) {
    this.#store = store;
    this.#shardTerm = shardTerm;
    this.#pointers = pointers;
  }

  /** @param shardTerm of the leaders that will move them */
  static async load(store: MetaStore, shardTerm: number): Promise<ManifestPointers> {
    const entries = await store.range(MANIFEST_PREFIX);
    const pointers = new Map(entries.map((entry) => [entry.key, pointerOf(entry)]));
    return new ManifestPointers(store, shardTerm, pointers);
  }

  get all(): readonly ManifestPointer[] {
    return [...this.#pointers.values()];
  }

  current(collectionId: number, shardId: number): ManifestPointer | null {
    return this.#pointers.get(manifestKey(collectionId, shardId)) ?? null;
  }

  /**
   * Makes a durable manifest the truth of its shard.
   * @param base what the manifest was made from; null for a shard's first
   * @throws MilvusError ChannelMisrouted when somebody else moved the pointer
   */
  async move(
    base: ManifestPointer | null,
    to: { readonly manifest: ManifestHead; readonly reference: ManifestReference },
  ): Promise<ManifestPointer> {
    const { collectionId, shardId, version, checkpoint } = to.manifest;
    assert(version === (base?.version ?? 0) + 1, 'a manifest follows its base by one version');
    const { key, byteLength, checksum } = to.reference;
    const outcome = await movePointer(
      this.#store,
      Object.freeze({
        collectionId,
        shardId,
        version,
        manifest: Object.freeze({ key, byteLength, checksum }),
        checkpoint: Object.freeze({ ...checkpoint }),
        shardTerm: this.#shardTerm,
      }),
    );
    if (!outcome.moved) {
      throw milvusError('ChannelMisrouted', {
        message: 'the manifest of a shard was moved by another',
        fields: { shard: shardId, version: outcome.current?.version ?? 0, expected: version - 1 },
      });
    }
    this.#pointers.set(manifestKey(collectionId, shardId), outcome.pointer);
    return outcome.pointer;
  }

  /** A pointer to the first manifest of a shard, for whoever stores it together with something else. */
  first(manifest: ManifestHead, reference: ManifestReference): ManifestPointer {
    const { collectionId, shardId, version, checkpoint } = manifest;
    assert(version === 1, 'the first manifest of a shard is version 1');
    const { key, byteLength, checksum } = reference;
    return Object.freeze({
      collectionId,
      shardId,
      version,
      manifest: Object.freeze({ key, byteLength, checksum }),
      checkpoint: Object.freeze({ ...checkpoint }),
      shardTerm: this.#shardTerm,
    });
  }

  /** Pointers that were stored together with something else. */
  adopt(pointers: readonly ManifestPointer[]): void {
    for (const pointer of pointers) {
      this.#pointers.set(manifestKey(pointer.collectionId, pointer.shardId), pointer);
    }
  }

  /** Forgets the shards of a dropped collection: their files are unreachable from here on. */
  async remove(collectionId: number, shardIds: readonly number[]): Promise<void> {
    const removes = shardIds.map((shardId) => manifestKey(collectionId, shardId));
    await this.#store.transact({ removes });
    for (const key of removes) this.#pointers.delete(key);
  }
}

export function readManifestReference(fields: RecordFields): ManifestReference {
  return {
    key: fields.text('key'),
    byteLength: fields.integer('byteLength'),
    checksum: fields.integer('checksum'),
  };
}

function isBaseOf(current: ManifestPointer | null, next: ManifestPointer): boolean {
  const term = current?.shardTerm ?? 0;
  return (current?.version ?? 0) === next.version - 1 && term <= next.shardTerm;
}

function assertForward(current: ManifestPointer | null, next: ManifestPointer): void {
  if (current === null || !isBaseOf(current, next)) return;
  const order = compareLogPoints(next.checkpoint, current.checkpoint);
  assert(order >= 0, 'a checkpoint never moves back');
}

function pointerOf(entry: MetaEntry): ManifestPointer {
  const { key } = entry;
  const fields = decodeFields(key, entry.value);
  const pointer = Object.freeze({
    collectionId: fields.integer('collectionId'),
    shardId: fields.integer('shardId'),
    version: fields.integer('version'),
    manifest: Object.freeze(readManifestReference(fields.object('manifest'))),
    checkpoint: readLogPoint(fields.object('checkpoint')),
    shardTerm: fields.integer('shardTerm'),
  });
  if (manifestKey(pointer.collectionId, pointer.shardId) !== key) {
    throw damaged(key, 'a pointer of another shard');
  }
  return pointer;
}
