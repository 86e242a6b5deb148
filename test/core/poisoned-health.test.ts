import { describe, expect, it } from 'vitest';
import type { Disk, DiskFile } from '../../src/storage/disk.ts';
import { createDocs, DOCS, docs } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';
import { directCalls } from '../../src/core/engine.ts';

describe('the health of a database', () => {
  it('is bad from the first write of the log that failed on', async () => {
    let isBroken = false;
    const wrapFile = (file: DiskFile): DiskFile =>
      new Proxy(file, {
        get(target, key) {
          const member: unknown = Reflect.get(target, key);
          if (typeof member !== 'function') return member;
          return (...parameters: unknown[]): unknown => {
            if (isBroken && key === 'write') return Promise.reject(new Error('no space'));
            return (member as (...all: unknown[]) => unknown).apply(target, parameters);
          };
        },
      });
    const wrapDisk = (disk: Disk): Disk =>
      new Proxy(disk, {
        get(target, key) {
          const member: unknown = Reflect.get(target, key);
          if (typeof member !== 'function') return member;
          return (...parameters: unknown[]): unknown => {
            const answer: unknown = (member as (...all: unknown[]) => unknown).apply(
              target,
              parameters,
            );
            if (key !== 'open') return answer;
            return (answer as Promise<DiskFile>).then(wrapFile);
          };
        },
      });
    const world = await memoryWorld(directCalls, { wrapDisk, durability: 'sync' })();
    const { service } = world;
    await createDocs(service);
    await service.insert({ ...DOCS, rows: docs(0, 1) });
    await service.checkHealth();
    isBroken = true;
    await expect(service.insert({ ...DOCS, rows: docs(1, 2) })).rejects.toThrow('no space');
    await expect(service.checkHealth()).rejects.toMatchObject({ reason: 'WriterPoisoned' });
    isBroken = false;
    // What failed once is not tried again: not even the end of the log is written.
    await expect(service.checkHealth()).rejects.toMatchObject({ reason: 'WriterPoisoned' });
    await expect(world.close()).rejects.toThrow('no space');
  });
});
