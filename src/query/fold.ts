/**
 * Operators between constants, worked out when the filter is bound. Integers are exact and stay
 * within int64: a result outside is refused where Milvus would wrap it around.
 */
import type { ArithmeticNode, ComparisonOperator } from './ast.ts';
import { INT64_MAX, INT64_MIN } from './literal.ts';
import type { ListValue, Scalar } from './predicate.ts';
import { FilterProblem } from './problem.ts';
import { compareScalars } from './scalar-order.ts';
import type { Constant, ListConstant } from './template.ts';

const VERBS: Readonly<Record<string, string>> = Object.freeze({
  '+': 'add',
  '-': 'subtract',
  '*': 'multiply',
  '/': 'divide',
  '%': 'modulo',
  '&': 'bitand',
  '|': 'bitor',
  '^': 'bitxor',
});

/** As Milvus names an operator in messages. */
export function arithmeticWord(operator: ArithmeticNode['operator']): string {
  return VERBS[operator] ?? operator;
}

export function isList(value: Constant): value is ListConstant {
  return typeof value === 'object';
}

/** A list whose values may be of several classes. */
export function plainList(list: ListConstant): ListValue {
  return ArrayBuffer.isView(list) ? Array.from<Scalar>(list) : list;
}

/** `left operator right`. @throws FilterProblem in Milvus's words */
export function foldArithmetic(
  operator: ArithmeticNode['operator'],
  left: Constant,
  right: Constant,
  at: number,
): Scalar {
  if (operator === '&' || operator === '|' || operator === '^') {
    return foldBits(operator, left, right, at);
  }
  if (operator === '%') return foldRemainder(left, right, at);
  checkNumbers(operator, left, right, at);
  const a = left as bigint | number;
  const b = right as bigint | number;
  if (operator === '/' && isZero(b)) throw new FilterProblem('cannot divide by zero', at);
  if (operator === '**') return foldPower(a, b);
  if (typeof a === 'bigint' && typeof b === 'bigint') {
    return int64(integerResult(operator, a, b), `${a} ${operator} ${b}`, at);
  }
  return doubleResult(operator, Number(a), Number(b));
}

export function isZero(value: bigint | number): boolean {
  return value === 0n || value === 0;
}

function integerResult(operator: string, a: bigint, b: bigint): bigint {
  if (operator === '+') return a + b;
  if (operator === '-') return a - b;
  return operator === '*' ? a * b : a / b;
}

function doubleResult(operator: string, a: number, b: number): number {
  if (operator === '+') return a + b;
  if (operator === '-') return a - b;
  return operator === '*' ? a * b : a / b;
}

function checkNumbers(
  operator: ArithmeticNode['operator'],
  left: Constant,
  right: Constant,
  at: number,
): void {
  for (const value of [left, right]) {
    const type = isList(value) ? 'list' : typeof value;
    if (type === 'bigint' || type === 'number') continue;
    const name = type === 'boolean' ? 'bool' : type;
    throw new FilterProblem(
      operator === '**'
        ? `power cannot apply on ${name}`
        : `${arithmeticWord(operator)} cannot apply on ${name} field`,
      at,
    );
  }
}

function foldBits(operator: '&' | '|' | '^', a: Constant, b: Constant, at: number): bigint {
  if (typeof a !== 'bigint' || typeof b !== 'bigint') {
    throw new FilterProblem(`${arithmeticWord(operator)} can only apply on integer fields`, at);
  }
  if (operator === '&') return a & b;
  return operator === '|' ? a | b : a ^ b;
}

function foldRemainder(a: Constant, b: Constant, at: number): bigint {
  if (typeof a !== 'bigint' || typeof b !== 'bigint') {
    throw new FilterProblem('modulo can only apply on integer', at);
  }
  if (b === 0n) throw new FilterProblem('cannot modulo by zero', at);
  return a % b;
}

/** An integer as long as both sides are, the exponent is not negative and int64 holds the result. */
function foldPower(a: bigint | number, b: bigint | number): bigint | number {
  const near = Number(a) ** Number(b);
  if (typeof a !== 'bigint' || typeof b !== 'bigint' || b < 0n) return near;
  if (Math.abs(near) > 2 ** 64) return near;
  const exact = a ** b;
  return exact >= INT64_MIN && exact <= INT64_MAX ? exact : near;
}

/** `-value`. @throws FilterProblem */
export function negate(value: Constant, at: number): bigint | number {
  if (typeof value === 'number') return -value;
  if (typeof value === 'bigint') return int64(-value, `-(${value})`, at);
  throw new FilterProblem(`'-' can only apply on numbers`, at);
}

/** @throws FilterProblem when int64 does not hold `value` */
export function int64(value: bigint, source: string, at: number): bigint {
  if (value >= INT64_MIN && value <= INT64_MAX) return value;
  throw new FilterProblem(`int64 overflow: ${source}`, at);
}

/** Whether the comparison holds; null when the two are of classes that do not compare. */
export function foldComparison(
  operator: ComparisonOperator,
  left: Constant,
  right: Constant,
): boolean | null {
  if (isList(left) || isList(right)) return null;
  const isEquality = operator === '==' || operator === '!=';
  if (typeof left === 'boolean' && !isEquality) return null;
  const order = compareScalars(left, right);
  return order === null ? null : holds(operator, order);
}

/** Whether `operator` accepts an order: negative, zero or positive. */
export function holds(operator: ComparisonOperator, order: number): boolean {
  switch (operator) {
    case '==':
      return order === 0;
    case '!=':
      return order !== 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    default:
      return order >= 0;
  }
}

/** The operator that says the same with its sides exchanged. */
export function mirrored(operator: ComparisonOperator): ComparisonOperator {
  switch (operator) {
    case '<':
      return '>';
    case '<=':
      return '>=';
    case '>':
      return '<';
    case '>=':
      return '<=';
    default:
      return operator;
  }
}
