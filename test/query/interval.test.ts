import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oppositeInterval, readInterval, shiftMoment } from '../../src/query/interval.ts';
import { formatTimestamptz, parseTimestamptz } from '../../src/schema/timestamptz.ts';

function shifted(moment: string, interval: string, isTaken = false): string {
  const read = readInterval(interval, 0);
  const micros = parseTimestamptz(moment, 'UTC');
  return formatTimestamptz(shiftMoment(micros, isTaken ? oppositeInterval(read) : read), 'UTC');
}

describe('an interval', () => {
  it.each<[string, number, bigint]>([
    ['P1Y2M3DT4H5M6S', 14, 273_906_000_000n],
    ['P1D', 0, 86_400_000_000n],
    ['PT1H', 0, 3_600_000_000n],
    ['PT30M', 0, 1_800_000_000n],
    ['P6M', 6, 0n],
    ['P', 0, 0n],
    ['P0DT0S', 0, 0n],
  ])('%s is read', (text, months, micros) => {
    expect(readInterval(text, 0)).toEqual({ months, micros });
  });

  it.each([
    'invalid',
    '1D',
    'P1',
    'P1H',
    'PT1D',
    'P-1D',
    'P1.5D',
    'P1W',
    'p1d',
    'P1D2M',
    ' P1D',
    '',
  ])('%j is refused', (text) => {
    expect(() => readInterval(text, 3)).toThrow(`invalid ISO 8601 duration: ${text}`);
  });

  it('has parts that 32 bits hold', () => {
    expect(readInterval('P2147483647D', 0).micros).toBe(2_147_483_647n * 86_400_000_000n);
    expect(() => readInterval('P2147483648D', 0)).toThrow(
      "invalid day value '2147483648' in duration",
    );
    expect(() => readInterval(`PT${'9'.repeat(40)}S`, 0)).toThrow('invalid second value');
  });
});

describe('a moment that is moved', () => {
  it.each<[string, string, string]>([
    ['2025-01-01T00:00:00Z', 'P1D', '2025-01-02T00:00:00Z'],
    ['2025-01-31T10:00:00Z', 'P1M', '2025-03-03T10:00:00Z'],
    ['2024-01-31T10:00:00Z', 'P1M', '2024-03-02T10:00:00Z'],
    ['2024-02-29T00:00:00Z', 'P1Y', '2025-03-01T00:00:00Z'],
    ['2024-12-15T00:00:00Z', 'P13M', '2026-01-15T00:00:00Z'],
    ['1969-12-31T23:59:59.25Z', 'PT1S', '1970-01-01T00:00:00.25Z'],
    ['1969-12-31T23:59:59.25Z', 'P1M', '1970-01-31T23:59:59.25Z'],
    ['2025-06-15T12:00:00Z', 'P1Y2M3DT4H5M6S', '2026-08-18T16:05:06Z'],
  ])('%s + %s = %s', (moment, interval, expected) => {
    expect(shifted(moment, interval)).toBe(expected);
  });

  it.each<[string, string, string]>([
    ['2025-03-31T00:00:00Z', 'P1M', '2025-03-03T00:00:00Z'],
    ['2025-01-15T00:00:00Z', 'P1M', '2024-12-15T00:00:00Z'],
    ['2025-01-01T00:00:00Z', 'P1Y1D', '2023-12-31T00:00:00Z'],
  ])('%s - %s = %s', (moment, interval, expected) => {
    expect(shifted(moment, interval, true)).toBe(expected);
  });

  it('goes by the calendar as the language has it', () => {
    const moment = fc.integer({ min: -4_000_000_000, max: 8_000_000_000 });
    fc.assert(
      fc.property(moment, fc.integer({ min: -400, max: 400 }), (seconds, months) => {
        const date = new Date(seconds * 1000);
        date.setUTCMonth(date.getUTCMonth() + months);
        const moved = shiftMoment(BigInt(seconds) * 1_000_000n + 7n, { months, micros: 5n });
        expect(moved).toBe(BigInt(date.getTime()) * 1000n + 12n);
      }),
    );
  });
});
