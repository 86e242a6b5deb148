/** Runs jobs of simulations on every core. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Job, JobResult } from './worker.ts';

/** @param onResult sees each result as it comes; returns false to take no more jobs */
export async function runParallel(
  jobs: Iterable<Job>,
  onResult: (result: JobResult) => boolean,
): Promise<void> {
  const waiting = jobs[Symbol.iterator]();
  let isStopped = false;
  const run = async (): Promise<void> => {
    const worker = new Worker(new URL('worker.ts', import.meta.url));
    try {
      for (;;) {
        const next = isStopped ? null : waiting.next();
        if (next === null || next.done === true) return;
        const result = await answer(worker, next.value);
        if (!onResult(result)) isStopped = true;
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, run));
}

function answer(worker: Worker, job: Job): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      worker.off('message', onMessage);
      worker.off('error', onError);
    };
    const onMessage = (result: JobResult): void => {
      settle();
      resolve(result);
    };
    const onError = (error: Error): void => {
      settle();
      reject(error);
    };
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.postMessage(job, []);
  });
}

/** Seeds in portions, so that the cores end together. */
export function* scheduleJobs(from: number, count: number, portion = 100): Generator<Job> {
  for (let at = 0; at < count; at += portion) {
    yield { kind: 'schedules', from: from + at, count: Math.min(portion, count - at) };
  }
}
