/** Hits of several parts by their groups: which stay, and in which order they are told. */
import { must } from '../base/assert.ts';
import type { ColumnBatch } from '../schema/column.ts';
import { GroupNumbers, groupReader, type GroupValues } from './group-numbers.ts';
import { GroupTally } from './group-tally.ts';
import type { HitList } from './hit-merger.ts';
import type { GroupPlan, SearchAnswer, SearchPlan } from './plan.ts';
import { inPieces, type Turn } from './read-context.ts';

interface Part {
  readonly batch: ColumnBatch;
  /** The row of each hit, where hits have numbers of their own. */
  readonly rowsOfHits?: Uint32Array;
}

/** Hits, of one query or of several, between two looks at the clock. */
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
  for (const [query, count] of hits.counts.entries()) {
    const numbers = new GroupNumbers();
    const tally = new GroupTally({
      limit: plan.topK,
      size: group.size,
      chosen: chosenNumbers(group.chosen?.[query], numbers),
    });
    const start = kept.length;
    for (let hit = first; hit < first + count; hit++) {
      const source = hits.sources[hit]!;
      const number = hits.rows[hit]!;
      const values = readers[source]!(parts[source]!.rowsOfHits?.[number] ?? number);
      if (tally.offer(numbers.numberOf(values))) kept.push(hit);
      if ((hit & (PIECE_HITS - 1)) === 0 && turn.isOver) await turn.yield();
    }
    counts[query] = kept.length - start;
    first += count;
  }
  const scores = new Float32Array(kept.length);
  const sources = new Uint32Array(kept.length);
  const rows = new Uint32Array(kept.length);
  await inPieces(kept.length, turn, (start, end) => {
    for (let at = start; at < end; at++) {
      const hit = kept[at]!;
      scores[at] = hits.scores[hit]!;
      sources[at] = hits.sources[hit]!;
      rows[at] = hits.rows[hit]!;
    }
  });
  return { counts, scores, sources, rows };
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
export async function groupsOf(
  { by }: Pick<GroupPlan, 'by'>,
  { counts, rows, batch }: SearchAnswer,
  turn: Turn,
): Promise<HitGroup[][]> {
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
      if ((hit & (PIECE_HITS - 1)) === 0 && turn.isOver) await turn.yield();
    }
    queries.push(groups);
    first += count;
  }
  return queries;
}

/** The hits at these positions, by query. */
export async function pickHits(
  answer: SearchAnswer,
  positions: readonly (readonly number[])[],
  turn: Turn,
): Promise<SearchAnswer> {
  const all = positions.flat();
  const counts = Uint32Array.from(positions, ({ length }) => length);
  const rows = new Uint32Array(all.length);
  const scores = new Float32Array(all.length);
  const elements = answer.elements === undefined ? null : new Uint32Array(all.length);
  await inPieces(all.length, turn, (start, end) => {
    for (let at = start; at < end; at++) {
      const hit = all[at]!;
      rows[at] = answer.rows[hit]!;
      scores[at] = answer.scores[hit]!;
      if (elements !== null) elements[at] = answer.elements![hit]!;
    }
  });
  return { counts, rows, scores, batch: answer.batch, ...(elements === null ? {} : { elements }) };
}
