/** What the node does by itself: flushes and compactions behind the writers, and how it slows them down. */
import { describe, expect, it } from 'vitest';
import { milvusError } from '../../src/base/errors.ts';
import { directCalls } from '../../src/core/engine.ts';
import { PRODUCTION_TUNING } from '../../src/core/tuning.ts';
import type { Disk } from '../../src/storage/disk.ts';
import { createDocs, doc, DOCS, DOCS_DEFINITION, docs, tags } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';

const KIB = 1024;

describe('a streaming node', () => {
  it('flushes what is much, compacts what is many, and lets the log go, unasked', async () => {
    const tuning = {
      ...PRODUCTION_TUNING,
      sealBytes: 16 * KIB,
      growingBytesMax: 32 * KIB,
      logFileBytesMax: 8 * KIB,
    };
    const world = await memoryWorld(directCalls, { tuning })();
    const { service } = world;
    await createDocs(service);
    for (let batch = 0; batch < 60; batch++) {
      await service.insert({ ...DOCS, rows: docs(batch * 50, batch * 50 + 50) });
    }
    expect(await service.count(DOCS)).toBe(3000);
    const [state] = await service.shardStates(DOCS);
    const growing = state!.segments.filter((segment) => segment.state === 'growing');
    expect(growing.reduce((sum, { byteLength }) => sum + byteLength, 0)).toBeLessThan(64 * KIB);
    expect(
      state!.segments.some(({ level }) => level > 0),
      'something was compacted',
    ).toBe(true);
    await world.reopen();
    expect(world.engine.recovery.replayedRecords).toBeLessThan(30);
    expect(await world.service.count(DOCS)).toBe(3000);
  });

  it('compacts a collection whose property says no when asked only', async () => {
    const tuning = { ...PRODUCTION_TUNING, sealBytes: 4 * KIB };
    const { service } = await memoryWorld(directCalls, { tuning })();
    await createDocs(service, { properties: { 'collection.autocompaction.enabled': 'false' } });
    const levels = async (): Promise<number[]> => {
      const [state] = await service.flush(DOCS);
      return state!.segments.map(({ level }) => level);
    };
    for (let batch = 0; batch < 300; batch++) {
      await service.insert({ ...DOCS, rows: docs(batch * 40, batch * 40 + 40) });
      await service.flush(DOCS);
    }
    const before = await levels();
    expect(before.length).toBeGreaterThan(256);
    expect(Math.max(...before)).toBe(0);
    await service.compact(DOCS);
    expect(Math.max(...(await levels()))).toBeGreaterThan(0);
    expect(await service.count(DOCS)).toBe(12_000);
  });

  it('refuses writes when it holds too much and cannot flush, and goes on when it can', async () => {
    let isFull = true;
    const wrapDisk = (disk: Disk): Disk =>
      new Proxy(disk, {
        get(target, key) {
          const original = Reflect.get(target, key) as (...all: unknown[]) => Promise<unknown>;
          return async (...all: unknown[]): Promise<unknown> => {
            if (isFull && key === 'open' && String(all[0]).startsWith('segments/')) {
              throw milvusError('DiskLimitExceeded');
            }
            return await original.apply(target, all);
          };
        },
      });
    const tuning = { ...PRODUCTION_TUNING, sealBytes: 8 * KIB, growingBytesMax: 32 * KIB };
    const world = await memoryWorld(directCalls, { tuning, wrapDisk })();
    const { service, clock } = world;
    await createDocs(service);
    let written = 0;
    const insert = async (): Promise<void> => {
      await service.insert({ ...DOCS, rows: docs(written, written + 50) });
      written += 50;
    };
    const fill = async (): Promise<void> => {
      for (let i = 0; i < 100; i++) await insert();
    };
    await expect(fill()).rejects.toMatchObject({ reason: 'DiskLimitExceeded' });
    expect(written).toBeGreaterThan(0);
    expect(await service.count(DOCS)).toBe(written);
    isFull = false;
    clock.advance(20_000);
    await insert();
    expect(await service.count(DOCS)).toBe(written);
    expect(await (await world.reopen()).count(DOCS)).toBe(written);
  });

  it('takes writes to more partitions than segments may wait for compaction', async () => {
    const { service } = await memoryWorld()();
    const [id, tag, ...others] = DOCS_DEFINITION.fields;
    await createDocs(service, {
      fields: [id!, { ...tag!, isPartitionKey: true }, ...others],
      partitionCount: 400,
    });
    await service.insert({ ...DOCS, rows: docs(0, 2000) });
    const [state] = await service.flush(DOCS);
    expect(state!.segments.length).toBeGreaterThan(256);
    await service.insert({ ...DOCS, rows: [doc(5000)] });
    expect(await tags(service, { filter: 'id == 5000' })).toBe('5000/0');
  });

  it('seals what is old, however little it is', async () => {
    const { service, clock } = await memoryWorld()();
    await createDocs(service);
    await service.insert({ ...DOCS, rows: docs(0, 2) });
    clock.advance(24 * 60 * 60 * 1000);
    await service.insert({ ...DOCS, rows: docs(2, 4) });
    await service.flush(DOCS);
    const [state] = await service.shardStates(DOCS);
    expect(state?.manifestVersion).toBeGreaterThanOrEqual(1);
    expect(await tags(service)).toBe('0/0 1/0 2/0 3/0');
  });
});
