/**
 * Hits of a window by an index: it names candidates, the best first, and a scan of those decides.
 *
 * A search that did not reach far enough is repeated for CANDIDATE_GROWTH times as many candidates, so all of
 * them together cost a fixed multiple of the last; the scan of all rows takes over where they would be half
 * of them. Scores are always the scan's, so that a page goes on where the one before ended, whether its rows
 * had an index then or have one now.
 */
import { assert } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import { INLINE_WORK_MAX } from '../base/limits.ts';
import { costOf } from '../index/metrics.ts';
import { takeRows } from '../schema/column-builder.ts';
import type { ChunkIndex } from '../segments/segment.ts';
import type { HitList } from './hit-merger.ts';
import { findByIndex, type IndexRead, indexWork } from './index-search.ts';
import type { SearchPlan } from './plan.ts';
import type { ReadContext } from './read-context.ts';
import { windowCosts } from './search-window.ts';
import type { Found } from './tie-order.ts';

const CANDIDATE_GROWTH = 4;
const CANDIDATES_MIN = 64;
const CANDIDATE_SLACK = 1.125;

/** The candidates of one query of the plan. */
export interface Candidates {
  readonly query: number;
  readonly allowed: Bitmap;
  readonly rowCount: number;
}

export interface WindowRead extends IndexRead {
  /** Sources of the whole search: each is taken to have its share of the hits so far. */
  readonly sourceCount: number;
  /** The hits of the window among the candidates, by a scan. */
  readonly scan: (candidates: Candidates) => Promise<HitList>;
}

/** @returns null when the scan is as good, or the index of no use after all */
export async function searchWindowByIndex(
  chunkIndex: ChunkIndex,
  read: WindowRead,
  context: ReadContext,
): Promise<HitList | null> {
  const { plan, source, turn } = read;
  const lists: HitList[] = [];
  let pending = Array.from({ length: plan.queryCount }, (_, query) => query);
  let wanted = firstWanted(read);
  while (pending.length > 0) {
    if (wanted * 2 > source.rowCount) return null;
    const asked = { ...planOfQueries(plan, pending), topK: wanted, window: null };
    const isInline = read.isInline && indexWork(asked) <= INLINE_WORK_MAX;
    const found = await findByIndex(chunkIndex, { ...read, plan: asked, isInline }, context);
    if (found === null) return null;
    const unfinished: number[] = [];
    for (const [i, query] of pending.entries()) {
      const candidates = found[i]!;
      const allowed = new Bitmap(source.chunk.rowCount);
      for (const row of candidates.rows) allowed.set(row);
      const hits = await read.scan({ query, allowed, rowCount: candidates.rows.length });
      if (reachesFarEnough(plan, candidates, hits)) lists[query] = hits;
      else unfinished.push(query);
      if (turn.isOver) await turn.yield();
    }
    pending = unfinished;
    wanted *= CANDIDATE_GROWTH;
  }
  return joinQueries(lists, read.index);
}

function firstWanted({ plan, sourceCount }: WindowRead): number {
  const { range = null, after = null } = plan.window ?? {};
  // How many rows are in a range is not known; often few, whatever the limit.
  if (range !== null && after === null) return CANDIDATES_MIN;
  const before = after?.hitCount ?? 0;
  // The next search may find what the last one missed, and the last hit must not be the last candidate.
  const hits = Math.ceil((plan.topK + before / sourceCount) * CANDIDATE_SLACK);
  return Math.max(CANDIDATES_MIN, hits);
}

/** No row that is no candidate can be among the best of the window. */
function reachesFarEnough(plan: SearchPlan, candidates: Found, hits: HitList): boolean {
  const { metric, topK } = plan;
  const reach = costOf(metric, candidates.scores.at(-1) ?? Number.NaN);
  if (reach >= windowCosts(plan).end) return true;
  // A row as good as the last hit may have the smaller key.
  return hits.rows.length === topK && reach > costOf(metric, hits.scores[topK - 1]!);
}

/** The plan for some of its queries. */
export function planOfQueries(plan: SearchPlan, queries: readonly number[]): SearchPlan {
  if (queries.length === plan.queryCount) return plan;
  const column = takeRows(plan.queries, Uint32Array.from(queries));
  assert(column.kind === 'vector', 'rows of a column are of its kind');
  return { ...plan, queries: column, queryCount: queries.length };
}

/** Lists of one query each as one list of all. */
function joinQueries(lists: readonly HitList[], source: number): HitList {
  const counts = Uint32Array.from(lists, ({ rows }) => rows.length);
  const length = counts.reduce((sum, count) => sum + count, 0);
  const rows = new Uint32Array(length);
  const scores = new Float32Array(length);
  let at = 0;
  for (const list of lists) {
    rows.set(list.rows, at);
    scores.set(list.scores, at);
    at += list.rows.length;
  }
  return { counts, rows, scores, sources: new Uint32Array(length).fill(source) };
}
