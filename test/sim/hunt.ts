/**
 * Looks for a violation in the sources beside it. A program of its own, because the planted bugs run it in copies
 * of src and test/sim, and beside the sources as they are:
 *
 *   node hunt.ts everywhere [PLACE]   PLACE first, then LIVES schedules, then each scenario in every state
 *   node hunt.ts only PLACE           nothing but PLACE
 *
 * A PLACE is `life 17`, the schedule of that seed, or `scenario flush`. Prints, as JSON, the first Found; null
 * when there is none.
 */
import { Enumeration } from './crash-enumeration.ts';
import { SCENARIOS } from './scenarios.ts';
import { runSchedule } from './schedule.ts';

export interface Found {
  readonly place: string;
  readonly violation: string;
}

const LIVES = 400;
/** Loads what the first life of a process loads, which takes turns that no other life has. */
const FIRST_LIFE = 'life 0';
const LINES_MAX = 3;

async function hunt(places: Iterable<string>): Promise<Found | null> {
  for (const place of places) {
    const violation = await violationAt(place);
    if (violation !== null) return { place, violation };
  }
  return null;
}

async function violationAt(place: string): Promise<string | null> {
  try {
    await visit(place);
    return null;
  } catch (failure) {
    const text = failure instanceof Error ? failure.message : String(failure);
    const lines = text.split('\n').filter((line) => !/^\s*at /.test(line));
    return lines.slice(0, LINES_MAX).join('\n');
  }
}

async function visit(place: string): Promise<void> {
  const [, kind, name] = /^(life|scenario) (.+)$/.exec(place) ?? [];
  if (kind === 'life') await runSchedule({ seed: Number(name) });
  else {
    const index = SCENARIOS.findIndex((scenario) => scenario.name === name);
    const scenario = SCENARIOS[index];
    if (scenario === undefined) throw new Error(`there is no place ${place}`);
    await new Enumeration(scenario, { seed: index + 1 }).run();
  }
}

function* everywhere(first: readonly string[]): Generator<string> {
  yield* first;
  yield FIRST_LIFE;
  for (let seed = 1; seed <= LIVES; seed++) yield `life ${seed}`;
  for (const { name } of SCENARIOS) yield `scenario ${name}`;
}

const [how, ...places] = process.argv.slice(2);
const found = await hunt(how === 'only' ? [FIRST_LIFE, ...places] : everywhere(places));
console.log(JSON.stringify(found));
