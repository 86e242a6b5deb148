/** What a search says of how much it looked at. */
import { describe, expect, it } from 'vitest';
import { PlaceholderGroup } from '../../src/wire/generated/milvus.ts';
import { encodeMessage } from '../../src/wire/message-encoder.ts';
import { runServer, type TestServer } from './running-server.ts';

const ROWS = { databaseName: '', collectionName: 'rows' };

async function allSearchCount({ client }: TestServer, dsl = ''): Promise<number> {
  const values = [new Uint8Array(Float32Array.of(0, 0).buffer)];
  const { results, status } = await client.call('Search', {
    collectionName: 'rows',
    dsl,
    placeholderGroup: encodeMessage(PlaceholderGroup, {
      placeholders: [{ tag: '$0', type: 101, values }],
    }),
    searchParams: [
      { key: 'topk', value: '2' },
      { key: 'anns_field', value: 'v' },
    ],
  });
  expect(status?.code).toBe(0);
  // Recall is judged by what a hook of Milvus adds to it; without one there is none.
  expect(results?.recalls.length).toBe(0);
  return Number(results?.allSearchCount);
}

describe('all_search_count', () => {
  it('is of the rows of every segment that was searched, growing and sealed', async () => {
    await using server = await runServer();
    const { service } = server;
    await service.createCollection('', {
      name: 'rows',
      shardCount: 2,
      fields: [
        { name: 'id', type: 'Int64', isPrimaryKey: true },
        { name: 'v', type: 'FloatVector', dim: 2, params: { metric_type: 'L2' } },
      ],
    });
    await service.loadCollection(ROWS);
    expect(await allSearchCount(server)).toBe(0);
    const rowsFrom = (first: number): object[] =>
      Array.from({ length: 20 }, (_, i) => ({ id: first + i, v: [first + i, 0] }));
    await service.insert({ ...ROWS, rows: rowsFrom(0) as never });
    expect(await allSearchCount(server)).toBe(20);
    await service.flush(ROWS);
    // Once the long way, then in one step.
    for (let i = 0; i < 3; i++) expect(await allSearchCount(server)).toBe(20);
    await service.insert({ ...ROWS, rows: rowsFrom(20) as never });
    for (let i = 0; i < 3; i++) expect(await allSearchCount(server)).toBe(40);
    // A filter leaves rows out, but they were looked at; a segment that it excludes was not.
    expect(await allSearchCount(server, 'id % 2 == 0')).toBe(40);
    expect(await allSearchCount(server, 'id > 1000')).toBe(0);
  });
});
