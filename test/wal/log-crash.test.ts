/**
 * The promises of the file log at every operation boundary of a script, in every state a power loss can
 * leave there: acknowledged ⊆ recovered ⊆ appended, in order; the recovered log opens and goes on; and a
 * crash while it does changes nothing.
 */
import { describe, expect, it } from 'vitest';
import type { Disk } from '../../src/storage/disk.ts';
import { fileLog } from '../../src/wal/file-log.ts';
import type { Durability, Log } from '../../src/wal/log.ts';
import { LOG_START, type Position } from '../../src/wal/position.ts';
import type { CrashPoint, CrashState } from '../sim/crash-point.ts';
import { SeededRandom } from '../sim/seeded-random.ts';
import { SimClock } from '../sim/sim-clock.ts';
import { SimCrash, SimDisk } from '../sim/sim-disk.ts';
import { readIds, record } from '../suites/log-suite.ts';

const FILE_BYTES_MAX = 15_000;

function logOn(disk: Disk, seed: number, durability: Durability = 'sync'): Log {
  return fileLog({
    disk,
    clock: new SimClock(),
    random: new SeededRandom(seed),
    durability,
    fileBytesMax: FILE_BYTES_MAX,
  });
}

/** What had been promised at some moment. */
interface Journal {
  readonly appended: number[];
  readonly acknowledged: number[];
  /** Records below it may be gone. */
  truncatedTo: number;
  position: Position;
}

interface Moment {
  readonly point: CrashPoint;
  readonly journal: Journal;
}

function newJournal(): Journal {
  return { appended: [], acknowledged: [], truncatedTo: 0, position: LOG_START };
}

function copyOf(journal: Journal): Journal {
  return {
    ...journal,
    appended: [...journal.appended],
    acknowledged: [...journal.acknowledged],
  };
}

/** Opens, appends alone and together, rolls files, seals, opens again, truncates. */
async function script(disk: Disk, journal: Journal): Promise<void> {
  let id = 0;
  for (let term = 1; term <= 3; term++) {
    const log = logOn(disk, term);
    const writer = await log.open(term);
    const append = async (payloadBytes: number): Promise<Position> => {
      const mine = id++;
      journal.appended.push(mine);
      const position = await writer.append(record(mine, payloadBytes));
      journal.acknowledged.push(mine);
      return position;
    };
    await append(10);
    await Promise.all([append(700), append(5200), append(5)]);
    const position = await append(9000);
    await append(4100);
    if (term === 2) {
      journal.truncatedTo = id - 2;
      journal.position = position;
      await log.truncate(position);
    }
    if (term !== 1) await writer.seal();
    await log[Symbol.asyncDispose]();
  }
}

async function momentsOf(
  run: (disk: Disk, journal: Journal) => Promise<void>,
  wrap: (disk: SimDisk) => Disk = (disk) => disk,
): Promise<Moment[]> {
  const moments: Moment[] = [];
  const journal = newJournal();
  const disk = new SimDisk({
    beforeOperation: () => moments.push({ point: disk.capture(), journal: copyOf(journal) }),
  });
  await run(wrap(disk), journal);
  moments.push({ point: disk.capture(), journal: copyOf(journal) });
  return moments;
}

/** What is wrong with the log in this state; null when every promise is kept. */
async function violation(
  state: CrashState,
  journal: Journal,
  isNested = false,
): Promise<string | null> {
  const disk = new SimDisk({ image: state.image });
  const log = logOn(disk, 77);
  try {
    const ids = await readIds(log, journal.position);
    const wanted = journal.acknowledged.filter((id) => id >= journal.truncatedTo);
    const lost = wanted.filter((id) => !ids.includes(id));
    if (lost.length > 0) return `${state.label}: lost ${lost.join()} of ${wanted.join()}`;
    const known = journal.appended.filter((id) => id >= journal.truncatedTo);
    if (ids.join() !== known.slice(0, ids.length).join())
      return `${state.label}: read ${ids.join()}`;
    const tail = await log.tail(journal.position);
    const writer = await log.open(50);
    await writer.append(record(999));
    if ((await readIds(log, journal.position)).join() !== [...ids, 999].join()) {
      return `${state.label}: reads differently after it was opened again`;
    }
    if (!isNested && tail.cutBytes > 0)
      return await nestedViolation(state, { ...journal, acknowledged: ids });
    return null;
  } catch (error) {
    return `${state.label}: ${String(error)}`;
  }
}

/** Crashes while the log is opened after a crash: what was read before must still be there. */
async function nestedViolation(state: CrashState, journal: Journal): Promise<string | null> {
  const moments: CrashPoint[] = [];
  const disk = new SimDisk({
    image: state.image,
    beforeOperation: () => moments.push(disk.capture()),
  });
  await logOn(disk, 78).open(49);
  for (const point of moments) {
    for (const nested of point.states()) {
      const found = await violation(nested, journal, true);
      if (found !== null) return `${state.label}, then ${found}`;
    }
  }
  return null;
}

async function enumerate(
  moments: readonly Moment[],
): Promise<{ states: number; violations: string[] }> {
  const seen = new Set<string>();
  const violations: string[] = [];
  for (const { point, journal } of moments) {
    for (const state of point.states()) {
      const key = `${state.hash} ${journal.acknowledged.length}`;
      if (seen.has(key)) continue;
      seen.add(key);
      const found = await violation(state, journal);
      if (found !== null) violations.push(found);
    }
  }
  return { states: seen.size, violations };
}

describe('a crash', () => {
  it('keeps every promise of the log in every state it can leave', async () => {
    const { states, violations } = await enumerate(await momentsOf(script));
    expect(violations).toEqual([]);
    expect(states).toBeGreaterThan(100);
  });

  it('keeps them with random combinations of lost, kept and torn writes', async () => {
    const moments = await momentsOf(script);
    const random = new SeededRandom(4711);
    for (let i = 0; i < 1500; i++) {
      const { point, journal } = random.pick(moments);
      expect(await violation(point.random(random), journal)).toBeNull();
    }
  });

  it('loses only a suffix with durability os', async () => {
    const moments = await momentsOf(async (disk, journal) => {
      const log = logOn(disk, 1, 'os');
      const writer = await log.open(1);
      for (let id = 0; id < 9; id++) {
        journal.appended.push(id);
        await writer.append(record(id, 500));
      }
      await writer.seal();
      journal.acknowledged.push(...journal.appended);
    });
    expect((await enumerate(moments)).violations).toEqual([]);
  });

  it('loses only a suffix with durability os, over several files', async () => {
    const moments = await momentsOf(async (disk, journal) => {
      const writer = await logOn(disk, 1, 'os').open(1);
      for (let id = 0; id < 8; id++) {
        journal.appended.push(id);
        await writer.append(record(id, 6000));
      }
    });
    expect((await enumerate(moments)).violations).toEqual([]);
  });

  it('of the process alone, at any operation, loses nothing when the power goes later', async () => {
    const operations = (await momentsOf(script)).length - 1;
    for (let killAt = 0; killAt <= operations; killAt += 1) {
      const journal = newJournal();
      const disk = new SimDisk();
      await script(killedAt(disk, killAt), journal).catch((error: unknown) => {
        if (!isCrash(error)) throw error;
      });
      const found = await afterKill(disk, journal);
      expect(found, `killed at operation ${killAt}`).toBeNull();
    }
  });
});

/** The next process opens on what the page cache holds; then the power goes at any operation, or after it. */
async function afterKill(disk: SimDisk, journal: Journal): Promise<string | null> {
  const points: CrashPoint[] = [];
  const log = logOn(
    watched(disk, () => points.push(disk.capture())),
    60,
  );
  const writer = await log.open(40);
  const before = points.length;
  await writer.append(record(998));
  const read = (await readIds(log, journal.position)).filter((id) => id !== 998);
  points.push(disk.capture());
  for (const [i, point] of points.entries()) {
    for (const state of point.states()) {
      const ids = await readIds(
        logOn(new SimDisk({ image: state.image }), 61),
        journal.position,
      ).catch(String);
      if (typeof ids === 'string') return `${state.label}: ${ids}`;
      // From the moment the new term is open, everything it found is there for good.
      const wanted =
        i >= before ? read : journal.acknowledged.filter((id) => id >= journal.truncatedTo);
      if (wanted.some((id) => !ids.includes(id)))
        return `${state.label}: ${ids.join()} lacks of ${wanted.join()}`;
    }
  }
  return null;
}

const OPERATIONS = new Set([
  'open',
  'rename',
  'remove',
  'syncDirectory',
  'write',
  'sync',
  'truncate',
]);

/** The disk as a process sees it that is killed at its n-th operation; the disk itself lives on. */
function killedAt(disk: SimDisk, operation: number): Disk {
  return watched(disk, () => {
    if (disk.operations >= operation) throw new SimCrash('killed');
  });
}

function watched(disk: SimDisk, before: () => void): Disk {
  const wrap = <T extends object>(target: T): T =>
    new Proxy(target, {
      get: (object, name) => {
        const member = Reflect.get(object, name) as unknown;
        if (typeof member !== 'function') return member;
        return async (...values: unknown[]) => {
          if (OPERATIONS.has(String(name))) before();
          const result: unknown = await Reflect.apply(member, object, values);
          return name === 'open' ? wrap(result as object) : result;
        };
      },
    });
  return wrap(disk as Disk);
}

function isCrash(error: unknown): boolean {
  return error instanceof SimCrash || (error instanceof Error && isCrash(error.cause));
}

describe('the enumeration finds', () => {
  const lie =
    (name: 'sync' | 'syncDirectory') =>
    (disk: SimDisk): Disk => {
      const wrap = <T extends object>(target: T): T =>
        new Proxy(target, {
          get: (object, key) => {
            const member = Reflect.get(object, key) as (...values: unknown[]) => Promise<unknown>;
            if (key === name) return async () => undefined;
            if (typeof member !== 'function') return member;
            if (key !== 'open') return member.bind(object);
            return async (...values: unknown[]) =>
              wrap((await Reflect.apply(member, object, values)) as object);
          },
        });
      return wrap(disk as Disk);
    };

  it.each(['sync', 'syncDirectory'] as const)('a writer that skips %s', async (name) => {
    const { violations } = await enumerate(await momentsOf(script, lie(name)));
    expect(violations.join('\n')).toMatch(/lost/);
  });

  it('an acknowledgement before the sync', async () => {
    const moments = await momentsOf(async (disk, journal) => {
      const writer = await logOn(disk, 1, 'os').open(1);
      journal.appended.push(0);
      await writer.append(record(0));
      journal.acknowledged.push(0);
    });
    expect((await enumerate(moments)).violations.join('\n')).toMatch(/lost 0/);
  });
});
