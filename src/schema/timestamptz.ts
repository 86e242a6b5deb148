/**
 * Timestamptz: ISO 8601 text <-> microseconds since 1970, UTC, as bigint.
 *
 * Text with an offset is a moment; text without one is local time in an IANA zone. Read are
 * `YYYY-MM-DDTHH:MM:SS[.fraction]` with `Z`, `±HH:MM` or nothing behind, and the same with a space for the
 * `T`, then also `±HH`. Offsets reach from -12:00 to +14:00; digits of the fraction beyond the sixth are cut.
 * Written is RFC 3339 in the wanted zone, the fraction without trailing zeros. Its offsets have no seconds,
 * as those of zones had before standard time: they are cut, and the clock is that of the offset as written.
 * So the text is the moment again when it is read.
 */
import { invalidParameter } from '../base/errors.ts';

export const DEFAULT_TIME_ZONE = 'UTC';

const OFFSET_SECONDS_MIN = -12 * 3600;
const OFFSET_SECONDS_MAX = 14 * 3600;
const DAY_SECONDS = 86_400;
/** Days from 0000-03-01 to 1970-01-01. */
const EPOCH_DAY = 719_468;
/** Seconds either side of 1970 that a Date can hold. */
const DATE_SECONDS_MAX = 8.64e12;
const MICROS = 1_000_000n;
const TEXT =
  /^(\d{4})-(\d{2})-(\d{2})([T ])(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:(Z)|([+-])(\d{2})(?::(\d{2}))?)?$/;

/** A date and time of the proleptic Gregorian calendar, in no zone. */
interface CivilTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

/**
 * @param timeZone IANA zone of text without an offset
 * @throws MilvusError ParameterInvalid: not a time, or its offset is out of range
 */
export function parseTimestamptz(text: string, timeZone: string): bigint {
  const match = TEXT.exec(text);
  const time = match === null ? null : civilTime(match);
  if (match === null || time === null) throw unknownFormat(text);
  const fraction = BigInt((match[8] ?? '').slice(0, 6).padEnd(6, '0'));
  const localSeconds = secondsOf(time);
  const seconds =
    match[9] === undefined && match[10] === undefined
      ? localSeconds - localOffset(localSeconds, timeZone)
      : localSeconds - explicitOffset(match, text);
  return BigInt(seconds) * MICROS + fraction;
}

/** Whole seconds since 1970, rounded down, and the microseconds beyond them. */
export function splitMicros(micros: bigint): { readonly seconds: number; readonly rest: bigint } {
  const rest = ((micros % MICROS) + MICROS) % MICROS;
  return { seconds: Number((micros - rest) / MICROS), rest };
}

function writtenOffset(seconds: number, timeZone: string): number {
  return Math.trunc(zoneOffset(seconds, timeZone) / 60) * 60;
}

/** RFC 3339 text of a moment in `timeZone`. */
export function formatTimestamptz(micros: bigint, timeZone: string): string {
  const { seconds, rest: fraction } = splitMicros(micros);
  const offset = writtenOffset(seconds, timeZone);
  const time = civilOf(seconds + offset);
  const digits =
    fraction === 0n ? '' : `.${fraction.toString().padStart(6, '0').replace(/0+$/, '')}`;
  const date = `${pad(time.year, 4)}-${pad(time.month, 2)}-${pad(time.day, 2)}`;
  const clock = `${pad(time.hour, 2)}:${pad(time.minute, 2)}:${pad(time.second, 2)}`;
  return `${date}T${clock}${digits}${printOffset(offset)}`;
}

/** What of a moment may be asked for as a number. */
export const TIME_PARTS = [
  'year',
  'month',
  'day',
  'hour',
  'minute',
  'second',
  'microsecond',
] as const;
export type TimePart = (typeof TIME_PARTS)[number];

/** The wanted parts of what clocks in `timeZone` show at a moment, in the order in which they are wanted. */
export function timeParts(
  micros: bigint,
  timeZone: string,
  wanted: readonly TimePart[],
): BigInt64Array {
  const { seconds, rest } = splitMicros(micros);
  const time = { ...civilOf(seconds + zoneOffset(seconds, timeZone)), microsecond: Number(rest) };
  return BigInt64Array.from(wanted, (part) => BigInt(time[part]));
}

/** @throws MilvusError ParameterInvalid when `timeZone` is not an IANA zone */
export function validateTimeZone(timeZone: string): void {
  // Intl also takes offsets like "+08:00", which are not zones.
  if (!/^[A-Za-z]/.test(timeZone) || formatterOf(timeZone) === null) throw unknownZone(timeZone);
}

function unknownFormat(text: string): Error {
  return invalidParameter(`invalid timestamp string: '${text}'. Does not match any known format`);
}

function unknownZone(timeZone: string): Error {
  return invalidParameter(`unknown or invalid IANA Time Zone ID: ${timeZone}`);
}

function civilTime(match: RegExpExecArray): CivilTime | null {
  const part = (group: number): number => Number(match[group]);
  const time = {
    year: part(1),
    month: part(2),
    day: part(3),
    hour: part(5),
    minute: part(6),
    second: part(7),
  };
  const isDate = time.month >= 1 && time.month <= 12 && time.day >= 1;
  if (!isDate || time.day > daysOfMonth(time.year, time.month)) return null;
  return time.hour < 24 && time.minute < 60 && time.second < 60 ? time : null;
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Seconds of an offset written in the text. */
function explicitOffset(match: RegExpExecArray, text: string): number {
  if (match[9] === 'Z') return 0;
  const hours = Number(match[11]);
  const minutes = Number(match[12] ?? '0');
  // Only the form with a space may leave out the minutes.
  if (hours > 24 || minutes > 59 || (match[12] === undefined && match[4] === 'T')) {
    throw unknownFormat(text);
  }
  const seconds = (match[10] === '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
  if (seconds < OFFSET_SECONDS_MIN || seconds > OFFSET_SECONDS_MAX) {
    const hour = Math.trunc(seconds / 3600);
    throw invalidParameter(`UTC offset hour ${hour} is out of the valid range [-12, 14]`);
  }
  return seconds;
}

/** Seconds since 1970 of a date and time. */
export function secondsOf(time: CivilTime): number {
  // Years begin in March, so that the leap day is their last.
  const year = time.month <= 2 ? time.year - 1 : time.year;
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear =
    Math.floor((153 * (time.month + (time.month > 2 ? -3 : 9)) + 2) / 5) + time.day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  const days = era * 146_097 + dayOfEra - EPOCH_DAY;
  return days * DAY_SECONDS + time.hour * 3600 + time.minute * 60 + time.second;
}

/** The date and time so many seconds after 1970. */
export function civilOf(seconds: number): CivilTime {
  const days = Math.floor(seconds / DAY_SECONDS);
  const rest = seconds - days * DAY_SECONDS;
  const shifted = days + EPOCH_DAY;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
    hour: Math.floor(rest / 3600),
    minute: Math.floor((rest % 3600) / 60),
    second: rest % 60,
  };
}

/**
 * Offset of local time in `timeZone`. Where the clock is set back a local time is two moments, and where it
 * is set forward it is none: then the offset is one of the two around, as in Go's time package.
 */
function localOffset(localSeconds: number, timeZone: string): number {
  const guess = zoneOffset(localSeconds, timeZone);
  return guess === 0 ? 0 : zoneOffset(localSeconds - guess, timeZone);
}

/** Seconds that clocks in `timeZone` are ahead of UTC at a moment. */
function zoneOffset(seconds: number, timeZone: string): number {
  if (timeZone === DEFAULT_TIME_ZONE) return 0;
  const formatter = formatterOf(timeZone);
  if (formatter === null) throw unknownZone(timeZone);
  const held = Math.min(Math.max(seconds, -DATE_SECONDS_MAX), DATE_SECONDS_MAX);
  const parts = new Map<string, string>();
  for (const { type, value } of formatter.formatToParts(held * 1000)) parts.set(type, value);
  const part = (type: string): number => Number(parts.get(type));
  const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year');
  const local = {
    year,
    month: part('month'),
    day: part('day'),
    hour: part('hour'),
    minute: part('minute'),
    second: part('second'),
  };
  return secondsOf(local) - held;
}

/** Formatters cost some 50 microseconds to make; there are few zones in use, and at most some 600 in the world. */
const formatters = new Map<string, Intl.DateTimeFormat | null>();
const FORMATTER_COUNT_MAX = 1000;

function formatterOf(timeZone: string): Intl.DateTimeFormat | null {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = makeFormatter(timeZone);
  if (formatters.size >= FORMATTER_COUNT_MAX) formatters.clear();
  formatters.set(timeZone, made);
  return made;
}

function makeFormatter(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (cause) {
    if (cause instanceof RangeError) return null;
    throw cause;
  }
}

function printOffset(seconds: number): string {
  const minutes = Math.trunc(Math.abs(seconds) / 60);
  if (seconds === 0) return 'Z';
  return `${seconds < 0 ? '-' : '+'}${pad(Math.floor(minutes / 60), 2)}:${pad(minutes % 60, 2)}`;
}

function pad(value: number, width: number): string {
  return value < 0 ? `-${pad(-value, width)}` : String(value).padStart(width, '0');
}
