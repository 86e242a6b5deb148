import { describe, expect, it } from 'vitest';
import { Catalog } from '../../src/meta/catalog.ts';
import { readCatalog } from '../../src/meta/catalog-storage.ts';
import { IdAllocator } from '../../src/meta/ids.ts';
import { CATALOG_ID_KEY } from '../../src/meta/keys.ts';
import { ManifestPointers } from '../../src/meta/manifest-pointer.ts';
import { memoryMetaStore } from '../../src/meta/memory-store.ts';
import type { MetaStore } from '../../src/meta/meta-store.ts';
import { buildSchema } from '../../src/schema/definition.ts';
import { snapshotNamed } from '../../src/meta/snapshot-changes.ts';

const REF = { databaseName: '', collectionName: 'c' };

async function catalogOf(store: MetaStore): Promise<Catalog> {
  let last = 0n;
  const clock = { next: () => Promise.resolve(++last) };
  return await Catalog.load({
    store,
    clock,
    ids: new IdAllocator(store, CATALOG_ID_KEY, { first: 100n }),
  });
}

async function prepared(): Promise<{ store: MetaStore; catalog: Catalog }> {
  const store = memoryMetaStore();
  const catalog = await catalogOf(store);
  const schema = buildSchema({
    name: 'c',
    fields: [
      { name: 'id', type: 'Int64', isPrimaryKey: true },
      { name: 'v', type: 'FloatVector', dim: 2 },
    ],
  });
  await catalog.createCollection({ databaseName: '', schema, shardCount: 2 });
  return { store, catalog };
}

async function taken(catalog: Catalog, name: string): Promise<void> {
  const { record } = catalog.snapshot.collection('', 'c');
  await catalog.createSnapshot({
    ...REF,
    snapshotName: name,
    collectionId: record.id,
    description: 'd',
    timestamp: 77n,
    nowMs: 1000,
    protectionSeconds: 5,
    manifests: [{ key: 'manifests/1', byteLength: 3, checksum: 9 }, null],
  });
}

describe('snapshots in the catalog', () => {
  it('are found again as they were', async () => {
    const { store, catalog } = await prepared();
    await taken(catalog, 's');
    const pinId = await catalog.pinSnapshot({ ...REF, snapshotName: 's', ttlSeconds: 2, nowMs: 0 });
    const read = await readCatalog(store);
    const [found] = read?.snapshot.allSnapshots() ?? [];
    expect(found).toEqual(snapshotNamed(catalog.snapshot, { ...REF, snapshotName: 's' }));
    expect(found).toMatchObject({
      name: 's',
      timestamp: 77n,
      protectedUntilMs: 6000,
      pins: [{ id: pinId, untilMs: 2000 }],
      manifests: [{ key: 'manifests/1', byteLength: 3, checksum: 9 }, null],
      partitions: [{ name: '_default' }],
    });
  });

  it('become a collection and its pointers in one step', async () => {
    const { store, catalog } = await prepared();
    await taken(catalog, 's');
    const source = snapshotNamed(catalog.snapshot, { ...REF, snapshotName: 's' });
    const [collectionId = 0, first = 0, second = 0, partition = 0] = await catalog.takeIds(4);
    const pointers = await ManifestPointers.load(store, 1);
    const checkpoint = { term: 1, sequence: 2, index: 3 };
    const reference = { key: 'manifests/2', byteLength: 1, checksum: 1 };
    const pointer = pointers.first(
      { collectionId, shardId: first, version: 1, checkpoint },
      reference,
    );
    const partitionIds = new Map(source.partitions.map(({ id }) => [id, partition]));
    const ids = { collectionId, shardIds: [first, second], partitionIds, indexIds: new Map() };
    const target = { databaseName: '', collectionName: 'copy', source, ids, pointers: [pointer] };
    const { record, partitions } = await catalog.restoreCollection(target);
    expect(record).toMatchObject({ id: collectionId, shardIds: [first, second] });
    expect([...partitions.values()]).toMatchObject([{ id: partition, name: '_default' }]);
    const stored = await ManifestPointers.load(store, 1);
    expect(stored.current(collectionId, first)).toEqual(pointer);
    expect(stored.current(collectionId, second)).toBeNull();
    await expect(catalog.restoreCollection(target)).rejects.toThrow('create duplicate collection');
  });

  it('go with their collection', async () => {
    const { store, catalog } = await prepared();
    await taken(catalog, 's');
    await catalog.dropCollection(REF);
    expect((await readCatalog(store))?.snapshot.allSnapshots()).toEqual([]);
    expect(await store.range('/c/snap/')).toEqual([]);
  });
});
