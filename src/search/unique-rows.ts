/** Rows that hits refer to, each once: a row that several queries hit is fetched and answered once. */
import type { RowReferences } from './fetch-fields.ts';
import type { HitList } from './hit-merger.ts';
import { inPieces, type Turn } from './read-context.ts';

export interface UniqueRows {
  /** Ordered by source, so that fetching need not reorder. */
  readonly references: RowReferences;
  /** By hit: its row among `references`. */
  readonly rows: Uint32Array;
}

/** No row has this number. */
const NO_ROW = 0xffffffff;

/** @param sourceCount sources of the hits are 0..sourceCount - 1 */
export async function uniqueRows(
  hits: HitList,
  sourceCount: number,
  turn: Turn,
): Promise<UniqueRows> {
  const hitCount = hits.rows.length;
  const { order, counts } = await sortBySource(hits, sourceCount, turn);
  const tables = Array.from(counts, (most) => new RowTable(most));
  const sources = new Uint32Array(hitCount);
  const referenced = new Uint32Array(hitCount);
  const rows = new Uint32Array(hitCount);
  let count = 0;
  await inPieces(hitCount, turn, (start, end) => {
    for (let i = start; i < end; i++) {
      const hit = order[i]!;
      const source = hits.sources[hit]!;
      const row = hits.rows[hit]!;
      const place = tables[source]!.placeOf(row, count);
      rows[hit] = place;
      if (place < count) continue;
      sources[count] = source;
      referenced[count] = row;
      count++;
    }
  });
  const references = { sources: sources.slice(0, count), rows: referenced.slice(0, count) };
  return { references, rows };
}

/** Places of the rows of one source, by row; as large as the rows that it may hold, not as the source. */
class RowTable {
  readonly #mask: number;
  readonly #rows: Uint32Array;
  readonly #places: Uint32Array;

  constructor(rowCountMax: number) {
    // At most half full, so that a free slot is near.
    const size = 2 ** Math.ceil(Math.log2(2 * rowCountMax + 1));
    this.#mask = size - 1;
    this.#rows = new Uint32Array(size).fill(NO_ROW);
    this.#places = new Uint32Array(size);
  }

  /** The place of a row; `next` when it was not met yet. */
  placeOf(row: number, next: number): number {
    let slot = row & this.#mask;
    while (this.#rows[slot] !== row) {
      if (this.#rows[slot] === NO_ROW) {
        this.#rows[slot] = row;
        this.#places[slot] = next;
        return next;
      }
      slot = (slot + 1) & this.#mask;
    }
    return this.#places[slot]!;
  }
}

interface SourceOrder {
  /** Hits, those of source 0 first, otherwise in their order. */
  readonly order: Uint32Array;
  /** Hits by source. */
  readonly counts: Uint32Array;
}

async function sortBySource(hits: HitList, sourceCount: number, turn: Turn): Promise<SourceOrder> {
  const { sources } = hits;
  const counts = new Uint32Array(sourceCount);
  await inPieces(sources.length, turn, (start, end) => {
    for (let hit = start; hit < end; hit++) counts[sources[hit]!]!++;
  });
  const next = new Uint32Array(sourceCount);
  for (let source = 1; source < sourceCount; source++) {
    next[source] = next[source - 1]! + counts[source - 1]!;
  }
  const order = new Uint32Array(sources.length);
  await inPieces(sources.length, turn, (start, end) => {
    for (let hit = start; hit < end; hit++) order[next[sources[hit]!]!++] = hit;
  });
  return { order, counts };
}
