import { describe, expect, it } from 'vitest';
import { tryTexts } from './mutated-texts.ts';

describe('any text at all', () => {
  it('is answered or refused with a MilvusError, 100,000 times', { timeout: 120_000 }, () => {
    const { answered, failures } = tryTexts(20_250_101, 100_000);
    expect(failures).toEqual([]);
    expect(answered).toBeGreaterThan(1000);
  });
});
