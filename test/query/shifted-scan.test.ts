import { describe, expect, it } from 'vitest';
import type { ShiftedPredicate } from '../../src/query/predicate.ts';
import { scanShifted } from '../../src/query/shifted-scan.ts';
import type { FixedColumn } from '../../src/schema/column.ts';
import { DataType } from '../../src/schema/data-type.ts';
import { columnOf } from './columns.ts';
import { bound } from './struct-rows.ts';

describe('moments that an interval has moved', () => {
  const { predicate } = bound("tsz + INTERVAL 'P1M' > ISO '1970-01-31T23:00:00Z'");
  const hour = 3_600_000_000n;
  const column = columnOf(DataType.Timestamptz, [0n, null, 24n * hour, -hour]) as FixedColumn;

  it('are known where they are not null', () => {
    const { truth, known } = scanShifted(column, predicate as ShiftedPredicate, 4, null);
    expect(truth[0]).toBe(0b0101);
    expect(known?.[0]).toBe(0b1101);
  });

  it('are looked at only where somebody asks', () => {
    const active = Uint32Array.of(0b0100);
    expect(scanShifted(column, predicate as ShiftedPredicate, 4, active).truth[0]).toBe(0b0100);
  });
});
