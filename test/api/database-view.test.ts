import { describe, expect, it, onTestFinished } from 'vitest';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import { defineSchema } from '../../src/api/schema.ts';

const schema = defineSchema({ id: f.int64({ primary: true }), vector: f.floatVector(2) });

async function open(): Promise<MilvusLite> {
  const db = await MilvusLite.open(':memory:');
  onTestFinished(() => db.close());
  return db;
}

describe('collection', () => {
  it('creates a collection once and opens it afterwards', async () => {
    const db = await open();
    await (await db.collection('c', { schema })).insert([{ id: 1, vector: [1, 2] }]);
    const again = await db.collection('c', { schema, description: 'ignored when it exists' });
    expect(await again.count()).toBe(1);
    expect((await db.listCollections()).map(({ name }) => name)).toEqual(['c']);
  });

  it('creates it once when two callers ask at the same time', async () => {
    const db = await open();
    await Promise.all([db.collection('c', { schema }), db.collection('c', { schema })]);
    expect(await db.listCollections()).toHaveLength(1);
  });

  it('lists the differences also to who comes second at the same time', async () => {
    const db = await open();
    const other = { id: f.int64({ primary: true }), vector: f.floatVector(3) };
    const both = [db.collection('c', { schema }), db.collection('c', { schema: other })];
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const refused = outcomes.find(({ status }) => status === 'rejected') as PromiseRejectedResult;
    expect(String(refused.reason)).toMatch(/dim is \d, not \d/);
  });

  it('takes bare fields, dynamic fields, description, shards and properties', async () => {
    const db = await open();
    const collection = await db.collection('c', {
      schema: schema.fields,
      dynamic: true,
      description: 'everything',
      shards: 2,
      consistencyLevel: 'Strong',
      properties: { 'collection.ttl.seconds': 3600 },
    });
    await collection.insert([{ id: 1, vector: [1, 2], color: 'red' }]);
    expect(await collection.query({ filter: 'color == "red"' })).toEqual([
      { id: 1n, vector: new Float32Array([1, 2]), color: 'red' },
    ]);
    const info = await collection.describe();
    expect(info.shardIds).toHaveLength(2);
    expect(info.consistencyLevel).toBe('Strong');
    expect(info.properties['collection.ttl.seconds']).toBe('3600');
    expect(info.schema.description).toBe('everything');
  });

  it('refuses to open one with another schema, and changes nothing', async () => {
    const db = await open();
    await db.collection('c', { schema });
    const other = { id: f.int64({ primary: true }), vector: f.floatVector(3) };
    await expect(db.collection('c', { schema: other })).rejects.toThrow(
      /^create duplicate collection with different parameters, collection: c \(field vector: dim is 2, not 3\)/,
    );
  });

  it('opens one by name only when it is there', async () => {
    const db = await open();
    await expect(db.collection('c')).rejects.toMatchObject({
      reason: 'CollectionNotFound',
      code: 100,
    });
    await db.collection('c', { schema });
    expect((await db.collection('c')).name).toBe('c');
  });

  it('leaves Milvus’s rules for names to the engine', async () => {
    const db = await open();
    await expect(db.collection('1c', { schema })).rejects.toThrow(
      /Invalid collection name: 1c. the first character of a collection name must be an underscore or letter/,
    );
  });
});

describe('names', () => {
  it('are found, renamed and dropped', async () => {
    const db = await open();
    await db.collection('old', { schema });
    expect(await db.hasCollection('old')).toBe(true);
    await db.renameCollection('old', 'new');
    expect([await db.hasCollection('old'), await db.hasCollection('new')]).toEqual([false, true]);
    expect((await db.describeCollection('new')).name).toBe('new');
    await db.dropCollection('new');
    await db.dropCollection('new');
    expect(await db.hasCollection('new')).toBe(false);
  });

  it('move to another database', async () => {
    const db = await open();
    const other = await db.createDatabase('other');
    await db.collection('c', { schema });
    await db.renameCollection('c', 'c', { database: 'other' });
    expect([await db.hasCollection('c'), await other.hasCollection('c')]).toEqual([false, true]);
  });

  it('may be aliases, which can be pointed elsewhere', async () => {
    const db = await open();
    await (await db.collection('a', { schema })).insert([{ id: 1, vector: [1, 2] }]);
    await db.collection('b', { schema });
    await db.createAlias('current', 'a');
    const current = await db.collection('current', { schema });
    expect(await current.count()).toBe(1);
    expect(await db.describeAlias('current')).toMatchObject({ collectionName: 'a' });
    await db.alterAlias('current', 'b');
    expect(await current.count()).toBe(0);
    expect((await db.listAliases()).map(({ alias }) => alias)).toEqual(['current']);
    expect(await db.listAliases({ collection: 'a' })).toEqual([]);
    await db.dropAlias('current');
    await expect(db.describeAlias('current')).rejects.toMatchObject({ reason: 'AliasNotFound' });
  });
});
