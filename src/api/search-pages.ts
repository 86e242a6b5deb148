/**
 * Pages of a search, best hits first: all by the same request, each going on behind the last hit of the page
 * before, so that no row comes twice. A search costs about the same for a few hits as for many, so
 * the engine is asked for several pages at once as it goes on: for one, then two, then four, up to RUN_PAGES.
 * Memory is those pages, whatever the result.
 */
import type {
  CallOptions,
  Hit,
  SearchPageEnd,
  SearchRowsAnswer,
  SearchRowsRequest,
} from '../core/requests.ts';
import { TOP_K_MAX } from '../base/limits.ts';
import { isTooLarge, requireBound } from './iterate.ts';

const PAGE_HITS_DEFAULT = 1000;
const RUN_PAGES = 8;

export interface SearchIteration {
  readonly request: Omit<SearchRowsRequest, 'limit' | 'offset' | 'after'>;
  readonly batchSize: number | undefined;
  readonly limit: number | undefined;
  readonly call: CallOptions;
  readonly search: (request: SearchRowsRequest, call: CallOptions) => Promise<SearchRowsAnswer>;
}

/** @throws MilvusError ParameterInvalid when a bound is out of range */
export async function* searchPages(
  iteration: SearchIteration,
): AsyncGenerator<Hit[], void, undefined> {
  const { request, call } = iteration;
  const batchSize = requireBound('batchSize', iteration.batchSize ?? PAGE_HITS_DEFAULT, TOP_K_MAX);
  const endless = Number.POSITIVE_INFINITY;
  let left = requireBound('limit', iteration.limit ?? endless, endless);
  let runMax = Math.min(batchSize * RUN_PAGES, TOP_K_MAX);
  let run = batchSize;
  let after: SearchPageEnd | null = null;
  let waiting: Hit[] = [];

  while (left > 0) {
    const limit = Math.min(run, left);
    let answer: SearchRowsAnswer;
    try {
      const page = { ...request, limit, batchSize, after };
      answer = await iteration.search(page, call);
    } catch (error) {
      // Wide rows: a run that is too large for one answer is asked for in halves.
      if (!isTooLarge(error) || limit === 1) throw error;
      run = Math.floor(limit / 2);
      runMax = run;
      continue;
    }
    const hits = answer.results[0] ?? [];
    after = answer.pageEnd;
    waiting = waiting.concat(hits);
    for (; waiting.length >= batchSize; waiting = waiting.slice(batchSize)) {
      yield waiting.slice(0, batchSize);
    }
    if (hits.length < limit) break;
    left -= hits.length;
    run = Math.min(run * 2, runMax);
  }
  if (waiting.length > 0) yield waiting;
}
