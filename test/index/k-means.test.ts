import { describe, expect, it } from 'vitest';
import {
  CentroidCosts,
  isBitSpace,
  kMeans,
  type MeansSpace,
  type MeansVectors,
  meansStride,
  newMeansVectors,
  orderByList,
} from '../../src/index/k-means.ts';
import { numbersFrom } from '../suites/vector-index-suite.ts';

const SPACES: readonly MeansSpace[] = [
  { metric: 'L2', dim: 8 },
  { metric: 'IP', dim: 8 },
  { metric: 'COSINE', dim: 8 },
  { metric: 'HAMMING', dim: 64 },
  { metric: 'JACCARD', dim: 64 },
];

/** Vectors around `groupCount` points, one after the other. */
function groups(space: MeansSpace, groupCount: number, count: number): MeansVectors {
  const random = numbersFrom(3);
  const vectors = newMeansVectors(space, count);
  const stride = meansStride(space);
  const isBits = isBitSpace(space);
  const points = Array.from({ length: groupCount * stride }, () =>
    isBits ? Math.floor(random() * 256) : random() * 20 - 10,
  );
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < stride; k++) {
      const point = points[(i % groupCount) * stride + k]!;
      vectors[i * stride + k] = isBits
        ? point ^ (random() < 0.2 ? 1 << Math.floor(random() * 8) : 0)
        : point + random() - 0.5;
    }
  }
  return vectors;
}

function run(space: MeansSpace, vectors: MeansVectors, count: number): MeansVectors {
  const centroids = newMeansVectors(space, count);
  const shares: number[] = [];
  const isDone = kMeans({
    space,
    vectors,
    centroids,
    isCancelled: () => false,
    tell: (share) => void shares.push(share),
  });
  expect(isDone).toBe(true);
  expect(shares.at(-1)).toBe(1);
  expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  return centroids;
}

function costOfAll(space: MeansSpace, vectors: MeansVectors, centroids: MeansVectors): number {
  const costs = new CentroidCosts(space, centroids);
  let sum = 0;
  for (let i = 0; i < vectors.length / meansStride(space); i++) {
    sum += costs.measure(vectors, i)[costs.nearest(vectors, i)]!;
  }
  return sum;
}

describe('k-means', () => {
  it.each(SPACES.slice(0, 3))('finds groups of very different sizes: $metric', (space) => {
    // Centroids that begin anywhere begin in the large group, where most of them stay.
    const vectors = groups(space, 1, 920);
    const small = groups(space, 10, 40);
    const stride = meansStride(space);
    for (let i = 0; i < 40; i++) {
      vectors.set(small.subarray(i * stride, (i + 1) * stride), i * 23 * stride);
    }
    const centroids = run(space, vectors, 10);
    const costs = new CentroidCosts(space, centroids);
    const found = new Set(Array.from({ length: 40 }, (_, i) => costs.nearest(small, i)));
    expect(found.size).toBe(10);
  });

  it.each(SPACES)('brings the cost of all vectors down: $metric', (space) => {
    const vectors = groups(space, 6, 600);
    const centroids = run(space, vectors, 12);
    const before = vectors.slice(0, centroids.length);
    if (space.metric === 'IP' || space.metric === 'COSINE') {
      for (let c = 0; c < before.length; c += 8) {
        const length = Math.hypot(...before.subarray(c, c + 8));
        for (let i = c; i < c + 8; i++) before[i]! /= length;
      }
    }
    const [after, start] = [centroids, before].map((each) => costOfAll(space, vectors, each));
    expect(after!).toBeLessThan(start!);
    expect(run(space, vectors, 12)).toEqual(centroids);
  });

  it('finds points that vectors lie around', () => {
    const space: MeansSpace = { metric: 'L2', dim: 8 };
    const vectors = groups(space, 5, 500);
    // 8 dimensions that are off by 1/12 of a square each.
    expect(costOfAll(space, vectors, run(space, vectors, 5)) / 500).toBeLessThan(0.8);
  });

  it('makes centroids of length 1 where directions decide, and of bits where bits do', () => {
    const products: MeansSpace = { metric: 'IP', dim: 8 };
    const centroids = run(products, groups(products, 4, 200), 4);
    for (let c = 0; c < 4; c++) {
      const values = Array.from(centroids.subarray(c * 8, c * 8 + 8));
      expect(Math.hypot(...values)).toBeCloseTo(1, 5);
    }
    const majority = newMeansVectors({ metric: 'HAMMING', dim: 8 }, 3);
    majority.set([0b0000_0111, 0b0000_0011, 0b1000_0001]);
    expect(run({ metric: 'HAMMING', dim: 8 }, majority, 1)).toEqual(Uint8Array.of(0b0000_0011));
    // Seven bits in three vectors: two of each, the most frequent ones.
    expect(run({ metric: 'JACCARD', dim: 8 }, majority, 1)).toEqual(Uint8Array.of(0b0000_0011));
  });

  it('gives every centroid members where there are different vectors, and stands equal ones', () => {
    const space: MeansSpace = { metric: 'L2', dim: 2 };
    const vectors = Float32Array.from({ length: 200 }, (_, i) => (i < 160 ? 1 : i));
    const costs = new CentroidCosts(space, run(space, vectors, 10));
    const used = new Set(Array.from({ length: 100 }, (_, i) => costs.nearest(vectors, i)));
    expect(used.size).toBeGreaterThanOrEqual(9);
    expect(run(space, new Float32Array(100), 10)).toEqual(new Float32Array(20));
  });

  it('ends when it is cancelled', () => {
    const space: MeansSpace = { metric: 'L2', dim: 8 };
    const vectors = groups(space, 5, 500);
    let looks = 0;
    const task = { space, vectors, centroids: newMeansVectors(space, 5), tell: () => undefined };
    expect(kMeans({ ...task, isCancelled: () => ++looks > 10 })).toBe(false);
    expect(looks).toBe(11);
  });
});

describe('costs of centroids', () => {
  it('are numbers, whatever the vectors are', () => {
    const wide = Float32Array.of(3e38, -3e38, 3e38, 3e38, 0, 0);
    for (const metric of ['L2', 'IP', 'COSINE'] as const) {
      const costs = new CentroidCosts({ metric, dim: 2 }, wide);
      for (let i = 0; i < 3; i++) {
        expect(costs.measure(wide, i).every((cost) => Number.isFinite(cost))).toBe(true);
      }
    }
  });
});

describe('orderByList', () => {
  it('puts numbers list by list, each list in order', () => {
    const [starts, order] = [new Uint32Array(5), new Uint32Array(6)];
    orderByList(Uint32Array.of(2, 0, 3, 2, 0, 2), starts, order);
    expect([...starts]).toEqual([0, 2, 2, 5, 6]);
    expect([...order]).toEqual([1, 4, 0, 3, 5, 2]);
  });
});
