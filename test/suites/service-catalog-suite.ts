/** What the Service promises of names: databases, collections, aliases, partitions, load state, schemas. */
import { describe, expect, it } from 'vitest';
import {
  createDocs,
  DOCS,
  DOCS_DEFINITION,
  docs,
  expectRefusal,
  inEveryState,
  tags,
} from './service-fixtures.ts';
import type { OpenWorld } from './service-world.ts';

export function serviceCatalogSuite(open: OpenWorld): void {
  describe('databases', () => {
    it('creates, describes, alters, lists and drops them', async () => {
      const { service } = await open();
      await service.createDatabase('shop', { 'database.max.collections': '7' });
      expect(await service.describeDatabase('shop')).toMatchObject({
        name: 'shop',
        properties: { 'database.max.collections': '7' },
      });
      await service.alterDatabase('shop', { set: { timezone: 'Asia/Tokyo' } });
      await service.alterDatabase('shop', { remove: ['database.max.collections'] });
      expect((await service.describeDatabase('shop')).properties).toEqual({
        timezone: 'Asia/Tokyo',
      });
      expect((await service.listDatabases()).map(({ name }) => name)).toEqual(['default', 'shop']);
      await service.dropDatabase('shop');
      expect((await service.listDatabases()).map(({ name }) => name)).toEqual(['default']);
    });

    it('refuses what Milvus refuses, in its words', async () => {
      const { service } = await open();
      await service.createDatabase('shop', {});
      await service.createCollection('shop', DOCS_DEFINITION);
      await expectRefusal(service.createDatabase('shop', {}), 1100, 'database already exist: shop');
      await expectRefusal(service.dropDatabase('default'), 1100, 'can not drop default database');
      await expectRefusal(
        service.dropDatabase('shop'),
        1100,
        'database:shop not empty, must drop all collections before drop database',
      );
      await expectRefusal(
        service.describeDatabase('none'),
        800,
        'database not found[database=none]',
      );
      await expectRefusal(
        service.listCollections('none'),
        800,
        'database not found[database=none]',
      );
    });

    it('keeps collections of one name in two databases apart', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.createDatabase('shop', {});
      const inShop = { databaseName: 'shop', collectionName: 'docs' };
      await service.createCollection('shop', DOCS_DEFINITION);
      await service.loadCollection(inShop);
      await service.insert({ ...DOCS, rows: docs(0, 3) });
      await service.insert({ ...inShop, rows: docs(0, 5, 1) });
      expect(await service.count(DOCS)).toBe(3);
      expect(await service.count(inShop)).toBe(5);
      await service.dropCollection(inShop);
      expect(await service.count(DOCS)).toBe(3);
      expect(await service.hasCollection(inShop)).toBe(false);
    });

    it('takes 64 databases beside the default one', async () => {
      const { service } = await open();
      for (let i = 0; i < 64; i++) await service.createDatabase(`d${i}`, {});
      await expectRefusal(
        service.createDatabase('one_more', {}),
        801,
        'exceeded the limit number of database[limit=64]',
      );
    });
  });

  describe('collections', () => {
    it('describes what was created', async () => {
      const { service } = await open();
      const created = await service.createCollection('', {
        ...DOCS_DEFINITION,
        description: 'texts',
        shardCount: 3,
        consistencyLevel: 'Strong',
        properties: { 'collection.ttl.seconds': 60 },
      });
      const described = await service.describeCollection(DOCS);
      expect(described).toEqual(created);
      expect(described).toMatchObject({
        name: 'docs',
        databaseName: 'default',
        consistencyLevel: 'Strong',
        loaded: false,
        properties: { 'collection.ttl.seconds': '60' },
        truncatedTimestamp: 0n,
      });
      expect(described.shardIds.length).toBe(3);
      expect(described.partitions.map(({ name }) => name)).toEqual(['_default']);
      expect(described.schema.fields.map(({ name }) => name)).toEqual([
        'id',
        'tag',
        'size',
        'vector',
      ]);
      expect(await service.listCollections('')).toEqual([described]);
    });

    it('takes the same definition again, and no other', async () => {
      const { service } = await open();
      const first = await service.createCollection('', DOCS_DEFINITION);
      expect(await service.createCollection('', DOCS_DEFINITION)).toEqual(first);
      await expectRefusal(
        service.createCollection('', { ...DOCS_DEFINITION, shardCount: 2 }),
        1100,
        'create duplicate collection with different parameters, collection: docs',
      );
    });

    it('drops with all rows; dropping again is no error', async () => {
      const world = await open();
      const { service } = world;
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 10) });
      await service.flush(DOCS);
      await service.dropCollection(DOCS);
      await service.dropCollection(DOCS);
      expect(await service.hasCollection(DOCS)).toBe(false);
      const missing = 'collection not found[database=default][collection=docs]';
      await expectRefusal(service.describeCollection(DOCS), 100, missing);
      await expectRefusal(service.insert({ ...DOCS, rows: docs(0, 1) }), 100, missing);
      await expectRefusal(service.count(DOCS), 100, missing);
      await createDocs(service);
      expect(await service.count(DOCS)).toBe(0);
      expect(await (await world.reopen()).count(DOCS)).toBe(0);
    });

    it('renames within a database and into another', async () => {
      const world = await open();
      const { service } = world;
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 4) });
      await service.createDatabase('shop', {});
      await service.renameCollection({ ...DOCS, newName: 'texts', newDatabaseName: null });
      const texts = { databaseName: '', collectionName: 'texts' };
      expect(await service.hasCollection(DOCS)).toBe(false);
      expect(await service.count(texts)).toBe(4);
      await service.renameCollection({ ...texts, newName: 'docs', newDatabaseName: 'shop' });
      const moved = { databaseName: 'shop', collectionName: 'docs' };
      expect(await service.describeCollection(moved)).toMatchObject({ databaseName: 'shop' });
      await service.insert({ ...moved, rows: docs(4, 6) });
      expect(await service.count(moved)).toBe(6);
      expect(await (await world.reopen()).count(moved)).toBe(6);
    });

    it('refuses names that are taken', async () => {
      const { service } = await open();
      await createDocs(service);
      await createDocs(service, { name: 'other' });
      await service.createAlias({ ...DOCS, alias: 'nick' });
      const rename = (newName: string, collectionName = 'docs'): Promise<void> =>
        service.renameCollection({
          databaseName: '',
          collectionName,
          newName,
          newDatabaseName: null,
        });
      await expectRefusal(
        rename('other'),
        1100,
        'duplicated new collection name default:other with other collection name or alias',
      );
      await expectRefusal(
        rename('docs'),
        1100,
        'collection name or database name should be different',
      );
      await expectRefusal(
        rename('nick'),
        1601,
        'cannot rename collection to an existing alias: nick',
      );
      await expectRefusal(
        rename('x', 'nick'),
        1100,
        'unsupported use an alias to rename collection, alias:nick',
      );
      await expectRefusal(
        rename('x', 'none'),
        100,
        'collection not found[database=default][collection=none]',
      );
    });

    it('alters properties, and keeps them over a reopening', async () => {
      const world = await open();
      await createDocs(world.service);
      await world.service.alterCollection({ ...DOCS, set: { 'collection.ttl.seconds': '90' } });
      const reopened = await world.reopen();
      expect((await reopened.describeCollection(DOCS)).properties).toMatchObject({
        'collection.ttl.seconds': '90',
      });
      await reopened.alterCollection({ ...DOCS, remove: ['collection.ttl.seconds'] });
      expect((await reopened.describeCollection(DOCS)).properties).toEqual({});
      await expectRefusal(
        reopened.alterCollection({ ...DOCS, set: { 'collection.ttl.seconds': '-2' } }),
        1100,
        'collection TTL is out of range, expect [-1, 3155760000], got -2',
      );
      await expectRefusal(
        reopened.alterCollection(DOCS),
        1100,
        'no properties or delete keys provided',
      );
    });
  });

  describe('aliases', () => {
    it('stand for their collection in reads and writes', async () => {
      const { service } = await open();
      await createDocs(service);
      await service.createAlias({ ...DOCS, alias: 'nick' });
      const nick = { databaseName: '', collectionName: 'nick' };
      await service.insert({ ...nick, rows: docs(0, 3) });
      await service.delete({ ...nick, ids: [0n] });
      await service.flush(nick);
      expect(await service.count(nick)).toBe(2);
      expect((await service.describeCollection(nick)).name).toBe('docs');
      expect((await service.describeCollection(DOCS)).aliases).toEqual(['nick']);
      expect(await service.describeAlias({ databaseName: '', alias: 'nick' })).toEqual({
        alias: 'nick',
        collectionName: 'docs',
        databaseName: 'default',
      });
    });

    it('move to another collection, are listed and dropped', async () => {
      const world = await open();
      const { service } = world;
      const other = await createDocs(service, { name: 'other' });
      await createDocs(service);
      await service.createAlias({ ...DOCS, alias: 'nick' });
      await service.createAlias({ ...other, alias: 'nack' });
      await service.alterAlias({ ...other, alias: 'nick' });
      const reopened = await world.reopen();
      const list = async (collectionName: string | null): Promise<string[]> =>
        (await reopened.listAliases({ databaseName: '', collectionName })).map(
          ({ alias, collectionName: target }) => `${alias}=${target}`,
        );
      expect((await list(null)).toSorted()).toEqual(['nack=other', 'nick=other']);
      expect(await list('docs')).toEqual([]);
      await reopened.dropAlias({ databaseName: '', alias: 'nick' });
      expect(await list('other')).toEqual(['nack=other']);
    });

    it('refuse what Milvus refuses, in its words', async () => {
      const { service } = await open();
      await createDocs(service);
      const other = await createDocs(service, { name: 'other' });
      await service.createAlias({ ...DOCS, alias: 'nick' });
      await expectRefusal(
        service.createAlias({ ...other, alias: 'nick' }),
        1602,
        'nick is alias to another collection: docs: alias already exist[database=default][alias=nick]',
      );
      await expectRefusal(
        service.createAlias({ ...DOCS, alias: 'other' }),
        1601,
        'alias and collection name conflict[database=default][alias=other]',
      );
      await expectRefusal(
        service.dropAlias({ databaseName: '', alias: 'none' }),
        1600,
        'alias not found[database=default][alias=none]',
      );
      await expectRefusal(
        service.dropCollection({ databaseName: '', collectionName: 'nick' }),
        1100,
        'cannot drop the collection via alias = nick',
      );
    });
  });

  describe('partitions', () => {
    it('keep their rows when these change in part, unless another one is named', async () => {
      const { service } = await open();
      await createDocs(service, { shardCount: 2 });
      for (const partitionName of ['hot', 'cold']) {
        await service.createPartition({ ...DOCS, partitionName });
        await service.loadPartitions({ ...DOCS, partitionNames: [partitionName] });
      }
      await service.insert({ ...DOCS, partitionName: 'hot', rows: docs(0, 3) });
      await service.flush(DOCS);
      await service.insert({ ...DOCS, partitionName: 'cold', rows: docs(3, 6) });
      await service.insert({ ...DOCS, rows: docs(6, 8) });
      const size = 50;
      const rows = [1, 4, 7, 9].map((id) => ({ id, tag: `${id}/p`, size, vector: [id, 1] }));
      await service.upsert({ ...DOCS, partial: true, rows });
      const to = { ...DOCS, partitionName: 'cold' };
      await service.upsert({ ...to, partial: true, rows: [{ id: 2, size }] });
      await inEveryState(service, DOCS, async () => {
        const found = async (name: string): Promise<string> =>
          await tags(service, { filter: `size == ${size}`, partitionNames: [name] });
        expect([await found('hot'), await found('cold'), await found('_default')]).toEqual([
          '1/p',
          '2/0 4/p',
          '7/p 9/p',
        ]);
        expect(await service.count(DOCS)).toBe(9);
      });
    });

    it('hold the rows that name them', async () => {
      const world = await open();
      const { service } = world;
      await createDocs(service);
      const hot = { ...DOCS, partitionName: 'hot' };
      await service.createPartition(hot);
      await service.createPartition(hot);
      await service.insert({ ...DOCS, rows: docs(0, 3) });
      await service.insert({ ...hot, rows: docs(3, 5) });
      const check = async (): Promise<void> => {
        expect(await tags(world.service)).toBe('0/0 1/0 2/0 3/0 4/0');
        expect(await tags(world.service, { partitionNames: ['hot'] })).toBe('3/0 4/0');
        expect(await tags(world.service, { partitionNames: ['_default'] })).toBe('0/0 1/0 2/0');
        expect(await world.service.partitionStatistics(hot)).toEqual({ rowCount: 2 });
        const found = await world.service.search({
          ...DOCS,
          data: [0, 0],
          limit: 2,
          partitionNames: ['hot'],
        });
        expect(found.results[0]?.map(({ id }) => id)).toEqual([3n, 4n]);
      };
      await check();
      await service.flush(DOCS);
      await check();
      await world.reopen();
      await check();
      expect(await world.service.hasPartition(hot)).toBe(true);
      expect(await world.service.hasPartition({ ...DOCS, partitionName: 'cold' })).toBe(false);
    });

    it('are dropped with their rows once they are released, sealed or growing', async () => {
      const world = await open();
      const { service } = world;
      await createDocs(service);
      const hot = { ...DOCS, partitionName: 'hot' };
      await service.createPartition(hot);
      await service.insert({ ...hot, rows: docs(0, 2) });
      await service.flush(DOCS);
      await service.insert({ ...hot, rows: docs(2, 4) });
      await service.insert({ ...DOCS, rows: docs(4, 6) });
      await expectRefusal(
        service.dropPartition(hot),
        1100,
        'partition cannot be dropped, partition is loaded, please release it first',
      );
      await service.releasePartitions({ ...DOCS, partitionNames: ['hot'] });
      await service.dropPartition(hot);
      await service.dropPartition(hot);
      expect(await tags(service)).toBe('4/0 5/0');
      await service.createPartition(hot);
      await service.loadPartitions({ ...DOCS, partitionNames: ['hot'] });
      expect(await tags(service)).toBe('4/0 5/0');
      await world.reopen();
      expect(await tags(world.service)).toBe('4/0 5/0');
      expect(await world.service.statistics(DOCS)).toEqual({ rowCount: 2 });
    });

    it('are refused by name in Milvus\u2019s words', async () => {
      const { service } = await open();
      await createDocs(service);
      const partitionName = 'none';
      await expectRefusal(
        service.insert({ ...DOCS, partitionName, rows: docs(0, 1) }),
        200,
        'partition not found[partition=none]',
      );
      await expectRefusal(
        service.delete({ ...DOCS, partitionName, ids: [1n] }),
        200,
        'partition not found[partition=none]',
      );
      await expectRefusal(
        service.count({ ...DOCS, partitionNames: ['none'] }),
        1100,
        'partition name none not found',
      );
      await expectRefusal(
        service.dropPartition({ ...DOCS, partitionName: '_default' }),
        1100,
        'default partition cannot be deleted',
      );
    });

    it('divide the rows of a partition key by its value, sixteen ways', async () => {
      const world = await open();
      const { service } = world;
      const [id, tag, size, vector] = DOCS_DEFINITION.fields;
      await createDocs(service, {
        fields: [id!, { ...tag!, isPartitionKey: true }, size!, vector!],
      });
      const rows = docs(0, 64);
      await service.insert({ ...DOCS, rows });
      const { partitions } = await service.describeCollection(DOCS);
      expect(partitions.map(({ name }) => name)).toEqual(
        Array.from({ length: 16 }, (_, i) => `_default_${i}`),
      );
      await service.flush(DOCS);
      const [state] = await service.shardStates(DOCS);
      expect(new Set(state?.segments.map(({ partitionId }) => partitionId)).size).toBeGreaterThan(
        8,
      );
      expect(await tags(service, { filter: 'tag == "7/0"' })).toBe('7/0');
      // An upsert that changes the partition key leaves no second row behind.
      await service.upsert({ ...DOCS, rows: docs(0, 64, 1) });
      expect(await service.count(DOCS)).toBe(64);
      await service.upsert({ ...DOCS, partial: true, rows: [{ id: 3, size: 33 }] });
      expect(await tags(service, { filter: 'size == 33' })).toBe('3/1');
      const refused =
        'not support manually specifying the partition names if partition key mode is used';
      await expectRefusal(
        service.insert({ ...DOCS, rows, partitionName: '_default_0' }),
        1100,
        refused,
      );
      await expectRefusal(
        service.count({ ...DOCS, partitionNames: ['_default_0'] }),
        1100,
        refused,
      );
      await world.reopen();
      expect(await world.service.count(DOCS)).toBe(64);
      expect(await tags(world.service, { filter: 'tag == "7/1"' })).toBe('7/1');
    });
  });

  describe('load state', () => {
    it('refuses reads of what is not loaded, and takes writes', async () => {
      const { service } = await open();
      await service.createCollection('', DOCS_DEFINITION);
      await service.insert({ ...DOCS, rows: docs(0, 3) });
      await expectRefusal(
        service.search({ ...DOCS, data: [1, 1], limit: 1 }),
        101,
        'failed to search: collection not loaded[collection=docs]',
      );
      await expectRefusal(
        service.count(DOCS),
        101,
        'failed to query: collection not loaded[collection=docs]',
      );
      await service.loadCollection(DOCS);
      expect(await service.count(DOCS)).toBe(3);
      await service.releaseCollection(DOCS);
      await expectRefusal(service.count(DOCS), 101, 'collection not loaded');
      await service.loadCollection(DOCS);
      expect(await service.count(DOCS)).toBe(3);
    });

    it('is kept for each partition, over a reopening too', async () => {
      const world = await open();
      const { service } = world;
      await service.createCollection('', DOCS_DEFINITION);
      for (const partitionName of ['hot', 'cold']) {
        await service.createPartition({ ...DOCS, partitionName });
        await service.insert({
          ...DOCS,
          partitionName,
          rows: partitionName === 'hot' ? docs(0, 2) : docs(2, 4),
        });
      }
      await service.loadPartitions({ ...DOCS, partitionNames: ['hot'] });
      const reopened = await world.reopen();
      expect(await tags(reopened)).toBe('0/0 1/0');
      await expectRefusal(
        reopened.count({ ...DOCS, partitionNames: ['cold'] }),
        201,
        'partition not loaded[partition=cold]',
      );
      await reopened.releasePartitions({ ...DOCS, partitionNames: ['hot'] });
      await expectRefusal(reopened.count(DOCS), 101, 'collection not loaded');
      await reopened.loadCollection(DOCS);
      expect(await tags(reopened)).toBe('0/0 1/0 2/0 3/0');
    });
  });
}
