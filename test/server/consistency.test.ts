import { describe, expect, it } from 'vitest';
import { readMoment, requireLevel } from '../../src/server/consistency.ts';

const NOW = 470_000_000_000_000_000n;

const read = (
  consistencyLevel: number,
  guaranteeTimestamp = 0n,
  useDefaultConsistency = false,
): object => readMoment({ consistencyLevel, guaranteeTimestamp, useDefaultConsistency });

describe('consistency', () => {
  it('is the collection’s own where the client leaves it so', () => {
    expect(read(0, 0n, true)).toEqual({});
    expect(read(2, 1n, true)).toEqual({});
  });

  it('lets a client that leaves it so see its own last write', () => {
    const expected = { consistencyLevel: 'Session', guaranteeTimestamp: NOW };
    expect(read(0, NOW, true)).toEqual(expected);
  });

  it('is what the level says', () => {
    expect(read(0)).toEqual({ consistencyLevel: 'Strong' });
    expect(read(1, NOW)).toEqual({ consistencyLevel: 'Session', guaranteeTimestamp: NOW });
    expect(read(2, 2n)).toEqual({ consistencyLevel: 'Bounded' });
    expect(read(3, 1n)).toEqual({ consistencyLevel: 'Eventually' });
    expect(read(4, NOW)).toEqual({ consistencyLevel: 'Session', guaranteeTimestamp: NOW });
  });

  it('is what the timestamp says where an old client sends no level', () => {
    expect(read(0, 1n)).toEqual({ consistencyLevel: 'Eventually' });
    expect(read(0, 2n)).toEqual({ consistencyLevel: 'Bounded' });
    expect(read(0, NOW)).toEqual({ consistencyLevel: 'Session', guaranteeTimestamp: NOW });
  });

  it('refuses a level that there is not', () => {
    expect(() => requireLevel(5)).toThrow('unknown consistency level');
    expect(() => requireLevel(-1)).toThrow('unknown consistency level');
  });
});
