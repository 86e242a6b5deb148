/** Reading a log from any position, and telling a torn end from damage. */
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../src/base/checksum.ts';
import type { OpenMode } from '../../src/storage/disk.ts';
import { LOG_START, type Position } from '../../src/wal/position.ts';
import { SimDisk } from '../sim/sim-disk.ts';
import { readAll, readIds, record } from '../suites/log-suite.ts';
import { BLOCK_BYTES, filledDisk, fillFiles, imageWith, simLog } from './sim-log.ts';

describe('reading', () => {
  it('goes through terms and files', async () => {
    const { log, positions } = await filledDisk();
    expect(await readIds(log)).toEqual(positions.map((_, i) => i));
    for (const [i, position] of positions.entries()) {
      expect((await readIds(log, position))[0]).toBe(i);
    }
  });

  it('gives payloads that begin at multiples of 8', async () => {
    const { log } = await filledDisk();
    for (const entry of await readAll(log)) expect(entry.payload.byteOffset % 8).toBe(0);
  });

  it('refuses a position that is not held any more', async () => {
    const disk = new SimDisk();
    const log = simLog(disk);
    const positions = await fillFiles(log, disk, 4);
    const last = positions.at(-1) as Position;
    await log.truncate(last);
    expect(disk.paths().length).toBe(1);
    expect(await readIds(log, last)).toEqual([positions.length - 1]);
    await expect(readIds(log, positions[0] as Position)).rejects.toMatchObject({
      reason: 'DataIntegrity',
      fields: { position: '1/1/0' },
    });
    await expect(readIds(log, { term: 9, sequence: 0, index: 0 })).rejects.toMatchObject({
      reason: 'DataIntegrity',
    });
  });

  it('refuses a log that ends before the position asked for', async () => {
    const disk = new SimDisk();
    const log = simLog(disk);
    const writer = await log.open(1);
    await writer.append(record(1));
    await expect(readIds(simLog(disk), { term: 1, sequence: 7, index: 0 })).rejects.toMatchObject({
      reason: 'DataIntegrity',
      fields: { file: 'wal/00000001-0000000000.log', offset: 224 },
    });
  });

  it('is content with a shorter log where acknowledged records were not durable', async () => {
    const disk = new SimDisk();
    const writer = await simLog(disk, { durability: 'os' }).open(1);
    await writer.append(record(1));
    expect(await readIds(simLog(disk), { term: 1, sequence: 7, index: 0 })).toEqual([]);
  });
});

describe('a log that was damaged', () => {
  it('is cut at a torn last block, which is reported', async () => {
    const { disk } = await filledDisk();
    const path = disk.paths().at(-1) as string;
    const whole = disk.bytesOf(path);
    for (let cut = 1; cut <= BLOCK_BYTES; cut += 3) {
      const torn = new SimDisk({
        image: imageWith(disk, path, whole.subarray(0, whole.length - cut)),
      });
      const log = simLog(torn);
      expect(await readIds(log)).toEqual(Array.from({ length: 11 }, (_, i) => i));
      const tail = await log.tail(LOG_START);
      expect(tail).toMatchObject({
        end: { term: 3, sequence: 4 },
        sealed: false,
        cutBytes: BLOCK_BYTES - cut,
      });
      const writer = await log.open(4);
      await writer.append(record(50));
      expect(await readIds(log)).toEqual([...Array.from({ length: 11 }, (_, i) => i), 50]);
    }
  });

  it('reports any other missing end', async () => {
    const { disk } = await filledDisk();
    const [first] = disk.paths() as [string, ...string[]];
    const whole = disk.bytesOf(first);
    for (let length = 0; length < whole.length; length += 7) {
      const log = simLog(new SimDisk({ image: imageWith(disk, first, whole.subarray(0, length)) }));
      await expect(readIds(log)).rejects.toMatchObject({
        reason: 'DataIntegrity',
        fields: { file: first },
      });
    }
  });

  it('reports every flipped bit, or cuts only the last block, or changes no answer', async () => {
    const { disk, positions } = await filledDisk();
    const all = positions.map((_, i) => i);
    let detected = 0;
    for (const path of disk.paths()) {
      const { length } = disk.bytesOf(path);
      const isLast = path === disk.paths().at(-1);
      for (let offset = 0; offset < length; offset++) {
        const damaged = new SimDisk({ image: disk.capture().kept().image });
        damaged.flipBit(path, offset, offset % 8);
        const log = simLog(damaged);
        try {
          const ids = await readIds(log);
          const tail = await log.tail(LOG_START);
          if (tail.cutBytes === 0) expect(ids, `${path} at ${offset}`).toEqual(all);
          else {
            expect(isLast && offset >= length - BLOCK_BYTES, `${path} at ${offset}`).toBe(true);
            expect(ids).toEqual(all.slice(0, 11));
          }
        } catch (error) {
          expect(error).toMatchObject({ reason: 'DataIntegrity' });
          detected += 1;
        }
      }
    }
    expect(detected).toBeGreaterThan(2000);
  });

  it('reports a block that is valid in itself and belongs to another history', async () => {
    const [ours, theirs] = [new SimDisk(), new SimDisk()];
    for (const [disk, id] of [
      [ours, 1],
      [theirs, 2],
    ] as const) {
      const writer = await simLog(disk).open(1);
      for (const one of [record(0), record(id), record(3)]) await writer.append(one);
    }
    const [path] = ours.paths() as [string];
    const mixed = ours.bytesOf(path);
    const block = 112 + 112;
    mixed.set(theirs.bytesOf(path).subarray(block, block + 112), block);
    await expect(
      readIds(simLog(new SimDisk({ image: imageWith(ours, path, mixed) }))),
    ).rejects.toMatchObject({
      reason: 'DataIntegrity',
      fields: { file: path, offset: block + 112 },
    });
  });

  it('reports a missing file between others', async () => {
    const disk = new SimDisk();
    const log = simLog(disk);
    await fillFiles(log, disk, 4);
    await log[Symbol.asyncDispose]();
    await disk.remove(disk.paths()[1] as string);
    await expect(readIds(simLog(disk))).rejects.toMatchObject({ reason: 'DataIntegrity' });
  });

  it('reports bytes behind a seal', async () => {
    const disk = new SimDisk();
    const log = simLog(disk);
    await (await log.open(1)).seal();
    const [path] = disk.paths() as [string];
    const bytes = disk.bytesOf(path);
    const longer = new Uint8Array(bytes.length + 9).fill(1);
    longer.set(bytes);
    await expect(
      simLog(new SimDisk({ image: imageWith(disk, path, longer) })).tail(LOG_START),
    ).rejects.toMatchObject({ reason: 'DataIntegrity' });
  });

  it('says which file is of a newer format', async () => {
    const { disk } = await filledDisk();
    const path = disk.paths()[0] as string;
    const bytes = disk.bytesOf(path);
    bytes[4] = 2;
    new DataView(bytes.buffer).setUint32(76, crc32(bytes.subarray(0, 76)), true);
    const log = simLog(new SimDisk({ image: imageWith(disk, path, bytes) }));
    await expect(readIds(log)).rejects.toMatchObject({
      reason: 'FormatNotSupported',
      fields: { file: path, version: 2, supported: 1 },
    });
  });

  it('is not fooled by a copy of a block in a payload', async () => {
    const disk = new SimDisk();
    const log = simLog(disk);
    const writer = await log.open(1);
    await writer.append(record(1));
    const copy = disk.bytesOf('wal/00000001-0000000000.log');
    await writer.append({ kind: 1, shardId: 0, timestamp: 9n, payload: [copy.slice()] });
    const path = 'wal/00000001-0000000000.log';
    const bytes = disk.bytesOf(path);
    const torn = simLog(
      new SimDisk({ image: imageWith(disk, path, bytes.subarray(0, bytes.length - 1)) }),
    );
    expect(await readIds(torn)).toEqual([1]);
  });

  it('is read while another process is in the middle of a write', async () => {
    const { disk, positions } = await filledDisk();
    const path = disk.paths().at(-1) as string;
    const whole = disk.bytesOf(path);
    // The first read of the file sees an old page before and a new one behind it.
    const stale = whole.slice();
    stale.fill(0, 112, 400);
    const racing = new SimDisk({ image: imageWith(disk, path, stale) });
    const written = new SimDisk({ image: imageWith(disk, path, whole) });
    let opens = 0;
    const log = simLog(
      new Proxy(racing, {
        get: (target, name) => {
          if (name !== 'open') return (Reflect.get(target, name) as () => unknown).bind(target);
          return (file: string, mode: OpenMode) => {
            // The first opening reads the term's only file, the second looks again.
            if (file === path) opens += 1;
            return (opens < 2 ? target : written).open(file, mode);
          };
        },
      }),
    );
    expect(await readIds(log)).toEqual(positions.map((_, i) => i));
  });
});
