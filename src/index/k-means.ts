/**
 * k-means: centroids of a sample, and which of them is nearest to a vector.
 *
 *   space      cost                      centroid of its members
 *   L2         squared distance          their mean
 *   products   -x.c                      their mean at length 1, so that directions decide
 *   HAMMING    bits that differ          the bits that most of them have
 *   JACCARD    1 - |x and c| / |x or c|  the bits that are most frequent, as many as a member has
 *
 * Centroids begin as members far from each other (k-means++): each is the best of three that are drawn by their
 * cost to those before, among the first vectors of the sample. Then come fourteen rounds, in which a centroid
 * without members takes one of the largest list's. native/src/k_means.h is the twin of this file.
 */
import type { MetricType } from './metric-type.ts';

const ROUNDS = 14;
/** Vectors between two looks at whether the work is cancelled. */
const VECTORS_AT_ONCE = 64;
/** Of so many vectors a centroid the first ones are chosen. */
const SEEDS_PER_CENTROID = 32;
const CANDIDATES = 3;
const RANDOM_SEED = 0x9e3779b9;
const COST_MAX = 3.402_823_466_385_288_6e38;
const NO_LIST = 0xffffffff;

/** Vectors of a space: float32, or bits when the metric compares them. */
export interface MeansSpace {
  readonly metric: MetricType;
  readonly dim: number;
}

export type MeansVectors = Float32Array | Uint8Array;

export function isBitSpace({ metric }: MeansSpace): boolean {
  return metric === 'HAMMING' || metric === 'JACCARD';
}

/** Array elements of one vector. */
export function meansStride(space: MeansSpace): number {
  return isBitSpace(space) ? space.dim / 8 : space.dim;
}

export function newMeansVectors(space: MeansSpace, count: number): MeansVectors {
  const length = meansStride(space) * count;
  return isBitSpace(space) ? new Uint8Array(length) : new Float32Array(length);
}

/** Bits that are set in each byte. */
const BYTE_BITS = Uint8Array.from(
  { length: 256 },
  (_, byte) => byte.toString(2).replaceAll('0', '').length,
);

/** Costs of vectors against centroids. All of them are numbers and finite. */
export class CentroidCosts {
  readonly #space: MeansSpace;
  readonly #centroids: MeansVectors;
  readonly #stride: number;
  readonly #costs: Float32Array;

  /** @param centroids are read at every call */
  constructor(space: MeansSpace, centroids: MeansVectors) {
    this.#space = space;
    this.#centroids = centroids;
    this.#stride = meansStride(space);
    this.#costs = new Float32Array(centroids.length / this.#stride);
  }

  /** Costs of vector `index` against all centroids; kept until the next call. */
  measure(vectors: MeansVectors, index: number): Float32Array {
    const { metric } = this.#space;
    const start = index * this.#stride;
    if (metric === 'HAMMING') this.#hamming(vectors, start);
    else if (metric === 'JACCARD') this.#jaccard(vectors, start);
    else if (metric === 'L2') this.#distances(vectors, start);
    else this.#products(vectors, start);
    return this.#costs;
  }

  /** The nearest centroid, of equal ones the first. */
  nearest(vectors: MeansVectors, index: number): number {
    const costs = this.measure(vectors, index);
    let best = 0;
    for (let c = 1; c < costs.length; c++) if (costs[c]! < costs[best]!) best = c;
    return best;
  }

  #distances(vectors: MeansVectors, start: number): void {
    const centroids = this.#centroids;
    const stride = this.#stride;
    for (let c = 0, at = 0; c < this.#costs.length; c++, at += stride) {
      let sum = 0;
      for (let i = 0; i < stride; i++) {
        const difference = vectors[start + i]! - centroids[at + i]!;
        sum += difference * difference;
      }
      this.#costs[c] = finite(sum);
    }
  }

  #products(vectors: MeansVectors, start: number): void {
    const centroids = this.#centroids;
    const stride = this.#stride;
    for (let c = 0, at = 0; c < this.#costs.length; c++, at += stride) {
      let sum = 0;
      for (let i = 0; i < stride; i++) sum += vectors[start + i]! * centroids[at + i]!;
      this.#costs[c] = finite(-sum);
    }
  }

  #hamming(vectors: MeansVectors, start: number): void {
    const centroids = this.#centroids;
    const stride = this.#stride;
    for (let c = 0, at = 0; c < this.#costs.length; c++, at += stride) {
      let sum = 0;
      for (let i = 0; i < stride; i++) sum += BYTE_BITS[vectors[start + i]! ^ centroids[at + i]!]!;
      this.#costs[c] = sum;
    }
  }

  #jaccard(vectors: MeansVectors, start: number): void {
    const centroids = this.#centroids;
    const stride = this.#stride;
    for (let c = 0, at = 0; c < this.#costs.length; c++, at += stride) {
      let either = 0;
      let different = 0;
      for (let i = 0; i < stride; i++) {
        either += BYTE_BITS[vectors[start + i]! | centroids[at + i]!]!;
        different += BYTE_BITS[vectors[start + i]! ^ centroids[at + i]!]!;
      }
      this.#costs[c] = either === 0 ? 1 : different / either;
    }
  }
}

/** NaN, which only overflow can bring, counts as the worst cost. */
function finite(cost: number): number {
  return Number.isNaN(cost) ? COST_MAX : Math.max(-COST_MAX, Math.min(COST_MAX, cost));
}

export interface MeansTask {
  readonly space: MeansSpace;
  /** At least as many as centroids, in an order that says nothing. */
  readonly vectors: MeansVectors;
  readonly centroids: MeansVectors;
  readonly isCancelled: () => boolean;
  /** Hears after each round which share of all work is done. */
  readonly tell: (share: number) => void;
}

/** Fills the centroids. @returns false when it was cancelled */
export function kMeans(task: MeansTask): boolean {
  const means = new Means(task);
  if (!means.begin()) return false;
  for (let round = 0; round < ROUNDS; round++) {
    const moved = means.assign();
    if (moved === null) return false;
    means.update();
    means.fillEmpty();
    task.tell((round + 1) / ROUNDS);
    // When no vector moves, no later round moves one.
    if (moved === 0) break;
  }
  task.tell(1);
  return true;
}

class Means {
  readonly #task: MeansTask;
  readonly #stride: number;
  readonly #costs: CentroidCosts;
  readonly #lists: Uint32Array;
  /** Vectors list by list. */
  readonly #order: Uint32Array;
  readonly #starts: Uint32Array;

  constructor(task: MeansTask) {
    const { space, vectors, centroids } = task;
    this.#task = task;
    this.#stride = meansStride(space);
    this.#costs = new CentroidCosts(space, centroids);
    this.#lists = new Uint32Array(vectors.length / this.#stride).fill(NO_LIST);
    this.#order = new Uint32Array(this.#lists.length);
    this.#starts = new Uint32Array(centroids.length / this.#stride + 1);
  }

  /** Chooses the first centroids. @returns false when it was cancelled */
  begin(): boolean {
    const { isCancelled } = this.#task;
    const listCount = this.#starts.length - 1;
    const seeding = new Seeding(
      this.#task,
      Math.min(this.#lists.length, SEEDS_PER_CENTROID * listCount),
    );
    for (let list = 0; list < listCount; list++) {
      if (isCancelled()) return false;
      // Where every vector is a centroid already, any will do: empty lists are filled later.
      if (seeding.isCovered) this.#place(list, list);
      else seeding.takeBest(list);
    }
    return true;
  }

  /** How many vectors are in another list now; null when it was cancelled. */
  assign(): number | null {
    const { vectors, isCancelled } = this.#task;
    let moved = 0;
    for (let i = 0; i < this.#lists.length; i++) {
      if (i % VECTORS_AT_ONCE === 0 && isCancelled()) return null;
      const list = this.#costs.nearest(vectors, i);
      if (list !== this.#lists[i]) moved++;
      this.#lists[i] = list;
    }
    orderByList(this.#lists, this.#starts, this.#order);
    return moved;
  }

  update(): void {
    const isBits = isBitSpace(this.#task.space);
    for (let list = 0; list + 1 < this.#starts.length; list++) {
      if (this.#sizeOf(list) === 0) continue;
      if (isBits) this.#bitMean(list);
      else this.#floatMean(list);
    }
  }

  /** Gives centroids without members a member of a large list each, the largest first. */
  fillEmpty(): void {
    const lists = Array.from({ length: this.#starts.length - 1 }, (_, list) => list);
    const empty = lists.filter((list) => this.#sizeOf(list) === 0);
    if (empty.length === 0) return;
    lists.sort((left, right) => this.#sizeOf(right) - this.#sizeOf(left) || left - right);
    let next = 0;
    for (const from of lists) {
      const member = this.#otherMember(from);
      if (member === null) continue;
      this.#place(empty[next++]!, member);
      if (next === empty.length) return;
    }
  }

  #place(list: number, index: number): void {
    const { space, vectors, centroids } = this.#task;
    const stride = this.#stride;
    const vector = vectors.subarray(index * stride, (index + 1) * stride);
    placeCentroid(space, vector, centroids.subarray(list * stride, (list + 1) * stride));
  }

  /** A member of the list, from its end on, that is not the first one's equal; null: all are. */
  #otherMember(list: number): number | null {
    const start = this.#starts[list]!;
    const size = this.#sizeOf(list);
    for (let i = 0; i < size; i++) {
      const member = this.#order[start + size - 1 - i]!;
      if (!this.#areEqual(member, this.#order[start]!)) return member;
    }
    return null;
  }

  #areEqual(left: number, right: number): boolean {
    const { vectors } = this.#task;
    const stride = this.#stride;
    for (let i = 0; i < stride; i++) {
      if (vectors[left * stride + i] !== vectors[right * stride + i]) return false;
    }
    return true;
  }

  #sizeOf(list: number): number {
    return this.#starts[list + 1]! - this.#starts[list]!;
  }

  #floatMean(list: number): void {
    const { space, vectors, centroids } = this.#task;
    const { dim } = space;
    const sums = new Float64Array(dim);
    for (let at = this.#starts[list]!; at < this.#starts[list + 1]!; at++) {
      const start = this.#order[at]! * dim;
      for (let i = 0; i < dim; i++) sums[i]! += vectors[start + i]!;
    }
    let scale = 1 / this.#sizeOf(list);
    if (space.metric !== 'L2') {
      let square = 0;
      for (let i = 0; i < dim; i++) square += sums[i]! * sums[i]!;
      scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    }
    for (let i = 0; i < dim; i++) centroids[list * dim + i] = sums[i]! * scale;
  }

  #bitMean(list: number): void {
    const { space, vectors, centroids } = this.#task;
    const stride = this.#stride;
    const count = this.#sizeOf(list);
    const sums = new Uint32Array(space.dim);
    let total = 0;
    for (let at = this.#starts[list]!; at < this.#starts[list + 1]!; at++) {
      const start = this.#order[at]! * stride;
      for (let i = 0; i < space.dim; i++) {
        const bit = (vectors[start + (i >>> 3)]! >>> (i & 7)) & 1;
        sums[i]! += bit;
        total += bit;
      }
    }
    const out = centroids.subarray(list * stride, (list + 1) * stride);
    out.fill(0);
    const set = (bit: number): void => {
      out[bit >>> 3]! |= 1 << (bit & 7);
    };
    if (space.metric === 'HAMMING') {
      for (let i = 0; i < space.dim; i++) if (sums[i]! * 2 > count) set(i);
      return;
    }
    // The most frequent first, of equal ones the first bit.
    const ranks = Array.from(sums, (_, bit) => bit);
    ranks.sort((left, right) => sums[right]! - sums[left]! || left - right);
    for (const bit of ranks.slice(0, Math.floor((total + (count >>> 1)) / count))) set(bit);
  }
}

/** Makes a vector a centroid: with products of length 1, as others are, or a long one is nearest to all. */
function placeCentroid(space: MeansSpace, vector: MeansVectors, centroid: MeansVectors): void {
  centroid.set(vector);
  if (!hasDirections(space)) return;
  const length = lengthOf(vector);
  const scale = length > 0 ? 1 / length : 0;
  for (let i = 0; i < vector.length; i++) centroid[i] = vector[i]! * scale;
}

function hasDirections(space: MeansSpace): boolean {
  return !isBitSpace(space) && space.metric !== 'L2';
}

function lengthOf(vector: MeansVectors): number {
  let square = 0;
  for (const value of vector) square += value * value;
  return Math.sqrt(square);
}

/** Choosing the first centroids. */
class Seeding {
  readonly #task: MeansTask;
  readonly #stride: number;
  readonly #count: number;
  readonly #candidates: MeansVectors;
  readonly #measure: CentroidCosts;
  /** By vector and candidate. */
  readonly #costs: Float32Array;
  /** By vector: what is to be added to a cost so that 0 is the least that it can be. */
  readonly #lengths: Float32Array;
  /** By vector: the cost of the nearest centroid. */
  readonly #least: Float32Array;
  #total = Number.POSITIVE_INFINITY;
  #random = RANDOM_SEED;

  constructor(task: MeansTask, count: number) {
    const { space } = task;
    this.#task = task;
    this.#stride = meansStride(space);
    this.#count = count;
    this.#candidates = newMeansVectors(space, CANDIDATES);
    this.#measure = new CentroidCosts(space, this.#candidates);
    this.#costs = new Float32Array(count * CANDIDATES);
    this.#least = new Float32Array(count).fill(COST_MAX);
    const directed = hasDirections(space);
    this.#lengths = new Float32Array(count).map((_, i) =>
      directed ? finite(lengthOf(this.#vector(i))) : 0,
    );
  }

  get isCovered(): boolean {
    return this.#total === 0;
  }

  takeBest(list: number): void {
    const { space, centroids } = this.#task;
    const stride = this.#stride;
    for (let candidate = 0; candidate < CANDIDATES; candidate++) {
      const vector = this.#vector(list === 0 ? candidate % this.#count : this.#draw());
      const start = candidate * stride;
      placeCentroid(space, vector, this.#candidates.subarray(start, start + stride));
    }
    for (let i = 0; i < this.#count; i++) {
      this.#costs.set(this.#measure.measure(this.#task.vectors, i), i * CANDIDATES);
    }
    let best = 0;
    let bestTotal = Number.POSITIVE_INFINITY;
    for (let candidate = 0; candidate < CANDIDATES; candidate++) {
      let total = 0;
      for (let i = 0; i < this.#count; i++) total += this.#leastWith(i, candidate);
      if (total >= bestTotal) continue;
      best = candidate;
      bestTotal = total;
    }
    for (let i = 0; i < this.#count; i++) this.#least[i] = this.#leastWith(i, best);
    this.#total = bestTotal;
    centroids.set(this.#candidates.subarray(best * stride, (best + 1) * stride), list * stride);
  }

  #leastWith(i: number, candidate: number): number {
    const cost = this.#costs[i * CANDIDATES + candidate]! + this.#lengths[i]!;
    return Math.min(this.#least[i]!, Math.max(0, cost));
  }

  #vector(i: number): MeansVectors {
    return this.#task.vectors.subarray(i * this.#stride, (i + 1) * this.#stride);
  }

  /** A vector, drawn by its cost. */
  #draw(): number {
    this.#random ^= this.#random << 13;
    this.#random ^= this.#random >>> 17;
    this.#random ^= this.#random << 5;
    let left = ((this.#random >>> 0) / 2 ** 32) * this.#total;
    for (let i = 0; i + 1 < this.#count; i++) {
      left -= this.#least[i]!;
      if (left < 0) return i;
    }
    return this.#count - 1;
  }
}

/**
 * Numbers of members, list by list and in order within each.
 * @param starts gets where each list begins in `order`, and one more
 */
export function orderByList(lists: Uint32Array, starts: Uint32Array, order: Uint32Array): void {
  starts.fill(0);
  for (const list of lists) starts[list + 1]!++;
  for (let list = 1; list < starts.length; list++) starts[list]! += starts[list - 1]!;
  const next = starts.slice();
  for (let i = 0; i < lists.length; i++) order[next[lists[i]!]!++] = i;
}
