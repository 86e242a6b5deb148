import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeleteRuns } from '../../src/core/delete-runs.ts';
import type { DeleteRun } from '../../src/core/ports.ts';

function run(timestamp: bigint): DeleteRun {
  const keys = { kind: 'int64', values: BigInt64Array.of(timestamp) } as const;
  return { timestamp, partitionIds: null, keys };
}

describe('delete runs', () => {
  it('keep their numbers when earlier ones are forgotten', () => {
    const runs = new DeleteRuns();
    for (const timestamp of [10n, 20n, 20n, 30n]) runs.append(run(timestamp));
    expect([runs.firstAfter(9n), runs.firstAfter(10n), runs.firstAfter(20n), runs.end]).toEqual([
      0, 1, 3, 4,
    ]);
    runs.forget(2, 30n);
    expect(runs.length).toBe(2);
    expect(runs.at(1)).toBeUndefined();
    expect(runs.at(2)?.timestamp).toBe(20n);
    expect(runs.at(4)).toBeUndefined();
    runs.forget(1, 30n);
    expect(runs.length).toBe(2);
  });

  it('forget neither what somebody needs nor what is too new', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 20 }), { maxLength: 30 }),
        fc.array(fc.tuple(fc.nat({ max: 40 }), fc.nat({ max: 25 })), { maxLength: 6 }),
        (times, forgettings) => {
          const sorted = times.toSorted((a, b) => a - b).map(BigInt);
          const runs = new DeleteRuns();
          for (const timestamp of sorted) runs.append(run(timestamp));
          let forgotten = 0;
          for (const [number, timestamp] of forgettings) {
            runs.forget(number, BigInt(timestamp));
            const old = sorted.filter((time) => time <= timestamp).length;
            forgotten = Math.max(forgotten, Math.min(number, old));
            expect(runs.end).toBe(sorted.length);
            expect(runs.length).toBe(sorted.length - forgotten);
            for (let i = forgotten; i < sorted.length; i++) {
              expect(runs.at(i)?.timestamp).toBe(sorted[i]);
            }
          }
        },
      ),
    );
  });
});
