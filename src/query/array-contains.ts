/**
 * `array_contains`, `_all` and `_any` over Array columns: which of the wanted values are among the elements
 * of each row. Null elements equal nothing; null rows are left to the caller.
 */
import { must } from '../base/assert.ts';
import type { FixedColumn, ListColumn } from '../schema/column.ts';
import { DataType } from '../schema/data-type.ts';
import { tableOf } from './number-scan.ts';
import type { ContainsPredicate, ValueSet } from './predicate.ts';
import { textTable } from './text-scan.ts';
import { wordCount } from './truth.ts';

/** @param active rows outside are passed over and answered FALSE */
export function scanContains(
  list: ListColumn,
  { mode, values }: ContainsPredicate,
  rowCount: number,
  active: Uint32Array | null,
): Uint32Array {
  const out = new Uint32Array(wordCount(rowCount));
  const finder = finderOf(list.elements, values);
  const wanted = countOf(values);
  // Row + 1 in which each value was seen last.
  const seen = new Uint32Array(wanted);
  const { offsets, elements } = list;
  const { validity } = elements;
  for (let i = 0; i < rowCount; i++) {
    if (active !== null && (active[i >>> 5]! & (1 << (i & 31))) === 0) continue;
    let missing = mode === 'any' ? 1 : wanted;
    for (let at = offsets[i]!; at < offsets[i + 1]! && missing > 0; at++) {
      if (validity !== null && (validity[at >>> 5]! & (1 << (at & 31))) === 0) continue;
      const found = finder.find(at);
      if (found < 0 || seen[found] === i + 1) continue;
      seen[found] = i + 1;
      missing--;
    }
    if (missing === 0) out[i >>> 5]! |= 1 << (i & 31);
  }
  return out;
}

function countOf({ integers, doubles, texts, booleans }: ValueSet): number {
  return integers.length + doubles.length + texts.length + booleans.length;
}

interface Finder {
  /** Which of the wanted values element `at` is, or -1. */
  find(at: number): number;
}

function finderOf(elements: ListColumn['elements'], values: ValueSet): Finder {
  if (elements.kind === 'bytes') {
    const table = textTable(values.texts);
    const { bytes, offsets } = elements;
    return { find: (at) => table.find(bytes, offsets[at]!, offsets[at + 1]!) };
  }
  return numberFinder(must(elements.kind === 'fixed' ? elements : null, 'no vectors'), values);
}

function numberFinder({ type, values: column }: FixedColumn, values: ValueSet): Finder {
  if (type === DataType.Bool) {
    return { find: (at) => values.booleans.indexOf(column[at] === 1) };
  }
  if (column instanceof BigInt64Array) {
    const table = tableOf(values.integers);
    const words = new Int32Array(column.buffer, column.byteOffset, column.length * 2);
    return { find: (at) => table.find(words[at * 2]!, words[at * 2 + 1]!) };
  }
  if (type === DataType.Float || type === DataType.Double) {
    const table = tableOf(values.doubles);
    const scratch = new Float64Array(1);
    const words = new Int32Array(scratch.buffer);
    return {
      find(at) {
        // Adding zero turns -0 into 0, which the table holds.
        scratch[0] = column[at]! + 0;
        return table.find(words[0]!, words[1]!);
      },
    };
  }
  const table = tableOf(values.integers);
  return {
    find(at) {
      const value = column[at]!;
      return table.find(value, value >> 31);
    },
  };
}
