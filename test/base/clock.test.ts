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
