/**
 * Whether a filter can be TRUE of any row of a segment, told from the zone of each column alone.
 * The answer errs on one side only: false is certain, true is not.
 */
import type { BoundFilter } from './bind.ts';
import { literalPrefix } from './like.ts';
import type { ColumnRef, MembershipPredicate, Predicate, RangePredicate } from './predicate.ts';
import { compareScalars } from './scalar-order.ts';

/** What is known of a column's values: all of them lie in [min, max], but for the null ones. */
export interface Zone {
  readonly min: bigint | number | string;
  readonly max: bigint | number | string;
  readonly nullCount: number;
  readonly rowCount: number;
}

export type Zones = (fieldId: number) => Zone | undefined;

/** Which of TRUE and FALSE some row may give. */
interface Chances {
  readonly maybeTrue: boolean;
  readonly maybeFalse: boolean;
}

const EITHER: Chances = Object.freeze({ maybeTrue: true, maybeFalse: true });
const NEITHER: Chances = Object.freeze({ maybeTrue: false, maybeFalse: false });

export function canMatch({ predicate }: BoundFilter, zones: Zones): boolean {
  return chancesOf(predicate, zones).maybeTrue;
}

function chancesOf(predicate: Predicate, zones: Zones): Chances {
  switch (predicate.kind) {
    case 'constant':
      return { maybeTrue: predicate.value, maybeFalse: !predicate.value };
    case 'not': {
      const { maybeTrue, maybeFalse } = chancesOf(predicate.operand, zones);
      return { maybeTrue: maybeFalse, maybeFalse: maybeTrue };
    }
    case 'and': {
      const all = predicate.operands.map((operand) => chancesOf(operand, zones));
      return {
        maybeTrue: all.every((each) => each.maybeTrue),
        maybeFalse: all.some((each) => each.maybeFalse),
      };
    }
    case 'or': {
      const all = predicate.operands.map((operand) => chancesOf(operand, zones));
      return {
        maybeTrue: all.some((each) => each.maybeTrue),
        maybeFalse: all.every((each) => each.maybeFalse),
      };
    }
    case 'null': {
      const zone = zones(predicate.fieldId);
      if (zone === undefined) return EITHER;
      return { maybeTrue: zone.nullCount > 0, maybeFalse: zone.nullCount < zone.rowCount };
    }
    case 'range':
      return withZone(predicate.column, zones, (zone) => rangeChances(predicate, zone));
    case 'in':
      return withZone(predicate.column, zones, (zone) => membershipChances(predicate, zone));
    case 'like':
      return withZone(predicate.column, zones, (zone) => prefixChances(predicate.pattern, zone));
    default:
      return EITHER;
  }
}

function withZone(column: ColumnRef, zones: Zones, judge: (zone: Zone) => Chances): Chances {
  const zone = column.access === 'value' ? zones(column.fieldId) : undefined;
  if (zone === undefined) return EITHER;
  // Null is neither TRUE nor FALSE of any condition.
  return zone.nullCount >= zone.rowCount ? NEITHER : judge(zone);
}

function rangeChances(range: RangePredicate, { min, max }: Zone): Chances {
  const { lower, upper, lowerInclusive, upperInclusive } = range;
  const boundOf = (bound: typeof lower): bigint | number | string | null =>
    typeof bound === 'boolean' ? Number(bound) : bound;
  const low = boundOf(lower);
  const high = boundOf(upper);
  const maxToLow = low === null ? 1 : compareScalars(max, low);
  const minToLow = low === null ? 1 : compareScalars(min, low);
  const minToHigh = high === null ? -1 : compareScalars(min, high);
  const maxToHigh = high === null ? -1 : compareScalars(max, high);
  if (maxToLow === null || minToLow === null || minToHigh === null || maxToHigh === null) {
    return EITHER;
  }
  const lowLeast = lowerInclusive ? 0 : 1;
  const highMost = upperInclusive ? 0 : -1;
  const sign = Math.sign;
  return {
    maybeTrue: sign(maxToLow) >= lowLeast && sign(minToHigh) <= highMost,
    maybeFalse: !(sign(minToLow) >= lowLeast && sign(maxToHigh) <= highMost),
  };
}

function membershipChances({ values }: MembershipPredicate, { min, max }: Zone): Chances {
  const { integers, doubles, texts, booleans } = values;
  const maybeTrue =
    booleans.length > 0 ||
    hasWithin(integers, min, max) ||
    hasWithin(doubles, min, max) ||
    texts.some((text) => isBetween(text, min, max));
  return { maybeTrue, maybeFalse: true };
}

/** Whether an ascending list has a value in [min, max]. */
function hasWithin(
  values: BigInt64Array | Float64Array,
  min: Zone['min'],
  max: Zone['max'],
): boolean {
  let start = 0;
  let end = values.length;
  while (start < end) {
    const middle = (start + end) >>> 1;
    if ((compareScalars(values[middle]!, min) ?? 0) < 0) start = middle + 1;
    else end = middle;
  }
  return start < values.length && (compareScalars(values[start]!, max) ?? 0) <= 0;
}

function isBetween(value: string, min: Zone['min'], max: Zone['max']): boolean {
  return (compareScalars(value, min) ?? 0) >= 0 && (compareScalars(value, max) ?? 0) <= 0;
}

/** A match begins with the pattern's prefix, and so does everything between two texts that do. */
function prefixChances(pattern: string, { min, max }: Zone): Chances {
  const prefix = literalPrefix(pattern);
  if (typeof min !== 'string' || typeof max !== 'string') return EITHER;
  const isBelow = (compareScalars(max, prefix) ?? 0) < 0;
  const isAbove = (compareScalars(min, prefix) ?? 0) > 0 && !min.startsWith(prefix);
  return { maybeTrue: !isBelow && !isAbove, maybeFalse: true };
}
