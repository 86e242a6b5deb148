import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatTimestamptz,
  parseTimestamptz,
  timeParts,
  validateTimeZone,
} from '../../src/schema/timestamptz.ts';

const utc = (text: string): bigint => parseTimestamptz(text, 'UTC');

describe('parseTimestamptz', () => {
  it('reads moments with Z or an offset', () => {
    expect(utc('1970-01-01T00:00:00Z')).toBe(0n);
    expect(utc('2024-12-31T22:00:00Z')).toBe(1735682400000000n);
    expect(utc('2025-01-01T00:00:00+08:00')).toBe(1735660800000000n);
    expect(utc('2025-01-01 00:00:00+08')).toBe(1735660800000000n);
    expect(utc('2024-12-31 22:00:00Z')).toBe(1735682400000000n);
    expect(utc('1969-12-31T23:59:59.5Z')).toBe(-500000n);
    expect(utc('0000-01-01T00:00:00Z')).toBe(-62167219200000000n);
    expect(utc('9999-12-31T23:59:59.999999Z')).toBe(253402300799999999n);
  });

  it('cuts the fraction at microseconds', () => {
    expect(utc('1970-01-01T00:00:00.1234567899Z')).toBe(123456n);
    expect(utc('1970-01-01T00:00:00.1')).toBe(100000n);
  });

  it('reads text without an offset as local time of the zone', () => {
    expect(parseTimestamptz('2025-01-01 08:00:00', 'Asia/Shanghai')).toBe(1735689600000000n);
    expect(parseTimestamptz('2024-07-01T12:00:00', 'America/New_York')).toBe(
      utc('2024-07-01T12:00:00-04:00'),
    );
    expect(parseTimestamptz('2024-01-01T12:00:00', 'America/New_York')).toBe(
      utc('2024-01-01T12:00:00-05:00'),
    );
  });

  it('takes one of the two moments where the clock is set back or forward', () => {
    const back = parseTimestamptz('2024-11-03T01:30:00', 'America/New_York');
    expect([utc('2024-11-03T01:30:00-04:00'), utc('2024-11-03T01:30:00-05:00')]).toContain(back);
    const forward = parseTimestamptz('2024-03-10T02:30:00', 'America/New_York');
    expect([utc('2024-03-10T02:30:00-04:00'), utc('2024-03-10T02:30:00-05:00')]).toContain(forward);
  });

  it('allows offsets from -12:00 to +14:00', () => {
    expect(utc('2025-01-01T00:00:00+14:00')).toBe(utc('2024-12-31T10:00:00Z'));
    expect(utc('2025-01-01T00:00:00-12:00')).toBe(utc('2025-01-01T12:00:00Z'));
    expect(() => utc('2025-01-01T00:00:00+15:00')).toThrow(
      'UTC offset hour 15 is out of the valid range [-12, 14]: invalid parameter',
    );
    expect(() => utc('2025-01-01T00:00:00-13:30')).toThrow('UTC offset hour -13 is out of');
  });

  it.each([
    'yesterday',
    '',
    '2024-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:60:00Z',
    '2024-01-01T00:00:60Z',
    '2024-01-01T00:00:00+25:00',
    '2024-01-01T00:00:00+08',
    '2024-01-01t00:00:00z',
    '2024-01-01',
    ' 2024-01-01T00:00:00Z',
    '24-01-01T00:00:00Z',
  ])('refuses %j in Milvus’s words', (text) => {
    expect(() => utc(text)).toThrow(
      `invalid timestamp string: '${text}'. Does not match any known format: invalid parameter`,
    );
  });

  it('accepts the leap day of leap years only', () => {
    expect(formatTimestamptz(utc('2000-02-29T00:00:00Z'), 'UTC')).toBe('2000-02-29T00:00:00Z');
    expect(() => utc('1900-02-29T00:00:00Z')).toThrow('Does not match');
  });
});

describe('formatTimestamptz', () => {
  it('writes the effective zone, the fraction without trailing zeros', () => {
    const moment = utc('2025-03-20T10:30:00.123Z');
    expect(formatTimestamptz(moment, 'UTC')).toBe('2025-03-20T10:30:00.123Z');
    expect(formatTimestamptz(moment, 'Asia/Kolkata')).toBe('2025-03-20T16:00:00.123+05:30');
    expect(formatTimestamptz(moment, 'America/New_York')).toBe('2025-03-20T06:30:00.123-04:00');
    expect(formatTimestamptz(0n, 'Europe/London')).toBe('1970-01-01T01:00:00+01:00');
    expect(formatTimestamptz(-1n, 'UTC')).toBe('1969-12-31T23:59:59.999999Z');
  });

  it('writes what parses back to the same moment, in any zone', () => {
    const zones = ['UTC', 'Asia/Shanghai', 'America/St_Johns', 'Pacific/Chatham', 'Europe/Berlin'];
    fc.assert(
      fc.property(
        fc.bigInt({ min: utc('1975-01-01T00:00:00Z'), max: utc('9999-12-30T00:00:00Z') }),
        fc.constantFrom(...zones),
        (moment, zone) => {
          const text = formatTimestamptz(moment, zone);
          expect(parseTimestamptz(text, 'UTC')).toBe(moment);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('writes offsets that had seconds without them, and still the same moment', () => {
    // Local mean time: New York is 4:56:02 behind, Monrovia was 44:30 behind, Amsterdam 19:32 ahead.
    const moment = utc('0001-01-01T12:00:00Z');
    expect(formatTimestamptz(moment, 'America/New_York')).toBe('0001-01-01T07:04:00-04:56');
    const zones = ['America/New_York', 'Africa/Monrovia', 'Europe/Amsterdam', 'Europe/London'];
    for (const zone of zones) {
      for (const text of [
        '0001-06-01T12:00:00Z',
        '1850-03-04T05:06:07.8Z',
        '1935-01-01T00:00:00Z',
      ]) {
        expect(utc(formatTimestamptz(utc(text), zone))).toBe(utc(text));
      }
    }
  });

  it('agrees with Date over all years that text can say', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_167_219_200, max: 253_402_300_799 }), (seconds) => {
        const expected = new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
        expect(formatTimestamptz(BigInt(seconds) * 1_000_000n, 'UTC')).toBe(expected);
        expect(utc(expected)).toBe(BigInt(seconds) * 1_000_000n);
      }),
    );
  });

  it('writes moments that no Date holds', () => {
    expect(formatTimestamptz(2n ** 63n - 1n, 'Asia/Tokyo')).toMatch(/^294247-.*\+09:00$/);
    expect(formatTimestamptz(-(2n ** 63n), 'UTC')).toMatch(/^-290308-/);
  });
});

describe('timeParts', () => {
  it('are what a clock in the zone shows, in the order that was asked for', () => {
    const moment = utc('2023-12-31T18:45:06.070809Z');
    expect(timeParts(moment, 'Asia/Kolkata', ['minute', 'hour', 'day', 'month', 'year'])).toEqual(
      BigInt64Array.of(15n, 0n, 1n, 1n, 2024n),
    );
    expect(timeParts(moment, 'UTC', ['second', 'microsecond'])).toEqual(
      BigInt64Array.of(6n, 70_809n),
    );
  });

  it('count forward before 1970 too, with the seconds that old offsets had', () => {
    expect(timeParts(-1n, 'UTC', ['second', 'microsecond'])).toEqual(
      BigInt64Array.of(59n, 999_999n),
    );
    const noon = utc('1850-01-01T12:00:00Z');
    expect(timeParts(noon, 'America/New_York', ['hour', 'minute', 'second'])).toEqual(
      BigInt64Array.of(7n, 3n, 58n),
    );
  });
});

describe('validateTimeZone', () => {
  it('accepts IANA zones and nothing else', () => {
    for (const zone of ['UTC', 'Asia/Shanghai', 'America/Argentina/Ushuaia']) {
      expect(() => validateTimeZone(zone)).not.toThrow();
    }
    for (const zone of ['', 'Mars/Olympus', '+08:00', 'error']) {
      expect(() => validateTimeZone(zone)).toThrow(
        `unknown or invalid IANA Time Zone ID: ${zone}: invalid parameter`,
      );
    }
  });
});
