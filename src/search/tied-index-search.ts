/**
 * Hits by an index as a scan would give them: the best topK, equal scores in the order of their keys.
 *
 * Rows whose score equals the last hit's are told apart by their keys, so all of them must be known: where those
 * that were asked for end within such rows, their queries are asked again for TIE_GROWTH times as many, all of
 * that a fixed multiple of the last; a scan takes over where it is less work. So pages of one search neither
 * repeat a hit nor lose one, however many rows are alike.
 */
import { DataType } from '../schema/data-type.ts';
import { INLINE_WORK_MAX } from '../base/limits.ts';
import type { ChunkIndex } from '../segments/segment.ts';
import type { HitList } from './hit-merger.ts';
import { findByIndex, type IndexRead, indexWork, TIE_HITS } from './index-search.ts';
import type { SearchPlan } from './plan.ts';
import type { ReadContext } from './read-context.ts';
import type { Source } from './source.ts';
import { endsInTie, type Found, orderTies } from './tie-order.ts';
import { planOfQueries } from './window-index-search.ts';

/** How many times as many rows are asked for where the last is one of several alike. */
export const TIE_GROWTH = 4;
/** Hits of queries that are asked again at once: 8 bytes each. */
const TIED_HITS_MAX = 1_048_576;

export interface TiedRead extends IndexRead {
  /** The hits of some queries of the plan, by a scan. */
  readonly scanQueries: (queries: readonly number[]) => Promise<HitList>;
}

/** @returns null when the index is of no use after all */
export async function searchByIndex(
  chunkIndex: ChunkIndex,
  read: TiedRead,
  context: ReadContext,
): Promise<HitList | null> {
  const found = await findByIndex(chunkIndex, read, context);
  if (found === null) return null;
  const isComplete = await completeTies(found, { chunkIndex, read, context });
  return isComplete ? await orderedHits(read, found) : null;
}

interface TiedSearch {
  readonly chunkIndex: ChunkIndex;
  readonly read: TiedRead;
  readonly context: ReadContext;
}

/**
 * Replaces what was found for queries whose last hit may have equals that were not asked for.
 * @returns false when the index is of no use after all
 */
async function completeTies(found: Found[], search: TiedSearch): Promise<boolean> {
  const { plan, source, scanQueries } = search.read;
  const { topK } = plan;
  let wanted = hitsWanted(plan, source);
  let pending: number[] = [];
  for (const [query, one] of found.entries()) {
    if (endsInTie(one, topK, wanted) && wanted < source.rowCount) pending.push(query);
  }
  while (pending.length > 0) {
    const asked = { ...planOfQueries(plan, pending), topK: wanted * TIE_GROWTH - TIE_HITS };
    wanted = hitsWanted(asked, source);
    if (!isWorthAsking(asked, source)) {
      spread(await scanQueries(pending), pending, found);
      return true;
    }
    const unfinished: number[] = [];
    const each = Math.max(1, Math.floor(TIED_HITS_MAX / wanted));
    for (let first = 0; first < pending.length; first += each) {
      const some = pending.slice(first, first + each);
      const more = await findMore(some, asked.topK, search);
      if (more === null) return false;
      for (const [i, query] of some.entries()) {
        const one = more[i]!;
        if (endsInTie(one, topK, wanted) && wanted < source.rowCount) unfinished.push(query);
        else found[query] = await bestOf(one, search.read);
      }
    }
    pending = unfinished;
  }
  return true;
}

/** What is asked of the index for a plan. */
function hitsWanted({ topK }: SearchPlan, { rowCount }: Source): number {
  return Math.min(rowCount, topK + TIE_HITS);
}

async function findMore(
  queries: readonly number[],
  topK: number,
  { chunkIndex, read, context }: TiedSearch,
): Promise<Found[] | null> {
  const plan = { ...planOfQueries(read.plan, queries), topK };
  const isInline = read.isInline && indexWork(plan, read.source) <= INLINE_WORK_MAX;
  // An index that looks into some of its lists has no more than they hold.
  const hitsMin = read.plan.topK;
  return await findByIndex(chunkIndex, { ...read, plan, isInline, hitsMin }, context);
}

async function bestOf(found: Found, { plan, keys, turn }: TiedRead): Promise<Found> {
  const rows = await orderTies(found, { topK: plan.topK, keys, turn });
  return { rows, scores: found.scores.slice(0, rows.length) };
}

/** The index finds so many in less work than a scan. */
export function isWorthAsking(plan: SearchPlan, source: Source): boolean {
  const { type, dim } = plan.queries;
  const rowWork = type === DataType.BinaryVector ? dim / 8 : dim;
  return indexWork(plan, source) < plan.queryCount * source.rowCount * rowWork;
}

/** The hits of some queries to their places. */
function spread(hits: HitList, queries: readonly number[], found: Found[]): void {
  let next = 0;
  for (const [i, query] of queries.entries()) {
    const end = next + hits.counts[i]!;
    found[query] = { rows: hits.rows.slice(next, end), scores: hits.scores.slice(next, end) };
    next = end;
  }
}

async function orderedHits(read: IndexRead, found: readonly Found[]): Promise<HitList> {
  const { plan, keys, turn, index } = read;
  const { topK } = plan;
  const counts = new Uint32Array(found.length);
  const rows = new Uint32Array(found.length * topK);
  const scores = new Float32Array(found.length * topK);
  let length = 0;
  for (const [query, one] of found.entries()) {
    const ordered = await orderTies(one, { topK, keys, turn });
    rows.set(ordered, length);
    scores.set(one.scores.subarray(0, ordered.length), length);
    counts[query] = ordered.length;
    length += ordered.length;
    if (turn.isOver) await turn.yield();
  }
  return {
    counts,
    scores: scores.subarray(0, length),
    sources: new Uint32Array(length).fill(index),
    rows: rows.subarray(0, length),
  };
}
