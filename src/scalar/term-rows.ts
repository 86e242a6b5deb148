/**
 * The terms of a column, ascending and each once, and the rows of each, ascending and each once: what every
 * structure but the tree of boxes is written from.
 */
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

/**
 * @param walk shows every text, rows ascending; called twice, and shows the same both times. False: it was given up
 * @returns null when it was given up
 */
export function rowsOfTexts(walk: (visit: TextVisitor) => boolean): TermRows<TextTerms> | null {
  const collector = new TermCollector();
  let counts = new Uint32Array(1024);
  let lastRows = new Int32Array(1024).fill(-1);
  const isCounted = walk((bytes, start, end, row) => {
    const term = collector.add(bytes, start, end);
    if (term >= counts.length) {
      counts = larger(counts, new Uint32Array(counts.length * 2));
      lastRows = larger(lastRows, new Int32Array(lastRows.length * 2).fill(-1));
    }
    if (lastRows[term] === row) return;
    lastRows[term] = row;
    counts[term]!++;
  });
  if (!isCounted) return null;
  const order = collector.sorted();
  const starts = new Uint32Array(order.length + 1);
  const next = new Uint32Array(order.length);
  for (let i = 0; i < order.length; i++) {
    next[order[i]!] = starts[i]!;
    starts[i + 1] = starts[i]! + counts[order[i]!]!;
  }
  const rows = new Uint32Array(starts[order.length]!);
  lastRows.fill(-1);
  const isFilled = walk((bytes, start, end, row) => {
    const term = collector.find(bytes, start, end);
    if (lastRows[term] === row) return;
    lastRows[term] = row;
    rows[next[term]!++] = row;
  });
  return isFilled ? { terms: { kind: 'texts', ...collector.texts(order) }, starts, rows } : null;
}

function larger<T extends Uint32Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
