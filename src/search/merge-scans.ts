/** The best hits of all sources of a search, whatever each of them was scanned by. */
import type { Source } from './source.ts';
import { type HitList, HitMerger } from './hit-merger.ts';
import type { SearchPlan } from './plan.ts';
import { type ReadContext, Turn } from './read-context.ts';
import { scanSources } from './scan.ts';

/** At most `plan.topK` hits of each query; `sources` of a hit is the position of its source. */
export async function bestHits(
  plan: SearchPlan,
  sources: readonly Source[],
  context: ReadContext,
): Promise<HitList> {
  const scans = await scanSources(plan, sources, context);
  const turn = new Turn(context);
  const { metric, queryCount, topK } = plan;
  const merger = new HitMerger(scans.lists, { metric, queryCount, topK, keys: scans.keys });
  while (!merger.isDone) {
    merger.mergeNext();
    if (turn.isOver) await turn.yield();
  }
  return merger.build();
}
