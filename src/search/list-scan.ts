/**
 * Lists of vectors against lists of vectors, by the MAX_SIM metrics: of each vector of the query the best match
 * among the vectors of the row, added up over the query. COSINE and IP add up what is largest, L2, HAMMING and
 * JACCARD what is least. Source: Milvus knowhere, `get_sum_max_sim`, `brute_force_emb_list_impl`.
 *
 * Rows are compared in groups whose vectors fit a tile, so that a group is read once for up to TILE_QUERIES vectors
 * of a query; a row with more vectors than that takes several tiles.
 */
import { must } from '../base/assert.ts';
import { type Distances, TILE_QUERIES, tileRows } from '../index/distances.ts';
import { distancesOf } from '../index/flat.ts';
import type { Column } from '../schema/column.ts';
import { fieldWithId, primaryField } from '../schema/fields.ts';
import { keysOfColumn } from '../segments/key-list.ts';
import { listOf } from './elements.ts';
import type { Source } from './source.ts';
import type { HitList } from './hit-merger.ts';
import { type OrderedKeys, orderedKeys } from './key-order.ts';
import { ListHits } from './list-hits.ts';
import type { SearchPlan, StructSearch } from './plan.ts';
import type { Turn } from './read-context.ts';
import { vectorsOf } from './vectors.ts';

type ListQueries = Extract<StructSearch, { kind: 'lists' }>;

/** The best `plan.topK` rows of each list, best first, equal scores by key. */
export async function scanLists(
  plan: SearchPlan,
  { offsets }: ListQueries,
  sources: readonly Source[],
  turn: Turn,
): Promise<HitList> {
  const field = fieldWithId(plan.schema, plan.fieldId);
  const keyField = primaryField(plan.schema);
  const keys: OrderedKeys[] = [];
  const best = new ListHits(plan, keys);
  for (const [number, { chunk, allowed }] of sources.entries()) {
    const columns = await chunk.load([field, keyField]);
    keys[number] = orderedKeys(keysOfColumn(must(columns.get(keyField.id), 'the keys are loaded')));
    const scan = new SourceScan(plan, offsets, columns.get(field.id));
    for (let row = 0; row < chunk.rowCount; ) {
      row = scan.takeGroup(row, (candidate) => allowed === null || allowed.get(candidate));
      if (scan.groupRows.length === 0) break;
      for (let list = 0; list < plan.queryCount; list++) {
        await scan.measure(list, turn);
        for (let i = 0; i < scan.groupRows.length; i++) {
          best.offer(list, { cost: scan.costs[i]!, source: number, row: scan.groupRows[i]! });
        }
      }
    }
  }
  return await best.build(turn);
}

/** The vectors of one chunk against all lists. */
class SourceScan {
  /** Rows of the group that is being compared. */
  readonly groupRows: number[] = [];
  /** Of each of them, for the list that was measured last. */
  readonly costs: number[] = [];
  readonly #listOffsets: Uint32Array;
  readonly #offsets: Uint32Array;
  readonly #distances: Distances;
  readonly #tileRows: number;
  readonly #elements: Uint32Array;
  readonly #tile: Float32Array;
  /** Least cost of each vector of a block, against the row that is being compared. */
  readonly #least: Float32Array = new Float32Array(TILE_QUERIES);

  constructor(plan: SearchPlan, listOffsets: Uint32Array, column: Column | undefined) {
    const list = listOf(column);
    const vectors = vectorsOf(list.elements);
    this.#listOffsets = listOffsets;
    this.#offsets = list.offsets;
    this.#distances = distancesOf({
      metric: plan.metric,
      vectors,
      queries: plan.queries.values,
    });
    this.#tileRows = tileRows(vectors.dim);
    this.#elements = new Uint32Array(this.#tileRows);
    this.#tile = new Float32Array(TILE_QUERIES * this.#tileRows);
  }

  /** Takes rows that count from `start` on, as many as a tile holds, at least one; @returns where to go on. */
  takeGroup(start: number, counts: (row: number) => boolean): number {
    this.groupRows.length = 0;
    let taken = 0;
    let row = start;
    for (; row + 1 < this.#offsets.length && taken < this.#tileRows; row++) {
      const length = this.#offsets[row + 1]! - this.#offsets[row]!;
      if (length === 0 || !counts(row)) continue;
      if (this.groupRows.length > 0 && taken + length > this.#tileRows) break;
      this.groupRows.push(row);
      taken += length;
    }
    return row;
  }

  /** Costs of the group's rows for one list. */
  async measure(list: number, turn: Turn): Promise<void> {
    const first = this.#listOffsets[list]!;
    const end = this.#listOffsets[list + 1]!;
    this.costs.length = 0;
    for (const _ of this.groupRows) this.costs.push(0);
    for (let query = first; query < end; query += TILE_QUERIES) {
      const count = Math.min(TILE_QUERIES, end - query);
      this.#distances.setQueries(query, count);
      if (this.groupRows.length === 1) await this.#addLongRow(count, turn);
      else this.#addRows(count);
      if (turn.isOver) await turn.yield();
    }
  }

  /** All vectors of the group in one tile. */
  #addRows(queryCount: number): void {
    let length = 0;
    for (const row of this.groupRows) {
      for (let e = this.#offsets[row]!; e < this.#offsets[row + 1]!; e++)
        this.#elements[length++] = e;
    }
    this.#distances.measure(this.#elements, length, this.#tile);
    let start = 0;
    for (const [i, row] of this.groupRows.entries()) {
      const end = start + this.#offsets[row + 1]! - this.#offsets[row]!;
      this.#least.fill(Number.POSITIVE_INFINITY);
      this.#lower(queryCount, start, end);
      this.costs[i]! += this.#sum(queryCount);
      start = end;
    }
  }

  /** One row, whose vectors may take several tiles. */
  async #addLongRow(queryCount: number, turn: Turn): Promise<void> {
    const row = must(this.groupRows[0], 'there is a row');
    this.#least.fill(Number.POSITIVE_INFINITY);
    const end = this.#offsets[row + 1]!;
    for (let start = this.#offsets[row]!; start < end; start += this.#tileRows) {
      const length = Math.min(this.#tileRows, end - start);
      for (let i = 0; i < length; i++) this.#elements[i] = start + i;
      this.#distances.measure(this.#elements, length, this.#tile);
      this.#lower(queryCount, 0, length);
      if (turn.isOver) await turn.yield();
    }
    this.costs[0]! += this.#sum(queryCount);
  }

  #lower(queryCount: number, start: number, end: number): void {
    for (let q = 0; q < queryCount; q++) {
      let least = this.#least[q]!;
      for (let i = start; i < end; i++) {
        const cost = this.#tile[q * this.#tileRows + i]!;
        if (cost < least) least = cost;
      }
      this.#least[q] = least;
    }
  }

  #sum(queryCount: number): number {
    let sum = 0;
    for (let q = 0; q < queryCount; q++) sum += this.#least[q]!;
    return sum;
  }
}
