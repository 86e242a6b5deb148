import { expect, it } from 'vitest';
import { META_ATTEMPTS_MAX } from '../../src/base/limits.ts';
import { compareAndSet, tooBusy } from '../../src/meta/compare-and-set.ts';
import { memoryMetaStore } from '../../src/meta/memory-store.ts';

it('adds up when many change one record at once', async () => {
  const store = memoryMetaStore();
  const add = () =>
    compareAndSet(store, '/count', (current) => ({ count: (current?.integer('count') ?? 0) + 1 }));
  const written = await Promise.all(Array.from({ length: 20 }, add));
  const counts = written.map((record) => record?.count ?? 0).sort((a, b) => a - b);
  expect(counts).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
});

it('writes nothing when no change is wanted', async () => {
  const store = memoryMetaStore();
  expect(await compareAndSet(store, '/count', () => null)).toBeNull();
  expect(await store.get('/count')).toBeNull();
});

it('names the key and the attempts when it gives up', () => {
  expect(tooBusy('/count')).toMatchObject({
    reason: 'ServiceUnavailable',
    retriable: true,
    fields: { key: '/count', attempts: META_ATTEMPTS_MAX },
  });
});
