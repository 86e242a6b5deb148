/** Conditions on Timestamptz values that an interval with months has moved, each by itself. */
import { assert } from '../base/assert.ts';
import type { FixedColumn } from '../schema/column.ts';
import { shiftMoment } from './interval.ts';
import type { Scalar, ShiftedPredicate } from './predicate.ts';
import { type Truth, withValidity, wordCount } from './truth.ts';

/** Rows outside `active` are passed over and answered FALSE. */
export function scanShifted(
  column: FixedColumn,
  predicate: ShiftedPredicate,
  rowCount: number,
  active: Uint32Array | null,
): Truth {
  const { values } = column;
  assert(values instanceof BigInt64Array, 'moments are int64');
  const { lowerInclusive, upperInclusive } = predicate.range;
  const lower = boundOf(predicate.range.lower);
  const upper = boundOf(predicate.range.upper);
  const truth = new Uint32Array(wordCount(rowCount));
  for (let row = 0; row < rowCount; row++) {
    if (active !== null && (active[row >>> 5]! & (1 << (row & 31))) === 0) continue;
    const moved = shiftMoment(values[row]!, predicate);
    if (lower !== null && !(moved > lower || (lowerInclusive && moved === lower))) continue;
    if (upper !== null && !(moved < upper || (upperInclusive && moved === upper))) continue;
    truth[row >>> 5]! |= 1 << (row & 31);
  }
  return withValidity(truth, column.validity);
}

function boundOf(bound: Scalar | null): bigint | null {
  assert(bound === null || typeof bound === 'bigint', 'moments compare with moments');
  return bound;
}
