/**
 * A bound filter over columns: which rows match. Each condition is one loop over its column and answers
 * with bits; `and` and `or` join the bits. A row matches when the filter is TRUE of it.
 *
 * Conditions that cost much a row (text, JSON) are told which rows the cheaper ones before them have
 * left open, and look at no other.
 */
import { assert, must } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import type { BytesColumn, Column, FixedColumn, ListColumn } from '../schema/column.ts';
import { type Answer, withColumn } from './answer.ts';
import { elementColumn, scanArrays } from './array-scan.ts';
import type { BoundFilter } from './bind.ts';
import { scanJson } from './json-scan.ts';
import type { JsonPredicate } from './json-scan.ts';
import { scanArithmetic, scanColumns, scanMembership, scanRange } from './number-scan.ts';
import type {
  ArithmeticPredicate,
  ColumnRef,
  ColumnsPredicate,
  ElementColumn,
  ListPredicate,
  LogicalPredicate,
  MembershipPredicate,
  Predicate,
  RangePredicate,
  ValueColumn,
} from './predicate.ts';
import { scanLike, scanTextColumns, scanTextMembership, scanTextRange } from './text-scan.ts';
import {
  bothTrue,
  constantTruth,
  eitherTrue,
  negation,
  undecided,
  withValidity,
  wordCount,
} from './truth.ts';
import type { Truth } from './truth.ts';

/** Rows to look at. Every column that the filter names is there, with `rowCount` rows. */
export interface FilterSource {
  readonly rowCount: number;
  column(fieldId: number): Column;
  /**
   * What is known of a condition without its column, fresh each time; null: nothing. Columns of which only
   * answered conditions are asked need not be there, unless an answer leaves rows open.
   */
  answer?(condition: Predicate): Answer | null;
  /** Whether `answer` knows something of a condition. */
  readonly isAnswered?: (condition: Predicate) => boolean;
}

/** The rows of which the filter is TRUE. */
export function evaluateFilter(filter: BoundFilter, source: FilterSource): Bitmap {
  const { rowCount } = source;
  const { truth } = evaluate(filter.predicate, source, null);
  const spare = rowCount & 31;
  if (spare !== 0) truth[truth.length - 1]! &= (1 << spare) - 1;
  return new Bitmap(rowCount, truth);
}

/** `truth` of the answer is the caller's to change; `known` may be a column's own. */
function evaluate(predicate: Predicate, source: FilterSource, active: Uint32Array | null): Truth {
  const answer = source.answer?.(predicate) ?? null;
  if (answer === null) return evaluateColumn(predicate, source, active);
  const open = answer.open === null ? null : bothOf(answer.open, active);
  if (open === null) return answer;
  return withColumn(answer, evaluateColumn(predicate, source, open));
}

/** Rows of both; null when there are none. */
function bothOf(rows: Uint32Array, active: Uint32Array | null): Uint32Array | null {
  const both = active === null ? rows : rows.map((word, i) => word & active[i]!);
  return both.some((word) => word !== 0) ? both : null;
}

function evaluateColumn(
  predicate: Predicate,
  source: FilterSource,
  active: Uint32Array | null,
): Truth {
  const { rowCount } = source;
  switch (predicate.kind) {
    case 'constant':
      return constantTruth(predicate.value, rowCount);
    case 'not':
      return negation(evaluate(predicate.operand, source, active));
    case 'and':
    case 'or':
      return evaluateLogical(predicate, source, active);
    case 'null':
      return evaluateNull(source.column(predicate.fieldId), rowCount);
    case 'columns':
      return evaluateColumns(predicate, source);
    case 'arithmetic': {
      const { column } = predicate.range;
      return column.access === 'json'
        ? evaluateJson(predicate, column, source, active)
        : evaluateArithmetic(predicate, column, source);
    }
    case 'exists':
      return evaluateJson(predicate, predicate.column, source, active);
    case 'list':
      return predicate.column.access === 'json'
        ? evaluateJson(predicate, predicate.column, source, active)
        : evaluateList(predicate, source);
    default: {
      const { column } = predicate;
      if (column.access === 'json') return evaluateJson(predicate, column, source, active);
      return evaluateCondition(predicate, column, source, active);
    }
  }
}

function evaluateLogical(
  { kind, operands }: LogicalPredicate,
  source: FilterSource,
  active: Uint32Array | null,
): Truth {
  const ordered = answeredFirst(operands, source);
  let answer = evaluate(ordered[0]!, source, active);
  for (let i = 1; i < ordered.length; i++) {
    const open = undecided(kind, answer, active);
    const next = evaluate(ordered[i]!, source, open);
    answer = kind === 'and' ? bothTrue(answer, next) : eitherTrue(answer, next);
  }
  return answer;
}

/** What needs no column leaves fewer rows to the rest. */
function answeredFirst(
  operands: readonly Predicate[],
  { isAnswered }: FilterSource,
): readonly Predicate[] {
  if (isAnswered === undefined) return operands;
  return operands.toSorted((a, b) => Number(isAnswered(b)) - Number(isAnswered(a)));
}

function evaluateNull(column: Column, rowCount: number): Truth {
  const { validity } = column;
  const truth = new Uint32Array(wordCount(rowCount));
  for (let i = 0; validity !== null && i < truth.length; i++) truth[i] = ~validity[i]!;
  return { truth, known: null };
}

function evaluateJson(
  predicate: JsonPredicate,
  { fieldId, path }: { readonly fieldId: number; readonly path: readonly string[] },
  source: FilterSource,
  active: Uint32Array | null,
): Truth {
  const column = source.column(fieldId);
  assert(column.kind === 'bytes', 'a JSON column holds bytes');
  return scanJson({ column, path, rowCount: source.rowCount }, predicate, active);
}

/** The column itself, or the element of an array column that `ref` asks for. */
function columnOf(ref: ColumnRef, source: FilterSource): FixedColumn | BytesColumn | ListColumn {
  let column = source.column(ref.fieldId);
  if (ref.access === 'element') {
    assert(column.kind === 'list', 'elements are those of a list');
    column = elementColumn(column, ref.index, source.rowCount);
  }
  assert(
    column.kind === 'fixed' || column.kind === 'bytes' || column.kind === 'list',
    'vectors are not compared',
  );
  return column;
}

function evaluateCondition(
  predicate: RangePredicate | MembershipPredicate | Extract<Predicate, { kind: 'like' }>,
  ref: ColumnRef,
  source: FilterSource,
  active: Uint32Array | null,
): Truth {
  const { rowCount } = source;
  const column = columnOf(ref, source);
  if (column.kind === 'list') {
    // Only an empty list of values passes the binder for a whole array.
    return withValidity(new Uint32Array(wordCount(rowCount)), column.validity);
  }
  if (column.kind === 'fixed') {
    assert(predicate.kind !== 'like', 'like is asked of text');
    const truth =
      predicate.kind === 'range'
        ? scanRange(column, predicate, rowCount)
        : scanMembership(column, predicate.values, rowCount);
    return withValidity(truth, column.validity);
  }
  return withValidity(scanText(predicate, column, rowCount, active), column.validity);
}

function scanText(
  predicate: RangePredicate | MembershipPredicate | Extract<Predicate, { kind: 'like' }>,
  column: BytesColumn,
  rowCount: number,
  active: Uint32Array | null,
): Uint32Array {
  switch (predicate.kind) {
    case 'range':
      return scanTextRange(column, predicate, rowCount, active);
    case 'in':
      return scanTextMembership(column, predicate.values.texts, rowCount, active);
    default:
      return scanLike(column, predicate.pattern, rowCount, active);
  }
}

function evaluateArithmetic(
  predicate: ArithmeticPredicate,
  ref: ValueColumn | ElementColumn,
  source: FilterSource,
): Truth {
  const column = columnOf(ref, source);
  assert(column.kind === 'fixed', 'arithmetic is done on numbers');
  return withValidity(scanArithmetic(column, predicate, source.rowCount), column.validity);
}

function evaluateColumns({ left, operator, right }: ColumnsPredicate, source: FilterSource): Truth {
  const { rowCount } = source;
  const a = columnOf(left, source);
  const b = columnOf(right, source);
  const isNumeric = a.kind === 'fixed' && b.kind === 'fixed';
  const truth = isNumeric
    ? scanColumns(a, operator, b, rowCount)
    : scanTextColumns(bytesOf(a), operator, bytesOf(b), rowCount);
  const first = withValidity(truth, a.validity);
  if (b.validity === null) return first;
  for (let i = 0; i < truth.length; i++) truth[i]! &= b.validity[i]!;
  if (first.known === null) return { truth, known: b.validity };
  const known = first.known.slice(0, truth.length);
  for (let i = 0; i < known.length; i++) known[i]! &= b.validity[i]!;
  return { truth, known };
}

function bytesOf(column: FixedColumn | BytesColumn | ListColumn): BytesColumn {
  return must(column.kind === 'bytes' ? column : null, 'text compares with text');
}

function evaluateList(predicate: ListPredicate, source: FilterSource): Truth {
  const column = source.column(predicate.column.fieldId);
  assert(column.kind === 'list', 'a whole array is a list');
  return withValidity(scanArrays(column, predicate.values, source.rowCount), column.validity);
}
