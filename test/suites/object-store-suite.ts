/** What every ObjectStore does. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore } from '../../src/storage/object-store.ts';

export interface StoreUnderTest {
  readonly store: ObjectStore;
  dispose(): Promise<void>;
}

async function put(store: ObjectStore, key: string, ...chunks: Uint8Array[]): Promise<void> {
  const writer = await store.create(key);
  for (const chunk of chunks) await writer.write(chunk);
  await writer.commit();
}

async function get(store: ObjectStore, key: string): Promise<Uint8Array> {
  const bytes = new Uint8Array((await store.byteLength(key)) ?? 0);
  await store.readInto(key, 0, bytes);
  return bytes;
}

export function objectStoreSuite(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`${name} is an object store`, () => {
    let made: StoreUnderTest;
    let store: ObjectStore;

    beforeEach(async () => {
      made = await make();
      ({ store } = made);
    });

    afterEach(() => made.dispose());

    it('reads back small and large chunks in the order they came', async () => {
      const chunks = [3, 300_000, 1, 0, 70_000, 2_000_000, 5, 800_000, 800_000, 9].map(
        (length, i) => new Uint8Array(length).fill(i + 1),
      );
      await put(store, 'segments/1.cols.arrow', ...chunks);
      expect(Buffer.compare(await get(store, 'segments/1.cols.arrow'), Buffer.concat(chunks))).toBe(
        0,
      );
    });

    it('lets the caller use a chunk again once its write has resolved', async () => {
      const writer = await store.create('segments/1.keys');
      const chunk = new Uint8Array(10);
      for (let i = 0; i < 3; i++) await writer.write(chunk.fill(i));
      await writer.commit();
      expect([...(await get(store, 'segments/1.keys'))].filter((_, i) => i % 10 === 0)).toEqual([
        0, 1, 2,
      ]);
    });

    it('shows nothing before the commit, nor after an abort', async () => {
      const writer = await store.create('segments/1.keys');
      await writer.write(new Uint8Array(10));
      expect(await store.byteLength('segments/1.keys')).toBeNull();
      expect(await store.list('segments/')).toEqual([]);
      await writer.abort();
      await writer.abort();
      expect(await store.list('segments/')).toEqual([]);
    });

    it('never writes a key twice', async () => {
      await put(store, 'segments/1.keys', Uint8Array.of(1));
      const writer = await store.create('segments/1.keys');
      await writer.write(Uint8Array.of(2));
      await expect(writer.commit()).rejects.toMatchObject({ reason: 'IoFailed' });
      await writer.abort();
      expect([...(await get(store, 'segments/1.keys'))]).toEqual([1]);
    });

    it('lets one of two writers of a key win', async () => {
      const writers = await Promise.all([
        store.create('segments/1.keys'),
        store.create('segments/1.keys'),
      ]);
      const outcomes = await Promise.allSettled(writers.map((writer) => writer.commit()));
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    });

    it('reads ranges, and says when an object is shorter or missing', async () => {
      await put(store, 'segments/1.keys', Uint8Array.of(1, 2, 3, 4, 5));
      const target = new Uint8Array(2);
      await store.readInto('segments/1.keys', 2, target);
      expect([...target]).toEqual([3, 4]);
      await expect(store.readInto('segments/1.keys', 4, target)).rejects.toMatchObject({
        reason: 'DataIntegrity',
        fields: { key: 'segments/1.keys', offset: 4 },
      });
      await expect(store.readInto('segments/2.keys', 0, target)).rejects.toMatchObject({
        reason: 'DataIntegrity',
        fields: { key: 'segments/2.keys' },
      });
    });

    it('lists the objects of a prefix sorted, with their lengths', async () => {
      await put(store, 'segments/2.keys', new Uint8Array(2));
      await put(store, 'segments/10.keys', new Uint8Array(10));
      await put(store, 'manifests/1', new Uint8Array(1));
      const infos = await store.list('segments/');
      expect(infos.map(({ key, byteLength }) => [key, byteLength])).toEqual([
        ['segments/10.keys', 10],
        ['segments/2.keys', 2],
      ]);
      expect(infos[0]?.modifiedMs).toEqual(expect.any(Number));
      expect(await store.list('nothing/')).toEqual([]);
    });

    it('removes what is there and does not mind what is not', async () => {
      await put(store, 'segments/1.keys');
      await store.remove(['segments/1.keys', 'segments/2.keys']);
      await store.remove(['segments/1.keys']);
      expect(await store.byteLength('segments/1.keys')).toBeNull();
    });

    it('moves an object out of the way, the same key more than once', async () => {
      for (let i = 0; i < 2; i++) {
        await put(store, 'segments/1.keys', Uint8Array.of(i));
        await store.quarantine('segments/1.keys');
      }
      expect(await store.list('segments/')).toEqual([]);
      expect((await store.list('quarantine/')).length).toBe(2);
      await expect(store.quarantine('segments/1.keys')).rejects.toMatchObject({
        reason: 'IoKeyNotFound',
      });
    });
  });
}
