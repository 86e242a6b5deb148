import { expect, it } from 'vitest';
import {
  assertFormatSupported,
  type ClusterRecord,
  ensureClusterRecord,
  FORMAT_VERSION,
  readClusterRecord,
} from '../../src/meta/cluster-record.ts';
import { CLUSTER_KEY } from '../../src/meta/keys.ts';
import { memoryMetaStore } from '../../src/meta/memory-store.ts';
import type { MetaStore } from '../../src/meta/meta-store.ts';
import { encodeRecord } from '../../src/meta/record.ts';

const FRESH = { id: 'a1', createdMs: 1_800_000_000_000 };

async function stored(record: Partial<ClusterRecord>): Promise<MetaStore> {
  const store = memoryMetaStore();
  const whole = { ...FRESH, formatVersion: 1, minReaderVersion: 1, ...record };
  await store.transact({ puts: [{ key: CLUSTER_KEY, value: encodeRecord(CLUSTER_KEY, whole) }] });
  return store;
}

it('is created once and read ever after', async () => {
  const store = memoryMetaStore();
  expect(await readClusterRecord(store)).toBeNull();
  const created = await ensureClusterRecord(store, FRESH);
  expect(created).toEqual({ ...FRESH, formatVersion: FORMAT_VERSION, minReaderVersion: 1 });
  expect(await ensureClusterRecord(store, { id: 'b2', createdMs: 5 })).toEqual(created);
  expect(await readClusterRecord(store)).toEqual(created);
});

it('is the first one’s when two create it at once', async () => {
  const store = memoryMetaStore();
  const both = [FRESH, { id: 'b2', createdMs: 5 }].map((fresh) =>
    ensureClusterRecord(store, fresh),
  );
  const [first, second] = await Promise.all(both);
  expect(first).toEqual(second);
});

it('is refused to writers when it is newer, with both versions', async () => {
  const store = await stored({ formatVersion: FORMAT_VERSION + 1 });
  await expect(ensureClusterRecord(store, FRESH)).rejects.toThrow(
    'the database needs a newer milvus-lite to write it: format is newer than this version reads[format=2][supported=1]',
  );
});

it('is refused to readers only when it says that they cannot read it', async () => {
  const readable = await readClusterRecord(await stored({ formatVersion: 9 }));
  const unreadable = await readClusterRecord(
    await stored({ formatVersion: 9, minReaderVersion: 2 }),
  );
  expect(readable?.formatVersion).toBe(9);
  if (readable !== null) assertFormatSupported(readable, 'read');
  expect(() => unreadable !== null && assertFormatSupported(unreadable, 'read')).toThrow(
    'the database needs a newer milvus-lite to read it',
  );
});
