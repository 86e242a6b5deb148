import { expect, it } from 'vitest';
import { timeoutMs } from '../../src/imports/import-timeout.ts';

it('durations are those of Go', () => {
  const hour = 3_600_000;
  expect(timeoutMs(undefined)).toBe(72 * hour);
  expect(timeoutMs('0')).toBe(0);
  expect(timeoutMs('1.5h')).toBe(1.5 * hour);
  expect(timeoutMs('1h30m.5s20ms')).toBe(1.5 * hour + 520);
  expect(timeoutMs('7µs') + timeoutMs('7us')).toBeCloseTo(0.014);
  for (const text of ['', '5', 'h', '1 h', '-1s', '1h!', '١s']) {
    expect(() => timeoutMs(text), text).toThrow('parse timeout failed');
  }
});
