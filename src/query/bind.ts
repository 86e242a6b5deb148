/**
 * The door of the filter language: text or tree, schema and parameters in, plain data out.
 *
 * Whatever is wrong is a MilvusError ParameterInvalid (Unimplemented for calls without a meaning here)
 * whose text is `cannot parse expression: <expression>: <cause>`, with the place marked on the lines
 * below when the text is at hand. Types, rules and wording are Milvus's (parser_visitor.go).
 */
import { FILTER_BYTES_MAX } from '../base/limits.ts';
import type { CollectionSchema } from '../schema/collection-schema.ts';
import { dataTypeName } from '../schema/data-type.ts';
import { DEFAULT_TIME_ZONE } from '../schema/timestamptz.ts';
import type {
  ArithmeticNode,
  ComparisonNode,
  ExistsNode,
  Expression,
  ListNode,
  Literal,
  LogicalNode,
  MembershipNode,
  NullNode,
  RangeNode,
  UnaryNode,
} from './ast.ts';
import { readMoment } from './cast.ts';
import { bindCall } from './calls.ts';
import type { Binding } from './binding.ts';
import { arithmeticOf, compareOperands, operandTypeName, wholeArray } from './comparison.ts';
import { membershipOf, rangeOf } from './membership.ts';
import type { ConstantOperand, MomentOperand, Operand } from './operand.ts';
import { foldArithmetic, foldComparison, int64, isList, negate, plainList } from './fold.ts';
import { readInterval } from './interval.ts';
import { conjunction, disjunction } from './logic.ts';
import { ListReader } from './list-reader.ts';
import { readFilter } from './parser.ts';
import { bindPattern } from './pattern.ts';
import type { ListValue, MatchPredicate, Predicate, Scalar, ValueSet } from './predicate.ts';
import { printExpression } from './print.ts';
import { FilterProblem, excerpt, filterError } from './problem.ts';
import { isWholeArray, resolveColumn, resolveNullable } from './resolve.ts';
import type { ColumnOperand } from './resolve.ts';
import { refuseRestricted, restricted, rowPredicate } from './restriction.ts';
import type { RestrictedOperand } from './restriction.ts';
import { parameterValue } from './template.ts';
import type { Constant, ListConstant, ParameterValues } from './template.ts';
import { momentList, shiftedOf } from './time-binding.ts';
import { ValueSetMaker } from './value-set.ts';
import type { InPieces, ListCast } from './value-set.ts';

/** Values of which a set is made in one stretch. */
const LONG_LIST = 16_384;

/** A filter that can be evaluated: plain data, structured-cloneable. */
export interface BoundFilter {
  readonly predicate: Predicate;
  /** `random_sample`: of the rows that the predicate accepts, this share, between 0 and 1. */
  readonly sample?: number;
  /** `element_filter`: which elements are asked for, of the rows that the predicate accepts. */
  readonly elements?: MatchPredicate;
}

/** Reads a filter. An empty one is `true`. @throws MilvusError */
export function parseFilter(text: string): Expression {
  return guarded(text, true, () => readFilter(text));
}

/**
 * Settles names and types of a tree.
 * @param timeZone IANA zone of times without an offset
 * @throws MilvusError
 */
export function bindFilter(
  expression: Expression,
  schema: CollectionSchema,
  parameters: ParameterValues = {},
  timeZone: string = DEFAULT_TIME_ZONE,
): BoundFilter {
  const binder = new Binder(schema, parameters, timeZone);
  return guarded(expression, false, () => binder.filter(expression));
}

/** parseFilter and bindFilter in one, with the place of an error marked in the text. @throws MilvusError */
export function compileFilter(
  text: string,
  schema: CollectionSchema,
  parameters: ParameterValues = {},
  timeZone: string = DEFAULT_TIME_ZONE,
): BoundFilter {
  return guarded(text, true, () => {
    const binder = new Binder(schema, parameters, timeZone);
    return binder.filter(readFilter(text));
  });
}

export interface LongFilterOptions {
  readonly parameters?: ParameterValues | undefined;
  readonly timeZone: string;
  /** Lets others have their turn between two pieces. */
  readonly inPieces: InPieces;
}

/** compileFilter of a text or of parameters with a million values, in pieces. @throws MilvusError */
export async function compileLongFilter(
  text: string,
  schema: CollectionSchema,
  { parameters = {}, timeZone, inPieces }: LongFilterOptions,
): Promise<BoundFilter> {
  // What is too long is refused before it is read.
  const reader = new ListReader(text.length > FILTER_BYTES_MAX ? '' : text);
  await inPieces(text.length, (_, end) => reader.readTo(end));
  const later: ValueSetMaker[] = [];
  const filter = guarded(text, true, () => {
    const binder = new Binder(schema, parameters, timeZone, later);
    return binder.filter(readFilter(text, reader.lists));
  });
  for (const maker of later) {
    await maker.makeInPieces((count, work) =>
      inPieces(count, (start, end) => guarded(text, true, () => work(start, end))),
    );
  }
  return filter;
}

function guarded<T>(source: string | Expression, marked: boolean, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof FilterProblem)) throw cause;
    const text = typeof source === 'string' ? source : printExpression(source);
    throw filterError(cause, text, marked);
  }
}

/** Walks a tree whose depth the reader has bounded. */
class Binder implements Binding {
  readonly schema: CollectionSchema;
  readonly timeZone: string;
  private readonly parameters: ParameterValues;
  /** Sets of long lists that are to be made once everything is bound; null: they are made at once. */
  private readonly later: ValueSetMaker[] | null;

  constructor(
    schema: CollectionSchema,
    parameters: ParameterValues,
    timeZone: string,
    later: ValueSetMaker[] | null = null,
  ) {
    this.schema = schema;
    this.parameters = parameters;
    this.timeZone = timeZone;
    this.later = later;
  }

  within(schema: CollectionSchema): Binding {
    return new Binder(schema, this.parameters, this.timeZone, this.later);
  }

  filter(expression: Expression): BoundFilter {
    const operand = this.bind(expression);
    if (operand.kind === 'predicate') return { predicate: operand.predicate };
    if (operand.kind === 'restricted') return restrictedFilter(operand);
    if (operand.kind === 'constant' && typeof operand.value === 'boolean') {
      return { predicate: { kind: 'constant', value: operand.value } };
    }
    throw new FilterProblem(
      `predicate is not a boolean expression: ${excerpt(printExpression(expression))}, data type: ${operandTypeName(operand)}`,
      operand.at,
    );
  }

  valueSet(list: ListConstant, cast: ListCast | null): ValueSet {
    const maker = new ValueSetMaker(list, cast);
    if (this.later === null || list.length <= LONG_LIST) return maker.make();
    this.later.push(maker);
    return maker.set;
  }

  bind(node: Expression): Operand {
    switch (node.kind) {
      case 'literal':
        if (typeof node.value === 'bigint') int64(node.value, String(node.value), node.at);
        return this.constant(node.value, node.at);
      case 'list':
        return this.constant(this.listValues(node), node.at);
      case 'parameter':
        return {
          ...this.constant(parameterValue(this.parameters, node.name, node.at), node.at),
          isParameter: true,
        };
      case 'field':
        return resolveColumn(node, this.schema);
      case 'unary':
        return this.unary(node);
      case 'arithmetic':
        return this.arithmetic(node);
      case 'comparison':
        return this.comparison(node);
      case 'range':
        return this.predicate(this.range(node), node.at);
      case 'in':
        return this.predicate(this.membership(node), node.at);
      case 'pattern':
        return this.predicate(bindPattern(node, this), node.at);
      case 'null':
        return this.predicate(this.nullTest(node), node.at);
      case 'exists':
        return this.predicate(this.exists(node), node.at);
      case 'and':
      case 'or':
        return this.logical(node);
      case 'call':
        return bindCall(node, this);
      case 'iso':
        return {
          kind: 'moment',
          micros: readMoment(node.text, this.timeZone, node.at),
          at: node.at,
        };
      default:
        return { kind: 'interval', interval: readInterval(node.text, node.at), at: node.at };
    }
  }

  private constant(value: Constant, at: number): ConstantOperand {
    return { kind: 'constant', value, isParameter: false, timeZone: this.timeZone, at };
  }

  /** As a template gives them. */
  private moments(micros: readonly bigint[], at: number): ConstantOperand {
    return { ...this.constant(micros, at), isParameter: true };
  }

  private predicate(predicate: Predicate, at: number): Operand {
    return { kind: 'predicate', predicate, at };
  }

  private listValues({ items, at }: ListNode): Constant {
    return items instanceof BigInt64Array ? items : items.map((item) => this.listValue(item, at));
  }

  private listValue(item: Literal | Expression, at: number): Scalar | ListValue {
    if (typeof item !== 'object') {
      return typeof item === 'bigint' ? int64(item, String(item), at) : item;
    }
    const operand = this.bind(item);
    if (operand.kind === 'constant') {
      return isList(operand.value) ? plainList(operand.value) : operand.value;
    }
    throw new FilterProblem(
      `array element type must be generic value, but got: ${printExpression(item)}`,
      item.at,
    );
  }

  private unary({ operator, operand: child, at }: UnaryNode): Operand {
    if (operator === '-' && child.kind === 'literal' && typeof child.value === 'bigint') {
      // The reader lets 2^63 through, because only here it is legal.
      return this.constant(negate(child.value, at), at);
    }
    const operand = this.bind(child);
    if (operator === 'not') return this.negation(operand, at);
    if (operand.kind === 'constant' && operator !== '~') {
      return operator === '+' ? operand : { ...operand, value: negate(operand.value, at) };
    }
    if (operand.kind === 'column' && isWholeArray(operand)) throw wholeArray(at);
    if (operator === '+') return operand;
    throw new FilterProblem(`unexpected op: ${operator}`, at);
  }

  private negation(operand: Operand, at: number): Operand {
    if (operand.kind === 'predicate') {
      return this.predicate({ kind: 'not', operand: operand.predicate }, at);
    }
    if (operand.kind === 'restricted') throw refuseRestricted(operand, 'not');
    if (operand.kind !== 'constant') {
      throw new FilterProblem('not op can only be applied on boolean expression', at);
    }
    if (typeof operand.value !== 'boolean') {
      throw new FilterProblem('not can only apply on boolean', at);
    }
    return this.constant(!operand.value, at);
  }

  private arithmetic(node: ArithmeticNode): Operand {
    const { operator, at } = node;
    if (operator === '<<' || operator === '>>') {
      throw new FilterProblem(`shift is not supported: ${printExpression(node)}`, at);
    }
    const left = this.bind(node.left);
    const right = this.bind(node.right);
    if (left.kind === 'interval' || right.kind === 'interval') {
      return shiftedOf(operator, left, right, at);
    }
    if (left.kind === 'constant' && right.kind === 'constant') {
      refuseParameters(left, right, operator);
      return this.constant(foldArithmetic(operator, left.value, right.value, at), at);
    }
    if (operator === '**') {
      throw new FilterProblem(
        `power can only apply on constants: ${excerpt(printExpression(node))}`,
        at,
      );
    }
    return arithmeticOf(operator, left, right, at);
  }

  private comparison(node: ComparisonNode): Operand {
    const left = this.bind(node.left);
    const right = this.bind(node.right);
    if (left.kind !== 'constant' || right.kind !== 'constant') {
      return this.predicate(compareOperands(node.operator, left, right, node.at), node.at);
    }
    refuseParameters(left, right, node.operator);
    const holds = foldComparison(node.operator, left.value, right.value);
    if (holds === null) {
      throw new FilterProblem(
        `comparison operations cannot be applied to two incompatible operands: ${excerpt(printExpression(node))}`,
        node.at,
      );
    }
    return this.constant(holds, node.at);
  }

  private range(node: RangeNode): Predicate {
    const column = resolveColumn(node.field, this.schema);
    const first = this.bound(node.first, node.descending ? 'upper' : 'lower');
    const last = this.bound(node.last, node.descending ? 'lower' : 'upper');
    const ascending = {
      lower: first,
      lowerInclusive: node.firstInclusive,
      upper: last,
      upperInclusive: node.lastInclusive,
    };
    const descending = {
      lower: last,
      lowerInclusive: node.lastInclusive,
      upper: first,
      upperInclusive: node.firstInclusive,
    };
    return rangeOf(column, node.descending ? descending : ascending, node.at);
  }

  private bound(node: Expression, side: 'lower' | 'upper'): ConstantOperand | MomentOperand {
    if (node.kind === 'parameter' && !Object.hasOwn(this.parameters, node.name)) {
      throw new FilterProblem(
        `the ${side} value of expression template variable name {${node.name}} is not found`,
        node.at,
      );
    }
    const operand = this.bind(node);
    if (operand.kind === 'constant' || operand.kind === 'moment') return operand;
    throw new FilterProblem(
      `${side}bound cannot be a non-const expression: ${excerpt(printExpression(node))}`,
      node.at,
    );
  }

  private membership(node: MembershipNode): Predicate {
    const column = this.membershipColumn(node.operand);
    const moments = momentList(node.list, column, this.timeZone);
    const list = moments === null ? this.bind(node.list) : this.moments(moments, node.list.at);
    if (list.kind !== 'constant') {
      throw new FilterProblem(
        `value '${excerpt(printExpression(node.list))}' in list cannot be a non-const expression`,
        node.list.at,
      );
    }
    if (list.isParameter && !isList(list.value) && node.list.kind === 'parameter') {
      throw new FilterProblem(
        `the value of term expression template variable {${node.list.name}} is not array`,
        node.list.at,
      );
    }
    const member = membershipOf(column, { ...list, at: node.list.at }, this);
    return node.negated ? { kind: 'not', operand: member } : member;
  }

  private membershipColumn(node: Expression): ColumnOperand {
    const operand = this.bind(node);
    if (operand.kind === 'column') return operand;
    const what = operand.kind === 'constant' ? 'non-const expression' : 'single field';
    throw new FilterProblem(
      `'term' can only be used on ${what}, but got: ${excerpt(printExpression(node))}`,
      node.at,
    );
  }

  private nullTest({ field, negated, at }: NullNode): Predicate {
    const column = resolveNullable(field, this.schema);
    const { ref } = column;
    if (ref.access === 'element') {
      throw new FilterProblem(
        `IsNull/IsNotNull operations are not supported on array element access, got: ${printExpression(field)}`,
        at,
      );
    }
    if (ref.access === 'json' && ref.path.length > 0) {
      const exists: Predicate = { kind: 'exists', column: ref };
      return negated ? exists : { kind: 'not', operand: exists };
    }
    const isNull: Predicate = { kind: 'null', fieldId: ref.fieldId };
    return negated ? { kind: 'not', operand: isNull } : isNull;
  }

  private exists({ operand: node, at }: ExistsNode): Predicate {
    const operand = this.bind(node);
    if (operand.kind !== 'column') {
      throw new FilterProblem(
        `exists operations are only supported on single fields now, got: ${excerpt(printExpression(node))}`,
        at,
      );
    }
    const { ref, field } = operand;
    if (ref.access !== 'json') {
      throw new FilterProblem(
        `exists operations are only supportted on json field, got:${dataTypeName(field.type)}`,
        at,
      );
    }
    if (ref.path.length === 0) {
      throw new FilterProblem('exists operations are only supportted on json key', at);
    }
    return { kind: 'exists', column: ref };
  }

  private logical(node: LogicalNode): Operand {
    const { kind, at } = node;
    const predicates: Predicate[] = [];
    let decided = false;
    let constants = 0;
    let last: RestrictedOperand | null = null;
    for (const each of node.operands) {
      const operand = this.bind(each);
      if (last !== null) throw refuseRestricted(last, kind);
      if (operand.kind === 'restricted') {
        if (kind === 'or') throw refuseRestricted(operand, kind);
        last = operand;
      } else if (operand.kind === 'predicate') predicates.push(operand.predicate);
      else if (operand.kind === 'constant' && typeof operand.value === 'boolean') {
        constants++;
        decided ||= operand.value === (kind === 'or');
      } else {
        throw new FilterProblem(`'${kind}' can only be used between boolean expressions`, each.at);
      }
    }
    if (decided || constants === node.operands.length) {
      return this.constant(decided === (kind === 'or'), at);
    }
    if (last !== null) return restricted(predicates, last);
    return this.predicate(kind === 'and' ? conjunction(predicates) : disjunction(predicates), at);
  }
}

function restrictedFilter(operand: RestrictedOperand): BoundFilter {
  const predicate = rowPredicate(operand);
  return operand.by.kind === 'sample'
    ? { predicate, sample: operand.by.factor }
    : { predicate, elements: operand.by.match };
}

function refuseParameters(left: ConstantOperand, right: ConstantOperand, operator: string): void {
  if (!left.isParameter && !right.isParameter) return;
  throw new FilterProblem(
    `placeholder was not supported between two constants with operator: ${operator}`,
    (left.isParameter ? left : right).at,
  );
}
