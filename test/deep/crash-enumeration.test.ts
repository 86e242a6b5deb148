/**
 * Every state that a power loss can leave, at every operation of every scenario, on an empty disk and behind
 * every beginning. `npm run campaign:crashes` plays them again with other rows and other interleavings.
 */
import { describe, expect, it } from 'vitest';
import { runParallel } from '../sim/parallel.ts';
import { SCENARIOS } from '../sim/scenarios.ts';
import { VARIANTS } from '../sim/variants.ts';

const SCENARIOS_MIN = 40;
const IMAGES_MIN = 50_000;

describe('crash enumeration', () => {
  it(`finds every promise kept in at least ${IMAGES_MIN} distinct states`, async () => {
    const violations: string[] = [];
    const images = new Set<string>();
    let checked = 0;
    const jobs = VARIANTS.map((_, index) => ({ kind: 'scenario' as const, index, seed: 1 }));
    await runParallel(jobs, (result) => {
      checked += result.done;
      for (const image of result.images) images.add(image);
      violations.push(...result.violations);
      return true;
    });
    console.info(
      `${SCENARIOS.length} scenarios in ${jobs.length} variants: ${images.size} distinct states, ${checked} checked`,
    );
    expect(violations).toEqual([]);
    expect(SCENARIOS.length).toBeGreaterThanOrEqual(SCENARIOS_MIN);
    expect(images.size).toBeGreaterThanOrEqual(IMAGES_MIN);
  });
});
