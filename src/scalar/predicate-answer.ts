/**
 * Conditions of filters looked up in indexes. An answer is what the scan of the column would say, bit for bit:
 * whatever an index cannot tell of a row it leaves open, and whatever it cannot tell at all it leaves to the scan.
 *
 *   ==, in, ranges   terms between two ranks, of every structure but NGRAM and RTREE
 *   like             texts that begin so; else each text of the dictionary where there are few; else by NGRAM rows
 *                    that have every gram of the pattern, which the column then looks at
 *   is null, exists  what is kept beside the terms
 *
 * Marking rows costs about what comparing as many numbers does, so an index that would mark too many of them
 * loses to the scan; where most rows are between two ranks, the others are marked.
 */
import { LikeMatcher, literalPieces, literalPrefix, isPrefixPattern } from '../query/like.ts';
import { utf8 } from '../query/literal.ts';
import type { Answer } from '../query/answer.ts';
import type {
  ColumnRef,
  JsonColumn,
  LikePredicate,
  MembershipPredicate,
  Predicate,
  RangePredicate,
  Scalar,
  ValueSet,
} from '../query/predicate.ts';
import { castText, type JsonPlace } from './column-terms.ts';
import { coveringGrams } from './grams.ts';
import { memberPrefix, placeBounds, type ValueClass } from './json-members.ts';
import type { ScalarIndex } from './scalar-index.ts';
import { memberSpan, type TermSpan, wholeSpan } from './term-span.ts';

/** An index, and what it is of. */
export interface IndexedColumn {
  readonly fieldId: number;
  /** Null: not JSON. */
  readonly json: JsonPlace | null;
  /** Of an array: its elements. */
  readonly isArray: boolean;
  readonly index: ScalarIndex;
  /** The column is in memory: to compare its numbers costs less than to mark many rows. */
  readonly isColumnAtHand: boolean;
}

/** Values of a list that are looked up one by one; of more the scan looks each row up. */
const LIST_VALUES_MAX = 32_768;
/** Steps of a look-up, in rows that could be compared meanwhile. */
const LOOKUP_ROWS = 20;
/** Texts of a dictionary that are matched one by one. */
const MATCHED_TEXTS_MAX = 65_536;
/** Grams of a pattern that are looked up: the rarest ones leave few rows. */
const GRAMS_MAX = 8;
/** Share of the rows that are marked at most where numbers could be compared in memory. */
const NUMBER_SHARE = 0.25;

/** @returns null when the scan is to answer */
export function answerOf(predicate: Predicate, column: IndexedColumn): Answer | null {
  const answer = lookUp(predicate, column);
  if (!(answer?.open instanceof Uint32Array)) return answer;
  return answer.open.some((word) => word !== 0) ? answer : { ...answer, open: null };
}

function lookUp(predicate: Predicate, column: IndexedColumn): Answer | null {
  switch (predicate.kind) {
    case 'null': {
      const isIndexed = predicate.fieldId === column.fieldId && column.json === null;
      return isIndexed ? nullAnswer(column.index) : null;
    }
    case 'exists':
      return existsAnswer(predicate.column, column);
    case 'range':
    case 'in':
    case 'like':
      return conditionAnswer(predicate, column);
    default:
      return null;
  }
}

function wordsOf({ shape }: ScalarIndex): Uint32Array {
  return new Uint32Array((shape.rowCount + 31) >>> 5);
}

function nullAnswer(index: ScalarIndex): Answer {
  const truth = wordsOf(index);
  for (let i = 0; index.known !== null && i < truth.length; i++) truth[i] = ~index.known[i]!;
  return { truth, known: null, open: null };
}

function existsAnswer(ref: JsonColumn, column: IndexedColumn): Answer | null {
  const { json, index } = column;
  const steps = stepsBelow(ref, column);
  if (steps === null || json === null) return null;
  if (steps.length === 0) {
    return index.present === null
      ? null
      : { truth: index.present.slice(), known: null, open: null };
  }
  if (json.cast !== 'JSON' || index.terms === null) return null;
  const { dictionary, lists } = index.terms;
  const [low, high] = placeBounds(memberPrefix(steps));
  const truth = wordsOf(index);
  lists.mark(dictionary.rank(low, false), dictionary.rank(high, false), truth);
  return { truth, known: null, open: null };
}

/** What of the path of a condition is left below that of the index; null when it leads elsewhere. */
function stepsBelow(ref: ColumnRef, { fieldId, json }: IndexedColumn): readonly string[] | null {
  if (ref.access !== 'json' || ref.fieldId !== fieldId || json === null) return null;
  if (json.path.some((key, i) => ref.path[i] !== key)) return null;
  return ref.path.slice(json.path.length);
}

type Condition = RangePredicate | MembershipPredicate | LikePredicate;

function conditionAnswer(predicate: Condition, column: IndexedColumn): Answer | null {
  const classes = classesOf(predicate);
  const spans: TermSpan[] = [];
  for (const valueClass of classes) {
    const span = spanOf(predicate.column, valueClass, column);
    if (span === null) return castAnswer(predicate, column);
    spans.push(span);
  }
  const [only] = spans;
  if (only === undefined) return null;
  if (column.index.shape.structure === 'NGRAM') return gramAnswer(predicate, column);
  if (predicate.kind === 'like') return likeAnswer(predicate, only, column);
  return predicate.kind === 'range'
    ? rangeAnswer(predicate, only, column)
    : listAnswer(predicate.values, spans, column);
}

/** The classes of the values that are asked for. Of an empty list there are none, and nothing to look up. */
function classesOf(predicate: Condition): readonly ValueClass[] {
  if (predicate.kind === 'like') return ['text'];
  if (predicate.kind === 'range') return [classOf(predicate.lower ?? predicate.upper ?? 0)];
  const { integers, doubles, texts, booleans } = predicate.values;
  const classes: ValueClass[] = [];
  if (integers.length + doubles.length > 0) classes.push('number');
  if (texts.length > 0) classes.push('text');
  if (booleans.length > 0) classes.push('boolean');
  return classes;
}

function classOf(value: Scalar): ValueClass {
  if (typeof value === 'string') return 'text';
  return typeof value === 'boolean' ? 'boolean' : 'number';
}

const CLASS_OF_CAST: Partial<Record<JsonPlace['cast'], ValueClass>> = {
  BOOL: 'boolean',
  DOUBLE: 'number',
  VARCHAR: 'text',
};

/** Where values of a class of what a condition names are looked up; null when they are not in the index. */
function spanOf(ref: ColumnRef, valueClass: ValueClass, column: IndexedColumn): TermSpan | null {
  const { json, isArray, index } = column;
  if (index.terms === null) return null;
  if (json === null) {
    const isIndexed = ref.access === 'value' && ref.fieldId === column.fieldId && !isArray;
    return isIndexed ? wholeSpan(index, valueClass) : null;
  }
  const steps = stepsBelow(ref, column);
  if (steps === null) return null;
  if (json.cast === 'JSON') {
    const place = { prefix: memberPrefix(steps), valueClass };
    return memberSpan(index.terms, place, index.shape.rowCount);
  }
  const isOfClass = steps.length === 0 && CLASS_OF_CAST[json.cast] === valueClass;
  return isOfClass ? wholeSpan(index, valueClass) : null;
}

/** Ranks whose rows are in the answer. */
type Ranks = readonly [number, number];

function rangeAnswer(
  { lower, upper, lowerInclusive, upperInclusive }: RangePredicate,
  span: TermSpan,
  column: IndexedColumn,
): Answer | null {
  const low = lower === null ? span.first : span.rank(lower, !lowerInclusive);
  const high = upper === null ? span.end : span.rank(upper, upperInclusive);
  const first = Math.max(low, span.first);
  return answerOfRanks([first, Math.max(first, Math.min(high, span.end))], span, column);
}

function answerOfRanks([first, end]: Ranks, span: TermSpan, column: IndexedColumn): Answer | null {
  const { lists } = span;
  const inside = lists.count(first, end);
  const outside = lists.count(span.first, first) + lists.count(end, span.end);
  const isInverse = outside < inside;
  if (isTooMany(isInverse ? outside : inside, span, column)) return null;
  const { index } = column;
  const rows = wordsOf(index);
  const known = span.known();
  if (isInverse) {
    lists.mark(span.first, first, rows);
    lists.mark(end, span.end, rows);
    for (let i = 0; i < rows.length; i++) rows[i] = ~rows[i]!;
  } else lists.mark(first, end, rows);
  return { truth: among(rows, known), known, open: index.open };
}

/** In place. Rows that are not known have terms of another class. */
function among(rows: Uint32Array, known: Uint32Array | null): Uint32Array {
  for (let i = 0; known !== null && i < rows.length; i++) rows[i]! &= known[i]!;
  return rows;
}

function isTooMany(
  marks: number,
  { valueClass }: TermSpan,
  { json, isColumnAtHand, index }: IndexedColumn,
): boolean {
  const isNumbers = json === null && valueClass !== 'text' && isColumnAtHand;
  return marks > index.shape.rowCount * (isNumbers ? NUMBER_SHARE : 1);
}

function listAnswer(
  values: ValueSet,
  spans: readonly TermSpan[],
  column: IndexedColumn,
): Answer | null {
  const { integers, doubles, texts, booleans } = values;
  const { rowCount } = column.index.shape;
  const count = integers.length + doubles.length + texts.length + booleans.length;
  if (count > LIST_VALUES_MAX || count * LOOKUP_ROWS > rowCount) return null;
  const rows = wordsOf(column.index);
  let known: Uint32Array | null = null;
  for (const [i, span] of spans.entries()) {
    let marks = 0;
    const found: Ranks[] = [];
    const find = (value: Scalar): void => {
      if (classOf(value) !== span.valueClass) return;
      const first = span.rank(value, false);
      const end = span.rank(value, true);
      if (end <= first) return;
      found.push([first, end]);
      marks += span.lists.count(first, end);
    };
    for (const list of [integers, doubles, texts, booleans]) for (const value of list) find(value);
    if (isTooMany(marks, span, column)) return null;
    for (const [first, end] of found) span.lists.mark(first, end, rows);
    const ofSpan = span.known();
    if (i === 0) known = ofSpan;
    else known = known === null || ofSpan === null ? null : union(known, ofSpan);
  }
  return { truth: among(rows, known), known, open: column.index.open };
}

function union(left: Uint32Array, right: Uint32Array): Uint32Array {
  return left.map((word, i) => word | right[i]!);
}

function likeAnswer(
  { pattern }: LikePredicate,
  span: TermSpan,
  column: IndexedColumn,
): Answer | null {
  const prefix = literalPrefix(pattern);
  const [first, end] = span.prefixed(prefix);
  if (isPrefixPattern(pattern)) return answerOfRanks([first, end], span, column);
  const { index } = column;
  const known = span.known();
  const rows = wordsOf(index);
  const { lists } = span;
  if (end - first <= Math.min(MATCHED_TEXTS_MAX, index.shape.rowCount / 4)) {
    const matcher = new LikeMatcher(pattern);
    const isSeen = span.eachText(first, end, (bytes, start, stop, rank) => {
      if (matcher.matches(bytes, start, stop)) lists.mark(rank, rank + 1, rows);
    });
    if (isSeen) return { truth: among(rows, known), known, open: index.open };
  }
  // Only rows that begin so are worth a look.
  if (lists.count(first, end) > index.shape.rowCount / 2) return null;
  lists.mark(first, end, rows);
  return candidates(rows, known, index);
}

/** Of what is known the rows are left open, and no other row is TRUE. */
function candidates(rows: Uint32Array, known: Uint32Array | null, index: ScalarIndex): Answer {
  const open = among(rows, known);
  for (let i = 0; index.open !== null && i < open.length; i++) open[i]! |= index.open[i]!;
  return { truth: wordsOf(index), known, open };
}

/** Rows with every gram of the texts that a match has inside. */
function gramAnswer(predicate: Condition, { index }: IndexedColumn): Answer | null {
  const { terms, shape } = index;
  const pieces = piecesOf(predicate);
  if (terms === null || pieces === null) return null;
  const { dictionary, lists } = terms;
  const lengths = { min: shape.minGram, max: shape.maxGram };
  const grams = pieces.flatMap((piece) => coveringGrams(utf8(piece), lengths));
  if (grams.length === 0) return null;
  const ranks = grams.map(
    (gram): Ranks => [dictionary.rank(gram, false), dictionary.rank(gram, true)],
  );
  ranks.sort((a, b) => lists.count(...a) - lists.count(...b));
  const [rarest] = ranks;
  if (rarest === undefined || lists.count(...rarest) > shape.rowCount / 2) return null;
  const rows = wordsOf(index);
  lists.mark(...rarest, rows);
  for (const [first, end] of ranks.slice(1, GRAMS_MAX)) {
    const others = wordsOf(index);
    lists.mark(first, end, others);
    for (let i = 0; i < rows.length; i++) rows[i]! &= others[i]!;
  }
  return candidates(rows, index.known, index);
}

/** Texts that are inside of whatever a condition is TRUE of; null where it says of none. */
function piecesOf(predicate: Condition): readonly string[] | null {
  if (predicate.kind === 'like') return literalPieces(predicate.pattern);
  if (predicate.kind === 'in') return null;
  const { lower, upper, lowerInclusive, upperInclusive } = predicate;
  const isEquality = lower === upper && lowerInclusive && upperInclusive;
  return isEquality && typeof lower === 'string' ? [lower] : null;
}

/** Equality with a text that is a number, where texts were cast to numbers: rows of that number are looked at. */
function castAnswer(predicate: Condition, column: IndexedColumn): Answer | null {
  const { index, json } = column;
  const pieces = predicate.kind === 'range' ? piecesOf(predicate) : null;
  const value = castText(pieces?.[0] ?? '');
  const isOfIndex = stepsBelow(predicate.column, column)?.length === 0;
  if (!isOfIndex || json?.castsTexts !== true || index.cast === null || value === null) return null;
  const span = wholeSpan(index, 'number');
  const rows = wordsOf(index);
  span.lists.mark(span.rank(value, false), span.rank(value, true), rows);
  return { truth: wordsOf(index), known: index.cast, open: among(rows, index.cast) };
}
