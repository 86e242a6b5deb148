/**
 * The Workers port on threads. The first task starts them; an idle pool keeps no process alive. A task
 * that is cancelled is given up at once; the thread notices within a tile and is free for the next.
 */
import { availableParallelism } from 'node:os';
import type { Clock } from '../base/clock.ts';
import { milvusError } from '../base/errors.ts';
import type { ScanResult, ScanTask } from '../index/flat.ts';
import { inlineWorkers } from './inline-workers.ts';
import { cancellation, checkSignal, type SearchWorkers } from './read-context.ts';
import type { runScan, WorkerTask } from './worker.ts';
import { runsFromSource, workerEntry } from './worker-entry.ts';

export interface PoolOptions {
  readonly clock: Clock;
  /** Default: one a core. With one everything runs on the calling thread. */
  readonly threadCount?: number;
}

interface ThreadPool {
  run(task: WorkerTask): Promise<ReturnType<typeof runScan>>;
  destroy(): Promise<void>;
}

/** Threads, where there is more than one core and the entry of a thread can be run as it is. */
export function workerPool(options: PoolOptions): SearchWorkers {
  const threadCount = options.threadCount ?? availableParallelism();
  const canStart = !runsFromSource || process.features.typescript !== false;
  return threadCount > 1 && canStart ? new Pool(threadCount) : inlineWorkers(options.clock);
}

class Pool implements SearchWorkers {
  readonly parallelism: number;
  #threads: Promise<ThreadPool> | null = null;
  #isClosed = false;

  constructor(threadCount: number) {
    this.parallelism = threadCount;
  }

  async run(task: ScanTask, signal?: AbortSignal): Promise<ScanResult> {
    checkSignal(signal);
    this.#checkOpen();
    this.#threads ??= startThreads(this.parallelism);
    const threads = await this.#threads;
    this.#checkOpen();
    if (signal === undefined)
      return this.#done(await this.#settled(threads, { scan: task, cancelled: null }));
    const cancelled = new Int32Array(new SharedArrayBuffer(4));
    const { promise, reject } = Promise.withResolvers<never>();
    const abort = (): void => {
      Atomics.store(cancelled, 0, 1);
      reject(cancellation(signal));
    };
    signal.addEventListener('abort', abort, { once: true });
    try {
      checkSignal(signal);
      const work = this.#settled(threads, { scan: task, cancelled });
      // When the caller gives up first, nobody listens to a later failure.
      work.catch(() => undefined);
      return this.#done(await Promise.race([work, promise]));
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const threads = await this.#threads;
    await threads?.destroy();
  }

  #checkOpen(): void {
    if (this.#isClosed) throw milvusError('Closed');
  }

  /** A task that was under way when the pool was closed fails as every later one does. */
  async #settled(threads: ThreadPool, task: WorkerTask): Promise<ScanResult | null> {
    try {
      return await threads.run(task);
    } catch (cause) {
      if (this.#isClosed) throw milvusError('Closed', {}, cause);
      throw cause;
    }
  }

  #done(result: ScanResult | null): ScanResult {
    if (result === null) throw milvusError('Cancelled');
    return result;
  }
}

async function startThreads(threadCount: number): Promise<ThreadPool> {
  const { Piscina } = await import('piscina');
  return new Piscina<WorkerTask, ReturnType<typeof runScan>>({
    filename: workerEntry.href,
    name: 'runScan' satisfies keyof typeof import('./worker.ts'),
    minThreads: threadCount,
    maxThreads: threadCount,
    recordTiming: false,
  });
}
