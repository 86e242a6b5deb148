/**
 * Snapshots as the coordinator makes them, drops them and makes collections of them.
 *
 * create   1. a moment is chosen, and every shard keeps what reads at it see
 *          2. every shard says which manifest has its rows up to there, and holds it
 *          3. one transaction of the catalog: from here on garbage collection keeps what they refer to
 * restore  1. every shard of the new collection gets a first manifest, which nothing refers to yet
 *          2. one transaction of the catalog: the collection, and the pointers to those manifests
 *
 * A crash in between leaves nothing but objects for garbage collection.
 */
import { must } from '../base/assert.ts';
import { milvusError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { Catalog } from '../meta/catalog.ts';
import type { CollectionEntry } from '../meta/catalog-draft.ts';
import type { SnapshotRecord } from '../meta/catalog-records.ts';
import type { HybridClock } from '../meta/hybrid-clock.ts';
import type { ManifestPointer, ManifestPointers } from '../meta/manifest-pointer.ts';
import {
  checkNewSnapshot,
  checkRestore,
  type RestoredIds,
  snapshotNamed,
} from '../meta/snapshot-changes.ts';
import { BACKGROUND } from './call.ts';
import type { Call, Shards } from './ports.ts';
import type {
  NewSnapshot,
  RestoreSnapshotRequest,
  ShardCut,
  SnapshotInfo,
} from './snapshot-ports.ts';
import type { SnapshotObjects } from './snapshot-objects.ts';

export interface SnapshotDeps {
  readonly catalog: Catalog;
  readonly shards: Shards;
  readonly clock: Clock;
  readonly hybridClock: HybridClock;
  readonly pointers: ManifestPointers;
  readonly snapshotObjects: SnapshotObjects;
}

export async function createSnapshot(
  request: NewSnapshot,
  deps: SnapshotDeps,
  call: Call,
): Promise<SnapshotInfo> {
  const { catalog, clock } = deps;
  const { record } = checkNewSnapshot(catalog.snapshot, request);
  let { cuts, timestamp } = await cutShards(record, request.flush, deps, call);
  try {
    if (isExpired(cuts, timestamp)) {
      // Compaction has taken rows of the moment that all flushed rows have in common.
      await letGo(record, cuts, deps);
      cuts = [];
      ({ cuts, timestamp } = await cutShards(record, true, deps, call));
    }
    if (isExpired(cuts, timestamp)) {
      throw milvusError('SnapshotExpired', { fields: { timestamp } });
    }
    const taken = await catalog.createSnapshot({
      ...request,
      collectionId: record.id,
      timestamp,
      nowMs: clock.nowMs(),
      manifests: cuts.map(({ manifest }) => manifest),
    });
    return infoOf(taken, catalog);
  } finally {
    await letGo(record, cuts, deps);
  }
}

type Shaped = Pick<CollectionEntry['record'], 'id' | 'shardIds'>;

function isExpired(cuts: readonly ShardCut[], timestamp: bigint): boolean {
  return cuts.some(({ historyFrom }) => historyFrom > timestamp);
}

/** @returns every shard, and the newest moment of which all of them have every row */
async function cutShards(
  { id: collectionId, shardIds }: Shaped,
  flush: boolean,
  deps: SnapshotDeps,
  call: Call,
): Promise<{ cuts: ShardCut[]; timestamp: bigint }> {
  const { shards, hybridClock } = deps;
  const now = await hybridClock.next();
  // All before the first is flushed, which takes time: others are compacted meanwhile.
  for (const shardId of shardIds)
    await shards.keep({ collectionId, shardId, timestamp: now }, call);
  const cuts: ShardCut[] = [];
  try {
    for (const shardId of shardIds) {
      cuts.push(await shards.cut({ collectionId, shardId, flush, timestamp: now }, call));
    }
  } catch (failure) {
    await letGo({ id: collectionId, shardIds }, cuts, deps);
    throw failure;
  }
  const timestamp = cuts.reduce((least, { until }) => (until < least ? until : least), now);
  return { cuts, timestamp };
}

async function letGo(
  { id: collectionId, shardIds }: Shaped,
  cuts: readonly ShardCut[],
  { shards }: SnapshotDeps,
): Promise<void> {
  for (const [i, { manifest }] of cuts.entries()) {
    if (manifest === null) continue;
    const shardId = must(shardIds[i], 'a cut is of a shard');
    await shards.letGo({ collectionId, shardId, manifestKey: manifest.key }, BACKGROUND);
  }
}

/** @returns the new collection, of which nobody has heard yet */
export async function restoreSnapshot(
  request: RestoreSnapshotRequest,
  deps: SnapshotDeps,
  call: Call,
): Promise<CollectionEntry> {
  const { catalog, pointers, snapshotObjects, hybridClock } = deps;
  const source = snapshotNamed(catalog.snapshot, request);
  const { targetName, targetDatabaseName: databaseName } = request;
  const target = { databaseName, collectionName: targetName, source };
  checkRestore(catalog.snapshot, target);
  return await snapshotObjects.whileInUse(source, async () => {
    const ids = await newIds(source, catalog);
    const timestamp = await hybridClock.next();
    const own: ManifestPointer[] = [];
    for (const [i, manifest] of source.manifests.entries()) {
      if (manifest === null) continue;
      const shardId = must(ids.shardIds[i], 'every shard has an id');
      const { collectionId, partitionIds, indexIds } = ids;
      const { head, reference } = await deps.shards.restore(
        {
          collectionId,
          shardId,
          source: manifest,
          moment: source.timestamp,
          timestamp,
          schemaVersion: source.schema.version,
          partitionIds,
          indexIds,
        },
        call,
      );
      own.push(pointers.first(head, reference));
    }
    const entry = await catalog.restoreCollection({ ...target, ids, pointers: own });
    pointers.adopt(own);
    return entry;
  });
}

async function newIds(source: SnapshotRecord, catalog: Catalog): Promise<RestoredIds> {
  const { manifests, partitions, indexes } = source;
  const ids = await catalog.takeIds(1 + manifests.length + partitions.length + indexes.length);
  const take = (): number => must(ids.shift(), 'as many ids were taken');
  return {
    collectionId: take(),
    shardIds: manifests.map(take),
    partitionIds: new Map(partitions.map(({ id }) => [id, take()])),
    indexIds: new Map(indexes.map(({ id }) => [id, take()])),
  };
}

export function infoOf(record: SnapshotRecord, catalog: Catalog): SnapshotInfo {
  const { id, collectionId, name, description, timestamp, createdMs, pins } = record;
  const collection = catalog.snapshot.recordById(collectionId);
  return {
    id,
    name,
    description,
    collectionName: collection?.schema.name ?? '',
    partitionNames: record.partitions.map((one) => one.name),
    timestamp,
    createdMs,
    protectedUntilMs: record.protectedUntilMs,
    pinCount: pins.length,
  };
}
