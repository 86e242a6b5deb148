/**
 * Calls and operators of Milvus's grammar that have their place in the tree and no meaning in this
 * version: a filter that names one is answered with Unimplemented and the reason, never with wrong rows.
 */
import { FilterProblem } from './problem.ts';

const TEXT_SEARCH = 'text search is not part of this version';
const STRUCTS = 'conditions on the elements of struct arrays are not part of this version';
const GEOMETRY = 'geometry is not part of this version';

/** By name, with the reason. */
export const UNAVAILABLE_CALLS: ReadonlyMap<string, string> = new Map([
  ['element_filter', STRUCTS],
  ['match_all', STRUCTS],
  ['match_any', STRUCTS],
  ['match_exact', STRUCTS],
  ['match_least', STRUCTS],
  ['match_most', STRUCTS],
  ['phrase_match', TEXT_SEARCH],
  ['random_sample', 'samples are not part of this version'],
  ['st_contains', GEOMETRY],
  ['st_crosses', GEOMETRY],
  ['st_dwithin', GEOMETRY],
  ['st_equals', GEOMETRY],
  ['st_intersects', GEOMETRY],
  ['st_isvalid', GEOMETRY],
  ['st_overlaps', GEOMETRY],
  ['st_touches', GEOMETRY],
  ['st_within', GEOMETRY],
  ['text_match', TEXT_SEARCH],
  ['text_match_fuzzy', TEXT_SEARCH],
  ['interval', 'spans of time are not part of this version'],
]);

/** The answer to a call or operator that cannot be evaluated. */
export function unavailable(name: string, at: number): FilterProblem {
  const reason = UNAVAILABLE_CALLS.get(name) ?? 'it has no meaning in this version';
  return new FilterProblem(`${name} is not supported: ${reason}`, at, 'Unimplemented');
}
