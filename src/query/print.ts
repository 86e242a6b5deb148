/**
 * Tree to text: the shortest honest spelling, with brackets only where the tree needs them.
 * Reading what is printed gives the same tree again.
 */
import type { Expression, FieldNode, Literal } from './ast.ts';
import { printLiteral, printRegexText } from './literal.ts';

/** How tightly the outermost operator of a printed node binds; see parser.ts. */
const ATOM = 40;
/** Below every operator that `not` takes into its operand, above `and`. */
const NOT_POWER = 4.5;

const ARITHMETIC_POWER: Readonly<Record<string, number>> = Object.freeze({
  '|': 5,
  '^': 6,
  '&': 7,
  '<<': 21,
  '>>': 21,
  '+': 22,
  '-': 22,
  '*': 23,
  '/': 23,
  '%': 23,
  '**': 25,
});

/** The text of an expression. */
export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case 'literal':
      return printLiteral(expression.value);
    case 'list':
      return `[${Array.from<Item, string>(expression.items, printItem).join(', ')}]`;
    case 'parameter':
      return `{${expression.name}}`;
    case 'field':
      return printField(expression);
    case 'unary':
      return printUnary(expression.operator, expression.operand);
    case 'arithmetic':
    case 'comparison': {
      const power = powerOf(expression);
      // Two relations side by side would read as a range.
      if (power === 9) {
        return `${within(expression.left, 12)} ${expression.operator} ${within(expression.right, 12)}`;
      }
      const left = within(expression.left, power);
      return `${left} ${expression.operator} ${within(expression.right, power + 1)}`;
    }
    case 'range': {
      const sign = expression.descending ? '>' : '<';
      const first = `${within(expression.first, 12)} ${sign}${expression.firstInclusive ? '=' : ''}`;
      const last = `${sign}${expression.lastInclusive ? '=' : ''} ${within(expression.last, 12)}`;
      return `${first} ${printField(expression.field)} ${last}`;
    }
    case 'in': {
      const word = expression.negated ? 'not in' : 'in';
      return `${within(expression.operand, 20)} ${word} ${within(expression.list, 21)}`;
    }
    case 'pattern': {
      const power = powerOf(expression);
      const { operator, pattern } = expression;
      const right =
        operator !== 'like' && pattern.kind === 'literal' && typeof pattern.value === 'string'
          ? printRegex(pattern.value)
          : within(pattern, power + 1);
      return `${within(expression.operand, power)} ${operator} ${right}`;
    }
    case 'null':
      return `${printField(expression.field)} is ${expression.negated ? 'not ' : ''}null`;
    case 'exists':
      return `exists ${within(expression.operand, 36)}`;
    case 'and':
    case 'or':
      return printChain(expression.kind, expression.operands);
    case 'call':
      return `${expression.name}(${[
        ...expression.args.map(printExpression),
        ...expression.options.map(({ name, value }) => `${name}=${printLiteral(value)}`),
      ].join(', ')})`;
    default:
      return `${expression.kind === 'iso' ? 'ISO' : 'INTERVAL'} ${printLiteral(expression.text)}`;
  }
}

type Item = Literal | Expression;

function printItem(item: Item): string {
  return typeof item === 'object' ? printExpression(item) : printLiteral(item);
}

function printField({ name, path, subField }: FieldNode): string {
  const steps = path.map((step) => `[${typeof step === 'number' ? step : printLiteral(step)}]`);
  return name + steps.join('') + (subField === null ? '' : `[${subField}]`);
}

function printUnary(operator: string, operand: Expression): string {
  if (operator === 'not') return `not ${within(operand, NOT_POWER)}`;
  return operator + within(operand, 24);
}

function printChain(word: 'and' | 'or', operands: readonly Expression[]): string {
  const power = word === 'and' ? 4 : 3;
  return operands.map((operand) => within(operand, power + 0.5)).join(` ${word} `);
}

/** Only a pattern written as ordinary text, in brackets, can hold a line break. */
function printRegex(pattern: string): string {
  return /[\n\r]/.test(pattern) ? `(${printLiteral(pattern)})` : printRegexText(pattern);
}

/** An operand of an operator that wants at least `power`. */
function within(expression: Expression, power: number): string {
  const text = printExpression(expression);
  return powerOf(expression) < power ? `(${text})` : text;
}

function powerOf(expression: Expression): number {
  switch (expression.kind) {
    case 'or':
      return 3;
    case 'and':
      return 4;
    case 'comparison':
      return expression.operator === '==' || expression.operator === '!=' ? 8 : 9;
    case 'range':
      return 9;
    case 'in':
      return 20;
    case 'arithmetic':
      return ARITHMETIC_POWER[expression.operator] ?? ATOM;
    case 'unary':
      return expression.operator === 'not' ? NOT_POWER : 24;
    case 'pattern':
      return expression.operator === 'like' ? 35 : expression.operator === '=~' ? 34 : 33;
    case 'exists':
      return 36;
    default:
      return ATOM;
  }
}
