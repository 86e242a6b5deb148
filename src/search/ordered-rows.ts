/**
 * The first rows of a query in the order of some fields, equal ones in the order of their keys. Only as many
 * rows as are wanted are held at once; what they show is read when they are known.
 */
import { must } from '../base/assert.ts';
import { fieldWithId, primaryField } from '../schema/fields.ts';
import type { ColumnBatch } from '../schema/column.ts';
import { keysOfColumn } from '../segments/key-list.ts';
import type { Source } from './source.ts';
import type { RowReferences } from './fetch-fields.ts';
import { compareKeys, type OrderedKeys, orderedKeys } from './key-order.ts';
import type { QueryPlan } from './plan.ts';
import { inPieces, type Turn } from './read-context.ts';
import {
  compareByTerm,
  compareByTerms,
  OrderReader,
  type OrderTerm,
  type OrderValues,
} from './row-order.ts';
import { sortedInTurns } from './sort.ts';

interface Candidate {
  readonly values: OrderValues;
  readonly source: number;
  readonly row: number;
}

/** At most `limit` rows of all sources. */
export async function firstInOrder(
  { plan, order, limit }: { plan: QueryPlan; order: readonly OrderTerm[]; limit: number },
  sources: readonly Source[],
  turn: Turn,
): Promise<RowReferences> {
  const keyField = primaryField(plan.schema);
  const ids = new Set([keyField.id, ...order.map(({ reference }) => reference.fieldId)]);
  const fields = [...ids].map((id) => fieldWithId(plan.schema, id));
  const heap = new LastOnTop(order, limit);
  for (const [source, { chunk, allowed }] of sources.entries()) {
    const columns = await chunk.load(fields);
    const column = must(columns.get(keyField.id), 'the keys are loaded');
    heap.keys.push(orderedKeys(keysOfColumn(column)));
    const reader = new OrderReader(order, columns);
    await inPieces(chunk.rowCount, turn, (start, end) => {
      for (let row = start; row < end; row++) {
        if (allowed === null || allowed.get(row)) heap.offer(reader, source, row);
      }
    });
  }
  const { candidates } = heap;
  const compare = (left: number, right: number): number =>
    heap.compare(candidates[left]!, candidates[right]!);
  const sorted = await sortedInTurns(candidates.length, compare, turn);
  return {
    sources: sorted.map((at) => candidates[at]!.source),
    rows: sorted.map((at) => candidates[at]!.row),
  };
}

/** The first rows so far as a heap, the last of them on top. */
class LastOnTop {
  readonly candidates: Candidate[] = [];
  /** By source. */
  readonly keys: OrderedKeys[] = [];
  readonly #order: readonly OrderTerm[];
  readonly #limit: number;

  constructor(order: readonly OrderTerm[], limit: number) {
    this.#order = order;
    this.#limit = limit;
  }

  compare(left: Candidate, right: Candidate): number {
    const order = compareByTerms(this.#order, left.values, right.values);
    if (order !== 0) return order;
    const [a, b] = [this.keys[left.source]!, this.keys[right.source]!];
    return compareKeys(a, left.row, b, right.row);
  }

  offer(reader: OrderReader, source: number, row: number): void {
    const { candidates } = this;
    const last = candidates[0];
    const isFull = candidates.length === this.#limit;
    if (isFull && last !== undefined) {
      // Most rows are behind the last by their first value.
      const order = compareByTerm(this.#order[0]!, reader.readFirst(row), last.values[0]!);
      if (order > 0) return;
    }
    const candidate = { values: reader.read(row), source, row };
    if (!isFull) {
      candidates.push(candidate);
      this.#siftUp(candidates.length - 1);
    } else if (last !== undefined && this.compare(candidate, last) < 0) {
      candidates[0] = candidate;
      this.#siftDown();
    }
  }

  #siftUp(from: number): void {
    const { candidates } = this;
    const candidate = candidates[from]!;
    let hole = from;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (this.compare(candidates[parent]!, candidate) >= 0) break;
      candidates[hole] = candidates[parent]!;
      hole = parent;
    }
    candidates[hole] = candidate;
  }

  #siftDown(): void {
    const { candidates } = this;
    const candidate = candidates[0]!;
    let hole = 0;
    for (;;) {
      let child = 2 * hole + 1;
      if (child >= candidates.length) break;
      const right = child + 1;
      if (right < candidates.length && this.compare(candidates[right]!, candidates[child]!) > 0) {
        child = right;
      }
      if (this.compare(candidates[child]!, candidate) <= 0) break;
      candidates[hole] = candidates[child]!;
      hole = child;
    }
    candidates[hole] = candidate;
  }
}

/** Compares rows of parts, each of which has the columns of the order's fields. */
export function rowComparer(
  order: readonly OrderTerm[],
  parts: ReadonlyArray<{ readonly batch: ColumnBatch }>,
): (part: number, row: number, otherPart: number, otherRow: number) => number {
  const readers = parts.map(({ batch }) => new OrderReader(order, batch.columns));
  return (part, row, otherPart, otherRow) =>
    compareByTerms(order, readers[part]!.read(row), readers[otherPart]!.read(otherRow));
}
