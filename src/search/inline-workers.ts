/** The Workers port on the calling thread: for simulation, small machines and small searches. */
import { must } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { milvusError } from '../base/errors.ts';
import type { ScanResult, ScanTask } from '../index/flat.ts';
import { openScan } from '../index/kernels.ts';
import { indexBuilder } from '../index/structures.ts';
import type { IndexTask } from '../index/vector-index.ts';
import { buildScalarIndex, type ScalarTask } from '../scalar/scalar-build.ts';
import { checkSignal, type ReadContext, type SearchWorkers, Turn } from './read-context.ts';

/** Runs a scan here and now, giving others a turn between its steps. */
export async function scanInline(
  task: ScanTask,
  context: Pick<ReadContext, 'clock' | 'signal'>,
): Promise<ScanResult> {
  checkSignal(context.signal);
  const turn = new Turn(context);
  const scan = openScan(task);
  while (!scan.isDone) {
    scan.step();
    if (turn.isOver) await turn.yield();
  }
  return scan.result();
}

/** The image of an index of either kind; null when it was cancelled. */
export function buildImage(task: IndexTask | ScalarTask): Uint8Array | null {
  if (task.kind === 'build-scalar-index') return buildScalarIndex(task);
  return must(indexBuilder(task.structure), 'only what can be built is').build(task);
}

/** Builds hold the thread from beginning to end: whoever must not wait has pool.ts. */
export function inlineWorkers(clock: Clock): SearchWorkers {
  let isClosed = false;
  const checkOpen = (signal: AbortSignal | undefined): void => {
    if (isClosed) throw milvusError('Closed');
    checkSignal(signal);
  };
  return {
    parallelism: 1,
    async run(task, signal) {
      checkOpen(signal);
      return await scanInline(task, signal === undefined ? { clock } : { clock, signal });
    },
    async searchIndex(task, signal) {
      checkOpen(signal);
      const builder = must(indexBuilder(task.structure), 'only what was built is searched');
      const index = builder.open(task);
      const hits = index.search(task);
      index.close?.();
      return hits;
    },
    async buildIndex(task, signal) {
      checkOpen(signal);
      return must(buildImage(task), 'nobody cancels what holds the thread');
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
    },
  };
}
