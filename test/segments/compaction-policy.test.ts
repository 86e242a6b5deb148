import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SEGMENT_BYTES_MAX } from '../../src/base/limits.ts';
import { planCompaction } from '../../src/segments/compaction-policy.ts';
import type { SegmentInfo } from '../../src/segments/segment-info.ts';
import { infoOf } from './segment-infos.ts';

const MB = 1_000_000;
const none = { deletedCounts: new Map<number, number>() };
const many = (count: number, more: Partial<SegmentInfo> = {}): SegmentInfo[] =>
  Array.from({ length: count }, (_, i) => infoOf(i + 1, more));

describe('planCompaction', () => {
  it('leaves few segments alone', () => {
    expect(planCompaction([], none)).toBeNull();
    expect(planCompaction(many(3), none)).toBeNull();
  });

  it('merges four to eight of one size and partition, the oldest first', () => {
    expect(planCompaction(many(4), none)).toEqual({
      partitionId: 1,
      segmentIds: [1, 2, 3, 4],
      reason: 'merge',
    });
    expect(planCompaction(many(20), none)?.segmentIds).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    const mixed = [...many(3), infoOf(7, { partitionId: 2 }), infoOf(8, { byteLength: 300 * MB })];
    expect(planCompaction(mixed, none)).toBeNull();
  });

  it('merges what fits into one, of any size, when somebody asks for it', () => {
    const asked = { ...none, isAskedFor: true };
    const mixed = [
      infoOf(1, { byteLength: 300 * MB }),
      infoOf(2, { partitionId: 2 }),
      infoOf(3, { byteLength: 30 * MB }),
    ];
    expect(planCompaction(mixed, none)).toBeNull();
    expect(planCompaction(mixed, asked)).toMatchObject({ segmentIds: [1, 3], reason: 'merge' });
    expect(planCompaction(many(1), asked)).toBeNull();
    expect(planCompaction(many(9, { byteLength: SEGMENT_BYTES_MAX / 2 }), asked)).toBeNull();
  });

  it('never makes a segment above the limit, and leaves full ones alone', () => {
    expect(planCompaction(many(9, { byteLength: SEGMENT_BYTES_MAX / 2 }), none)).toBeNull();
    const group = planCompaction(many(9, { byteLength: 300 * MB }), none);
    expect(group?.segmentIds).toEqual([1, 2, 3]);
  });

  it('purges the segment with the largest share of deleted rows first', () => {
    const deletes = { key: 'd', byteLength: 1, checksum: 1, rowCount: 250, timestamp: 1n };
    const segments = [...many(4), infoOf(9, { deletes })];
    expect(planCompaction(segments, none)).toMatchObject({ segmentIds: [9], reason: 'purge' });
    const deletedCounts = new Map([
      [2, 300],
      [3, 200],
    ]);
    expect(planCompaction(segments, { deletedCounts })).toMatchObject({
      segmentIds: [2],
      reason: 'purge',
    });
    expect(planCompaction(many(1), { deletedCounts: new Map([[1, 200]]) })).toBeNull();
  });

  it('rewrites segments whose rows have outlived the TTL', () => {
    const segments = [infoOf(1, { minTimestamp: 100n, maxTimestamp: 200n })];
    expect(planCompaction(segments, { ...none, expiredBefore: 110n })).toBeNull();
    expect(planCompaction(segments, { ...none, expiredBefore: 150n })).toMatchObject({
      reason: 'expire',
    });
    expect(planCompaction(segments, { ...none, expiredBefore: 300n })).toMatchObject({
      reason: 'expire',
    });
    expect(planCompaction(segments, { ...none, expiredBefore: 100n })).toBeNull();
  });

  it('rewrites what may hold dropped fields last, and only for somebody who asks', () => {
    const dropped = { ...none, fieldsDroppedVersion: 3 };
    const full = { byteLength: SEGMENT_BYTES_MAX / 2 };
    const segments = [
      infoOf(1, { ...full, schemaVersion: 3 }),
      infoOf(2, { ...full, schemaVersion: 2 }),
    ];
    expect(planCompaction(segments, dropped)).toBeNull();
    const asked = { ...dropped, isAskedFor: true };
    expect(planCompaction(segments, asked)).toMatchObject({ segmentIds: [2], reason: 'shed' });
    expect(planCompaction(segments, { ...none, isAskedFor: true })).toBeNull();
    expect(planCompaction([...many(2), ...segments], asked)?.reason).toBe('merge');
  });

  it('comes to rest, with every row rewritten a few times only', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 64 * MB }), { maxLength: 60 }), (sizes) => {
        let segments = sizes.map((byteLength, i) => infoOf(i + 1, { byteLength }));
        let written = 0;
        let id = 1000;
        for (
          let group = planCompaction(segments, none);
          group !== null;
          group = planCompaction(segments, none)
        ) {
          const chosen = group.segmentIds;
          const inputs = segments.filter((info) => chosen.includes(info.id));
          const byteLength = inputs.reduce((sum, info) => sum + info.byteLength, 0);
          expect(byteLength).toBeLessThanOrEqual(SEGMENT_BYTES_MAX);
          const minTimestamp = BigInt(Math.min(...inputs.map((info) => Number(info.minTimestamp))));
          segments = segments.filter((info) => !chosen.includes(info.id));
          segments.push(infoOf(++id, { byteLength, minTimestamp }));
          written += byteLength;
        }
        const total = sizes.reduce((sum, size) => sum + size, 0);
        expect(written).toBeLessThanOrEqual(total * 6);
      }),
      { numRuns: 50 },
    );
  });
});
