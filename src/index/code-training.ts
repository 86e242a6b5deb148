/**
 * Codebooks: ranges for scalar codes, and for product codes k-means in every part by itself.
 * native/src/code_training.cc is the twin of this file.
 */
import { nearestEntry } from './code-encoder.ts';
import {
  codebookByteLength,
  codebookValues,
  type CodeShape,
  entryRoom,
  isPartitioned,
  isStepped,
  planeBits,
} from './codes.ts';

const ROUNDS_MIN = 4;
const ROUNDS_MAX = 20;
/** Elements of entries that points are compared with in all, about: a minute of a native thread. */
const WORK_MAX = 2e12;
/** Elements of entries that are compared with between two looks at whether to stop. */
const WORK_AT_ONCE: number = 2 ** 24;
/** How far from an entry that is split its other half begins, as a share of it. */
const SPLIT: number = 1 / 1024;
const SHUFFLE_SEED = 88_172_645_463_325_252n;
const UINT64_MASK = 0xffff_ffff_ffff_ffffn;

export interface TrainingSample {
  /** Prepared vectors less their centroids, one behind the other. */
  readonly vectors: Float32Array;
  /** At least 1. */
  readonly count: number;
}

/**
 * Fills a codebook.
 * @returns false when `isCancelled` said so on the way
 */
export function trainCodes(
  shape: CodeShape,
  sample: TrainingSample,
  codebook: Uint8Array,
  isCancelled: () => boolean,
): boolean {
  const values = codebookValues(codebook);
  if (isStepped(shape)) trainRanges(shape, sample, values);
  if (!isPartitioned(shape)) return true;
  const trainer = new PartTrainer(shape, sample, isCancelled);
  for (let part = 0; part < shape.parts; part++) {
    if (isCancelled()) return false;
    trainer.train(part, values);
  }
  return !isCancelled();
}

function trainRanges(
  shape: CodeShape,
  { vectors, count }: TrainingSample,
  out: Float32Array,
): void {
  const { dim, kind } = shape;
  const least = out.subarray(0, dim);
  const step = out.subarray(dim, dim * 2);
  least.set(vectors.subarray(0, dim));
  step.set(vectors.subarray(0, dim));
  for (let row = 1; row < count; row++) {
    for (let i = 0; i < dim; i++) {
      const value = vectors[row * dim + i]!;
      if (value < least[i]!) least[i] = value;
      if (value > step[i]!) step[i] = value;
    }
  }
  if (kind === 'SQ4U') {
    least.fill(least.reduce((left, right) => Math.min(left, right)));
    step.fill(step.reduce((left, right) => Math.max(left, right)));
  }
  const steps = 2 ** planeBits(shape) - 1;
  for (let i = 0; i < dim; i++) {
    // Each by itself: their difference may be more than a float holds.
    step[i] = Math.fround(step[i]! / steps) - Math.fround(least[i]! / steps);
  }
}

/** The same shuffle every time. */
class Shuffle {
  #state = SHUFFLE_SEED;

  below(bound: number): number {
    let state = this.#state;
    state ^= (state << 13n) & UINT64_MASK;
    state ^= state >> 7n;
    state ^= (state << 17n) & UINT64_MASK;
    this.#state = state;
    return Number(state % BigInt(bound));
  }
}

function roundsOf(shape: CodeShape, count: number): number {
  const rounds = WORK_MAX / ((codebookByteLength(shape) / 4) * count);
  return Math.min(ROUNDS_MAX, Math.max(ROUNDS_MIN, Math.trunc(rounds)));
}

/** K-means over one part of the sample. */
class PartTrainer {
  readonly #shape: CodeShape;
  readonly #sample: TrainingSample;
  readonly #isCancelled: () => boolean;
  readonly #dim: number;
  readonly #room: number;
  readonly #rounds: number;
  readonly #points: Float32Array;
  readonly #nearest: Uint32Array;
  readonly #sums: Float64Array;
  readonly #sizes: Uint32Array;
  readonly #costs: Float32Array;
  #values: Float32Array = new Float32Array(0);

  constructor(shape: CodeShape, sample: TrainingSample, isCancelled: () => boolean) {
    this.#shape = shape;
    this.#sample = sample;
    this.#isCancelled = isCancelled;
    this.#dim = shape.dim / shape.parts;
    this.#room = entryRoom(shape);
    this.#rounds = roundsOf(shape, sample.count);
    this.#points = new Float32Array(sample.count * this.#dim);
    this.#nearest = new Uint32Array(sample.count);
    this.#sums = new Float64Array(shape.entries * this.#dim);
    this.#sizes = new Uint32Array(shape.entries);
    this.#costs = new Float32Array(this.#room);
  }

  train(part: number, codebook: Float32Array): void {
    const { dim, layers, parts } = this.#shape;
    const length = this.#dim;
    for (let row = 0; row < this.#sample.count; row++) {
      const first = row * dim + part * length;
      this.#points.set(this.#sample.vectors.subarray(first, first + length), row * length);
    }
    for (let layer = 0; layer < layers && !this.#isCancelled(); layer++) {
      const size = length * this.#room;
      const table = layer * parts + part;
      this.#values = codebook.subarray(table * size, (table + 1) * size);
      this.#begin();
      for (let round = 0; round < this.#rounds && this.#assign(round === 0); round++) this.#move();
      if (layer + 1 < layers) this.#takeOff();
    }
  }

  /** The first entries are points; of fewer points than entries some are taken again. */
  #begin(): void {
    const { count } = this.#sample;
    const shuffle = new Shuffle();
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    this.#values.fill(0);
    for (let k = 0; k < this.#shape.entries; k++) {
      const at = k % count;
      const other = at + shuffle.below(count - at);
      const row = order[other]!;
      order[other] = order[at]!;
      order[at] = row;
      for (let d = 0; d < this.#dim; d++) {
        this.#values[d * this.#room + k] = this.#points[row * this.#dim + d]!;
      }
    }
  }

  /** False when nothing has changed, or the training is over. */
  #assign(isFirst: boolean): boolean {
    const some = Math.max(1, Math.floor(WORK_AT_ONCE / this.#values.length));
    let hasChanged = isFirst;
    for (let row = 0; row < this.#sample.count; row++) {
      if (row % some === 0 && this.#isCancelled()) return false;
      const entry = this.#nearestTo(row);
      hasChanged ||= entry !== this.#nearest[row];
      this.#nearest[row] = entry;
    }
    return hasChanged;
  }

  #nearestTo(row: number): number {
    const point = this.#points.subarray(row * this.#dim, (row + 1) * this.#dim);
    return nearestEntry(point, this.#values, this.#shape.entries, this.#costs);
  }

  /** Entries become the means of their points. */
  #move(): void {
    const dim = this.#dim;
    const { entries } = this.#shape;
    this.#sums.fill(0);
    this.#sizes.fill(0);
    for (let row = 0; row < this.#sample.count; row++) {
      const entry = this.#nearest[row]!;
      for (let d = 0; d < dim; d++) this.#sums[entry * dim + d]! += this.#points[row * dim + d]!;
      this.#sizes[entry]!++;
    }
    for (let k = 0; k < entries; k++) {
      const size = this.#sizes[k]!;
      if (size === 0) continue;
      for (let d = 0; d < dim; d++) {
        this.#values[d * this.#room + k] = this.#sums[k * dim + d]! / size;
      }
    }
    for (let k = 0; k < entries; k++) {
      if (this.#sizes[k] === 0) this.#splitLargest(k);
    }
  }

  /**
   * An entry without points takes half of those of the entry that has most. That one stays where it is, as
   * its points may all be equal.
   */
  #splitLargest(k: number): void {
    let from = 0;
    for (let other = 1; other < this.#shape.entries; other++) {
      if (this.#sizes[other]! > this.#sizes[from]!) from = other;
    }
    const size = this.#sizes[from]!;
    if (size < 2) return;
    for (let d = 0; d < this.#dim; d++) {
      const value = this.#values[d * this.#room + from]!;
      const apart = Math.fround(value * (d % 2 === 0 ? SPLIT : -SPLIT));
      this.#values[d * this.#room + k] = value + apart;
    }
    this.#sizes[k] = Math.floor(size / 2);
    this.#sizes[from] = size - Math.floor(size / 2);
  }

  /** What the next layer codes. */
  #takeOff(): void {
    const dim = this.#dim;
    for (let row = 0; row < this.#sample.count; row++) {
      const entry = this.#nearestTo(row);
      for (let d = 0; d < dim; d++) {
        const at = row * dim + d;
        this.#points[at]! -= this.#values[d * this.#room + entry]!;
      }
    }
  }
}
