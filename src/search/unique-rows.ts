/** Rows that hits refer to, each once: a row that several queries hit is fetched and answered once. */
import type { RowReferences } from './fetch-fields.ts';
import type { HitList } from './hit-merger.ts';

export interface UniqueRows {
  /** Ordered by source, so that fetching need not reorder. */
  readonly references: RowReferences;
  /** By hit: its row among `references`. */
  readonly rows: Uint32Array;
}

/** @param sourceCount sources of the hits are 0..sourceCount - 1 */
export function uniqueRows(hits: HitList, sourceCount: number): UniqueRows {
  const hitCount = hits.rows.length;
  const order = sourceOrder(hits.sources, sourceCount);
  const sources = new Uint32Array(hitCount);
  const referenced = new Uint32Array(hitCount);
  const rows = new Uint32Array(hitCount);
  const known = new Map<number, number>();
  let count = 0;
  let present = -1;
  for (const hit of order) {
    const source = hits.sources[hit]!;
    const row = hits.rows[hit]!;
    if (source !== present) known.clear();
    present = source;
    let place = known.get(row);
    if (place === undefined) {
      place = count++;
      known.set(row, place);
      sources[place] = source;
      referenced[place] = row;
    }
    rows[hit] = place;
  }
  const references = { sources: sources.slice(0, count), rows: referenced.slice(0, count) };
  return { references, rows };
}

/** Hits, those of source 0 first, otherwise in their order. */
function sourceOrder(sources: Uint32Array, sourceCount: number): Uint32Array {
  const next = new Uint32Array(sourceCount + 1);
  for (let hit = 0; hit < sources.length; hit++) next[sources[hit]! + 1]!++;
  for (let source = 0; source < sourceCount; source++) next[source + 1]! += next[source]!;
  const order = new Uint32Array(sources.length);
  for (let hit = 0; hit < sources.length; hit++) order[next[sources[hit]!]!++] = hit;
  return order;
}
