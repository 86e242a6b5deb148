import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';

describe('the system clock', () => {
  it('runs a timer once, and not after it was cancelled', async () => {
    const events: string[] = [];
    systemClock.after(0, () => events.push('cancelled')).cancel();
    await new Promise<void>((resolve) => {
      const keptAlive = setInterval(() => undefined, 1);
      systemClock.after(1, () => {
        clearInterval(keptAlive);
        resolve();
      });
    });
    expect(events).toEqual([]);
  });

  it('has a monotonic time that does not go back over a turn', async () => {
    const before = systemClock.monotonicMs();
    await systemClock.yieldTurn();
    expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(before);
    expect(systemClock.nowMs()).toBeGreaterThan(Date.UTC(2026, 0));
  });

  it('has a turn to wait for when the loop has had none for so long, the same for all', async () => {
    await systemClock.yieldTurn();
    const busyMs = (mostMs: number): void => {
      const fromMs = systemClock.monotonicMs();
      while (systemClock.monotonicMs() - fromMs < mostMs);
    };
    busyMs(2);
    // Seen now: there were turns since the last look.
    expect(systemClock.turnIfDue(1)).toBeNull();
    expect(systemClock.turnIfDue(1e9)).toBeNull();
    busyMs(2);
    let hadTurn = false;
    setImmediate(() => {
      hadTurn = true;
    });
    const turn = systemClock.turnIfDue(1);
    expect(turn).not.toBeNull();
    expect(systemClock.turnIfDue(1)).toBe(turn);
    await turn;
    expect(hadTurn).toBe(true);
    expect(systemClock.turnIfDue(1e9)).toBeNull();
    await systemClock.yieldTurn();
    busyMs(2);
    expect(systemClock.turnIfDue(1)).toBeNull();
  });

  it('lets one go on in a turn of the loop, in order, behind as many turns as were given', async () => {
    const events: string[] = [];
    const wait = async (name: string, turnCount: number): Promise<void> => {
      await systemClock.yieldTurn(turnCount);
      events.push(name);
    };
    const all = [wait('three', 3), wait('first', 1), wait('second', 1)];
    const loop = (left: number): void => {
      events.push('turn');
      if (left > 1) setImmediate(loop, left - 1);
    };
    setImmediate(loop, 3);
    await Promise.all(all);
    expect(events.filter((event) => event !== 'turn')).toEqual(['first', 'second', 'three']);
    expect(events.indexOf('second')).toBeGreaterThan(events.indexOf('first') + 1);
  });
});
