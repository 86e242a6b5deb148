/**
 * The terms of a column, ascending and each once, and the rows of each, ascending and each once: what every
 * structure but the tree of boxes is written from.
 */
import { SCALAR_ENTRIES_MAX, SCALAR_TERM_BYTES_MAX } from '../base/limits.ts';
import { sortNumbers, type NumberRows } from './number-order.ts';
import { TermCollector } from './term-collector.ts';

export interface NumberTerms {
  readonly kind: 'numbers';
  readonly values: BigInt64Array | Float64Array;
}

/** Text i is bytes[offsets[i], offsets[i + 1]). */
export interface TextTerms {
  readonly kind: 'texts';
  readonly offsets: Uint32Array;
  readonly bytes: Uint8Array;
}

export interface TermRows<Terms extends NumberTerms | TextTerms = NumberTerms | TextTerms> {
  readonly terms: Terms;
  /** Rows of term i are rows[starts[i], starts[i + 1]). */
  readonly starts: Uint32Array;
  readonly rows: Uint32Array;
}

export function termCount({ starts }: TermRows): number {
  return starts.length - 1;
}

/** @param found rows ascend */
export function rowsOfNumbers(found: NumberRows): TermRows<NumberTerms> {
  const { values, rows } = sortNumbers(found);
  const starts = new Uint32Array(values.length + 1);
  const words = new Int32Array(values.buffer, values.byteOffset, values.length * 2);
  let terms = 0;
  let kept = 0;
  for (let i = 0; i < rows.length; i++) {
    const last = (terms - 1) * 2;
    const isNew =
      terms === 0 || words[i * 2] !== words[last] || words[i * 2 + 1] !== words[last + 1];
    if (isNew) {
      words[terms * 2] = words[i * 2]!;
      words[terms * 2 + 1] = words[i * 2 + 1]!;
      starts[terms++] = kept;
    } else if (rows[kept - 1] === rows[i]) continue;
    rows[kept++] = rows[i]!;
  }
  starts[terms] = kept;
  return {
    terms: { kind: 'numbers', values: values.subarray(0, terms) },
    starts: starts.subarray(0, terms + 1),
    rows: rows.subarray(0, kept),
  };
}

/** Takes the text bytes[start, end) of a row. */
export type TextVisitor = (bytes: Uint8Array, start: number, end: number, row: number) => void;

/** How much of a column goes into one index. */
export interface TermLimits {
  readonly entriesMax: number;
  readonly bytesMax: number;
}

export const TERM_LIMITS: TermLimits = {
  entriesMax: SCALAR_ENTRIES_MAX,
  bytesMax: SCALAR_TERM_BYTES_MAX,
};

export interface TextRows extends TermRows<TextTerms> {
  /** From this row on, not all texts are there; null: they all are. */
  readonly cutRow: number | null;
}

/**
 * @param walk shows every text, rows ascending; called twice, and shows the same both times. False: it was given up
 * @returns null when it was given up
 */
export function rowsOfTexts(
  walk: (visit: TextVisitor) => boolean,
  { entriesMax, bytesMax }: TermLimits = TERM_LIMITS,
): TextRows | null {
  const collector = new TermCollector();
  const counter = new RowCounter();
  let entries = 0;
  let cutRow: number | null = null;
  const isCounted = walk((bytes, start, end, row) => {
    if (cutRow !== null) return;
    counter.add(collector.add(bytes, start, end), row);
    if (++entries >= entriesMax || collector.byteLength > bytesMax) cutRow = row;
  });
  if (!isCounted) return null;
  const order = collector.sorted();
  const { starts, next } = counter.places(order);
  const rows = new Uint32Array(starts[order.length]!);
  const lastRows = new Int32Array(order.length).fill(-1);
  const isFilled = walk((bytes, start, end, row) => {
    // As many as before: of the row at which it was cut there may be more.
    if (entries === 0) return;
    entries--;
    const term = collector.find(bytes, start, end);
    if (lastRows[term] === row) return;
    lastRows[term] = row;
    rows[next[term]!++] = row;
  });
  if (!isFilled) return null;
  return { terms: { kind: 'texts', ...collector.texts(order) }, starts, rows, cutRow };
}

/** How many rows each term has; a row that has it twice has it once. */
class RowCounter {
  #counts = new Uint32Array(1024);
  #lastRows = new Int32Array(1024).fill(-1);

  add(term: number, row: number): void {
    if (term >= this.#counts.length) {
      const length = this.#counts.length * 2;
      this.#counts = larger(this.#counts, new Uint32Array(length));
      this.#lastRows = larger(this.#lastRows, new Int32Array(length).fill(-1));
    }
    if (this.#lastRows[term] === row) return;
    this.#lastRows[term] = row;
    this.#counts[term]!++;
  }

  /** Where the rows of each rank begin, and those of each term. */
  places(order: Uint32Array): { readonly starts: Uint32Array; readonly next: Uint32Array } {
    const starts = new Uint32Array(order.length + 1);
    const next = new Uint32Array(order.length);
    for (let rank = 0; rank < order.length; rank++) {
      const term = order[rank]!;
      next[term] = starts[rank]!;
      starts[rank + 1] = starts[rank]! + this.#counts[term]!;
    }
    return { starts, next };
  }
}

function larger<T extends Uint32Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
