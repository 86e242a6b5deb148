/** Hits of several parts by their groups: which stay, and in which order they are told. */
import { must } from '../base/assert.ts';
import type { ColumnBatch } from '../schema/column.ts';
import { GroupNumbers, groupReader, type GroupValues } from './group-numbers.ts';
import { GroupTally } from './group-tally.ts';
import type { HitList } from './hit-merger.ts';
import type { GroupPlan, SearchAnswer, SearchPlan } from './plan.ts';
import type { Turn } from './read-context.ts';

interface Part {
  readonly batch: ColumnBatch;
}

/** Queries looked at between two looks at the clock have about so many hits. */
const PIECE_HITS = 1024;

/**
 * Of merged hits, best first: those of the wanted groups.
 * @param parts what `sources` of the hits refer to, each with the columns of the group's fields
 */
export async function withinGroups(
  { plan, group, parts }: { plan: SearchPlan; group: GroupPlan; parts: readonly Part[] },
  hits: HitList,
  turn: Turn,
): Promise<HitList> {
  const readers = parts.map(({ batch }) => groupReader(group.by, batch.columns));
  const counts = new Uint32Array(hits.counts.length);
  const kept: number[] = [];
  let first = 0;
  let pieceEnd = PIECE_HITS;
  for (const [query, count] of hits.counts.entries()) {
    const numbers = new GroupNumbers();
    const tally = new GroupTally({
      limit: plan.topK,
      size: group.size,
      chosen: chosenNumbers(group.chosen?.[query], numbers),
    });
    const start = kept.length;
    for (let hit = first; hit < first + count; hit++) {
      const values = readers[hits.sources[hit]!]!(hits.rows[hit]!);
      if (tally.offer(numbers.numberOf(values))) kept.push(hit);
    }
    counts[query] = kept.length - start;
    first += count;
    if (first < pieceEnd) continue;
    pieceEnd = first + PIECE_HITS;
    if (turn.isOver) await turn.yield();
  }
  return {
    counts,
    scores: Float32Array.from(kept, (hit) => hits.scores[hit]!),
    sources: Uint32Array.from(kept, (hit) => hits.sources[hit]!),
    rows: Uint32Array.from(kept, (hit) => hits.rows[hit]!),
  };
}

function chosenNumbers(
  chosen: readonly GroupValues[] | undefined,
  numbers: GroupNumbers,
): ReadonlySet<number> | null {
  if (chosen === undefined) return null;
  return new Set(chosen.map((values) => numbers.numberOf(values)));
}

/** Hits [start, end) of one query, a run of them for each group. */
export interface HitGroup {
  readonly values: GroupValues;
  /** Positions of its hits in the answer, best first. */
  readonly hits: readonly number[];
}

/** The groups of each query, that with the best hit first. */
export function groupsOf(
  { by }: Pick<GroupPlan, 'by'>,
  { counts, rows, batch }: SearchAnswer,
): HitGroup[][] {
  const reader = groupReader(by, batch.columns);
  const queries: HitGroup[][] = [];
  let first = 0;
  for (const count of counts) {
    const numbers = new GroupNumbers();
    const groups: Array<{ values: GroupValues; hits: number[] }> = [];
    for (let hit = first; hit < first + count; hit++) {
      const values = reader(rows[hit]!);
      const number = numbers.numberOf(values);
      if (number === groups.length) groups.push({ values: [...values], hits: [] });
      must(groups[number], 'groups are numbered in their order').hits.push(hit);
    }
    queries.push(groups);
    first += count;
  }
  return queries;
}

/** The hits at these positions, by query. */
export function pickHits(
  answer: SearchAnswer,
  positions: readonly (readonly number[])[],
): SearchAnswer {
  const all = positions.flat();
  const { elements } = answer;
  return {
    counts: Uint32Array.from(positions, ({ length }) => length),
    rows: Uint32Array.from(all, (hit) => answer.rows[hit]!),
    scores: Float32Array.from(all, (hit) => answer.scores[hit]!),
    batch: answer.batch,
    ...(elements === undefined ? {} : { elements: Uint32Array.from(all, (hit) => elements[hit]!) }),
  };
}
