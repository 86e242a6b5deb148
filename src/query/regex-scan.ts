/** Regular expressions over texts and JSON in steps, for texts that are long or lead to many states. */
import { assert } from '../base/assert.ts';
import type { BytesColumn } from '../schema/column.ts';
import { JsonCursor, jsonSteps } from './json-cursor.ts';
import type { JsonRows } from './json-scan.ts';
import type { RegexPredicate } from './predicate.ts';
import { RegexMatcher } from './regex.ts';
import type { Steps } from './steps.ts';
import { textMatcher } from './text-scan.ts';
import { type Truth, wordCount } from './truth.ts';

/** Bytes of texts, and rows of them, between two steps. */
const BYTES_A_STEP = 131_072;
const ROWS_A_STEP = 4096;
/** What a JSON text costs beside reading it, in bytes. */
const JSON_BYTES = 32;

/** As scanPattern: rows outside `active` are passed over and answered FALSE. */
export function* regexSteps(
  { bytes, offsets }: BytesColumn,
  predicate: RegexPredicate,
  rowCount: number,
  active: Uint32Array | null,
): Steps<Uint32Array> {
  const out = new Uint32Array(wordCount(rowCount));
  const matcher = regexMatcher(predicate);
  let byteLength = 0;
  let rows = 0;
  for (let i = 0; i < rowCount; i++) {
    if (active !== null && (active[i >>> 5]! & (1 << (i & 31))) === 0) continue;
    const [start, end] = [offsets[i]!, offsets[i + 1]!];
    if (yield* matcher.matchSteps(bytes, start, end)) out[i >>> 5]! |= 1 << (i & 31);
    byteLength += end - start;
    if (byteLength >= BYTES_A_STEP || ++rows >= ROWS_A_STEP) {
      byteLength = 0;
      rows = 0;
      yield;
    }
  }
  return out;
}

/** As scanJson; a value that is no text is UNKNOWN. */
export function* jsonRegexSteps(
  { column, path, rowCount }: JsonRows,
  predicate: RegexPredicate,
  active: Uint32Array | null,
): Steps<Truth> {
  const { bytes, offsets, validity } = column;
  const truth = new Uint32Array(wordCount(rowCount));
  const known = new Uint32Array(truth.length);
  const matcher = regexMatcher(predicate);
  const cursor = new JsonCursor();
  const steps = jsonSteps(path);
  let byteLength = 0;
  for (let i = 0; i < rowCount; i++) {
    const bit = 1 << (i & 31);
    if (active !== null && (active[i >>> 5]! & bit) === 0) continue;
    if (validity !== null && (validity[i >>> 5]! & bit) === 0) continue;
    cursor.find(bytes, offsets[i]!, offsets[i + 1]!, steps);
    if (cursor.kind === 'text') {
      known[i >>> 5]! |= bit;
      const { textBytes, textStart, textEnd } = cursor;
      if (yield* matcher.matchSteps(textBytes, textStart, textEnd)) truth[i >>> 5]! |= bit;
    }
    byteLength += JSON_BYTES + offsets[i + 1]! - offsets[i]!;
    if (byteLength >= BYTES_A_STEP) {
      byteLength = 0;
      yield;
    }
  }
  return { truth, known };
}

function regexMatcher(predicate: RegexPredicate): RegexMatcher {
  const matcher = textMatcher(predicate);
  assert(matcher instanceof RegexMatcher, 'regular expressions have matchers of their own');
  return matcher;
}
