/** A write that its caller gave up is there for every later read, or never comes. */
import { describe, expect, it } from 'vitest';
import { AcceptedWrites } from '../../src/core/accepted-writes.ts';
import { directCalls } from '../../src/core/engine.ts';
import type { Shards } from '../../src/core/ports.ts';
import type { Disk } from '../../src/storage/disk.ts';
import { createDocs, doc, DOCS, docs, tags } from '../suites/service-fixtures.ts';
import { memoryWorld } from '../suites/service-world.ts';

describe('accepted writes', () => {
  it('wait for those that were given up, and for no others', async () => {
    const writes = new AcceptedWrites();
    const { promise: never } = Promise.withResolvers<void>();
    writes.add({ deadlineMs: null }, never);
    writes.add({ deadlineMs: null, signal: new AbortController().signal }, never);
    expect(writes.hasAbandoned).toBe(false);
    await writes.abandonedSettled();
    const { promise, reject } = Promise.withResolvers<void>();
    writes.add({ deadlineMs: null, signal: AbortSignal.abort() }, promise);
    expect(writes.hasAbandoned).toBe(true);
    let isSettled = false;
    const settled = writes.abandonedSettled().then(() => {
      isSettled = true;
    });
    for (let turn = 0; turn < 100; turn++) await Promise.resolve();
    expect(isSettled).toBe(false);
    reject(new Error('refused'));
    await settled;
    expect(isSettled).toBe(true);
    expect(writes.hasAbandoned).toBe(false);
  });

  it('are seen by whoever reads after their caller gave up', async () => {
    const gate = new Gate();
    const between = { wrapDisk: slowLog(gate), durability: 'sync' } as const;
    const { service } = await memoryWorld(directCalls, between)();
    await createDocs(service);
    await service.insert({ ...DOCS, rows: docs(0, 2) });
    gate.close();
    const controller = new AbortController();
    const write = service.insert({ ...DOCS, rows: docs(2, 5) }, { signal: controller.signal });
    await gate.reached;
    controller.abort();
    await expect(write).rejects.toMatchObject({ reason: 'Cancelled' });
    const seen = service.count({ ...DOCS, consistencyLevel: 'Strong' });
    const first = await Promise.race([seen, manyTurns()]);
    expect(first, 'it waits for what the log has taken').toBe('still waiting');
    gate.open();
    expect(await seen).toBe(5);
  });

  it.each(['insert', 'upsert', 'delete'] as const)(
    'are none when the caller gave up before the append: %s',
    async (kind) => {
      const controller = new AbortController();
      let isArmed = false;
      // The call is on its way to the shard, behind the last look of the frontend.
      const shards = (port: Shards): Shards =>
        new Proxy(port, {
          get(target, key) {
            const original = Reflect.get(target, key) as (...all: unknown[]) => Promise<unknown>;
            return async (...all: unknown[]): Promise<unknown> => {
              if (isArmed && (key === 'insert' || key === 'delete')) controller.abort();
              return await original.apply(target, all);
            };
          },
        });
      const { service } = await memoryWorld({ ...directCalls, shards })();
      await createDocs(service);
      await service.insert({ ...DOCS, rows: docs(0, 3) });
      isArmed = true;
      const options = { signal: controller.signal };
      const write =
        kind === 'delete'
          ? service.delete({ ...DOCS, ids: [1n] }, options)
          : service[kind]({ ...DOCS, rows: [doc(1, 7), doc(9, 7)] }, options);
      await expect(write).rejects.toMatchObject({ reason: 'Cancelled' });
      isArmed = false;
      await service.insert({ ...DOCS, rows: [doc(5)] });
      expect(await tags(service)).toBe('0/0 1/0 2/0 5/0');
    },
  );
});

/** Everybody passes, or waits until it is opened. */
class Gate {
  readonly reached: Promise<void>;
  readonly #reach: () => void;
  #opened: Promise<void> | null = null;
  open: () => void = () => undefined;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.reached = promise;
    this.#reach = resolve;
  }

  close(): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#opened = promise;
    this.open = resolve;
  }

  async pass(): Promise<void> {
    if (this.#opened === null) return;
    this.#reach();
    await this.#opened;
  }
}

async function manyTurns(): Promise<'still waiting'> {
  for (let turn = 0; turn < 1000; turn++) await Promise.resolve();
  return 'still waiting';
}

/** A disk whose log files are written when the gate lets them. */
function slowLog(gate: Gate): (disk: Disk) => Disk {
  return (disk) =>
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
                if (method === 'write' && String(all[0]).startsWith('wal/')) await gate.pass();
                return await (call.apply(inner, rest) as Promise<unknown>);
              };
            },
          });
        };
      },
    });
}
