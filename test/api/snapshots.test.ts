import { describe, expect, it, onTestFinished } from 'vitest';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';
import { defineSchema } from '../../src/api/schema.ts';

const schema = defineSchema({
  id: f.int64({ primary: true }),
  title: f.varChar({ maxLength: 50 }),
  vector: f.floatVector(2, { metric: 'L2' }),
});

async function memory(): Promise<MilvusLite> {
  const db = await MilvusLite.open(':memory:');
  onTestFinished(() => db.close());
  return db;
}

function books(from: number, to: number): { id: number; title: string; vector: number[] }[] {
  return Array.from({ length: to - from }, (_, i) => {
    const id = from + i;
    return { id, title: `book ${id}`, vector: [id, 0] };
  });
}

describe('snapshots of a collection', () => {
  it('hold every row that was answered, and become collections of the same type', async () => {
    const db = await memory();
    const shelf = await db.collection('books', { schema });
    await shelf.insert(books(0, 5));
    const taken = await shelf.snapshots.create('all', { description: 'five', protectSeconds: 10 });
    expect(taken).toMatchObject({ name: 'all', description: 'five', collectionName: 'books' });
    await shelf.delete({ filter: 'id < 4' });
    expect(await shelf.snapshots.list()).toEqual([taken]);
    expect(await shelf.snapshots.describe('all')).toEqual(taken);
    await shelf.snapshots.restore('all', 'copy');
    const copy = await db.collection('copy', { schema });
    expect(await copy.count()).toBe(5);
    expect(await shelf.count()).toBe(1);
    const pin = await shelf.snapshots.pin('all', { ttlSeconds: 60 });
    await expect(shelf.snapshots.drop('all')).rejects.toMatchObject({ reason: 'SnapshotPinned' });
    await shelf.snapshots.unpin(pin);
    await shelf.snapshots.drop('all');
    expect(await shelf.snapshots.list()).toEqual([]);
  });

  it('leave out what is not flushed where that is wanted, and go to other databases', async () => {
    const db = await memory();
    const shelf = await db.collection('books', { schema });
    await shelf.insert(books(0, 2));
    await shelf.flush();
    await shelf.insert(books(2, 4));
    await shelf.snapshots.create('flushed', { flush: false });
    await db.createDatabase('other');
    const job = await shelf.snapshots.restore('flushed', 'books', { database: 'other' });
    expect(job).toMatchObject({ databaseName: 'other', collectionName: 'books' });
    const copy = await db.database('other').collection('books', { schema });
    expect((await copy.query({ filter: 'id >= 0' })).map(({ id }) => id)).toEqual([0n, 1n]);
  });

  it('refuse members that nothing reads', async () => {
    const shelf = await (await memory()).collection('books', { schema });
    const options = { flash: true } as object;
    await expect(shelf.snapshots.create('a', options)).rejects.toThrow('no member flash');
    await expect(shelf.snapshots.restore('a', 'b', options)).rejects.toThrow('no member flash');
    await expect(shelf.snapshots.pin('a', options)).rejects.toThrow('no member flash');
    await expect(shelf.snapshots.drop(1 as never)).rejects.toThrow('name must be a string');
  });
});

describe('a read at a moment of the past', () => {
  it('sees the rows that were there then', async () => {
    const properties = { 'collection.retention.seconds': 3600 };
    const shelf = await (await memory()).collection('books', { schema, properties });
    const { timestamp } = await shelf.insert(books(0, 3));
    await shelf.delete({ ids: [1] });
    await shelf.flush();
    await shelf.compact();
    expect(await shelf.count({ timestamp })).toBe(3);
    expect(await shelf.get(1, { timestamp })).toHaveLength(1);
    expect(await shelf.get(1)).toEqual([]);
    const hits = await shelf.search({ data: [1, 0], limit: 1, timestamp });
    expect(hits.map(({ id }) => id)).toEqual([1n]);
    const pages = shelf.iterate({ timestamp, batchSize: 2 });
    const seen: bigint[] = [];
    for await (const page of pages) seen.push(...page.map(({ id }) => id));
    expect(seen).toEqual([0n, 1n, 2n]);
  });
});

describe('namespaces of a collection', () => {
  it('are named by every write and read', async () => {
    const db = await memory();
    const shelf = await db.collection('books', { schema, namespaces: true });
    await shelf.insert(books(0, 3), { namespace: 'a' });
    await shelf.upsert(books(3, 5), { namespace: 'b' });
    expect(await shelf.count({ namespace: 'a' })).toBe(3);
    await shelf.delete({ ids: [0, 4], namespace: 'b' });
    expect((await shelf.get([0, 3, 4], { namespace: 'b' })).map(({ id }) => id)).toEqual([3n]);
    const hits = await shelf.search({ data: [4, 0], limit: 5, namespace: 'a' });
    expect(hits.map(({ id }) => id)).toEqual([2n, 1n, 0n]);
    await expect(shelf.count()).rejects.toThrow('namespace data is not set');
  });
});
