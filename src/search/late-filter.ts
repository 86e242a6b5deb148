/**
 * The best hits of a filter that is asked about what was found, instead of about all rows before: worth it
 * where the filter costs much and refuses little. Hits are the same.
 */
import { Bitmap } from '../base/bitmap.ts';
import { GROUP_PASS_HITS_MAX } from '../base/limits.ts';
import type { BoundFilter } from '../query/bind.ts';
import { acceptedRows } from './execute.ts';
import type { Source } from './source.ts';
import type { HitList } from './hit-merger.ts';
import { bestHits } from './merge-scans.ts';
import type { SearchPlan } from './plan.ts';
import { type ReadContext, Turn } from './read-context.ts';
import { planOfQueries } from './window-index-search.ts';

const PASS_HITS_MIN = 64;
const PASS_GROWTH = 4;

export interface LateRead {
  readonly plan: SearchPlan;
  readonly filter: BoundFilter;
  /** Rows that the search would be about without the filter. */
  readonly sources: readonly Source[];
}

export async function findThenFilter(read: LateRead, context: ReadContext): Promise<HitList> {
  const search = new LateSearch(read, context);
  const lists: Found[] = [];
  for (let query = 0; query < read.plan.queryCount; query++) lists.push(await search.find(query));
  return {
    counts: Uint32Array.from(lists, ({ rows }) => rows.length),
    scores: Float32Array.from(lists.flatMap(({ scores }) => scores)),
    sources: Uint32Array.from(lists.flatMap(({ sources }) => sources)),
    rows: Uint32Array.from(lists.flatMap(({ rows }) => rows)),
  };
}

interface Found {
  readonly scores: number[];
  readonly sources: number[];
  readonly rows: number[];
}

class LateSearch {
  readonly #read: LateRead;
  readonly #context: ReadContext;
  readonly #turn: Turn;
  /** By source: rows that the filter was asked about, and those that it accepts. */
  readonly #judged: { readonly known: Bitmap; readonly accepted: Bitmap }[];

  constructor(read: LateRead, context: ReadContext) {
    this.#read = read;
    this.#context = context;
    this.#turn = new Turn(context);
    this.#judged = read.sources.map(({ chunk: { rowCount } }) => ({
      known: new Bitmap(rowCount),
      accepted: new Bitmap(rowCount),
    }));
  }

  async find(query: number): Promise<Found> {
    const plan = planOfQueries(this.#read.plan, [query]);
    const found: Found = { scores: [], sources: [], rows: [] };
    const seen = this.#read.sources.map(({ chunk }) => new Bitmap(chunk.rowCount));
    let wanted = Math.min(GROUP_PASS_HITS_MAX, Math.max(PASS_HITS_MIN, 2 * plan.topK));
    for (let isFirst = true; ; isFirst = false) {
      const open = this.#open(seen, isFirst);
      if (open.sources.length === 0) return found;
      const hits = await bestHits({ ...plan, topK: wanted }, open.sources, this.#context);
      const places = hits.sources.map((at) => open.places[at]!);
      await this.#judge(places, hits.rows);
      for (let i = 0; i < hits.rows.length && found.rows.length < plan.topK; i++) {
        const [source, row] = [places[i]!, hits.rows[i]!];
        seen[source]!.set(row);
        if (!this.#judged[source]!.accepted.get(row)) continue;
        found.scores.push(hits.scores[i]!);
        found.sources.push(source);
        found.rows.push(row);
      }
      if (found.rows.length === plan.topK || hits.rows.length < wanted) return found;
      wanted = Math.min(GROUP_PASS_HITS_MAX, wanted * PASS_GROWTH);
      if (this.#turn.isOver) await this.#turn.yield();
    }
  }

  /** What was not seen yet, and is not known to be refused. */
  #open(
    seen: readonly Bitmap[],
    isFirst: boolean,
  ): { readonly sources: Source[]; readonly places: number[] } {
    const sources: Source[] = [];
    const places: number[] = [];
    for (const [place, source] of this.#read.sources.entries()) {
      if (isFirst) {
        sources.push(source);
        places.push(place);
        continue;
      }
      const { chunk } = source;
      const { known, accepted } = this.#judged[place]!;
      const refused = known.clone().andNot(accepted);
      const allowed = (source.allowed?.clone() ?? Bitmap.full(chunk.rowCount))
        .andNot(seen[place]!)
        .andNot(refused);
      const rowCount = allowed.count();
      if (rowCount === 0) continue;
      sources.push({ chunk, allowed, rowCount });
      places.push(place);
    }
    return { sources, places };
  }

  /** Asks the filter about the rows that it was not asked about yet. */
  async #judge(places: Uint32Array, rows: Uint32Array): Promise<void> {
    const { plan, filter, sources } = this.#read;
    for (const [place, { chunk }] of sources.entries()) {
      const { known, accepted } = this.#judged[place]!;
      const fresh = rows.filter((row, i) => places[i] === place && !known.get(row)).sort();
      if (fresh.length === 0) continue;
      for (const row of fresh) known.set(row);
      const kept = await acceptedRows(filter, plan, { chunk, rows: fresh, turn: this.#turn });
      for (const row of kept) accepted.set(row);
    }
  }
}
