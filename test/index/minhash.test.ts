import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MilvusError, milvusError } from '../../src/base/errors.ts';
import { nativeAddon } from '../../src/base/native.ts';
import { TIE_ROWS_MAX } from '../../src/index/flat.ts';
import { scanTopK } from '../../src/index/kernels.ts';
import { minhash } from '../../src/index/minhash.ts';
import { minhashMeasure } from '../../src/index/minhash-signature.ts';
import type { Parameters } from '../../src/index/parameters.ts';
import {
  cancelBuild,
  type IndexBuilder,
  type IndexHits,
  type IndexTask,
  newBuildControl,
  rowsBuilt,
  type VectorIndex,
} from '../../src/index/vector-index.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { hitLists, numbersFrom, someAllowed } from '../suites/vector-index-suite.ts';
import { shared } from './reference.ts';

const addon = nativeAddon();
const builders: readonly (readonly [string, IndexBuilder])[] = [
  ['js', minhash(null)],
  ...(addon === null ? [] : [[addon.kernels, minhash(addon)] as const]),
];

interface Signatures {
  readonly elementBytes: number;
  readonly elements: number;
  readonly bands: number;
  readonly rowCount: number;
  readonly queryCount: number;
  readonly values: Uint8Array;
  readonly queries: Uint8Array;
}

interface SignatureOptions {
  readonly elementBytes?: number;
  readonly elements?: number;
  readonly bands?: number;
  readonly rowCount: number;
  readonly queryCount?: number;
  readonly seed?: number;
  /** Rows are like one of so many documents. */
  readonly documents?: number;
}

/** Signatures of documents, in which more or fewer elements are others'. */
function signatures(options: SignatureOptions): Signatures {
  const { elementBytes = 4, elements = 32, bands = 8, rowCount, queryCount = 12 } = options;
  const random = numbersFrom(options.seed ?? 1);
  const documents = options.documents ?? Math.ceil(rowCount / 10);
  const element = (document: number, i: number): number[] =>
    Array.from({ length: elementBytes }, (_, byte) => (document * 31 + i * 7 + byte * 3) & 0xff);
  const make = (count: number): Uint8Array => {
    const bytes: number[] = [];
    for (let row = 0; row < count; row++) {
      const document = Math.floor(random() * documents);
      const change = random() * 0.6;
      for (let i = 0; i < elements; i++) {
        const other = random() < change ? Math.floor(random() * 1000) : 0;
        bytes.push(...element(document + other, i));
      }
    }
    return shared(Uint8Array.from(bytes));
  };
  const [values, queries] = [make(rowCount), make(queryCount)];
  return { elementBytes, elements, bands, rowCount, queryCount, values, queries };
}

function buildParameters(world: Signatures, part: Parameters = {}): Parameters {
  return {
    mh_element_bit_width: world.elementBytes * 8,
    mh_lsh_band: world.bands,
    mh_lsh_bloom_false_positive_prob: 0.01,
    mh_lsh_shared_bloom_filter: false,
    mh_lsh_code_in_mem: true,
    with_raw_data: false,
    ...part,
  };
}

function taskOf(world: Signatures, part: Parameters = {}, threadCount = 1): IndexTask {
  const dim = world.elementBytes * world.elements * 8;
  return {
    kind: 'build-index',
    structure: 'MINHASH_LSH',
    metric: 'MHJACCARD',
    parameters: buildParameters(world, part),
    vectors: { type: DataType.BinaryVector, dim, values: world.values },
    rowCount: world.rowCount,
    threadCount,
    control: newBuildControl(),
  };
}

function built(builder: IndexBuilder, task: IndexTask): Uint8Array {
  const image = builder.build(task);
  if (image === null) throw new Error('the build was cancelled');
  return image;
}

function openOf(builder: IndexBuilder, task: IndexTask, isChecked = false): VectorIndex {
  return builder.open({ image: built(builder, task), vectors: task.vectors, isChecked });
}

interface Asked {
  readonly topK?: number;
  readonly isByShare?: boolean;
  readonly refineK?: number;
  readonly allowed?: Uint32Array | null;
}

function search(index: VectorIndex, world: Signatures, asked: Asked = {}): IndexHits {
  const { topK = 10, isByShare = false, refineK = 1, allowed = null } = asked;
  const { queries, queryCount } = world;
  const parameters = { mh_search_with_jaccard: isByShare, refine_k: refineK, ef: topK };
  return index.search({ queries, queryCount, topK, parameters, allowed });
}

/** All hits by query: what the scan, which has tests of its own, finds when every row is wanted. */
function scanned(
  world: Signatures,
  isByShare: boolean,
  allowed: Uint32Array | null,
): { rows: number[]; scores: number[] }[] {
  const { vectors, parameters } = taskOf(world);
  const result = scanTopK({
    kind: 'scan',
    metric: 'MHJACCARD',
    minhash: minhashMeasure(parameters, { mh_search_with_jaccard: isByShare }, vectors.dim),
    vectors,
    rowStart: 0,
    rowEnd: world.rowCount,
    allowed,
    queries: world.queries,
    queryCount: world.queryCount,
    topK: world.rowCount,
    tieRowsMax: TIE_ROWS_MAX,
  });
  return hitLists(result);
}

const shapes = fc.record({
  elementBytes: fc.constantFrom(1, 2, 3, 4, 8, 32),
  elements: fc.integer({ min: 1, max: 20 }),
  bands: fc.integer({ min: 1, max: 25 }),
  rowCount: fc.integer({ min: 1, max: 200 }),
  documents: fc.constantFrom(1, 2, 20),
  seed: fc.nat(),
});
const filters = fc.record({
  mh_lsh_bloom_false_positive_prob: fc.constantFrom(0, 0.001, 0.01, 0.5, 1),
  mh_lsh_shared_bloom_filter: fc.boolean(),
});

describe.each(builders)('MINHASH_LSH (%s)', (_, builder) => {
  it('finds every row that shares a band with the query, and no other', () => {
    const property = fc.property(shapes, filters, fc.boolean(), (shape, filter, isMasked) => {
      const world = signatures(shape);
      const allowed = isMasked ? someAllowed(shape.rowCount, 0.5, shape.seed) : null;
      const index = openOf(builder, taskOf(world, filter));
      const all = scanned(world, false, allowed);
      expect(hitLists(search(index, world, { topK: shape.rowCount, allowed }))).toEqual(all);
      const few = hitLists(search(index, world, { topK: 3, allowed }));
      for (const [query, { rows, scores }] of few.entries()) {
        const right = all[query]!.rows;
        expect(rows.length).toBe(Math.min(3, right.length));
        expect(rows.every((row) => right.includes(row))).toBe(true);
        expect(rows).toEqual(rows.toSorted((a, b) => a - b));
        expect(scores.every((score) => score === 1)).toBe(true);
      }
    });
    fc.assert(property, { numRuns: 80 });
  });

  it('has the best of them by their share of equal elements', () => {
    const property = fc.property(shapes, fc.boolean(), (shape, isMasked) => {
      const world = signatures(shape);
      const allowed = isMasked ? someAllowed(shape.rowCount, 0.5, shape.seed) : null;
      const index = openOf(builder, taskOf(world));
      const candidates = scanned(world, false, allowed);
      const shares = scanned(world, true, allowed);
      const asked = { topK: 5, isByShare: true, refineK: shape.rowCount, allowed };
      for (const [query, hits] of hitLists(search(index, world, asked)).entries()) {
        const { rows, scores } = shares[query]!;
        const among = new Set(candidates[query]!.rows);
        const right = rows.map((row, i) => [row, scores[i]!]).filter(([row]) => among.has(row!));
        expect(hits.rows.map((row, i) => [row, hits.scores[i]!])).toEqual(right.slice(0, 5));
      }
    });
    fc.assert(property, { numRuns: 80 });
  });

  it('compares as many candidates as it is asked to, and the hits wanted at least', () => {
    const world = signatures({ rowCount: 300, documents: 1 });
    const index = openOf(builder, taskOf(world));
    const best = (refineK: number): number =>
      search(index, world, { topK: 1, isByShare: true, refineK }).scores.reduce((a, b) => a + b);
    expect(best(1)).toBeLessThan(best(30));
    expect(best(30)).toBeLessThanOrEqual(best(300));
    expect(best(2_147_483_647)).toBe(best(300));
    const [first] = hitLists(search(index, world, { topK: 40, isByShare: true }));
    expect(first!.rows.length).toBe(40);
  });

  it('finds equal rows, all of them when there is room', () => {
    const world = signatures({ rowCount: 500 });
    const bytes = world.elementBytes * world.elements;
    for (let row = 101; row < 400; row++) {
      world.values.copyWithin(row * bytes, 100 * bytes, 101 * bytes);
    }
    const one = { ...world, queryCount: 1, queries: world.values.slice(100 * bytes, 101 * bytes) };
    const hits = search(openOf(builder, taskOf(world)), one, { topK: 500, isByShare: true });
    expect(Array.from(hits.rows.subarray(0, 300))).toEqual(
      Array.from({ length: 300 }, (__, i) => 100 + i),
    );
    expect(hits.scores.subarray(0, 300).every((score) => score === 1)).toBe(true);
  });

  it('has no hits where no row is allowed, and takes no bit behind the rows for one', () => {
    const world = signatures({ rowCount: 70, documents: 1 });
    const index = openOf(builder, taskOf(world));
    expect(search(index, world, { allowed: new Uint32Array(3) }).rows.length).toBe(0);
    const all = search(index, world, { topK: 100, allowed: new Uint32Array(3).fill(0xffffffff) });
    expect(all).toEqual(search(index, world, { topK: 100 }));
  });

  it('has as many bands as there are elements at most, and answers as if it were told so', () => {
    const world = signatures({ rowCount: 100, elements: 6, bands: 6 });
    const many = taskOf(world, { mh_lsh_band: 2_147_483_647 });
    expect(built(builder, many)).toEqual(built(builder, taskOf(world)));
  });

  it('says how far a build is, and ends one that is cancelled', () => {
    const world = signatures({ rowCount: 400 });
    const task = taskOf(world);
    expect(built(builder, task).buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(rowsBuilt(task.control)).toBe(400);
    const cancelled = taskOf(world);
    cancelBuild(cancelled.control);
    expect(builder.build(cancelled)).toBeNull();
    expect(rowsBuilt(cancelled.control)).toBe(0);
  });

  it('is not opened over other vectors', () => {
    const task = taskOf(signatures({ rowCount: 400 }));
    const image = built(builder, task);
    const { vectors } = task;
    for (const other of [
      { ...vectors, dim: vectors.dim - 32 },
      { ...vectors, values: vectors.values.subarray(1) },
      { type: DataType.Int8Vector, dim: vectors.dim, values: new Int8Array(400 * vectors.dim) },
    ]) {
      const open = (): VectorIndex => builder.open({ image, vectors: other, isChecked: true });
      expect(open).toThrow('it is of other vectors');
    }
  });

  it('is refused by its version when a newer one wrote it', () => {
    const task = taskOf(signatures({ rowCount: 10 }));
    const image = built(builder, task);
    image[8] = 9;
    expect(() => builder.open({ image, vectors: task.vectors, isChecked: false })).toThrow(
      milvusError('FormatNotSupported', { fields: { index: 'MINHASH_LSH', version: 9 } }),
    );
  });

  it('is refused or loses hits when a byte of it is wrong, and finds none that is not there', () => {
    const world = signatures({ rowCount: 60, elements: 6, bands: 3, documents: 2, queryCount: 4 });
    const task = taskOf(world);
    const image = built(builder, task);
    const right = scanned(world, false, null);
    let refused = 0;
    for (let at = 0; at < image.length; at++) {
      for (const flip of [0x01, 0x80, 0xff]) {
        image[at]! ^= flip;
        try {
          const index = builder.open({ image, vectors: task.vectors, isChecked: false });
          for (const [query, hits] of hitLists(search(index, world, { topK: 60 })).entries()) {
            expect(new Set(hits.rows).size).toBe(hits.rows.length);
            expect(hits.rows.every((row) => right[query]!.rows.includes(row))).toBe(true);
          }
        } catch (failure) {
          if (!(failure instanceof MilvusError)) throw failure;
          refused++;
        }
        image[at]! ^= flip;
      }
    }
    expect(refused).toBeGreaterThan(300);
    const index = builder.open({ image, vectors: task.vectors, isChecked: false });
    expect(hitLists(search(index, world, { topK: 60 }))).toEqual(right);
  });
});

describe.skipIf(addon === null)('MINHASH_LSH by native code', () => {
  it('is the image of its twin byte for byte, by one thread or several', () => {
    const [twin, native] = [minhash(null), minhash(addon)];
    const property = fc.property(shapes, filters, (shape, filter) => {
      const world = signatures(shape);
      const image = built(twin, taskOf(world, filter));
      for (const threads of [1, 4]) {
        const other = built(native, taskOf(world, filter, threads));
        expect(Buffer.compare(other, image)).toBe(0);
      }
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('answers as its twin bit for bit, each from the image of the other', () => {
    const [twin, native] = [minhash(null), minhash(addon)];
    const property = fc.property(shapes, fc.boolean(), (shape, isByShare) => {
      const world = signatures(shape);
      const task = taskOf(world);
      const open = (by: IndexBuilder, of: IndexBuilder): VectorIndex =>
        by.open({ image: built(of, task), vectors: task.vectors, isChecked: false });
      const allowed = someAllowed(shape.rowCount, 0.7);
      for (const asked of [{ isByShare }, { isByShare, refineK: 20, topK: 4, allowed }]) {
        expect(search(open(native, twin), world, asked)).toEqual(
          search(open(twin, native), world, asked),
        );
      }
    });
    fc.assert(property, { numRuns: 60 });
  });

  it('gives its memory back when it is closed, and is not searched any more', () => {
    const world = signatures({ rowCount: 30 });
    const index = openOf(minhash(addon), taskOf(world));
    index.close?.();
    index.close?.();
    expect(() => search(index, world)).toThrow('it was closed');
  });

  it('refuses what is no argument', () => {
    const { tablesBuild, tablesOpen } = addon!;
    const bytes = new Uint8Array(4096);
    const control = newBuildControl();
    const shape = [64, 1, 2, 10, 2, 2, 1, 7] as const;
    for (const [place, number] of [
      [0, 63],
      [1, 3],
      [2, 9],
      [3, 0],
      [3, 2 ** 31 - 1],
      [4, 29],
      [5, 3],
      [6, 0],
      [7, 17],
    ] as const) {
      const wrong = shape.map((one, i) => (i === place ? number : one)) as unknown as typeof shape;
      expect(() => tablesBuild(...wrong, bytes, bytes, 1, control), `${place}`).toThrow(TypeError);
      expect(() => tablesOpen(...wrong, bytes, bytes, true), `${place}`).toThrow(TypeError);
    }
    expect(() => tablesOpen(...shape, bytes.subarray(4095), bytes, true)).toThrow('vectors');
    expect(() => tablesOpen(...shape, bytes, bytes.subarray(4000), true)).toThrow('image');
    expect(() => tablesOpen(...shape, bytes, bytes.subarray(1), true)).toThrow('multiple of 4');
    expect(tablesOpen(...shape, bytes, bytes, false)).toBe('a table does not hold every row');
  });
});
