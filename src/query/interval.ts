/**
 * Intervals of time, as ISO 8601 writes them: `P1Y2M3DT4H5M6S`, each part a whole number and free to be left out.
 *
 * A moment is moved on the calendar of UTC: years and months first, where a day that the month does not have runs
 * over into the next one (January 31 and a month is March 3, or 2); then days of 24 hours, and the time. This is
 * what Milvus does (TimestamptzArithCompareExpr.cpp: gmtime, addition, timegm), but that nothing overflows here.
 */
import { civilOf, secondsOf, splitMicros } from '../schema/timestamptz.ts';
import { INT64_MAX } from './literal.ts';
import { FilterProblem } from './problem.ts';

export interface Interval {
  readonly months: number;
  readonly micros: bigint;
}

const DURATION = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;
const UNITS = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const;
/** Of each part: Milvus keeps them in 32 bits, sign included. */
const PART_MAX = 0x7fffffffn;
const SECOND = 1_000_000n;

/** @throws FilterProblem in Milvus's words */
export function readInterval(text: string, at: number): Interval {
  const match = DURATION.exec(text);
  if (match === null) throw new FilterProblem(`invalid ISO 8601 duration: ${text}`, at);
  const [years, months, days, hours, minutes, seconds] = UNITS.map((unit, i) => {
    const digits = match[i + 1] ?? '0';
    const value = digits.length > 19 ? INT64_MAX : BigInt(digits);
    if (value <= PART_MAX) return value;
    throw new FilterProblem(`invalid ${unit} value '${digits}' in duration`, at);
  }) as [bigint, bigint, bigint, bigint, bigint, bigint];
  const clock = (hours * 60n + minutes) * 60n + seconds;
  return { months: Number(years * 12n + months), micros: (days * 86_400n + clock) * SECOND };
}

export function oppositeInterval({ months, micros }: Interval): Interval {
  return { months: 0 - months, micros: -micros };
}

/** A moment, in microseconds since 1970, moved by an interval. */
export function shiftMoment(micros: bigint, { months, micros: shift }: Interval): bigint {
  if (months === 0) return micros + shift;
  const { seconds, rest } = splitMicros(micros);
  const time = civilOf(seconds);
  const month = time.month - 1 + months;
  const first = {
    ...time,
    year: time.year + Math.floor(month / 12),
    month: month - Math.floor(month / 12) * 12 + 1,
    day: 1,
  };
  const moved = secondsOf(first) + (time.day - 1) * 86_400;
  return BigInt(moved) * SECOND + rest + shift;
}
