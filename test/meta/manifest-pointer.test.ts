import { describe, expect, it } from 'vitest';
import { manifestKey } from '../../src/meta/keys.ts';
import {
  type ManifestPointer,
  ManifestPointers,
  movePointer,
  readPointer,
} from '../../src/meta/manifest-pointer.ts';
import { memoryMetaStore } from '../../src/meta/memory-store.ts';
import { encodeRecord } from '../../src/meta/record.ts';
import { failingStore } from './failing-store.ts';

const pointer = (version: number, changes: Partial<ManifestPointer> = {}): ManifestPointer => ({
  collectionId: 101,
  shardId: 102,
  version,
  manifest: { key: `manifests/102-${version}.json`, byteLength: 100 + version, checksum: version },
  checkpoint: { term: 1, sequence: version, index: 0 },
  shardTerm: 1,
  ...changes,
});
const other = (version: number, shardTerm = 1): ManifestPointer =>
  pointer(version, { manifest: { key: 'other', byteLength: 1, checksum: 1 }, shardTerm });

describe('a manifest pointer', () => {
  it('moves one version at a time, with its checkpoint', async () => {
    const store = memoryMetaStore();
    expect(await readPointer(store, 101, 102)).toBeNull();
    for (const version of [1, 2, 3]) {
      expect(await movePointer(store, pointer(version))).toEqual({
        moved: true,
        pointer: pointer(version),
      });
    }
    expect(await readPointer(store, 101, 102)).toEqual(pointer(3));
  });

  it('says what stands there when somebody else moved it', async () => {
    const store = memoryMetaStore();
    await movePointer(store, other(1));
    expect(await movePointer(store, pointer(1))).toEqual({ moved: false, current: other(1) });
    expect(await movePointer(store, pointer(3))).toEqual({ moved: false, current: other(1) });
    expect(await movePointer(memoryMetaStore(), pointer(2))).toEqual({
      moved: false,
      current: null,
    });
  });

  it('is moved by one of many at once', async () => {
    const store = memoryMetaStore();
    const moves = [1, 2, 3, 4].map((checksum) =>
      movePointer(store, pointer(1, { manifest: { key: 'm', byteLength: 1, checksum } })),
    );
    const outcomes = await Promise.all(moves);
    expect(outcomes.filter(({ moved }) => moved)).toHaveLength(1);
  });

  it('is moved no more by a leader of a lower term', async () => {
    const store = memoryMetaStore();
    await movePointer(store, pointer(1, { shardTerm: 5 }));
    expect(await movePointer(store, pointer(2, { shardTerm: 4 }))).toMatchObject({ moved: false });
    expect(await movePointer(store, pointer(2, { shardTerm: 6 }))).toMatchObject({ moved: true });
  });

  it('never takes its checkpoint back', async () => {
    const store = memoryMetaStore();
    await movePointer(store, pointer(1));
    const back = pointer(2, { checkpoint: { term: 1, sequence: 0, index: 9 } });
    await expect(movePointer(store, back)).rejects.toThrow('a checkpoint never moves back');
  });

  it('counts as moved when the answer was lost and it stands there', async () => {
    const { store, failNext } = failingStore(memoryMetaStore());
    failNext('after');
    expect(await movePointer(store, pointer(1))).toEqual({ moved: true, pointer: pointer(1) });
  });

  it('throws when the answer was lost and nothing happened, and may be tried again', async () => {
    const { store, failNext } = failingStore(memoryMetaStore());
    failNext('before');
    await expect(movePointer(store, pointer(1))).rejects.toMatchObject({ reason: 'IoFailed' });
    expect(await movePointer(store, pointer(1))).toMatchObject({ moved: true });
  });

  it('is a conflict when the answer was lost and another stands there', async () => {
    const inner = memoryMetaStore();
    const { store, failNext } = failingStore(inner);
    failNext('before', () => movePointer(inner, other(1)));
    expect(await movePointer(store, pointer(1))).toEqual({ moved: false, current: other(1) });
  });

  it('is refused under the key of another shard', async () => {
    const store = memoryMetaStore();
    const key = manifestKey(101, 103);
    await store.transact({ puts: [{ key, value: encodeRecord(key, pointer(1)) }] });
    await expect(readPointer(store, 101, 103)).rejects.toThrow(
      'a pointer of another shard: data integrity check failed[key=/m/101/103]',
    );
  });
});

describe('the pointers of all shards', () => {
  const head = (version: number, shardId = 102) => {
    const { manifest, checkpoint } = pointer(version);
    const collectionId = 101;
    return { manifest: { collectionId, shardId, version, checkpoint }, reference: manifest };
  };

  it('are known without waiting, move, and are there after loading', async () => {
    const store = memoryMetaStore();
    const pointers = await ManifestPointers.load(store, 1);
    expect(pointers.current(101, 102)).toBeNull();
    const first = await pointers.move(null, head(1));
    expect(first).toEqual(pointer(1));
    const second = await pointers.move(first, head(2));
    await pointers.move(null, head(1, 103));
    expect(pointers.current(101, 102)).toEqual(second);
    const loaded = await ManifestPointers.load(store, 2);
    expect(loaded.all).toEqual(pointers.all);
    expect((await loaded.move(second, head(3))).shardTerm).toBe(2);
  });

  it('throw when somebody else moved one', async () => {
    const store = memoryMetaStore();
    const late = await ManifestPointers.load(store, 1);
    await (await ManifestPointers.load(store, 2)).move(null, head(1));
    await expect(late.move(null, head(1))).rejects.toMatchObject({
      reason: 'ChannelMisrouted',
      fields: { shard: 102, version: 1, expected: 0 },
    });
    expect(late.current(101, 102)).toBeNull();
  });

  it('move by one version from their base only', async () => {
    const pointers = await ManifestPointers.load(memoryMetaStore(), 1);
    await expect(pointers.move(null, head(2))).rejects.toThrow('follows its base by one version');
  });

  it('are forgotten with their collection', async () => {
    const store = memoryMetaStore();
    const pointers = await ManifestPointers.load(store, 1);
    await pointers.move(null, head(1));
    await pointers.move(null, head(1, 103));
    await pointers.remove(101, [102, 103, 104]);
    expect(pointers.all).toEqual([]);
    expect(await store.range('/m/')).toEqual([]);
  });
});
