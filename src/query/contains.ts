/**
 * `json_contains`, `array_contains` and their `_all` and `_any`, which are two names for one thing: whether
 * an Array, or an array inside JSON, has values among its elements. Rules and wording are Milvus's
 * (parser_visitor.go: VisitJSONContains; utils.go: checkContainsElement).
 */
import { FILTER_LIST_MAX } from '../base/limits.ts';
import { DataType, dataTypeName } from '../schema/data-type.ts';
import type { CallNode } from './ast.ts';
import { checkArguments } from './binding.ts';
import type { Binding } from './binding.ts';
import { areComparable, castConstant, constantType, tryCast, typeClass } from './cast.ts';
import type { ConstantOperand, Operand } from './operand.ts';
import { isList, plainList } from './fold.ts';
import type { JsonColumn, ListValue, Predicate, Scalar, ValueColumn } from './predicate.ts';
import { printExpression } from './print.ts';
import { FilterProblem, excerpt } from './problem.ts';
import { isWholeArray } from './resolve.ts';
import type { ColumnOperand } from './resolve.ts';
import type { Constant } from './template.ts';

/** One value, all of a list, any of a list. */
type Operation = 'Contains' | 'ContainsAll' | 'ContainsAny';

/** @throws FilterProblem */
export function bindContains(call: CallNode, binding: Binding): Operand {
  checkArguments(call, 2);
  const operation = operationOf(call.name);
  const column = containsColumn(call, binding);
  const element = binding.bind(call.args[1]!);
  if (element.kind !== 'constant') {
    throw new FilterProblem(
      `${words(operation)} operation are only supported explicitly specified element, got: ${excerpt(printExpression(call.args[1]!))}`,
      call.args[1]!.at,
    );
  }
  const predicate = containsPredicate(operation, column, { element, binding });
  return { kind: 'predicate', predicate, at: call.at };
}

function operationOf(name: string): Operation {
  if (name.endsWith('_all')) return 'ContainsAll';
  return name.endsWith('_any') ? 'ContainsAny' : 'Contains';
}

/** As Milvus writes it in one of its messages. */
function words(operation: Operation): string {
  if (operation === 'ContainsAll') return 'contains_all';
  return operation === 'ContainsAny' ? 'contains_any' : 'contains';
}

function containsColumn({ name, args }: CallNode, binding: Binding): ColumnOperand {
  const operand = binding.bind(args[0]!);
  if (operand.kind === 'column' && (operand.ref.access === 'json' || isWholeArray(operand))) {
    return operand;
  }
  throw new FilterProblem(
    `${words(operationOf(name))} operation are only supported on json or array fields now, got: ${excerpt(printExpression(args[0]!))}`,
    args[0]!.at,
  );
}

function containsPredicate(
  operation: Operation,
  column: ColumnOperand,
  { element, binding }: { readonly element: ConstantOperand; readonly binding: Binding },
): Predicate {
  const { value, at } = element;
  const wanted = operation === 'Contains' ? [isList(value) ? plainList(value) : value] : value;
  if (!isList(wanted)) {
    throw new FilterProblem(`${operation} operation element must be an array`, at);
  }
  if (wanted.length > FILTER_LIST_MAX) {
    throw new FilterProblem(
      `the list has ${wanted.length} values, at most ${FILTER_LIST_MAX} are allowed`,
      at,
    );
  }
  // As in Milvus: every row has all of nothing and none has any of it, be it null or not.
  if (wanted.length === 0) return { kind: 'constant', value: operation === 'ContainsAll' };
  const ref = column.ref as ValueColumn | JsonColumn;
  const mode = operation === 'ContainsAll' ? 'all' : 'any';
  const lists: ListValue[] = [];
  const isDirect = typeClass(elementType(column)) !== 'floating';
  if (wanted instanceof BigInt64Array && isDirect) {
    return { kind: 'contains', mode, column: ref, values: binding.valueSet(wanted, null), lists };
  }
  if (ref.access === 'json') {
    const scalars: Scalar[] = [];
    for (const item of wanted) {
      if (isList(item)) lists.push(plainList(item));
      else scalars.push(item);
    }
    return { kind: 'contains', mode, column: ref, values: binding.valueSet(scalars, null), lists };
  }
  const values = binding.valueSet(wanted, (item) => elementOf(operation, column, item, element));
  return { kind: 'contains', mode, column: ref, values, lists };
}

function elementType({ field }: ColumnOperand): DataType {
  return field.elementType ?? DataType.JSON;
}

/** A wanted value as the elements of an Array compare with it; one that none can equal stays as it is. */
function elementOf(
  operation: Operation,
  column: ColumnOperand,
  value: Constant,
  { at, isParameter }: ConstantOperand,
): Scalar {
  const type = elementType(column);
  if (operation === 'Contains' || isParameter) return castConstant(type, value, at);
  if (isList(value) || !areComparable(type, constantType(value))) {
    throw new FilterProblem(
      `${operation} operation can't compare between array element type: ${dataTypeName(type)} and ${dataTypeName(constantType(value))}`,
      at,
    );
  }
  const isWhole = typeof value === 'number' && Number.isSafeInteger(value);
  const exact = isWhole && typeClass(type) === 'integer' ? BigInt(value) : value;
  return tryCast(type, exact) ?? exact;
}
