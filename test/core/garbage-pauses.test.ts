import { expect, it } from 'vitest';
import { GarbagePauses, PAUSE_MS_MAX } from '../../src/core/garbage-pauses.ts';
import { systemClock } from '../../src/base/clock.ts';

function pausesAt(time: { ms: number }): GarbagePauses {
  return new GarbagePauses({ ...systemClock, monotonicMs: () => time.ms });
}

it('is paused from a pause until its ticket comes back, or its time is over', () => {
  const time = { ms: 0 };
  const pauses = pausesAt(time);
  expect(pauses.isPaused).toBe(false);
  const first = pauses.pause(1000);
  const second = pauses.pause(5000);
  expect(second).not.toBe(first);
  expect(pauses.resume(first)).toBe(true);
  expect(pauses.resume(first)).toBe(false);
  expect(pauses.isPaused).toBe(true);
  time.ms = 4999;
  expect(pauses.isPaused).toBe(true);
  time.ms = 5000;
  expect(pauses.isPaused).toBe(false);
  pauses.pause(1);
  expect(pauses.resumeAll()).toBe(true);
  expect(pauses.resumeAll()).toBe(false);
  expect(pauses.isPaused).toBe(false);
});

it('refuses pauses that never end, and more than it keeps', () => {
  const pauses = pausesAt({ ms: 0 });
  for (const ms of [0, -1, Number.NaN, PAUSE_MS_MAX + 1, Number.POSITIVE_INFINITY]) {
    expect(() => pauses.pause(ms)).toThrow('up to a day');
  }
  for (let i = 0; i < 1024; i++) pauses.pause(1);
  expect(() => pauses.pause(1)).toThrow('too many concurrent requests');
});
