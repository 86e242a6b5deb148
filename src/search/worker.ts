/**
 * The entry of a worker thread: one scan a call. The column lies in shared memory, so does the word that
 * tells a running scan to stop.
 */
import type { ScanResult, ScanTask } from '../index/flat.ts';
import { openScan } from '../index/kernels.ts';

export interface WorkerTask {
  readonly scan: ScanTask;
  /** One word that becomes 1 when nobody waits for the result any more; null: somebody always does. */
  readonly cancelled: Int32Array | null;
}

/** @returns null when it was cancelled */
export function runScan(task: WorkerTask): ScanResult | null {
  const { cancelled } = task;
  const scan = openScan(task.scan);
  while (!scan.isDone) {
    if (cancelled !== null && Atomics.load(cancelled, 0) !== 0) return null;
    scan.step();
  }
  return scan.result();
}
