/** Runs jobs of simulations on every core. */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Job, JobResult } from './worker.ts';

const WORKER = fileURLToPath(new URL('worker.ts', import.meta.url));
/**
 * Every core is busy with a process of its own, so that threads which collect its garbage only get into
 * the way; and a life makes much garbage, which is cheap where there is room. Threads could not be told.
 */
const NODE_FLAGS = ['--single-threaded-gc', '--max-semi-space-size=32'];

/** @param onResult sees each result as it comes; returns false to take no more jobs */
export async function runParallel(
  jobs: Iterable<Job>,
  onResult: (result: JobResult) => boolean,
): Promise<void> {
  const waiting = jobs[Symbol.iterator]();
  let isStopped = false;
  const run = async (): Promise<void> => {
    const worker = fork(WORKER, { execArgv: NODE_FLAGS });
    try {
      for (;;) {
        const next = isStopped ? null : waiting.next();
        if (next === null || next.done === true) return;
        const result = await answer(worker, next.value);
        if (!onResult(result)) isStopped = true;
      }
    } finally {
      worker.kill('SIGKILL');
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, run));
}

function answer(worker: ChildProcess, job: Job): Promise<JobResult> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
    };
    const onMessage = (result: unknown): void => {
      settle();
      resolve(result as JobResult);
    };
    const onError = (error: Error): void => {
      settle();
      reject(error);
    };
    const onExit = (code: number | null, signal: string | null): void => {
      onError(new Error(`a simulation ended with ${code ?? signal}: ${JSON.stringify(job)}`));
    };
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
    worker.send(job);
  });
}

/** Seeds in portions, so that the cores end together. */
export function* scheduleJobs(from: number, count: number, portion = 100): Generator<Job> {
  for (let at = 0; at < count; at += portion) {
    yield { kind: 'schedules', from: from + at, count: Math.min(portion, count - at) };
  }
}
