/** The Workers port on the calling thread: for simulation, small machines and small searches. */
import type { Clock } from '../base/clock.ts';
import { milvusError } from '../base/errors.ts';
import type { ScanResult, ScanTask } from '../index/flat.ts';
import { openScan } from '../index/kernels.ts';
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

export function inlineWorkers(clock: Clock): SearchWorkers {
  let isClosed = false;
  return {
    parallelism: 1,
    async run(task, signal) {
      if (isClosed) throw milvusError('Closed');
      return await scanInline(task, signal === undefined ? { clock } : { clock, signal });
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
    },
  };
}
