/** File logs on simulated disks, for the tests of this folder. */
import { LOG_FILE_BYTES_MAX } from '../../src/base/limits.ts';
import type { Disk } from '../../src/storage/disk.ts';
import { fileLog } from '../../src/wal/file-log.ts';
import type { Durability, Log } from '../../src/wal/log.ts';
import type { Position } from '../../src/wal/position.ts';
import { SeededRandom } from '../sim/seeded-random.ts';
import { SimClock } from '../sim/sim-clock.ts';
import { SimDisk, type SimDiskOptions } from '../sim/sim-disk.ts';
import type { DiskImage } from '../sim/crash-point.ts';
import { record } from '../suites/log-suite.ts';

/** Bytes of a block with one record of 200 bytes. */
export const BLOCK_BYTES = 304;

export interface SimLogOptions {
  readonly durability?: Durability;
  readonly clock?: SimClock;
  readonly seed?: number;
  readonly fileBytesMax?: number;
}

export function simLog(disk: Disk, options: SimLogOptions = {}): Log {
  return fileLog({
    disk,
    clock: options.clock ?? new SimClock(),
    random: new SeededRandom(options.seed ?? 1),
    durability: options.durability ?? 'sync',
    fileBytesMax: options.fileBytesMax ?? LOG_FILE_BYTES_MAX,
  });
}

/** A log of three terms with four records of 200 bytes each, the second one sealed. */
export async function filledDisk(
  options: SimDiskOptions = {},
): Promise<{ disk: SimDisk; positions: Position[]; log: Log }> {
  const disk = new SimDisk(options);
  const positions: Position[] = [];
  for (let term = 1; term <= 3; term++) {
    const log = simLog(disk, { seed: term });
    const writer = await log.open(term);
    for (let i = 0; i < 4; i++) positions.push(await writer.append(record(positions.length, 200)));
    if (term === 2) await writer.seal();
    await log[Symbol.asyncDispose]();
  }
  return { disk, positions, log: simLog(disk, { seed: 9 }) };
}

/** Appends in term 1 until there are `count` files in the log's directory. */
export async function fillFiles(log: Log, disk: SimDisk, count: number): Promise<Position[]> {
  const writer = await log.open(1);
  const positions: Position[] = [];
  while ((await disk.list('wal')).length < count) {
    positions.push(await writer.append(record(positions.length, LOG_FILE_BYTES_MAX / 3)));
  }
  return positions;
}

/** What the disk holds now, with one file's bytes replaced. */
export function imageWith(disk: SimDisk, path: string, bytes: Uint8Array): DiskImage {
  const { image } = disk.capture().kept();
  const files = new Map(image.files).set(path, { bytes: bytes.slice(), byteLength: bytes.length });
  return { files, directories: image.directories };
}
