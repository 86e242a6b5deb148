/** A stable sort of positions that gives turns. */
import type { Turn } from './read-context.ts';

/** Comparisons between two looks at the clock. */
const PIECE = 1024;

/** Positions 0 to count - 1 in ascending order. @param compare of two positions; negative: the first comes first */
export async function sortedInTurns(
  count: number,
  compare: (left: number, right: number) => number,
  turn: Turn,
): Promise<Uint32Array> {
  let source = new Uint32Array(count);
  for (let position = 0; position < count; position++) source[position] = position;
  if (count <= PIECE) return source.sort((left, right) => compare(left, right) || left - right);
  for (let start = 0; start < count; start += PIECE) {
    source.subarray(start, start + PIECE).sort((a, b) => compare(a, b) || a - b);
    if (turn.isOver) await turn.yield();
  }
  let target = new Uint32Array(count);
  for (let width = PIECE; width < count; width *= 2) {
    for (let start = 0; start < count; start += width * 2) {
      const middle = Math.min(count, start + width);
      const end = Math.min(count, start + width * 2);
      let left = start;
      let right = middle;
      for (let at = start; at < end; at++) {
        const takesLeft =
          right >= end || (left < middle && compare(source[left]!, source[right]!) <= 0);
        target[at] = takesLeft ? source[left++]! : source[right++]!;
        if ((at & (PIECE - 1)) === 0 && turn.isOver) await turn.yield();
      }
    }
    [source, target] = [target, source];
  }
  return source;
}
