/**
 * Calls and operators of Milvus's grammar that have their place in the tree and no meaning in this
 * version: a filter that names one is answered with Unimplemented and the reason, never with wrong rows.
 */
import { FilterProblem } from './problem.ts';

const TEXT_SEARCH = 'text search is not part of this version';

/** By name, with the reason. */
export const UNAVAILABLE_CALLS: ReadonlyMap<string, string> = new Map([
  ['phrase_match', TEXT_SEARCH],
  ['text_match', TEXT_SEARCH],
  ['text_match_fuzzy', TEXT_SEARCH],
]);

/** The answer to a call or operator that cannot be evaluated. */
export function unavailable(name: string, at: number): FilterProblem {
  const reason = UNAVAILABLE_CALLS.get(name) ?? 'it has no meaning in this version';
  return new FilterProblem(`${name} is not supported: ${reason}`, at, 'Unimplemented');
}
