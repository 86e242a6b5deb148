import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedBytes } from '../../src/base/bytes.ts';
import { decodeSegmentInfo, encodeSegmentInfo } from '../../src/segments/segment-info-codec.ts';
import { JsonValue } from '../../src/segments/strict-json.ts';
import { anySegmentInfo, infoOf } from './segment-infos.ts';

const back = (value: unknown) => decodeSegmentInfo(JsonValue.parse(JSON.stringify(value)));

describe('segment infos', () => {
  it('come back from JSON as they were', () => {
    fc.assert(
      fc.property(anySegmentInfo, (info) => {
        expect(back(encodeSegmentInfo(info))).toEqual(info);
      }),
    );
  });

  it('have no word of indexes where there are none, as those had that knew of none', () => {
    expect(encodeSegmentInfo(infoOf(1))).not.toHaveProperty('indexes');
    expect(back(encodeSegmentInfo(infoOf(1))).indexes).toEqual([]);
  });

  it('are refused with members missing, added or of another type', () => {
    const [info] = fc.sample(anySegmentInfo, { numRuns: 1, seed: 1 });
    const json = encodeSegmentInfo(info!) as Record<string, unknown>;
    expect(() => back({ ...json, id: undefined })).toThrow(MalformedBytes);
    expect(() => back({ ...json, more: 1 })).toThrow(MalformedBytes);
    expect(() => back({ ...json, minTimestamp: 5 })).toThrow(MalformedBytes);
    expect(() =>
      back({ ...json, zones: [{ fieldId: 1, min: true, nullCount: 0, rowCount: 1 }] }),
    ).toThrow(MalformedBytes);
    expect(() =>
      back({ ...json, zones: [{ fieldId: 1, min: {}, nullCount: 0, rowCount: 1 }] }),
    ).toThrow(MalformedBytes);
  });
});
