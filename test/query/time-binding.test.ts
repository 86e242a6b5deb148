import { describe, expect, it } from 'vitest';
import { canMatch } from '../../src/query/prune.ts';
import { formatTimestamptz, parseTimestamptz } from '../../src/schema/timestamptz.ts';
import { bound, matching, type StructRow } from './struct-rows.ts';

const MOMENTS = [
  '2024-12-31T23:00:00Z',
  '2025-01-01T00:00:00Z',
  '2025-01-31T12:00:00Z',
  '2025-02-01T00:00:00Z',
  '2025-06-15T12:00:00Z',
];
const ROWS: readonly StructRow[] = [
  ...MOMENTS.map((text) => ({ tsz: parseTimestamptz(text, 'UTC') })),
  { tsz: null },
];

describe('comparisons of moments', () => {
  it.each<[string, number[]]>([
    ["tsz > ISO '2025-01-01T00:00:00Z'", [2, 3, 4]],
    ["tsz >= ISO '2025-01-01T00:00:00Z'", [1, 2, 3, 4]],
    ["tsz == ISO '2025-01-01T08:00:00+08:00'", [1]],
    ["tsz != ISO '2025-01-01T00:00:00Z'", [0, 2, 3, 4]],
    ["ISO '2025-01-01T00:00:00Z' < tsz", [2, 3, 4]],
    ["ISO '2025-01-01T00:00:00Z' >= tsz", [0, 1]],
    ["ISO '2025-01-01T00:00:00Z' <= tsz < ISO '2025-02-01T00:00:00Z'", [1, 2]],
    ["ISO '2025-02-01T00:00:00Z' > tsz >= ISO '2025-01-01T00:00:00Z'", [1, 2]],
    ["tsz in [ISO '2025-01-01T00:00:00Z', ISO '2025-06-15 12:00:00+00']", [1, 4]],
    ["tsz not in [ISO '2025-01-01T00:00:00Z']", [0, 2, 3, 4]],
    ["tsz in [ISO '1999-01-01T00:00:00Z']", []],
    ['tsz is null', [5]],
    // With intervals.
    ["tsz + INTERVAL 'P1D' > ISO '2025-02-01T00:00:00Z'", [2, 3, 4]],
    ["tsz + INTERVAL 'PT1H' == ISO '2025-01-01T00:00:00Z'", [0]],
    ["tsz + INTERVAL 'PT1H' != ISO '2025-01-01T00:00:00Z'", [1, 2, 3, 4]],
    ["tsz - INTERVAL 'P31D' <= ISO '2025-01-01T00:00:00Z'", [0, 1, 2, 3]],
    ["tsz + INTERVAL 'P1M' < ISO '2025-03-02T00:00:00Z'", [0, 1, 3]],
    ["tsz + INTERVAL 'P1M' == ISO '2025-03-03T12:00:00Z'", [2]],
    ["tsz - INTERVAL 'P1M' >= ISO '2025-01-01T00:00:00Z'", [3, 4]],
    ["tsz - INTERVAL 'P1M' != ISO '2025-01-01T00:00:00Z'", [0, 1, 2, 4]],
    ["not (tsz - INTERVAL 'P1M' >= ISO '2025-01-01T00:00:00Z')", [0, 1, 2]],
    ["ISO '2025-03-02T00:00:00Z' > tsz + INTERVAL 'P1M'", [0, 1, 3]],
    ["ISO '2025-03-20T10:30:00Z' >= tsz - INTERVAL 'PT30M'", [0, 1, 2, 3]],
    ["tsz + INTERVAL 'P1Y2M3DT4H5M6S' >= ISO '2026-04-04T04:05:06Z'", [3, 4]],
  ])('%s', (text, rows) => {
    expect(matching(text, ROWS)).toEqual(rows);
  });

  it('take template values: texts in the zone of the read, or microseconds', () => {
    const text = '2025-01-01T08:00:00';
    const micros = parseTimestamptz('2025-01-01T00:00:00Z', 'UTC');
    const atEight = bound('tsz == {t}', { t: text }, 'Asia/Shanghai');
    expect(atEight).toEqual(bound('tsz == {t}', { t: micros }));
    expect(bound('tsz in {t}', { t: [text] }, 'Asia/Shanghai')).toEqual(
      bound('tsz in {t}', { t: [micros] }),
    );
    expect(bound("tsz + INTERVAL 'PT1H' > {t}", { t: text }, 'Asia/Shanghai')).toEqual(
      bound("tsz + INTERVAL 'PT1H' > ISO '2025-01-01T00:00:00Z'"),
    );
  });

  it('read times without an offset in the zone of the read', () => {
    const literal = "tsz > ISO '2025-01-01T00:00:00'";
    expect(bound(literal, {}, 'Asia/Shanghai')).toEqual(bound("tsz > ISO '2024-12-31T16:00:00Z'"));
    expect(bound("tsz in [ISO '2025-01-01T00:00:00']", {}, 'America/New_York')).toEqual(
      bound("tsz in [ISO '2025-01-01T05:00:00Z']"),
    );
  });

  it('move the bound for days, so that a zone tells which segments cannot match', () => {
    const zones = () => ({
      min: parseTimestamptz('2025-01-01T00:00:00Z', 'UTC'),
      max: parseTimestamptz('2025-01-02T00:00:00Z', 'UTC'),
      nullCount: 0,
      rowCount: 9,
    });
    expect(canMatch(bound("tsz + INTERVAL 'P1D' > ISO '2025-01-03T00:00:00Z'"), zones)).toBe(false);
    expect(canMatch(bound("tsz + INTERVAL 'P1D' >= ISO '2025-01-03T00:00:00Z'"), zones)).toBe(true);
    expect(canMatch(bound("tsz + INTERVAL 'P1M' > ISO '2035-01-03T00:00:00Z'"), zones)).toBe(true);
  });

  it('do not care how far an interval reaches', () => {
    const text = "tsz + INTERVAL 'P2147483647D' > ISO '2025-01-01T00:00:00Z'";
    expect(matching(text, ROWS)).toEqual([0, 1, 2, 3, 4]);
    const back = "tsz - INTERVAL 'P2147483647Y' < ISO '0001-01-01T00:00:00Z'";
    expect(matching(back, ROWS)).toEqual([0, 1, 2, 3, 4]);
    expect(formatTimestamptz(0n, 'UTC')).toBe('1970-01-01T00:00:00Z');
  });

  it.each<[string, string]>([
    ["n + INTERVAL 'P1D' > ISO '2025-01-01T00:00:00Z'", "field 'n' is not a timestamptz datatype"],
    ["s + INTERVAL 'P1D' < ISO '2025-01-01T00:00:00Z'", "field 's' is not a timestamptz datatype"],
    ["tsz + INTERVAL 'invalid' > ISO '2025-01-01T00:00:00Z'", 'invalid ISO 8601 duration: invalid'],
    ["tsz > ISO 'invalid-timestamp'", "invalid timestamp string: 'invalid-timestamp'"],
    ["tsz < ISO '2025-13-01T00:00:00Z'", 'Does not match any known format'],
    ["tsz * INTERVAL 'P1D' > ISO '2025-01-01T00:00:00Z'", 'can only be added or taken away'],
    ["INTERVAL 'P1D' + tsz > ISO '2025-01-01T00:00:00Z'", 'an INTERVAL can only be added to'],
    ["tsz + INTERVAL 'P1D' > 5", 'comparisons between Timestamptz and Int64 are not supported'],
    ["tsz + INTERVAL 'P1D' > n", 'comparisons between Timestamptz and Int64 are not supported'],
    ["tsz + INTERVAL 'P1D' > tsz", 'only comparison between two fields is supported'],
    ["tsz > INTERVAL 'P1D'", 'are not supported'],
    ["tsz in [ISO '2025-01-01T00:00:00Z', 5]", 'a list of times holds nothing but ISO times'],
    ['tsz in ["2025-01-01T00:00:00Z"]', 'cannot be casted to Timestamptz'],
    ["n in [ISO '2025-01-01T00:00:00Z']", 'ISO times compare with timestamptz fields'],
    [
      'tsz == "2025-01-01T00:00:00Z"',
      'comparisons between Timestamptz and VarChar are not supported',
    ],
    ["tsz + INTERVAL 'P1D'", 'predicate is not a boolean expression'],
  ])('%s is refused', (text, message) => {
    expect(() => bound(text)).toThrow(message);
  });
});
