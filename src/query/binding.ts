/** What calls are bound with: the walk over the tree that bind.ts is, as the files of single calls see it. */
import type { CollectionSchema } from '../schema/collection-schema.ts';
import type { CallNode, Expression } from './ast.ts';
import type { Operand } from './operand.ts';
import type { ValueSet } from './predicate.ts';
import { FilterProblem } from './problem.ts';
import type { ListConstant } from './template.ts';
import type { ListCast } from './value-set.ts';

export interface Binding {
  readonly schema: CollectionSchema;
  /** IANA zone of times without an offset. */
  readonly timeZone: string;
  /** @throws FilterProblem */
  bind(node: Expression): Operand;
  /** The values of a list, which may be made only later when they are many: see value-set.ts. */
  valueSet(list: ListConstant, cast: ListCast | null): ValueSet;
  /** The same walk over another schema. */
  within(schema: CollectionSchema): Binding;
}

/** @throws FilterProblem when a call has another number of arguments, or options that it does not know */
export function checkArguments(
  { name, args, options, at }: CallNode,
  count: number,
  optionNames: readonly string[] = [],
): void {
  if (args.length !== count) {
    throw new FilterProblem(
      `${name} takes ${count} ${count === 1 ? 'argument' : 'arguments'}, but got ${args.length}`,
      at,
    );
  }
  const unknown = options.find((option) => !optionNames.includes(option.name));
  if (unknown !== undefined) {
    throw new FilterProblem(`${name} has no option ${unknown.name}`, at);
  }
}
