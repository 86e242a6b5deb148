import { describe, expect, it } from 'vitest';
import { milvusError } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { Maintenance, type MaintenanceDeps } from '../../src/core/maintenance.ts';
import { SimClock } from '../sim/sim-clock.ts';

const MINUTE_MS = 60_000;

function maintenance(changes: Partial<MaintenanceDeps> = {}): {
  readonly clock: SimClock;
  readonly keeper: Maintenance;
} {
  const clock = new SimClock();
  const nothing = async (): Promise<boolean> => false;
  const keeper = new Maintenance({
    clock,
    logger: silentLogger,
    flushDue: nothing,
    compactDue: nothing,
    indexDue: nothing,
    truncateLog: async () => undefined,
    collectGarbage: async () => undefined,
    ...changes,
  });
  return { clock, keeper };
}

describe('maintenance', () => {
  it('goes on as long as something is due, and lets the log go after a flush', async () => {
    let due = 3;
    let truncations = 0;
    const { keeper } = maintenance({
      flushDue: async () => due-- > 0,
      truncateLog: async () => {
        truncations++;
      },
    });
    expect(await keeper.flushesSettled()).toBeNull();
    expect(truncations).toBe(3);
    await keeper.stop();
  });

  it('looks again after a kick, at whatever moment of a run it comes', async () => {
    for (let turns = 0; turns < 12; turns++) {
      let looks = 0;
      const { keeper } = maintenance({
        flushDue: async () => {
          looks++;
          return false;
        },
      });
      keeper.kick();
      for (let i = 0; i < turns; i++) await Promise.resolve();
      const before = looks;
      keeper.kick();
      for (let i = 0; i < 50; i++) await Promise.resolve();
      expect(looks, `${turns} turns later`).toBe(before + 1);
      await keeper.stop();
    }
  });

  it('looks by itself some time after a notice', async () => {
    let looks = 0;
    const { clock, keeper } = maintenance({
      flushDue: async () => {
        looks++;
        return false;
      },
    });
    keeper.notice();
    keeper.notice();
    clock.advance(9_999);
    expect(looks).toBe(0);
    clock.advance(1);
    expect(looks).toBe(1);
    expect(clock.pendingTimers).toBe(0);
    await keeper.stop();
  });

  it('looks now and then when nothing happens, until it stops', async () => {
    let collections = 0;
    let looks = 0;
    const { clock, keeper } = maintenance({
      compactDue: async () => {
        looks++;
        return false;
      },
      collectGarbage: async () => {
        collections++;
      },
    });
    keeper.watch();
    clock.advance(MINUTE_MS);
    expect(looks).toBe(0);
    for (let look = 1; look <= 5; look++) {
      clock.advance(look === 1 ? 10_000 : 10 * MINUTE_MS + 10_000);
      expect(await keeper.compactionsSettled()).toBeNull();
      expect([collections, looks]).toEqual([look, 2 * look]);
    }
    await keeper.stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it('says why flushes do not get on, and tries again later and later', async () => {
    let attempts = 0;
    let isBroken = true;
    const { clock, keeper } = maintenance({
      flushDue: async () => {
        attempts++;
        if (isBroken) throw milvusError('DiskLimitExceeded');
        return false;
      },
    });
    expect(await keeper.flushesSettled()).toMatchObject({ reason: 'DiskLimitExceeded' });
    for (const waitMs of [100, 200, 400]) {
      const before = attempts;
      clock.advance(waitMs - 1);
      expect(attempts).toBe(before);
      clock.advance(1);
      await keeper.flushesSettled();
      expect(attempts).toBe(before + 1);
    }
    isBroken = false;
    clock.advance(800);
    expect(await keeper.flushesSettled()).toBeNull();
    await keeper.stop();
  });

  it('compacts on while flushes fail', async () => {
    let compactions = 0;
    const { keeper } = maintenance({
      flushDue: () => Promise.reject(milvusError('IoFailed')),
      compactDue: async () => compactions++ < 2,
    });
    keeper.kick();
    expect(await keeper.compactionsSettled()).toBeNull();
    expect(compactions).toBeGreaterThanOrEqual(3);
    await keeper.stop();
  });

  it('collects garbage now and then, when nothing is to be compacted', async () => {
    let collections = 0;
    const { clock, keeper } = maintenance({
      collectGarbage: async () => {
        collections++;
      },
    });
    await keeper.compactionsSettled();
    expect(collections).toBe(0);
    clock.advance(10 * MINUTE_MS);
    await keeper.compactionsSettled();
    await keeper.compactionsSettled();
    expect(collections).toBe(1);
    await keeper.stop();
  });

  it('starts nothing after it was stopped, and waits for what runs', async () => {
    const gate = Promise.withResolvers<boolean>();
    let looks = 0;
    const { clock, keeper } = maintenance({
      flushDue: async () => {
        looks++;
        return await gate.promise;
      },
    });
    keeper.notice();
    keeper.kick();
    let hasStopped = false;
    const stopping = keeper.stop().then(() => {
      hasStopped = true;
    });
    await Promise.resolve();
    expect(hasStopped).toBe(false);
    gate.resolve(true);
    await stopping;
    keeper.kick();
    clock.advance(MINUTE_MS);
    expect(looks).toBe(1);
  });
});
