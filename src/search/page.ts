/**
 * A page of a query: the next rows in ascending order of the primary key behind a given one. Each segment hands
 * out its rows in that order, a batch at a time, so that a page costs about what it returns and what the
 * filter refuses on the way, however many rows lie before and behind it.
 */
import { must } from '../base/assert.ts';
import type { Bitmap } from '../base/bitmap.ts';
import { pickKeys } from '../segments/key-list.ts';
import type { Chunk, KeyCursor, SegmentReader } from '../segments/segment.ts';
import { acceptedRows, mayMatch } from './execute.ts';
import type { RowReferences } from './fetch-fields.ts';
import { compareKeys, type OrderedKeys, orderedKeys } from './key-order.ts';
import type { QueryPlan } from './plan.ts';
import type { Turn } from './read-context.ts';

/** Rows that a segment is asked for at once; more when the filter refuses most of them. */
const BATCH_ROWS_MIN = 256;
const BATCH_ROWS_MAX = 16_384;
/** Rows put in order between two looks at the clock. */
const PIECE_ROWS = 1024;

export interface Page {
  readonly references: RowReferences;
  readonly chunks: readonly Chunk[];
}

/** At most `limit` rows of all segments behind `plan.page.after`. */
export async function pageInOrder(
  plan: QueryPlan,
  segments: readonly SegmentReader[],
  { limit, turn }: { readonly limit: number; readonly turn: Turn },
): Promise<Page> {
  const chunks: Chunk[] = [];
  const streams: RowStream[] = [];
  for (const segment of segments) {
    if (!mayMatch(plan, segment)) continue;
    const stream = await RowStream.open(plan, segment, turn);
    if (!(await stream.fill())) continue;
    streams.push(stream);
    stream.firstChunk = chunks.length;
    for (const chunk of segment.chunks) chunks.push(chunk);
  }
  const sources = new Uint32Array(limit);
  const rows = new Uint32Array(limit);
  let count = 0;
  while (count < limit && streams.length > 0) {
    const first = leastOf(streams);
    const stream = must(streams[first], 'there is a stream');
    const row = stream.take();
    const chunk = stream.chunkOf(row);
    sources[count] = stream.firstChunk + chunk;
    rows[count] = row - must(stream.chunks[chunk], 'chunks are numbered').rowStart;
    count++;
    if (stream.isEmpty && !(await stream.fill())) streams.splice(first, 1);
    if (count % PIECE_ROWS === 0 && turn.isOver) await turn.yield();
  }
  return { references: { sources: sources.slice(0, count), rows: rows.slice(0, count) }, chunks };
}

/** Of the streams, which are not empty: the one whose next key comes first. */
function leastOf(streams: readonly RowStream[]): number {
  let least = 0;
  for (let i = 1; i < streams.length; i++) {
    if (streams[i]!.isBefore(streams[least]!)) least = i;
  }
  return least;
}

/** The rows of one segment that the plan accepts, in the order of their keys. */
class RowStream {
  readonly chunks: readonly Chunk[];
  /** Number of its first chunk among those of the page. */
  firstChunk = 0;
  readonly #plan: QueryPlan;
  readonly #visible: Bitmap | null;
  readonly #cursor: KeyCursor;
  readonly #turn: Turn;
  #batchRows = BATCH_ROWS_MIN;
  #rows: Uint32Array = new Uint32Array(0);
  #keys: OrderedKeys | null = null;
  #at = 0;

  private constructor(
    plan: QueryPlan,
    chunks: readonly Chunk[],
    turn: Turn,
    source: {
      readonly visible: Bitmap | null;
      readonly cursor: KeyCursor;
    },
  ) {
    this.#plan = plan;
    this.chunks = chunks;
    this.#turn = turn;
    this.#visible = source.visible;
    this.#cursor = source.cursor;
  }

  static async open(plan: QueryPlan, segment: SegmentReader, turn: Turn): Promise<RowStream> {
    const visible = await segment.visible(plan.timestamp, plan.expiredBefore);
    const after = plan.page?.after ?? null;
    const cursor = await segment.rowsByKey(after, { yieldTurn: () => turn.yield() });
    return new RowStream(plan, segment.chunks, turn, { visible, cursor });
  }

  get isEmpty(): boolean {
    return this.#at === this.#rows.length;
  }

  take(): number {
    return this.#rows[this.#at++]!;
  }

  isBefore(other: RowStream): boolean {
    const own = must(this.#keys, 'rows have keys');
    return compareKeys(own, this.#at, must(other.#keys, 'rows have keys'), other.#at) < 0;
  }

  /** The chunk of a row. */
  chunkOf(row: number): number {
    let low = 0;
    let high = this.chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.chunks[middle]!.rowStart <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Fetches the next rows; @returns whether there are any */
  async fill(): Promise<boolean> {
    for (;;) {
      const { rows, keys } = await this.#cursor.next(this.#batchRows);
      if (rows.length === 0) return false;
      const positions = await this.#accepted(rows);
      if (positions.length * 4 < rows.length) {
        this.#batchRows = Math.min(this.#batchRows * 2, BATCH_ROWS_MAX);
      }
      if (this.#turn.isOver) await this.#turn.yield();
      if (positions.length === 0) continue;
      this.#rows = positions.map((position) => rows[position]!);
      this.#keys = orderedKeys(pickKeys(keys, positions));
      this.#at = 0;
      return true;
    }
  }

  /** Positions in `rows` of those that the read sees and the filter accepts. */
  async #accepted(rows: Uint32Array): Promise<Uint32Array> {
    const positions = new Uint32Array(rows.length);
    let count = 0;
    for (let i = 0; i < rows.length; i++) {
      if (this.#visible === null || this.#visible.get(rows[i]!)) positions[count++] = i;
    }
    const seen = positions.subarray(0, count);
    const { filter } = this.#plan;
    if (filter === null || count === 0) return seen;
    const matching = new Set<number>();
    const ascending = seen.map((position) => rows[position]!).sort();
    for (let start = 0; start < count; ) {
      const chunk = must(this.chunks[this.chunkOf(ascending[start]!)], 'a row is in a chunk');
      let end = start + 1;
      while (end < count && ascending[end]! < chunk.rowStart + chunk.rowCount) end++;
      const local = ascending.subarray(start, end).map((row) => row - chunk.rowStart);
      const place = { chunk, rows: local, turn: this.#turn };
      for (const row of await acceptedRows(filter, this.#plan, place)) {
        matching.add(row + chunk.rowStart);
      }
      start = end;
    }
    return seen.filter((position) => matching.has(rows[position]!));
  }
}
