import { describe, expect, it } from 'vitest';
import { GENERAL_CAPACITY_MAX, PARTITION_COUNT_MAX } from '../../src/base/limits.ts';
import { CatalogSnapshot } from '../../src/meta/catalog-snapshot.ts';
import { assertCapacity, createCollection } from '../../src/meta/collection-changes.ts';
import { addField } from '../../src/schema/alter-schema.ts';
import { dropField } from '../../src/schema/drop-field.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { collection, keyedSchema, openCatalog, ref, refusal, schema } from './catalog-world.ts';

const INVALID = 'invalid parameter';

describe('creating a collection', () => {
  it('gives it ids, shards, partitions and the defaults of Milvus', async () => {
    const catalog = await openCatalog();
    const { record, partitions, aliases, indexes, load } = await catalog.createCollection(
      collection('books', { shardCount: 2 }),
    );
    expect(record).toEqual({
      id: 100,
      databaseId: 1,
      schema: schema('books'),
      shardIds: [101, 102],
      properties: {},
      consistencyLevel: 'Bounded',
      createdTimestamp: record.createdTimestamp,
      updatedTimestamp: record.createdTimestamp,
      truncatedTimestamp: 0n,
      state: 'created',
    });
    expect([...partitions.values()]).toMatchObject([{ id: 103, name: '_default' }]);
    expect({ aliases, indexes, load }).toEqual({ aliases: [], indexes: [], load: null });
    expect(catalog.snapshot.collection('default', 'books').record).toEqual(record);
    expect(catalog.snapshot.collectionById(100)?.record).toEqual(record);
  });

  it('makes the partitions of a partition key', async () => {
    const catalog = await openCatalog();
    const some = await catalog.createCollection(
      collection('some', { schema: keyedSchema('some'), partitionCount: 3 }),
    );
    expect([...some.partitions.keys()]).toEqual(['_default_0', '_default_1', '_default_2']);
    const usual = await catalog.createCollection(
      collection('usual', { schema: keyedSchema('usual') }),
    );
    expect(usual.partitions.size).toBe(16);
    expect([...usual.partitions.keys()].at(-1)).toBe('_default_15');
  });

  it('again is no error when everything is the same, and gives what is there', async () => {
    const catalog = await openCatalog();
    const request = collection('books', { shardCount: 2, properties: { 'mmap.enabled': 'true' } });
    const first = await catalog.createCollection(request);
    const { version } = catalog.snapshot;
    expect(await catalog.createCollection(request)).toBe(first);
    expect(catalog.snapshot.version).toBe(version);
  });

  it('again is refused when anything differs', async () => {
    const catalog = await openCatalog();
    await catalog.createCollection(collection('books'));
    const others = [
      { shardCount: 2 },
      { properties: { 'mmap.enabled': 'true' } },
      { consistencyLevel: 'Strong' as const },
      { schema: schema('books', { description: 'other' }) },
      { schema: schema('books', { enableDynamicField: true }) },
      { schema: keyedSchema('books') },
    ];
    for (const other of others) {
      expect(await refusal(catalog.createCollection(collection('books', other)))).toBe(
        `create duplicate collection with different parameters, collection: books: ${INVALID}`,
      );
    }
    await catalog.createPartition({ ...ref('books'), partitionName: 'more' });
    expect(await refusal(catalog.createCollection(collection('books')))).toContain('duplicate');
  });

  it('is refused by name, shards, partitions, database and properties, and leaves nothing', async () => {
    const catalog = await openCatalog();
    const { version } = catalog.snapshot;
    const create = (changes: Parameters<typeof collection>[1]) =>
      refusal(catalog.createCollection(collection('books', changes)));
    const named = (name: string) => create({ schema: { ...schema('a'), name } });
    expect(await named('')).toBe(`collection name should not be empty: ${INVALID}`);
    expect(await named('1a')).toContain('Invalid collection name: 1a. the first character of a');
    expect(await named('a-b')).toContain('collection name can only contain numbers, letters and');
    expect(await create({ shardCount: 17 })).toBe(
      `maximum shards's number should be limited to 16: ${INVALID}`,
    );
    expect(await create({ shardCount: 1.5 })).toContain(INVALID);
    expect(await create({ partitionCount: 2 })).toBe(
      `num_partitions should only be specified with partition key field enabled: ${INVALID}`,
    );
    const keyed = keyedSchema('books');
    expect(await create({ schema: keyed, partitionCount: 2000 })).toContain('(2000) exceeds max');
    expect(await create({ databaseName: 'absent' })).toBe('database not found[database=absent]');
    expect(await create({ properties: { 'collection.ttl.seconds': '-5' } })).toContain(
      'collection TTL is out of range, expect [-1, 3155760000], got -5',
    );
    expect(catalog.snapshot.version).toBe(version);
    expect(catalog.snapshot.listCollections('')).toEqual([]);
  });

  it('under the name of an alias is refused', async () => {
    const catalog = await openCatalog();
    await catalog.createCollection(collection('books'));
    await catalog.createAlias({ ...ref('books'), alias: 'current' });
    expect(await refusal(catalog.createCollection(collection('current')))).toBe(
      'please choose a unique name: alias and collection name conflict[database=default][alias=current]',
    );
  });

  it('is refused when the database has its own limit of collections', async () => {
    const catalog = await openCatalog();
    const set = { 'database.max.collections': '2' };
    await catalog.alterDatabase({ name: 'default', set });
    await catalog.createCollection(collection('a'));
    await catalog.createCollection(collection('b'));
    const refused = catalog.createCollection(collection('c'));
    expect(await refusal(refused)).toBe(
      'exceeded the limit number of collections[dbName=default][limit=2]',
    );
    await catalog.dropCollection(ref('a'));
    await catalog.createCollection(collection('c'));
  });

  it('is refused when partitions times shards of all collections are too many', async () => {
    const catalog = await openCatalog();
    for (let i = 0; i < 4; i++) {
      const name = `c${i}`;
      await catalog.createCollection(
        collection(name, {
          schema: keyedSchema(name),
          shardCount: 16,
          partitionCount: PARTITION_COUNT_MAX - 1,
        }),
      );
    }
    expect(catalog.snapshot.generalSize).toBe(GENERAL_CAPACITY_MAX - 64);
    assertCapacity(catalog.snapshot, 64);
    const more = { schema: keyedSchema('more'), shardCount: 1, partitionCount: 65 };
    expect(await refusal(catalog.createCollection(collection('more', more)))).toBe(
      'failed checking constraint: sum_collections(parition*shard) exceeding the max general capacity:: ' +
        'general capacity exceeded[newGeneralSize=65537][generalCapacity=65536]',
    );
    const less = { schema: keyedSchema('less'), partitionCount: 64 };
    await catalog.createCollection(collection('less', less));
    const partition = { ...ref('less'), partitionName: 'p' };
    expect(await refusal(catalog.createPartition(partition))).toContain('disable create partition');
  });

  it('is refused when there are 65536 of them', () => {
    const record = { id: 1, name: 'default', properties: {}, createdTimestamp: 1n };
    const base = { ...collection('x'), databaseName: '' };
    let snapshot = CatalogSnapshot.of(1, [{ kind: 'database', record }]);
    let id = 100;
    const context = { timestamp: 2n, takeId: () => id++ };
    const first = createCollection(snapshot, base, context)?.puts[0];
    if (first?.kind !== 'collection') throw new Error('a collection is created');
    const puts = Array.from({ length: 65_536 }, (_, at) => ({
      kind: 'collection' as const,
      record: { ...first.record, id: at + 1000, schema: { ...base.schema, name: `c${at}` } },
    }));
    snapshot = snapshot.with({ puts, removes: [] });
    expect(() => createCollection(snapshot, base, context)).toThrow(
      'exceeded the limit number of collections[dbName=default][limit=65536]',
    );
  });
});

describe('dropping a collection', () => {
  it('makes it invisible at once and keeps its record until it is forgotten', async () => {
    const catalog = await openCatalog();
    const created = await catalog.createCollection(collection('books'));
    await catalog.loadCollection(ref('books'));
    const dropped = await catalog.dropCollection(ref('books'));
    expect(dropped?.record).toMatchObject({ id: created.record.id, state: 'dropped' });
    expect(dropped?.load).toBeNull();
    expect(catalog.snapshot.findCollection('', 'books')).toBeNull();
    expect(catalog.snapshot.collectionById(created.record.id)).toBeNull();
    expect(catalog.snapshot.droppedCollections()).toEqual([dropped]);
    const again = await catalog.createCollection(collection('books'));
    expect(again.record.id).toBeGreaterThan(created.record.id);
    await catalog.forgetCollection({ collectionId: created.record.id });
    await catalog.forgetCollection({ collectionId: created.record.id });
    await catalog.forgetCollection({ collectionId: again.record.id });
    expect(catalog.snapshot.droppedCollections()).toEqual([]);
    expect(catalog.snapshot.collectionById(again.record.id)).toEqual(again);
  });

  it('succeeds when there is none', async () => {
    const catalog = await openCatalog();
    expect(await catalog.dropCollection(ref('absent'))).toBeNull();
    expect(await catalog.dropCollection(ref('absent', 'absent'))).toBeNull();
  });

  it('is refused by an alias, and while it has aliases', async () => {
    const catalog = await openCatalog();
    await catalog.createCollection(collection('books'));
    await catalog.createAlias({ ...ref('books'), alias: 'a' });
    await catalog.createAlias({ ...ref('books'), alias: 'b' });
    expect(await refusal(catalog.dropCollection(ref('a')))).toBe(
      `cannot drop the collection via alias = a: ${INVALID}`,
    );
    expect(await refusal(catalog.dropCollection(ref('books')))).toBe(
      'unable to drop the collection [books] because it has associated aliases [a b], ' +
        `please remove all aliases before dropping the collection: ${INVALID}`,
    );
  });
});

describe('renaming a collection', () => {
  const rename = { newDatabaseName: null };

  it('changes its name and nothing else', async () => {
    const catalog = await openCatalog();
    const { record } = await catalog.createCollection(collection('books'));
    await catalog.createAlias({ ...ref('books'), alias: 'current' });
    const renamed = await catalog.renameCollection({
      ...ref('books'),
      ...rename,
      newName: 'texts',
    });
    expect(renamed.record).toEqual({
      ...record,
      schema: { ...record.schema, name: 'texts' },
      updatedTimestamp: renamed.record.updatedTimestamp,
    });
    expect(renamed.record.updatedTimestamp).toBeGreaterThan(record.updatedTimestamp);
    expect(catalog.snapshot.findCollection('', 'books')).toBeNull();
    expect(catalog.snapshot.collection('', 'current').record.id).toBe(record.id);
    await catalog.createCollection(collection('books'));
  });

  it('may move it to another database, alone or with a new name', async () => {
    const catalog = await openCatalog();
    await catalog.createDatabase({ name: 'docs' });
    const { record } = await catalog.createCollection(collection('books'));
    const moved = await catalog.renameCollection({
      ...ref('books'),
      newName: 'books',
      newDatabaseName: 'docs',
    });
    expect(moved.record).toMatchObject({ id: record.id, databaseId: 100 });
    expect(catalog.snapshot.listCollections('')).toEqual([]);
    const back = { ...ref('books', 'docs'), newName: 'texts', newDatabaseName: 'default' };
    await catalog.renameCollection(back);
    expect(catalog.snapshot.collection('', 'texts').record.id).toBe(record.id);
    expect(await refusal(catalog.dropDatabase({ name: 'docs' }))).toBe('not refused');
  });

  it('is refused with Milvus’s words', async () => {
    const catalog = await openCatalog();
    await catalog.createDatabase({ name: 'docs' });
    await catalog.createCollection(collection('books'));
    await catalog.createCollection(collection('texts'));
    await catalog.createAlias({ ...ref('books'), alias: 'current' });
    const refused = (from: string, newName: string, newDatabaseName: string | null = null) =>
      refusal(catalog.renameCollection({ ...ref(from), newName, newDatabaseName }));
    expect(await refused('books', '')).toBe(`new collection name should not be empty: ${INVALID}`);
    expect(await refused('', 'a')).toBe(`old collection name should not be empty: ${INVALID}`);
    const same = `collection name or database name should be different: ${INVALID}`;
    expect(await refused('books', 'books')).toBe(same);
    expect(await refused('books', 'books', 'default')).toBe(same);
    expect(await refused('books', '1')).toContain('Invalid collection name: 1.');
    expect(await refused('books', 'a', 'absent')).toBe('database not found[database=absent]');
    expect(await refused('current', 'a')).toBe(
      `unsupported use an alias to rename collection, alias:current: ${INVALID}`,
    );
    expect(await refused('texts', 'current')).toBe(
      'cannot rename collection to an existing alias: current: ' +
        'alias and collection name conflict[database=default][alias=current]',
    );
    expect(await refused('books', 'texts')).toBe(
      `duplicated new collection name default:texts with other collection name or alias: ${INVALID}`,
    );
    expect(await refused('absent', 'a')).toBe(
      'collection not found[database=default][collection=absent]',
    );
    expect(await refused('books', 'a', 'docs')).toBe(
      `fail to rename db name, must drop all aliases of this collection before rename: ${INVALID}`,
    );
  });
});

describe('changing a collection', () => {
  it('sets or removes properties, level and description, by alias too', async () => {
    const catalog = await openCatalog();
    await catalog.createCollection(collection('books'));
    await catalog.createAlias({ ...ref('books'), alias: 'current' });
    const set = { 'collection.ttl.seconds': 60 };
    const { record } = await catalog.alterCollection({ ...ref('current'), set });
    expect(record.properties).toEqual({ 'collection.ttl.seconds': '60' });
    const { version } = catalog.snapshot;
    await catalog.alterCollection({ ...ref('books'), set });
    expect(catalog.snapshot.version).toBe(version);
    const others = { description: 'new', consistencyLevel: 'Strong' as const };
    const other = await catalog.alterCollection({ ...ref('books'), ...others });
    expect(other.record).toMatchObject({
      consistencyLevel: 'Strong',
      schema: { description: 'new' },
    });
    expect(other.record.properties).toEqual({ 'collection.ttl.seconds': '60' });
    const remove = ['collection.ttl.seconds'];
    const removed = await catalog.alterCollection({ ...ref('books'), remove });
    expect(removed.record.properties).toEqual({});
  });

  it('is refused with nothing to change, with both, and out of bounds', async () => {
    const catalog = await openCatalog();
    await catalog.createCollection(collection('books'));
    const alter = (change: object) =>
      refusal(catalog.alterCollection({ ...ref('books'), ...change }));
    expect(await alter({})).toBe(`no properties or delete keys provided: ${INVALID}`);
    expect(await alter({ set: {} })).toBe(`no properties or delete keys provided: ${INVALID}`);
    expect(await alter({ set: { a: 'b' }, remove: ['c'] })).toBe(
      `can not provide properties and deletekeys at the same time: ${INVALID}`,
    );
    expect(await alter({ description: 'x'.repeat(1025) })).toContain('must not exceed 1024 bytes');
    await catalog.loadCollection(ref('books'));
    for (const [key, what] of [
      ['mmap.enabled', 'mmap'],
      ['lazyload.enabled', 'mmap'],
      ['warmup.vectorField', 'warmup'],
    ] as const) {
      const message = `can not alter ${what} properties if collection loaded: collection already loaded[collection=books]`;
      const set = { [key]: key.startsWith('warmup') ? 'sync' : 'true' };
      expect(await refusal(catalog.alterCollection({ ...ref('books'), set }))).toBe(message);
      expect(await refusal(catalog.alterCollection({ ...ref('books'), remove: [key] }))).toBe(
        message,
      );
    }
    expect(await refusal(catalog.alterCollection({ ...ref('absent'), set: { a: 'b' } }))).toBe(
      'collection not found[database=default][collection=absent]',
    );
  });

  it('adds the dynamic field when its property is set', async () => {
    const catalog = await openCatalog();
    await catalog.createCollection(collection('books'));
    const set = { 'dynamicfield.enabled': 'true' };
    const { record } = await catalog.alterCollection({ ...ref('books'), set });
    expect(record.schema).toMatchObject({ enableDynamicField: true, version: 1 });
    expect(record.properties).toEqual({});
  });

  it('puts a new schema in the place of the old, each change on the newest', async () => {
    const catalog = await openCatalog();
    await catalog.createCollection(collection('books'));
    const added = ['x', 'y'].map((name) =>
      catalog.alterSchema({
        ...ref('books'),
        alter: (old) => addField(old, { name, type: DataType.Int64, nullable: true }),
      }),
    );
    await Promise.all(added);
    const { record } = catalog.snapshot.collection('', 'books');
    expect(record.schema.version).toBe(2);
    expect(record.schema.fields.map(({ name }) => name)).toEqual([
      'id',
      'vector',
      'title',
      'x',
      'y',
    ]);
    const wrong = catalog.alterSchema({ ...ref('books'), alter: (old) => old });
    expect(await refusal(wrong)).toBe('a changed schema is one version further');
  });

  it('drops a field together with its indexes, and no other', async () => {
    const catalog = await openCatalog();
    await catalog.createCollection(collection('books'));
    await catalog.createIndex({ ...ref('books'), fieldName: 'title', indexName: '', params: {} });
    await catalog.createIndex({ ...ref('books'), fieldName: 'vector', indexName: '', params: {} });
    const dropped = await catalog.alterSchema({
      ...ref('books'),
      alter: (old, properties) => dropField(old, { fieldName: 'title' }, properties),
    });
    expect(dropped.indexes.map(({ name }) => name)).toEqual(['vector']);
    expect(dropped.record.schema.fields.map(({ name }) => name)).toEqual(['id', 'vector']);
  });

  it('takes the dynamic field away and brings it back, under a new id', async () => {
    const catalog = await openCatalog();
    await catalog.createCollection(collection('books'));
    const set = async (enabled: boolean): Promise<number | undefined> => {
      const change = { set: { 'dynamicfield.enabled': enabled } };
      const { record } = await catalog.alterCollection({ ...ref('books'), ...change });
      expect(record.schema.enableDynamicField).toBe(enabled);
      return record.schema.fields.find(({ isDynamic }) => isDynamic)?.id;
    };
    const first = await set(true);
    expect(await set(false)).toBeUndefined();
    expect(await set(true)).toBe(Number(first) + 1);
  });

  it('marks what was truncated with the timestamp up to which rows are gone', async () => {
    const catalog = await openCatalog();
    await catalog.createCollection(collection('books'));
    const { record } = await catalog.truncateCollection(ref('books'));
    expect(record.truncatedTimestamp).toBeGreaterThan(record.createdTimestamp);
    expect(record.updatedTimestamp).toBe(record.truncatedTimestamp);
    expect(await refusal(catalog.truncateCollection(ref('absent')))).toContain('not found');
  });
});
