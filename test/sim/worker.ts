/** One process of a long simulation: takes jobs, sends what came of each. */
import { Enumeration } from './crash-enumeration.ts';
import { runSchedule } from './schedule.ts';
import { Violation } from './model-check.ts';
import { VARIANTS } from './variants.ts';

export type Job =
  | { readonly kind: 'schedules'; readonly from: number; readonly count: number }
  | { readonly kind: 'scenario'; readonly index: number; readonly seed: number };

export interface JobResult {
  readonly job: Job;
  /** Schedules that ran, or states that were checked. */
  readonly done: number;
  readonly operations: number;
  readonly crashes: number;
  readonly faults: number;
  /** Of durable images, of an enumeration only. */
  readonly images: readonly string[];
  readonly violations: readonly string[];
}

/** With this one and those below, the calls of the disk end in their order. */
const ORDERLY_SEED = 1;
/** A job goes on after a violation, but not for ever. */
const VIOLATIONS_MAX = 10;

export async function runJob(job: Job): Promise<JobResult> {
  return job.kind === 'schedules' ? await runSchedules(job) : await runScenario(job);
}

async function runSchedules(job: Extract<Job, { kind: 'schedules' }>): Promise<JobResult> {
  const sum = { done: 0, operations: 0, crashes: 0, faults: 0 };
  const violations: string[] = [];
  for (let seed = job.from; seed < job.from + job.count; seed++) {
    try {
      const { operations, crashes, faults } = await runSchedule({ seed });
      sum.operations += operations;
      sum.crashes += crashes;
      sum.faults += faults;
    } catch (failure) {
      violations.push(failure instanceof Error ? failure.message : String(failure));
      if (violations.length === VIOLATIONS_MAX) break;
    }
    sum.done += 1;
  }
  return { job, ...sum, images: [], violations };
}

async function runScenario(job: Extract<Job, { kind: 'scenario' }>): Promise<JobResult> {
  const scenario = VARIANTS[job.index];
  if (scenario === undefined) throw new Error(`there is no scenario ${job.index}`);
  const enumeration = new Enumeration(scenario, {
    seed: job.seed,
    depth: 2,
    overtaking: job.seed > ORDERLY_SEED,
  });
  const none = { operations: 0, crashes: 0, faults: 0 };
  try {
    const { checked } = await enumeration.run();
    return {
      job,
      ...none,
      done: checked,
      crashes: checked,
      images: [...enumeration.images],
      violations: [],
    };
  } catch (failure) {
    if (!(failure instanceof Violation)) throw failure;
    return { job, ...none, done: 0, images: [], violations: [failure.message] };
  }
}

// The first life of a process loads libraries, which takes real time and so turns that no other life has.
const warm = runSchedule({ seed: 0 });

process.on('message', (job: Job) => {
  void warm.then(() => runJob(job)).then((result) => process.send?.(result));
});
process.on('disconnect', () => process.exit());
