/**
 * The entry of a worker thread: one scan, one search of an index, or one build a call. Columns and images
 * lie in shared memory, so does the word that tells a running task to stop.
 */
import { must } from '../base/assert.ts';
import { MilvusError } from '../base/errors.ts';
import type { ScanResult, ScanTask } from '../index/flat.ts';
import { openScan } from '../index/kernels.ts';
import { indexBuilder } from '../index/structures.ts';
import type { IndexHits, IndexTask } from '../index/vector-index.ts';
import type { IndexSearchTask } from './read-context.ts';
import { collectGarbage, type NamedMemory, SeenMemory } from './thread-memory.ts';

/** What every task tells the thread besides. */
interface Seeing {
  /** Shared memory of the task. */
  readonly memories: readonly NamedMemory[];
}

export interface WorkerTask extends Seeing {
  readonly scan: ScanTask;
  /** One word that becomes 1 when nobody waits for the result any more; null: somebody always does. */
  readonly cancelled: Int32Array | null;
}

const seen = new SeenMemory(collectGarbage);

/** @returns null when it was cancelled */
export function runScan(task: WorkerTask): ScanResult | null {
  seen.see(task.memories);
  const { cancelled } = task;
  const scan = openScan(task.scan);
  while (!scan.isDone) {
    if (cancelled !== null && Atomics.load(cancelled, 0) !== 0) return null;
    scan.step();
  }
  return scan.result();
}

/** @returns the hits; the reason, in words, when the image is refused: errors lose their class on the way */
export function searchIndex(task: IndexSearchTask & Seeing): IndexHits | string {
  seen.see(task.memories);
  const builder = must(indexBuilder(task.structure), 'only what was built is searched');
  try {
    const index = builder.open(task);
    const hits = index.search(task);
    index.close?.();
    return hits;
  } catch (failure) {
    if (failure instanceof MilvusError) return failure.message;
    throw failure;
  }
}

/** @returns the image in shared memory; null when it was cancelled */
export function buildIndex(task: IndexTask & Seeing): Uint8Array | null {
  seen.see(task.memories);
  const image = must(indexBuilder(task.structure), 'only what can be built is').build(task);
  seen.made(image?.byteLength ?? 0);
  return image;
}
