/**
 * Which hits of a search count when not all do: those of a range of scores, those behind the page before.
 *
 * Hits have one order, by score, then by key, then by place where they are elements of a row, and a row keeps its
 * place in it as long as it lives: its score is computed from it and the query alone. So where a page ended is said
 * by its last hit, and the next page begins behind that, wherever the rows are by then.
 */
import type { ScanTask } from '../index/flat.ts';
import { costOf } from '../index/metrics.ts';
import { type CostRange, costRange } from '../index/score-range.ts';
import type { Chunk } from '../segments/segment.ts';
import { compareKeys, type OrderedKeys, orderedKeys } from './key-order.ts';
import type { SearchPlan } from './plan.ts';
import type { Found } from './tie-order.ts';

/** Costs of hits that may count; those of the last page's end are told apart by their keys. */
export function windowCosts({ metric, window }: SearchPlan): CostRange {
  const { from, end } = costRange(window?.range ?? null, metric);
  const after = window?.after ?? null;
  if (after === null) return { from, end };
  const last = costOf(metric, after.score);
  return { from: Math.max(from, after.key === null ? nextFloat(last) : last), end };
}

/** The least float32 above one that is finite. */
function nextFloat(value: number): number {
  const floats = Float32Array.of(value === 0 ? 0 : value);
  const bits = new Int32Array(floats.buffer);
  const [pattern = 0] = bits;
  bits[0] = pattern >= 0 ? pattern + 1 : pattern - 1;
  return floats[0] ?? value;
}

/** What a scan is asked for so that, of what it finds, topK hits of the window are left. */
export function scanBounds(plan: SearchPlan): Pick<ScanTask, 'topK' | 'costFrom'> {
  if (plan.window === null) return { topK: plan.topK };
  const topK = plan.topK + (plan.window.after?.tieCount ?? 0);
  return { topK, costFrom: windowCosts(plan).from };
}

/**
 * Of the best rows of a scan with `scanBounds`, in their order: those of the window, topK at most.
 * @param of the rows' chunk, and its keys
 */
export async function withinWindow(
  plan: SearchPlan,
  { rows, scores }: Found,
  of: { readonly keys: Promise<OrderedKeys>; readonly chunk: Pick<Chunk, 'placeOf'> },
): Promise<Found> {
  const { metric, topK, window } = plan;
  if (window === null) return { rows, scores };
  let first = 0;
  const { after } = window;
  if (after !== null && after.key !== null && scores[0] === after.score) {
    const own = await of.keys;
    const last = orderedKeys(after.key);
    const isBehind = (row: number): boolean => {
      const byKey = compareKeys(own, row, last, 0);
      if (byKey !== 0 || after.element === undefined) return byKey > 0;
      return (of.chunk.placeOf?.(row) ?? 0) > after.element;
    };
    while (first < rows.length && scores[first] === after.score && !isBehind(rows[first]!)) first++;
  }
  const { end } = windowCosts(plan);
  let past = first;
  while (past < rows.length && past - first < topK && costOf(metric, scores[past]!) < end) past++;
  return { rows: rows.subarray(first, past), scores: scores.subarray(first, past) };
}
