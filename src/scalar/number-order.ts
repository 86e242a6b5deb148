/** Numbers with their rows in ascending order: a radix sort, stable, so that equal numbers keep the order of rows. */

/** Numbers and the row of each. */
export interface NumberRows {
  readonly values: BigInt64Array | Float64Array;
  readonly rows: Uint32Array;
}

const DIGIT_BITS = 16;
const DIGITS: number = 1 << DIGIT_BITS;

/** Sorted by value; of one value, rows as they were. There is no NaN, and -0 is 0. */
export function sortNumbers({ values, rows }: NumberRows): NumberRows {
  const { low, high } = orderWords(values);
  const order = sortedOrder(low, high);
  const sorted = values.slice();
  const sortedRows = new Uint32Array(rows.length);
  for (let i = 0; i < order.length; i++) {
    const from = order[i]!;
    sorted[i] = values[from]!;
    sortedRows[i] = rows[from]!;
  }
  return { values: sorted, rows: sortedRows };
}

/** Words that, unsigned, stand in the order of the numbers. */
function orderWords(values: BigInt64Array | Float64Array): {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
} {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
  const low = new Uint32Array(values.length);
  const high = new Uint32Array(values.length);
  const isFloating = values instanceof Float64Array;
  for (let i = 0; i < values.length; i++) {
    const top = words[i * 2 + 1]!;
    // Bits of negative doubles descend; all else is a matter of the sign.
    const flip = isFloating && top >>> 31 === 1 ? 0xffffffff : 0;
    low[i] = words[i * 2]! ^ flip;
    high[i] = flip === 0 ? top ^ 0x80000000 : top ^ flip;
  }
  return { low, high };
}

function sortedOrder(low: Uint32Array, high: Uint32Array): Uint32Array {
  let order = Uint32Array.from({ length: low.length }, (_, i) => i);
  let next = new Uint32Array(low.length);
  const counts = new Uint32Array(DIGITS);
  for (const [words, shift] of [
    [low, 0],
    [low, DIGIT_BITS],
    [high, 0],
    [high, DIGIT_BITS],
  ] as const) {
    counts.fill(0);
    for (let i = 0; i < words.length; i++) counts[(words[i]! >>> shift) & (DIGITS - 1)]!++;
    if (counts.includes(words.length)) continue;
    let sum = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      const count = counts[digit]!;
      counts[digit] = sum;
      sum += count;
    }
    for (let i = 0; i < order.length; i++) {
      const from = order[i]!;
      next[counts[(words[from]! >>> shift) & (DIGITS - 1)]!++] = from;
    }
    [order, next] = [next, order];
  }
  return order;
}
