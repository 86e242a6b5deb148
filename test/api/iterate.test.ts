import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Iteration, iteratePages } from '../../src/api/iterate.ts';
import { milvusError } from '../../src/base/errors.ts';
import type { QueryRowsAnswer, QueryRowsRequest } from '../../src/core/requests.ts';

/** Rows 0 … rowCount - 1 behind the requests that an iteration sends. */
class Rows {
  readonly requests: QueryRowsRequest[] = [];
  readonly rowCount: number;
  readonly rowsPerAnswerMax: number;

  constructor(rowCount: number, rowsPerAnswerMax = Number.POSITIVE_INFINITY) {
    this.rowCount = rowCount;
    this.rowsPerAnswerMax = rowsPerAnswerMax;
  }

  async query(request: QueryRowsRequest): Promise<QueryRowsAnswer> {
    this.requests.push(request);
    const last = request.afterKey ?? null;
    const start = last === null ? 0 : Number(last) + 1;
    const end = Math.min(this.rowCount, start + (request.limit ?? 0));
    if (end - start > this.rowsPerAnswerMax) {
      throw milvusError('ParameterInvalid', {
        message: 'query results exceed the maxOutputSize Limit',
      });
    }
    const ids = Array.from({ length: end - start }, (_, i) => start + i);
    return { rows: ids.map((id) => ({ id: BigInt(id) })), timestamp: 1n };
  }
}

function iteration(rows: Rows, changes: Partial<Iteration> = {}): Iteration {
  return {
    request: {
      databaseName: 'default',
      collectionName: 'c',
      snapshotTimestamp: 77n,
      outputFields: ['*'],
    },
    keyName: 'id',
    batchSize: undefined,
    limit: undefined,
    call: {},
    query: (request) => rows.query(request),
    ...changes,
  };
}

async function collect(pages: AsyncIterable<Record<string, unknown>[]>): Promise<number[][]> {
  const collected: number[][] = [];
  for await (const page of pages) collected.push(page.map((row) => Number(row['id'])));
  return collected;
}

describe('iteratePages', () => {
  it('gives every row once, in order, in pages of the batch size', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(60), fc.integer({ min: 1, max: 20 }), async (rowCount, batchSize) => {
        const pages = await collect(iteratePages(iteration(new Rows(rowCount), { batchSize })));
        expect(pages.flat()).toEqual(Array.from({ length: rowCount }, (_, i) => i));
        expect(pages.every((page) => page.length > 0 && page.length <= batchSize)).toBe(true);
      }),
    );
  });

  it('reads all pages as of one timestamp', async () => {
    const rows = new Rows(5);
    await collect(iteratePages(iteration(rows, { batchSize: 2 })));
    expect(rows.requests.map((request) => request.snapshotTimestamp)).toEqual([77n, 77n, 77n]);
  });

  it('goes on behind the last key, and leaves the caller’s filter alone', async () => {
    const rows = new Rows(3);
    const request = {
      databaseName: 'default',
      collectionName: 'c',
      filter: 'a or b',
      parameters: { x: 1 },
    };
    await collect(iteratePages(iteration(rows, { request, batchSize: 2 })));
    expect(rows.requests).toMatchObject([
      { filter: 'a or b', parameters: { x: 1 }, afterKey: null },
      { filter: 'a or b', parameters: { x: 1 }, afterKey: 1n },
    ]);
  });

  it('stops at the limit', async () => {
    const pages = await collect(iteratePages(iteration(new Rows(50), { batchSize: 4, limit: 10 })));
    expect(pages.map((page) => page.length)).toEqual([4, 4, 2]);
  });

  it('asks for smaller pages when one is too large for an answer', async () => {
    const pages = await collect(iteratePages(iteration(new Rows(20, 3), { batchSize: 16 })));
    expect(pages.flat()).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(Math.max(...pages.map((page) => page.length))).toBeLessThanOrEqual(3);
  });

  it('fails when a single row is too large', async () => {
    await expect(collect(iteratePages(iteration(new Rows(2, 0))))).rejects.toThrow(/maxOutputSize/);
  });

  it.each([0, -1, 1.5, 16_385])('refuses a batch size of %d', async (batchSize) => {
    await expect(collect(iteratePages(iteration(new Rows(1), { batchSize })))).rejects.toThrow(
      `batchSize [${batchSize}] is invalid, it should be in range [1, 16384]: invalid parameter`,
    );
  });
});
