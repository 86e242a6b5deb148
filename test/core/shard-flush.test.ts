/** Flushes that fail, and what comes between their steps. */
import { describe, expect, it } from 'vitest';
import { milvusError } from '../../src/base/errors.ts';
import { directCalls, type Transport } from '../../src/core/engine.ts';
import type { SegmentHost } from '../../src/core/ports.ts';
import type { Disk } from '../../src/storage/disk.ts';
import { createDocs, doc, DOCS, docs, tags } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';

/** Runs `before` ahead of each call of one method of the host. */
function hostWith(method: keyof SegmentHost, before: () => Promise<void>): Transport {
  const segmentHost = (port: SegmentHost): SegmentHost =>
    new Proxy(port, {
      get(target, key) {
        const original = Reflect.get(target, key) as (...all: unknown[]) => Promise<unknown>;
        return async (...all: unknown[]): Promise<unknown> => {
          if (key === method) await before();
          return await original.apply(target, all);
        };
      },
    });
  return { ...directCalls, segmentHost };
}

/** Fails to create files whose path `isBroken` finds. */
function diskThatFails(disk: Disk, isBroken: (path: string) => boolean): Disk {
  return new Proxy(disk, {
    get(target, key) {
      const original = Reflect.get(target, key) as (...all: unknown[]) => Promise<unknown>;
      return async (...all: unknown[]): Promise<unknown> => {
        const [path, mode] = all;
        if (key === 'open' && mode === 'create' && isBroken(String(path))) {
          throw milvusError('DiskLimitExceeded', { fields: { path: String(path) } });
        }
        return await original.apply(target, all);
      };
    },
  });
}

describe('a flush', () => {
  it.each(['segments/', 'manifests/'])(
    'that cannot write %s leaves rows readable and the next one takes them',
    async (prefix) => {
      let isFull = false;
      const wrapDisk = (disk: Disk): Disk =>
        diskThatFails(disk, (path) => isFull && path.startsWith(prefix));
      const world = await memoryWorld(directCalls, { wrapDisk })();
      const { service } = world;
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 4) });
      await service.flush(DOCS);
      await service.insert({ ...DOCS, rows: docs(4, 8) });
      await service.delete({ ...DOCS, ids: [1n, 5n] });
      isFull = true;
      await expect(service.flush(DOCS)).rejects.toMatchObject({ reason: 'DiskLimitExceeded' });
      await service.upsert({ ...DOCS, rows: [doc(2, 1), doc(6, 1)] });
      expect(await tags(service)).toBe('0/0 2/1 3/0 4/0 6/1 7/0');
      isFull = false;
      await service.flush(DOCS);
      expect(await tags(service)).toBe('0/0 2/1 3/0 4/0 6/1 7/0');
      const [state] = await service.shardStates(DOCS);
      expect(state?.segments.every((segment) => segment.state === 'sealed')).toBe(true);
      expect(await tags(await world.reopen())).toBe('0/0 2/1 3/0 4/0 6/1 7/0');
    },
  );

  it.each(['assign', 'checkpointDeletes'] as const)(
    'shows rows once and sees deletes that come before %s',
    async (method) => {
      let meanwhile = async (): Promise<void> => undefined;
      const world = await memoryWorld(hostWith(method, () => meanwhile()))();
      const { service } = world;
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 6) });
      const seen: string[] = [];
      meanwhile = async () => {
        meanwhile = async () => undefined;
        seen.push(await tags(service));
        await service.delete({ ...DOCS, ids: [1n] });
        await service.upsert({ ...DOCS, rows: [doc(2, 1)] });
        await service.insert({ ...DOCS, rows: [doc(3, 1), doc(9)] });
        seen.push(await tags(service));
      };
      await service.flush(DOCS);
      const expected = '0/0 2/1 3/1 4/0 5/0 9/0';
      expect(seen).toEqual(['0/0 1/0 2/0 3/0 4/0 5/0', expected]);
      expect(await tags(service)).toBe(expected);
      await service.flush(DOCS);
      await service.compact(DOCS);
      expect(await tags(service)).toBe(expected);
      expect(await tags(await world.reopen())).toBe(expected);
    },
  );

  it('waits for another, and several at once change nothing', async () => {
    const { service } = await memoryWorld()();
    await createDocs(service);
    await service.insert({ ...DOCS, rows: docs(0, 4) });
    await Promise.all([service.flush(DOCS), service.flush(DOCS), service.flush(DOCS)]);
    const [state] = await service.shardStates(DOCS);
    expect(state?.segments.map(({ rowCount }) => rowCount)).toEqual([4]);
    expect(state?.manifestVersion).toBe(1);
  });

  it('of nothing writes nothing', async () => {
    const { service } = await memoryWorld()();
    await createDocs(service);
    const [state] = await service.flush(DOCS);
    expect(state).toMatchObject({ manifestVersion: 0, segments: [] });
  });
});
