/**
 * Every state that a power loss can leave, at every operation of every scenario. `npm run campaign:crashes` plays
 * each scenario also beside other data, after a kill and after a clean close.
 */
import { describe, expect, it } from 'vitest';
import { runParallel } from '../sim/parallel.ts';
import { SCENARIOS, VARIANTS } from '../sim/scenarios.ts';

const PLAYS_ALL = process.env['CRASH_VARIANTS'] === 'all';
const IMAGES_MIN = PLAYS_ALL ? 50_000 : 10_000;

describe('crash enumeration', () => {
  it(`finds every promise kept in at least ${IMAGES_MIN} distinct states`, async () => {
    const violations: string[] = [];
    const images = new Set<string>();
    let checked = 0;
    const jobs = VARIANTS.flatMap((variant, index) =>
      PLAYS_ALL || SCENARIOS.includes(variant) ? [{ kind: 'scenario' as const, index }] : [],
    );
    await runParallel(jobs, (result) => {
      checked += result.done;
      for (const image of result.images) images.add(image);
      violations.push(...result.violations);
      return true;
    });
    expect(violations).toEqual([]);
    expect(SCENARIOS.length).toBeGreaterThanOrEqual(40);
    expect(images.size).toBeGreaterThanOrEqual(IMAGES_MIN);
    console.info(
      `${SCENARIOS.length} scenarios in ${jobs.length} variants: ${images.size} distinct states, ${checked} checked`,
    );
  });
});
