import { describe, expect, it } from 'vitest';
import { SimClock } from './sim-clock.ts';
import type { CrashState } from './crash-point.ts';
import { SeededRandom } from './seeded-random.ts';
import { SimCrash, SimDisk } from './sim-disk.ts';
import { diskSuite } from '../suites/disk-suite.ts';

diskSuite('simulated disk', async () => {
  const disk = new SimDisk({ clock: new SimClock() });
  return { disk, dispose: async () => expect(disk.openFiles).toBe(0) };
});

diskSuite('simulated disk whose calls take turns', async () => {
  const random = new SeededRandom(1);
  const disk = new SimDisk({ turns: () => random.integer(4) });
  return { disk, dispose: async () => undefined };
});

function contents(state: CrashState): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [path, { bytes, byteLength }] of state.image.files) {
    found[path] = Buffer.from(bytes.subarray(0, byteLength)).toString();
  }
  return found;
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

describe('a simulated crash', () => {
  it('keeps what was synced and nothing else for certain', async () => {
    const disk = new SimDisk();
    const file = await disk.open('a', 'create');
    await file.write([text('one')], 0);
    expect(contents(disk.capture().lost())).toEqual({});
    await file.sync();
    expect(contents(disk.capture().lost())).toEqual({});
    await disk.syncDirectory('');
    expect(contents(disk.capture().lost())).toEqual({ a: 'one' });
    await file.write([text('two')], 3);
    expect(contents(disk.capture().lost())).toEqual({ a: 'one' });
    expect(contents(disk.capture().kept())).toEqual({ a: 'onetwo' });
  });

  it('may keep a name without its bytes, and bytes in any order', async () => {
    const disk = new SimDisk();
    const file = await disk.open('a', 'create');
    await file.write([text('AA')], 0);
    await file.write([text('BB')], 2);
    const found = [...disk.capture().states()].map((state) => contents(state)['a']);
    expect(found).toContain(undefined);
    expect(found).toContain('');
    expect(found).toContain('AA');
    expect(found).toContain('\0\0BB');
    expect(found).toContain('AABB');
    expect(found).toContain('AA\0\0');
  });

  it('tears a write at sectors of 512 bytes and of 4 KiB', async () => {
    const disk = new SimDisk();
    const file = await disk.open('a', 'create');
    await disk.syncDirectory('');
    await file.write([new Uint8Array(8192).fill(65)], 0);
    const lengths = new Set<number>();
    const first = new Set<number>();
    for (const state of disk.capture().states()) {
      const content = contents(state)['a'] ?? '';
      lengths.add(content.length);
      first.add(content.indexOf('\0'));
    }
    expect([...lengths].sort((a, b) => a - b)).toEqual([0, 4096, 8192]);
    expect(first).toContain(512);
    expect(first).toContain(4096);
  });

  it('renames whole or not at all', async () => {
    const disk = new SimDisk();
    for (const [path, content] of [
      ['a', 'new'],
      ['b', 'old'],
    ] as const) {
      const file = await disk.open(path, 'create');
      await file.write([text(content)], 0);
      await file.sync();
    }
    await disk.syncDirectory('');
    await disk.rename('a', 'b');
    const found = [...disk.capture().states()].map(contents);
    expect(found).toEqual([{ a: 'new', b: 'old' }, { b: 'new' }]);
    await disk.syncDirectory('');
    expect([...disk.capture().states()].map(contents)).toEqual([{ b: 'new' }]);
  });

  it('may bring back what was removed, until the directory is synced', async () => {
    const disk = new SimDisk();
    await (await disk.open('a', 'create')).close();
    await disk.syncDirectory('');
    await disk.remove('a');
    expect([...disk.capture().states()].map((state) => Object.keys(contents(state)))).toEqual([
      ['a'],
      [],
    ]);
    await disk.syncDirectory('');
    expect([...disk.capture().states()].map((state) => Object.keys(contents(state)))).toEqual([[]]);
  });

  it('does not bring back a name that was renamed into another, synced directory', async () => {
    const disk = new SimDisk();
    await disk.makeDirectory('x');
    await (await disk.open('a', 'create')).close();
    await disk.rename('a', 'x/a');
    await disk.syncDirectory('x');
    await disk.syncDirectory('');
    expect(Object.keys(contents(disk.capture().lost()))).toEqual(['x/a']);
  });

  it('gives states that stay as they are while the disk goes on', async () => {
    const disk = new SimDisk();
    const file = await disk.open('a', 'create');
    await file.write([text('one')], 0);
    await file.sync();
    await disk.syncDirectory('');
    const before = disk.capture();
    const state = before.kept();
    const reopened = new SimDisk({ image: state.image });
    await file.write([text('XX')], 0);
    await file.truncate(1);
    await file.write([text('more')], 1);
    await file.sync();
    const other = await reopened.open('a', 'write');
    await other.write([text('!')], 3);
    expect(contents(before.kept())).toEqual({ a: 'one' });
    expect(contents(state)).toEqual({ a: 'one' });
    expect(Buffer.from(reopened.bytesOf('a')).toString()).toBe('one!');
    expect(Buffer.from(disk.bytesOf('a')).toString()).toBe('Xmore');
  });

  it('has equal hashes for equal images only', async () => {
    const disk = new SimDisk();
    const file = await disk.open('a', 'create');
    await file.write([text('one')], 0);
    const unsynced = disk.capture().kept().hash;
    await file.sync();
    await disk.syncDirectory('');
    expect(disk.capture().lost().hash).toBe(unsynced);
    await file.write([text('2')], 0);
    expect(disk.capture().kept().hash).not.toBe(unsynced);
  });

  it('stops everything at the chosen operation', async () => {
    const disk = new SimDisk({ crashAt: 2 });
    const file = await disk.open('a', 'create');
    await file.write([text('one')], 0);
    await expect(file.sync()).rejects.toBeInstanceOf(SimCrash);
    await expect(disk.list('')).rejects.toBeInstanceOf(SimCrash);
    await expect(disk.makeDirectory('')).rejects.toBeInstanceOf(SimCrash);
    expect(disk.isCrashed).toBe(true);
    expect(contents(disk.capture().lost())).toEqual({});
  });

  it('is random by a seed', async () => {
    const disk = new SimDisk();
    const file = await disk.open('a', 'create');
    for (let i = 0; i < 20; i++) await file.write([new Uint8Array(2000).fill(i + 1)], i * 2000);
    const hashes = (seed: number): string[] => {
      const random = new SeededRandom(seed);
      return Array.from({ length: 20 }, () => disk.capture().random(random).hash);
    };
    expect(hashes(1)).toEqual(hashes(1));
    expect(new Set(hashes(1)).size).toBeGreaterThan(5);
    expect(hashes(1)).not.toEqual(hashes(2));
  });
});

describe('a simulated fault', () => {
  it('is reported without effect, in part or after its effect', async () => {
    let applied: 'all' | number | undefined;
    const disk = new SimDisk({
      fault: ({ kind }) => {
        if (kind !== 'write') return null;
        return applied === undefined ? { reason: 'IoFailed' } : { reason: 'IoFailed', applied };
      },
    });
    const file = await disk.open('a', 'create');
    for (const [how, length] of [
      [undefined, 0],
      [2, 2],
      ['all', 5],
    ] as const) {
      applied = how;
      await expect(file.write([text('abcde')], 0)).rejects.toMatchObject({ reason: 'IoFailed' });
      expect(await file.byteLength()).toBe(length);
    }
  });

  it('of a sync can lose what was not synced for good', async () => {
    let isFailing = true;
    const disk = new SimDisk({
      fault: ({ kind }) =>
        kind === 'sync' && isFailing ? { reason: 'IoFailed', loses: true } : null,
    });
    const file = await disk.open('a', 'create');
    await disk.syncDirectory('');
    await file.write([text('lost')], 0);
    await expect(file.sync()).rejects.toMatchObject({ reason: 'IoFailed' });
    isFailing = false;
    await file.write([text('kept')], 4);
    await file.sync();
    expect(Buffer.from(disk.bytesOf('a')).toString()).toBe('lostkept');
    expect(contents(disk.capture().kept())).toEqual({ a: '\0\0\0\0kept' });
  });

  it('of space writes what fits and no more', async () => {
    const disk = new SimDisk({ capacityBytes: 10 });
    const file = await disk.open('a', 'create');
    await file.write([new Uint8Array(8)], 0);
    await expect(file.write([new Uint8Array(8)], 8)).rejects.toMatchObject({
      reason: 'DiskLimitExceeded',
    });
    expect(await file.byteLength()).toBe(10);
    await file.write([new Uint8Array(10)], 0);
    disk.capacityBytes = 100;
    await file.write([new Uint8Array(8)], 8);
    expect(disk.usedBytes).toBe(16);
  });

  it('of a bit is there before and after a crash', async () => {
    const disk = new SimDisk();
    const file = await disk.open('a', 'create');
    await file.write([Uint8Array.of(0, 0)], 0);
    await file.sync();
    await disk.syncDirectory('');
    disk.flipBit('a', 1, 3);
    expect([...disk.bytesOf('a')]).toEqual([0, 8]);
    expect(contents(disk.capture().lost())).toEqual({ a: '\0\b' });
  });
});

describe('a simulated run', () => {
  it('has the same trace hash when it is the same, and another when it is not', async () => {
    const run = async (content: string): Promise<[number, string[]]> => {
      const random = new SeededRandom(5);
      const disk = new SimDisk({ turns: () => random.integer(3), recordTrace: true });
      await Promise.all(
        ['a', 'b', 'c'].map(async (path) => {
          const file = await disk.open(path, 'create');
          await file.write([text(content)], 0);
          await file.close();
        }),
      );
      return [disk.traceHash, disk.trace];
    };
    expect(await run('x')).toEqual(await run('x'));
    expect((await run('x'))[0]).not.toBe((await run('y'))[0]);
  });

  it('covers with a sync only what was written before it was called', async () => {
    const disk = new SimDisk({ turns: ({ kind }) => (kind === 'sync' ? 5 : 0) });
    const file = await disk.open('a', 'create');
    await disk.syncDirectory('');
    await file.write([text('one')], 0);
    const syncing = file.sync();
    await file.write([text('two')], 3);
    await syncing;
    expect(contents(disk.capture().lost())).toEqual({ a: 'one' });
    await file.sync();
    expect(contents(disk.capture().lost())).toEqual({ a: 'onetwo' });
  });
});

describe('the simulated clock', () => {
  it('fires timers in order of their time, also those that timers set', () => {
    const clock = new SimClock(1000);
    const fired: string[] = [];
    const note = (name: string) => (): void => {
      fired.push(`${name}@${clock.monotonicMs()}`);
    };
    clock.after(30, note('c'));
    clock.after(10, () => {
      note('a')();
      clock.after(5, note('b'));
    });
    const cancelled = clock.after(20, note('never'));
    cancelled.cancel();
    cancelled.cancel();
    clock.advance(29);
    expect(fired).toEqual(['a@10', 'b@15']);
    clock.advance(1);
    expect(fired.at(-1)).toBe('c@30');
    expect(clock.pendingTimers).toBe(0);
    clock.jump(-500);
    expect([clock.nowMs(), clock.monotonicMs()]).toEqual([530, 30]);
  });
});
