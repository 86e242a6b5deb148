import { expect, it } from 'vitest';
import { runParallel, scheduleJobs } from './parallel.ts';

it('runs every job and sees what came of each', async () => {
  const found: string[] = [];
  await runParallel(scheduleJobs(1, 3, 1), ({ job, done, violations }) => {
    if (job.kind === 'schedules') found.push(`${job.from} ${done} ${violations.length}`);
    return true;
  });
  expect(found.toSorted()).toEqual(['1 1 0', '2 1 0', '3 1 0']);
}, 60_000);
