/**
 * The entry of a worker thread: one scan, one search of an index, or one build a call. Columns and images
 * lie in shared memory or in files, the word that tells a running task to stop in shared memory.
 */
import os from 'node:os';
import { isMainThread } from 'node:worker_threads';
import { must } from '../base/assert.ts';
import { MilvusError } from '../base/errors.ts';
import type { ScanResult, ScanTask } from '../index/flat.ts';
import { openScan } from '../index/kernels.ts';
import { indexBuilder } from '../index/structures.ts';
import type { IndexHits, IndexTask } from '../index/vector-index.ts';
import type { ScalarTask } from '../scalar/scalar-build.ts';
import { buildImage } from './inline-workers.ts';
import { OpenIndexes } from './open-indexes.ts';
import type { IndexSearchTask } from './read-context.ts';
import { receive, type Sent } from './task-transport.ts';
import { collectGarbage, type NamedMemory, SeenMemory } from './thread-memory.ts';

/** What is added to the niceness of a thread that builds: a third of the share of one that answers somebody. */
const BUILD_NICENESS = 5;
const NICENESS_MAX = 19;

export interface WorkerTask {
  readonly scan: Sent<ScanTask>;
  /** One word that becomes 1 when nobody waits for the result any more; null: somebody always does. */
  readonly cancelled: Int32Array | null;
}

const seen = new SeenMemory(collectGarbage);
const kept = new OpenIndexes();

/** Columns in shared memory cross as they are, those that are few are copied. */
export interface ScalarWork {
  readonly task: ScalarTask;
  readonly memories: readonly NamedMemory[];
}

/** @returns null when it was cancelled */
export function runScan(task: WorkerTask): ScanResult | null {
  seen.see(task.scan.memories);
  const { cancelled } = task;
  const scan = openScan(receive(task.scan));
  while (!scan.isDone) {
    if (cancelled !== null && Atomics.load(cancelled, 0) !== 0) return null;
    scan.step();
  }
  return scan.result();
}

/** @returns the hits; the reason, in words, when the image is refused: errors lose their class on the way */
export function searchIndex(sent: Sent<IndexSearchTask>): IndexHits | string {
  seen.see(sent.memories);
  const task = receive(sent);
  const builder = must(indexBuilder(task.structure), 'only what was built is searched');
  try {
    if (sent.image !== null && sent.values !== null) {
      const { path } = sent.image.mapped;
      return ownBytes(kept.use(path, task, (options) => builder.open(options)).search(task));
    }
    const index = builder.open(task);
    const hits = index.search(task);
    index.close?.();
    return ownBytes(hits);
  } catch (failure) {
    if (failure instanceof MilvusError) return failure.message;
    throw failure;
  }
}

/** What crosses takes all of the memory behind it along. */
function ownBytes({ counts, rows, scores }: IndexHits): IndexHits {
  return { counts: counts.slice(), rows: rows.slice(), scores: scores.slice() };
}

/** @returns the image in shared memory; null when it was cancelled */
export function buildIndex(sent: Sent<IndexTask>): Uint8Array | null {
  giveWay();
  seen.see(sent.memories);
  const task = receive(sent);
  const image = buildImage(task);
  seen.made(image?.byteLength ?? 0);
  return image;
}

/** As `buildIndex`, of scalars. */
export function buildScalars({ task, memories }: ScalarWork): Uint8Array | null {
  giveWay();
  seen.see(memories);
  const image = buildImage(task);
  seen.made(image?.byteLength ?? 0);
  return image;
}

let hasGivenWay = false;

/**
 * From now on this thread, and those that it starts, run when others do not want the processor. Elsewhere than
 * on Linux niceness is the whole process's, and stays as it is.
 */
function giveWay(): void {
  if (hasGivenWay || process.platform !== 'linux' || isMainThread) return;
  hasGivenWay = true;
  try {
    os.setPriority(Math.min(NICENESS_MAX, os.getPriority() + BUILD_NICENESS));
  } catch (failure) {
    // What the system refuses, as a sandbox may, the build does as well without.
    if (!(failure instanceof Error && failure.name === 'SystemError')) throw failure;
  }
}
