import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ID_RANGE } from '../../src/base/limits.ts';
import { IdAllocator } from '../../src/meta/ids.ts';
import { AUTO_ID_KEY } from '../../src/meta/keys.ts';
import { memoryMetaStore } from '../../src/meta/memory-store.ts';
import type { MetaStore, MetaTransaction } from '../../src/meta/meta-store.ts';
import { failingStore } from './failing-store.ts';

const allocator = (store: MetaStore, first = 100n): IdAllocator =>
  new IdAllocator(store, AUTO_ID_KEY, { first });

describe('an id allocator', () => {
  it('gives consecutive ids from the first on', async () => {
    const ids = allocator(memoryMetaStore());
    expect(await ids.allocate()).toBe(100n);
    expect(await ids.allocate(5)).toBe(101n);
    expect(await ids.allocate()).toBe(106n);
  });

  it('gives ids at once while its range lasts, and none before it has one', async () => {
    const ids = allocator(memoryMetaStore());
    expect(ids.tryAllocate()).toBeNull();
    await ids.reserve(3);
    expect(ids.tryAllocate(ID_RANGE)).toBe(100n);
    expect(ids.tryAllocate()).toBeNull();
  });

  it('gives more ids at once than a range holds', async () => {
    const ids = allocator(memoryMetaStore());
    const first = await ids.allocate(ID_RANGE * 3);
    expect(await ids.allocate()).toBe(first + BigInt(ID_RANGE * 3));
  });

  it('starts at a large first id, as generated keys do', async () => {
    const first = BigInt(Date.UTC(2026, 0, 1)) << 18n;
    expect(await allocator(memoryMetaStore(), first).allocate()).toBe(first);
  });

  it('refuses counts that are not positive integers, and ids beyond int64', async () => {
    const ids = allocator(memoryMetaStore(), 2n ** 63n - 10n);
    await expect(ids.allocate(0)).rejects.toThrow('positive counts');
    await expect(ids.allocate(1.5)).rejects.toThrow('positive counts');
    await expect(ids.allocate()).rejects.toThrow('ids are left');
  });

  it('never gives an id twice across restarts and among several on one key', async () => {
    const action = fc.record({
      who: fc.nat({ max: 2 }),
      count: fc.integer({ min: 1, max: ID_RANGE + 5 }),
      restart: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 20 }), async (actions) => {
        const store = memoryMetaStore();
        const allocators = [allocator(store), allocator(store), allocator(store)];
        const given: Array<readonly [bigint, bigint]> = [];
        for (const { who, count, restart } of actions) {
          if (restart) allocators[who] = allocator(store);
          const first = (await allocators[who]?.allocate(count)) ?? 0n;
          given.push([first, first + BigInt(count)]);
        }
        given.sort(([a], [b]) => (a < b ? -1 : 1));
        for (const [at, [, end]] of given.entries()) {
          expect((given[at + 1]?.[0] ?? end) >= end).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('never gives an id twice when asked many times at once', async () => {
    const ids = allocator(memoryMetaStore());
    const firsts = await Promise.all(Array.from({ length: 50 }, () => ids.allocate(30_000)));
    const sorted = [...firsts].sort((a, b) => (a < b ? -1 : 1));
    for (const [at, first] of sorted.slice(1).entries()) {
      expect(first - (sorted[at] ?? 0n)).toBeGreaterThanOrEqual(30_000n);
    }
  });

  it('never gives ids of a range whose taking had an unknown outcome', async () => {
    const { store, failNext } = failingStore(memoryMetaStore());
    const ids = allocator(store);
    failNext('after');
    await expect(ids.allocate()).rejects.toMatchObject({ reason: 'IoFailed' });
    expect(await ids.allocate()).toBe(100n + BigInt(ID_RANGE));
    failNext('before');
    await expect(ids.allocate(ID_RANGE)).rejects.toMatchObject({ reason: 'IoFailed' });
    expect(await ids.allocate(ID_RANGE)).toBeGreaterThan(100n + BigInt(ID_RANGE));
  });

  it('gives up, naming the key, when it always comes second', async () => {
    const inner = memoryMetaStore();
    const busy: MetaStore = {
      get: (key) => inner.get(key),
      range: (prefix) => inner.range(prefix),
      transact: async (transaction: MetaTransaction) => {
        await new IdAllocator(inner, AUTO_ID_KEY, { first: 0n }).allocate();
        return await inner.transact(transaction);
      },
      [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    };
    await expect(allocator(busy).allocate()).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
      fields: { key: AUTO_ID_KEY },
    });
  });
});
