/**
 * Text to tree: a precedence climber over Milvus's grammar (Plan.g4), in which an earlier alternative
 * binds tighter. All binary operators group to the left, `**` included.
 *
 * It accepts what Milvus accepts and a little more, all of which Milvus refuses: `not` may stand
 * before a comparison (`not a == 1`), as SQL has it, and space may stand before a subscript.
 * Whatever the text, the answer comes in time linear in its length, with a tree no deeper than
 * FILTER_DEPTH_MAX, or as a FilterProblem.
 */
import {
  FILTER_BYTES_MAX,
  FILTER_DEPTH_MAX,
  FILTER_LIST_MAX,
  FILTER_PARTS_MAX,
} from '../base/limits.ts';
import type {
  ArithmeticNode,
  CallNode,
  ComparisonOperator,
  Expression,
  FieldNode,
  Literal,
  UnaryOperator,
} from './ast.ts';
import { Lexer } from './lexer.ts';
import { LONG_LIST, readLists } from './list-reader.ts';
import type { ReadLists } from './list-reader.ts';
import { readConstant } from './constant-token.ts';
import { readInteger, readKey, readRegexText } from './literal.ts';
import { FilterProblem, excerpt, syntaxProblem } from './problem.ts';

/** How tightly each operator binds: the numbers of Milvus's generated parser. */
const POWER = {
  or: 3,
  and: 4,
  bitOr: 5,
  equality: 8,
  relation: 9,
  range: 11,
  membership: 20,
  unary: 24,
  pattern: 35,
  exists: 36,
} as const;

const BINARY: ReadonlyMap<string, number> = new Map([
  ['or', POWER.or],
  ['and', POWER.and],
  ['|', POWER.bitOr],
  ['^', 6],
  ['&', 7],
  ['==', POWER.equality],
  ['!=', POWER.equality],
  ['<', POWER.relation],
  ['<=', POWER.relation],
  ['>', POWER.relation],
  ['>=', POWER.relation],
  ['in', POWER.membership],
  ['not', POWER.membership],
  ['<<', 21],
  ['>>', 21],
  ['+', 22],
  ['-', 22],
  ['*', 23],
  ['/', 23],
  ['%', 23],
  ['**', 25],
  ['!~', 33],
  ['=~', 34],
  ['like', POWER.pattern],
  ['is null', 37],
  ['is not null', 37],
]);

/**
 * Reads a filter. An empty one is `true`.
 * @param lists  those that have been read already; by default they are read now
 * @throws FilterProblem with line, column and what was expected
 */
export function readFilter(text: string, lists?: ReadLists): Expression {
  // A character is at most three bytes of UTF-8, so most texts need no count.
  if (text.length * 3 > FILTER_BYTES_MAX && Buffer.byteLength(text) > FILTER_BYTES_MAX) {
    throw new FilterProblem(
      `the expression has ${Buffer.byteLength(text)} bytes, at most ${FILTER_BYTES_MAX} are allowed`,
      -1,
    );
  }
  return new Parser(text, lists ?? readLists(text)).read();
}

class Parser {
  private readonly lexer: Lexer;
  /** Open brackets and operators around what is being read. */
  private nesting = 0;
  private parts = 0;
  /** Levels of the tree from each node down; a node without operands has none. */
  private readonly depths = new WeakMap<Expression, number>();

  private readonly lists: ReadLists;

  constructor(text: string, lists: ReadLists) {
    this.lexer = new Lexer(text);
    this.lists = lists;
  }

  read(): Expression {
    this.lexer.next();
    if (this.isEnd()) return Object.freeze({ kind: 'literal', value: true, at: 0 });
    const expression = this.expression(0);
    if (!this.isEnd()) throw this.unexpected('an operator or the end');
    return expression;
  }

  /** An expression whose operators all bind at least as tightly as `least`. */
  private expression(least: number): Expression {
    if (++this.nesting > FILTER_DEPTH_MAX) throw this.tooDeep(this.lexer.start);
    let left = this.operand();
    for (;;) {
      const { lexer } = this;
      const power = lexer.kind === 'symbol' ? BINARY.get(lexer.word) : undefined;
      if (power === undefined || power < least) break;
      left = this.binary(left, lexer.word, power);
    }
    this.nesting--;
    return left;
  }

  /** Freezes a node and bounds how deep it goes, so that whoever walks the tree may recurse. */
  private node<T extends Expression>(node: T, children: readonly Expression[]): T {
    let depth = 0;
    for (const child of children) depth = Math.max(depth, this.depths.get(child) ?? 0);
    if (depth >= FILTER_DEPTH_MAX) throw this.tooDeep(node.at);
    this.depths.set(node, depth + 1);
    this.countParts(1);
    return Object.freeze(node);
  }

  private countParts(count: number): void {
    this.parts += count;
    if (this.parts <= FILTER_PARTS_MAX) return;
    throw this.problem(`the expression has more than ${FILTER_PARTS_MAX} parts`);
  }

  private binary(left: Expression, word: string, power: number): Expression {
    const at = this.lexer.start;
    this.lexer.next();
    switch (word) {
      case 'and':
      case 'or':
        return this.chain(left, word, power, at);
      case '==':
      case '!=':
        return this.comparison(left, word, this.expression(power + 1), at);
      case '<':
      case '<=':
      case '>':
      case '>=':
        return this.relation(left, word, at);
      case 'in':
        return this.membership(left, false, at);
      case 'not':
        this.expect('in');
        return this.membership(left, true, at);
      case 'like':
      case '=~':
      case '!~': {
        const pattern = word === 'like' ? this.expression(power + 1) : this.regex(power);
        return this.node({ kind: 'pattern', operator: word, operand: left, pattern, at }, [
          left,
          pattern,
        ]);
      }
      case 'is null':
      case 'is not null':
        return this.nullTest(left, word === 'is not null', at);
      default: {
        const operator = word as ArithmeticNode['operator'];
        const right = this.expression(power + 1);
        return this.node({ kind: 'arithmetic', operator, left, right, at }, [left, right]);
      }
    }
  }

  private comparison(
    left: Expression,
    operator: ComparisonOperator,
    right: Expression,
    at: number,
  ): Expression {
    return this.node({ kind: 'comparison', operator, left, right, at }, [left, right]);
  }

  private membership(operand: Expression, negated: boolean, at: number): Expression {
    const list = this.expression(POWER.membership + 1);
    return this.node({ kind: 'in', negated, operand, list, at }, [operand, list]);
  }

  /** `a and b and c`: all operands of one chain in one node. */
  private chain(first: Expression, kind: 'and' | 'or', power: number, at: number): Expression {
    const operands = [first, this.expression(power + 1)];
    while (this.isSymbol(kind)) {
      this.lexer.next();
      operands.push(this.expression(power + 1));
    }
    return this.node({ kind, operands: Object.freeze(operands), at }, operands);
  }

  /** A relation, or a range when a field stands between two relations of the same direction. */
  private relation(left: Expression, word: '<' | '<=' | '>' | '>=', at: number): Expression {
    const fieldFirst = this.lexer.kind === 'name' || this.isSymbol('$');
    const right = this.expression(POWER.range + 1);
    const { lexer } = this;
    const sign = word.charAt(0);
    const continues = lexer.kind === 'symbol' && (lexer.word === sign || lexer.word === `${sign}=`);
    if (!(fieldFirst && right.kind === 'field' && continues)) {
      return this.comparison(left, word, right, at);
    }
    const bounds = { firstInclusive: word.length === 2, lastInclusive: lexer.word.length === 2 };
    lexer.next();
    const last = this.expression(POWER.range + 1);
    const descending = sign === '>';
    return this.node(
      { kind: 'range', first: left, field: right, last, ...bounds, descending, at },
      [left, last],
    );
  }

  private nullTest(field: Expression, negated: boolean, at: number): Expression {
    if (field.kind !== 'field') {
      throw syntaxProblem(this.lexer.text, at, `'is null' can only follow a field`);
    }
    return this.node({ kind: 'null', negated, field, at }, []);
  }

  private regex(power: number): Expression {
    const { lexer } = this;
    if (lexer.kind !== 'text' || lexer.isRaw) return this.expression(power + 1);
    const at = lexer.start;
    const quote = lexer.text[lexer.bodyStart - 1]!;
    const value = readRegexText(lexer.text.slice(lexer.bodyStart, lexer.bodyEnd), quote);
    lexer.next();
    return Object.freeze({ kind: 'literal', value, at });
  }

  private operand(): Expression {
    const { lexer } = this;
    switch (lexer.kind) {
      case 'integer':
      case 'floating':
      case 'boolean':
      case 'text': {
        const at = lexer.start;
        return Object.freeze({ kind: 'literal', value: this.literal(), at });
      }
      case 'name':
        return this.named();
      case 'end':
        throw this.unexpected('a value, a field or an opening bracket');
      default:
        return this.symbolic();
    }
  }

  private symbolic(): Expression {
    const { lexer } = this;
    const at = lexer.start;
    switch (lexer.word) {
      case '(': {
        lexer.next();
        const inner = this.expression(0);
        this.expect(')');
        return inner;
      }
      case '[':
        return this.list();
      case '{': {
        lexer.next();
        const name = this.name('a name');
        this.expect('}');
        return Object.freeze({ kind: 'parameter', name, at });
      }
      case 'exists':
        lexer.next();
        return this.exists(at);
      case 'not':
        lexer.next();
        return this.unary('not', POWER.bitOr, at);
      case '+':
      case '-':
      case '~': {
        const operator = lexer.word;
        lexer.next();
        return this.unary(operator, POWER.unary, at);
      }
      case '$':
        return this.elementField();
      default:
        throw this.unexpected('a value, a field or an opening bracket');
    }
  }

  private exists(at: number): Expression {
    const operand = this.expression(POWER.exists);
    return this.node({ kind: 'exists', operand, at }, [operand]);
  }

  private unary(operator: UnaryOperator, power: number, at: number): Expression {
    const operand = this.expression(power);
    return this.node({ kind: 'unary', operator, operand, at }, [operand]);
  }

  /** A constant token as its value; moves past it. */
  private literal(): Literal {
    const { lexer } = this;
    const value = readConstant(lexer);
    lexer.next();
    return value;
  }

  private list(): Expression {
    const { lexer } = this;
    const at = lexer.start;
    const known = this.lists.get(at);
    if (known !== undefined) {
      lexer.end = known.end;
      lexer.next();
      return this.node({ kind: 'list', items: known.items, at }, []);
    }
    const items: (Literal | Expression)[] = [];
    const nodes: Expression[] = [];
    lexer.next();
    while (!this.isSymbol(']')) {
      if (items.length === FILTER_LIST_MAX) {
        throw this.problem(`a list can have at most ${FILTER_LIST_MAX} values`);
      }
      const item = plain(this.expression(0));
      items.push(item);
      if (typeof item === 'object') nodes.push(item);
      if (!this.isSymbol(',')) break;
      lexer.next();
    }
    this.expect(']');
    if (items.length < LONG_LIST) this.countParts(items.length);
    return this.node({ kind: 'list', items: Object.freeze(items), at }, nodes);
  }

  /** A field with its subscripts, a call, or a point or span of time. */
  private named(): Expression {
    const { lexer } = this;
    const at = lexer.start;
    const name = lexer.word;
    lexer.next();
    const lower = name.toLowerCase();
    if (lexer.kind === 'text' && (lower === 'iso' || lower === 'interval')) {
      const text = this.literal();
      return Object.freeze({ kind: lower, text: String(text), at });
    }
    if (this.isSymbol('(')) return this.call(lower, at);
    return this.field(name, at);
  }

  private field(name: string, at: number): FieldNode {
    const { lexer } = this;
    const path: (string | number)[] = [];
    let subField: string | null = null;
    while (this.isSymbol('[')) {
      if (subField !== null) throw this.unexpected('an operator or the end');
      lexer.next();
      if (lexer.kind === 'name') {
        if (path.length > 1 || typeof path[0] === 'string') throw this.unexpected('a key or index');
        subField = lexer.word;
        lexer.next();
      } else path.push(this.step());
      this.expect(']');
    }
    return Object.freeze({ kind: 'field', name, path: Object.freeze(path), subField, at });
  }

  private step(): string | number {
    const { lexer } = this;
    if (lexer.kind === 'integer') {
      const value = readInteger(lexer.source());
      if (value > 0x7fffffffn) throw this.problem(`index out of range: ${excerpt(lexer.source())}`);
      lexer.next();
      return Number(value);
    }
    if (lexer.kind !== 'text') throw this.unexpected('a key in quotes or an index');
    const body = lexer.text.slice(lexer.bodyStart, lexer.bodyEnd);
    if (body === '') throw this.problem('invalid identifier: a key cannot be empty');
    const key = lexer.isRaw ? body : readKey(body);
    lexer.next();
    return key;
  }

  /** `$[sub]`. */
  private elementField(): Expression {
    const { lexer } = this;
    const at = lexer.start;
    lexer.next();
    this.expect('[');
    const subField = this.name('the name of a sub-field');
    this.expect(']');
    return Object.freeze({ kind: 'field', name: '$', path: Object.freeze([]), subField, at });
  }

  private call(name: string, at: number): Expression {
    const { lexer } = this;
    const args: Expression[] = [];
    const options: CallNode['options'][number][] = [];
    lexer.next();
    while (!this.isSymbol(')')) {
      const argument = this.expression(0);
      if (this.isSymbol('=') && argument.kind === 'field' && argument.path.length === 0) {
        lexer.next();
        if (lexer.kind !== 'integer') throw this.unexpected('an integer');
        options.push(Object.freeze({ name: argument.name.toLowerCase(), value: this.literal() }));
      } else args.push(argument);
      if (!this.isSymbol(',')) break;
      lexer.next();
    }
    this.expect(')');
    return this.node(
      { kind: 'call', name, args: Object.freeze(args), options: Object.freeze(options), at },
      args,
    );
  }

  private isEnd(): boolean {
    return this.lexer.kind === 'end';
  }

  private isSymbol(word: string): boolean {
    return this.lexer.kind === 'symbol' && this.lexer.word === word;
  }

  private expect(word: string): void {
    if (!this.isSymbol(word)) throw this.unexpected(`'${word}'`);
    this.lexer.next();
  }

  private name(expected: string): string {
    if (this.lexer.kind !== 'name') throw this.unexpected(expected);
    const { word } = this.lexer;
    this.lexer.next();
    return word;
  }

  private problem(message: string): FilterProblem {
    return syntaxProblem(this.lexer.text, this.lexer.start, message);
  }

  private unexpected(expected: string): FilterProblem {
    const { lexer } = this;
    const found = lexer.kind === 'end' ? '<EOF>' : lexer.source().slice(0, 32);
    const spaced = lexer.kind === 'name' && lexer.word.toLowerCase() === 'is';
    const hint = spaced ? ', "is null" and "is not null" are written with single spaces' : '';
    return this.problem(`mismatched input '${found}' expecting ${expected}${hint}`);
  }

  private tooDeep(at: number): FilterProblem {
    return syntaxProblem(
      this.lexer.text,
      at,
      `the expression is nested deeper than ${FILTER_DEPTH_MAX} levels`,
    );
  }
}

/** The value of an item that is a plain constant, signed or not; any other item as it is. */
function plain(item: Expression): Literal | Expression {
  if (item.kind === 'literal') return item.value;
  if (item.kind !== 'unary' || item.operator !== '-' || item.operand.kind !== 'literal')
    return item;
  const { value } = item.operand;
  return typeof value === 'bigint' || typeof value === 'number' ? -value : item;
}
