import { describe, expect, it } from 'vitest';
import { SnapshotObjects } from '../../src/core/snapshot-objects.ts';
import type { Catalog } from '../../src/meta/catalog.ts';
import type { SnapshotRecord } from '../../src/meta/catalog-records.ts';
import { memoryDisk } from '../../src/storage/memory-disk.ts';
import { diskStore } from '../../src/storage/disk-store.ts';
import { systemRandom } from '../../src/base/random.ts';
import { SimClock } from '../sim/sim-clock.ts';

function recordOf(id: number, keys: (string | null)[]): SnapshotRecord {
  const manifests = keys.map((key) => (key === null ? null : { key, byteLength: 1, checksum: 1 }));
  return { id, manifests, protectedUntilMs: 0 } as unknown as SnapshotRecord;
}

describe('the objects of snapshots', () => {
  const clock = new SimClock();
  const store = diskStore(memoryDisk(clock), '', systemRandom);
  let records = [recordOf(1, ['manifests/1', null])];
  const snapshot = {
    allSnapshots: () => records,
    collectionById: () => ({ snapshots: records, record: { shardIds: [7, 8] } }),
  };
  const objects = new SnapshotObjects({ snapshot } as unknown as Catalog, clock, store);

  it('stay as long as the snapshot does, or somebody makes a collection of it', async () => {
    expect(objects.manifestKeys()).toEqual(['manifests/1']);
    const gone = recordOf(2, ['manifests/2']);
    await objects.whileInUse(gone, async () => {
      await objects.whileInUse(gone, () => Promise.resolve());
      records = [];
      expect(objects.manifestKeys()).toEqual(['manifests/2']);
      expect(objects.isInUse(2)).toBe(true);
      expect(objects.isInUse(1)).toBe(false);
    });
    expect(objects.manifestKeys()).toEqual([]);
    expect(objects.isInUse(2)).toBe(false);
  });

  it('protect nothing where no snapshot says so', async () => {
    records = [recordOf(1, ['manifests/1', null])];
    expect(await objects.protectedSegments(5, 7)).toEqual(new Set());
    records = [{ ...recordOf(1, [null, null]), protectedUntilMs: clock.nowMs() + 1 }];
    expect(await objects.protectedSegments(5, 8)).toEqual(new Set());
  });
});
