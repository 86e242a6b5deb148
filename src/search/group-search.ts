/**
 * The best groups of rows, each by its best hits: a search that leaves out what it has seen.
 *
 * A pass asks for the best rows, and their groups are looked up. Where groups are still missing the next pass
 * is a search of the rows that may help: not those that were seen, and not those of groups that have all
 * their hits. So a group of a million rows costs one pass, not one for each of its rows, and a pass is as
 * fast as a filtered search is, by an index too. Each pass asks for PASS_GROWTH times as many rows.
 */
import { must } from '../base/assert.ts';
import { Bitmap } from '../base/bitmap.ts';
import { GROUP_PASS_HITS_MAX } from '../base/limits.ts';
import { largerIsBetter } from '../index/metric-type.ts';
import type { Column } from '../schema/column.ts';
import { fieldWithId } from '../schema/fields.ts';
import type { Source } from './source.ts';
import { GroupNumbers, groupReader } from './group-numbers.ts';
import { GroupTally } from './group-tally.ts';
import type { HitList } from './hit-merger.ts';
import { indexOf } from './index-search.ts';
import { bestHits } from './merge-scans.ts';
import type { GroupPlan, SearchPlan } from './plan.ts';
import { inPieces, type ReadContext, Turn } from './read-context.ts';
import { sortedInTurns } from './sort.ts';
import { planOfQueries } from './window-index-search.ts';

const PASS_HITS_MIN = 64;
const PASS_GROWTH = 4;
/** Hits of one pass of all queries together. */
const HITS_AT_ONCE = 1_000_000;
/** The number of a row that nobody asks about. */
const NO_GROUP = 0xffffffff;

export interface GroupRead {
  readonly plan: SearchPlan;
  readonly group: GroupPlan;
  readonly sources: readonly Source[];
}

/** The hits of the wanted groups, best first whatever their group. */
export async function findGroups(read: GroupRead, context: ReadContext): Promise<HitList> {
  return await new GroupSearch(read, context).run();
}

/** Hits of one query: `sources[i]` and `rows[i]` with `scores[i]`. */
interface QueryHits {
  readonly scores: number[];
  readonly sources: number[];
  readonly rows: number[];
}

/** A query whose groups are not complete. */
interface OpenQuery {
  readonly query: number;
  readonly tally: GroupTally;
  readonly hits: QueryHits;
  /** By source: rows that a pass has brought. */
  readonly seen: Map<number, Bitmap>;
}

class GroupSearch {
  readonly #read: GroupRead;
  readonly #context: ReadContext;
  readonly #turn: Turn;
  readonly #numbers = new GroupNumbers();
  /** By source: the group of each of its rows; NO_GROUP where only chosen ones count and it is none of them. */
  readonly #rowGroups: Uint32Array[] = [];
  readonly #readers: ReturnType<typeof groupReader>[] = [];
  /** A group needs not have all its hits: they are found by an index, which costs more the more is asked of it. */
  readonly #isLoose: boolean;

  constructor(read: GroupRead, context: ReadContext) {
    this.#read = read;
    this.#context = context;
    this.#turn = new Turn(context);
    const { plan, group, sources } = read;
    const isByIndex = sources.some((source) => indexOf(plan, source, context) !== null);
    this.#isLoose = isByIndex && !group.isStrict;
  }

  async run(): Promise<HitList> {
    const { plan } = this.#read;
    const { queryCount } = plan;
    const found: QueryHits[] = [];
    await this.#numberChosen();
    const wanted = this.#firstWanted();
    const each = Math.max(1, Math.floor(HITS_AT_ONCE / wanted));
    for (let first = 0; first < queryCount; first += each) {
      const end = Math.min(queryCount, first + each);
      const queries = Array.from({ length: end - first }, (_, i) => this.#open(first + i));
      // Rows of chosen groups are searched for by their own masks.
      if (this.#read.group.chosen === null) await this.#passTogether(queries, wanted);
      for (const query of queries) {
        await this.#complete(query, wanted);
        found.push(query.hits);
      }
    }
    return await joinQueries(found, largerIsBetter(plan.metric), this.#turn);
  }

  /** Of all queries, before the rows are numbered, which is done once for all. */
  async #numberChosen(): Promise<void> {
    let looked = 0;
    for (const values of this.#read.group.chosen ?? []) {
      for (const one of values) {
        this.#numbers.numberOf(one);
        if ((++looked & 1023) === 0 && this.#turn.isOver) await this.#turn.yield();
      }
    }
  }

  #open(query: number): OpenQuery {
    const { plan, group } = this.#read;
    const values = group.chosen?.[query];
    const chosen = values === undefined ? null : new Set<number>();
    for (const one of values ?? []) chosen?.add(this.#numbers.numberOf(one));
    const tally = new GroupTally({ limit: plan.topK, size: group.size, chosen });
    const hits = { scores: [], sources: [], rows: [] };
    return { query, tally, hits, seen: new Map() };
  }

  #firstWanted(): number {
    const { plan, group } = this.#read;
    const wanted = Math.max(PASS_HITS_MIN, 2 * plan.topK * group.size);
    return Math.min(GROUP_PASS_HITS_MAX, wanted);
  }

  /** One pass over all rows for several queries. */
  async #passTogether(queries: readonly OpenQuery[], wanted: number): Promise<void> {
    const { plan, sources } = this.#read;
    const numbers = queries.map(({ query }) => query);
    const hits = await this.#pass(planOfQueries(plan, numbers), sources, wanted);
    let first = 0;
    for (const [i, query] of queries.entries()) {
      const end = first + hits.counts[i]!;
      await this.#take(query, hits, { first, end });
      first = end;
    }
  }

  async #pass(plan: SearchPlan, sources: readonly Source[], wanted: number): Promise<HitList> {
    const { group: _, ...rest } = plan;
    return await bestHits({ ...rest, topK: wanted }, sources, this.#context);
  }

  /** Passes over what may help one query, until its groups are complete. */
  async #complete(query: OpenQuery, firstWanted: number): Promise<void> {
    const { plan, group, sources } = this.#read;
    let wanted = firstWanted;
    let isFirst = group.chosen !== null;
    while (!this.#isEnough(query) || isFirst) {
      isFirst = false;
      const open: Source[] = [];
      const positions: number[] = [];
      const wantedGroups = await this.#wantedGroups(query);
      for (const i of sources.keys()) {
        const left = await this.#openRows(query, i, wantedGroups);
        if (left === null) continue;
        open.push(left);
        positions.push(i);
      }
      if (open.length === 0) return;
      const hits = await this.#pass(planOfQueries(plan, [query.query]), open, wanted);
      const placed = { ...hits, sources: hits.sources.map((at) => positions[at]!) };
      await this.#take(query, placed, { first: 0, end: hits.rows.length });
      if (hits.rows.length < wanted) return;
      wanted = Math.min(GROUP_PASS_HITS_MAX, wanted * PASS_GROWTH);
    }
  }

  #isEnough({ tally }: OpenQuery): boolean {
    return tally.isFull || (this.#isLoose && tally.isMet);
  }

  /** Of the hits [first, end): those of wanted groups stay. */
  async #take(
    { tally, hits, seen }: OpenQuery,
    list: HitList,
    { first, end }: { readonly first: number; readonly end: number },
  ): Promise<void> {
    for (let hit = first; hit < end; hit++) {
      const source = list.sources[hit]!;
      const row = list.rows[hit]!;
      const reader = this.#readers[source] ?? (await this.#openReader(source));
      bitmapOf(seen, source, this.#read.sources[source]!.chunk.rowCount).set(row);
      if (!tally.offer(this.#numbers.numberOf(reader(row)))) continue;
      hits.scores.push(list.scores[hit]!);
      hits.sources.push(source);
      hits.rows.push(row);
      if (tally.isFull) return;
      if ((hit & 1023) === 0 && this.#turn.isOver) await this.#turn.yield();
    }
  }

  async #openReader(position: number): Promise<ReturnType<typeof groupReader>> {
    const { plan, group, sources } = this.#read;
    const { chunk } = must(sources[position], 'sources are numbered');
    const ids = [...new Set(group.by.map(({ fieldId }) => fieldId))];
    const columns: ReadonlyMap<number, Column> = await chunk.load(
      ids.map((id) => fieldWithId(plan.schema, id)),
    );
    const reader = groupReader(group.by, columns);
    this.#readers[position] = reader;
    return reader;
  }

  /** By number: 1 of groups whose rows may still help. */
  async #wantedGroups({ tally, seen }: OpenQuery): Promise<Uint8Array> {
    for (const [i, source] of this.#read.sources.entries()) {
      if (this.#rowGroups[i] === undefined) await this.#numberRows(i, source);
    }
    const isLoose = this.#isLoose && seen.size > 0;
    const wanted = new Uint8Array(this.#numbers.count).fill(tally.hasGroups ? 0 : 1);
    let looked = 0;
    for (const group of tally.groups) {
      wanted[group] = (isLoose ? tally.misses(group) : tally.wants(group)) ? 1 : 0;
      if ((++looked & 1023) === 0 && this.#turn.isOver) await this.#turn.yield();
    }
    return wanted;
  }

  /** The rows of a source that may still help; null when there is none. */
  async #openRows(query: OpenQuery, position: number, wanted: Uint8Array): Promise<Source | null> {
    const { chunk } = must(this.#read.sources[position], 'sources are numbered');
    const groups = must(this.#rowGroups[position], 'rows of all sources are numbered');
    const allowed = new Bitmap(chunk.rowCount);
    const seen = query.seen.get(position);
    await inPieces(allowed.words.length, this.#turn, (start, end) => {
      for (let word = start; word < end; word++) {
        let bits = 0;
        const last = Math.min(chunk.rowCount, (word + 1) << 5);
        for (let row = word << 5; row < last; row++) {
          if (wanted[groups[row]!] === 1) bits |= 1 << (row & 31);
        }
        allowed.words[word] = seen === undefined ? bits : bits & ~seen.words[word]!;
      }
    });
    const rowCount = allowed.count();
    return rowCount === 0 ? null : { chunk, allowed, rowCount };
  }

  async #numberRows(position: number, { chunk, allowed }: Source): Promise<void> {
    const numbers = this.#numbers;
    const hasChosen = this.#read.group.chosen !== null;
    const reader = this.#readers[position] ?? (await this.#openReader(position));
    const groups = new Uint32Array(chunk.rowCount).fill(NO_GROUP);
    await inPieces(chunk.rowCount, this.#turn, (start, end) => {
      for (let row = start; row < end; row++) {
        if (allowed !== null && !allowed.get(row)) continue;
        const values = reader(row);
        // -1 becomes NO_GROUP.
        groups[row] = hasChosen ? numbers.find(values) : numbers.numberOf(values);
      }
    });
    this.#rowGroups[position] = groups;
  }
}

function bitmapOf(bitmaps: Map<number, Bitmap>, source: number, rowCount: number): Bitmap {
  const known = bitmaps.get(source);
  if (known !== undefined) return known;
  const bitmap = new Bitmap(rowCount);
  bitmaps.set(source, bitmap);
  return bitmap;
}

async function joinQueries(
  queries: readonly QueryHits[],
  isLargerBetter: boolean,
  turn: Turn,
): Promise<HitList> {
  const counts = Uint32Array.from(queries, ({ rows }) => rows.length);
  const length = counts.reduce((sum, count) => sum + count, 0);
  const scores = new Float32Array(length);
  const sources = new Uint32Array(length);
  const rows = new Uint32Array(length);
  let at = 0;
  for (const hits of queries) {
    const order = await bestFirst(hits.scores, isLargerBetter, turn);
    const first = at;
    await inPieces(order.length, turn, (start, end) => {
      for (let place = start; place < end; place++) {
        const i = order[place]!;
        scores[first + place] = hits.scores[i]!;
        sources[first + place] = hits.sources[i]!;
        rows[first + place] = hits.rows[i]!;
      }
    });
    at += order.length;
  }
  return { counts, scores, sources, rows };
}

/** Passes of scans come in order; an index may find later what is better. */
async function bestFirst(
  scores: readonly number[],
  isLargerBetter: boolean,
  turn: Turn,
): Promise<Uint32Array> {
  const compare = (left: number, right: number): number =>
    isLargerBetter ? scores[right]! - scores[left]! : scores[left]! - scores[right]!;
  return await sortedInTurns(scores.length, compare, turn);
}
