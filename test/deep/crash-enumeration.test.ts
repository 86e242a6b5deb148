/** Every state that a power loss can leave, at every operation of every scenario. */
import { describe, expect, it } from 'vitest';
import { runParallel } from '../sim/parallel.ts';
import { SCENARIOS, VARIANTS } from '../sim/scenarios.ts';

const IMAGES_MIN = 50_000;

describe('crash enumeration', () => {
  it('finds every promise kept in at least 50,000 distinct states', async () => {
    const violations: string[] = [];
    const images = new Set<string>();
    let checked = 0;
    const jobs = VARIANTS.map((_, index) => ({ kind: 'scenario' as const, index }));
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
      `${SCENARIOS.length} scenarios in ${VARIANTS.length} variants: ${images.size} distinct states, ${checked} checked`,
    );
  });
});
