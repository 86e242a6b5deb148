/**
 * Fault schedules in great number, or one of them in words.
 *
 *   npm run campaign:faults -- --seeds 1000000 --from 1 [--record]
 *   npm run sim -- --seed 42
 *
 * `--record` adds the run to bench/results/fault-campaign.json, which grows over many runs. Every violation
 * is printed with its seed; the exit code says whether there was one.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { commit } from '../result.ts';
import { runParallel, scheduleJobs } from '../../test/sim/parallel.ts';
import { runSchedule } from '../../test/sim/schedule.ts';

const RESULT = join(import.meta.dirname, '..', 'results', 'fault-campaign.json');
const PROGRESS_EVERY = 10_000;

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string', default: '20000' },
    from: { type: 'string', default: '1' },
    record: { type: 'boolean', default: false },
  },
});

if (values.seed === undefined) await campaign(Number(values.from), Number(values.seeds));
else await replay(Number(values.seed));

interface Run {
  readonly date: string;
  readonly commit: string;
  readonly node: string;
  readonly cores: number;
  readonly firstSeed: number;
  readonly schedules: number;
  readonly operations: number;
  readonly crashes: number;
  readonly faults: number;
  readonly violations: number;
  readonly seconds: number;
}

function record(run: Run): void {
  const earlier = existsSync(RESULT)
    ? (JSON.parse(readFileSync(RESULT, 'utf8')) as { readonly runs: readonly Run[] }).runs
    : [];
  const runs = [...earlier, run];
  const schedules = runs.reduce((sum, one) => sum + one.schedules, 0);
  const violations = runs.reduce((sum, one) => sum + one.violations, 0);
  const total = { name: 'fault campaign', schedules, violations, runs };
  writeFileSync(RESULT, `${JSON.stringify(total, null, 2)}\n`);
}

async function replay(seed: number): Promise<void> {
  // As in a campaign: the first life of a process loads libraries, and so takes turns that no other has.
  await runSchedule({ seed: 0 });
  console.log(await runSchedule({ seed, trace: (line) => console.log(line) }));
}

async function campaign(from: number, count: number): Promise<void> {
  const startMs = performance.now();
  const sum = { schedules: 0, operations: 0, crashes: 0, faults: 0 };
  const violations: string[] = [];
  let nextProgress = PROGRESS_EVERY;
  await runParallel(scheduleJobs(from, count), (result) => {
    sum.schedules += result.done;
    sum.operations += result.operations;
    sum.crashes += result.crashes;
    sum.faults += result.faults;
    violations.push(...result.violations);
    for (const violation of result.violations) console.error(violation);
    if (sum.schedules >= nextProgress) {
      nextProgress += PROGRESS_EVERY;
      console.log(`${sum.schedules} schedules, ${violations.length} violations`);
    }
    return true;
  });
  const seconds = Math.round((performance.now() - startMs) / 1000);
  const report: Run = {
    date: new Date().toISOString(),
    commit: commit(),
    node: process.version,
    cores: availableParallelism(),
    firstSeed: from,
    ...sum,
    violations: violations.length,
    seconds,
  };
  console.log(report);
  if (values.record) record(report);
  if (violations.length > 0) process.exitCode = 1;
}
