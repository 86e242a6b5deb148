import { describe, expect, it } from 'vitest';
import { Catalog } from '../../src/meta/catalog.ts';
import { FIRST_CATALOG_ID } from '../../src/meta/catalog-records.ts';
import { IdAllocator } from '../../src/meta/ids.ts';
import { CATALOG_ID_KEY } from '../../src/meta/keys.ts';
import { memoryMetaStore } from '../../src/meta/memory-store.ts';
import { failingStore } from './failing-store.ts';
import { collection, countingClock, openCatalog, ref, refusal } from './catalog-world.ts';

describe('a catalog', () => {
  it('is created with the default database, once, whoever comes first', async () => {
    const store = memoryMetaStore();
    const clock = countingClock();
    const [first, second] = await Promise.all([
      openCatalog(store, clock),
      openCatalog(store, clock),
    ]);
    expect(first?.snapshot.listDatabases()).toEqual(second?.snapshot.listDatabases());
    expect(first?.snapshot.version).toBe(1);
  });

  it('is not created by a reader', async () => {
    const store = memoryMetaStore();
    const ids = new IdAllocator(store, CATALOG_ID_KEY, { first: FIRST_CATALOG_ID });
    const deps = { store, ids, clock: countingClock() };
    await expect(Catalog.load(deps, { readOnly: true })).rejects.toMatchObject({
      reason: 'DataIntegrity',
    });
    expect(await store.range('')).toEqual([]);
    await openCatalog(store);
    expect((await Catalog.load(deps, { readOnly: true })).snapshot.version).toBe(1);
  });

  it('takes in what others changed when it is told to', async () => {
    const store = memoryMetaStore();
    const clock = countingClock();
    const mine = await openCatalog(store, clock);
    const theirs = await openCatalog(store, clock);
    await theirs.createCollection(collection('books'));
    expect(mine.snapshot.findCollection('', 'books')).toBeNull();
    const { version } = await mine.refresh();
    expect(version).toBe(theirs.snapshot.version);
    expect(mine.snapshot.collection('', 'books')).toEqual(theirs.snapshot.collection('', 'books'));
    const same = mine.snapshot;
    expect(await mine.refresh()).toBe(same);
  });

  it('works a change out anew when others changed something first', async () => {
    const store = memoryMetaStore();
    const clock = countingClock();
    const catalogs = await Promise.all([1, 2, 3].map(() => openCatalog(store, clock)));
    const created = catalogs.flatMap((catalog, at) =>
      [0, 1, 2, 3].map((number) => catalog.createCollection(collection(`c${at}${number}`))),
    );
    const ids = (await Promise.all(created)).map(({ record }) => record.id);
    expect(new Set(ids).size).toBe(12);
    const reloaded = await openCatalog(store, clock);
    expect(reloaded.snapshot.listCollections('')).toHaveLength(12);
  });

  it('lets one of many that create the same name differently win', async () => {
    const store = memoryMetaStore();
    const clock = countingClock();
    const catalogs = await Promise.all([1, 2, 3].map(() => openCatalog(store, clock)));
    const outcomes = await Promise.all(
      catalogs.map((catalog, at) =>
        refusal(catalog.createCollection(collection('books', { shardCount: at + 1 }))),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'not refused')).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome.includes('duplicate collection'))).toHaveLength(2);
  });

  it('keeps a limit against several at once', async () => {
    const store = memoryMetaStore();
    const clock = countingClock();
    const catalogs = await Promise.all([1, 2].map(() => openCatalog(store, clock)));
    const set = { 'database.max.collections': '3' };
    await catalogs[0]?.alterDatabase({ name: '', set });
    const outcomes = await Promise.all(
      catalogs.flatMap((catalog, at) =>
        [0, 1, 2].map((number) => refusal(catalog.createCollection(collection(`c${at}${number}`)))),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'not refused')).toHaveLength(3);
  });

  it('says that a change happened when its answer was lost and it did', async () => {
    const { store, failNext } = failingStore(memoryMetaStore());
    const catalog = await openCatalog(store);
    await catalog.createCollection(collection('warm'));
    failNext('after');
    const { record } = await catalog.createCollection(collection('books'));
    expect(catalog.snapshot.collection('', 'books').record).toEqual(record);
    failNext('after');
    expect(await catalog.dropCollection(ref('books'))).toMatchObject({ record: { id: record.id } });
    await catalog.createDatabase({ name: 'docs' });
    failNext('after');
    await catalog.dropDatabase({ name: 'docs' });
    expect(catalog.snapshot.findDatabase('docs')).toBeNull();
  });

  it('throws when the answer was lost and nothing happened, and goes on', async () => {
    const { store, failNext } = failingStore(memoryMetaStore());
    const catalog = await openCatalog(store);
    await catalog.createCollection(collection('warm'));
    const { version } = catalog.snapshot;
    failNext('before');
    await expect(catalog.createCollection(collection('books'))).rejects.toMatchObject({
      reason: 'IoFailed',
    });
    expect(catalog.snapshot.version).toBe(version);
    expect(catalog.snapshot.findCollection('', 'books')).toBeNull();
    await catalog.createCollection(collection('books'));
  });

  it('throws when the answer was lost and another’s change came instead', async () => {
    const inner = memoryMetaStore();
    const { store, failNext } = failingStore(inner);
    const clock = countingClock();
    const catalog = await openCatalog(store, clock);
    const other = await openCatalog(inner, clock);
    await catalog.createCollection(collection('warm'));
    await other.refresh();
    failNext('before', () => other.createCollection(collection('books', { shardCount: 2 })));
    await expect(catalog.createCollection(collection('books'))).rejects.toMatchObject({
      reason: 'IoFailed',
    });
    expect(catalog.snapshot.collection('', 'books').record.shardIds).toHaveLength(2);
  });

  it('writes nothing for what is refused or so already', async () => {
    const failing = failingStore(memoryMetaStore());
    const catalog = await openCatalog(failing.store);
    await catalog.createCollection(collection('books'));
    const { changes } = failing;
    await catalog.createCollection(collection('books'));
    await catalog.dropCollection(ref('absent'));
    await refusal(catalog.createDatabase({ name: 'default' }));
    await refusal(catalog.loadCollection(ref('absent')));
    expect(failing.changes).toBe(changes);
  });

  it('never gives an id again, whatever was dropped and reopened', async () => {
    const store = memoryMetaStore();
    const clock = countingClock();
    const ids: number[] = [];
    for (let round = 0; round < 5; round++) {
      const catalog = await openCatalog(store, clock);
      const { record, partitions } = await catalog.createCollection(
        collection('books', { shardCount: 3 }),
      );
      ids.push(record.id, ...record.shardIds, ...[...partitions.values()].map(({ id }) => id));
      await catalog.dropCollection(ref('books'));
      await catalog.forgetCollection({ collectionId: record.id });
    }
    expect(new Set(ids).size).toBe(25);
    expect([...ids]).toEqual([...ids].sort((a, b) => a - b));
  });
});
