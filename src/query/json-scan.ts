/**
 * Conditions over JSON columns: each row's text is searched for the path in place, and the condition
 * asks the value that stands there. A value of a class the condition does not know is UNKNOWN.
 */
import type { BytesColumn } from '../schema/column.ts';
import { ContainsTest } from './json-contains.ts';
import { JsonCursor, jsonSteps } from './json-cursor.ts';
import { equalsList, jsonItems, plainNumber } from './json-list.ts';
import type { JsonItem } from './json-list.ts';
import { INT64_MAX, INT64_MIN } from './literal.ts';
import { calculateBits } from './number-scan.ts';
import { NumberSet } from './number-set.ts';
import type {
  ArithmeticPredicate,
  ContainsPredicate,
  ExistsPredicate,
  LikePredicate,
  ListPredicate,
  ListValue,
  MembershipPredicate,
  RangePredicate,
  RegexPredicate,
  Scalar,
  ValueSet,
} from './predicate.ts';
import { isWithin, textBounds, textMatcher, textTable } from './text-scan.ts';
import type { TextBounds, TextMatcher } from './text-scan.ts';
import { wordCount } from './truth.ts';
import type { Truth } from './truth.ts';
import type { TextTable } from './text-table.ts';

export type JsonPredicate =
  | RangePredicate
  | MembershipPredicate
  | LikePredicate
  | RegexPredicate
  | ArithmeticPredicate
  | ListPredicate
  | ContainsPredicate
  | ExistsPredicate;

const UNKNOWN = -1;

/** What is asked of a value. */
interface JsonTest {
  /** 1, 0, or UNKNOWN. */
  ask(cursor: JsonCursor): number;
}

/** The values to ask: those at `path` within each row's JSON. */
export interface JsonRows {
  readonly column: BytesColumn;
  readonly path: readonly string[];
  readonly rowCount: number;
}

/** @param active rows outside are passed over and answered FALSE */
export function scanJson(
  { column, path, rowCount }: JsonRows,
  predicate: JsonPredicate,
  active: Uint32Array | null,
): Truth {
  const truth = new Uint32Array(wordCount(rowCount));
  const unknown = new Uint32Array(truth.length);
  const cursor = new JsonCursor();
  const steps = jsonSteps(path);
  const test = knownTest(predicate);
  const ofNull = predicate.kind === 'exists' ? 0 : UNKNOWN;
  const { bytes, offsets, validity } = column;
  for (let i = 0; i < rowCount; i++) {
    const word = i >>> 5;
    const bit = 1 << (i & 31);
    if (active !== null && (active[word]! & bit) === 0) continue;
    let answer = ofNull;
    if (validity === null || (validity[word]! & bit) !== 0) {
      cursor.find(bytes, offsets[i]!, offsets[i + 1]!, steps);
      answer = test.ask(cursor);
    }
    if (answer === 1) truth[word]! |= bit;
    else if (answer === UNKNOWN) unknown[word]! |= bit;
  }
  for (let i = 0; i < unknown.length; i++) unknown[i] = ~unknown[i]!;
  return { truth, known: unknown };
}

const tests = new WeakMap<JsonPredicate, JsonTest>();

/** What a predicate asks, made once as long as it lives: rows come in slices. */
function knownTest(predicate: JsonPredicate): JsonTest {
  const known = tests.get(predicate);
  if (known !== undefined) return known;
  const test = testOf(predicate);
  tests.set(predicate, test);
  return test;
}

function testOf(predicate: JsonPredicate): JsonTest {
  switch (predicate.kind) {
    case 'range':
      return rangeTest(predicate);
    case 'in':
      return new MembershipTest(predicate.values);
    case 'like':
    case 'regex':
      return new PatternTest(textMatcher(predicate));
    case 'arithmetic':
      return new ArithmeticTest(predicate);
    case 'list':
      return new ListTest(predicate.values);
    case 'contains':
      return new ContainsTest(predicate);
    default:
      return { ask: (cursor) => (cursor.isHollow() ? 0 : 1) };
  }
}

function rangeTest(range: RangePredicate): JsonTest {
  const bound = range.lower ?? range.upper;
  if (typeof bound === 'string') return new TextRangeTest(textBounds(range));
  return typeof bound === 'boolean' ? new BooleanRangeTest(range) : new NumberRangeTest(range);
}

class NumberRange {
  private readonly lower: bigint | number | null;
  private readonly upper: bigint | number | null;
  private readonly lowerInclusive: boolean;
  private readonly upperInclusive: boolean;

  constructor(range: RangePredicate) {
    this.lower = numberBound(range.lower);
    this.upper = numberBound(range.upper);
    this.lowerInclusive = range.lowerInclusive;
    this.upperInclusive = range.upperInclusive;
  }

  /** By exact value: the language compares bigint with number so. */
  holds(value: bigint | number): boolean {
    const { lower, upper } = this;
    if (lower !== null && !(this.lowerInclusive ? value >= lower : value > lower)) return false;
    return upper === null || (this.upperInclusive ? value <= upper : value < upper);
  }
}

function numberBound(bound: Scalar | null): bigint | number | null {
  return typeof bound === 'bigint' || typeof bound === 'number' ? plainNumber(bound) : null;
}

class NumberRangeTest implements JsonTest {
  private readonly range: NumberRange;

  constructor(range: RangePredicate) {
    this.range = new NumberRange(range);
  }

  ask(cursor: JsonCursor): number {
    if (cursor.kind !== 'number') return UNKNOWN;
    return this.range.holds(cursor.number) ? 1 : 0;
  }
}

class BooleanRangeTest implements JsonTest {
  private readonly whenFalse: number;
  private readonly whenTrue: number;

  constructor(range: RangePredicate) {
    const asNumber = (bound: Scalar | null): number | null =>
      bound === null ? null : Number(bound);
    const numbers = new NumberRange({
      ...range,
      lower: asNumber(range.lower),
      upper: asNumber(range.upper),
    });
    this.whenFalse = numbers.holds(0) ? 1 : 0;
    this.whenTrue = numbers.holds(1) ? 1 : 0;
  }

  ask(cursor: JsonCursor): number {
    if (cursor.kind !== 'boolean') return UNKNOWN;
    return cursor.boolean ? this.whenTrue : this.whenFalse;
  }
}

class TextRangeTest implements JsonTest {
  private readonly bounds: TextBounds;

  constructor(bounds: TextBounds) {
    this.bounds = bounds;
  }

  ask(cursor: JsonCursor): number {
    if (cursor.kind !== 'text') return UNKNOWN;
    return isWithin(cursor.textBytes, cursor.textStart, cursor.textEnd, this.bounds) ? 1 : 0;
  }
}

class MembershipTest implements JsonTest {
  private readonly numbers: NumberSet;
  private readonly texts: TextTable | null;
  private readonly booleans: readonly boolean[];
  private readonly isEmpty: boolean;

  constructor(values: ValueSet) {
    const { texts, booleans } = values;
    this.numbers = new NumberSet(values);
    this.texts = texts.length === 0 ? null : textTable(texts);
    this.booleans = booleans;
    this.isEmpty = this.numbers.isEmpty && texts.length + booleans.length === 0;
  }

  ask(cursor: JsonCursor): number {
    switch (cursor.kind) {
      case 'number':
        if (!this.numbers.isEmpty) return this.numbers.has(cursor.number) ? 1 : 0;
        break;
      case 'text': {
        const { texts } = this;
        if (texts === null) break;
        return texts.has(cursor.textBytes, cursor.textStart, cursor.textEnd) ? 1 : 0;
      }
      case 'boolean':
        if (this.booleans.length > 0) return this.booleans.includes(cursor.boolean) ? 1 : 0;
        break;
      default:
        return UNKNOWN;
    }
    // Nothing is in an empty list, whatever its class.
    return this.isEmpty ? 0 : UNKNOWN;
  }
}

class PatternTest implements JsonTest {
  private readonly matcher: TextMatcher;

  constructor(matcher: TextMatcher) {
    this.matcher = matcher;
  }

  ask(cursor: JsonCursor): number {
    if (cursor.kind !== 'text') return UNKNOWN;
    return this.matcher.matches(cursor.textBytes, cursor.textStart, cursor.textEnd) ? 1 : 0;
  }
}

class ArithmeticTest implements JsonTest {
  private readonly operator: ArithmeticPredicate['operator'];
  private readonly operand: number | bigint;
  private readonly range: NumberRange;

  constructor({ operator, operand, range }: ArithmeticPredicate) {
    this.operator = operator;
    this.operand = operand;
    this.range = new NumberRange(range);
  }

  ask({ kind, number: value, isInteger }: JsonCursor): number {
    if (kind !== 'number') return UNKNOWN;
    const { operand, operator } = this;
    if (operator === '&' || operator === '|' || operator === '^') {
      const whole = wholeNumber(value);
      if (whole === null) return UNKNOWN;
      return this.range.holds(calculateBits(operator, whole, BigInt(operand))) ? 1 : 0;
    }
    // Integer with integer stays exact; either side floating makes the result floating.
    const result =
      typeof operand === 'bigint' && isInteger && isExact(value)
        ? calculateIntegers(operator, BigInt(value), operand)
        : calculateDoubles(operator, Number(value), Number(operand));
    return this.range.holds(result) ? 1 : 0;
  }
}

/** An integer too large for int64 has become a double. */
function isExact(value: number | bigint): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

/** The integer part of a number, as Milvus takes it for bits; null where int64 does not hold it. */
function wholeNumber(value: number | bigint): bigint | null {
  if (typeof value === 'number' && !Number.isFinite(value)) return null;
  const whole = BigInt(typeof value === 'number' ? Math.trunc(value) : value);
  return whole >= INT64_MIN && whole <= INT64_MAX ? whole : null;
}

function calculateIntegers(operator: string, a: bigint, b: bigint): bigint {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      return a % b;
  }
}

function calculateDoubles(operator: string, a: number, b: number): number {
  switch (operator) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    default:
      return a % b;
  }
}

/** Element by element; a number equals a number of the same value. */
class ListTest implements JsonTest {
  private readonly items: readonly JsonItem[];

  constructor(values: ListValue) {
    this.items = jsonItems(values);
  }

  ask(cursor: JsonCursor): number {
    if (cursor.kind !== 'array') return UNKNOWN;
    return equalsList(cursor, this.items) ? 1 : 0;
  }
}
