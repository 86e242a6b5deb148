/** Rows that say themselves until when they live: by a field of points in time, null for ever. */
import { assert } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import { isValid } from '../schema/column-layout.ts';
import type { Column } from '../schema/column.ts';
import type { SegmentInfo } from './segment-info.ts';

export interface RowExpiry {
  readonly fieldId: number;
  /** Microseconds since 1970: rows whose point in time is not later are gone. */
  readonly atMicros: bigint;
}

/** The rows that live. @param column of the field */
export function livingRows(column: Column, rowCount: number, { atMicros }: RowExpiry): Bitmap {
  const rows = new Bitmap(rowCount);
  assert(column.kind === 'fixed', 'points in time are numbers');
  const { values, validity } = column;
  assert(values instanceof BigInt64Array, 'points in time are int64');
  for (let i = 0; i < rowCount; i++) {
    if ((validity !== null && !isValid(validity, i)) || values[i]! > atMicros) rows.set(i);
  }
  return rows;
}

/** Which part of the rows is gone, taken as if their ends came evenly; never more than there may be. */
export function goneRatio(
  { zones, rowCount }: SegmentInfo,
  { fieldId, atMicros }: RowExpiry,
): number {
  const zone = zones.get(fieldId);
  if (zone === undefined || typeof zone.min !== 'bigint' || typeof zone.max !== 'bigint') return 0;
  const mortal = (rowCount - zone.nullCount) / rowCount;
  if (atMicros < zone.min) return 0;
  if (atMicros >= zone.max) return mortal;
  // Not nothing: the row of the least value is gone, and a rewrite moves the bound up.
  return mortal * (Number(atMicros - zone.min + 1n) / Number(zone.max - zone.min + 1n));
}
