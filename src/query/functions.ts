/**
 * Calls and operators of Milvus's grammar that have their place in the tree and no meaning in this
 * version: a filter that names one is answered with Unimplemented, never with wrong rows.
 */
import { FilterProblem, nearestName } from './problem.ts';

const UNAVAILABLE: ReadonlySet<string> = new Set([
  'array_contains',
  'array_contains_all',
  'array_contains_any',
  'array_length',
  'empty',
  'json_contains',
  'json_contains_all',
  'json_contains_any',
  'phrase_match',
  'starts_with',
  'text_match',
  'text_match_fuzzy',
  '=~',
  '!~',
  '&',
  '|',
  '^',
]);

/** Calls that are bound elsewhere: what somebody may have meant who misspelt one. */
const AVAILABLE: readonly string[] = [
  'element_filter',
  'match_all',
  'match_any',
  'match_exact',
  'match_least',
  'match_most',
  'random_sample',
  'st_contains',
  'st_crosses',
  'st_dwithin',
  'st_equals',
  'st_intersects',
  'st_isvalid',
  'st_overlaps',
  'st_touches',
  'st_within',
];

/** The answer to a call or operator that cannot be evaluated. */
export function unavailable(name: string, at: number): FilterProblem {
  if (UNAVAILABLE.has(name)) {
    return new FilterProblem(`${name} is not supported`, at, 'Unimplemented');
  }
  const names = [...AVAILABLE, ...UNAVAILABLE].filter((each) => /^[a-z]/.test(each));
  return new FilterProblem(`function ${name} not found${nearestName(name, names)}`, at);
}
