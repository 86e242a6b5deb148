import { describe, expect, it, onTestFinished } from 'vitest';
import { f } from '../../src/api/fields.ts';
import { MilvusLite } from '../../src/api/milvus-lite.ts';

const fields = { id: f.int64({ primary: true }), vector: f.floatVector(2) };

async function open() {
  const db = await MilvusLite.open(':memory:');
  onTestFinished(() => db.close());
  return await db.collection('c', { schema: fields });
}

describe('partitions', () => {
  it('are created, listed, counted and dropped', async () => {
    const collection = await open();
    const { partitions } = collection;
    await partitions.create('a');
    await collection.insert([{ id: 1, vector: [1, 2] }], { partition: 'a' });
    expect((await partitions.list()).map(({ name }) => name)).toEqual(['_default', 'a']);
    expect([await partitions.has('a'), await partitions.has('b')]).toEqual([true, false]);
    expect(await partitions.stats('a')).toMatchObject({ rowCount: 1 });
    await partitions.drop('a');
    expect(await partitions.has('a')).toBe(false);
    expect(await collection.count()).toBe(0);
  });

  it('are released and loaded, and loaded by a read that needs them', async () => {
    const collection = await open();
    const { partitions } = collection;
    await partitions.create('a');
    await collection.insert([{ id: 1, vector: [1, 2] }], { partition: 'a' });
    await partitions.release(['a']);
    const loaded = async (): Promise<boolean | undefined> =>
      (await partitions.list()).find(({ name }) => name === 'a')?.loaded;
    expect(await loaded()).toBe(false);
    await partitions.load(['a']);
    expect(await loaded()).toBe(true);
    await partitions.release(['a']);
    expect(await collection.count({ partition: 'a' })).toBe(1);
  });

  it('are loaded by a read of the whole collection, which never leaves rows out', async () => {
    const collection = await open();
    const { partitions } = collection;
    await partitions.create('a');
    await collection.insert([{ id: 1, vector: [1, 2] }], { partition: 'a' });
    await collection.insert([{ id: 2, vector: [1, 2] }]);
    const reads: ReadonlyArray<() => Promise<unknown>> = [
      async () => await collection.count(),
      async () => (await collection.get([1, 2])).length,
      async () => (await collection.query({ filter: 'id > 0' })).length,
      async () => (await collection.search({ data: [1, 2], limit: 9 })).length,
    ];
    for (const read of reads) {
      await partitions.release(['a']);
      expect(await read()).toBe(2);
    }
  });

  it('keep Milvus’s rules', async () => {
    const { partitions } = await open();
    await expect(partitions.drop('_default')).rejects.toThrow(
      /default partition cannot be deleted/,
    );
    await expect(partitions.create('')).rejects.toThrow(/Partition name should not be empty/);
    await expect(partitions.stats('x')).rejects.toMatchObject({ reason: 'PartitionNotFound' });
  });
});
