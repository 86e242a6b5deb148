import { describe, expect, it } from 'vitest';
import { LOG_BYTES_MAX, SEAL_AGE_MS, SEAL_BYTES, SEAL_ROWS_MAX } from '../../src/base/limits.ts';
import { shouldSeal } from '../../src/segments/seal-policy.ts';

describe('shouldSeal', () => {
  const small = { byteLength: 1, rowCount: 1, ageMs: 1, logBytes: 1 };

  it('leaves little and young alone', () => {
    expect(shouldSeal(small)).toBe(false);
    const almost = {
      byteLength: SEAL_BYTES - 1,
      rowCount: SEAL_ROWS_MAX - 1,
      ageMs: SEAL_AGE_MS - 1,
      logBytes: LOG_BYTES_MAX - 1,
    };
    expect(shouldSeal(almost)).toBe(false);
  });

  it('seals when any one bound is reached', () => {
    expect(shouldSeal({ ...small, byteLength: SEAL_BYTES })).toBe(true);
    expect(shouldSeal({ ...small, rowCount: SEAL_ROWS_MAX })).toBe(true);
    expect(shouldSeal({ ...small, ageMs: SEAL_AGE_MS })).toBe(true);
    expect(shouldSeal({ ...small, logBytes: LOG_BYTES_MAX })).toBe(true);
  });
});
