/**
 * `random_sample(p)`: of the rows that a read sees and its filter accepts, the share p, but never none of some:
 * max(1, floor(p x rows)) of each shard, every set of so many rows as likely as any other. Source: Milvus
 * `internal/core/src/exec/operator/RandomSampleNode.cpp`, Sample.
 */
import { Bitmap } from '../base/bitmap.ts';
import type { Random } from '../base/random.ts';
import type { Source } from './source.ts';
import type { QueryPlan, SearchPlan } from './plan.ts';
import type { Turn } from './read-context.ts';

/** Rows between two looks at the clock; a multiple of 32. */
const PIECE_ROWS = 65_536;

/** A read whose filter takes a sample takes another one each time. */
export function withSeed<Plan extends QueryPlan | SearchPlan>(plan: Plan, random: Random): Plan {
  if (plan.filter?.sample === undefined) return plan;
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
  return { ...plan, sampleSeed: (a | (b << 8) | (c << 16) | (d << 24)) >>> 0 };
}

/** The sampled rows of the sources, where the filter asks for a sample; else the sources as they are. */
export async function sampleSources(
  plan: SearchPlan | QueryPlan,
  sources: readonly Source[],
  turn: Turn,
): Promise<Source[]> {
  const share = plan.filter?.sample;
  if (share === undefined) return [...sources];
  let left = 0;
  for (const { rowCount } of sources) left += rowCount;
  let wanted = Math.max(1, Math.floor(left * share));
  const next = numbersOf(seedOf(plan));
  const sampled: Source[] = [];
  for (const { chunk, allowed, rowCount } of sources) {
    const rows = (allowed ?? Bitmap.full(rowCount)).clone();
    for (let start = 0; start < rows.length; start += PIECE_ROWS) {
      const end = Math.min(rows.length, start + PIECE_ROWS);
      for (let row = start; row < end; row++) {
        if (!rows.get(row)) continue;
        // Each row has the chance that is left to it, so that exactly as many as wanted are taken.
        if (next() * left < wanted) wanted--;
        else rows.clear(row);
        left--;
      }
      if (turn.isOver) await turn.yield();
    }
    const count = rows.count();
    if (count > 0) sampled.push({ chunk, allowed: rows, rowCount: count });
  }
  return sampled;
}

/** The request's own; a delete, which has none, goes by its moment. */
function seedOf({ sampleSeed, timestamp }: SearchPlan | QueryPlan): number {
  return sampleSeed ?? Number(BigInt.asUintN(32, timestamp ^ (timestamp >> 18n)));
}

/** Numbers in [0, 1), the same for the same seed. Source: T. Ettinger, mulberry32. */
function numbersOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x100000000;
  };
}
