import { describe, expect, it } from 'vitest';
import type { CollectionInfo } from '../../src/core/ports.ts';
import { readPoint } from '../../src/core/read-point.ts';
import { SimClock } from '../sim/sim-clock.ts';

const COLLECTION = { consistencyLevel: 'Bounded' } as CollectionInfo;

describe('the moment of a read', () => {
  const clock = new SimClock(10_000);
  const point = (request: Parameters<typeof readPoint>[0]): ReturnType<typeof readPoint> =>
    readPoint(request, COLLECTION, clock);

  it('is what its collection says where it says nothing', () => {
    const guaranteeTimestamp = 5000n << 18n;
    const expected = { guaranteeTimestamp, snapshotTimestamp: null, isRepeatable: false };
    expect(point({})).toEqual(expected);
  });

  it('is what it says itself', () => {
    expect(point({ consistencyLevel: 'Eventually' }).guaranteeTimestamp).toBe(1n);
    const session = { consistencyLevel: 'Session', guaranteeTimestamp: 7n } as const;
    expect(point(session).guaranteeTimestamp).toBe(7n);
    expect(point({ ...session, consistencyLevel: 'Strong' }).guaranteeTimestamp).toBe(7n);
    const past = { snapshotTimestamp: 3n, isRepeatable: true };
    expect(point({ snapshotTimestamp: 3n })).toMatchObject(past);
    expect(() => point({ consistencyLevel: 'Sometimes' as 'Strong' })).toThrow('unknown');
  });
});
