import { describe, expect, it } from 'vitest';
import { SegmentIds } from '../../src/core/segment-ids.ts';
import { IdAllocator } from '../../src/meta/ids.ts';
import { memoryMetaStore } from '../../src/meta/memory-store.ts';

describe('segment ids', () => {
  it('are never given twice, over several processes', async () => {
    const store = memoryMetaStore();
    const seen = new Set<number>();
    for (let process = 0; process < 3; process++) {
      const ids = new SegmentIds(new IdAllocator(store, '/ids', { first: 100n }));
      expect(ids.floor).toBe(Number.POSITIVE_INFINITY);
      for (let i = 0; i < 5000; i++) {
        await ids.ensure();
        seen.add(ids.next());
      }
      expect(Math.min(...[...seen].slice(-5000))).toBeGreaterThanOrEqual(ids.floor);
    }
    expect(seen.size).toBe(15_000);
  });

  it('are there for a whole record after one wait', async () => {
    const ids = new SegmentIds(new IdAllocator(memoryMetaStore(), '/ids', { first: 1n }));
    await ids.ensure();
    const given = Array.from({ length: 1024 }, () => ids.next());
    expect(new Set(given).size).toBe(1024);
  });

  it('mean nothing where nothing is written', async () => {
    const ids = new SegmentIds(null);
    await ids.ensure();
    expect([ids.next(), ids.next()]).toEqual([-1, -2]);
  });
});
