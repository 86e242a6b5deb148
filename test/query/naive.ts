/**
 * The filter language once more, one row at a time and as plainly as can be: the reference that
 * generated filters are compared with. It reads the same tree, and shares nothing else.
 * True, false, or null for UNKNOWN.
 */
import type { CallNode, Expression, FieldNode, Literal } from '../../src/query/ast.ts';
import type { Value } from './columns.ts';

export type Row = Readonly<Record<string, Value>>;
type Answer = boolean | null;
export type Values = Readonly<Record<string, unknown>>;

/** The values of the parameters of the filter at hand. */
let given: Values = {};

const FLOATS = new Set(['f', 'af']);

export function naive(tree: Expression, row: Row, parameters: Values = {}): Answer {
  given = parameters;
  return answerOf(tree, row);
}

function answerOf(node: Expression, row: Row): Answer {
  switch (node.kind) {
    case 'literal':
      return node.value as boolean;
    case 'unary': {
      const answer = answerOf(node.operand, row);
      return answer === null ? null : !answer;
    }
    case 'and': {
      const answers = node.operands.map((each) => answerOf(each, row));
      return answers.includes(false) ? false : answers.includes(null) ? null : true;
    }
    case 'or': {
      const answers = node.operands.map((each) => answerOf(each, row));
      return answers.includes(true) ? true : answers.includes(null) ? null : false;
    }
    case 'comparison': {
      const left = operand(node.left, row, node.right);
      const right = operand(node.right, row, node.left);
      if (node.right.kind === 'list') {
        if (!Array.isArray(left)) return null;
        return equal(left, right) === (node.operator === '==');
      }
      return compare(node.operator, left, right);
    }
    case 'range': {
      const value = operand(node.field, row);
      const first = operand(node.first, row, node.field);
      const last = operand(node.last, row, node.field);
      const sign = node.descending ? '>' : '<';
      const low = compare(node.firstInclusive ? `${sign}=` : sign, first, value);
      const high = compare(node.lastInclusive ? `${sign}=` : sign, value, last);
      return low === null || high === null ? null : low && high;
    }
    case 'in': {
      const value = operand(node.operand, row);
      const items = node.list.kind === 'list' ? (node.list.items as Literal[]) : [];
      const list = items.map((each) => width(each, node.operand));
      if (value === null || value === undefined || typeof value === 'object') return null;
      const alike = list.filter((each) => compare('==', value, each) !== null);
      if (list.length > 0 && alike.length === 0) return null;
      const isIn = alike.some((each) => compare('==', value, each) === true);
      return node.negated ? !isIn : isIn;
    }
    case 'pattern': {
      const value = operand(node.operand, row);
      if (typeof value !== 'string') return null;
      const pattern = (node.pattern as { value: string }).value;
      if (node.operator === 'like') return likeExpression(pattern).test(value);
      return new RegExp(pattern, 'su').test(value) === (node.operator === '=~');
    }
    case 'call':
      return callAnswer(node, row);
    case 'null': {
      const isNull = hollow(lookUp(node.field, row));
      const isPath = node.field.path.length > 0 || !(node.field.name in row);
      const answer = isPath ? isNull : row[node.field.name] === null;
      return node.negated ? !answer : answer;
    }
    case 'exists':
      return !hollow(lookUp(node.operand as FieldNode, row));
    default:
      throw new Error(`no meaning for ${node.kind}`);
  }
}

function callAnswer({ name, args }: CallNode, row: Row): Answer {
  const field = args[0]!;
  const value = operand(field, row);
  const other = args[1] === undefined ? undefined : operand(args[1], row, field);
  if (name === 'empty') return typeof value === 'string' ? value === '' : null;
  if (name === 'starts_with') {
    if (typeof value !== 'string' || typeof other !== 'string') return null;
    return value.startsWith(other);
  }
  const wanted = /_(?:all|any)$/.test(name) ? (other as unknown[]) : [other];
  if (wanted.length === 0) return name.endsWith('_all');
  if (!Array.isArray(value)) return null;
  const isThere = (each: unknown): boolean => value.some((element) => equal(element, each));
  return name.endsWith('_all') ? wanted.every(isThere) : wanted.some(isThere);
}

function equal(left: unknown, right: unknown): boolean {
  if (!Array.isArray(left) || !Array.isArray(right)) return compare('==', left, right) === true;
  return left.length === right.length && left.every((each, at) => equal(each, right[at]));
}

function compare(operator: string, left: unknown, right: unknown): Answer {
  const a = classOf(left);
  if (a === 'none' || a !== classOf(right)) return null;
  const order = a === 'text' ? Buffer.compare(utf8(left), utf8(right)) : numberOrder(left, right);
  if (operator === '==') return order === 0;
  if (operator === '!=') return order !== 0;
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  return operator === '>' ? order > 0 : order >= 0;
}

const utf8 = (text: unknown): Buffer => Buffer.from(text as string);

function numberOrder(left: unknown, right: unknown): number {
  const a = left as number;
  const b = right as number;
  return a < b ? -1 : a > b ? 1 : 0;
}

function classOf(value: unknown): string {
  if (typeof value === 'bigint' || typeof value === 'number') return 'number';
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'string' ? 'text' : 'none';
}

/** A constant as wide as the column on its other side. */
function width(value: unknown, other: Expression | undefined): unknown {
  let column = other;
  while (column?.kind === 'arithmetic') {
    column = column.left.kind === 'literal' ? column.right : column.left;
  }
  if (Array.isArray(value)) return value.map((each) => width(each, other));
  const isFloat = column?.kind === 'field' && FLOATS.has(column.name);
  return isFloat && classOf(value) === 'number' ? Math.fround(Number(value)) : value;
}

function operand(node: Expression, row: Row, other?: Expression): unknown {
  if (node.kind === 'literal') return width(node.value, other);
  if (node.kind === 'parameter') return width(given[node.name], other);
  if (node.kind === 'list')
    return width(
      Array.from<Expression | Literal, unknown>(node.items, (item) => itemValue(item, row)),
      other,
    );
  if (node.kind === 'call') {
    const list = operand(node.args[0]!, row);
    return Array.isArray(list) ? BigInt(list.length) : null;
  }
  if (node.kind === 'iso') return BigInt(Date.parse(node.text)) * 1000n;
  if (node.kind === 'unary') return width(-(operand(node.operand, row) as number), other);
  if (node.kind === 'field') return lookUp(node, row);
  if (node.kind !== 'arithmetic') throw new Error(`no value of ${node.kind}`);
  const left = operand(node.left, row, node.right);
  const right = operand(node.right, row, node.left);
  if (classOf(left) !== 'number' || classOf(right) !== 'number') return null;
  if (['&', '|', '^'].includes(node.operator)) return bits(node.operator, left, right as bigint);
  if (typeof left === 'bigint' && typeof right === 'bigint') {
    return calculate(node.operator, left as never, right as never);
  }
  const result = calculate(node.operator, Number(left), Number(right));
  const field = node.left.kind === 'field' ? node.left : node.right;
  return width(result, field);
}

function itemValue(item: Expression | Literal, row: Row): unknown {
  return typeof item === 'object' ? operand(item, row) : item;
}

/** Of the integer part, as long as int64 holds it. */
function bits(operator: string, left: unknown, right: bigint): unknown {
  const whole = BigInt(typeof left === 'number' ? Math.trunc(left) : (left as bigint));
  if (whole !== BigInt.asIntN(64, whole)) return null;
  if (operator === '&') return whole & right;
  return operator === '|' ? whole | right : whole ^ right;
}

function calculate(operator: string, a: number, b: number): number {
  if (operator === '+') return a + b;
  if (operator === '-') return a - b;
  if (operator === '*') return a * b;
  return operator === '/' ? a / b : a % b;
}

function lookUp(node: FieldNode, row: Row): unknown {
  const isField = node.name in row;
  let value: unknown = isField ? row[node.name] : row['$meta'];
  for (const step of isField ? node.path : [node.name, ...node.path]) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (!Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

function hollow(value: unknown): boolean {
  if (value === null || value === undefined) return true;
  return typeof value === 'object' && Object.values(value).every(hollow);
}

function likeExpression(pattern: string): RegExp {
  let source = '';
  let escaped = false;
  for (const character of pattern) {
    if (!escaped && character === '\\') escaped = true;
    else {
      const isWild = !escaped && (character === '%' || character === '_');
      const literal = `\\u{${character.codePointAt(0)!.toString(16)}}`;
      source += isWild ? `[^]${character === '%' ? '*' : ''}` : literal;
      escaped = false;
    }
  }
  return new RegExp(`^${source}$`, 'u');
}
