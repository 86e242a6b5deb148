import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DataType, type DenseVectorType } from '../../src/schema/data-type.ts';
import type { Locate } from '../../src/schema/value-error.ts';
import {
  bfloat16BitsToFloat32,
  bfloat16ToFloat32,
  encodeDenseVectors,
  encodeSparseVectors,
  float16BitsToFloat32,
  float16ToFloat32,
  float32ToBFloat16,
  float32ToBFloat16Bits,
  float32ToFloat16,
  float32ToFloat16Bits,
} from '../../src/schema/vectors.ts';

const locate: Locate = (row) => ({ field: 'v', row });
const dense = (type: DenseVectorType, dim: number, ...values: unknown[]): number[] =>
  Array.from(encodeDenseVectors(values, { type, dim }, locate));

/** The nearest of all finite halves, ties to the even bits: slow and plainly right. */
function nearestHalf(value: number, decode: (bits: number) => number, infinity: number): number {
  const sign = Object.is(value, -0) || value < 0 ? 0x8000 : 0;
  const magnitude = Math.abs(value);
  let [low, high] = [0, infinity];
  // One past the largest finite value stands for what rounds to infinity.
  const at = (bits: number): number =>
    bits === infinity ? 2 * decode(infinity - 1) - decode(infinity - 2) : decode(bits);
  if (magnitude >= at(infinity)) return sign | infinity;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (at(middle) <= magnitude) low = middle;
    else high = middle;
  }
  const [below, above] = [magnitude - at(low), at(high) - magnitude];
  if (below < above || (below === above && low % 2 === 0)) return sign | low;
  return sign | high;
}

const anyFloat = fc.oneof(
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.float({ min: Math.fround(-70_000), max: Math.fround(70_000), noNaN: true }),
  fc.float({ min: Math.fround(-1e-4), max: Math.fround(1e-4), noNaN: true }),
);

describe('half-precision floats', () => {
  it('round a float32 to the nearest float16, ties to even', () => {
    fc.assert(
      fc.property(anyFloat, (value) => {
        expect(float32ToFloat16Bits(value)).toBe(nearestHalf(value, float16BitsToFloat32, 0x7c00));
      }),
      { numRuns: 2000 },
    );
  });

  it('round a float32 to the nearest bfloat16, ties to even', () => {
    fc.assert(
      fc.property(anyFloat, (value) => {
        expect(float32ToBFloat16Bits(value)).toBe(
          nearestHalf(value, bfloat16BitsToFloat32, 0x7f80),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('know the published values of float16', () => {
    expect(float16BitsToFloat32(0x3c00)).toBe(1);
    expect(float16BitsToFloat32(0xc000)).toBe(-2);
    expect(float16BitsToFloat32(0x7bff)).toBe(65504);
    expect(float16BitsToFloat32(0x0001)).toBe(2 ** -24);
    expect(float16BitsToFloat32(0x0400)).toBe(2 ** -14);
    expect(float32ToFloat16Bits(65519)).toBe(0x7bff);
    expect(float32ToFloat16Bits(65520)).toBe(0x7c00);
    expect(float32ToFloat16Bits(2 ** -25)).toBe(0);
    expect(float32ToFloat16Bits(Math.fround(2 ** -25 * 1.01))).toBe(1);
    expect(float16BitsToFloat32(float32ToFloat16Bits(Number.NaN))).toBeNaN();
    expect(bfloat16BitsToFloat32(float32ToBFloat16Bits(Number.NaN))).toBeNaN();
    expect(float32ToFloat16Bits(-Infinity)).toBe(0xfc00);
  });

  it('survive the way to float32 and back, bit for bit', () => {
    const bits = Uint16Array.from({ length: 0x10000 }, (_, i) => i);
    const finite16 = bits.filter((each) => (each & 0x7c00) !== 0x7c00);
    expect(float32ToFloat16(float16ToFloat32(finite16))).toEqual(finite16);
    const finiteB16 = bits.filter((each) => (each & 0x7f80) !== 0x7f80);
    expect(float32ToBFloat16(bfloat16ToFloat32(finiteB16))).toEqual(finiteB16);
  });

  it('decode into memory that is given', () => {
    const target = new Float32Array(4).subarray(1, 3);
    expect(float16ToFloat32(Uint16Array.of(0x3c00, 0), target)).toBe(target);
    expect(bfloat16ToFloat32(Uint16Array.of(0x3f80, 0), target)).toEqual(Float32Array.of(1, 0));
  });
});

describe('dense vectors', () => {
  it('are taken as arrays, typed arrays and bytes', () => {
    const floats = Float32Array.of(1, -2.5);
    const bytes = Buffer.from(floats.buffer);
    for (const value of [[1, -2.5], floats, Float64Array.of(1, -2.5), bytes]) {
      expect(dense(DataType.FloatVector, 2, value)).toEqual([1, -2.5]);
    }
    expect(dense(DataType.Float16Vector, 2, [1, -2])).toEqual([0x3c00, 0xc000]);
    expect(dense(DataType.Float16Vector, 2, Uint16Array.of(0x3c00, 1))).toEqual([0x3c00, 1]);
    expect(dense(DataType.Float16Vector, 2, Uint8Array.of(0, 0x3c, 1, 0))).toEqual([0x3c00, 1]);
    expect(dense(DataType.BFloat16Vector, 2, Float32Array.of(1, -1))).toEqual([0x3f80, 0xbf80]);
    expect(dense(DataType.Int8Vector, 2, [-128, 127])).toEqual([-128, 127]);
    expect(dense(DataType.Int8Vector, 2, Int8Array.of(-1, 1))).toEqual([-1, 1]);
    expect(dense(DataType.Int8Vector, 2, Buffer.of(255, 1))).toEqual([-1, 1]);
    expect(dense(DataType.BinaryVector, 16, Uint8Array.of(1, 255))).toEqual([1, 255]);
    expect(dense(DataType.BinaryVector, 16, [1, 255])).toEqual([1, 255]);
  });

  it('take a Uint8Array for numbers where it can be meant so', () => {
    expect(dense(DataType.FloatVector, 2, Uint8Array.of(3, 4))).toEqual([3, 4]);
    expect(dense(DataType.Int8Vector, 2, Uint8Array.of(3, 127))).toEqual([3, 127]);
    expect(() => dense(DataType.Int8Vector, 2, Uint8Array.of(200, 1))).toThrow('out of range');
  });

  it('are zeros where a row is null, behind one another', () => {
    expect(dense(DataType.FloatVector, 2, [1, 2], null, [5, 6])).toEqual([1, 2, 0, 0, 5, 6]);
  });

  it('are copies: what the caller does afterwards changes nothing', () => {
    const mine = Float32Array.of(1, 2);
    const values = encodeDenseVectors([mine], { type: DataType.FloatVector, dim: 2 }, locate);
    mine[0] = 9;
    expect(values[0]).toBe(1);
  });

  it('of another dimension are refused with both dimensions and the row', () => {
    expect(() => dense(DataType.FloatVector, 3, [1, 2, 3], [1, 2])).toThrow(
      'the dim (2) of field data(v) is not equal to schema dim (3): invalid parameter[expected=3][actual=2][field=v][row=1]',
    );
    expect(() => dense(DataType.FloatVector, 3, new Float32Array(4))).toThrow('the dim (4) of');
    expect(() => dense(DataType.FloatVector, 2, Buffer.alloc(12))).toThrow('the dim (3) of');
    expect(() => dense(DataType.BinaryVector, 16, new Uint8Array(3))).toThrow(
      'the dim (24) of field data(v) is not equal to schema dim (16)',
    );
    expect(() => dense(DataType.FloatVector, 2, Buffer.alloc(7))).toThrow(
      'the length(7) of float data should divide the dim(2)',
    );
  });

  it('with NaN or an infinity are refused wherever it stands', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 20 }),
        fc.constantFrom(Number.NaN, Infinity, -Infinity),
        fc.constantFrom<DenseVectorType>(101, 102, 103),
        (at, bad, type) => {
          const vectors = [0, 1, 2].map(() => Array<number>(7).fill(1));
          vectors[Math.floor(at / 7)]![at % 7] = bad;
          const word = Number.isNaN(bad) ? 'NaN' : bad > 0 ? '+Inf' : '-Inf';
          expect(() => dense(type, 7, ...vectors)).toThrow(
            `value '${word}' is not a number or infinity: invalid parameter[field=v][row=${Math.floor(at / 7)}]`,
          );
          const halves = vectors.map((vector) => Float32Array.from(vector));
          expect(() => dense(type, 7, ...halves)).toThrow('is not a number or infinity');
        },
      ),
    );
  });

  it('that are too large for their width are refused', () => {
    expect(() => dense(DataType.FloatVector, 2, [1e39, 0])).toThrow("value '+Inf' is not a number");
    expect(() => dense(DataType.Float16Vector, 2, [1, 2], [70000, 0])).toThrow(
      'float16 vector contain nan or infinity value.: invalid parameter[field=v][row=1]',
    );
    expect(() => dense(DataType.Float16Vector, 2, Uint16Array.of(0x7c00, 0))).toThrow(
      'float16 vector',
    );
    expect(() => dense(DataType.BFloat16Vector, 2, Uint16Array.of(0, 0x7fc0))).toThrow(
      'bfloat16 vector contain nan or infinity value.',
    );
    expect(() => dense(DataType.Int8Vector, 2, [0, 128])).toThrow(
      "the 1th element (128) out of range: [-128, 127]: invalid parameter[expected=integer doesn't overflow][actual=out of range]",
    );
    expect(() => dense(DataType.BinaryVector, 8, [256])).toThrow('out of range: [0, 255]');
  });

  it('of another type are refused', () => {
    for (const wrong of [
      '[1,2]',
      7,
      { 0: 1 },
      new Map(),
      new BigInt64Array(2),
      new DataView(new ArrayBuffer(2)),
    ]) {
      expect(() => dense(DataType.FloatVector, 2, wrong)).toThrow(
        'The Input data type is inconsistent with defined schema, {v} field should be a float_vector',
      );
    }
    expect(() => dense(DataType.FloatVector, 2, [1, '2'])).toThrow('but got a {string} instead');
    expect(() => dense(DataType.FloatVector, 2, [1, undefined])).toThrow('{undefined}');
    expect(() => dense(DataType.Int8Vector, 2, [1, 0.5])).toThrow('int8_vector');
    expect(() => dense(DataType.Int8Vector, 2, [1, Number.NaN])).toThrow("'NaN'");
  });
});

describe('sparse vectors', () => {
  const sparse = (...values: unknown[]): [number, number][][] => {
    const { offsets, indices, values: weights } = encodeSparseVectors(values, locate);
    return values.map((_, row) =>
      Array.from(indices.slice(offsets[row], offsets[row + 1]), (index, i): [number, number] => [
        index,
        weights[offsets[row]! + i]!,
      ]),
    );
  };

  it('are taken in four forms and sorted', () => {
    const expected = [
      [1, 0.5],
      [7, 2],
      [4_000_000_000, 1],
    ];
    for (const value of [
      { 7: 2, 4000000000: 1, 1: 0.5 },
      [
        [7, 2],
        [1, 0.5],
        [4_000_000_000, 1],
      ],
      { indices: [7, 4_000_000_000, 1], values: [2, 1, 0.5] },
      { indices: Uint32Array.of(7, 4_000_000_000, 1), values: Float32Array.of(2, 1, 0.5) },
      new Map([
        [4_000_000_000, 1],
        [1, 0.5],
        [7, 2],
      ]),
    ]) {
      expect(sparse(value)).toEqual([expected]);
    }
  });

  it('may be empty, or null', () => {
    expect(sparse({}, [], null, new Map(), { 0: 0 })).toEqual([[], [], [], [], [[0, 0]]]);
  });

  it('keep any set of indices and weights', () => {
    const pairs = fc.uniqueArray(
      fc.tuple(
        fc.integer({ min: 0, max: 0xfffffffe }),
        fc.float({ min: 0, max: 1000, noNaN: true }),
      ),
      { selector: ([index]) => index },
    );
    fc.assert(
      fc.property(fc.array(pairs, { maxLength: 5 }), (rows) => {
        const sorted = rows.map((row) => row.toSorted((a, b) => a[0] - b[0]));
        expect(sparse(...rows)).toEqual(sorted.map((row) => row.map(([i, w]) => [i, w + 0])));
      }),
    );
  });

  it('are refused for a wrong index or weight, in Milvus’s words', () => {
    expect(() => sparse({}, { 4294967295: 1 })).toThrow(
      'invalid index in sparse float vector: must be less than 2^32-1: invalid parameter[expected=4294967294][actual=4294967295][field=v][row=1]',
    );
    expect(() => sparse([[-1, 1]])).toThrow('invalid index in sparse float vector');
    expect(() => sparse([[0.5, 1]])).toThrow('invalid index in sparse float vector');
    expect(() => sparse({ 1: -0.5 })).toThrow('negative value in sparse float vector');
    expect(() => sparse({ 1: Number.NaN })).toThrow("value 'NaN' is not a number or infinity");
    expect(() => sparse({ 1: 1e39 })).toThrow("value '+Inf'");
    expect(() =>
      sparse([
        [2, 1],
        [10, 1],
        [2, 1],
      ]),
    ).toThrow('unsorted or same indices in sparse float vector');
  });

  it('are refused in any other form', () => {
    for (const wrong of [
      'x',
      7,
      Float32Array.of(1),
      { a: 1 },
      { 1: '2' },
      [[1, 2, 3]],
      [1, 2],
      { indices: [1] },
      { indices: [1], values: [1, 2] },
    ]) {
      expect(() => sparse(wrong)).toThrow('{v} field should be a sparse_float_vector');
    }
  });
});
