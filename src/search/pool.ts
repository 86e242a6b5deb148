/**
 * The Workers port on threads. The first task starts them; an idle pool keeps no process alive. A task
 * that is cancelled is given up at once; the thread notices within a tile and is free for the next.
 * Indexes are built on one more thread, which ends when nothing is left to build.
 *
 * A process that ends waits for what its threads run in native code: builds under way are cancelled then. That is
 * the one handler that this library installs, for as long as it builds.
 */
import { availableParallelism } from 'node:os';
import type { Clock } from '../base/clock.ts';
import { milvusError } from '../base/errors.ts';
import type { ScanResult, ScanTask } from '../index/flat.ts';
import {
  type BuildControl,
  cancelBuild,
  type IndexHits,
  type IndexTask,
} from '../index/vector-index.ts';
import type { ScalarTask } from '../scalar/scalar-build.ts';
import { inlineWorkers } from './inline-workers.ts';
import {
  cancellation,
  checkSignal,
  type IndexSearchTask,
  type SearchWorkers,
} from './read-context.ts';
import { send } from './task-transport.ts';
import { type NamedMemory, namedMemory } from './thread-memory.ts';
import { runsFromSource, workerEntry } from './worker-entry.ts';

type Entry = typeof import('./worker.ts');
type EntryName = keyof Entry;

export interface PoolOptions {
  readonly clock: Clock;
  /** Default: one a core. With one all but builds runs on the calling thread. */
  readonly threadCount?: number;
}

interface ThreadPool {
  run(task: unknown, options: { readonly name: EntryName }): Promise<unknown>;
  destroy(): Promise<void>;
}

/** How long the thread of builds waits for the next. */
const BUILD_IDLE_MS = 1000;

/** Threads, where the entry of a thread can be run as it is. */
export function workerPool(options: PoolOptions): SearchWorkers {
  const threadCount = options.threadCount ?? availableParallelism();
  const inline = inlineWorkers(options.clock);
  const canStart = !runsFromSource || process.features.typescript !== false;
  if (!canStart) return inline;
  return new Pool(threadCount > 1 ? searchThreads(threadCount) : inline);
}

/** Threads of one entry file, started when first needed. */
class Threads {
  readonly #options: { readonly min: number; readonly max: number };
  #starting: Promise<ThreadPool> | null = null;
  #isClosed = false;

  constructor(options: { readonly min: number; readonly max: number }) {
    this.#options = options;
  }

  /** A task that was under way when the pool was closed fails as every later one does. */
  async run<Name extends EntryName>(
    name: Name,
    task: Parameters<Entry[Name]>[0],
  ): Promise<ReturnType<Entry[Name]>> {
    this.#checkOpen();
    this.#starting ??= startThreads(this.#options);
    const threads = await this.#starting;
    this.#checkOpen();
    try {
      return (await threads.run(task, { name })) as ReturnType<Entry[Name]>;
    } catch (cause) {
      if (this.#isClosed) throw milvusError('Closed', {}, cause);
      throw cause;
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const threads = await this.#starting;
    await threads?.destroy();
  }

  #checkOpen(): void {
    if (this.#isClosed) throw milvusError('Closed');
  }
}

/** `work`, or the cancellation of `signal` when that comes first; `cancel` tells the work. */
async function untilAborted<Result>(
  signal: AbortSignal,
  cancel: () => void,
  start: () => Promise<Result>,
): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    cancel();
    reject(cancellation(signal));
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    checkSignal(signal);
    const work = start();
    // When the caller gives up first, nobody listens to a later failure.
    work.catch(() => undefined);
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

function done<Result>(result: Result | null): Result {
  if (result === null) throw milvusError('Cancelled');
  return result;
}

/** The memory of a column that threads share. */
function memoriesOf({ column }: ScalarTask): NamedMemory[] {
  const leaf = column.kind === 'list' ? column.elements : column;
  if (leaf.kind === 'sparse') return [];
  return namedMemory(leaf.kind === 'bytes' ? leaf.bytes : leaf.values);
}

/** Builds under way, of all pools of this process. */
const building = new Set<BuildControl>();

function cancelBuilds(): void {
  for (const control of building) cancelBuild(control);
}

/** `build`, which the end of the process cancels. */
async function untilExit<Result>(
  control: BuildControl,
  build: () => Promise<Result>,
): Promise<Result> {
  if (building.size === 0) process.once('exit', cancelBuilds);
  building.add(control);
  try {
    return await build();
  } finally {
    building.delete(control);
    if (building.size === 0) process.off('exit', cancelBuilds);
  }
}

/** Builds beside workers of any kind. */
class Pool implements SearchWorkers {
  readonly parallelism: number;
  readonly #workers: Omit<SearchWorkers, 'buildIndex'>;
  readonly #builds = new Threads({ min: 0, max: 1 });

  constructor(workers: Omit<SearchWorkers, 'buildIndex'>) {
    this.#workers = workers;
    this.parallelism = workers.parallelism;
  }

  async run(task: ScanTask, signal?: AbortSignal): Promise<ScanResult> {
    return await this.#workers.run(task, signal);
  }

  async searchIndex(task: IndexSearchTask, signal?: AbortSignal): Promise<IndexHits> {
    return await this.#workers.searchIndex(task, signal);
  }

  async buildIndex(task: IndexTask | ScalarTask, signal?: AbortSignal): Promise<Uint8Array> {
    checkSignal(signal);
    const run = async (): Promise<Uint8Array | null> =>
      task.kind === 'build-scalar-index'
        ? await this.#builds.run('buildScalars', { task, memories: memoriesOf(task) })
        : await this.#builds.run('buildIndex', send(task));
    const start = async (): Promise<Uint8Array | null> => await untilExit(task.control, run);
    if (signal === undefined) return done(await start());
    return done(await untilAborted(signal, () => cancelBuild(task.control), start));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#builds.close();
    await this.#workers[Symbol.asyncDispose]();
  }
}

function searchThreads(threadCount: number): Omit<SearchWorkers, 'buildIndex'> {
  const threads = new Threads({ min: threadCount, max: threadCount });
  return {
    parallelism: threadCount,
    async run(task, signal) {
      checkSignal(signal);
      const scan = send(task);
      if (signal === undefined)
        return done(await threads.run('runScan', { scan, cancelled: null }));
      const cancelled = new Int32Array(new SharedArrayBuffer(4));
      const cancel = (): void => {
        Atomics.store(cancelled, 0, 1);
      };
      const start = async (): Promise<ScanResult | null> =>
        await threads.run('runScan', { scan, cancelled });
      return done(await untilAborted(signal, cancel, start));
    },
    async searchIndex(task, signal) {
      checkSignal(signal);
      const start = async (): Promise<IndexHits | string> =>
        await threads.run('searchIndex', send(task));
      const found = await (signal === undefined
        ? start()
        : untilAborted(signal, () => undefined, start));
      if (typeof found === 'string') throw milvusError('DataIntegrity', { message: found });
      return found;
    },
    async [Symbol.asyncDispose]() {
      await threads.close();
    },
  };
}

async function startThreads({ min, max }: { min: number; max: number }): Promise<ThreadPool> {
  const { Piscina } = await import('piscina');
  return new Piscina<unknown, unknown>({
    filename: workerEntry.href,
    minThreads: min,
    maxThreads: max,
    idleTimeout: BUILD_IDLE_MS,
    recordTiming: false,
    // A thread that waits for tasks outside its event loop never frees native objects.
    atomics: 'disabled',
  });
}
