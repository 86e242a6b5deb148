/** Random and plain SegmentInfos for the tests of metadata. */
import fc from 'fast-check';
import type { SegmentIndex, SegmentInfo } from '../../src/segments/segment-info.ts';
import type { Zone } from '../../src/segments/segment.ts';

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const count = fc.nat(2 ** 31 - 1);
const checksum = fc.nat(0xffffffff);
const reference = fc.record({ key: fc.string(), byteLength: count, checksum });

const bound = fc.oneof(
  int64,
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  fc.string({ unit: 'grapheme' }),
);
const zone: fc.Arbitrary<Zone> = fc.record(
  { min: bound, max: bound, nullCount: count, rowCount: count },
  { requiredKeys: ['nullCount', 'rowCount'] },
);

export const anySegmentInfo: fc.Arbitrary<SegmentInfo> = fc.record({
  id: count,
  partitionId: count,
  level: fc.nat(9),
  rowCount: count,
  byteLength: count,
  schemaVersion: count,
  minTimestamp: int64,
  maxTimestamp: int64,
  descriptor: reference,
  objects: fc.array(reference, { maxLength: 3 }),
  deletes: fc.option(
    fc.record({ key: fc.string(), byteLength: count, checksum, rowCount: count, timestamp: int64 }),
  ),
  indexes: fc.array(
    fc.record({
      indexId: count,
      fieldId: count,
      fingerprint: fc.string(),
      rowCount: count,
      builder: fc.string(),
      image: reference,
      descriptor: reference,
    }),
    { maxLength: 2 },
  ),
  zones: fc.array(fc.tuple(count, zone), { maxLength: 4 }).map((entries) => new Map(entries)),
});

/** A segment of one megabyte and a thousand rows, but for what is said. */
export function infoOf(id: number, more: Partial<SegmentInfo> = {}): SegmentInfo {
  const objectOf = (suffix: string) => ({
    key: `segments/${id}.${suffix}`,
    byteLength: 10,
    checksum: id,
  });
  return {
    id,
    partitionId: 1,
    level: 0,
    rowCount: 1000,
    byteLength: 1_000_000,
    schemaVersion: 1,
    minTimestamp: BigInt(id),
    maxTimestamp: BigInt(id) + 1n,
    descriptor: objectOf('json'),
    objects: [objectOf('cols.arrow'), objectOf('keys')],
    deletes: null,
    indexes: [],
    zones: new Map(),
    ...more,
  };
}

/** An index over all rows of `infoOf(segmentId)`, but for what is said. */
export function indexOf(
  segmentId: number,
  fileId: number,
  more: Partial<SegmentIndex> = {},
): SegmentIndex {
  const objectOf = (suffix: string) => ({
    key: `segments/${segmentId}.idx-${fileId}${suffix}`,
    byteLength: 10,
    checksum: fileId,
  });
  return {
    indexId: 7,
    fieldId: 101,
    fingerprint: 'HNSW L2 M=8 efConstruction=64',
    rowCount: 1000,
    builder: 'js',
    image: objectOf(''),
    descriptor: objectOf('.json'),
    ...more,
  };
}
