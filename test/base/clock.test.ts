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
});
