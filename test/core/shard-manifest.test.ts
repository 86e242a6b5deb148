/** Which segments reads see, and which the next manifest keeps. */
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/base/logger.ts';
import type { ShardDeps } from '../../src/core/shard-deps.ts';
import { SnapshotLeases } from '../../src/core/snapshot-leases.ts';
import { ShardManifest } from '../../src/core/shard-manifest.ts';
import { ManifestPointers } from '../../src/meta/manifest-pointer.ts';
import { memoryMetaStore } from '../../src/meta/memory-store.ts';
import { readManifest } from '../../src/segments/manifest.ts';
import { infoOf } from '../segments/segment-infos.ts';
import { memoryStore, schemaOf } from '../segments/world.ts';
import { SimClock } from '../sim/sim-clock.ts';

const COLLECTION = 3;
const SHARD = 4;

async function shardManifest(): Promise<{
  manifest: ShardManifest;
  store: ShardDeps['store'];
  unassigned: number[];
}> {
  const store = memoryStore();
  const unassigned: number[] = [];
  const host: Pick<ShardDeps['host'], 'unassign'> = {
    unassign: async ({ segmentIds }) => void unassigned.push(...segmentIds),
  };
  const parts: Partial<ShardDeps> = {
    store,
    host: host as ShardDeps['host'],
    pointers: await ManifestPointers.load(memoryMetaStore(), 1),
    clock: new SimClock(),
    logger: silentLogger,
  };
  const manifest = new ShardManifest(
    COLLECTION,
    SHARD,
    parts as ShardDeps,
    new SnapshotLeases(new SimClock()),
  );
  await manifest.open(schemaOf([]));
  return { manifest, store, unassigned };
}

describe('the manifest of a shard', () => {
  it('shows and keeps no segment of a partition that the catalog does not have', async () => {
    const { manifest, store, unassigned } = await shardManifest();
    const edit = {
      ...manifest.unchanged,
      checkpoint: { term: 1, sequence: 9, index: 0 },
      timestamp: 1n << 62n,
      schemaVersion: 1,
    };
    const add = [infoOf(1, { partitionId: 10 }), infoOf(2, { partitionId: 11 })];
    await manifest.commit({ ...edit, add }, () => undefined);
    manifest.keepPartitions([10]);
    expect(manifest.segments.map(({ id }) => id)).toEqual([1]);

    const late = [infoOf(3, { partitionId: 10 }), infoOf(4, { partitionId: 11 })];
    await manifest.commit({ ...edit, add: late }, () => undefined);
    const { segments } = await readManifest(store, manifest.pointer!.manifest);
    expect(segments.map(({ id }) => id)).toEqual([1, 3]);
    expect(unassigned).toEqual([2, 4]);
  });
});
