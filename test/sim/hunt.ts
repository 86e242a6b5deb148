/**
 * Looks for a violation in the sources beside it: schedules first, then scenarios. Run as a program by the
 * planted bugs, in a copy of src and test/sim; prints what it found, or nothing.
 */
import { Enumeration } from './crash-enumeration.ts';
import { SCENARIOS } from './scenarios.ts';
import { runSchedule } from './schedule.ts';

const SCHEDULES = 400;
const STATES_PER_SCENARIO = 400;

async function hunt(): Promise<string | null> {
  try {
    for (let seed = 1; seed <= SCHEDULES; seed++) await runSchedule({ seed });
    for (const [index, scenario] of SCENARIOS.entries()) {
      await new Enumeration(scenario, { seed: index + 1, stateLimit: STATES_PER_SCENARIO }).run();
    }
    return null;
  } catch (failure) {
    return failure instanceof Error ? failure.message : String(failure);
  }
}

const found = await hunt();
if (found !== null) console.log(found.split('\n', 2).join(' '));
