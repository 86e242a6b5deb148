import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { milvusError } from '../../src/base/errors.ts';
import { CLOCK_LEAD_MAX_MS, CLOCK_MARGIN_MS } from '../../src/base/limits.ts';
import { HybridClock, logicalOf, physicalMs, timestampOf } from '../../src/meta/hybrid-clock.ts';
import { clockKey } from '../../src/meta/keys.ts';
import { memoryMetaStore } from '../../src/meta/memory-store.ts';
import type { MetaStore } from '../../src/meta/meta-store.ts';
import { decodeFields } from '../../src/meta/record-fields.ts';
import { failingStore } from './failing-store.ts';

const START_MS = 1_800_000_000_000;
const KEY = clockKey('main');

interface SetClock extends Clock {
  nowAtMs: number;
}

function setClock(): SetClock {
  return {
    nowAtMs: START_MS,
    nowMs() {
      return this.nowAtMs;
    },
    monotonicMs: () => 0,
    after: () => ({ cancel: () => undefined }),
    yieldTurn: async () => undefined,
    turnIfDue: () => null,
  };
}

function world() {
  const clock = setClock();
  const failing = failingStore(memoryMetaStore());
  const load = (): Promise<HybridClock> =>
    HybridClock.load({ clock, store: failing.store, key: KEY });
  const storedBound = async (): Promise<bigint> => {
    const entry = await failing.store.get(KEY);
    return entry === null ? 0n : decodeFields(KEY, entry.value).big('bound');
  };
  return { clock, load, storedBound, failing };
}

/** Background work of the clock in memory is done after a few turns of the microtask queue. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
};

describe('a hybrid timestamp', () => {
  it('is milliseconds and an 18-bit counter', () => {
    expect(timestampOf(START_MS)).toBe(BigInt(START_MS) * 262_144n);
    expect(physicalMs(timestampOf(START_MS) + 5n)).toBe(START_MS);
    expect(logicalOf(timestampOf(START_MS) + 5n)).toBe(5);
  });
});

describe('a hybrid clock', () => {
  it('follows the wall clock and counts within a millisecond', async () => {
    const { clock, load } = world();
    const hybrid = await load();
    expect(await hybrid.next()).toBe(timestampOf(START_MS));
    expect(await hybrid.next()).toBe(timestampOf(START_MS) + 1n);
    clock.nowAtMs += 7;
    expect(await hybrid.next()).toBe(timestampOf(START_MS + 7));
  });

  it('gives the first of several consecutive timestamps', async () => {
    const hybrid = await world().load();
    expect(await hybrid.next(1000)).toBe(timestampOf(START_MS));
    expect(await hybrid.next()).toBe(timestampOf(START_MS) + 1000n);
  });

  it('goes on upwards when the wall clock jumps back or stands still', async () => {
    const { clock, load } = world();
    const hybrid = await load();
    const before = await hybrid.next();
    clock.nowAtMs -= 3_600_000;
    expect(await hybrid.next()).toBe(before + 1n);
    expect(await hybrid.next(300_000)).toBe(before + 2n);
    expect(physicalMs(await hybrid.next())).toBe(START_MS + 1);
  });

  it('gives timestamps without waiting while the stored bound allows, and never beyond it', async () => {
    const { clock, load, storedBound } = world();
    const hybrid = await load();
    expect(hybrid.tryNext()).toBeNull();
    await hybrid.ensureBound();
    expect(hybrid.tryNext()).not.toBeNull();
    const bound = await storedBound();
    clock.nowAtMs += CLOCK_MARGIN_MS + 1;
    expect(hybrid.tryNext()).toBeNull();
    expect(await hybrid.next()).toBeGreaterThan(bound);
  });

  it('moves the bound in the background before the margin is used up', async () => {
    const { clock, load, storedBound } = world();
    const hybrid = await load();
    await hybrid.next();
    const bound = await storedBound();
    clock.nowAtMs += CLOCK_MARGIN_MS / 2 + 100;
    expect(hybrid.tryNext()).not.toBeNull();
    await settle();
    expect(await storedBound()).toBeGreaterThan(bound);
  });

  it('writes once for the many timestamps of a margin', async () => {
    const clocks = world();
    const hybrid = await clocks.load();
    for (let i = 0; i < 10_000; i++) await hybrid.next();
    expect(clocks.failing.changes).toBe(1);
  });

  it('starts behind the stored bound after a crash, also when the wall clock went back', async () => {
    const { clock, load } = world();
    const last = await (await load()).next(1000);
    clock.nowAtMs -= 86_400_000;
    expect(await (await load()).next()).toBeGreaterThan(last + 999n);
  });

  it('runs little ahead of time after many crashes', async () => {
    const { load } = world();
    for (let crash = 0; crash < 10; crash++) await (await load()).next();
    const leadMs = physicalMs(await (await load()).next()) - START_MS;
    expect(leadMs).toBeLessThan(CLOCK_MARGIN_MS + 1100);
  });

  it('writes little while it waits for time to catch up', async () => {
    const { clock, load, failing } = world();
    await (await load()).next();
    const hybrid = await load();
    for (let tick = 0; tick < 300; tick++) {
      clock.nowAtMs += 10;
      await hybrid.next();
      await settle();
    }
    expect(failing.changes).toBeLessThan(6);
  });

  it('need not run ahead after a release, and still never repeats', async () => {
    const { clock, load, storedBound } = world();
    const first = await load();
    const last = await first.next();
    await first.release();
    expect(await storedBound()).toBe(last);
    clock.nowAtMs += 5;
    expect(await (await load()).next()).toBe(timestampOf(START_MS + 5));
    expect(await first.next()).toBeGreaterThan(timestampOf(START_MS + 5));
  });

  it('gives nothing below what it observed, also after a crash', async () => {
    const { load } = world();
    const hybrid = await load();
    const ahead = timestampOf(START_MS + CLOCK_LEAD_MAX_MS) + 3n;
    await hybrid.observe(ahead);
    expect(await hybrid.next()).toBe(ahead + 1n);
    const other = world();
    await (await other.load()).observe(ahead);
    expect(await (await other.load()).next()).toBeGreaterThan(ahead);
  });

  it('passes a timestamp without writing, and gives nothing below it', async () => {
    const { clock, load, storedBound, failing } = world();
    const hybrid = await load();
    const given = await hybrid.next();
    const bound = await storedBound();
    clock.nowAtMs += CLOCK_MARGIN_MS * 10;
    const { changes } = failing;
    const ahead = timestampOf(clock.nowAtMs) + 3n;
    hybrid.pass(ahead);
    hybrid.pass(given);
    expect(hybrid.last).toBe(ahead);
    await hybrid.release();
    expect(failing.changes).toBe(changes);
    expect(await storedBound()).toBe(bound);
    clock.nowAtMs -= CLOCK_MARGIN_MS * 10;
    expect(await hybrid.next()).toBe(ahead + 1n);
    const far = timestampOf(clock.nowAtMs + CLOCK_LEAD_MAX_MS + 60_000);
    expect(() => hybrid.pass(far)).toThrow('Timestamp lag too large');
  });

  it('ignores what is behind it', async () => {
    const { load } = world();
    const hybrid = await load();
    const given = await hybrid.next();
    await hybrid.observe(1n);
    expect(await hybrid.next()).toBe(given + 1n);
  });

  it('refuses what is more than ten seconds ahead, and stays as it was', async () => {
    const { load } = world();
    const hybrid = await load();
    const given = await hybrid.next();
    const ahead = timestampOf(START_MS + CLOCK_LEAD_MAX_MS + 1);
    await expect(hybrid.observe(ahead)).rejects.toMatchObject({
      reason: 'TimeTickLongDelay',
      code: 11,
      message: `Timestamp lag too large lag(10.001s) max(10s): time tick long delay[timestamp=${ahead}]`,
    });
    expect(await hybrid.next()).toBe(given + 1n);
  });

  it('observes without writing, and gives nothing, over a store that is read only', async () => {
    const { clock, load, failing } = world();
    await (await load()).next();
    const { changes } = failing;
    const store: MetaStore = {
      ...failing.store,
      transact: async () => {
        throw milvusError('ReadOnly');
      },
    };
    const reader = await HybridClock.load({ clock, store, key: KEY, readOnly: true });
    clock.nowAtMs += CLOCK_MARGIN_MS * 10;
    await reader.observe(timestampOf(clock.nowAtMs));
    expect(reader.last).toBe(timestampOf(clock.nowAtMs));
    await reader.release();
    expect(failing.changes).toBe(changes);
    await expect(reader.next()).rejects.toMatchObject({ reason: 'ReadOnly' });
  });

  it('gives nothing on a bound that could not be written, whatever became of it', async () => {
    for (const failure of ['before', 'after'] as const) {
      const { clock, load, failing } = world();
      const hybrid = await load();
      const given = await hybrid.next();
      clock.nowAtMs += CLOCK_MARGIN_MS * 2;
      failing.failNext(failure);
      await expect(hybrid.next()).rejects.toMatchObject({ reason: 'IoFailed' });
      expect(await hybrid.next()).toBeGreaterThan(given);
    }
  });

  it('lives through a failed renewal in the background', async () => {
    const { clock, load, failing } = world();
    const hybrid = await load();
    const given = await hybrid.next();
    clock.nowAtMs += CLOCK_MARGIN_MS / 2 + 100;
    failing.failNext('before');
    expect(hybrid.tryNext()).toBeGreaterThan(given);
    await settle();
    clock.nowAtMs += CLOCK_MARGIN_MS;
    expect(await hybrid.next()).toBe(timestampOf(clock.nowAtMs));
  });

  it('never gives a timestamp twice nor out of order through any crashes, jumps and sharing', async () => {
    const action = fc.oneof(
      fc.record({ kind: fc.constant('next' as const), who: fc.nat(1), count: fc.nat(400_000) }),
      fc.record({ kind: fc.constant('crash' as const), who: fc.nat(1) }),
      fc.record({ kind: fc.constant('release' as const), who: fc.nat(1) }),
      fc.record({ kind: fc.constant('jump' as const), ms: fc.integer({ min: -9000, max: 9000 }) }),
      fc.record({ kind: fc.constant('observe' as const), who: fc.nat(1), ms: fc.nat(9000) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 30 }), async (actions) => {
        const { clock, load } = world();
        const clocks = [await load(), await load()];
        const lasts = [0n, 0n];
        const given = new Set<bigint>();
        for (const step of actions) {
          if (step.kind === 'jump') {
            clock.nowAtMs += step.ms;
            continue;
          }
          const hybrid = clocks[step.who] ?? (await load());
          if (step.kind === 'next') {
            const first = await hybrid.next(step.count + 1);
            expect(first).toBeGreaterThan(lasts[step.who] ?? 0n);
            const ends = [first, first + BigInt(step.count)];
            for (const end of new Set(ends)) expect(given.has(end)).toBe(false);
            for (const end of ends) given.add(end);
            lasts[step.who] = first + BigInt(step.count);
          } else if (step.kind === 'crash') {
            clocks[step.who] = await load();
          } else if (step.kind === 'release') {
            await hybrid.release();
          } else {
            const seen = timestampOf(clock.nowMs() + step.ms);
            await hybrid.observe(seen);
            lasts[step.who] = seen > (lasts[step.who] ?? 0n) ? seen : (lasts[step.who] ?? 0n);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
