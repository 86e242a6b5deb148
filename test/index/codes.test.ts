import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Encoder } from '../../src/index/code-encoder.ts';
import { CodeQuery } from '../../src/index/code-query.ts';
import { trainCodes } from '../../src/index/code-training.ts';
import {
  checkCodebook,
  checkRun,
  codebookByteLength,
  codebookValues,
  codeByteLength,
  type CodeKind,
  type CodeMetric,
  type CodeShape,
  codeShapeOf,
  codeShapeWords,
  decodeCode,
  hasStride,
  isCodeShape,
  isHalf,
  isLengthened,
  planeBits,
  prepareVector,
  runByteLength,
  sampleRows,
  sizedFor,
} from '../../src/index/codes.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { indexWorld, numbersFrom } from '../suites/vector-index-suite.ts';

const ROWS = 70;
const DIM = 72;
const BASE = 3;

interface Options {
  readonly metric?: CodeMetric;
  readonly bits?: number;
  readonly dim?: number;
}

function shapeOf(kind: CodeKind, options: Options = {}): CodeShape {
  const { metric = 'L2', bits = 8, dim = DIM } = options;
  const isBlocked = kind === 'BLOCKED_PRODUCT';
  const isPartitioned = isBlocked || kind === 'PRODUCT' || kind === 'RESIDUAL_PRODUCT';
  return sizedFor(
    {
      kind,
      metric,
      dim,
      parts: isPartitioned ? dim / 2 : 1,
      layers: kind === 'RESIDUAL_PRODUCT' ? 3 : 1,
      bits: isBlocked ? 4 : isPartitioned || kind === 'RABIT' ? bits : 0,
      entries: 0,
    },
    ROWS,
  );
}

const SHAPES: readonly CodeShape[] = (['L2', 'IP', 'COSINE'] as const).flatMap((metric) => [
  shapeOf('SQ8', { metric }),
  shapeOf('SQ6', { metric }),
  shapeOf('SQ4', { metric }),
  shapeOf('SQ4U', { metric }),
  shapeOf('FP16', { metric }),
  shapeOf('BF16', { metric }),
  shapeOf('PRODUCT', { metric }),
  shapeOf('PRODUCT', { metric, bits: 3 }),
  shapeOf('RESIDUAL_PRODUCT', { metric }),
  shapeOf('BLOCKED_PRODUCT', { metric }),
  ...[1, 2, 3, 5, 7, 9].map((bits) => shapeOf('RABIT', { metric, bits })),
]);
const NAMED = SHAPES.map((shape) => [nameOf(shape), shape] as const);

function nameOf({ kind, metric, bits }: CodeShape): string {
  return `${kind} ${bits} ${metric}`;
}

interface World {
  readonly shape: CodeShape;
  readonly rows: Float32Array;
  readonly query: Float32Array;
  readonly centroid: Float32Array;
  readonly codebook: Uint8Array;
  /** Codes of all rows, less the centroid and as they are. */
  readonly run: Uint8Array;
  readonly plainRun: Uint8Array;
}

function rowOf({ rows, shape }: World, row: number): Float32Array {
  return rows.subarray(row * shape.dim, (row + 1) * shape.dim);
}

function worldOf(shape: CodeShape, seed = 1): World {
  const random = numbersFrom(seed);
  const vectors = (count: number, size: number): Float32Array => {
    const all = Float32Array.from({ length: count * shape.dim }, () => (random() - 0.5) * 2 * size);
    for (let row = 0; row < count; row++) {
      prepareVector(
        shape,
        shape.metric === 'COSINE',
        all.subarray(row * shape.dim, (row + 1) * shape.dim),
      );
    }
    return all;
  };
  const rows = vectors(ROWS, 1);
  // A zero row, and two that are equal.
  rows.fill(0, 3 * shape.dim, 4 * shape.dim);
  rows.copyWithin(5 * shape.dim, 4 * shape.dim, 5 * shape.dim);
  const codebook = new Uint8Array(codebookByteLength(shape));
  trainCodes(shape, { vectors: rows, count: ROWS }, codebook, () => false);
  const [query, centroid] = [vectors(1, 1), vectors(1, 0.1)];
  const encoder = new Encoder(shape, codebook);
  const [run, plainRun] = [centroid, null].map((taken) => {
    const bytes = new Uint8Array(runByteLength(shape, ROWS));
    for (let row = 0; row < ROWS; row++) {
      encoder.encode(rows.subarray(row * shape.dim, (row + 1) * shape.dim), taken, bytes, row);
    }
    return bytes;
  });
  return { shape, rows, query, centroid, codebook, run: run!, plainRun: plainRun! };
}

function decoded({ shape, codebook }: World, run: Uint8Array, position: number): Float32Array {
  const out = new Float32Array(shape.dim);
  decodeCode(shape, codebook, { run, position }, out);
  return out;
}

function dot(left: ArrayLike<number>, right: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < left.length; i++) sum += left[i]! * right[i]!;
  return sum;
}

function costsOf(world: World, run: Uint8Array, centroid: Float32Array | null): Float32Array {
  const query = new CodeQuery(world.shape, world.codebook);
  query.setQuery(world.query, 0);
  if (centroid !== null) query.setList(centroid, BASE);
  const costs = new Float32Array(ROWS);
  query.costs(run, 0, ROWS, costs);
  return costs;
}

/** The cost that the formula gives a decoded row: see the top of codes.ts. */
function formula(world: World, row: number, centroid: Float32Array | null): number {
  const { shape, query } = world;
  const run = centroid === null ? world.plainRun : world.run;
  const taken = centroid ?? new Float32Array(shape.dim);
  const code = decoded(world, run, row);
  const isL2 = shape.metric === 'L2';
  const fold = isL2 ? 2 : 1;
  const base = centroid !== null ? BASE : isL2 ? dot(query, query) : 0;
  if (shape.kind !== 'RABIT') {
    const whole = code.map((value, i) => value + taken[i]!);
    const isZero = rowOf(world, row).every((value) => value === 0);
    const biases = {
      L2: dot(code, code) + 2 * dot(taken, code),
      IP: 0,
      COSINE: isZero ? 0.5 : dot(whole, whole) / 2,
    };
    if (isLengthened(shape)) {
      const length = dot(whole, whole);
      const factor = length > 0 ? Math.sqrt(dot(rowOf(world, row), rowOf(world, row)) / length) : 1;
      return Math.min(factor, 4) * (base - dot(query, code));
    }
    const bias = biases[shape.metric];
    return base + bias - fold * dot(query, code);
  }
  const rest = rowOf(world, row).map((value, i) => value - taken[i]!);
  const bias = isL2 ? dot(rest, rest) : -dot(taken, rest);
  const query2 = query.map((value, i) => value - taken[i]!);
  return base + bias - fold * dot(query2, code);
}

describe('codes', () => {
  it.each(NAMED)('cost what their formula says: %s', (_name, shape) => {
    const world = worldOf(shape);
    for (const centroid of [null, world.centroid]) {
      const run = centroid === null ? world.plainRun : world.run;
      const costs = costsOf(world, run, centroid);
      // Codes of few bits meet 8 bits of each product, or of each element of the query.
      const isFew = shape.kind === 'BLOCKED_PRODUCT' || planeBits(shape) <= 4;
      const slack = isFew && !isHalf(shape) && shape.kind !== 'PRODUCT' ? 0.4 : 0.01;
      for (let row = 0; row < ROWS; row++) {
        expect(Math.abs(costs[row]! - formula(world, row, centroid))).toBeLessThan(slack);
      }
    }
  });

  it.each(NAMED)('cost the same wherever they are asked for: %s', (_name, shape) => {
    const world = worldOf(shape);
    const costs = costsOf(world, world.plainRun, null);
    const query = new CodeQuery(shape, world.codebook);
    query.setQuery(world.query, 0);
    const some = new Float32Array(6);
    query.costs(world.plainRun, 64, 6, some);
    expect(some).toEqual(costs.subarray(64, 70));
    if (!hasStride(shape)) return;
    query.costsOf(world.plainRun, Uint32Array.of(69, 0, 33, 33), 4, some);
    expect(some.subarray(0, 4)).toEqual(
      Float32Array.of(costs[69]!, costs[0]!, costs[33]!, costs[33]!),
    );
    expect(costs[4]).toBe(costs[5]);
  });

  it.each(NAMED)('cost a number, whatever is damaged: %s', (_name, shape) => {
    const world = worldOf(shape);
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(0, 1, 8), (seed, bits) => {
        const random = numbersFrom(seed);
        const run = world.run.map(() => random() * 256);
        const codebook = world.codebook.map(() => random() * 256);
        if (!checkRun(shape, run, ROWS)) return;
        const query = new CodeQuery(shape, codebook);
        query.setQuery(world.query, bits);
        query.setList(world.centroid, 3e38);
        const costs = new Float32Array(ROWS);
        query.costs(run, 0, ROWS, costs);
        expect(costs.every((cost) => Number.isFinite(cost))).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  it.each(NAMED)('cost a number at the ends of the range of floats: %s', (_name, shape) => {
    const ends = Float32Array.from(
      { length: shape.dim },
      (_, i) => [3.4e38, -3.4e38, 1e-45, 0, -1][i % 5]!,
    );
    const codebook = new Uint8Array(codebookByteLength(shape));
    const both = new Float32Array(shape.dim * 2);
    both.set(ends);
    trainCodes(shape, { vectors: both, count: 2 }, codebook, () => false);
    expect(checkCodebook(codebook)).toBe(true);
    const run = new Uint8Array(runByteLength(shape, 2));
    const encoder = new Encoder(shape, codebook);
    const query = new CodeQuery(shape, codebook);
    const costs = new Float32Array(2);
    const minus = ends.map((value) => -value);
    for (const centroid of [ends, minus]) {
      for (let row = 0; row < 2; row++) encoder.encode(ends, centroid, run, row);
      for (const bits of [0, 4]) {
        query.setQuery(minus, bits);
        query.setList(centroid, 3.4e38);
        query.costs(run, 0, 2, costs);
        expect(costs.every((cost) => Number.isFinite(cost))).toBe(true);
      }
    }
  });

  it('of scalars are within half a step of what they stand for', () => {
    for (const kind of ['SQ8', 'SQ6', 'SQ4', 'SQ4U'] as const) {
      const world = worldOf(shapeOf(kind));
      const steps = codebookValues(world.codebook).subarray(DIM);
      for (let row = 0; row < ROWS; row++) {
        for (const [i, value] of decoded(world, world.plainRun, row).entries()) {
          const away = Math.abs(value - rowOf(world, row)[i]!);
          expect(away).toBeLessThanOrEqual((steps[i]! / 2) * 1.001);
        }
      }
    }
  });

  it('of more bits, and of more layers, are nearer to what they stand for', () => {
    const distance = (shape: CodeShape): number => {
      const world = worldOf(shape);
      let sum = 0;
      for (let row = 0; row < ROWS; row++) {
        const code = decoded(world, world.plainRun, row);
        sum += code.reduce((total, value, i) => total + (value - rowOf(world, row)[i]!) ** 2, 0);
      }
      return sum;
    };
    const chains: readonly (readonly CodeShape[])[] = [
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((bits) => shapeOf('RABIT', { bits })),
      [1, 2, 3, 4, 5].map((bits) => shapeOf('PRODUCT', { bits })),
      [1, 2, 3, 4].map((layers) => ({ ...shapeOf('RESIDUAL_PRODUCT', { bits: 3 }), layers })),
      [shapeOf('SQ4U'), shapeOf('SQ4'), shapeOf('SQ6'), shapeOf('SQ8')],
    ];
    for (const chain of chains) {
      const distances = chain.map(distance);
      expect(distances).toEqual(distances.toSorted((left, right) => right - left));
    }
  });

  it('of RaBitQ estimate costs better with more bits of the query', () => {
    const world = worldOf(shapeOf('RABIT', { bits: 9 }));
    const exact = costsOf(world, world.plainRun, null);
    const errors = [1, 2, 4, 6, 8, 0].map((bits) => {
      const query = new CodeQuery(world.shape, world.codebook);
      query.setQuery(world.query, bits);
      const costs = new Float32Array(ROWS);
      query.costs(world.plainRun, 0, ROWS, costs);
      return costs.reduce((sum, cost, row) => sum + Math.abs(cost - exact[row]!), 0);
    });
    expect(errors).toEqual(errors.toSorted((left, right) => right - left));
    expect(errors.at(-1)).toBe(0);
  });

  it('find the entry of a vector that is one, and take the first of equals', () => {
    const shape = shapeOf('PRODUCT');
    const world = worldOf(shape);
    // As many entries as rows: each row has its own, or that of an equal one.
    expect(shape.entries).toBe(ROWS);
    for (let row = 0; row < ROWS; row++) {
      expect(decoded(world, world.plainRun, row)).toEqual(rowOf(world, row));
    }
    expect(world.plainRun.subarray(0, codeByteLength(shape))).toHaveLength(40);
  });

  it.each([
    ['PRODUCT', 'IP', 3],
    ['PRODUCT', 'COSINE', 3],
    ['RESIDUAL_PRODUCT', 'IP', 1],
    ['BLOCKED_PRODUCT', 'IP', 2],
    ['BLOCKED_PRODUCT', 'COSINE', 2],
  ] as const)('of products are as long as their rows: %s by %s', (kind, metric, bits) => {
    const shape = sizedFor({ ...shapeOf(kind, { metric }), bits }, ROWS);
    const world = worldOf(shape);
    for (const taken of [null, world.centroid]) {
      const run = taken === null ? world.plainRun : world.run;
      for (let row = 0; row < ROWS; row++) {
        const whole = decoded(world, run, row).map((value, i) => value + (taken?.[i] ?? 0));
        const vector = rowOf(world, row);
        const at = hasStride(shape) ? row * codeByteLength(shape) : 0;
        const block = Math.floor(row / 32) * runByteLength(shape, 32);
        const place = hasStride(shape) ? at : block + (row % 32) * 4;
        const factor = new DataView(run.buffer).getFloat32(place, true);
        const length = Math.sqrt(dot(vector, vector));
        expect(factor * Math.sqrt(dot(whole, whole))).toBeCloseTo(length, 3);
      }
    }
  });

  it('of products find more by IP than what is decoded of rows of many lengths', () => {
    const [rowCount, dim] = [600, 32];
    const type = DataType.FloatVector;
    const made = indexWorld({ type, metric: 'IP', rowCount, dim, clusterCount: 60 });
    const rows = Float32Array.from(made.values);
    const random = numbersFrom(7);
    for (let row = 0; row < rowCount; row++) {
      const length = Math.exp(random() - 0.5);
      for (let i = row * dim; i < (row + 1) * dim; i++) rows[i]! *= length;
    }
    const shape = { ...shapeOf('PRODUCT', { metric: 'IP', dim }), parts: 4, bits: 5, entries: 32 };
    const codebook = new Uint8Array(codebookByteLength(shape));
    trainCodes(shape, { vectors: rows, count: rowCount }, codebook, () => false);
    const encoder = new Encoder(shape, codebook);
    const run = new Uint8Array(runByteLength(shape, rowCount));
    const plain = new Float32Array(rowCount * dim);
    for (let row = 0; row < rowCount; row++) {
      encoder.encode(rows.subarray(row * dim, (row + 1) * dim), null, run, row);
      const out = plain.subarray(row * dim, (row + 1) * dim);
      decodeCode(shape, codebook, { run, position: row }, out);
    }
    const best = (costs: Iterable<number>): number[] =>
      [...costs]
        .map((cost, row) => ({ cost, row }))
        .toSorted((left, right) => left.cost - right.cost)
        .slice(0, 10)
        .map(({ row }) => row);
    const query = new CodeQuery(shape, codebook);
    const costs = new Float32Array(rowCount);
    const found = { byCodes: 0, byDecoded: 0 };
    for (let q = 0; q < made.queryCount; q++) {
      const vector = Float32Array.from(made.queries.subarray(q * dim, (q + 1) * dim));
      const products = (values: Float32Array): number[] =>
        Array.from(costs, (_, row) => -dot(vector, values.subarray(row * dim, (row + 1) * dim)));
      const right = best(products(rows));
      const count = (some: number[]): number => some.filter((row) => right.includes(row)).length;
      query.setQuery(vector, 0);
      query.costs(run, 0, rowCount, costs);
      found.byCodes += count(best(costs));
      found.byDecoded += count(best(products(plain)));
    }
    expect(found.byCodes).toBeGreaterThan(found.byDecoded * 1.1);
  });

  it('name entries beyond a byte', () => {
    const shape = { ...shapeOf('PRODUCT', { bits: 9 }), entries: 300 };
    const world = worldOf(shape);
    expect(codeByteLength(shape)).toBe(76);
    expect(checkRun(shape, world.run, ROWS)).toBe(true);
    const broken = Uint8Array.from(world.run);
    broken[5] = 0xff;
    expect(checkRun(shape, broken, ROWS)).toBe(false);
    expect(decoded(world, world.plainRun, 69)).toEqual(rowOf(world, 69));
  });
});

describe('codebooks', () => {
  it.each(NAMED)('are the same every time, and end when they are told to: %s', (_name, shape) => {
    const world = worldOf(shape);
    const again = new Uint8Array(codebookByteLength(shape));
    const sample = { vectors: world.rows, count: ROWS };
    expect(trainCodes(shape, sample, again, () => false)).toBe(true);
    expect(again).toEqual(world.codebook);
    if (shape.entries > 0) expect(trainCodes(shape, sample, again, () => true)).toBe(false);
  });

  it('of few rows have few entries, and those of fewer points repeat them', () => {
    const shape = { ...shapeOf('PRODUCT'), entries: 16 };
    const codebook = new Uint8Array(codebookByteLength(shape));
    const vectors = Float32Array.from({ length: DIM }, (_, i) => i);
    trainCodes(shape, { vectors, count: 1 }, codebook, () => false);
    expect(codebookValues(codebook).subarray(0, 32)).toEqual(
      Float32Array.from({ length: 32 }, (_, i) => (i < 16 ? 0 : 1)),
    );
    expect(sizedFor(shape, 0).entries).toBe(1);
    expect(sizedFor({ ...shape, bits: 24 }, 1e6).entries).toBe(65_536);
    expect(sizedFor({ ...shape, bits: 12 }, 3000).entries).toBe(750);
    expect(sizedFor({ ...shape, bits: 12 }, 300).entries).toBe(256);
    expect(sampleRows({ ...shape, entries: 2 })).toBe(512);
    expect(sampleRows({ ...shape, dim: 32_768, entries: 65_536 })).toBe(2048);
  });

  it('that are no numbers are refused', () => {
    const codebook = Uint8Array.from(worldOf(shapeOf('SQ8')).codebook);
    expect(checkCodebook(codebook)).toBe(true);
    codebook.fill(0xff, 8, 12);
    expect(checkCodebook(codebook)).toBe(false);
  });
});

describe('shapes of codes', () => {
  it('are eight words and back', () => {
    for (const shape of SHAPES) {
      expect(isCodeShape(shape)).toBe(true);
      expect(codeShapeOf(codeShapeWords(shape))).toEqual(shape);
    }
  });

  it('that no codes have are refused', () => {
    const words = codeShapeWords(shapeOf('PRODUCT'));
    const changes = [
      [0, 10],
      [1, 3],
      [2, 0],
      [2, 32_769],
      [3, 0],
      [3, 5],
      [4, 0],
      [4, 2],
      [5, 0],
      [5, 25],
      [6, 0],
      [6, 257],
      [7, 1],
    ] as const;
    for (const [i, value] of changes) expect(codeShapeOf(words.with(i, value))).toBeNull();
    const rabit = codeShapeWords(shapeOf('RABIT'));
    expect(codeShapeOf(rabit.with(5, 10))).toBeNull();
    expect(codeShapeOf(rabit.with(6, 1))).toBeNull();
    const scalar = codeShapeWords(shapeOf('SQ8'));
    expect(codeShapeOf(scalar.with(5, 8))).toBeNull();
    expect(codeShapeOf(codeShapeWords(shapeOf('BLOCKED_PRODUCT')).with(5, 5))).toBeNull();
    expect(codeShapeOf([])).toBeNull();
  });
});

describe('vectors that are prepared', () => {
  it('have length 1 for COSINE, and keep their products under a rotation', () => {
    for (const dim of [1, 2, 3, 64, 100, 384]) {
      const random = numbersFrom(dim);
      const vectors = [1, 2].map(() => Float32Array.from({ length: dim }, () => random() - 0.5));
      const before = dot(vectors[0]!, vectors[1]!);
      for (const kind of ['SQ8', 'RABIT'] as const) {
        const turned = vectors.map((vector) => Float32Array.from(vector));
        const shape = shapeOf(kind, { dim });
        for (const vector of turned) prepareVector(shape, false, vector);
        expect(dot(turned[0]!, turned[1]!)).toBeCloseTo(before, 4);
        if (kind === 'SQ8') expect(turned).toEqual(vectors);
        for (const vector of turned) prepareVector(shape, true, vector);
        expect(dot(turned[0]!, turned[0]!)).toBeCloseTo(1, 5);
      }
    }
  });

  it('stay zero', () => {
    const zero = new Float32Array(100);
    prepareVector(shapeOf('RABIT', { dim: 100 }), true, zero);
    expect(zero.every((value) => Math.abs(value) === 0)).toBe(true);
  });

  it('spread one element over all', () => {
    const vector = new Float32Array(384);
    vector[7] = 1;
    prepareVector(shapeOf('RABIT', { dim: 384 }), false, vector);
    expect(Math.max(...vector.map(Math.abs))).toBeLessThan(0.25);
  });
});
