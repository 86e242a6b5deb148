/**
 * The port of every index over the vectors of one segment: how it is built, opened and searched.
 *
 *   build   a task -> one run of bytes, the image, which is kept as a file
 *   open    an image, and the vectors it was built of -> an index on this thread
 *   search  the best rows of each query
 *
 * Tasks and hits are plain data, so that they cross to a worker: vectors, images and controls lie in
 * shared memory then. An image is written once and never changes; any number of threads may have it open.
 * Rows are offsets in the segment. Range search and next batches are made of searches, for every index the
 * same: see src/search/window-index-search.ts.
 */
import type { Vectors, VectorValues } from './distances.ts';
import type { IndexMetric } from './metric-type.ts';
import type { Parameters } from './parameters.ts';
import type { IndexStructure } from './registry.ts';

/** What is built of which vectors. */
export interface IndexTask {
  readonly kind: 'build-index';
  readonly structure: IndexStructure;
  readonly metric: IndexMetric;
  readonly parameters: Parameters;
  readonly vectors: Vectors;
  /** At least 1. */
  readonly rowCount: number;
  /** How many threads may work on it, this one included; twins use this one only. */
  readonly threadCount: number;
  readonly control: BuildControl;
}

/** Two words of shared memory between a build and who waits for it: rows done, and 1 to cancel it. */
export type BuildControl = Int32Array;

export function newBuildControl(): BuildControl {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** About; all of them when the build is done. */
export function rowsBuilt(control: BuildControl): number {
  return Atomics.load(control, 0);
}

export function setRowsBuilt(control: BuildControl, rowCount: number): void {
  Atomics.store(control, 0, rowCount);
}

/** The build ends within about a tenth of a second. */
export function cancelBuild(control: BuildControl): void {
  Atomics.store(control, 1, 1);
}

export function isBuildCancelled(control: BuildControl): boolean {
  return Atomics.load(control, 1) !== 0;
}

export interface IndexQueries {
  /** Vectors of the type and dimension of the index. */
  readonly queries: VectorValues;
  readonly queryCount: number;
  readonly topK: number;
  /** Search parameters as parameter-rules.ts leaves them: all that the index needs are there. */
  readonly parameters: Parameters;
  /** Bit i: row i may be in the answer; null: all rows may. */
  readonly allowed: Uint32Array | null;
}

/**
 * Query i has `counts[i]` hits behind those of query i - 1, best first, equal scores by row, at most topK
 * and no row twice.
 */
export interface IndexHits {
  readonly counts: Uint32Array;
  readonly rows: Uint32Array;
  /** As reported: see metrics.ts. Exact, unless the index keeps no vectors. */
  readonly scores: Float32Array;
}

export interface VectorIndex {
  readonly metric: IndexMetric;
  readonly rowCount: number;
  /** Bytes of memory beside the vectors. */
  readonly byteLength: number;
  /** Runs from beginning to end: whoever must not wait gives few queries a call. */
  search(queries: IndexQueries): IndexHits;
  /** Gives native memory back without waiting for the garbage collector; nothing is searched after it. */
  close?(): void;
}

export interface OpenOptions {
  readonly image: Uint8Array;
  readonly vectors: Vectors;
  /** A thread of this process opened these very bytes before, so they need not be checked again. */
  readonly isChecked: boolean;
}

/** One structure of index; plain functions, so that each can be replaced. */
export interface IndexBuilder {
  /** @returns the image, in shared memory; null when it was cancelled */
  build(task: IndexTask): Uint8Array | null;
  /**
   * An image that is damaged is refused, or answers wrongly; it never does worse.
   * @throws MilvusError DataIntegrity; FormatNotSupported when a newer version wrote it
   */
  open(options: OpenOptions): VectorIndex;
}
