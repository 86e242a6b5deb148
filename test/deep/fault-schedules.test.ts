/**
 * Random lives of a database on a faulty disk, against the model. `npm run sim -- --seed N` replays one in
 * words; `npm run campaign:faults` runs as many as time allows.
 */
import { describe, expect, it } from 'vitest';
import { runParallel, scheduleJobs } from '../sim/parallel.ts';
import { OPERATIONS, runSchedule } from '../sim/schedule.ts';

const SCHEDULES = 20_000;
const FIRST_SEED = 1;

describe('fault schedules', () => {
  it(`lose nothing in ${SCHEDULES} lives`, async () => {
    const violations: string[] = [];
    let done = 0;
    let operations = 0;
    let crashes = 0;
    let faults = 0;
    await runParallel(scheduleJobs(FIRST_SEED, SCHEDULES), (result) => {
      done += result.done;
      operations += result.operations;
      crashes += result.crashes;
      faults += result.faults;
      violations.push(...result.violations);
      return violations.length === 0;
    });
    expect(violations).toEqual([]);
    expect(done).toBe(SCHEDULES);
    expect(operations).toBeGreaterThanOrEqual(SCHEDULES * OPERATIONS);
    expect(crashes).toBeGreaterThanOrEqual(SCHEDULES);
    expect(faults).toBeGreaterThan(SCHEDULES);
    console.info(
      `${done} schedules, ${operations} operations, ${crashes} crashes, ${faults} faults`,
    );
  });

  it('go the same way when their seed is the same', async () => {
    // The first life loads libraries, which takes turns that no other life has.
    await runSchedule({ seed: 0 });
    for (let seed = 1; seed <= 40; seed++) {
      const first = await runSchedule({ seed });
      expect(await runSchedule({ seed }), `seed ${seed}`).toEqual(first);
    }
  });
});
