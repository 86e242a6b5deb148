/** Regular expressions over VarChar columns in steps, for texts that are long or lead to many states. */
import { assert } from '../base/assert.ts';
import type { BytesColumn } from '../schema/column.ts';
import type { RegexPredicate } from './predicate.ts';
import { RegexMatcher } from './regex.ts';
import type { Steps } from './steps.ts';
import { textMatcher } from './text-scan.ts';
import { wordCount } from './truth.ts';

/** Bytes of texts, and rows of them, between two steps. */
const BYTES_A_STEP = 131_072;
const ROWS_A_STEP = 4096;

/** As scanPattern: rows outside `active` are passed over and answered FALSE. */
export function* regexSteps(
  { bytes, offsets }: BytesColumn,
  predicate: RegexPredicate,
  rowCount: number,
  active: Uint32Array | null,
): Steps<Uint32Array> {
  const out = new Uint32Array(wordCount(rowCount));
  const matcher = textMatcher(predicate);
  assert(matcher instanceof RegexMatcher, 'regular expressions have matchers of their own');
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
