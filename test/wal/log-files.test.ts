/** Which files and terms of a log directory count. */
import { describe, expect, it } from 'vitest';
import { highestTerm, listLogFiles, loadChain } from '../../src/wal/log-files.ts';
import type { Position } from '../../src/wal/position.ts';
import { SimDisk } from '../sim/sim-disk.ts';
import { readIds, record } from '../suites/log-suite.ts';
import { filledDisk, fillFiles, imageWith, simLog } from './sim-log.ts';

describe('the files of a log', () => {
  it('are listed in the order of their positions, and nothing else is', async () => {
    const { disk } = await filledDisk();
    const names = ['00000010-0000000000.log', '00000001-000000000a.log', 'notes.txt', '1.log.tmp'];
    for (const name of names) await (await disk.open(`wal/${name}`, 'create')).close();
    const files = await listLogFiles(disk, 'wal');
    expect(files.map(({ term, firstSequence }) => [term, firstSequence])).toEqual([
      [1, 0],
      [1, 10],
      [2, 0],
      [3, 0],
      [16, 0],
    ]);
    expect(highestTerm(await disk.list('wal'))).toBe(16);
    expect(highestTerm(['notes.txt'])).toBe(0);
  });

  it('form a chain of terms, followed down as far as it is needed', async () => {
    const { disk } = await filledDisk();
    const files = await listLogFiles(disk, 'wal');
    const whole = await loadChain(disk, files, 0);
    expect(
      whole.map(({ term, end, predecessor }) => [term, end?.sequence, predecessor?.term]),
    ).toEqual([
      [1, 5, 0],
      [2, 6, 1],
      [3, undefined, 2],
    ]);
    expect((await loadChain(disk, files, 2)).map(({ term }) => term)).toEqual([2, 3]);
    expect((await loadChain(disk, files, 9)).map(({ term }) => term)).toEqual([3]);
    expect(await loadChain(disk, [], 0)).toEqual([]);
  });

  it('reports a missing term that a later one rests upon', async () => {
    const { disk, positions } = await filledDisk();
    await disk.remove('wal/00000002-0000000000.log');
    await expect(readIds(simLog(disk), positions[0] as Position)).rejects.toMatchObject({
      reason: 'DataIntegrity',
    });
  });

  it('goes round a term that was never opened, whatever its file holds', async () => {
    const { disk, positions } = await filledDisk();
    const all = positions.map((_, i) => i);
    for (const content of [new Uint8Array(0), new Uint8Array(4096), new Uint8Array(50).fill(3)]) {
      const image = imageWith(disk, 'wal/00000004-0000000000.log', content);
      const log = simLog(new SimDisk({ image }));
      expect(await readIds(log)).toEqual(all);
      const writer = await log.open(5);
      await writer.append(record(60));
      expect(await readIds(log)).toEqual([...all, 60]);
    }
  });

  it('takes a file of zeros or an empty one behind whole files for a torn end', async () => {
    const disk = new SimDisk();
    const log = simLog(disk);
    const positions = await fillFiles(log, disk, 2);
    await log[Symbol.asyncDispose]();
    const path = disk.paths().at(-1) as string;
    const held = positions.length - 1;
    for (const content of [new Uint8Array(0), new Uint8Array(5000)]) {
      const torn = new SimDisk({ image: imageWith(disk, path, content) });
      expect((await readIds(simLog(torn))).length).toBe(held);
      const next = simLog(torn, { seed: 5 });
      const writer = await next.open(2);
      await writer.append(record(70));
      expect((await readIds(next)).at(-1)).toBe(70);
      expect((await readIds(next)).length).toBe(held + 1);
    }
  });

  it('takes a term for gone whose files that count are, while one behind its end is left', async () => {
    const disk = new SimDisk();
    const log = simLog(disk);
    const positions = await fillFiles(log, disk, 2);
    await log[Symbol.asyncDispose]();
    const behind = disk.paths().at(-1) as string;
    const torn = new SimDisk({ image: imageWith(disk, behind, new Uint8Array(0)) });
    const writer = await simLog(torn, { seed: 5 }).open(2);
    await writer.append(record(70));
    // The oldest goes first, and a crash may come between.
    await torn.remove('wal/00000001-0000000000.log');
    expect(await readIds(simLog(torn))).toEqual([70]);
    expect(await readIds(simLog(torn), positions.at(-1) as Position)).toEqual([70]);
    await expect(readIds(simLog(torn), positions.at(-2) as Position)).rejects.toThrow(
      'the file that held it is gone',
    );
  });
});
