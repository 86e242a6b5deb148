import { describe, expect, it } from 'vitest';
import { milvusError } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { systemRandom } from '../../src/base/random.ts';
import { directCalls, type Engine, type Transport } from '../../src/core/engine.ts';
import type { Shards } from '../../src/core/ports.ts';
import { openEngine } from '../../src/core/recovery.ts';
import { PRODUCTION_TUNING, type Tuning } from '../../src/core/tuning.ts';
import { memoryMetaStore } from '../../src/meta/memory-store.ts';
import { inlineWorkers } from '../../src/search/inline-workers.ts';
import { ColumnCache } from '../../src/segments/column-cache.ts';
import type { Disk } from '../../src/storage/disk.ts';
import { memoryDisk } from '../../src/storage/memory-disk.ts';
import { SimClock } from '../sim/sim-clock.ts';
import { createDocs, DOCS, docs, expectRefusal, tags } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';

/** Shards of which some calls fail, as if the process had ended before them. */
function shardsWithout(isCut: (method: string) => boolean): Transport {
  const shards = (port: Shards): Shards =>
    new Proxy(port, {
      get(target, key) {
        const original = Reflect.get(target, key) as (...all: unknown[]) => Promise<unknown>;
        return async (...all: unknown[]): Promise<unknown> => {
          if (isCut(String(key))) throw milvusError('ServiceUnavailable');
          return await original.apply(target, all);
        };
      },
    });
  return { ...directCalls, shards };
}

/** Any number of engines over one disk and one store, with no lock between them. */
function unlockedWorld(transport: Transport = directCalls): {
  open: (tuning?: Tuning) => Promise<Engine>;
  disk: Disk;
} {
  const clock = new SimClock();
  const disk = memoryDisk(clock);
  const meta = memoryMetaStore();
  const open = async (tuning = PRODUCTION_TUNING): Promise<Engine> =>
    await openEngine(
      {
        clock,
        random: systemRandom,
        disk,
        meta,
        workers: inlineWorkers(clock),
        cache: new ColumnCache(1024 * 1024),
        logger: silentLogger,
        pinnedManifests: async () => [],
        pinManifests: async () => undefined,
      },
      { readOnly: false, durability: 'os', transport, tuning },
    );
  return { open, disk };
}

describe('the term of an engine', () => {
  it('begins with its first write, unless another wrote since it read the log', async () => {
    const { open, disk } = unlockedWorld();
    const first = await open();
    const second = await open();
    expect(await disk.list('wal')).toEqual([]);
    await createDocs(first.service);
    await first.service.insert({ ...DOCS, rows: docs(0, 2) });
    expect(await disk.list('wal')).toHaveLength(1);
    await createDocs(second.service, { name: 'other' });
    const refused = second.service.insert({
      ...DOCS,
      collectionName: 'other',
      rows: docs(5, 6),
    });
    await expect(refused).rejects.toMatchObject({ reason: 'ChannelMisrouted' });
    await first.service.insert({ ...DOCS, rows: docs(2, 3) });
    expect(await first.service.count(DOCS)).toBe(3);
    await expect(second.close()).rejects.toMatchObject({ reason: 'ChannelMisrouted' });
    await first.close();
    const last = await open();
    expect(last.recovery).toMatchObject({ cleanEnd: true, replayedRecords: 2 });
    expect(await last.service.count(DOCS)).toBe(3);
    await last.close();
  });

  it('begins before the log forgets anything, though nothing was written', async () => {
    const { open, disk } = unlockedWorld();
    const first = await open();
    await createDocs(first.service);
    await first.service.insert({ ...DOCS, rows: docs(0, 2) });
    await first.close();
    const files = await disk.list('wal');
    const second = await open();
    expect(await second.service.count(DOCS)).toBe(2);
    expect(await disk.list('wal')).toEqual(files);
    await second.service.flush(DOCS);
    await second.close();
    const [kept, ...more] = await disk.list('wal');
    expect(kept).toMatch(/^00000002-/);
    expect(more).toEqual([]);
    const last = await open();
    expect(last.recovery).toMatchObject({ cleanEnd: true, replayedRecords: 0 });
    expect(await last.service.count(DOCS)).toBe(2);
    await last.close();
  });

  it('begins at once where the log was left open, and ends the one before', async () => {
    const { open } = unlockedWorld();
    const first = await open();
    await createDocs(first.service);
    await first.service.insert({ ...DOCS, rows: docs(0, 2) });
    const second = await open();
    expect(second.recovery).toMatchObject({ cleanEnd: false, replayedRecords: 1 });
    const late = first.service.insert({ ...DOCS, rows: docs(7, 8) });
    await expect(late).rejects.toMatchObject({ reason: 'WriterPoisoned' });
    expect(await second.service.count(DOCS)).toBe(2);
    await second.service.insert({ ...DOCS, rows: docs(2, 3) });
    await second.close();
    const last = await open();
    expect(await last.service.count(DOCS)).toBe(3);
    await last.close();
  });
});

describe('recovery', () => {
  it('leaves nothing at work behind it when it fails', async () => {
    let cut = '';
    const { open, disk } = unlockedWorld(shardsWithout((method) => method === cut));
    const first = await open();
    await createDocs(first.service);
    await first.service.insert({ ...DOCS, rows: docs(0, 50) });
    const other = { ...DOCS, collectionName: 'other' };
    await createDocs(first.service, { name: 'other' });
    cut = 'dropCollection';
    await expectRefusal(first.service.dropCollection(other), 2, 'service unavailable');
    // What it replays is due to be flushed at once.
    await expect(open({ ...PRODUCTION_TUNING, sealBytes: 1 })).rejects.toMatchObject({ code: 2 });
    const left = await disk.list('segments');
    for (let turn = 0; turn < 5000; turn++) await Promise.resolve();
    expect(await disk.list('segments')).toEqual(left);
  });

  it('reports what it found', async () => {
    const world = await memoryWorld()();
    expect(world.engine.recovery).toMatchObject({
      cleanEnd: true,
      replayedRecords: 0,
      cutBytes: 0,
    });
    await createDocs(world.service);
    await world.service.insert({ ...DOCS, rows: docs(0, 3) });
    await world.service.delete({ ...DOCS, ids: [1n] });
    await world.reopen();
    expect(world.engine.recovery).toMatchObject({ cleanEnd: true, replayedRecords: 2 });
    await world.service.flush(DOCS);
    await world.reopen();
    expect(world.engine.recovery).toMatchObject({ replayedRecords: 0 });
  });

  it('finishes a drop that was cut off', async () => {
    let cut = '';
    const world = await memoryWorld(shardsWithout((method) => method === cut))();
    await createDocs(world.service);
    await world.service.insert({ ...DOCS, rows: docs(0, 3) });
    await world.service.flush(DOCS);
    cut = 'dropCollection';
    await expectRefusal(world.service.dropCollection(DOCS), 2, 'service unavailable');
    expect(await world.service.hasCollection(DOCS)).toBe(false);
    cut = '';
    const service = await world.reopen();
    expect(await service.hasCollection(DOCS)).toBe(false);
    await createDocs(service);
    expect(await service.count(DOCS)).toBe(0);
  });

  it('finishes a truncation that was cut off before the shards heard of it', async () => {
    let cut = '';
    const world = await memoryWorld(shardsWithout((method) => method === cut))();
    await createDocs(world.service, { shardCount: 2 });
    await world.service.insert({ ...DOCS, rows: docs(0, 3) });
    await world.service.flush(DOCS);
    await world.service.insert({ ...DOCS, rows: docs(3, 6) });
    cut = 'truncate';
    await expectRefusal(world.service.truncateCollection(DOCS), 2, 'service unavailable');
    cut = '';
    const service = await world.reopen();
    expect(await service.count(DOCS)).toBe(0);
    await service.insert({ ...DOCS, rows: docs(1, 2) });
    expect(await tags(await world.reopen())).toBe('1/0');
  });

  it('finishes a change of the schema that the shards did not hear of', async () => {
    let cut = '';
    const world = await memoryWorld(shardsWithout((method) => method === cut))();
    await createDocs(world.service);
    await world.service.insert({ ...DOCS, rows: docs(0, 1) });
    cut = 'applyCollection';
    const field = { name: 'rank', type: 'Int8', nullable: true } as const;
    await expectRefusal(world.service.addField({ ...DOCS, field }), 2, 'service unavailable');
    cut = '';
    const service = await world.reopen();
    await service.insert({ ...DOCS, rows: docs(1, 2).map((row) => ({ ...row, rank: 7 })) });
    const { rows } = await service.query({ ...DOCS, filter: 'id >= 0', outputFields: ['rank'] });
    expect(rows).toEqual([
      { id: 0n, rank: null },
      { id: 1n, rank: 7 },
    ]);
  });

  it('finishes the drop of a partition that was cut off', async () => {
    let cut = '';
    const world = await memoryWorld(shardsWithout((method) => method === cut))();
    await createDocs(world.service);
    const hot = { ...DOCS, partitionName: 'hot' };
    await world.service.createPartition(hot);
    await world.service.insert({ ...hot, rows: docs(0, 2) });
    await world.service.flush(DOCS);
    await world.service.insert({ ...hot, rows: docs(2, 4) });
    await world.service.insert({ ...DOCS, rows: docs(4, 5) });
    await world.service.releasePartitions({ ...DOCS, partitionNames: ['hot'] });
    cut = 'dropPartition';
    await expectRefusal(world.service.dropPartition(hot), 2, 'service unavailable');
    cut = '';
    const service = await world.reopen();
    expect(await tags(service)).toBe('4/0');
    await service.flush(DOCS);
    await service.compact(DOCS);
    expect(await service.statistics(DOCS)).toEqual({ rowCount: 1 });
    expect(await tags(await world.reopen())).toBe('4/0');
  });

  it('leaves rows of a dropped partition where they are in the log', async () => {
    let cut = '';
    const world = await memoryWorld(shardsWithout((method) => method === cut))();
    await createDocs(world.service);
    const hot = { ...DOCS, partitionName: 'hot' };
    await world.service.createPartition(hot);
    await world.service.insert({ ...DOCS, rows: docs(0, 3) });
    // Supersedes the row 2, which does not come back when this one goes.
    await world.service.insert({ ...hot, rows: docs(2, 5, 1) });
    await world.service.upsert({ ...hot, rows: docs(1, 2, 1) });
    await world.service.releasePartitions({ ...DOCS, partitionNames: ['hot'] });
    cut = 'dropPartition';
    await expectRefusal(world.service.dropPartition(hot), 2, 'service unavailable');
    cut = '';
    const service = await world.reopen();
    const [shard] = await service.shardStates(DOCS);
    expect(shard?.segments).toHaveLength(1);
    expect(shard?.segments).toMatchObject([{ state: 'growing', rowCount: 3, deletedCount: 2 }]);
    expect(await tags(service)).toBe('0/0');
    await service.flush(DOCS);
    expect(await service.statistics(DOCS)).toEqual({ rowCount: 3 });
    expect(await tags(await world.reopen())).toBe('0/0');
  });
});
