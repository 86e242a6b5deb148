import { describe, expect, it } from 'vitest';
import { MilvusError } from '../../src/base/errors.ts';
import { readCatalog, tookEffect, transactionOf } from '../../src/meta/catalog-storage.ts';
import { CATALOG_VERSION_KEY } from '../../src/meta/keys.ts';
import { memoryMetaStore } from '../../src/meta/memory-store.ts';
import type { MetaStore } from '../../src/meta/meta-store.ts';
import { encodeRecord } from '../../src/meta/record.ts';
import { collection, openCatalog, ref } from './catalog-world.ts';

async function filled(): Promise<MetaStore> {
  const store = memoryMetaStore();
  const catalog = await openCatalog(store);
  await catalog.createDatabase({ name: 'docs' });
  await catalog.createCollection(collection('books'));
  await catalog.createPartition({ ...ref('books'), partitionName: 'a' });
  await catalog.createAlias({ ...ref('books'), alias: 'current' });
  await catalog.createIndex({ ...ref('books'), fieldName: 'vector', indexName: '', params: {} });
  await catalog.loadCollection(ref('books'));
  return store;
}

const keysOf = async (store: MetaStore): Promise<string[]> =>
  (await store.range('')).map(({ key }) => key);

describe('the stored catalog', () => {
  it('has one key for each thing, and names that point to ids', async () => {
    const store = await filled();
    expect(await keysOf(store)).toEqual([
      '/c/alias/1/current',
      '/c/coll/1/101',
      '/c/db/1',
      '/c/db/100',
      '/c/id',
      '/c/index/101/105',
      '/c/name/1/books',
      '/c/part/101/103',
      '/c/part/101/104',
      '/c/version',
      '/p/101',
    ]);
  });

  it('is null in a store without one', async () => {
    expect(await readCatalog(memoryMetaStore())).toBeNull();
  });

  it('moves a collection’s keys when it is renamed, and takes them away in the end', async () => {
    const store = await filled();
    const catalog = await openCatalog(store);
    await catalog.dropAlias({ databaseName: '', alias: 'current' });
    await catalog.renameCollection({ ...ref('books'), newName: 'texts', newDatabaseName: 'docs' });
    const moved = await keysOf(store);
    expect(moved).toContain('/c/coll/100/101');
    expect(moved).toContain('/c/name/100/texts');
    expect(moved.filter((key) => /\/1\/(?:101|books)$/.test(key))).toEqual([]);
    await catalog.dropCollection(ref('texts', 'docs'));
    expect(await keysOf(store)).not.toContain('/c/name/100/texts');
    await catalog.dropDatabase({ name: 'docs' });
    await openCatalog(store);
    await catalog.forgetCollection({ collectionId: 101 });
    expect(await keysOf(store)).toEqual(['/c/db/1', '/c/id', '/c/version']);
  });

  it('is refused when any of its records is damaged or missing', async () => {
    for (const key of await keysOf(await filled())) {
      if (key === '/c/id') continue;
      const store = await filled();
      const entry = await store.get(key);
      const value = entry?.value.slice() ?? new Uint8Array(0);
      value[9] = (value[9] ?? 0) ^ 4;
      await store.transact({ puts: [{ key, value }] });
      const outcome: unknown = await readCatalog(store).catch((error: unknown) => error);
      expect(outcome, key).toMatchObject({ reason: 'DataIntegrity' });
    }
    for (const key of ['/c/coll/1/101', '/c/db/1', '/c/name/1/books']) {
      const store = await filled();
      await store.transact({ removes: [key] });
      const outcome: unknown = await readCatalog(store).catch((error: unknown) => error);
      expect(outcome, key).toBeInstanceOf(MilvusError);
    }
  });

  it('is refused when a name points to another collection or to none', async () => {
    for (const name of ['other', 'books']) {
      const store = await filled();
      const key = `/c/name/1/${name}`;
      const value = encodeRecord(key, { collectionId: name === 'books' ? 999 : 101 });
      await store.transact({ puts: [{ key, value }] });
      await expect(readCatalog(store)).rejects.toThrow('a name without its collection');
    }
  });

  it('is read as of one moment while others change it', async () => {
    const store = await filled();
    const other = await openCatalog(store);
    let left = 3;
    const busy: MetaStore = {
      get: (key) => store.get(key),
      async range(prefix) {
        const entries = await store.range(prefix);
        if (prefix === '/c/' && left-- > 0) {
          await other.createCollection(collection(`c${left}`));
          await other.loadCollection(ref(`c${left}`));
        }
        return entries;
      },
      transact: (transaction) => store.transact(transaction),
      [Symbol.asyncDispose]: async () => undefined,
    };
    const stored = await readCatalog(busy);
    expect(stored?.snapshot.version).toBe(other.snapshot.version);
    expect(stored?.snapshot.collectionCount).toBe(4);
  });
});

describe('the transaction of a change', () => {
  it('holds only for the catalog that the change was made from', async () => {
    const store = await filled();
    const base = await readCatalog(store);
    if (base === null) throw new Error('there is a catalog');
    const { record } = base.snapshot.database('docs');
    const drop = transactionOf(base, { puts: [], removes: [{ kind: 'database', record }] });
    expect(drop.conditions).toEqual([{ key: CATALOG_VERSION_KEY, revision: base.revision }]);
    expect(await tookEffect(store, drop)).toBe(false);
    expect(await store.transact(drop)).not.toBeNull();
    expect(await tookEffect(store, drop)).toBe(true);
    expect(await store.transact(drop)).toBeNull();
  });
});
