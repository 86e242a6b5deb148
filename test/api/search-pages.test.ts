import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SearchIteration, searchPages } from '../../src/api/search-pages.ts';
import { milvusError } from '../../src/base/errors.ts';
import type { Hit, SearchRowsAnswer, SearchRowsRequest } from '../../src/core/requests.ts';

/** Hits 0 … count - 1 behind the requests that an iteration sends. */
class Hits {
  readonly requests: SearchRowsRequest[] = [];
  readonly count: number;
  readonly hitsPerAnswerMax: number;

  constructor(count: number, hitsPerAnswerMax = Number.POSITIVE_INFINITY) {
    this.count = count;
    this.hitsPerAnswerMax = hitsPerAnswerMax;
  }

  async search(request: SearchRowsRequest): Promise<SearchRowsAnswer> {
    this.requests.push(request);
    const start = request.after?.hitCount ?? 0;
    const end = Math.min(this.count, start + request.limit);
    if (end - start > this.hitsPerAnswerMax) {
      throw milvusError('ParameterInvalid', {
        message: 'search results exceed the maxOutputSize Limit',
      });
    }
    const ids = Array.from({ length: end - start }, (_, i) => BigInt(start + i));
    const hits = ids.map((id): Hit => ({ id, score: Number(id), fields: {} }));
    const last = hits.at(-1);
    const pageEnd =
      last === undefined ? null : { id: last.id, score: last.score, tieCount: 1, hitCount: end };
    return { results: [hits], pageEnd };
  }
}

function iteration(hits: Hits, changes: Partial<SearchIteration> = {}): SearchIteration {
  return {
    request: {
      databaseName: 'default',
      collectionName: 'c',
      snapshotTimestamp: 77n,
      data: [[1, 2]],
      outputFields: ['*'],
    },
    batchSize: undefined,
    limit: undefined,
    call: {},
    search: (request) => hits.search(request),
    ...changes,
  };
}

async function collect(pages: AsyncIterable<Hit[]>): Promise<number[][]> {
  const collected: number[][] = [];
  for await (const page of pages) collected.push(page.map(({ id }) => Number(id)));
  return collected;
}

describe('pages of a search', () => {
  it('have every hit once, in order, and are full but for the last', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(90),
        fc.integer({ min: 1, max: 20 }),
        fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
        fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
        async (count, batchSize, limit, most) => {
          const hits = new Hits(count, most);
          const pages = await collect(searchPages(iteration(hits, { batchSize, limit })));
          const wanted = Math.min(count, limit ?? count);
          expect(pages.flat()).toEqual(Array.from({ length: wanted }, (_, i) => i));
          for (const page of pages.slice(0, -1)) expect(page).toHaveLength(batchSize);
          expect(pages.every((page) => page.length > 0)).toBe(true);
        },
      ),
    );
  });

  it('are asked for at one moment, more and more of them at once', async () => {
    const hits = new Hits(200);
    await collect(searchPages(iteration(hits, { batchSize: 5, limit: 150 })));
    expect(hits.requests.map(({ limit }) => limit)).toEqual([5, 10, 20, 40, 40, 35]);
    expect(new Set(hits.requests.map((one) => one.snapshotTimestamp))).toEqual(new Set([77n]));
    expect(new Set(hits.requests.map((one) => one.batchSize))).toEqual(new Set([5]));
    expect(hits.requests[0]?.after).toBeNull();
    expect(hits.requests[1]?.after).toEqual({ id: 4n, score: 4, tieCount: 1, hitCount: 5 });
  });

  it('come one by one: what nobody asks for is not searched', async () => {
    const hits = new Hits(200);
    const pages = searchPages(iteration(hits, { batchSize: 5 }));
    await pages.next();
    expect(hits.requests).toHaveLength(1);
    await pages.next();
    await pages.next();
    expect(hits.requests).toHaveLength(2);
    await pages.return();
    expect(hits.requests).toHaveLength(2);
  });

  it('are never asked for beyond the bound of one search', async () => {
    const hits = new Hits(40_000);
    const pages = await collect(searchPages(iteration(hits, { batchSize: 9000 })));
    expect(pages.map((page) => page.length)).toEqual([9000, 9000, 9000, 9000, 4000]);
    expect(Math.max(...hits.requests.map(({ limit }) => limit))).toBe(16_384);
  });

  it('fail when a single hit is too large, and for what else fails', async () => {
    await expect(collect(searchPages(iteration(new Hits(2, 0))))).rejects.toThrow(/maxOutputSize/);
    const search = async (): Promise<never> => {
      throw milvusError('SnapshotExpired');
    };
    await expect(collect(searchPages(iteration(new Hits(2), { search })))).rejects.toMatchObject({
      reason: 'SnapshotExpired',
    });
  });

  it.each([0, -1, 1.5, 16_385])('refuse a batch size of %d', async (batchSize) => {
    await expect(collect(searchPages(iteration(new Hits(1), { batchSize })))).rejects.toThrow(
      `batchSize [${batchSize}] is invalid, it should be in range [1, 16384]: invalid parameter`,
    );
  });
});
