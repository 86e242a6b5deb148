/** Waiting for indexes: to the end, to a failure, and as long as the caller and the database go along. */
import { describe, expect, it } from 'vitest';
import { milvusError } from '../../src/base/errors.ts';
import { directCalls, type Transport } from '../../src/core/engine.ts';
import { untilIndexed } from '../../src/core/frontend-indexes.ts';
import type { IndexDescription } from '../../src/core/index-states.ts';
import type { Shards, TaskRunner } from '../../src/core/ports.ts';
import type { Service } from '../../src/core/service.ts';
import { PRODUCTION_TUNING } from '../../src/core/tuning.ts';
import { builtSegments, GRAPH } from '../suites/index-fixtures.ts';
import { encodedTransport } from '../suites/encoded-transport.ts';
import { createDocs, DOCS, docs } from '../suites/service-fixtures.ts';
import { memoryWorld, type ServiceWorld } from '../suites/service-world.ts';

const ROWS = 200;
const INDEX = { ...DOCS, indexName: 'graph' };

interface Gate {
  readonly world: ServiceWorld;
  readonly service: Service;
  /** Lets the builds begin that wait. */
  readonly open: () => void;
}

/** Rows in two sealed segments of two shards; builds wait for the gate and then do as `build` says. */
async function gated(
  fail: () => boolean = () => false,
  transport: Transport = directCalls,
): Promise<Gate> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const taskRunner = (inner: TaskRunner): TaskRunner => {
    const port = transport.taskRunner(inner);
    return {
      compact: async (task, call) => await port.compact(task, call),
      rowsBuilt: async () => 17,
      buildIndex: async (task, call) => {
        await promise;
        if (fail()) throw milvusError('DiskLimitExceeded', { fields: { free: 0 } });
        return await port.buildIndex(task, call);
      },
    };
  };
  const tuning = { ...PRODUCTION_TUNING, indexRowsMin: 10 };
  const world = await memoryWorld({ ...transport, taskRunner }, { tuning })();
  await createDocs(world.service, { shardCount: 2 });
  await world.service.insert({ ...DOCS, rows: docs(0, ROWS) });
  await world.service.flush(DOCS);
  return { world, service: world.service, open: resolve };
}

/** What a call is refused with, listened to from now on. */
async function failureOf(work: Promise<void>): Promise<unknown> {
  return await work.then(
    () => expect.unreachable('it did not fail'),
    (failure: unknown) => failure,
  );
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

async function rowsOf(service: Service): Promise<readonly number[]> {
  const [{ totalRows, indexedRows, pendingRows, buildingRows } = expect.unreachable()] =
    await service.describeIndexes(INDEX);
  return [totalRows, indexedRows, pendingRows, buildingRows];
}

describe('waiting for indexes', () => {
  it.each([
    ['directly', directCalls],
    ['by encoded calls', encodedTransport()],
  ])('ends when every sealed row is covered, on every shard, %s', async (_, transport) => {
    const { service, open } = await gated(undefined, transport);
    await service.createIndex(GRAPH);
    let isOver = false;
    const waiting = service.waitForIndexes(INDEX).then(() => {
      isOver = true;
    });
    await turns();
    expect(isOver).toBe(false);
    expect(await rowsOf(service)).toEqual([ROWS, 0, ROWS, 17]);
    open();
    await waiting;
    expect(await builtSegments(service)).toBe(2);
    expect(await rowsOf(service)).toEqual([ROWS, ROWS, 0, 0]);
    await service.waitForIndexes({ ...DOCS, indexName: '' });
  });

  it('ends with the reason when a build fails, and tries what failed again at once', async () => {
    let isFull = true;
    const { service, open } = await gated(() => isFull);
    open();
    await service.createIndex(GRAPH);
    const full = { reason: 'DiskLimitExceeded', fields: { free: 0 } };
    for (let i = 0; i < 3; i++) {
      await expect(service.waitForIndexes(INDEX)).rejects.toMatchObject(full);
      await turns();
    }
    isFull = false;
    await service.waitForIndexes(INDEX);
    expect(await builtSegments(service)).toBe(2);
  });

  it('ends with the call, the collection and the database', async () => {
    const { world, service, open } = await gated();
    await service.createIndex(GRAPH);
    const controller = new AbortController();
    const cancelled = service.waitForIndexes(INDEX, { signal: controller.signal });
    controller.abort();
    await expect(cancelled).rejects.toMatchObject({ reason: 'Cancelled' });
    const late = service.waitForIndexes(INDEX, { timeoutMs: 50 });
    await turns();
    world.clock.advance(51);
    await expect(late).rejects.toMatchObject({ reason: 'DeadlineExceeded' });
    const closed = failureOf(service.waitForIndexes(INDEX));
    await turns();
    const closing = world.close();
    open();
    await closing;
    expect(await closed).toMatchObject({ reason: 'Closed' });
    const other = await gated();
    await other.service.createIndex(GRAPH);
    const dropped = failureOf(other.service.waitForIndexes(INDEX));
    await turns();
    await other.service.dropCollection(DOCS);
    other.open();
    expect(await dropped).toMatchObject({ reason: 'CollectionNotFound' });
  });

  it('is refused for an index that is not there, and where nothing is built', async () => {
    const { world, service, open } = await gated();
    await expect(service.waitForIndexes(INDEX)).rejects.toMatchObject({ reason: 'IndexNotFound' });
    await service.createIndex(GRAPH);
    const reopening = world.reopen({ readOnly: true });
    open();
    const reader = await reopening;
    await expect(reader.waitForIndexes(INDEX)).rejects.toMatchObject({ reason: 'ReadOnly' });
  });

  it('is refused for an index that nothing builds', async () => {
    const unbuilt = { name: 'other', state: 'Unissued' } as IndexDescription;
    const look = async () => ({ indexes: [unbuilt], collectionId: 1, builds: [] });
    const waiting = untilIndexed(look, {} as { coordinator: never; shards: Shards }, {
      deadlineMs: null,
    });
    await expect(waiting).rejects.toMatchObject({ reason: 'Unimplemented' });
  });
});
