/**
 * Conditions on the elements of a struct array:
 *
 *   match_any(s, p) · match_all(s, p)             p is TRUE of some element, of every element
 *   match_least|most|exact(s, p, threshold = n)   of at least, at most, exactly n elements
 *   element_filter(s, p)                          the elements of which p is TRUE, as what is asked for
 *
 * `p` names the sub-fields of one and the same element as `$[sub]`, and nothing else: it is bound over a schema
 * whose fields are those, and holds no further condition on elements. Source: Milvus `parser_visitor.go`,
 * VisitElementFilter, parseMatchExpr; its design `20260616-scalar-array-element-match`.
 */
import type { CollectionSchema, StructFieldSchema } from '../schema/collection-schema.ts';
import { elementField, structFieldName, structSubFields, subFieldName } from '../schema/fields.ts';
import type { CallNode, Expression } from './ast.ts';
import { type Binding, checkArguments } from './binding.ts';
import type { Operand } from './operand.ts';
import type { MatchPredicate, Predicate } from './predicate.ts';
import { printExpression } from './print.ts';
import { excerpt, FilterProblem, nearestName } from './problem.ts';

const QUANTIFIERS: Readonly<Record<string, MatchPredicate['quantifier']>> = Object.freeze({
  match_any: 'any',
  match_all: 'all',
  match_least: 'least',
  match_most: 'most',
  match_exact: 'exact',
});

/** Names of the calls that `bindElementCall` binds. */
export const ELEMENT_CALLS: readonly string[] = [...Object.keys(QUANTIFIERS), 'element_filter'];

/** @throws FilterProblem in Milvus's words */
export function bindElementCall(node: CallNode, binding: Binding): Operand {
  const { name, at } = node;
  const quantifier = QUANTIFIERS[name] ?? 'any';
  const hasThreshold = quantifier !== 'any' && quantifier !== 'all';
  checkArguments(node, 2, hasThreshold ? ['threshold'] : []);
  const threshold = hasThreshold ? thresholdOf(node, quantifier) : 0;
  const struct = structNamed(node, binding.schema);
  const [, condition] = node.args as [Expression, Expression];
  const operand = elementPredicate(condition, { call: node, struct, binding });
  const match: MatchPredicate = {
    kind: 'match',
    quantifier,
    threshold,
    fieldId: struct.fieldIds[0] ?? 0,
    operand,
  };
  if (name !== 'element_filter') return { kind: 'predicate', predicate: match, at };
  return { kind: 'restricted', predicate: null, by: { kind: 'elements', match }, at };
}

function thresholdOf(
  { name, options, at }: CallNode,
  quantifier: MatchPredicate['quantifier'],
): number {
  const given = options.find((option) => option.name === 'threshold')?.value;
  if (typeof given !== 'bigint') {
    throw new FilterProblem(`${name} needs threshold = N`, at);
  }
  const word = name.toUpperCase();
  if (quantifier === 'least' && given <= 0n) {
    throw new FilterProblem(`count in ${word} must be positive, got: ${given}`, at);
  }
  if (given < 0n) throw new FilterProblem(`count in ${word} cannot be negative, got: ${given}`, at);
  // No array has more elements than a number can count.
  return Number(given);
}

function structNamed({ name, args, at }: CallNode, schema: CollectionSchema): StructFieldSchema {
  const [first] = args;
  if (first?.kind !== 'field' || first.path.length > 0 || first.subField !== null) {
    throw new FilterProblem(`the first argument of ${name} must be a struct array field`, at);
  }
  const struct = schema.structs.find((each) => each.name === first.name);
  if (struct !== undefined) return struct;
  const names = schema.structs.map((each) => each.name);
  throw new FilterProblem(
    `struct array field not found: ${first.name}${nearestName(first.name, names)}`,
    first.at,
  );
}

function nestingMessage(name: string, struct: string): string {
  return name === 'element_filter'
    ? `nested ElementFilter is not supported, already inside ElementFilter for field: ${struct}`
    : `nested ${name.toUpperCase()} is not supported, already inside match expression for field: ${struct}`;
}

interface ElementContext {
  readonly call: CallNode;
  readonly struct: StructFieldSchema;
  readonly binding: Binding;
}

function elementPredicate(condition: Expression, context: ElementContext): Predicate {
  const { call, struct, binding } = context;
  const what = call.name === 'element_filter' ? 'element' : 'predicate';
  try {
    const namesElement = checkCondition(condition, context);
    const operand = binding.within(elementSchema(binding.schema, struct)).bind(condition);
    if (operand.kind === 'predicate' && namesElement) return operand.predicate;
    const isConstant = operand.kind === 'constant' || operand.kind === 'predicate';
    throw new FilterProblem(
      isConstant
        ? 'predicate must not be constant; it has to test the array element via $[subField]'
        : `predicate is not a boolean expression: ${excerpt(printExpression(condition))}`,
      condition.at,
    );
  } catch (cause) {
    if (!(cause instanceof FilterProblem)) throw cause;
    const text = excerpt(printExpression(condition));
    throw new FilterProblem(
      `cannot parse ${what} expression: ${text}, error: ${cause.message}`,
      cause.at,
      cause.reason,
    );
  }
}

/** The sub-fields as fields of one value each, called `$[sub]`. */
function elementSchema(schema: CollectionSchema, struct: StructFieldSchema): CollectionSchema {
  const fields = structSubFields(schema, struct).map((field) => ({
    ...elementField(field),
    name: structFieldName('$', subFieldName(field)),
    structName: '$',
  }));
  return { ...schema, fields, structs: [], enableDynamicField: false };
}

/** Whether the condition names the element; @throws FilterProblem where it names anything else */
function checkCondition(node: Expression, context: ElementContext): boolean {
  if (node.kind === 'field') {
    const { struct, binding } = context;
    if (node.name !== '$') {
      throw new FilterProblem(
        'predicate can only reference array elements ($[subField]); row-level field references are not supported',
        node.at,
      );
    }
    const names = structSubFields(binding.schema, struct).map(subFieldName);
    const wanted = node.subField ?? '';
    if (!names.includes(wanted)) {
      const full = structFieldName(struct.name, wanted);
      throw new FilterProblem(
        `array field not found: ${full}, error: fieldName(${full}) not found${nearestName(wanted, names)}`,
        node.at,
      );
    }
    return true;
  }
  if (node.kind === 'call' && ELEMENT_CALLS.includes(node.name)) {
    throw new FilterProblem(nestingMessage(node.name, context.struct.name), node.at);
  }
  let namesElement = false;
  for (const child of childrenOf(node)) {
    if (checkCondition(child, context)) namesElement = true;
  }
  return namesElement;
}

function childrenOf(node: Expression): readonly Expression[] {
  switch (node.kind) {
    case 'list':
      return node.items instanceof BigInt64Array
        ? []
        : node.items.filter((item) => typeof item === 'object');
    case 'unary':
    case 'exists':
      return [node.operand];
    case 'arithmetic':
    case 'comparison':
      return [node.left, node.right];
    case 'range':
      return [node.first, node.field, node.last];
    case 'in':
      return [node.operand, node.list];
    case 'pattern':
      return [node.operand, node.pattern];
    case 'null':
      return [node.field];
    case 'and':
    case 'or':
      return node.operands;
    case 'call':
      return node.args;
    default:
      return [];
  }
}
