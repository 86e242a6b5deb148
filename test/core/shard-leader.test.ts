/** What meets in the single writer of a shard: schema changes, drops and failures in the midst of writes. */
import { describe, expect, it, vi } from 'vitest';
import { milvusError } from '../../src/base/errors.ts';
import { TURN_MS_MAX } from '../../src/base/limits.ts';
import { directCalls, type Transport } from '../../src/core/engine.ts';
import type { SegmentHost, Shards } from '../../src/core/ports.ts';
import { emptySearchAnswer } from '../../src/search/reduce.ts';
import type { Disk } from '../../src/storage/disk.ts';
import { createDocs, doc, DOCS, docs, expectRefusal, tags } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';

/** Runs `before` once, ahead of the next insert that reaches a shard. */
function beforeInsert(hook: { before: (() => Promise<void>) | null }): Transport {
  const shards = (port: Shards): Shards =>
    new Proxy(port, {
      get(target, key) {
        const original = Reflect.get(target, key) as (...all: unknown[]) => Promise<unknown>;
        return async (...all: unknown[]): Promise<unknown> => {
          const { before } = hook;
          if (key === 'insert' && before !== null) {
            hook.before = null;
            await before();
          }
          return await original.apply(target, all);
        };
      },
    });
  return { ...directCalls, shards };
}

describe('a shard leader', () => {
  it('has rows checked again when the schema changed on their way', async () => {
    const hook: { before: (() => Promise<void>) | null } = { before: null };
    const { service } = await memoryWorld(beforeInsert(hook))();
    await createDocs(service);
    hook.before = () =>
      service.addField({
        ...DOCS,
        field: { name: 'rank', type: 'Int8', nullable: true, defaultValue: 4 },
      });
    expect(await service.insert({ ...DOCS, rows: docs(0, 2) })).toMatchObject({ rowCount: 2 });
    const { rows } = await service.query({ ...DOCS, filter: 'rank == 4' });
    expect(rows.length).toBe(2);
  });

  it('takes no rows of a partition or a collection that was dropped on their way', async () => {
    const hook: { before: (() => Promise<void>) | null } = { before: null };
    const { service } = await memoryWorld(beforeInsert(hook))();
    await createDocs(service);
    const hot = { ...DOCS, partitionName: 'hot' };
    await service.createPartition(hot);
    hook.before = async () => {
      await service.releasePartitions({ ...DOCS, partitionNames: ['hot'] });
      await service.dropPartition(hot);
    };
    await expectRefusal(service.insert({ ...hot, rows: docs(0, 2) }), 200, 'partition not found');
    hook.before = () => service.dropCollection(DOCS);
    const late = service.insert({ ...DOCS, rows: docs(0, 2) });
    await expect(late).rejects.toMatchObject({
      kind: expect.stringMatching(/NotFound|Unavailable/) as unknown,
    });
  });

  it('shows no row that a drop or a truncation took, also when the shard never heard of it', async () => {
    const lost = (port: Shards): Shards =>
      new Proxy(port, {
        get(target, key) {
          const original = Reflect.get(target, key) as (...all: unknown[]) => Promise<unknown>;
          const isLost = key === 'truncate' || key === 'dropPartition';
          if (isLost) return async () => await Promise.reject(milvusError('ServiceUnavailable'));
          return original.bind(target);
        },
      });
    const world = await memoryWorld({ ...directCalls, shards: lost })();
    const { service } = world;
    const hot = { ...DOCS, partitionName: 'hot' };
    await createDocs(service);
    await service.createPartition(hot);
    await service.insert({ ...hot, rows: docs(0, 2) });
    await service.flush(DOCS);
    await service.insert({ ...hot, rows: docs(2, 4) });
    await service.insert({ ...DOCS, rows: docs(4, 6) });
    await service.releasePartitions({ ...DOCS, partitionNames: ['hot'] });
    await expect(service.dropPartition(hot)).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
    });
    expect(await tags(service)).toBe('4/0 5/0');
    await expect(service.truncateCollection(DOCS)).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
    });
    expect(await tags(service)).toBe('');
    // The growing segment holds rows from before and from after.
    await service.insert({ ...DOCS, rows: docs(6, 8) });
    expect(await tags(service)).toBe('6/0 7/0');
    await service.flush(DOCS);
    expect(await tags(service)).toBe('6/0 7/0');
    expect(await tags(await world.reopen())).toBe('6/0 7/0');
  });

  it('writes nothing more after a failed append, and goes on reading', async () => {
    let isBroken = false;
    const wrapDisk = (disk: Disk): Disk =>
      new Proxy(disk, {
        get(target, key) {
          const original = Reflect.get(target, key) as (...all: unknown[]) => Promise<unknown>;
          if (key !== 'open') return original.bind(target);
          return async (...all: unknown[]): Promise<unknown> => {
            const file = (await original.apply(target, all)) as object;
            return new Proxy(file, {
              get(inner, method) {
                const call: unknown = Reflect.get(inner, method);
                if (typeof call !== 'function') return call;
                return async (...rest: unknown[]): Promise<unknown> => {
                  const isLog = String(all[0]).startsWith('wal/');
                  if (isBroken && isLog && method === 'write') throw milvusError('IoFailed');
                  return await (call.apply(inner, rest) as Promise<unknown>);
                };
              },
            });
          };
        },
      });
    const world = await memoryWorld(directCalls, { wrapDisk, durability: 'sync' })();
    await createDocs(world.service);
    await world.service.insert({ ...DOCS, rows: docs(0, 3) });
    isBroken = true;
    await expect(world.service.insert({ ...DOCS, rows: docs(3, 5) })).rejects.toMatchObject({
      reason: 'IoFailed',
    });
    isBroken = false;
    await expect(world.service.delete({ ...DOCS, ids: [1n] })).rejects.toMatchObject({
      reason: 'WriterPoisoned',
    });
    expect(await tags(world.service)).toBe('0/0 1/0 2/0');
    // The log's end stays in doubt, which the next opening settles.
    await expect(world.close()).rejects.toMatchObject({ kind: 'Io' });
  });

  it('answers for the shard no more when a durable record could not be applied', async () => {
    let isBroken = false;
    const segmentHost = (port: SegmentHost): SegmentHost =>
      new Proxy(port, {
        get(target, key) {
          const original = Reflect.get(target, key) as (...all: unknown[]) => Promise<unknown>;
          return async (...all: unknown[]): Promise<unknown> => {
            if (isBroken && key === 'applyDeletes') throw milvusError('ServiceUnavailable');
            return await original.apply(target, all);
          };
        },
      });
    const world = await memoryWorld({ ...directCalls, segmentHost })();
    await createDocs(world.service);
    await world.service.insert({ ...DOCS, rows: docs(0, 3) });
    await world.service.flush(DOCS);
    isBroken = true;
    await expect(world.service.delete({ ...DOCS, ids: [1n] })).rejects.toMatchObject({
      reason: 'ServiceUnavailable',
    });
    isBroken = false;
    await expect(tags(world.service)).rejects.toMatchObject({ reason: 'ChannelNotAvailable' });
    expect(await tags(await world.reopen())).toBe('0/0 2/0');
  });

  it('keeps the order of writes that are made at once', async () => {
    const { service } = await memoryWorld()();
    await createDocs(service);
    const writes = Array.from({ length: 50 }, (_, version) =>
      version % 5 === 4
        ? service.delete({ ...DOCS, ids: [1n] })
        : service.upsert({ ...DOCS, rows: [doc(1, version)] }),
    );
    const stamps = (await Promise.all(writes)).map(({ timestamp }) => timestamp);
    expect(stamps).toEqual(stamps.toSorted((a, b) => (a < b ? -1 : 1)));
    expect(await tags(service)).toBe('');
    await Promise.all([
      service.upsert({ ...DOCS, rows: [doc(1, 60)] }),
      service.upsert({ ...DOCS, rows: [doc(1, 61)] }),
    ]);
    expect(await tags(service)).toBe('1/61');
  });

  it('gives others a turn between searches of growing rows that are answered at once', async () => {
    const transport: Transport = {
      ...directCalls,
      // Takes no time and no turn: what is seen is the leader's.
      segmentHost: (port) => ({ ...port, search: async ({ plan }) => emptySearchAnswer(plan) }),
    };
    const { service, clock } = await memoryWorld(transport)();
    await createDocs(service);
    await service.insert({ ...DOCS, rows: docs(0, 20) });
    const search = (): Promise<unknown> => service.search({ ...DOCS, data: [[3, 0]], limit: 2 });
    expect(await search()).toMatchObject({ results: [[{ id: 3n }, { id: 2n }]] });
    let yields = 0;
    let nowMs = clock.monotonicMs();
    // Every look at the clock is a millisecond later.
    vi.spyOn(clock, 'monotonicMs').mockImplementation(() => nowMs++);
    vi.spyOn(clock, 'yieldTurn').mockImplementation(async () => {
      yields++;
    });
    for (let time = 0; time < 4 * TURN_MS_MAX; time++) await search();
    expect(yields).toBeGreaterThanOrEqual(4);
    // Not one a search, which would be as many rounds of the loop.
    expect(yields).toBeLessThanOrEqual(TURN_MS_MAX);
    vi.restoreAllMocks();
  });
});
