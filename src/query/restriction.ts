/**
 * What a filter may end with, and hold nowhere else: `random_sample(p)` takes some of the rows that are left,
 * `element_filter(struct, …)` asks for elements instead of rows. Where each may stand, and the words for where it
 * may not, are Milvus's (parser_visitor.go, VisitUnary, VisitLogicalAnd, VisitLogicalOr).
 */
import { conjunction } from './logic.ts';
import type { MatchPredicate, Predicate } from './predicate.ts';
import { FilterProblem } from './problem.ts';

/** `a and b and random_sample(p)`, as an operand. */
export interface RestrictedOperand {
  readonly kind: 'restricted';
  /** What stands before it; null: nothing. */
  readonly predicate: Predicate | null;
  readonly by: Restriction;
  readonly at: number;
}

export type Restriction =
  | { readonly kind: 'sample'; readonly factor: number }
  | { readonly kind: 'elements'; readonly match: MatchPredicate };

const NAMES = { sample: 'random sample', elements: 'element filter' } as const;

/** Refuses a restricted operand of `or`, of `not`, and of `and` where it is not the last. */
export function refuseRestricted(
  { by, at }: RestrictedOperand,
  place: 'or' | 'not' | 'and',
): FilterProblem {
  const name = `${NAMES[by.kind]} expression`;
  if (place === 'not') {
    return new FilterProblem(`${name} cannot be used in unary expression`, at);
  }
  if (place === 'and') {
    return new FilterProblem(
      `${name} can only be the last expression in the logical and expression`,
      at,
    );
  }
  return new FilterProblem(`${name} cannot be used in logical or expression`, at);
}

/** `predicates` and the restricted operand behind them. */
export function restricted(
  predicates: readonly Predicate[],
  last: RestrictedOperand,
): RestrictedOperand {
  const all = last.predicate === null ? predicates : [...predicates, last.predicate];
  return all.length === 0 ? last : { ...last, predicate: conjunction(all) };
}

/** What of a filter is asked of each row by itself. */
export function rowPredicate({ predicate, by }: RestrictedOperand): Predicate {
  const before = predicate === null ? [] : [predicate];
  if (by.kind === 'elements') return conjunction([...before, by.match]);
  return before[0] ?? { kind: 'constant', value: true };
}
