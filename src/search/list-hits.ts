/**
 * The best rows of a search by lists, for each list: candidates are gathered, and cut down to the best of them when
 * there are twice as many as are wanted. Costs become the scores that are reported before rows are compared, so
 * that rows of equal score are in the order of their keys.
 */
import { must } from '../base/assert.ts';
import { costOf, scoreOf } from '../index/metrics.ts';
import type { HitList } from './hit-merger.ts';
import { compareKeys, type OrderedKeys } from './key-order.ts';
import type { SearchPlan } from './plan.ts';
import type { Turn } from './read-context.ts';

/** Candidates of a list beside twice those that are wanted. */
const CANDIDATES_MIN = 64;

export interface RowCost {
  readonly cost: number;
  readonly source: number;
  readonly row: number;
}

/** As a hit; `cost` is that of the reported score. */
interface Candidate extends RowCost {
  readonly score: number;
}

export class ListHits {
  readonly #plan: SearchPlan;
  /** By source. */
  readonly #keys: readonly OrderedKeys[];
  readonly #candidates: Candidate[][];
  /** Cost of the worst candidate that is still wanted, once there are enough. */
  readonly #worst: Float64Array;

  /** @param keys filled while candidates are offered */
  constructor(plan: SearchPlan, keys: readonly OrderedKeys[]) {
    this.#plan = plan;
    this.#keys = keys;
    this.#candidates = Array.from({ length: plan.queryCount }, () => []);
    this.#worst = new Float64Array(plan.queryCount).fill(Number.POSITIVE_INFINITY);
  }

  offer(list: number, { cost, source, row }: RowCost): void {
    const { metric, topK } = this.#plan;
    const score = Math.fround(scoreOf(metric, cost));
    const reported = costOf(metric, score);
    if (reported > this.#worst[list]!) return;
    const candidates = must(this.#candidates[list], 'lists are numbered');
    candidates.push({ cost: reported, score, source, row });
    if (candidates.length < 2 * topK + CANDIDATES_MIN) return;
    this.#cut(candidates);
    this.#worst[list] = must(candidates.at(-1), 'topK is not 0').cost;
  }

  async build(turn: Turn): Promise<HitList> {
    const counts = new Uint32Array(this.#candidates.length);
    const hits: Candidate[] = [];
    for (const [list, candidates] of this.#candidates.entries()) {
      this.#cut(candidates);
      counts[list] = candidates.length;
      for (const candidate of candidates) hits.push(candidate);
      if (turn.isOver) await turn.yield();
    }
    return {
      counts,
      scores: Float32Array.from(hits, ({ score }) => score),
      sources: Uint32Array.from(hits, ({ source }) => source),
      rows: Uint32Array.from(hits, ({ row }) => row),
    };
  }

  #cut(candidates: Candidate[]): void {
    candidates.sort((a, b) => a.cost - b.cost || this.#compareKeys(a, b));
    if (candidates.length > this.#plan.topK) candidates.length = this.#plan.topK;
  }

  #compareKeys(a: Candidate, b: Candidate): number {
    const own = must(this.#keys[a.source], 'every source has keys');
    return compareKeys(own, a.row, must(this.#keys[b.source], 'every source has keys'), b.row);
  }
}
