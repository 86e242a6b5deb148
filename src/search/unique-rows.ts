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

/** Stands for a row that was not met yet. */
const UNKNOWN = 0xffffffff;

/** @param sourceCount sources of the hits are 0..sourceCount - 1 */
export async function uniqueRows(
  hits: HitList,
  sourceCount: number,
  turn: Turn,
): Promise<UniqueRows> {
  const hitCount = hits.rows.length;
  const { order, tables } = await sortBySource(hits, sourceCount, turn);
  const sources = new Uint32Array(hitCount);
  const referenced = new Uint32Array(hitCount);
  const rows = new Uint32Array(hitCount);
  let count = 0;
  await inPieces(hitCount, turn, (start, end) => {
    for (let i = start; i < end; i++) {
      const hit = order[i]!;
      const source = hits.sources[hit]!;
      const row = hits.rows[hit]!;
      const table = tables[source]!;
      let place = table[row]!;
      if (place === UNKNOWN) {
        place = count++;
        table[row] = place;
        sources[place] = source;
        referenced[place] = row;
      }
      rows[hit] = place;
    }
  });
  const references = { sources: sources.slice(0, count), rows: referenced.slice(0, count) };
  return { references, rows };
}

interface SourceOrder {
  /** Hits, those of source 0 first, otherwise in their order. */
  readonly order: Uint32Array;
  /** By source: a place for each of its rows that is hit, all unknown. */
  readonly tables: readonly Uint32Array[];
}

async function sortBySource(hits: HitList, sourceCount: number, turn: Turn): Promise<SourceOrder> {
  const { sources, rows } = hits;
  const next = new Uint32Array(sourceCount + 1);
  const rowEnds = new Uint32Array(sourceCount);
  await inPieces(sources.length, turn, (start, end) => {
    for (let hit = start; hit < end; hit++) {
      const source = sources[hit]!;
      next[source + 1]!++;
      if (rows[hit]! >= rowEnds[source]!) rowEnds[source] = rows[hit]! + 1;
    }
  });
  for (let source = 0; source < sourceCount; source++) next[source + 1]! += next[source]!;
  const order = new Uint32Array(sources.length);
  await inPieces(sources.length, turn, (start, end) => {
    for (let hit = start; hit < end; hit++) order[next[sources[hit]!]!++] = hit;
  });
  return { order, tables: Array.from(rowEnds, (end) => new Uint32Array(end).fill(UNKNOWN)) };
}
