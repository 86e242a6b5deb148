/**
 * Conditions of filters looked up in indexes. An answer is what the scan of the column would say, bit for bit:
 * whatever an index cannot tell of a row it leaves open, and whatever it cannot tell at all it leaves to the scan.
 *
 *   ==, in, ranges   terms between two ranks, of every structure but NGRAM and RTREE
 *   like, =~         texts that begin so; else each text of the dictionary where there are few; else by NGRAM rows
 *                    that have every gram of the pattern, which the column then looks at
 *   contains         terms of the elements, of Arrays and of arrays inside JSON: contains-answer.ts
 *   st_*             rows whose boxes touch, which the column then looks at: geometry-answer.ts
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
  RegexPredicate,
  Scalar,
  ValueSet,
} from '../query/predicate.ts';
import { RegexMatcher, regexLiteral } from '../query/regex.ts';
import { castText, type JsonPlace } from './column-terms.ts';
import { containsAnswer } from './contains-answer.ts';
import { geometryAnswer } from './geometry-answer.ts';
import {
  among,
  candidates,
  classesOfValues,
  classOf,
  eachOfClass,
  type IndexedColumn,
  isShortList,
  newRows,
  stepsBelow,
} from './indexed-column.ts';
import { coveringGrams } from './grams.ts';
import { memberPrefix, placeBounds, type ValueClass } from './json-members.ts';
import type { ScalarIndex } from './scalar-index.ts';
import { memberSpan, type TermSpan, wholeSpan } from './term-span.ts';

/** Texts of a dictionary that are matched one by one. */
const MATCHED_TEXTS_MAX = 65_536;
/** Grams of a pattern that are looked up: the rarest ones leave few rows. */
const GRAMS_MAX = 8;
/** Rows of a further gram that are marked at most, of those of the rarest: to look at a row costs as much. */
const GRAM_SHARE = 8;
/** Share of the rows that are marked at most where numbers could be compared in memory. */
const NUMBER_SHARE = 0.125;

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
    case 'regex':
      return conditionAnswer(predicate, column);
    case 'contains':
      return containsAnswer(predicate, column);
    case 'geometry': {
      const isIndexed = predicate.column.fieldId === column.fieldId;
      return isIndexed ? geometryAnswer(predicate, column.index) : null;
    }
    default:
      return null;
  }
}

function nullAnswer(index: ScalarIndex): Answer {
  const truth = newRows(index);
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
  const truth = newRows(index);
  lists.mark(dictionary.rank(low, false), dictionary.rank(high, false), truth);
  return { truth, known: null, open: index.open };
}

type Pattern = LikePredicate | RegexPredicate;
type Condition = RangePredicate | MembershipPredicate | Pattern;

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
  if (predicate.kind === 'like' || predicate.kind === 'regex') {
    return patternAnswer(predicate, only, column);
  }
  return predicate.kind === 'range'
    ? rangeAnswer(predicate, only, column)
    : listAnswer(predicate.values, spans, column);
}

/** The classes of the values that are asked for. Of an empty list there are none, and nothing to look up. */
function classesOf(predicate: Condition): readonly ValueClass[] {
  if (predicate.kind === 'range') return [classOf(predicate.lower ?? predicate.upper ?? 0)];
  return predicate.kind === 'in' ? classesOfValues(predicate.values) : ['text'];
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
  const rows = newRows(index);
  const known = span.known();
  if (isInverse) {
    lists.mark(span.first, first, rows);
    lists.mark(end, span.end, rows);
    for (let i = 0; i < rows.length; i++) rows[i] = ~rows[i]!;
  } else lists.mark(first, end, rows);
  return { truth: among(rows, known), known, open: index.open };
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
  if (!isShortList(values, column.index)) return null;
  const rows = newRows(column.index);
  let known: Uint32Array | null = null;
  for (const [i, span] of spans.entries()) {
    let marks = 0;
    const found: Ranks[] = [];
    const find = (value: Scalar): void => {
      const first = span.rank(value, false);
      const end = span.rank(value, true);
      if (end <= first) return;
      found.push([first, end]);
      marks += span.lists.count(first, end);
    };
    eachOfClass(values, span.valueClass, find);
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

/** What a pattern is looked up by. */
interface TextSearch {
  /** Every match begins so. */
  readonly prefix: string;
  /** Whatever begins so matches. */
  readonly isPrefixOnly: boolean;
  readonly matcher: () => Pick<LikeMatcher, 'matches'>;
}

function textSearch({ kind, pattern }: Pattern): TextSearch {
  if (kind === 'like') {
    const isPrefixOnly = isPrefixPattern(pattern);
    return {
      prefix: literalPrefix(pattern),
      isPrefixOnly,
      matcher: () => new LikeMatcher(pattern),
    };
  }
  const literal = regexLiteral(pattern);
  const isAtStart = literal?.fromStart === true;
  return {
    prefix: isAtStart ? literal.text : '',
    isPrefixOnly: isAtStart && !literal.toEnd,
    matcher: () => new RegexMatcher(pattern),
  };
}

function patternAnswer(predicate: Pattern, span: TermSpan, column: IndexedColumn): Answer | null {
  const { prefix, isPrefixOnly, matcher } = textSearch(predicate);
  const [first, end] = span.prefixed(prefix);
  if (isPrefixOnly) return answerOfRanks([first, end], span, column);
  const { index } = column;
  const known = span.known();
  const rows = newRows(index);
  const { lists } = span;
  if (end - first <= Math.min(MATCHED_TEXTS_MAX, index.shape.rowCount / 4)) {
    const test = matcher();
    const isSeen = span.eachText(first, end, (bytes, start, stop, rank) => {
      if (test.matches(bytes, start, stop)) lists.mark(rank, rank + 1, rows);
    });
    if (isSeen) return { truth: among(rows, known), known, open: index.open };
  }
  // Only rows that begin so are worth a look.
  if (lists.count(first, end) > index.shape.rowCount / 2) return null;
  lists.mark(first, end, rows);
  return candidates(rows, known, index);
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
  const rows = newRows(index);
  lists.mark(...rarest, rows);
  const most = lists.count(...rarest) * GRAM_SHARE;
  for (const [first, end] of ranks.slice(1, GRAMS_MAX)) {
    if (lists.count(first, end) > most) break;
    const others = newRows(index);
    lists.mark(first, end, others);
    for (let i = 0; i < rows.length; i++) rows[i]! &= others[i]!;
  }
  return candidates(rows, index.known, index);
}

/** Texts that are inside of whatever a condition is TRUE of; null where it says of none. */
function piecesOf(predicate: Condition): readonly string[] | null {
  if (predicate.kind === 'like') return literalPieces(predicate.pattern);
  if (predicate.kind === 'regex') {
    const literal = regexLiteral(predicate.pattern);
    return literal === null ? null : [literal.text];
  }
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
  const rows = newRows(index);
  span.lists.mark(span.rank(value, false), span.rank(value, true), rows);
  return candidates(rows, index.cast, index);
}
