/** Two bound filters as one. */
import type { BoundFilter } from './bind.ts';
import { conjunction } from './logic.ts';

/** The rows that both accept; null accepts every row. */
export function bothFilters(
  left: BoundFilter | null,
  right: BoundFilter | null,
): BoundFilter | null {
  if (left === null || right === null) return left ?? right;
  return { ...left, predicate: conjunction([left.predicate, right.predicate]) };
}
