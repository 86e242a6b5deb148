/**
 * Conditions over columns of fixed width: Bool, integers, floating, Timestamptz.
 *
 * All columns but int64 are widened to doubles, a chunk at a time into one scratch array, so that each
 * kernel sees one array type; a double holds every int32 and float32 exactly. int64 is widened too
 * when the bounds are small enough for rounding not to matter, and compared in two words otherwise.
 * The answers ignore null rows; the caller takes them out.
 */
import { nativeAddon } from '../base/native.ts';
import type { NativeAddon } from '../base/native.ts';
import type { FixedColumn } from '../schema/column.ts';
import { DataType } from '../schema/data-type.ts';
import { SAFE_MAGNITUDE, doubleBounds, integerBounds } from './bounds.ts';
import type { DoubleBounds, IntegerBounds } from './bounds.ts';
import type { ComparisonOperator } from './ast.ts';
import { numberKind } from './number-kind.ts';
import { markNatively } from './number-range.ts';
import { transformNatively } from './number-transform.ts';
import type { ArithmeticPredicate, RangePredicate, ValueSet } from './predicate.ts';
import { wordCount } from './truth.ts';
import type { InPieces } from './value-set.ts';
import { WordTable } from './word-table.ts';

/** Rows of a chunk; a multiple of 32. */
const CHUNK = 4096;
const scratch: Float64Array = new Float64Array(CHUNK);
const otherScratch: Float64Array = new Float64Array(CHUNK);
const scratchWords = new Int32Array(scratch.buffer);
const integers = new Int32Array(CHUNK);

/** Below it, and with divisors below it, remainders are exact as doubles. */
const EXACT_LIMIT = 2 ** 52;
const EXACT_MAGNITUDE = (1n << 52n) - 1n;

const tables = new WeakMap<BigInt64Array | Float64Array, WordTable>();

/** Rows whose value lies in the range. @param addon null: the twin of the native kernels */
export function scanRange(
  column: FixedColumn,
  range: RangePredicate,
  rowCount: number,
  addon: NativeAddon | null = nativeAddon(),
): Uint32Array {
  const out = new Uint32Array(wordCount(rowCount));
  const isWhole = column.values.length === rowCount;
  if (isWhole && addon !== null && markNatively(column, range, out, addon)) return out;
  if (!(column.values instanceof BigInt64Array)) {
    const bounds = doubleBounds(range);
    for (let at = 0; at < rowCount; at += CHUNK) {
      const count = widen(column, at, rowCount, scratch);
      markRange(scratch, count, bounds, out.subarray(at >>> 5));
    }
    return out;
  }
  const bounds = integerBounds(range);
  if (bounds.low > bounds.high) return out;
  const narrow = narrowBounds(bounds);
  const words = wordsOf(column.values);
  if (narrow !== null) {
    markNarrowRange(words, rowCount, narrow, out);
    return out;
  }
  for (let at = 0; at < rowCount; at += CHUNK) {
    const count = Math.min(CHUNK, rowCount - at);
    markWideRange(words.subarray(at * 2, (at + count) * 2), bounds, out.subarray(at >>> 5));
  }
  return out;
}

/** Bounds as doubles when comparing rounded int64 values with them gives the exact answer. */
function narrowBounds({ low, high }: IntegerBounds): DoubleBounds | null {
  const isLowFree = low === -(1n << 63n);
  const isHighFree = high === (1n << 63n) - 1n;
  const isSafe = (value: bigint): boolean => value <= SAFE_MAGNITUDE && value >= -SAFE_MAGNITUDE;
  if (!(isLowFree || isSafe(low)) || !(isHighFree || isSafe(high))) return null;
  return {
    low: isLowFree ? Number.NEGATIVE_INFINITY : Number(low),
    high: isHighFree ? Number.POSITIVE_INFINITY : Number(high),
  };
}

/** Low and high words of int64 values, by turns. */
function wordsOf(values: BigInt64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2);
}

/** Fills `out` with up to CHUNK values from row `at` on. @returns how many */
function widen(column: FixedColumn, at: number, rowCount: number, out: Float64Array): number {
  const count = Math.min(CHUNK, rowCount - at);
  const { values } = column;
  if (values instanceof BigInt64Array) widenInt64(wordsOf(values), at, count, out);
  else out.set(values.subarray(at, at + count));
  return count;
}

function widenInt64(words: Int32Array, at: number, count: number, out: Float64Array): void {
  for (let i = 0, j = at * 2; i < count; i++, j += 2) {
    out[i] = words[j + 1]! * 4294967296 + (words[j]! >>> 0);
  }
}

function markRange(
  values: Float64Array,
  count: number,
  { low, high }: DoubleBounds,
  out: Uint32Array,
): void {
  let word = 0;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (value >= low && value <= high) word |= 1 << (i & 31);
    if ((i & 31) === 31) {
      out[i >>> 5] = word;
      word = 0;
    }
  }
  if ((count & 31) !== 0) out[count >>> 5] = word;
}

/** int64 values by their words; widened as they are looked at, which is twice as fast as before it. */
function markNarrowRange(
  words: Int32Array,
  count: number,
  { low, high }: DoubleBounds,
  out: Uint32Array,
): void {
  for (let start = 0; start < count; start += 32) {
    const end = Math.min(count, start + 32);
    let word = 0;
    for (let i = start; i < end; i++) {
      const value = words[i * 2 + 1]! * 4294967296 + (words[i * 2]! >>> 0);
      if (value >= low && value <= high) word |= 1 << (i - start);
    }
    out[start >>> 5] = word;
  }
}

function markWideRange(words: Int32Array, bounds: IntegerBounds, out: Uint32Array): void {
  const lowHigh = Number(bounds.low >> 32n);
  const lowLow = Number(bounds.low & 0xffffffffn);
  const highHigh = Number(bounds.high >> 32n);
  const highLow = Number(bounds.high & 0xffffffffn);
  for (let i = 0, j = 0; j < words.length; i++, j += 2) {
    const low = words[j]! >>> 0;
    const high = words[j + 1]!;
    const isAbove = high > lowHigh || (high === lowHigh && low >= lowLow);
    const isBelow = high < highHigh || (high === highHigh && low <= highLow);
    if (isAbove && isBelow) out[i >>> 5]! |= 1 << (i & 31);
  }
}

/** Rows whose value is in the set. @param addon null: the twin of the native kernels */
export function scanMembership(
  column: FixedColumn,
  set: ValueSet,
  rowCount: number,
  addon: NativeAddon | null = nativeAddon(),
): Uint32Array {
  const out = new Uint32Array(wordCount(rowCount));
  const { values, type } = column;
  if (type === DataType.Bool) {
    for (let i = 0; i < rowCount; i++) {
      if (set.booleans.includes(values[i] === 1)) out[i >>> 5]! |= 1 << (i & 31);
    }
    return out;
  }
  const isFloating = type === DataType.Float || type === DataType.Double;
  const table = tableOf(isFloating ? set.doubles : set.integers);
  const kind = numberKind(values);
  if (addon !== null && kind !== null && values.length === rowCount) {
    table.markNatively(kind, values, out, addon);
    return out;
  }
  if (values instanceof BigInt64Array) markMembers(wordsOf(values), rowCount, table, out);
  else {
    for (let at = 0; at < rowCount; at += CHUNK) {
      const count = Math.min(CHUNK, rowCount - at);
      if (isFloating) {
        widen(column, at, rowCount, scratch);
        // Adding zero turns -0 into 0, which the table holds.
        for (let i = 0; i < count; i++) scratch[i]! += 0;
        markMembers(scratchWords, count, table, out.subarray(at >>> 5));
      } else {
        integers.set(values.subarray(at, at + count));
        markSmallMembers(integers, count, table, out.subarray(at >>> 5));
      }
    }
  }
  return out;
}

/** The table of a list's numbers, made once as long as the list lives. */
export function tableOf(values: BigInt64Array | Float64Array): WordTable {
  const known = tables.get(values);
  if (known !== undefined) return known;
  const table = WordTable.of(values);
  tables.set(values, table);
  return table;
}

/** tableOf of a long list, in pieces. */
export async function prepareTable(
  values: BigInt64Array | Float64Array,
  inPieces: InPieces,
): Promise<void> {
  if (tables.has(values)) return;
  const table = new WordTable(values);
  await inPieces(values.length, (start, end) => table.add(start, end));
  tables.set(values, table);
}

function markMembers(words: Int32Array, count: number, table: WordTable, out: Uint32Array): void {
  for (let i = 0; i < count; i++) {
    if (table.has(words[i * 2]!, words[i * 2 + 1]!)) out[i >>> 5]! |= 1 << (i & 31);
  }
}

function markSmallMembers(
  values: Int32Array,
  count: number,
  table: WordTable,
  out: Uint32Array,
): void {
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (table.has(value, value >> 31)) out[i >>> 5]! |= 1 << (i & 31);
  }
}

/**
 * Rows whose value, after the operation, lies in the range: floating columns, and remainders and bits of
 * integers.
 * @param addon null: the twin of the native kernels
 */
export function scanArithmetic(
  column: FixedColumn,
  predicate: ArithmeticPredicate,
  rowCount: number,
  addon: NativeAddon | null = nativeAddon(),
): Uint32Array {
  const { values } = column;
  const { operator, operand, range } = predicate;
  if (addon !== null && values.length === rowCount) {
    const bits = new Uint32Array(wordCount(rowCount));
    if (transformNatively(column, predicate, bits, addon)) return bits;
  }
  if (operator === '&' || operator === '|' || operator === '^') {
    return scanBits(column, predicate, rowCount);
  }
  if (values instanceof BigInt64Array) return scanRemainder(values, predicate, rowCount);
  const out = new Uint32Array(wordCount(rowCount));
  const bounds = doubleBounds(range);
  const isNarrow = column.type === DataType.Float;
  for (let at = 0; at < rowCount; at += CHUNK) {
    const count = widen(column, at, rowCount, scratch);
    calculate(scratch, count, operator, Number(operand));
    // Milvus calculates in the width of the column.
    if (isNarrow) for (let i = 0; i < count; i++) scratch[i] = Math.fround(scratch[i]!);
    markRange(scratch, count, bounds, out.subarray(at >>> 5));
  }
  return out;
}

function calculate(
  values: Float64Array,
  count: number,
  operator: ArithmeticPredicate['operator'],
  operand: number,
): void {
  if (operator === '+') for (let i = 0; i < count; i++) values[i]! += operand;
  else if (operator === '-') for (let i = 0; i < count; i++) values[i]! -= operand;
  else if (operator === '*') for (let i = 0; i < count; i++) values[i]! *= operand;
  else if (operator === '/') for (let i = 0; i < count; i++) values[i]! /= operand;
  else for (let i = 0; i < count; i++) values[i] = remainder(values[i]!, operand);
}

/** Of whole numbers, below 2^52 or with divisors beyond all of them; several times as fast as `%`. */
function remainder(value: number, divisor: number): number {
  // The quotient would be rounded up to the next whole number only where both together reach 2^53.
  return value - Math.trunc(value / divisor) * divisor;
}

function scanRemainder(
  values: BigInt64Array,
  { operand, range }: ArithmeticPredicate,
  rowCount: number,
): Uint32Array {
  const out = new Uint32Array(wordCount(rowCount));
  const divisor = BigInt(operand);
  const bounds = integerBounds(range);
  const isSafe = divisor <= EXACT_MAGNITUDE && divisor >= -EXACT_MAGNITUDE;
  const near = Number(divisor);
  const { low, high } = doubleBounds(range);
  const words = wordsOf(values);
  for (let i = 0; i < rowCount; i++) {
    const value = words[i * 2 + 1]! * 4294967296 + (words[i * 2]! >>> 0);
    let fits: boolean;
    if (isSafe && value < EXACT_LIMIT && value > -EXACT_LIMIT) {
      const rest = remainder(value, near);
      fits = rest >= low && rest <= high;
    } else {
      const rest = values[i]! % divisor;
      fits = rest >= bounds.low && rest <= bounds.high;
    }
    if (fits) out[i >>> 5]! |= 1 << (i & 31);
  }
  return out;
}

/** `a operator b` of int64 in two's complement. */
export function calculateBits(operator: string, a: bigint, b: bigint): bigint {
  if (operator === '&') return a & b;
  return operator === '|' ? a | b : a ^ b;
}

/** Bits in two words, which are compared as the halves of an int64. */
function scanBits(
  { values }: FixedColumn,
  { operator, operand, range }: ArithmeticPredicate,
  rowCount: number,
): Uint32Array {
  const out = new Uint32Array(wordCount(rowCount));
  const bounds = integerBounds(range);
  if (bounds.low > bounds.high) return out;
  const mask = BigInt.asIntN(64, BigInt(operand));
  const low = Number(BigInt.asIntN(32, mask));
  const high = Number(mask >> 32n);
  const chunk = new Int32Array(CHUNK * 2);
  for (let at = 0; at < rowCount; at += CHUNK) {
    const count = Math.min(CHUNK, rowCount - at);
    if (values instanceof BigInt64Array) {
      chunk.set(wordsOf(values).subarray(at * 2, (at + count) * 2));
    } else {
      for (let i = 0; i < count; i++) {
        const value = values[at + i]!;
        chunk[i * 2] = value;
        chunk[i * 2 + 1] = value >> 31;
      }
    }
    const words = chunk.subarray(0, count * 2);
    applyBits(words, operator, low, high);
    markWideRange(words, bounds, out.subarray(at >>> 5));
  }
  return out;
}

function applyBits(words: Int32Array, operator: string, low: number, high: number): void {
  for (let i = 0; i < words.length; i += 2) {
    if (operator === '&') {
      words[i]! &= low;
      words[i + 1]! &= high;
    } else if (operator === '|') {
      words[i]! |= low;
      words[i + 1]! |= high;
    } else {
      words[i]! ^= low;
      words[i + 1]! ^= high;
    }
  }
}

/** Rows where the two columns compare as `operator` says, by exact value. */
export function scanColumns(
  left: FixedColumn,
  operator: ComparisonOperator,
  right: FixedColumn,
  rowCount: number,
): Uint32Array {
  const out = new Uint32Array(wordCount(rowCount));
  const accepted = acceptedOrders(operator);
  const isWide = left.values instanceof BigInt64Array || right.values instanceof BigInt64Array;
  for (let at = 0; at < rowCount; at += CHUNK) {
    const count = widen(left, at, rowCount, scratch);
    widen(right, at, rowCount, otherScratch);
    for (let i = 0; i < count; i++) {
      const a = scratch[i]!;
      const b = otherScratch[i]!;
      let order = a < b ? 1 : a > b ? 4 : 2;
      // Rounding can only make unequal values equal.
      if (isWide && order === 2 && !Number.isSafeInteger(a)) {
        const exactA = left.values[at + i]!;
        const exactB = right.values[at + i]!;
        order = exactA < exactB ? 1 : exactA > exactB ? 4 : 2;
      }
      if ((accepted & order) !== 0) out[(at + i) >>> 5]! |= 1 << (i & 31);
    }
  }
  return out;
}

/** Bit 0: less, bit 1: equal, bit 2: greater. */
export function acceptedOrders(operator: ComparisonOperator): number {
  switch (operator) {
    case '<':
      return 1;
    case '<=':
      return 3;
    case '==':
      return 2;
    case '>=':
      return 6;
    case '>':
      return 4;
    default:
      return 5;
  }
}
