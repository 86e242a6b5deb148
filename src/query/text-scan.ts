/**
 * Conditions over VarChar columns, on the UTF-8 bytes as they lie. Rows outside `active` are passed
 * over and answered FALSE; null rows are left to the caller.
 */
import { nativeAddon } from '../base/native.ts';
import type { NativeAddon } from '../base/native.ts';
import type { BytesColumn } from '../schema/column.ts';
import type { ComparisonOperator } from './ast.ts';
import { LikeMatcher } from './like.ts';
import { utf8 } from './literal.ts';
import { acceptedOrders } from './number-scan.ts';
import type { LikePredicate, RangePredicate, RegexPredicate, Scalar } from './predicate.ts';
import { RegexMatcher } from './regex.ts';
import { wordCount } from './truth.ts';
import type { InPieces } from './value-set.ts';
import { type AskedTexts, TextTable, equalBytes } from './text-table.ts';

const tables = new WeakMap<readonly string[], TextTable>();

/** The table of a list's texts, made once as long as the list lives. */
export function textTable(texts: readonly string[]): TextTable {
  const known = tables.get(texts);
  if (known !== undefined) return known;
  const table = TextTable.of(texts);
  tables.set(texts, table);
  return table;
}

/** textTable of a long list, in pieces. */
export async function prepareTextTable(
  texts: readonly string[],
  inPieces: InPieces,
): Promise<void> {
  if (tables.has(texts)) return;
  const table = new TextTable(texts);
  await inPieces(texts.length, (start, end) => table.add(start, end));
  tables.set(texts, table);
}

/** Rows that are asked for. */
type TextRows = readonly [rowCount: number, active: Uint32Array | null, addon?: NativeAddon | null];

/** Bounds of a range of text as bytes. */
export interface TextBounds {
  readonly lower: Uint8Array | null;
  /** Least order of a value against `lower` that is let in: 0 or 1. */
  readonly lowerLeast: number;
  readonly upper: Uint8Array | null;
  readonly upperMost: number;
}

export function textBounds(range: RangePredicate): TextBounds {
  return {
    lower: boundBytes(range.lower),
    lowerLeast: range.lowerInclusive ? 0 : 1,
    upper: boundBytes(range.upper),
    upperMost: range.upperInclusive ? 0 : -1,
  };
}

function boundBytes(bound: Scalar | null): Uint8Array | null {
  return typeof bound === 'string' ? utf8(bound) : null;
}

export function isWithin(
  bytes: Uint8Array,
  start: number,
  end: number,
  bounds: TextBounds,
): boolean {
  const { lower, upper } = bounds;
  if (lower !== null && compareBytes(bytes, start, end, lower) < bounds.lowerLeast) return false;
  return upper === null || compareBytes(bytes, start, end, upper) <= bounds.upperMost;
}

/** -1, 0 or 1. */
function compareBytes(bytes: Uint8Array, start: number, end: number, other: Uint8Array): number {
  const length = Math.min(end - start, other.length);
  for (let i = 0, j = start; i < length; i++, j++) {
    if (bytes[j] !== other[i]) return bytes[j]! < other[i]! ? -1 : 1;
  }
  return end - start === other.length ? 0 : end - start < other.length ? -1 : 1;
}

/** Rows, and bytes of theirs, below which a call of the native kernels costs more than the loop. */
const FEW_ROWS = 64;
const FEW_BYTES = 4096;

function areFew({ offsets }: BytesColumn, rowCount: number): boolean {
  return rowCount < FEW_ROWS && offsets[rowCount]! - offsets[0]! < FEW_BYTES;
}

/** Rows whose text lies in the range. @param addon null: the twin of the native kernels */
export function scanTextRange(
  column: BytesColumn,
  range: RangePredicate,
  ...[rowCount, active, addon = nativeAddon()]: TextRows
): Uint32Array {
  const out = new Uint32Array(wordCount(rowCount));
  const { bytes, offsets } = column;
  const bounds = textBounds(range);
  const { lower, upper } = bounds;
  if (addon !== null && !areFew(column, rowCount)) {
    const [isLowerIn, isUpperIn] = [Number(range.lowerInclusive), Number(range.upperInclusive)];
    const rows = offsets.subarray(0, rowCount + 1);
    addon.markTextRange(rows, bytes, lower, isLowerIn, upper, isUpperIn, active, out);
    return out;
  }
  const isEquality =
    lower !== null && range.lower === range.upper && range.lowerInclusive && range.upperInclusive;
  for (let i = 0; i < rowCount; i++) {
    if (active !== null && (active[i >>> 5]! & (1 << (i & 31))) === 0) continue;
    const start = offsets[i]!;
    const end = offsets[i + 1]!;
    const fits = isEquality
      ? equalBytes(bytes, start, end, lower)
      : isWithin(bytes, start, end, bounds);
    if (fits) out[i >>> 5]! |= 1 << (i & 31);
  }
  return out;
}

/** Rows whose text is one of these. @param addon null: the twin of the native kernels */
export function scanTextMembership(
  column: BytesColumn,
  texts: readonly string[],
  ...[rowCount, active, addon = nativeAddon()]: TextRows
): Uint32Array {
  const out = new Uint32Array(wordCount(rowCount));
  const table = textTable(texts);
  const { bytes, offsets } = column;
  if (addon !== null && !areFew(column, rowCount)) {
    table.markNatively({ offsets: offsets.subarray(0, rowCount + 1), bytes, active }, out, addon);
    return out;
  }
  for (let i = 0; i < rowCount; i++) {
    if (active !== null && (active[i >>> 5]! & (1 << (i & 31))) === 0) continue;
    if (table.has(bytes, offsets[i]!, offsets[i + 1]!)) out[i >>> 5]! |= 1 << (i & 31);
  }
  return out;
}

/** What a text is asked: a pattern of `like`, or a regular expression. */
export interface TextMatcher {
  /** Whether it says yes to the UTF-8 text bytes[start, end). */
  matches(bytes: Uint8Array, start: number, end: number): boolean;
}

const matchers = new WeakMap<LikePredicate | RegexPredicate, TextMatcher>();

/** The matcher of a predicate, made once as long as the predicate lives. */
export function textMatcher(predicate: LikePredicate | RegexPredicate): TextMatcher {
  const known = matchers.get(predicate);
  if (known !== undefined) return known;
  const { kind, pattern } = predicate;
  const matcher = kind === 'like' ? new LikeMatcher(pattern) : new RegexMatcher(pattern);
  matchers.set(predicate, matcher);
  return matcher;
}

/** Rows whose text matches the pattern. @param addon null: the twin of the native kernels */
export function scanPattern(
  column: BytesColumn,
  predicate: LikePredicate | RegexPredicate,
  ...[rowCount, active, addon = nativeAddon()]: TextRows
): Uint32Array {
  const out = new Uint32Array(wordCount(rowCount));
  const matcher = textMatcher(predicate);
  const { bytes, offsets } = column;
  if (addon !== null && matcher instanceof LikeMatcher && !areFew(column, rowCount)) {
    markPattern(matcher, { offsets: offsets.subarray(0, rowCount + 1), bytes, active }, out, addon);
    return out;
  }
  for (let i = 0; i < rowCount; i++) {
    if (active !== null && (active[i >>> 5]! & (1 << (i & 31))) === 0) continue;
    if (matcher.matches(bytes, offsets[i]!, offsets[i + 1]!)) out[i >>> 5]! |= 1 << (i & 31);
  }
  return out;
}

function markPattern(
  { pieces, maskedPieces }: LikeMatcher,
  { offsets, bytes, active }: AskedTexts,
  out: Uint32Array,
  addon: NativeAddon,
): void {
  if (pieces !== null) {
    const { texts, lengths, failures, isExact } = pieces;
    addon.markLike(offsets, bytes, texts, lengths, failures, Number(isExact), active, out);
  } else if (maskedPieces !== null) {
    const { points, lengths, isExact } = maskedPieces;
    addon.markMaskedLike(offsets, bytes, points, lengths, Number(isExact), active, out);
  }
}

/** Rows where the two texts compare as `operator` says. */
export function scanTextColumns(
  left: BytesColumn,
  operator: ComparisonOperator,
  right: BytesColumn,
  rowCount: number,
): Uint32Array {
  const out = new Uint32Array(wordCount(rowCount));
  const accepted = acceptedOrders(operator);
  for (let i = 0; i < rowCount; i++) {
    const other = right.bytes.subarray(right.offsets[i], right.offsets[i + 1]);
    const order = compareBytes(left.bytes, left.offsets[i]!, left.offsets[i + 1]!, other);
    if ((accepted & (1 << (order + 1))) !== 0) out[i >>> 5]! |= 1 << (i & 31);
  }
  return out;
}

/** Rows where the left text begins with the right one. */
export function scanPrefixes(left: BytesColumn, right: BytesColumn, rowCount: number): Uint32Array {
  const out = new Uint32Array(wordCount(rowCount));
  for (let i = 0; i < rowCount; i++) {
    const prefix = right.bytes.subarray(right.offsets[i], right.offsets[i + 1]);
    const start = left.offsets[i]!;
    const end = start + prefix.length;
    const fits = end <= left.offsets[i + 1]! && equalBytes(left.bytes, start, end, prefix);
    if (fits) out[i >>> 5]! |= 1 << (i & 31);
  }
  return out;
}
