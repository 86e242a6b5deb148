/**
 * Crash enumeration in great number: every scenario behind every beginning, once a seed, with other rows and
 * with calls of the disk that overtake each other.
 *
 *   npm run campaign:crashes -- --seeds 10 --from 2 [--record]
 *
 * `--record` writes bench/results/crash-campaign.json. Every violation is printed with its seed; the exit
 * code says whether there was one.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runParallel } from '../../test/sim/parallel.ts';
import { SCENARIOS } from '../../test/sim/scenarios.ts';
import { VARIANTS } from '../../test/sim/variants.ts';
import type { Job } from '../../test/sim/worker.ts';

const RESULT = join(import.meta.dirname, '..', 'results', 'crash-campaign.json');
const PROGRESS_EVERY = 100;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10' },
    from: { type: 'string', default: '2' },
    record: { type: 'boolean', default: false },
  },
});

await campaign(Number(values.from), Number(values.seeds));

async function campaign(from: number, count: number): Promise<void> {
  const startMs = performance.now();
  const images = new Set<string>();
  let plays = 0;
  let checked = 0;
  let violations = 0;
  await runParallel(jobs(from, count), ({ job, ...result }) => {
    plays += 1;
    checked += result.done;
    violations += result.violations.length;
    for (const image of result.images) images.add(image);
    for (const violation of result.violations) console.error(`${JSON.stringify(job)} ${violation}`);
    if (plays % PROGRESS_EVERY === 0) {
      console.log(`${plays} plays, ${images.size} distinct states, ${violations} violations`);
    }
    return true;
  });
  const report = {
    name: 'crash campaign',
    node: process.version,
    cores: availableParallelism(),
    firstSeed: from,
    seeds: count,
    scenarios: SCENARIOS.length,
    variants: VARIANTS.length,
    distinctStates: images.size,
    checked,
    violations,
    seconds: Math.round((performance.now() - startMs) / 1000),
  };
  console.log(report);
  if (values.record) writeFileSync(RESULT, `${JSON.stringify(report, null, 2)}\n`);
  if (violations > 0) process.exitCode = 1;
}

function* jobs(from: number, count: number): Generator<Job> {
  for (let seed = from; seed < from + count; seed++) {
    for (const index of VARIANTS.keys()) yield { kind: 'scenario', index, seed };
  }
}
