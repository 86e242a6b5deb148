/**
 * A filter evaluated in steps of no more than WORK_AT_ONCE, with the same answers as evaluate.ts: for filters that
 * are many conditions, or dear ones, on rows that are long. Conditions are asked one after another, each of as many
 * rows as the work allows, down to one; what costs more than that for a single row stops inside it, but for the
 * comparison of two geometries.
 */
import { must } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import { sliceColumn } from '../schema/column-builder.ts';
import type { BytesColumn, Column } from '../schema/column.ts';
import { withColumn } from './answer.ts';
import { countMatches, elementRows } from './element-scan.ts';
import { answeredFirst, bothOf, columnOf, evaluateColumn, type FilterSource } from './evaluate.ts';
import { geometrySteps } from './geometry-scan.ts';
import type { LogicalPredicate, MatchPredicate, Predicate, RegexPredicate } from './predicate.ts';
import { jsonRegexSteps, regexSteps } from './regex-scan.ts';
import type { Steps } from './steps.ts';
import {
  bothTrue,
  eitherTrue,
  negation,
  type Truth,
  undecided,
  withValidity,
  wordCount,
} from './truth.ts';
import { Work, WORK_AT_ONCE } from './work.ts';

/** Rows of struct arrays whose elements are taken at once. */
const MATCH_ROWS = 32;

/** What a condition is asked: of which rows, and how much of it at once. */
interface Question {
  readonly source: FilterSource;
  /** Null: all. */
  readonly active: Uint32Array | null;
  readonly workAtOnce: number;
}

/**
 * As evaluate: what a condition says of each row; of rows outside `active`, null being all, anything.
 * @param workAtOnce what one step may cost at most, as far as that can be told beforehand
 */
export function evaluateInSteps(
  predicate: Predicate,
  source: FilterSource,
  active: Uint32Array | null,
  workAtOnce: number = WORK_AT_ONCE,
): Steps<Truth> {
  return answerSteps(predicate, { source, active, workAtOnce });
}

/** As evaluateFilter, of the rows in `active`. */
export function* filterSteps(
  predicate: Predicate,
  ...[source, active, workAtOnce]: [FilterSource, Uint32Array | null, number?]
): Steps<Bitmap> {
  const { truth } = yield* evaluateInSteps(predicate, source, active, workAtOnce);
  return trimmed(truth, source.rowCount);
}

/** The elements of struct arrays of which the condition on them is TRUE; element 0 is the first of the first row. */
export function* elementSteps(match: MatchPredicate, source: FilterSource): Steps<Bitmap> {
  const elements = elementRows(match, source);
  const { truth } = yield* evaluateInSteps(match.operand, elements, null);
  return trimmed(truth, elements.rowCount);
}

function trimmed(truth: Uint32Array, rowCount: number): Bitmap {
  const spare = rowCount & 31;
  if (spare !== 0) truth[truth.length - 1]! &= (1 << spare) - 1;
  return new Bitmap(rowCount, truth);
}

function* answerSteps(predicate: Predicate, question: Question): Steps<Truth> {
  const { source, active } = question;
  const answer = source.answer?.(predicate) ?? null;
  if (answer === null) return yield* columnSteps(predicate, question);
  const open = answer.open === null ? null : bothOf(answer.open, active);
  if (open === null) return answer;
  return withColumn(answer, yield* columnSteps(predicate, { ...question, active: open }));
}

function* columnSteps(predicate: Predicate, question: Question): Steps<Truth> {
  switch (predicate.kind) {
    case 'not':
      return negation(yield* answerSteps(predicate.operand, question));
    case 'and':
    case 'or':
      return yield* logicalSteps(predicate, question);
    case 'match':
      return yield* matchSteps(predicate, question);
    case 'geometry': {
      const { source, active } = question;
      const column = bytesOf(source.column(predicate.column.fieldId));
      return yield* geometrySteps(column, predicate, source.rowCount, active);
    }
    case 'regex':
      return yield* textSteps(predicate, question);
    default:
      return yield* conditionSteps(predicate, question);
  }
}

function* textSteps(predicate: RegexPredicate, { source, active }: Question): Steps<Truth> {
  const { rowCount } = source;
  const { column: ref } = predicate;
  const stored = source.column(ref.fieldId);
  if (ref.access === 'json') {
    const rows = { column: bytesOf(stored), path: ref.path, rowCount };
    return yield* jsonRegexSteps(rows, predicate, active);
  }
  const column = bytesOf(columnOf(ref, source, active));
  const truth = yield* regexSteps(column, predicate, rowCount, active);
  return withValidity(truth, column.validity);
}

function bytesOf(column: Column): BytesColumn {
  return must(column.kind === 'bytes' ? column : null, 'the column holds bytes');
}

function* logicalSteps({ kind, operands }: LogicalPredicate, question: Question): Steps<Truth> {
  const { source, active } = question;
  const ordered = answeredFirst(operands, source);
  let answer = yield* answerSteps(ordered[0]!, question);
  for (let i = 1; i < ordered.length; i++) {
    const open = undecided(kind, answer, active);
    const next = yield* answerSteps(ordered[i]!, { ...question, active: open });
    answer = kind === 'and' ? bothTrue(answer, next) : eitherTrue(answer, next);
  }
  return answer;
}

/** Elements are rows of their own: a few rows may have many. */
function* matchSteps(match: MatchPredicate, question: Question): Steps<Truth> {
  const { source, active } = question;
  const { rowCount } = source;
  const whole = new JoinedTruth(rowCount);
  for (let start = 0; start < rowCount; start += MATCH_ROWS) {
    if (active?.[start >>> 5] === 0) continue;
    const rows = rowsOf(source, start, Math.min(rowCount, start + MATCH_ROWS));
    const elements = { ...question, source: elementRows(match, rows), active: null };
    const answer = yield* answerSteps(match.operand, elements);
    whole.add(countMatches(match, rows, answer), start, -1);
    yield;
  }
  return whole.truth();
}

/** One condition, on as many rows at once as its work allows. */
function* conditionSteps(predicate: Predicate, question: Question): Steps<Truth> {
  const { source, active, workAtOnce } = question;
  const { rowCount } = source;
  const work = new Work(predicate);
  const column = (fieldId: number): Column => source.column(fieldId);
  if (work.of(column, 0, rowCount) <= workAtOnce) {
    const answer = evaluateColumn(predicate, source, active);
    yield;
    return answer;
  }
  const isWanted = (start: number): boolean => active === null || active[start >>> 5] !== 0;
  const whole = new JoinedTruth(rowCount);
  for (let start = 0; start < rowCount; ) {
    let end = Math.min(rowCount, start + 32);
    while (isWanted(start) && end < rowCount && isWanted(end)) {
      const more = Math.min(rowCount, end + 32);
      if (work.of(column, start, more) > workAtOnce) break;
      end = more;
    }
    if (isWanted(start)) {
      const asked = active?.slice(start >>> 5, (end + 31) >>> 5) ?? null;
      const rows = { ...question, source: rowsOf(source, start, end), active: asked };
      if (work.of(column, start, end) <= workAtOnce) {
        whole.add(evaluateColumn(predicate, rows.source, asked), start, -1);
        yield;
      } else yield* rowSteps(predicate, rows, { whole, start, work });
    }
    start = end;
  }
  return whole.truth();
}

interface Place {
  readonly whole: JoinedTruth;
  readonly start: number;
  readonly work: Work;
}

/** No more than 32 rows, of which few can be asked at once. */
function* rowSteps(
  predicate: Predicate,
  { source, active, workAtOnce }: Question,
  { whole, start, work }: Place,
): Steps<void> {
  const column = (fieldId: number): Column => source.column(fieldId);
  const wanted = active === null ? -1 : active[0]!;
  for (let row = 0; row < source.rowCount; ) {
    let bits = 0;
    let cost = 0;
    for (; row < source.rowCount; row++) {
      if ((wanted & (1 << row)) === 0) continue;
      cost += work.of(column, row, row + 1);
      if (bits !== 0 && cost > workAtOnce) break;
      bits |= 1 << row;
    }
    if (bits === 0) return;
    whole.add(evaluateColumn(predicate, source, Uint32Array.of(bits)), start, bits);
    yield;
  }
}

/** Rows [start, end) of a source, of which nothing is known without their columns. */
function rowsOf(source: FilterSource, start: number, end: number): FilterSource {
  const slices = new Map<number, Column>();
  return {
    rowCount: end - start,
    column(fieldId) {
      const known = slices.get(fieldId);
      if (known !== undefined) return known;
      const slice = sliceColumn(source.column(fieldId), start, end);
      slices.set(fieldId, slice);
      return slice;
    },
  };
}

/** The answers of ranges of rows put together; rows that none is about are FALSE. */
class JoinedTruth {
  readonly #truth: Uint32Array;
  #known: Uint32Array | null = null;

  constructor(rowCount: number) {
    this.#truth = new Uint32Array(wordCount(rowCount));
  }

  /** @param start a multiple of 32  @param bits those of each word that count */
  add({ truth, known }: Truth, start: number, bits: number): void {
    const first = start >>> 5;
    for (let i = 0; i < truth.length; i++) this.#truth[first + i]! |= truth[i]! & bits;
    if (known === null) return;
    this.#known ??= new Uint32Array(this.#truth.length).fill(0xffffffff);
    for (let i = 0; i < truth.length; i++) this.#known[first + i]! &= known[i]! | ~bits;
  }

  truth(): Truth {
    return { truth: this.#truth, known: this.#known };
  }
}
