/** The log over files: the whole port, truncation, and what reading costs. */
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { nodeDisk } from '../../src/storage/node-disk.ts';
import { fileLog } from '../../src/wal/file-log.ts';
import type { Log } from '../../src/wal/log.ts';
import { LOG_START, type Position } from '../../src/wal/position.ts';
import { SimDisk } from '../sim/sim-disk.ts';
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
