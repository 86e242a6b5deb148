/**
 * Calls of the filter language by name: those that have a meaning here are bound, all others are refused.
 * Names are in lower case, as the reader hands them over.
 */
import { DataType, dataTypeName } from '../schema/data-type.ts';
import type { CallNode } from './ast.ts';
import { checkArguments } from './binding.ts';
import type { Binding } from './binding.ts';
import { typeClass } from './cast.ts';
import { operandTypeName, rangeFrom } from './comparison.ts';
import type { LengthOperand, Operand } from './operand.ts';
import { bindContains } from './contains.ts';
import { bindElementCall, ELEMENT_CALLS } from './element-binding.ts';
import { UNAVAILABLE_CALLS, unavailable } from './functions.ts';
import { bindGeometryCall, GEOMETRY_CALLS } from './geometry-binding.ts';
import { escapePattern } from './like.ts';
import { checkPatternLength } from './pattern.ts';
import type { ElementColumn, Predicate, ValueColumn } from './predicate.ts';
import { printExpression } from './print.ts';
import { FilterProblem, excerpt, nearestName } from './problem.ts';
import { isWholeArray, resolveNullable } from './resolve.ts';
import { bindSample } from './sample-binding.ts';
import { valueSet } from './value-set.ts';

type CallBinder = (call: CallNode, binding: Binding) => Operand;

const CALLS: ReadonlyMap<string, CallBinder> = new Map<string, CallBinder>([
  ['array_length', bindArrayLength],
  ['empty', bindEmpty],
  ['starts_with', bindStartsWith],
  ...['json_contains', 'array_contains'].flatMap((name): [string, CallBinder][] => [
    [name, bindContains],
    [`${name}_all`, bindContains],
    [`${name}_any`, bindContains],
  ]),
  ...ELEMENT_CALLS.map((name): [string, CallBinder] => [name, bindElementCall]),
  ...GEOMETRY_CALLS.map((name): [string, CallBinder] => [name, bindGeometryCall]),
  ['random_sample', bindSample],
]);

/** Characters of a constant text of which a column is asked to be the beginning. */
const PREFIXES_MAX = 1000;

/** @throws FilterProblem */
export function bindCall(call: CallNode, binding: Binding): Operand {
  const { name, at } = call;
  const bound = CALLS.get(name);
  if (bound !== undefined) return bound(call, binding);
  if (UNAVAILABLE_CALLS.has(name)) throw unavailable(name, at);
  const near = nearestName(name, [...CALLS.keys(), ...UNAVAILABLE_CALLS.keys()]);
  throw new FilterProblem(`function ${name} not found${near}`, at);
}

function bindArrayLength(call: CallNode, { schema }: Binding): LengthOperand {
  checkArguments(call, 1);
  const node = call.args[0]!;
  const ref = node.kind === 'field' ? resolveNullable(node, schema).ref : null;
  const isArray =
    ref?.access === 'value' && (ref.type === DataType.Array || ref.type === DataType.ArrayOfVector);
  if (ref === null || !(isArray || ref.access === 'json')) {
    throw new FilterProblem(
      `array_length operation are only supported on json, array or array-of-vector fields now, got: ${excerpt(printExpression(call))}`,
      call.at,
    );
  }
  const path = ref.access === 'json' ? ref.path : null;
  const column = { access: 'length', fieldId: ref.fieldId, type: DataType.Int64, path } as const;
  return { kind: 'length', ref: column, at: call.at };
}

/** What `empty` and `starts_with` are about: a column of text, or a text. */
type TextOperand = ValueColumn | ElementColumn | string;

function bindEmpty(call: CallNode, binding: Binding): Operand {
  checkArguments(call, 1);
  const [text] = bindTexts(call, binding);
  const predicate: Predicate =
    typeof text === 'object' ? rangeFrom('==', text, '') : { kind: 'constant', value: text === '' };
  return { kind: 'predicate', predicate, at: call.at };
}

function bindStartsWith(call: CallNode, binding: Binding): Operand {
  checkArguments(call, 2);
  const [text = '', prefix = ''] = bindTexts(call, binding);
  return { kind: 'predicate', predicate: startsWith(text, prefix, call.at), at: call.at };
}

function bindTexts(call: CallNode, binding: Binding): TextOperand[] {
  const operands = call.args.map((node) => binding.bind(node));
  return operands.map((operand) => {
    const text = textOperand(operand);
    if (text !== null) return text;
    const types = operands.map(argumentTypeName);
    throw new FilterProblem(`function ${call.name}(${types.join(', ')}) not found`, call.at);
  });
}

function textOperand(operand: Operand): TextOperand | null {
  if (operand.kind === 'constant') return typeof operand.value === 'string' ? operand.value : null;
  if (operand.kind !== 'column' || operand.ref.access === 'json') return null;
  return typeClass(operand.ref.type) === 'text' ? operand.ref : null;
}

function argumentTypeName(operand: Operand): string {
  const isElement = operand.kind === 'column' && !isWholeArray(operand);
  const name = isElement ? dataTypeName(operand.ref.type) : operandTypeName(operand);
  return name.toUpperCase();
}

function startsWith(text: TextOperand, prefix: TextOperand, at: number): Predicate {
  if (typeof text === 'string') {
    return typeof prefix === 'string'
      ? { kind: 'constant', value: text.startsWith(prefix) }
      : { kind: 'in', column: prefix, values: valueSet(beginningsOf(text, at)) };
  }
  if (typeof prefix !== 'string') return { kind: 'prefix', left: text, right: prefix };
  checkPatternLength(prefix, at);
  return { kind: 'like', column: text, pattern: `${escapePattern(prefix)}%` };
}

/** All texts that `text` begins with. */
function beginningsOf(text: string, at: number): string[] {
  const prefixes = [''];
  for (const character of text) {
    if (prefixes.length > PREFIXES_MAX) {
      throw new FilterProblem(
        `starts_with takes a text of at most ${PREFIXES_MAX} characters before a field`,
        at,
      );
    }
    prefixes.push(prefixes[prefixes.length - 1]! + character);
  }
  return prefixes;
}
