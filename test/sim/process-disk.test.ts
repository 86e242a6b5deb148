import { describe, expect, it } from 'vitest';
import { ProcessDisk } from './process-disk.ts';
import { Model } from './model.ts';
import { checkLive } from './model-check.ts';
import { keyed } from './shapes.ts';
import { SimDisk } from './sim-disk.ts';
import { turns } from './simulated-engine.ts';
import { REF, Stage } from './stage.ts';

describe('ProcessDisk', () => {
  it('passes everything through while its process lives', async () => {
    const machine = new SimDisk();
    const disk = new ProcessDisk(machine);
    await disk.makeDirectory('a');
    const file = await disk.open('a/b', 'create');
    await file.write([Uint8Array.of(1, 2, 3)], 0);
    await file.sync();
    await file.truncate(2);
    expect(await file.byteLength()).toBe(2);
    const target = new Uint8Array(4);
    expect(await file.read(target, 0)).toBe(2);
    await file.close();
    await disk.rename('a/b', 'a/c');
    await disk.syncDirectory('a');
    expect(await disk.list('a')).toEqual(['c']);
    expect(await disk.byteLength('a/c')).toBe(2);
    expect(await disk.modifiedMs('a/c')).toBe(await machine.modifiedMs('a/c'));
    await disk.remove('a/c');
    expect(machine.paths()).toEqual([]);
  });

  it('refuses a killed process, through its open files too, and nobody else', async () => {
    const machine = new SimDisk();
    const disk = new ProcessDisk(machine);
    const file = await disk.open('b', 'create');
    await file.write([Uint8Array.of(1)], 0);
    disk.kill();
    await expect(disk.open('b', 'read')).rejects.toThrow('the process was killed');
    await expect(file.write([Uint8Array.of(2)], 0)).rejects.toThrow('the process was killed');
    expect(await new ProcessDisk(machine).byteLength('b')).toBe(1);
    expect(machine.bytesOf('b')).toEqual(Uint8Array.of(1));
  });

  it('ends a flush half-way when the engine is killed, and what comes after is not disturbed', async () => {
    const disk = new SimDisk();
    const stage = new Stage(keyed, { disk, seed: 1 }, () => undefined);
    await stage.open(new Model());
    await stage.create();
    await stage.insert(0, 12);
    const flushing = stage.sim.flush(REF);
    await turns(20);
    await stage.reopen('kill');
    expect((await flushing)?.message).toContain('the process was killed');
    await stage.insert(20, 2);
    await stage.flush();
    await stage.reopen('kill');
    await checkLive(stage.sim.model, stage.sim.service);
  });
});
