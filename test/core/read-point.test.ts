import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { BOUNDED_STALENESS_MS } from '../../src/base/limits.ts';
import { readPoint } from '../../src/core/read-point.ts';
import { timestampOf } from '../../src/meta/hybrid-clock.ts';

const NOW_MS = 1_700_000_000_000;
const clock = { nowMs: () => NOW_MS } as Clock;

describe('the moment of a read', () => {
  it.each([
    ['Strong', 0n],
    ['Session', 0n],
    ['Bounded', timestampOf(NOW_MS - BOUNDED_STALENESS_MS)],
    ['Eventually', 1n],
  ] as const)('%s sees at least %d', (consistencyLevel, guaranteeTimestamp) => {
    const expected = { guaranteeTimestamp, snapshotTimestamp: null, isRepeatable: false };
    expect(readPoint({}, { consistencyLevel }, clock)).toEqual(expected);
    expect(readPoint({ consistencyLevel }, { consistencyLevel: 'Strong' }, clock)).toEqual(
      expected,
    );
  });

  it('is that of the last write of a session, or a given one', () => {
    const session = { consistencyLevel: 'Session', guaranteeTimestamp: 77n } as const;
    expect(readPoint(session, { consistencyLevel: 'Strong' }, clock).guaranteeTimestamp).toBe(77n);
    expect(
      readPoint({ snapshotTimestamp: 5n }, { consistencyLevel: 'Strong' }, clock),
    ).toMatchObject({
      snapshotTimestamp: 5n,
      isRepeatable: true,
    });
  });

  it('is none for a level that there is not', () => {
    expect(() =>
      readPoint({ consistencyLevel: 'Now' as never }, { consistencyLevel: 'Strong' }, clock),
    ).toThrow('unknown consistency level');
  });
});
