import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  flatByteLength,
  type FlatShape,
  flatShapeOf,
  FlatWriter,
  hasFlatCodes,
  newerFlatVersion,
} from '../../src/index/flat-image.ts';
import { DataType } from '../../src/schema/data-type.ts';

const HEADER = 64;

function imageOf(shape: FlatShape, values: Float32Array): Uint8Array {
  const bytes = new Uint8Array(flatByteLength(shape));
  const { dim, rowCount } = shape;
  const writer = new FlatWriter(shape, { type: DataType.FloatVector, dim, values }, bytes);
  writer.encode(0, rowCount >> 1);
  writer.encode(rowCount >> 1, rowCount);
  return bytes;
}

/** What the codes of a row stand for, and what is said of them: read by the documentation alone. */
function decode({ dim, rowCount, metric }: FlatShape, bytes: Uint8Array, row: number) {
  const stride = Math.ceil(dim / 4) * 4;
  const rows = Math.ceil(rowCount / 16) * 16;
  const view = new DataView(bytes.buffer);
  const number = (section: number): number =>
    view.getFloat32(HEADER + rows * stride + (section * rows + row) * 4, true);
  const panel = HEADER + (row >> 4) * stride * 16;
  const at = (i: number): number => panel + (i >> 2) * 64 + (row & 15) * 4 + (i & 3);
  const scale = number(0);
  const values = Array.from({ length: stride }, (_, i) => (bytes[at(i)]! - 128) * scale);
  const half = metric === 'L2' ? number(3) : 0;
  return { values, error: number(1), length: number(2), half };
}

const lengthOf = (values: ArrayLike<number>): number =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0));

describe('the image of codes of a FLAT index', () => {
  it('says of every row how far its code is from it', () => {
    const element = fc.oneof(
      fc.float({ min: -100, max: 100, noNaN: true }),
      fc.constantFrom(0, 0, 1, -1, 1e-3),
    );
    const shapes = fc.record({
      metric: fc.constantFrom('L2', 'IP', 'COSINE'),
      dim: fc.integer({ min: 1, max: 19 }),
      rowCount: fc.integer({ min: 1, max: 35 }),
    });
    const cases = shapes.chain((shape) => {
      const count = shape.dim * shape.rowCount;
      return fc.tuple(
        fc.constant(shape),
        fc.array(element, { minLength: count, maxLength: count }),
      );
    });
    fc.assert(
      fc.property(cases, ([made, elements]) => {
        const shape = { type: DataType.FloatVector, ...made } as FlatShape;
        const { dim, rowCount, metric } = shape;
        const vectors = Float32Array.from(elements);
        const bytes = imageOf(shape, vectors);
        for (let row = 0; row < rowCount; row++) {
          const vector = vectors.subarray(row * dim, (row + 1) * dim);
          const size = lengthOf(vector);
          const { values, error, length, half } = decode(shape, bytes, row);
          expect(values.slice(dim).every((value) => value === 0)).toBe(true);
          if (error === Number.POSITIVE_INFINITY) {
            expect(size).toBeLessThan(2 ** -39);
            continue;
          }
          const unit = metric === 'COSINE' && size > 0 ? 1 / size : 1;
          const missing = Array.from(vector, (value, i) => value * unit - values[i]!);
          expect(error).toBeGreaterThanOrEqual(lengthOf(missing));
          expect(error).toBeLessThanOrEqual(size * unit);
          expect(length).toBeGreaterThanOrEqual(lengthOf(values) + error);
          if (metric === 'L2') expect(half).toBeLessThanOrEqual((size * size) / 2);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('promises nothing of vectors that float32 sums cannot hold', () => {
    const shape: FlatShape = { type: DataType.FloatVector, metric: 'IP', dim: 2, rowCount: 4 };
    const bytes = imageOf(shape, Float32Array.of(3e38, 0, 1e-45, 0, 0, 0, 1, 1));
    const errors = [0, 1, 2, 3].map((row) => decode(shape, bytes, row).error);
    expect(errors.slice(0, 3)).toEqual([Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0]);
    expect(errors[3]).toBeLessThan(0.01);
  });

  it('is read as what was written', () => {
    for (const type of [DataType.FloatVector, DataType.Float16Vector, DataType.BFloat16Vector]) {
      for (const metric of ['L2', 'IP', 'COSINE'] as const) {
        const shape: FlatShape = { type, metric, dim: 5, rowCount: 17 };
        const bytes = new Uint8Array(flatByteLength(shape));
        const values = type === DataType.FloatVector ? new Float32Array(85) : new Uint16Array(85);
        const writer = new FlatWriter(shape, { type: DataType.FloatVector, dim: 5, values }, bytes);
        writer.encode(0, 17);
        expect(flatShapeOf(bytes)).toEqual(shape);
        expect(hasFlatCodes(type, metric)).toBe(true);
      }
    }
    expect(hasFlatCodes(DataType.Int8Vector, 'L2')).toBe(false);
    expect(hasFlatCodes(DataType.FloatVector, 'HAMMING')).toBe(false);
  });

  it('is refused when its header is damaged, and named when it is of a newer version', () => {
    const shape: FlatShape = { type: DataType.FloatVector, metric: 'L2', dim: 3, rowCount: 5 };
    const image = imageOf(
      shape,
      Float32Array.from({ length: 15 }, (_, i) => i),
    );
    // Behind its words the header has bytes that nothing reads yet.
    for (let at = 0; at < 48; at++) {
      const damaged = image.slice();
      damaged[at]! ^= 1;
      const opened = flatShapeOf(damaged);
      if (typeof opened !== 'string') expect(opened).not.toEqual(shape);
    }
    expect(flatShapeOf(image.subarray(0, image.length - 1))).toBe('its length is another one');
    expect(flatShapeOf(image.subarray(0, 63))).toBe('it is shorter than its header');
    expect(newerFlatVersion(image)).toBeNull();
    expect(newerFlatVersion(new Uint8Array(3))).toBeNull();
    const newer = image.slice();
    newer[8] = 2;
    expect(newerFlatVersion(newer)).toBe(2);
  });
});
