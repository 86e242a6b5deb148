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
import { scanContains } from './array-contains.ts';
import { elementColumn, lengthColumn, scanArrays } from './array-scan.ts';
import type { BoundFilter } from './bind.ts';
import { scanMatches } from './element-scan.ts';
import { scanGeometry } from './geometry-scan.ts';
import { jsonLengths } from './json-length.ts';
import { scanJson } from './json-scan.ts';
import type { JsonPredicate } from './json-scan.ts';
import { scanArithmetic, scanColumns, scanMembership, scanRange } from './number-scan.ts';
import type {
  ArithmeticPredicate,
  ColumnRef,
  ColumnsPredicate,
  ContainsPredicate,
  ElementColumn,
  LengthColumn,
  ListPredicate,
  LogicalPredicate,
  Predicate,
  PrefixPredicate,
  ValueColumn,
} from './predicate.ts';
import { scanShifted } from './shifted-scan.ts';
import {
  scanPattern,
  scanPrefixes,
  scanTextColumns,
  scanTextMembership,
  scanTextRange,
} from './text-scan.ts';
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

function evaluateAll(predicate: Predicate, source: FilterSource): Truth {
  return evaluate(predicate, source, null);
}

/**
 * What a condition says of each row; of rows outside `active`, null being all, anything.
 * `truth` of the answer is the caller's to change; `known` may be a column's own.
 */
export function evaluate(
  predicate: Predicate,
  source: FilterSource,
  active: Uint32Array | null,
): Truth {
  const answer = source.answer?.(predicate) ?? null;
  if (answer === null) return evaluateColumn(predicate, source, active);
  const open = answer.open === null ? null : bothOf(answer.open, active);
  if (open === null) return answer;
  return withColumn(answer, evaluateColumn(predicate, source, open));
}

/** Rows of both; null when there are none. */
export function bothOf(rows: Uint32Array, active: Uint32Array | null): Uint32Array | null {
  const both = active === null ? rows : rows.map((word, i) => word & active[i]!);
  return both.some((word) => word !== 0) ? both : null;
}

/** As evaluate, by what the columns say alone; of an operand of its own whatever else is known is heard. */
export function evaluateColumn(
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
    case 'prefix':
      return evaluateColumns(predicate, source);
    case 'match':
      return scanMatches(predicate, source, evaluateAll);
    case 'geometry':
      return scanGeometry(
        bytesOf(columnOf(predicate.column, source, active)),
        predicate,
        rowCount,
        active,
      );
    case 'shifted': {
      const moved = columnOf(predicate.range.column, source, active);
      assert(moved.kind === 'fixed', 'moments are numbers');
      return scanShifted(moved, predicate, rowCount, active);
    }
    case 'arithmetic': {
      const { column } = predicate.range;
      return column.access === 'json'
        ? evaluateJson(predicate, column, source, active)
        : evaluateArithmetic(predicate, column, source, active);
    }
    case 'exists':
      return evaluateJson(predicate, predicate.column, source, active);
    case 'list':
      return predicate.column.access === 'json'
        ? evaluateJson(predicate, predicate.column, source, active)
        : evaluateList(predicate, source);
    case 'contains':
      return predicate.column.access === 'json'
        ? evaluateJson(predicate, predicate.column, source, active)
        : evaluateContains(predicate, source, active);
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
export function answeredFirst(
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

/** The column itself, or the element of an array column that `ref` asks for, or how long arrays are. */
export function columnOf(
  ref: ColumnRef,
  source: FilterSource,
  active: Uint32Array | null,
): FixedColumn | BytesColumn | ListColumn {
  if (ref.access === 'length') return lengthsOf(ref, source, active);
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

function lengthsOf(
  { fieldId, path }: LengthColumn,
  source: FilterSource,
  active: Uint32Array | null,
): FixedColumn {
  const { rowCount } = source;
  const column = source.column(fieldId);
  if (path === null) return lengthColumn(column, rowCount);
  assert(column.kind === 'bytes', 'a JSON column holds bytes');
  return jsonLengths({ column, path, rowCount }, active);
}

/** What one value of a column is asked. */
type Condition = Extract<Predicate, { kind: 'range' | 'in' | 'like' | 'regex' }>;

function evaluateCondition(
  predicate: Condition,
  ref: ColumnRef,
  source: FilterSource,
  active: Uint32Array | null,
): Truth {
  const { rowCount } = source;
  const column = columnOf(ref, source, active);
  if (column.kind === 'list') {
    // Only an empty list of values passes the binder for a whole array.
    return withValidity(new Uint32Array(wordCount(rowCount)), column.validity);
  }
  if (column.kind === 'fixed') {
    assert(predicate.kind === 'range' || predicate.kind === 'in', 'patterns are asked of text');
    const truth =
      predicate.kind === 'range'
        ? scanRange(column, predicate, rowCount)
        : scanMembership(column, predicate.values, rowCount);
    return withValidity(truth, column.validity);
  }
  return withValidity(scanText(predicate, column, rowCount, active), column.validity);
}

function scanText(
  predicate: Condition,
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
      return scanPattern(column, predicate, rowCount, active);
  }
}

function evaluateArithmetic(
  predicate: ArithmeticPredicate,
  ref: ValueColumn | ElementColumn | LengthColumn,
  source: FilterSource,
  active: Uint32Array | null,
): Truth {
  const column = columnOf(ref, source, active);
  assert(column.kind === 'fixed', 'arithmetic is done on numbers');
  return withValidity(scanArithmetic(column, predicate, source.rowCount), column.validity);
}

function evaluateColumns(
  predicate: ColumnsPredicate | PrefixPredicate,
  source: FilterSource,
): Truth {
  const { rowCount } = source;
  const a = columnOf(predicate.left, source, null);
  const b = columnOf(predicate.right, source, null);
  const truth = compareColumns(predicate, a, b, rowCount);
  const first = withValidity(truth, a.validity);
  if (b.validity === null) return first;
  for (let i = 0; i < truth.length; i++) truth[i]! &= b.validity[i]!;
  if (first.known === null) return { truth, known: b.validity };
  const known = first.known.slice(0, truth.length);
  for (let i = 0; i < known.length; i++) known[i]! &= b.validity[i]!;
  return { truth, known };
}

function compareColumns(
  predicate: ColumnsPredicate | PrefixPredicate,
  left: FixedColumn | BytesColumn | ListColumn,
  right: FixedColumn | BytesColumn | ListColumn,
  rowCount: number,
): Uint32Array {
  if (predicate.kind === 'prefix') return scanPrefixes(bytesOf(left), bytesOf(right), rowCount);
  const { operator } = predicate;
  return left.kind === 'fixed' && right.kind === 'fixed'
    ? scanColumns(left, operator, right, rowCount)
    : scanTextColumns(bytesOf(left), operator, bytesOf(right), rowCount);
}

function bytesOf(column: FixedColumn | BytesColumn | ListColumn): BytesColumn {
  return must(column.kind === 'bytes' ? column : null, 'the column holds bytes');
}

function evaluateList(predicate: ListPredicate, source: FilterSource): Truth {
  const column = source.column(predicate.column.fieldId);
  assert(column.kind === 'list', 'a whole array is a list');
  return withValidity(scanArrays(column, predicate.values, source.rowCount), column.validity);
}

function evaluateContains(
  predicate: ContainsPredicate,
  source: FilterSource,
  active: Uint32Array | null,
): Truth {
  const column = source.column(predicate.column.fieldId);
  assert(column.kind === 'list', 'a whole array is a list');
  const truth = scanContains(column, predicate, source.rowCount, active);
  return withValidity(truth, column.validity);
}
