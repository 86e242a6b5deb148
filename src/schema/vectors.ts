/**
 * Vectors in the forms that users write, and half-precision floats.
 *
 * Dense vectors are lists of numbers (an array or any typed array of numbers), or their bytes, little-endian: a
 * Buffer, and of types other than float and int8 any Uint8Array. Float16 and BFloat16 are also taken as a
 * Uint16Array of their bits; a binary vector is its dim / 8 bytes, as a Uint8Array or a list of them. Sparse
 * vectors are { index: value }, [[index, value], …], { indices, values } or a Map; their order does not matter.
 */
import { DIMENSION_MAX } from '../base/limits.ts';
import { newVectorValues, vectorStride, type VectorValues } from './column-layout.ts';
import { DataType, type DenseVectorType, vectorByteLength } from './data-type.ts';
import { type Locate, notFinite, refusedValue, wrongType } from './value-error.ts';

export interface DenseShape {
  readonly type: DenseVectorType;
  readonly dim: number;
}

/** Rounds to the nearest, ties to even; too large becomes infinite. */
export function float32ToFloat16Bits(value: number): number {
  scratchFloat[0] = value;
  const bits = scratchBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  const mantissa = bits & 0x7fffff;
  if (exponent === 143) return sign | 0x7c00 | (mantissa === 0 ? 0 : 0x200);
  if (exponent >= 31) return sign | 0x7c00;
  if (exponent > 0) {
    // A carry out of the mantissa raises the exponent, up to infinity, which is what it should.
    return sign | roundBits((exponent << 23) | mantissa, 13);
  }
  return exponent < -10 ? sign : sign | roundBits(mantissa | 0x800000, 14 - exponent);
}

export function float16BitsToFloat32(bits: number): number {
  return FLOAT16_VALUES[bits]!;
}

/** Rounds to the nearest, ties to even. */
export function float32ToBFloat16Bits(value: number): number {
  scratchFloat[0] = value;
  const bits = scratchBits[0]!;
  if (Number.isNaN(value)) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

export function bfloat16BitsToFloat32(bits: number): number {
  scratchBits[0] = bits << 16;
  return scratchFloat[0]!;
}

/** @param target as long as `bits`; a fresh array when left out */
export function float16ToFloat32(
  bits: Uint16Array,
  target: Float32Array = new Float32Array(bits.length),
): Float32Array {
  for (let i = 0; i < bits.length; i++) target[i] = FLOAT16_VALUES[bits[i]!]!;
  return target;
}

/** @param target as long as `bits`; a fresh array when left out */
export function bfloat16ToFloat32(
  bits: Uint16Array,
  target: Float32Array = new Float32Array(bits.length),
): Float32Array {
  const words = new Uint32Array(target.buffer, target.byteOffset, target.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
  return target;
}

export function float32ToFloat16(values: ArrayLike<number>): Uint16Array {
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) bits[i] = float32ToFloat16Bits(values[i]!);
  return bits;
}

export function float32ToBFloat16(values: ArrayLike<number>): Uint16Array {
  const bits = new Uint16Array(values.length);
  for (let i = 0; i < bits.length; i++) bits[i] = float32ToBFloat16Bits(values[i]!);
  return bits;
}

/**
 * Dense vectors row by row, zeros where a value is null.
 * @throws MilvusError ParameterInvalid: type, dimension, NaN or infinity, range, with the place
 */
export function encodeDenseVectors(
  values: readonly unknown[],
  shape: DenseShape,
  locate: Locate,
): VectorValues {
  const stride = vectorStride(shape.type, shape.dim);
  const target = newVectorValues(shape.type, values.length * stride);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (value === null) continue;
    if (
      value instanceof Float32Array &&
      target instanceof Float32Array &&
      value.length === stride
    ) {
      target.set(value, row * stride);
    } else writeDense(value, { shape, target, stride, row, locate });
  }
  checkFinite(target, shape, (element) => locate(Math.floor(element / stride)));
  return target;
}

export interface SparsePairs {
  readonly offsets: Uint32Array;
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}

/**
 * Sparse vectors row by row, indices ascending; empty where a value is null.
 * @throws MilvusError ParameterInvalid: form, index, negative value, NaN or infinity, with the place
 */
export function encodeSparseVectors(values: readonly unknown[], locate: Locate): SparsePairs {
  const offsets = new Uint32Array(values.length + 1);
  const indices: number[] = [];
  const weights: number[] = [];
  for (let row = 0; row < values.length; row++) {
    if (values[row] !== null) writeSparse(values[row], { indices, weights, row, locate });
    offsets[row + 1] = indices.length;
  }
  return { offsets, indices: Uint32Array.from(indices), values: Float32Array.from(weights) };
}

const scratchFloat = new Float32Array(1);
const scratchBits = new Uint32Array(scratchFloat.buffer);

/** `bits` without its lowest `count`, rounded to the nearest, ties to even. */
function roundBits(bits: number, count: number): number {
  const kept = bits >>> count;
  const rest = bits & ((1 << count) - 1);
  const half = 1 << (count - 1);
  return rest > half || (rest === half && (kept & 1) === 1) ? kept + 1 : kept;
}

/** Every float16 by its bits; 256 KiB. */
const FLOAT16_VALUES = float16Values();

function float16Values(): Float32Array {
  const values = new Float32Array(0x10000);
  for (let bits = 0; bits < values.length; bits++) {
    const sign = bits >= 0x8000 ? -1 : 1;
    const exponent = (bits >>> 10) & 31;
    const mantissa = bits & 0x3ff;
    if (exponent === 31) values[bits] = mantissa === 0 ? sign * Infinity : Number.NaN;
    else if (exponent === 0) values[bits] = sign * mantissa * 2 ** -24;
    else values[bits] = sign * (1024 + mantissa) * 2 ** (exponent - 25);
  }
  return values;
}

/** Whether no element is NaN or infinite. */
export function isFinite32(values: Float32Array): boolean {
  return firstNotFinite(values) < 0;
}

interface DenseCell {
  readonly shape: DenseShape;
  readonly target: VectorValues;
  readonly stride: number;
  readonly row: number;
  readonly locate: Locate;
}

function writeDense(value: unknown, cell: DenseCell): void {
  const { shape, target, stride, row, locate } = cell;
  const isBits = value instanceof Uint16Array && target instanceof Uint16Array;
  // A Uint8Array for floats or int8 may well be meant as numbers, and a Buffer never is.
  const isNumeric = target instanceof Float32Array || target instanceof Int8Array;
  if (value instanceof Uint8Array && (!isNumeric || Buffer.isBuffer(value))) {
    writeVectorBytes(value, cell);
    return;
  }
  if (!isNumberList(value)) throw wrongType(shape.type, value, locate(row));
  if (value.length !== stride) throw wrongDimension(value.length, cell);
  const start = row * stride;
  for (let i = 0; i < stride; i++) {
    const element = value[i];
    if (typeof element !== 'number') throw wrongType(shape.type, element, locate(row));
    if (isBits || target instanceof Float32Array) target[start + i] = element;
    else if (target instanceof Uint16Array) target[start + i] = halfBits(element, cell);
    else target[start + i] = byteOf(element, i, cell);
  }
}

function isNumberList(value: unknown): value is ArrayLike<unknown> {
  if (Array.isArray(value)) return true;
  return (
    ArrayBuffer.isView(value) && !(value instanceof DataView) && !(value instanceof BigInt64Array)
  );
}

function writeVectorBytes(bytes: Uint8Array, cell: DenseCell): void {
  const { shape, target, stride, row, locate } = cell;
  const byteLength = vectorByteLength(shape.type, shape.dim);
  if (bytes.length !== byteLength) {
    if ((bytes.length * stride) % byteLength !== 0) {
      const message = `the length(${bytes.length}) of ${shape.type === DataType.FloatVector ? 'float' : 'vector'} data should divide the dim(${shape.dim})`;
      throw refusedValue(message, locate(row), { expected: byteLength, actual: bytes.length });
    }
    throw wrongDimension((bytes.length * stride) / byteLength, cell);
  }
  const all = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  all.set(bytes, row * byteLength);
}

/** @param actual elements of the vector that came */
function wrongDimension(actual: number, cell: DenseCell): Error {
  const { shape, row, locate } = cell;
  const dim = shape.type === DataType.BinaryVector ? actual * 8 : actual;
  const place = locate(row);
  const message = `the dim (${dim}) of field data(${place.field}) is not equal to schema dim (${shape.dim})`;
  return refusedValue(message, place, { expected: shape.dim, actual: dim });
}

function halfBits(element: number, cell: DenseCell): number {
  if (!Number.isFinite(element)) throw notFinite(element, cell.locate(cell.row));
  return cell.shape.type === DataType.Float16Vector
    ? float32ToFloat16Bits(element)
    : float32ToBFloat16Bits(element);
}

function byteOf(element: number, index: number, cell: DenseCell): number {
  const [low, high] = cell.shape.type === DataType.Int8Vector ? [-128, 127] : [0, 255];
  if (Number.isInteger(element) && element >= low && element <= high) return element;
  const place = cell.locate(cell.row);
  if (!Number.isFinite(element)) throw notFinite(element, place);
  if (!Number.isInteger(element)) throw wrongType(cell.shape.type, element, place);
  throw refusedValue(`the ${index}th element (${element}) out of range: [${low}, ${high}]`, place, {
    expected: "integer doesn't overflow",
    actual: 'out of range',
  });
}

/** One pass over all rows: cheaper than a check inside every copy. */
function checkFinite(values: VectorValues, shape: DenseShape, locate: Locate): void {
  if (values instanceof Float32Array) {
    const at = firstNotFinite(values);
    if (at >= 0) throw notFinite(values[at]!, locate(at));
  } else if (values instanceof Uint16Array) {
    const isFloat16 = shape.type === DataType.Float16Vector;
    const exponent = isFloat16 ? 0x7c00 : 0x7f80;
    for (let i = 0; i < values.length; i++) {
      if ((values[i]! & exponent) !== exponent) continue;
      const word = isFloat16 ? 'float16' : 'bfloat16';
      throw refusedValue(`${word} vector contain nan or infinity value.`, locate(i));
    }
  }
}

/** Index of the first NaN or infinity, -1 when there is none: x * 0 is 0 for everything else. */
function firstNotFinite(values: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = values.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    a += values[i]! * 0;
    b += values[i + 1]! * 0;
    c += values[i + 2]! * 0;
    d += values[i + 3]! * 0;
  }
  for (let i = whole; i < values.length; i++) a += values[i]! * 0;
  return a + b + c + d === 0 ? -1 : values.findIndex((value) => !Number.isFinite(value));
}

interface SparseCell {
  readonly indices: number[];
  readonly weights: number[];
  readonly row: number;
  readonly locate: Locate;
}

/** Indices are below 2^32 - 1. */
const SPARSE_INDEX_MAX = 0xfffffffe;

function writeSparse(value: unknown, cell: SparseCell): void {
  const { indices, weights, row, locate } = cell;
  const start = indices.length;
  let ascending = true;
  for (const [index, weight] of sparsePairs(value, cell)) {
    if (!Number.isInteger(index) || index < 0 || index > SPARSE_INDEX_MAX) {
      const message = 'invalid index in sparse float vector: must be less than 2^32-1';
      throw refusedValue(message, locate(row), { expected: SPARSE_INDEX_MAX, actual: index });
    }
    const rounded = Math.fround(weight);
    if (!Number.isFinite(rounded)) throw notFinite(rounded, locate(row));
    if (rounded < 0) {
      const message = 'negative value in sparse float vector';
      throw refusedValue(message, locate(row), { expected: 0, actual: weight });
    }
    ascending &&= indices.length === start || index > indices.at(-1)!;
    indices.push(index);
    weights.push(rounded);
  }
  if (!ascending) sortPairs(cell, start);
}

function sortPairs(cell: SparseCell, start: number): void {
  const { indices, weights, row, locate } = cell;
  const pairs = indices.slice(start).map((index, i) => [index, weights[start + i]!] as const);
  pairs.sort((left, right) => left[0] - right[0]);
  for (const [i, [index, weight]] of pairs.entries()) {
    if (i > 0 && index === indices[start + i - 1]) {
      const message = 'unsorted or same indices in sparse float vector';
      throw refusedValue(message, locate(row), { actual: index });
    }
    indices[start + i] = index;
    weights[start + i] = weight;
  }
}

/** The pairs of any form of a sparse vector, in its order. */
function sparsePairs(value: unknown, cell: SparseCell): (readonly [number, number])[] {
  const wrong = (): Error => wrongType(DataType.SparseFloatVector, value, cell.locate(cell.row));
  const pair = (index: unknown, weight: unknown): readonly [number, number] => {
    const key = typeof index === 'string' && /^\d+$/.test(index) ? Number(index) : index;
    if (typeof key !== 'number' || typeof weight !== 'number') throw wrong();
    return [key, weight];
  };
  if (value instanceof Map) return Array.from(value, ([index, weight]) => pair(index, weight));
  if (Array.isArray(value)) {
    return value.map((item: unknown) => {
      if (!Array.isArray(item) || item.length !== 2) throw wrong();
      return pair(item[0], item[1]);
    });
  }
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) throw wrong();
  if (!('indices' in value)) {
    return Object.entries(value).map(([index, weight]) => pair(index, weight));
  }
  const weights: unknown = 'values' in value ? value.values : null;
  if (!isNumberList(value.indices) || !isNumberList(weights)) throw wrong();
  if (value.indices.length !== weights.length || weights.length > DIMENSION_MAX * 1024)
    throw wrong();
  return Array.from(value.indices, (index, i) => pair(index, weights[i]));
}
