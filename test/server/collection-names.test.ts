import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MethodName } from '../../src/wire/method-types.ts';
import { runServer, type TestServer } from './running-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await runServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const INVALID =
  'Invalid collection name: 12 s. the first character of a collection name must be an underscore or letter: invalid parameter';

async function refusal(method: MethodName, collectionName: string): Promise<unknown> {
  const answer: object = await server.client.call(method, { collectionName });
  const status = 'status' in answer ? answer.status : answer;
  return status;
}

describe('names of collections and partitions that cannot be', () => {
  it.each<MethodName>([
    'DropCollection',
    'HasCollection',
    'DescribeCollection',
    'LoadCollection',
    'ReleaseCollection',
    'GetLoadingProgress',
    'GetLoadState',
    'CreatePartition',
    'DropPartition',
    'HasPartition',
    'ShowPartitions',
    'LoadPartitions',
    'ReleasePartitions',
    'CreateAlias',
    'AlterAlias',
    'DescribeIndex',
    'GetIndexState',
    'GetIndexBuildProgress',
    'Insert',
    'Upsert',
    'Delete',
  ])('are refused by %s', async (method) => {
    expect(await refusal(method, '12 s')).toMatchObject({ code: 1100, reason: INVALID });
    const empty = { code: 1100, reason: expect.stringContaining('should not be empty') as unknown };
    expect(await refusal(method, '')).toMatchObject(empty);
    const long = 'the length of a collection name must be less than 255 characters';
    const tooLong = { code: 1100, reason: expect.stringContaining(long) as unknown };
    expect(await refusal(method, 'a'.repeat(256))).toMatchObject(tooLong);
  });

  it.each<MethodName>(['CreateIndex', 'Search', 'Query', 'AlterCollection'])(
    'are those of no collection for %s',
    async (method) => {
      const reason = expect.stringContaining('collection not found[database=default]') as unknown;
      expect(await refusal(method, '12 s')).toMatchObject({ code: 100, reason });
    },
  );

  it.each<MethodName>(['Insert', 'Upsert', 'Delete', 'HasPartition', 'CreatePartition'])(
    'are refused of partitions by %s',
    async (method) => {
      const request = { collectionName: 'c', partitionName: '%$#' };
      const answer: object = await server.client.call(method, request);
      const reason = expect.stringContaining('Invalid partition name: %$#.') as unknown;
      const status = 'status' in answer ? answer.status : answer;
      expect(status).toMatchObject({ code: 1100, reason });
    },
  );

  it('need not be there beside an id', async () => {
    const ref = { databaseName: '', name: 'c', fields: [] };
    const { id } = await server.service.createCollection('', {
      ...ref,
      fields: [
        { name: 'id', type: 'Int64', isPrimaryKey: true },
        { name: 'v', type: 'FloatVector', dim: 2 },
      ],
    });
    const found = await server.client.call('DescribeCollection', { collectionID: BigInt(id) });
    expect(found.collectionName).toBe('c');
  });
});
