import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { milvusError } from '../../src/base/errors.ts';
import { BACKGROUND, checkCall, withinCall } from '../../src/core/call.ts';
import type { Call } from '../../src/core/ports.ts';
import { SimClock } from '../sim/sim-clock.ts';

describe('a call', () => {
  it('holds its answer or failure back for a turn that is due', async () => {
    const clock = new SimClock();
    for (const options of [undefined, { timeoutMs: 50 }]) {
      for (const work of [async () => 7, () => Promise.reject(new Error('no'))]) {
        const { promise, resolve } = Promise.withResolvers<void>();
        clock.turnIfDue = () => promise;
        let isSettled = false;
        const call = Promise.allSettled([withinCall(options, clock, work)]).then(() => {
          isSettled = true;
        });
        await systemClock.yieldTurn();
        expect(isSettled).toBe(false);
        resolve();
        await call;
      }
    }
  });

  it('is background work where its caller said nothing', async () => {
    const clock = new SimClock();
    expect(await withinCall(undefined, clock, async (call) => call)).toBe(BACKGROUND);
    expect(await withinCall({ timeoutMs: Infinity }, clock, async (call) => call)).toBe(BACKGROUND);
    checkCall(BACKGROUND);
  });

  it('has its deadline from its time-out', async () => {
    const clock = new SimClock(1000);
    const call = await withinCall({ timeoutMs: 50 }, clock, async (given) => given);
    expect(call.deadlineMs).toBe(1050);
  });

  it('that has no time at all does not begin', async () => {
    const begun = withinCall({ timeoutMs: 0 }, new SimClock(), async () => expect.unreachable());
    await expect(begun).rejects.toMatchObject({ reason: 'DeadlineExceeded' });
  });

  it('gets the outcome of its work, good or bad, and leaves no timer', async () => {
    const clock = new SimClock();
    const { signal } = new AbortController();
    const options = { timeoutMs: 10, signal };
    expect(await withinCall(options, clock, async () => 7)).toBe(7);
    const failing = withinCall(options, clock, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(clock.pendingTimers).toBe(0);
  });

  it('leaves no timer behind when its work does not even start', async () => {
    const clock = new SimClock();
    const refused = withinCall({ timeoutMs: 10 }, clock, () => {
      throw milvusError('Closed');
    });
    await expect(refused).rejects.toMatchObject({ reason: 'Closed' });
    expect(clock.pendingTimers).toBe(0);
  });

  it('is let go at its deadline and when it is cancelled; its work hears of it', async () => {
    const clock = new SimClock();
    const { promise, reject } = Promise.withResolvers<number>();
    const calls: Call[] = [];
    const work = (call: Call): Promise<number> => {
      calls.push(call);
      return promise;
    };
    const controller = new AbortController();
    const late = withinCall({ timeoutMs: 10 }, clock, work);
    const cancelled = withinCall({ signal: controller.signal }, clock, work);
    clock.advance(10);
    await expect(late).rejects.toMatchObject({ reason: 'DeadlineExceeded', code: 10_001 });
    expect(() => checkCall(calls[0]!)).toThrow('context deadline exceeded');
    checkCall(calls[1]!);
    const cause = new Error('enough');
    controller.abort(cause);
    await expect(cancelled).rejects.toMatchObject({ reason: 'Cancelled', code: 10_000, cause });
    expect(() => checkCall(calls[1]!)).toThrow('context canceled');
    // Nobody listens any more: this must not become an unhandled rejection.
    reject(new Error('later'));
    await expect(promise).rejects.toThrow('later');
    expect(clock.pendingTimers).toBe(0);
  });

  it('does not start when it is cancelled already', async () => {
    let started = 0;
    const work = async (): Promise<void> => {
      started++;
    };
    const clock = new SimClock();
    const aborted = withinCall({ signal: AbortSignal.abort() }, clock, work);
    await expect(aborted).rejects.toMatchObject({ reason: 'Cancelled' });
    expect(started).toBe(0);
  });

  it.each([-1, Number.NaN, '5'])('refuses a time-out of %o', async (timeoutMs) => {
    const work = async (): Promise<void> => undefined;
    const options = { timeoutMs: timeoutMs as number };
    await expect(withinCall(options, new SimClock(), work)).rejects.toThrow(
      `timeoutMs is a number of milliseconds: invalid parameter[timeoutMs=${timeoutMs}]`,
    );
  });
});
