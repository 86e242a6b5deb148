/** The log over files: the whole port, truncation, and what reading costs. */
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import type { Disk } from '../../src/storage/disk.ts';
import { nodeDisk } from '../../src/storage/node-disk.ts';
import { fileLog } from '../../src/wal/file-log.ts';
import type { Log } from '../../src/wal/log.ts';
import { LOG_START, type Position } from '../../src/wal/position.ts';
import { type DiskCall, type Fault, SimDisk } from '../sim/sim-disk.ts';
import { temporaryDirectory } from '../storage/temporary-directory.ts';
import { idOf, logSuite, readAll, readIds, record } from '../suites/log-suite.ts';
import { filledDisk, fillFiles, simLog } from './sim-log.ts';

logSuite('file log on the file system', async () => {
  const directory = await temporaryDirectory();
  const again = (): Log =>
    fileLog({
      disk: nodeDisk(directory.path),
      clock: systemClock,
      random: systemRandom,
      durability: 'sync',
    });
  const log = again();
  return {
    log,
    again,
    dispose: async () => {
      await log[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
});

for (const durability of ['sync', 'os', 'memory'] as const) {
  logSuite(`file log on a simulated disk, durability ${durability}`, async () => {
    const disk = new SimDisk();
    const again = (): Log => simLog(disk, { durability });
    const log = again();
    return {
      log,
      // Without a wait for the disk there is no moment at which another object must see it.
      again: durability === 'memory' ? null : again,
      dispose: async () => {
        await log[Symbol.asyncDispose]();
        expect(disk.openFiles).toBe(0);
      },
    };
  });
}

describe('truncation', () => {
  it('removes whole files, oldest first, each durable before the next', async () => {
    const disk = new SimDisk({ recordTrace: true });
    const log = simLog(disk);
    const positions = await fillFiles(log, disk, 4);
    disk.trace.length = 0;
    await log.truncate(positions.at(-1) as Position);
    expect(disk.trace.filter((step) => /^(remove|syncDirectory)/.test(step))).toEqual([
      'remove wal/00000001-0000000000.log',
      'syncDirectory wal',
      'remove wal/00000001-0000000003.log',
      'syncDirectory wal',
      'remove wal/00000001-0000000005.log',
      'syncDirectory wal',
    ]);
  });

  it('removes ended terms and those that were never opened, but not the last', async () => {
    const { disk, log, positions } = await filledDisk();
    const writer = await simLog(disk).open(9);
    await writer.append(record(100));
    await log.truncate(writer.end);
    expect(disk.paths()).toEqual(['wal/00000009-0000000000.log']);
    expect(await readIds(log)).toEqual([100]);
    await expect(readIds(log, positions[0] as Position)).rejects.toMatchObject({
      reason: 'DataIntegrity',
    });
  });

  it('keeps every record from the truncation point on, wherever that lies', async () => {
    const disk = new SimDisk();
    const log = simLog(disk, { fileBytesMax: 1500 });
    const writer = await log.open(1);
    const positions: Position[] = [];
    for (let i = 0; i < 20; i++) positions.push(await writer.append(record(i, 300)));
    expect(disk.paths().length).toBeGreaterThan(4);
    for (const [i, position] of positions.entries()) {
      await log.truncate(position);
      expect(await readIds(log, position)).toEqual(Array.from({ length: 20 - i }, (_, k) => i + k));
    }
    expect(disk.paths().length).toBe(1);
  });

  it('counts only the files from a position on', async () => {
    const disk = new SimDisk();
    const log = simLog(disk);
    const positions = await fillFiles(log, disk, 3);
    const whole = await log.byteLength(LOG_START);
    const rest = await log.byteLength(positions.at(-1) as Position);
    expect(whole).toBe(disk.usedBytes);
    expect(rest).toBe(disk.bytesOf(disk.paths().at(-1) as string).length);
  });
});

/** Syncs of the directory can be held up, so that something else happens meanwhile. */
function heldDisk(disk: SimDisk): {
  disk: Disk;
  hold: () => { reached: Promise<void>; go: () => void };
} {
  let waiting: (() => Promise<void>) | null = null;
  const syncDirectory = async (directory: string): Promise<void> => {
    const wait = waiting;
    waiting = null;
    await wait?.();
    await disk.syncDirectory(directory);
  };
  const held = new Proxy<Disk>(disk, {
    get: (target, key) => {
      if (key === 'syncDirectory') return syncDirectory;
      const member: unknown = Reflect.get(target, key);
      if (typeof member !== 'function') return member;
      return (member as (...all: unknown[]) => unknown).bind(target);
    },
  });
  const hold = () => {
    const reached = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    waiting = () => {
      reached.resolve();
      return gate.promise;
    };
    return { reached: reached.promise, go: gate.resolve };
  };
  return { disk: held, hold };
}

describe('truncation beside a writer', () => {
  it('keeps the file of the last durable block while the next file has none', async () => {
    const sim = new SimDisk();
    const { disk, hold } = heldDisk(sim);
    const log = simLog(disk, { fileBytesMax: 1000 });
    const writer = await log.open(1);
    await writer.append(record(0, 200));
    await writer.append(record(1, 200));
    const end = writer.end;
    const { reached, go } = hold();
    const rolling = writer.append(record(2, 600));
    await reached;
    expect(sim.paths()).toHaveLength(2);
    await log.truncate(end);
    for (const { label, image } of sim.capture().states()) {
      const after = simLog(new SimDisk({ image }));
      expect(await after.tail(end), label).toMatchObject({ end, sealed: false, cutBytes: 0 });
      const next = await after.open(2);
      await next.append(record(9, 200));
      expect(await readIds(after, end), label).toEqual([9]);
    }
    go();
    await rolling;
    await log.truncate(end);
    expect(sim.paths()).toHaveLength(1);
    expect(await readIds(log, end)).toEqual([2]);
  });
});

describe('opening after a sync that failed', () => {
  it('makes durable what it read, although the system forgot that it is not', async () => {
    let isBroken = false;
    const fault = ({ kind }: DiskCall): Fault | null =>
      isBroken && kind === 'sync' ? { reason: 'IoFailed', loses: true } : null;
    const disk = new SimDisk({ fault });
    const log = simLog(disk);
    const writer = await log.open(1);
    await writer.append(record(0, 200));
    isBroken = true;
    await expect(writer.append(record(1, 200))).rejects.toMatchObject({ reason: 'IoFailed' });
    isBroken = false;

    const again = simLog(disk, { seed: 2 });
    const next = await again.open(2);
    await next.append(record(2, 200));
    expect(await readIds(again)).toEqual([0, 1, 2]);
    const after = simLog(new SimDisk({ image: disk.capture().lost().image }));
    expect(await readIds(after)).toEqual([0, 1, 2]);
  });
});

describe('the cost of reading', () => {
  it('checks a log of several files without copying payloads', async () => {
    const disk = new SimDisk();
    const log = simLog(disk);
    const writer = await log.open(1);
    await Promise.all(Array.from({ length: 20 }, (_, i) => writer.append(record(i, 1_000_000))));
    const buffers = new Set((await readAll(log)).map(({ payload }) => payload.buffer));
    expect(buffers.size).toBe((await disk.list('wal')).length);
    expect(idOf((await readAll(log))[7] as { payload: Uint8Array })).toBe(7);
  });
});

describe('a sealed log', () => {
  it('tells its end in a file of its own, so that what came before can go', async () => {
    const sim = new SimDisk();
    const log = simLog(sim);
    const writer = await log.open(1);
    await writer.append(record(0, 100_000));
    const { end } = writer;
    await writer.seal();
    expect(sim.paths()).toHaveLength(2);
    expect(await readIds(log)).toEqual([0]);
    await log.truncate(end);
    expect(sim.paths()).toHaveLength(1);
    for (const { label, image } of sim.capture().states()) {
      const after = simLog(new SimDisk({ image }));
      expect(await after.tail(end), label).toMatchObject({ sealed: true, cutBytes: 0 });
      const next = await after.open(2, (await after.tail(end)).end);
      await next.append(record(9));
      expect(await readIds(after, end), label).toEqual([9]);
    }
  });

  it('keeps every record at any crash while the seal gets its file', async () => {
    const sim = new SimDisk();
    const log = simLog(sim);
    const writer = await log.open(1);
    await writer.append(record(0, 100_000));
    const { end } = writer;
    const points: Array<ReturnType<SimDisk['capture']>> = [];
    const sealing = writer.seal();
    let isSealed = false;
    sealing.then(
      () => (isSealed = true),
      () => undefined,
    );
    while (!isSealed) {
      points.push(sim.capture());
      await Promise.resolve();
    }
    for (const point of points) {
      for (const { label, image } of point.states()) {
        const after = simLog(new SimDisk({ image }));
        expect(await readIds(after), label).toEqual([0]);
        expect((await after.tail(end)).end.term, label).toBe(1);
      }
    }
    expect(points.length).toBeGreaterThan(3);
  });
});
