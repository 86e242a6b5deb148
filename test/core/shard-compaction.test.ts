/** What is written, dropped and read while a compaction runs. */
import { describe, expect, it } from 'vitest';
import { milvusError } from '../../src/base/errors.ts';
import { directCalls, type Transport } from '../../src/core/engine.ts';
import type { TaskRunner } from '../../src/core/ports.ts';
import type { Service } from '../../src/core/service.ts';
import { createDocs, doc, DOCS, docs, tags } from '../suites/service-fixtures.ts';
import { memoryWorld, type ServiceWorld } from '../suites/service-world.ts';

/** Calls `meanwhile` when a task was done and its output is not yet published. */
function afterTask(meanwhile: () => Promise<void>): Transport {
  const taskRunner = (port: TaskRunner): TaskRunner => ({
    compact: async (task, call) => {
      const output = await port.compact(task, call);
      await meanwhile();
      return output;
    },
    rowsBuilt: async (request, call) => await port.rowsBuilt(request, call),
    buildIndex: async (task, call) => await port.buildIndex(task, call),
  });
  return { ...directCalls, taskRunner };
}

interface Stage {
  readonly world: ServiceWorld;
  readonly service: Service;
}

/** Four segments that are due to be merged; runs `meanwhile` once inside the compaction. */
async function compactWith(meanwhile: (service: Service) => Promise<void>): Promise<Stage> {
  let isOver = false;
  const stage: { service?: Service } = {};
  const world = await memoryWorld(
    afterTask(async () => {
      if (isOver) return;
      isOver = true;
      await meanwhile(stage.service!);
    }),
  )();
  const { service } = world;
  stage.service = service;
  await createDocs(service);
  await service.createPartition({ ...DOCS, partitionName: 'hot' });
  for (let i = 0; i < 4; i++) {
    await service.insert({ ...DOCS, rows: docs(i * 3, i * 3 + 3) });
    await service.flush(DOCS);
  }
  await service.compact(DOCS);
  expect(isOver, 'there was a compaction').toBe(true);
  return { world, service };
}

async function expectTags({ world, service }: Stage, expected: string): Promise<void> {
  expect(await tags(service)).toBe(expected);
  await service.flush(DOCS);
  await service.compact(DOCS);
  expect(await tags(service)).toBe(expected);
  expect(await tags(await world.reopen())).toBe(expected);
}

describe('a compaction', () => {
  it('leaves one segment with every row', async () => {
    const stage = await compactWith(async () => undefined);
    const [state] = await stage.service.shardStates(DOCS);
    expect(state?.segments.map(({ rowCount, level }) => [rowCount, level])).toEqual([[12, 1]]);
    await expectTags(
      stage,
      docs(0, 12)
        .map((row) => String(row['tag']))
        .join(' '),
    );
  });

  it('takes in deletes and upserts that come while it runs', async () => {
    const stage = await compactWith(async (service) => {
      await service.delete({ ...DOCS, ids: [0n, 4n] });
      await service.upsert({ ...DOCS, rows: [doc(5, 1)] });
      await service.flush(DOCS);
      await service.delete({ ...DOCS, ids: [6n] });
      await service.insert({ ...DOCS, rows: [doc(7, 1)] });
    });
    await expectTags(stage, '1/0 2/0 3/0 5/1 7/1 8/0 9/0 10/0 11/0');
  });

  it('brings nothing back that was truncated while it ran', async () => {
    const stage = await compactWith(async (service) => {
      await service.truncateCollection(DOCS);
      await service.insert({ ...DOCS, rows: [doc(1, 1)] });
    });
    await expectTags(stage, '1/1');
  });

  it('does not disturb a read that began before it', async () => {
    const reads: Promise<string>[] = [];
    const stage = await compactWith(async (service) => {
      for (let i = 0; i < 5; i++) reads.push(tags(service));
    });
    const expected = docs(0, 12)
      .map((row) => String(row['tag']))
      .join(' ');
    expect(new Set(await Promise.all(reads))).toEqual(new Set([expected]));
    await expectTags(stage, expected);
  });

  it('that fails changes nothing', async () => {
    let failures = 0;
    const world = await memoryWorld(
      afterTask(async () => {
        if (failures++ === 0) throw milvusError('CompactionFailed');
      }),
    )();
    const { service } = world;
    await createDocs(service);
    for (let i = 0; i < 4; i++) {
      await service.insert({ ...DOCS, rows: docs(i, i + 1) });
      await service.flush(DOCS);
    }
    const before = await service.shardStates(DOCS);
    await expect(service.compact(DOCS)).rejects.toMatchObject({ reason: 'CompactionFailed' });
    expect(await service.shardStates(DOCS)).toEqual(before);
    await service.compact(DOCS);
    const [state] = await service.shardStates(DOCS);
    expect(state?.segments.length).toBe(1);
    await expectTags({ world, service }, '0/0 1/0 2/0 3/0');
  });

  it('purges what was deleted while others read through several shards', async () => {
    const { service } = await memoryWorld()();
    await createDocs(service, { shardCount: 2 });
    await service.insert({ ...DOCS, rows: docs(0, 20) });
    await service.flush(DOCS);
    await service.delete({ ...DOCS, filter: 'id < 15' });
    await service.query({ ...DOCS, limit: 5 });
    await service.insert({ ...DOCS, rows: [doc(100)] });
    await service.flush(DOCS);
    await service.compact(DOCS);
    expect(await service.statistics(DOCS)).toEqual({ rowCount: 6 });
  });

  it('keeps what a reader pages through until the reader is gone', async () => {
    const { service, clock } = await memoryWorld()();
    await createDocs(service);
    await service.insert({ ...DOCS, rows: docs(0, 4) });
    await service.flush(DOCS);
    const snapshotTimestamp = await service.allocateTimestamp();
    expect(await tags(service, { snapshotTimestamp })).toBe('0/0 1/0 2/0 3/0');
    await service.delete({ ...DOCS, ids: [0n, 1n, 2n] });
    await service.compact(DOCS);
    expect(await tags(service, { snapshotTimestamp })).toBe('0/0 1/0 2/0 3/0');
    clock.advance(61_000);
    await service.compact(DOCS);
    expect(await service.statistics(DOCS)).toEqual({ rowCount: 1 });
    await expect(tags(service, { snapshotTimestamp })).rejects.toMatchObject({
      reason: 'SnapshotExpired',
    });
  });
});
