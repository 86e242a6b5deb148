import { describe, expect, it } from 'vitest';
import { DataType } from '../../src/schema/data-type.ts';
import type { FixedColumn } from '../../src/schema/column.ts';
import { goneRatio, livingRows } from '../../src/segments/row-expiry.ts';
import type { SegmentInfo } from '../../src/segments/segment-info.ts';

function infoOf(min: bigint, max: bigint, nullCount = 0): SegmentInfo {
  const zones = new Map([[7, { min, max, nullCount, rowCount: 10 }]]);
  return { rowCount: 10, zones } as unknown as SegmentInfo;
}

describe('rows that name their end', () => {
  it('live until then, and without one for ever', () => {
    const values = BigInt64Array.of(10n, 20n, 30n, 0n);
    const validity = Uint32Array.of(0b0111);
    const column: FixedColumn = { kind: 'fixed', type: DataType.Timestamptz, values, validity };
    const at = (atMicros: bigint): number[] => [
      ...livingRows(column, 4, { fieldId: 7, atMicros }).toOffsets(),
    ];
    expect(at(9n)).toEqual([0, 1, 2, 3]);
    expect(at(10n)).toEqual([1, 2, 3]);
    expect(at(30n)).toEqual([3]);
  });

  it('are gone in the share that the bounds of their ends say', () => {
    const ratio = (info: SegmentInfo, atMicros: bigint): number =>
      goneRatio(info, { fieldId: 7, atMicros });
    expect(ratio(infoOf(100n, 200n), 99n)).toBe(0);
    expect(ratio(infoOf(100n, 200n), 100n)).toBeGreaterThan(0);
    expect(ratio(infoOf(100n, 200n), 150n)).toBeCloseTo(0.5, 1);
    expect(ratio(infoOf(100n, 200n), 200n)).toBe(1);
    expect(ratio(infoOf(100n, 200n, 4), 200n)).toBe(0.6);
    expect(goneRatio(infoOf(1n, 2n), { fieldId: 8, atMicros: 5n })).toBe(0);
  });
});
