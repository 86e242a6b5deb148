/**
 * Comparisons, ranges, memberships and arithmetic as predicates. Each function takes operands whose
 * names are resolved and answers with a predicate or with Milvus's refusal.
 *
 * Integer arithmetic disappears here: `f * 3 >= 10` is `f >= 4`, exact for every int64, where Milvus
 * would let the product wrap around. Remainders, floating and JSON arithmetic are left to the rows.
 */
import { DataType, dataTypeName } from '../schema/data-type.ts';
import type { ArithmeticNode, ComparisonOperator } from './ast.ts';
import {
  areComparable,
  castConstant,
  constantType,
  constantTypeName,
  listElementType,
  printConstant,
  readMoment,
  typeClass,
} from './cast.ts';
import { arithmeticWord, isList, isZero, mirrored, plainList } from './fold.ts';
import { integerRange } from './integer-range.ts';
import type { ColumnRef, Predicate, RangePredicate, Scalar } from './predicate.ts';
import { FilterProblem } from './problem.ts';
import { columnTypeName, isWholeArray } from './resolve.ts';
import type { ColumnOperand } from './resolve.ts';
import type { Constant, ListConstant } from './template.ts';
import { compareShifted } from './time-binding.ts';
import type { ArithmeticOperand, ConstantOperand, MomentOperand, Operand } from './operand.ts';

/** The name Milvus gives to an operand's type in messages. */
export function operandTypeName(operand: Operand): string {
  switch (operand.kind) {
    case 'column':
      return columnTypeName(operand);
    case 'constant':
      return constantTypeName(operand.value);
    case 'moment':
    case 'shifted':
      return 'Timestamptz';
    case 'interval':
      return 'Interval';
    case 'arithmetic':
      return dataTypeName(operand.type);
    case 'length':
      return dataTypeName(operand.ref.type);
    default:
      return 'Bool';
  }
}

/** `left operator right` where not both are constants. */
export function compareOperands(
  operator: ComparisonOperator,
  left: Operand,
  right: Operand,
  at: number,
): Predicate {
  const isOrder = operator !== '==' && operator !== '!=';
  for (const side of [left, right]) {
    if (isOrder && side.kind === 'column' && isWholeArray(side)) throw wholeArray(at);
  }
  const hasParameter = isParameter(left) || isParameter(right);
  if (!hasParameter && !areComparable(comparedType(left), comparedType(right))) {
    throw new FilterProblem(
      `comparisons between ${operandTypeName(left)} and ${operandTypeName(right)} are not supported`,
      at,
    );
  }
  if (left.kind === 'constant' || left.kind === 'moment') {
    return compareWithConstant(mirrored(operator), right, left, at);
  }
  if (right.kind === 'constant' || right.kind === 'moment') {
    return compareWithConstant(operator, left, right, at);
  }
  return compareColumns(operator, left, right, at);
}

export function wholeArray(at: number): FilterProblem {
  return new FilterProblem('can not comparisons array fields directly', at);
}

function isParameter(operand: Operand): boolean {
  return operand.kind === 'constant' && operand.isParameter;
}

/** An array compares as its elements do. */
function comparedType(operand: Operand): DataType | null {
  switch (operand.kind) {
    case 'column':
      return operand.field.elementType !== undefined && operand.field.type === DataType.Array
        ? operand.field.elementType
        : operand.field.type;
    case 'constant':
      return isList(operand.value) ? listElementType(operand.value) : constantType(operand.value);
    case 'moment':
    case 'shifted':
      return DataType.Timestamptz;
    case 'interval':
      return null;
    case 'arithmetic':
      return operand.type;
    case 'length':
      return operand.ref.type;
    default:
      return DataType.Bool;
  }
}

function compareWithConstant(
  operator: ComparisonOperator,
  side: Operand,
  constant: ConstantOperand | MomentOperand,
  at: number,
): Predicate {
  if (side.kind === 'arithmetic') return compareArithmetic(operator, side, constant, at);
  if (side.kind === 'shifted') return compareShifted(operator, side, constant);
  if (side.kind === 'length') {
    return rangeFrom(operator, side.ref, columnConstant(side.ref, constant, at));
  }
  if (side.kind !== 'column') {
    throw new FilterProblem('not supported to combine multiple fields', at);
  }
  if (constant.kind === 'constant' && isList(constant.value)) {
    return compareList(operator, side, constant.value, at);
  }
  if (isWholeArray(side)) {
    const printed = constant.kind === 'moment' ? 'moment' : printConstant(constant.value);
    throw new FilterProblem(`cannot cast value to Array, value: ${printed}`, at);
  }
  return rangeFrom(operator, side.ref, columnConstant(side.ref, constant, at));
}

/** The constant as `ref` compares with it; for Timestamptz a parameter may be text or microseconds. */
export function columnConstant(
  ref: ColumnRef,
  constant: ConstantOperand | MomentOperand,
  at: number,
): Scalar {
  if (typeClass(ref.type) !== 'time' && constant.kind === 'constant') {
    return castConstant(ref.type, constant.value, at);
  }
  if (typeClass(ref.type) === 'time') {
    if (constant.kind === 'moment') return constant.micros;
    if (typeof constant.value === 'bigint') return constant.value;
    if (typeof constant.value === 'string')
      return readMoment(constant.value, constant.timeZone, at);
  }
  const printed = constant.kind === 'moment' ? 'moment' : printConstant(constant.value);
  throw new FilterProblem(`cannot cast value to ${dataTypeName(ref.type)}, value: ${printed}`, at);
}

/** `column operator value` as one range, or as the opposite of one. */
export function rangeFrom(
  operator: ComparisonOperator,
  column: ColumnRef,
  value: Scalar,
): Predicate {
  const isInclusive = operator !== '<' && operator !== '>';
  const hasLower = operator !== '<' && operator !== '<=';
  const hasUpper = operator !== '>' && operator !== '>=';
  const range: RangePredicate = {
    kind: 'range',
    column,
    lower: hasLower ? value : null,
    lowerInclusive: isInclusive,
    upper: hasUpper ? value : null,
    upperInclusive: isInclusive,
  };
  return operator === '!=' ? { kind: 'not', operand: range } : range;
}

function compareList(
  operator: ComparisonOperator,
  side: ColumnOperand,
  list: ListConstant,
  at: number,
): Predicate {
  const { ref, field } = side;
  const isEquality = operator === '==' || operator === '!=';
  if (!isEquality || ref.access === 'element' || !(ref.access === 'json' || isWholeArray(side))) {
    throw new FilterProblem(
      `cannot cast value to ${columnTypeName(side)}, value: ${printConstant(list)}`,
      at,
    );
  }
  const type = ref.access === 'json' ? DataType.JSON : (field.elementType ?? DataType.JSON);
  const values = ref.access === 'json' ? plainList(list) : listOf(type, list, at);
  const equal: Predicate = { kind: 'list', column: ref, values };
  return operator === '==' ? equal : { kind: 'not', operand: equal };
}

/** The values of a list in the form that array elements of `type` compare with. */
function listOf(type: DataType, list: ListConstant, at: number): Scalar[] {
  return Array.from<Constant, Scalar>(list, (value) => castConstant(type, value, at));
}

function compareColumns(
  operator: ComparisonOperator,
  left: Operand,
  right: Operand,
  at: number,
): Predicate {
  if (left.kind !== 'column' || right.kind !== 'column') {
    throw new FilterProblem('only comparison between two fields is supported', at);
  }
  if (left.ref.access === 'json' || right.ref.access === 'json') {
    throw new FilterProblem('two column comparison with JSON type is not supported', at);
  }
  if (isWholeArray(left) || isWholeArray(right)) throw wholeArray(at);
  return { kind: 'columns', left: left.ref, operator, right: right.ref };
}

/** `left operator right` where at least one side is no constant. */
export function arithmeticOf(
  operator: ArithmeticNode['operator'],
  left: Operand,
  right: Operand,
  at: number,
): ArithmeticOperand {
  for (const side of [left, right]) {
    if (side.kind === 'column' && isWholeArray(side)) throw wholeArray(at);
  }
  const isReversed = left.kind === 'constant';
  const [first, second] = isReversed ? [right, left] : [left, right];
  const firstType = comparedType(first);
  const secondType = comparedType(second);
  const hasParameter = isParameter(first) || isParameter(second);
  if (!hasParameter && !canCalculate(firstType, secondType)) {
    throw new FilterProblem(
      `'${arithmeticWord(operator)}' cannot perform arithmetic between ${arithmeticName(first)} field and ${arithmeticName(second)}`,
      at,
    );
  }
  if (operator === '%' && !(isIntegral(firstType) && isIntegral(secondType))) {
    throw new FilterProblem('modulo can only apply on integer types', at);
  }
  if (isBitwise(operator) && !(isIntegral(firstType) && isIntegral(secondType))) {
    throw new FilterProblem('bitwise operations can only apply on integer types', at);
  }
  const column = first.kind === 'column' ? first : null;
  if (column === null || second.kind !== 'constant') {
    return refusedArithmetic(operator, [first, second], at);
  }
  const followsConstant = typeClass(firstType) === 'json' && secondType !== null && !hasParameter;
  const type = followsConstant ? secondType : (firstType ?? DataType.Int64);
  const isOrdered = operator !== '+' && operator !== '*';
  return {
    kind: 'arithmetic',
    column,
    operator,
    operand: second.value,
    type: typeClass(type) === 'integer' ? DataType.Int64 : type,
    refusal: isReversed && isOrdered ? 'module field is not yet supported' : null,
    at,
  };
}

/** Arithmetic that Milvus reads and refuses once it is compared. */
function refusedArithmetic(
  operator: ArithmeticNode['operator'],
  [first, second]: readonly [Operand, Operand],
  at: number,
): ArithmeticOperand {
  const column = columnWithin(first) ?? columnWithin(second);
  if (column === null) {
    const isLength = first.kind === 'length' || second.kind === 'length';
    const what = isLength
      ? 'complicated arithmetic operations are not supported'
      : 'invalid arithmetic expression';
    throw new FilterProblem(what, at);
  }
  const areColumns = first.kind === 'column' && second.kind === 'column';
  return {
    kind: 'arithmetic',
    column,
    operator,
    operand: 0n,
    type: column.ref.type,
    refusal: areColumns
      ? 'not supported to do arithmetic operations between multiple fields'
      : 'complicated arithmetic operations are not supported',
    at,
  };
}

function columnWithin(operand: Operand): ColumnOperand | null {
  if (operand.kind === 'column') return operand;
  return operand.kind === 'arithmetic' ? operand.column : null;
}

function isBitwise(operator: ArithmeticNode['operator']): operator is '&' | '|' | '^' {
  return operator === '&' || operator === '|' || operator === '^';
}

function arithmeticName(operand: Operand): string {
  const type = comparedType(operand);
  return type === null ? 'None' : dataTypeName(type);
}

function canCalculate(left: DataType | null, right: DataType | null): boolean {
  const b = typeClass(right);
  switch (typeClass(left)) {
    case 'integer':
      return b === 'integer' || b === 'json';
    case 'floating':
      return b === 'integer' || b === 'floating' || b === 'json';
    case 'json':
      return b === 'integer' || b === 'floating' || b === 'json';
    default:
      return false;
  }
}

function isIntegral(type: DataType | null): boolean {
  return typeClass(type) === 'integer' || typeClass(type) === 'json';
}

function compareArithmetic(
  operator: ComparisonOperator,
  side: ArithmeticOperand,
  constant: ConstantOperand | MomentOperand,
  at: number,
): Predicate {
  if (constant.kind === 'moment') {
    throw new FilterProblem('only timestamptz fields compare with ISO times', at);
  }
  // Milvus fixes the class of JSON arithmetic by its literals, but lets a parameter choose its own.
  const isFree = constant.isParameter && side.column.ref.access === 'json';
  const type = isFree ? DataType.JSON : side.type;
  const value = numberConstant(type, constant.value, at);
  if (side.refusal !== null) throw new FilterProblem(side.refusal, side.at);
  const operand = numberConstant(side.type, side.operand, side.at);
  if ((side.operator === '/' || side.operator === '%') && isZero(operand)) {
    throw new FilterProblem('division or modulus by zero', side.at);
  }
  const { ref } = side.column;
  const compared = rangeFrom(operator === '!=' ? '==' : operator, ref, value) as RangePredicate;
  const predicate = calculated(side.operator, operand, compared);
  return operator === '!=' ? { kind: 'not', operand: predicate } : predicate;
}

function numberConstant(type: DataType, value: Constant, at: number): bigint | number {
  const cast = castConstant(type, value, at);
  if (typeof cast === 'bigint' || typeof cast === 'number') return cast;
  throw new FilterProblem(
    `cannot cast value to ${dataTypeName(type)}, value: ${printConstant(cast)}`,
    at,
  );
}

function calculated(
  operator: ArithmeticNode['operator'],
  operand: bigint | number,
  range: RangePredicate,
): Predicate {
  if (operator === '**' || operator === '<<' || operator === '>>') {
    throw new FilterProblem('power can only apply on constants', -1);
  }
  const isInteger = typeClass(range.column.type) === 'integer';
  const isInvertible = operator !== '%' && !isBitwise(operator);
  if (isInteger && isInvertible && typeof operand === 'bigint') {
    return integerRange(operator, operand, range);
  }
  return { kind: 'arithmetic', operator, operand, range };
}
