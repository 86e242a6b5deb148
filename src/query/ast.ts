/**
 * What the text of a filter says, before any schema is known: frozen plain nodes told apart by `kind`.
 *
 * - `at` is the offset of the token an error should point at; it carries no meaning, and two
 *   expressions are the same when they differ in nothing else.
 * - `and` and `or` hold all operands of a chain, so that a long chain is not a deep tree.
 * - A list holds its plain constants as values: bigint is an integer, number a floating constant.
 * - Parentheses leave no node: the tree has the shape they asked for.
 */

/** A constant as text can write it. */
export type Literal = bigint | number | string | boolean;

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | '**';
export type BitOperator = '&' | '|' | '^' | '<<' | '>>';
export type UnaryOperator = '+' | '-' | '~' | 'not';

interface Node {
  readonly at: number;
}

export interface LiteralNode extends Node {
  readonly kind: 'literal';
  readonly value: Literal;
}

/** `[1, 2, 3]`; an item that is not a plain constant stays an expression. */
export interface ListNode extends Node {
  readonly kind: 'list';
  /** Long lists of int64 are typed arrays. */
  readonly items: readonly (Literal | Expression)[] | BigInt64Array;
}

/** `{name}`, filled in when the filter is bound. */
export interface ParameterNode extends Node {
  readonly kind: 'parameter';
  readonly name: string;
}

/**
 * `f`, `f["k"][0]`, `struct[sub]`, `struct[0][sub]`; inside element contexts `$[sub]`, whose name is `$`.
 * A step that is text is a quoted key, one that is a number an index.
 */
export interface FieldNode extends Node {
  readonly kind: 'field';
  readonly name: string;
  readonly path: readonly (string | number)[];
  readonly subField: string | null;
}

export interface UnaryNode extends Node {
  readonly kind: 'unary';
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}

export interface ArithmeticNode extends Node {
  readonly kind: 'arithmetic';
  readonly operator: ArithmeticOperator | BitOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface ComparisonNode extends Node {
  readonly kind: 'comparison';
  readonly operator: ComparisonOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** `1 < f <= 9`; `descending` for `9 >= f > 1`, whose `first` is still what is written first. */
export interface RangeNode extends Node {
  readonly kind: 'range';
  readonly first: Expression;
  readonly firstInclusive: boolean;
  readonly field: FieldNode;
  readonly last: Expression;
  readonly lastInclusive: boolean;
  readonly descending: boolean;
}

export interface MembershipNode extends Node {
  readonly kind: 'in';
  readonly negated: boolean;
  readonly operand: Expression;
  readonly list: Expression;
}

/** `like`, and the regular expressions `=~` and `!~`, whose pattern keeps its backslashes. */
export interface PatternNode extends Node {
  readonly kind: 'pattern';
  readonly operator: 'like' | '=~' | '!~';
  readonly operand: Expression;
  readonly pattern: Expression;
}

export interface NullNode extends Node {
  readonly kind: 'null';
  readonly negated: boolean;
  readonly field: FieldNode;
}

export interface ExistsNode extends Node {
  readonly kind: 'exists';
  readonly operand: Expression;
}

export interface LogicalNode extends Node {
  readonly kind: 'and' | 'or';
  /** Two or more. */
  readonly operands: readonly Expression[];
}

/** `name(a, b, option = 1)`; the name in lower case. */
export interface CallNode extends Node {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expression[];
  readonly options: readonly { readonly name: string; readonly value: Literal }[];
}

/** `ISO '2025-01-01T00:00:00Z'` and `INTERVAL 'P1D'`. */
export interface TimeNode extends Node {
  readonly kind: 'iso' | 'interval';
  readonly text: string;
}

export type Expression =
  | LiteralNode
  | ListNode
  | ParameterNode
  | FieldNode
  | UnaryNode
  | ArithmeticNode
  | ComparisonNode
  | RangeNode
  | MembershipNode
  | PatternNode
  | NullNode
  | ExistsNode
  | LogicalNode
  | CallNode
  | TimeNode;
