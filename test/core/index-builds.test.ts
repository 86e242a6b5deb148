/** What is written, dropped, damaged and closed while indexes are built, and after. */
import { describe, expect, it } from 'vitest';
import { milvusError } from '../../src/base/errors.ts';
import { BUILD_ATTEMPTS_MAX, BUILD_PAUSE_MS_MAX, GARBAGE_GRACE_MS } from '../../src/base/limits.ts';
import { directCalls, type Transport } from '../../src/core/engine.ts';
import type { BuildIndexTask, Call, TaskRunner } from '../../src/core/ports.ts';
import type { Service } from '../../src/core/service.ts';
import { PRODUCTION_TUNING } from '../../src/core/tuning.ts';
import type { SegmentIndex } from '../../src/segments/segment-info.ts';
import type { Disk } from '../../src/storage/disk.ts';
import { builtSegments, found, GRAPH, indexed } from '../suites/index-fixtures.ts';
import { createDocs, doc, DOCS, docs } from '../suites/service-fixtures.ts';
import { type Between, memoryWorld, type ServiceWorld } from '../suites/service-world.ts';

const TUNING = { ...PRODUCTION_TUNING, indexRowsMin: 10 };
const ROWS = 200;
const WIDE = { params: { ef: 1024 } };
const ANSWER = '100:0.040 101:0.640 99:1.440 102:3.240 98:4.840';

type Build = TaskRunner['buildIndex'];

function building(replace: (build: Build) => Build): Transport {
  const taskRunner = (port: TaskRunner): TaskRunner => ({
    compact: async (task, call) => await port.compact(task, call),
    rowsBuilt: async (request, call) => await port.rowsBuilt(request, call),
    buildIndex: replace(async (task, call) => await port.buildIndex(task, call)),
  });
  return { ...directCalls, taskRunner };
}

interface Yard {
  readonly world: ServiceWorld;
  readonly disk: Disk;
}

/** Rows in one sealed segment. */
async function openYard(transport = directCalls, between: Between = {}): Promise<Yard> {
  const made: { disk?: Disk } = {};
  const wrapDisk = (disk: Disk): Disk => {
    made.disk = disk;
    return disk;
  };
  const world = await memoryWorld(transport, { wrapDisk, tuning: TUNING, ...between })();
  await createDocs(world.service);
  await world.service.insert({ ...DOCS, rows: docs(0, ROWS) });
  await world.service.flush(DOCS);
  return { world, disk: made.disk! };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 200; turn++) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** Names of files of indexes, images and descriptors. */
async function indexFiles({ disk }: Yard): Promise<string[]> {
  return (await disk.list('segments')).filter((name) => name.includes('.idx-'));
}

async function damage({ disk }: Yard, name: string): Promise<void> {
  const file = await disk.open(`segments/${name}`, 'write');
  const byte = new Uint8Array(1);
  await file.read(byte, 40);
  await file.write([Uint8Array.of(byte[0]! ^ 1)], 40);
  await file.close();
}

async function dropGraph(service: Service): Promise<void> {
  await service.releaseCollection(DOCS);
  await service.dropIndex({ ...DOCS, indexName: 'graph' });
  await service.loadCollection(DOCS);
}

describe('index builds', () => {
  it('are done for rows that were there before the definition', async () => {
    const yard = await openYard();
    const { service } = yard.world;
    await service.createIndex(GRAPH);
    await indexed(service);
    expect(await builtSegments(service)).toBe(1);
    expect(await indexFiles(yard)).toHaveLength(2);
    const [index] = await service.describeIndexes({ ...DOCS, indexName: 'graph' });
    expect(index).toMatchObject({ state: 'Finished', totalRows: ROWS, indexedRows: ROWS });
    expect(await found(service, WIDE)).toBe(ANSWER);
  });

  it('leave damaged files to the scan, and replace them', async () => {
    for (const what of ['image', 'descriptor', 'gone'] as const) {
      const yard = await openYard();
      await yard.world.service.createIndex(GRAPH);
      await indexed(yard.world.service);
      const service = await yard.world.reopen();
      const before = await indexFiles(yard);
      const name = before.find((one) => one.endsWith('.json') === (what === 'descriptor'))!;
      if (what === 'gone') await yard.disk.remove(`segments/${name}`);
      else await damage(yard, name);
      expect(await found(service, WIDE)).toBe(ANSWER);
      const [damaged] = await service.describeIndexes({ ...DOCS, indexName: 'graph' });
      expect(damaged).toMatchObject({ state: 'InProgress', indexedRows: 0, pendingRows: ROWS });
      yard.world.clock.advance(10_000);
      await indexed(service);
      const fresh = (await indexFiles(yard)).filter((one) => !before.includes(one));
      expect(fresh).toHaveLength(2);
      expect(await found(service, WIDE)).toBe(ANSWER);
      const reopened = await yard.world.reopen();
      await indexed(reopened);
      expect(await found(reopened, WIDE)).toBe(ANSWER);
      await yard.world.close();
    }
  });

  it('are garbage when their segment or their definition went meanwhile', async () => {
    const meanwhiles: ((service: Service) => Promise<void>)[] = [
      async (service) => {
        await service.truncateCollection(DOCS);
      },
      dropGraph,
      async (service) => {
        await dropGraph(service);
        await service.createIndex({ ...GRAPH, params: { ...GRAPH.params, M: '9' } });
      },
    ];
    for (const [i, meanwhile] of meanwhiles.entries()) {
      const stage: { service?: Service; overtaken?: SegmentIndex } = {};
      const yard = await openYard(
        building((build) => async (task, call) => {
          // Given up or not: what was built when the news came must not be published.
          const index = await build(task, { deadlineMs: call.deadlineMs });
          if (stage.overtaken === undefined) {
            stage.overtaken = index;
            await meanwhile(stage.service!);
          }
          return index;
        }),
      );
      const { service } = yard.world;
      stage.service = service;
      await service.createIndex(GRAPH);
      for (let turn = 0; turn < 50 && stage.overtaken === undefined; turn++) await turns();
      await turns();
      expect(stage.overtaken, `${i}`).toBeDefined();
      const states = await service.shardStates(DOCS);
      const fingerprints = states
        .flatMap(({ segments }) => segments)
        .flatMap(({ indexes }) => indexes.map(({ fingerprint }) => fingerprint));
      expect(fingerprints, `${i}`).toEqual(i === 2 ? ['HNSW L2 M=9 efConstruction=64'] : []);
      await yard.world.close();
    }
  });

  it('are given up when the database is closed or the definition goes, and hold up neither', async () => {
    for (const how of ['close', 'drop index', 'drop collection'] as const) {
      const given: { up: number; begun: number } = { up: 0, begun: 0 };
      const endless: Build = async (_task: BuildIndexTask, { signal }: Call) => {
        given.begun++;
        return await new Promise<SegmentIndex>((_resolve, reject) => {
          signal!.addEventListener('abort', () => {
            given.up++;
            reject(milvusError('Cancelled'));
          });
        });
      };
      const { world } = await openYard(building(() => endless));
      const { service } = world;
      await service.createIndex(GRAPH);
      await turns();
      expect(given).toEqual({ up: 0, begun: 1 });
      await service.insert({ ...DOCS, rows: [doc(900)] });
      await service.flush(DOCS);
      expect(await service.count(DOCS)).toBe(ROWS + 1);
      if (how === 'drop index') await dropGraph(service);
      if (how === 'drop collection') await service.dropCollection(DOCS);
      await world.close();
      expect(given, how).toEqual({ up: 1, begun: 1 });
    }
  });

  it('are taken up again by the next opening, and left alone by one that only reads', async () => {
    const calls: { fail: boolean } = { fail: true };
    const yard = await openYard(
      building((build) => async (task, call) => {
        if (calls.fail) throw milvusError('IoFailed');
        return await build(task, call);
      }),
    );
    await yard.world.service.createIndex(GRAPH);
    await turns();
    calls.fail = false;
    const reader = await yard.world.reopen({ readOnly: true });
    expect(await found(reader, WIDE)).toBe(ANSWER);
    yard.world.clock.advance(100_000);
    await turns();
    expect(await builtSegments(reader)).toBe(0);
    const service = await yard.world.reopen();
    await turns();
    expect(await builtSegments(service)).toBe(0);
    yard.world.clock.advance(10_000);
    await indexed(service);
    expect(await builtSegments(service)).toBe(1);
    expect(await found(await yard.world.reopen({ readOnly: true }), WIDE)).toBe(ANSWER);
  });

  it('are tried again after a failure', async () => {
    let failures = 3;
    const yard = await openYard(
      building((build) => async (task, call) => {
        if (failures-- > 0) throw milvusError('DiskLimitExceeded');
        return await build(task, call);
      }),
    );
    const { service } = yard.world;
    await service.createIndex(GRAPH);
    for (let i = 0; i < 4; i++) {
      await turns();
      expect(await found(service, WIDE)).toBe(ANSWER);
      yard.world.clock.advance(1000);
    }
    await indexed(service);
    expect(await builtSegments(service)).toBe(1);
  });

  it('that fail say why, and rest longer each time until nobody tries again', async () => {
    let attempts = 0;
    let fails = true;
    const yard = await openYard(
      building((build) => async (task, call) => {
        attempts++;
        if (fails) throw milvusError('DiskLimitExceeded');
        return await build(task, call);
      }),
    );
    const { service } = yard.world;
    await service.createIndex(GRAPH);
    await turns();
    const described = async () => (await service.describeIndexes(GRAPH))[0];
    const { message: reason } = milvusError('DiskLimitExceeded');
    expect(await described()).toMatchObject({ state: 'InProgress', failReason: reason });
    const wait = async (ms: number): Promise<void> => {
      yard.world.clock.advance(ms);
      await turns();
    };
    const byMinute: number[] = [];
    for (let minute = 0; minute < 12; minute++) {
      const before = attempts;
      for (let i = 0; i < 60; i++) await wait(1000);
      byMinute.push(attempts - before);
    }
    expect(byMinute[0]).toBeGreaterThan(byMinute.slice(1).reduce((sum, count) => sum + count, 0));
    for (let i = 0; i < 40; i++) await wait(BUILD_PAUSE_MS_MAX);
    expect(attempts).toBe(BUILD_ATTEMPTS_MAX);
    expect(await described()).toMatchObject({ state: 'Failed', failReason: reason });
    expect(await found(service, WIDE)).toBe(ANSWER);
    await expect(service.waitForIndexes(GRAPH)).rejects.toMatchObject({
      reason: 'DiskLimitExceeded',
    });
    fails = false;
    await service.waitForIndexes(GRAPH);
    expect(await described()).toMatchObject({ state: 'Finished', failReason: null });
  });

  it('that fail hold up no others of their shard', async () => {
    const yard = await openYard(
      building((build) => async (task, call) => {
        if ('kind' in task.build) throw milvusError('ServiceInternal');
        return await build(task, call);
      }),
    );
    const { service } = yard.world;
    await service.createIndex({ ...DOCS, fieldName: 'tag', indexName: 'failing', params: {} });
    await turns();
    await service.createIndex(GRAPH);
    for (let i = 0; i < 4; i++) {
      await turns();
      yard.world.clock.advance(10_000);
    }
    await turns();
    const [graph] = await service.describeIndexes({ ...DOCS, indexName: 'graph' });
    expect(graph).toMatchObject({ state: 'Finished', indexedRows: ROWS });
    const [failing] = await service.describeIndexes({ ...DOCS, indexName: 'failing' });
    expect(failing).toMatchObject({ indexedRows: 0, pendingRows: ROWS });
  });

  it('leave nothing behind a definition that was dropped, after the time of grace', async () => {
    const yard = await openYard();
    const { service } = yard.world;
    await service.createIndex(GRAPH);
    await indexed(service);
    await dropGraph(service);
    for (let turn = 0; turn < 50 && (await builtSegments(service)) > 0; turn++) await turns();
    expect(await indexFiles(yard)).toHaveLength(2);
    yard.world.clock.advance(GARBAGE_GRACE_MS + 1);
    await service.insert({ ...DOCS, rows: [doc(900)] });
    yard.world.clock.advance(10_000);
    await turns();
    expect(await indexFiles(yard)).toEqual([]);
    expect(await found(service)).toBe(ANSWER);
  });
});
