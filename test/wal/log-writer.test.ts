/** Group commit, the three durabilities, and what a failure does to a writer. */
import { describe, expect, it } from 'vitest';
import type { MilvusError } from '../../src/base/errors.ts';
import { BLOCK_BYTES_TARGET, LOG_FILE_BYTES_MAX } from '../../src/base/limits.ts';
import { LOG_START } from '../../src/wal/position.ts';
import { SimClock } from '../sim/sim-clock.ts';
import { SimDisk } from '../sim/sim-disk.ts';
import { readAll, readIds, record } from '../suites/log-suite.ts';
import { filledDisk, fillFiles, simLog } from './sim-log.ts';

describe('group commit', () => {
  it('writes a lone append at once, and what comes meanwhile as one block', async () => {
    const disk = new SimDisk({ recordTrace: true });
    const log = simLog(disk);
    const writer = await log.open(1);
    const positions = await Promise.all(
      Array.from({ length: 10 }, (_, i) => writer.append(record(i))),
    );
    expect(positions.map(({ sequence }) => sequence)).toEqual([
      1,
      ...Array.from({ length: 9 }, () => 2),
    ]);
    expect(positions.map(({ index }) => index)).toEqual([0, 0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  it('has one block at a time that is not synced', async () => {
    const disk = new SimDisk({ recordTrace: true });
    const writer = await simLog(disk).open(1);
    disk.trace.length = 0;
    await Promise.all(Array.from({ length: 10 }, (_, i) => writer.append(record(i))));
    await writer.append(record(11));
    const steps = disk.trace
      .filter((step) => /^(write|sync) /.test(step))
      .map((step) => step.split(' ')[0]);
    expect(steps).toEqual(['write', 'sync', 'write', 'sync', 'write', 'sync']);
  });

  it('cuts blocks at the target, and gives a larger record a block of its own', async () => {
    const writer = await simLog(new SimDisk()).open(1);
    const sizes = [8, BLOCK_BYTES_TARGET / 2, BLOCK_BYTES_TARGET / 2, BLOCK_BYTES_TARGET + 1, 8];
    const positions = await Promise.all(sizes.map((size, i) => writer.append(record(i, size))));
    expect(positions.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5]);
  });

  it('begins a new file when one is full, its name durable before its first block', async () => {
    const disk = new SimDisk({ recordTrace: true });
    const log = simLog(disk);
    const positions = await fillFiles(log, disk, 3);
    const steps = disk.trace
      .filter((step) => /^(create|write|sync|syncDirectory|close) /.test(step))
      .map((step) => step.split(' ')[0]);
    expect(steps.slice(-7)).toEqual([
      'write',
      'sync',
      'close',
      'create',
      'syncDirectory',
      'write',
      'sync',
    ]);
    for (const path of disk.paths()) {
      expect(disk.bytesOf(path).length).toBeLessThanOrEqual(LOG_FILE_BYTES_MAX);
    }
    expect(await readIds(log)).toEqual(positions.map((_, i) => i));
  });

  it('opens a term in the order that its promises need', async () => {
    const { disk } = await filledDisk({ recordTrace: true });
    disk.trace.length = 0;
    await simLog(disk).open(8);
    const steps = disk.trace.filter((step) => /^(create|write|sync|syncDirectory) /.test(step));
    expect(steps).toEqual([
      'create wal/00000008-0000000000.log',
      'syncDirectory wal',
      'write wal/00000003-0000000000.log',
      'sync wal/00000003-0000000000.log',
      'write wal/00000008-0000000000.log',
      'sync wal/00000008-0000000000.log',
    ]);
  });
});

describe('durability', () => {
  it('os acknowledges before the sync, which comes within a second', async () => {
    const disk = new SimDisk({ recordTrace: true });
    const clock = new SimClock();
    const writer = await simLog(disk, { durability: 'os', clock }).open(1);
    disk.trace.length = 0;
    await writer.append(record(1));
    await writer.append(record(2));
    expect(disk.trace.some((step) => step.startsWith('sync'))).toBe(false);
    clock.advance(1000);
    await writer.append(record(3));
    expect(disk.trace.filter((step) => step.startsWith('sync')).length).toBe(1);
  });

  it('os loses a suffix and never more, whatever the crash', async () => {
    const disk = new SimDisk();
    const clock = new SimClock();
    const writer = await simLog(disk, { durability: 'os', clock }).open(1);
    for (let i = 0; i < 3; i++) await writer.append(record(i, 600));
    clock.advance(1000);
    for (let i = 3; i < 6; i++) await writer.append(record(i, 600));
    for (const state of disk.capture().states()) {
      const ids = await readIds(simLog(new SimDisk({ image: state.image })));
      expect(ids, state.label).toEqual(Array.from({ length: ids.length }, (_, i) => i));
      expect(ids.length, state.label).toBeGreaterThanOrEqual(3);
    }
  });

  it('memory acknowledges before anything is written', async () => {
    const disk = new SimDisk({ turns: () => 3 });
    const log = simLog(disk, { durability: 'memory' });
    const writer = await log.open(1);
    const positions = await Promise.all([writer.append(record(1)), writer.append(record(2))]);
    expect(disk.bytesOf('wal/00000001-0000000000.log').length).toBe(112);
    expect((await readAll(log)).map(({ position }) => position)).toEqual(positions);
  });

  it('sets no timer in sync mode', async () => {
    const clock = new SimClock();
    const writer = await simLog(new SimDisk(), { clock }).open(1);
    await writer.append(record(1));
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves no timer behind when it is sealed or disposed of', async () => {
    const clock = new SimClock();
    const log = simLog(new SimDisk(), { clock, durability: 'os' });
    await (await log.open(1)).append(record(1));
    const writer = await log.open(2);
    await writer.append(record(1));
    await writer.seal();
    const last = await log.open(3);
    await last.append(record(1));
    await log[Symbol.asyncDispose]();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('a writer that failed', () => {
  for (const kind of ['write', 'sync'] as const) {
    it(`refuses everything after a failed ${kind}, and never tries it again`, async () => {
      let isFailing = false;
      let tries = 0;
      const disk = new SimDisk({
        fault: (call) => {
          if (!isFailing || call.kind !== kind) return null;
          tries += 1;
          return { reason: 'IoFailed', applied: 7 };
        },
      });
      const log = simLog(disk);
      const writer = await log.open(1);
      await writer.append(record(1));
      isFailing = true;
      const [inFlight, queued] = await Promise.allSettled([
        writer.append(record(2)),
        writer.append(record(3)),
      ]);
      isFailing = false;
      expect(inFlight).toMatchObject({ reason: { reason: 'IoFailed' } });
      expect(queued).toMatchObject({
        reason: { reason: 'WriterPoisoned', cause: { reason: 'IoFailed' } },
      });
      await expect(writer.append(record(4))).rejects.toMatchObject({ reason: 'WriterPoisoned' });
      await expect(writer.seal()).rejects.toMatchObject({ reason: 'WriterPoisoned' });
      expect(tries).toBe(1);
      expect(writer.queuedBytes).toBe(0);
      const next = await log.open(2);
      await next.append(record(5));
      const ids = await readIds(log);
      expect(ids.filter((id) => id !== 2)).toEqual([1, 5]);
    });
  }

  it('loses nothing when the disk was full and has space again', async () => {
    const disk = new SimDisk();
    const log = simLog(disk);
    const writer = await log.open(1);
    await writer.append(record(1, 1000));
    disk.capacityBytes = disk.usedBytes + 500;
    await expect(writer.append(record(2, 1000))).rejects.toMatchObject({
      reason: 'DiskLimitExceeded',
      code: 7,
    });
    await expect(writer.append(record(3, 10))).rejects.toMatchObject({ reason: 'WriterPoisoned' });
    expect(await readIds(log)).toEqual([1]);
    disk.capacityBytes = Number.POSITIVE_INFINITY;
    expect((await simLog(disk).tail(LOG_START)).cutBytes).toBe(500);
    const next = await log.open(2);
    await next.append(record(4));
    expect(await readIds(log)).toEqual([1, 4]);
  });

  it('shows a failed background sync at the next append, without trying again', async () => {
    let syncs = 0;
    let isFailing = false;
    const disk = new SimDisk({
      fault: (call) => {
        if (call.kind !== 'sync' || !isFailing) return null;
        syncs += 1;
        return { reason: 'IoFailed', loses: true };
      },
    });
    const clock = new SimClock();
    const writer = await simLog(disk, { durability: 'os', clock }).open(1);
    await writer.append(record(1));
    isFailing = true;
    clock.advance(1000);
    await Promise.resolve();
    for (let i = 0; i < 10; i++) await Promise.resolve();
    await expect(writer.append(record(2))).rejects.toMatchObject({ reason: 'WriterPoisoned' });
    await expect(writer.seal()).rejects.toMatchObject({ reason: 'WriterPoisoned' });
    expect(syncs).toBe(1);
  });

  it('does not sync again after a background sync failed, not even to begin a new file', async () => {
    let syncs = 0;
    let isFailing = false;
    const disk = new SimDisk({
      turns: ({ kind }) => (kind === 'sync' ? 5 : 0),
      fault: ({ kind }) => {
        if (kind !== 'sync' || !isFailing) return null;
        syncs += 1;
        return { reason: 'IoFailed', loses: true };
      },
    });
    const clock = new SimClock();
    const log = simLog(disk, { durability: 'os', clock, fileBytesMax: 1500 });
    const writer = await log.open(1);
    await writer.append(record(1, 1000));
    isFailing = true;
    clock.advance(1000);
    await expect(writer.append(record(2, 1000))).rejects.toMatchObject({
      reason: 'WriterPoisoned',
    });
    expect(syncs).toBe(1);
    expect(disk.paths().length).toBe(1);
  });

  it('gets every call of a disk right that fails once, whichever it is', async () => {
    for (let failing = 0; ; failing++) {
      let failed = false;
      const disk = new SimDisk({
        fault: (call) => {
          if (call.number !== failing) return null;
          failed = true;
          return { reason: 'IoFailed' };
        },
      });
      const acknowledged: number[] = [];
      const attempted: number[] = [];
      for (let term = 1; term <= 3; term++) {
        const log = simLog(disk, { seed: term });
        try {
          const writer = await log.open(term);
          for (let i = 0; i < 3; i++) {
            const id = term * 10 + i;
            attempted.push(id);
            await writer.append(record(id));
            acknowledged.push(id);
          }
          if (term === 2) await writer.seal();
        } catch (error) {
          expect(['IoFailed', 'WriterPoisoned']).toContain((error as MilvusError).reason);
        }
        await Promise.allSettled([log[Symbol.asyncDispose]()]);
      }
      expect(disk.openFiles).toBe(0);
      const ids = await readIds(simLog(new SimDisk({ image: disk.capture().kept().image })));
      expect(
        ids.filter((id) => acknowledged.includes(id)),
        `call ${failing}`,
      ).toEqual(acknowledged);
      expect(ids.every((id) => attempted.includes(id))).toBe(true);
      if (!failed) break;
    }
  });
});
